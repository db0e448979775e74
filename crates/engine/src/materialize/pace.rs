//! How much one batch takes on, so that it takes as long as others can wait.

use std::time::Duration;

use crate::{error::Result, store::Store};

/// Where one writes at a time and somebody else does write: so long do they wait at most.
const AIM_BETWEEN: Duration = Duration::from_millis(15);
/// Where one writes at a time and nobody else wants to: so long waits whoever comes next.
pub const AIM: Duration = Duration::from_millis(60);
/// Where writers go on meanwhile.
pub const AIM_ASIDE: Duration = Duration::from_millis(400);

/// The size of the batches that follow.
#[derive(Debug)]
pub struct Pace {
    pub size: u32,
    adapts: bool,
    smallest: u32,
    /// See [`Store::file_version`].
    file: Option<i64>,
}

impl Pace {
    /// Begins with `first`; `fixed` stays as it is.
    pub fn new(first: u32, fixed: Option<u32>, smallest: u32) -> Self {
        Self { size: fixed.unwrap_or(first).max(1), adapts: fixed.is_none(), smallest, file: None }
    }

    /// After a batch that took so long.
    pub async fn adapt(&mut self, store: &Store, took: Duration) -> Result<()> {
        if !self.adapts {
            return Ok(());
        }
        let before = std::mem::replace(&mut self.file, store.file_version().await?);
        let aim = match (before, self.file) {
            (_, None) => AIM_ASIDE,
            (Some(before), Some(now)) if before != now => AIM_BETWEEN,
            _ => AIM,
        };
        self.size = adapted(self.size, took, aim, self.smallest);
        Ok(())
    }
}

/// The next size, after a batch of `size` took `time`.
pub fn adapted(size: u32, time: Duration, aim: Duration, smallest: u32) -> u32 {
    let factor = (aim.as_secs_f64() / time.as_secs_f64().max(0.001)).clamp(0.5, 2.0);
    ((f64::from(size) * factor) as u32).clamp(smallest, 50_000)
}

#[cfg(test)]
mod tests {
    use super::adapted;
    use std::time::Duration;

    #[test]
    fn a_slow_batch_makes_the_next_one_smaller() {
        let ms = Duration::from_millis;
        assert_eq!(adapted(4000, ms(60), ms(30), 200), 2000);
        assert_eq!(adapted(4000, ms(15), ms(30), 200), 8000);
        assert_eq!(adapted(4000, ms(900), ms(30), 200), 2000, "not all at once");
        assert_eq!(adapted(300, ms(900), ms(30), 200), 200);
        assert_eq!(adapted(40_000, ms(1), ms(30), 200), 50_000);
    }
}
