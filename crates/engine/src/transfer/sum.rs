//! A checksum that does not depend on the order of what it is made of: two databases may give the same rows in another one.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};
use sha2::{Digest, Sha256};

/// The sum of the lines' digests.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Sum(u128);

impl Sum {
    pub fn of(text: &str) -> Self {
        let mut sum = Self::default();
        sum.add(text);
        sum
    }

    pub fn add(&mut self, line: &str) {
        let digest = Sha256::digest(line.as_bytes());
        let part = digest.iter().take(16).fold(0, |n: u128, byte| n << 8 | u128::from(*byte));
        self.0 = self.0.wrapping_add(part);
    }
}

/// JSON has no numbers of that size.
impl Serialize for Sum {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&format!("{:032x}", self.0))
    }
}

impl<'de> Deserialize<'de> for Sum {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        u128::from_str_radix(&text, 16).map(Self).map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_makes_no_difference_and_everything_else_does() {
        let sum = |lines: &[&str]| {
            let mut sum = Sum::default();
            lines.iter().for_each(|line| sum.add(line));
            sum
        };
        assert_eq!(sum(&["a", "b", "c"]), sum(&["c", "a", "b"]));
        assert_ne!(sum(&["a", "b"]), sum(&["a", "b", "b"]));
        assert_ne!(sum(&["ab", "c"]), sum(&["a", "bc"]));
        let written = serde_json::to_string(&sum(&["a"])).unwrap();
        assert_eq!(serde_json::from_str::<Sum>(&written).unwrap(), sum(&["a"]));
    }
}
