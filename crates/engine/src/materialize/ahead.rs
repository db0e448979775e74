//! Comparing while the copy still goes on. Where a database has one writer, the other processors have nothing to do meanwhile: they compare
//! what has been copied. Nothing of it is written down: a job that is gone on with compares again from the beginning.

use tokio::sync::watch;

use super::{
    target::{self, Target},
    verify,
};
use crate::{error::Result, store::Store};

/// How far has been compared, and what was found.
#[derive(Debug, Default)]
pub struct Ahead {
    /// The last record compared; empty before the first.
    pub upto: String,
    pub seen: u32,
    pub differing: Vec<String>,
}

/// Compares what lies before `copied_to`, and goes on as that moves; returns when the copy has ended.
pub async fn follow(store: &Store, target: &Target, mut copied_to: watch::Receiver<String>) -> Result<Ahead> {
    let mut ahead = Ahead::default();
    let mut sorted = None;
    while copied_to.changed().await.is_ok() {
        loop {
            let end = copied_to.borrow_and_update().clone();
            let mut tx = store.read().await?;
            let next = target::next(&mut tx, &target.shared(), &ahead.upto, verify::STEP).await?;
            drop(tx);
            let Some((upto, count)) = next else { break };
            // Only whole steps: the last records are left for when the copy has ended.
            if count < verify::STEP || upto > end {
                break;
            }
            let sorted = match sorted {
                Some(sorted) => sorted,
                None => *sorted.insert(verify::keys_sorted(store, target).await?),
            };
            ahead.differing.extend(verify::differing(store, target, sorted, &ahead.upto, &upto).await?);
            ahead.upto = upto;
            ahead.seen += count;
            if copied_to.has_changed().is_err() {
                return Ok(ahead);
            }
        }
    }
    Ok(ahead)
}
