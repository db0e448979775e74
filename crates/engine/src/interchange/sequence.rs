//! Ids in a known order: the n-th record of a source can be named before it is written.

use uuid::Uuid;

/// Ids shaped as UUID v7 that sort as they are counted. 4,096 share a millisecond.
#[derive(Debug, Clone, Copy)]
pub struct Sequence {
    /// Milliseconds since 1970.
    start: u64,
    tail: u64,
}

impl Sequence {
    /// Begins now, apart from every other sequence by 62 random bits.
    pub fn new() -> Self {
        let (high, low) = Uuid::now_v7().as_u64_pair();
        Self { start: high >> 16, tail: low }
    }

    pub fn id(&self, n: usize) -> Uuid {
        let n = n as u64;
        Uuid::from_u64_pair((self.start + (n >> 12)) << 16 | 0x7000 | (n & 0xfff), self.tail)
    }
}

impl Default for Sequence {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_sort_as_they_are_counted_and_are_version_7() {
        let sequence = Sequence::new();
        let ids: Vec<Uuid> = (0..10_000).map(|n| sequence.id(n)).collect();
        assert!(ids.is_sorted() && ids.windows(2).all(|w| w[0] != w[1]));
        assert_eq!((ids[9_999].get_version_num(), ids[0].get_variant()), (7, uuid::Variant::RFC4122));
    }
}
