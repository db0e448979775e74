//! A whole workspace into another one: SQLite or Postgres, either way.
//!
//! | phase | what it does |
//! |---|---|
//! | validate | counts; where an earlier run had begun, looks whether what it has copied is still what the source says |
//! | create | one transaction: the schema, the changelog, positions, ended jobs, and the tables of dedicated entities |
//! | copy | everything with many rows, in order of its key ([`rows`]); each batch with its checkpoint in the same transaction |
//! | verify | reads every copied row back and compares counts and checksums with what was read from the source |
//! | cut over | indexes, NOT NULLs and foreign keys; then one transaction gives the copy its schema version: from then on it is a workspace |
//!
//! The source is read in one snapshot. A run that goes on with an earlier one has a later snapshot, so it reads again what was copied before:
//! a table whose rows are no longer those is begun anew, and everything is when the schema has changed. So a copy is never a mixture.

mod copy;
mod finish;
mod progress;
mod rows;
mod start;
mod state;
mod sum;
mod system;
mod verify;

pub use finish::discard;
pub use start::run;

use std::time::{Duration, Instant};
use tokio_util::sync::CancellationToken;

use crate::{
    error::{Error, ErrorCode, Result},
    jobs::faults,
    model::{CopyProgress, Phase, Schema},
    store::{Store, Tx, system::JobRow},
};
use progress::Progress;
use state::State;

/// How often a long read says that the job lives.
const BEAT: Duration = Duration::from_secs(2);

/// Whoever waits for a copy: told how far it is, and able to stop it.
pub struct Watch<'a> {
    pub on: &'a (dyn Fn(CopyProgress) + Send + Sync),
    pub cancel: &'a CancellationToken,
    /// Rows in one transaction. None: as many as are quick.
    pub batch_size: Option<u32>,
}

/// A copy at work.
struct Work<'a> {
    /// The source's snapshot.
    from: Tx,
    /// Of both sides: the copy has the same ids, modes and names of tables.
    schema: Schema,
    target: Store,
    row: JobRow,
    state: State,
    progress: Progress<'a>,
    cancel: &'a CancellationToken,
    batch_size: Option<u32>,
    last_beat: Instant,
}

impl Work<'_> {
    async fn save(&mut self, tx: &mut Tx) -> Result<()> {
        self.last_beat = Instant::now();
        state::save(tx, &mut self.row, &self.state).await
    }

    /// Says that the job lives, when it has not for a while.
    async fn beat(&mut self) -> Result<()> {
        if self.last_beat.elapsed() < BEAT {
            return Ok(());
        }
        let mut tx = self.target.write_bulk().await?;
        self.save(&mut tx).await?;
        tx.commit().await
    }

    async fn enter(&mut self, phase: Phase) -> Result<()> {
        self.row.phase.0 = phase;
        let mut tx = self.target.write_bulk().await?;
        self.save(&mut tx).await?;
        tx.commit().await?;
        self.fault("phase: entered")
    }

    /// # Errors
    /// `cancelled` when it is to stop.
    fn check(&self) -> Result<()> {
        if self.cancel.is_cancelled() { Err(stopped()) } else { Ok(()) }
    }

    fn step(&mut self, part: usize, done: u32, new: u32) {
        let part = &self.state.parts[part];
        self.progress.step(&part.name, self.row.phase.0, done, part.total, new);
    }

    fn fault(&self, name: &str) -> Result<()> {
        faults::point(&self.target.location, name)
    }
}

fn stopped() -> Error {
    Error::new(
        ErrorCode::Cancelled,
        "The copy was stopped. Go on with it by the same `stoneware copy FROM TO`, or empty the target with `stoneware job rollback`.",
    )
}
