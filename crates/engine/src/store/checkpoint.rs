//! Bringing what was written over from the log into a SQLite file, beside those who write. SQLite does it within the commit that makes the log
//! long enough: whoever that meets waits for all that a job has written.

use sqlx::SqlitePool;
use std::time::Duration;
use tokio::task::JoinHandle;

use super::turn::Turns;

/// Between two rounds, so that many small writes go over together.
const PAUSE: Duration = Duration::from_millis(250);
/// Pages in the log from which on it is begun anew: writers stand still for the few pages written since the round before.
const LONG: i64 = 16_000;

/// Goes on until it is dropped.
#[derive(Debug)]
pub(super) struct Checkpoints(JoinHandle<()>);

impl Checkpoints {
    /// `pool` has a connection of its own for it.
    pub fn of(pool: SqlitePool, turns: Turns) -> Self {
        Self(tokio::spawn(async move {
            loop {
                turns.written().await;
                tokio::time::sleep(PAUSE).await;
                if pool.is_closed() {
                    return;
                }
                if let Err(error) = round(&pool, &turns).await {
                    // The next one does what this one did not; closing the file does it too.
                    tracing::warn!(%error, "what was written stays in the log for now");
                }
            }
        }))
    }
}

impl Drop for Checkpoints {
    fn drop(&mut self) {
        self.0.abort();
    }
}

async fn round(pool: &SqlitePool, turns: &Turns) -> crate::error::Result<()> {
    if checkpoint(pool).await? < LONG {
        return Ok(());
    }
    // The log begins anew with the next write that finds all of it brought over: among busy writers none ever would.
    let _turn = turns.take_quietly().await?;
    checkpoint(pool).await?;
    Ok(())
}

/// Returns the number of pages in the log.
async fn checkpoint(pool: &SqlitePool) -> sqlx::Result<i64> {
    let (_busy, pages, _over): (i64, i64, i64) = sqlx::query_as("PRAGMA wal_checkpoint(PASSIVE)").fetch_one(pool).await?;
    Ok(pages)
}
