//! From the shared table to a table of its own, and back: a job in phases that no crash can break.
//!
//! | phase | what it does |
//! |---|---|
//! | validate | looks at a part of the values, so that what cannot go well fails early |
//! | create | makes the table, and triggers that note every write from now on |
//! | copy | copies in batches, inside the database ([`copy`]) |
//! | verify | compares every record of both sides, settles values that do not fit, makes the indexes ([`verify`]) |
//! | cut over | copies what was written meanwhile, then switches everything in one transaction ([`catch_up`], [`cutover`]) |
//! | clean up | takes the old rows away ([`cleanup`]) |
//!
//! The row in `kdb_jobs` says which phase the job is in before that phase begins, and each batch writes its checkpoint in its own
//! transaction. Up to the cut-over the records are read and written where they were, so that everything made so far can be thrown away
//! ([`rollback`]); from there on the job can only go forward.

mod ahead;
mod capture;
mod catch_up;
mod cleanup;
mod copy;
mod cutover;
mod edit_cost;
mod edit_locks;
mod edit_problems;
mod edits;
mod empty;
mod foresee;
mod inspect;
mod links;
mod listing;
mod locks;
mod neighbours;
mod outlook;
mod pace;
mod pages;
mod plan;
mod problems;
mod profile;
mod rights;
mod rollback;
mod run;
mod size;
mod start;
mod state;
mod tally;
mod target;
mod timing;
mod verify;
mod waiting;

pub use edits::edit_plan;
pub use listing::problems;
pub use plan::plan;
pub use start::{Host, Request, resume, roll_back, start};
pub use state::{Part, Step, tell};

use serde_json::{Map, Value};
use std::{
    collections::HashMap,
    sync::Arc,
    time::{Duration, Instant},
};

use crate::{
    error::Result,
    jobs::{self, Reporter, faults, running::Signals},
    model::{EntityId, JobStatus, Schema},
    sql::Sql,
    store::{SchemaCache, Store, Tx, system::JobRow},
};
use ahead::Ahead;
use state::State;
use tally::Tally;
use target::Target;
use waiting::Waiting;

/// How often a long read says that the job lives.
const BEAT: Duration = Duration::from_secs(1);

/// A job at work.
struct Work {
    store: Store,
    cache: Arc<SchemaCache>,
    row: JobRow,
    state: State,
    reporter: Reporter,
    signals: Signals,
    waiting: Arc<Waiting>,
    last_beat: Instant,
    tally: Tally,
    /// What was compared while the copy went on.
    ahead: HashMap<EntityId, Ahead>,
}

impl Work {
    async fn schema(&self) -> Result<Arc<Schema>> {
        let mut tx = self.store.read().await?;
        self.cache.current(&mut tx).await
    }

    fn target(&self, schema: &Schema, part: usize) -> Result<Target> {
        Target::new(schema, &self.state.parts[part], self.row.kind.0)
    }

    fn after(&self, schema: &Schema) -> Schema {
        target::after(schema, &self.state.parts, self.row.kind.0)
    }

    /// Learns what a commit has done whose answer was lost, from the row as it stands; nobody else writes it until the transaction ends.
    /// Returns whether the job has ended.
    async fn recall(&mut self, tx: &mut Tx) -> Result<bool> {
        let row = jobs::row_to_write(tx, self.row.id).await?;
        let there: State = serde_json::from_value(row.state.0)?;
        self.state.created |= there.created;
        self.state.rolling_back |= there.rolling_back;
        if there.cut_over && !self.state.cut_over {
            self.state.cut_over = true;
            (self.state.parts, self.state.moving) = (there.parts, there.moving);
            self.row.phase.0 = row.phase.0;
        }
        Ok(matches!(row.status.0, JobStatus::Done | JobStatus::Failed | JobStatus::Cancelled | JobStatus::RolledBack))
    }

    async fn save(&mut self, tx: &mut Tx) -> Result<()> {
        self.last_beat = Instant::now();
        self.note_stretch();
        state::save(tx, &mut self.row, &self.state).await
    }

    /// Says that the job lives and how far it is, when it has not for a while.
    async fn beat(&mut self) -> Result<()> {
        if self.last_beat.elapsed() < BEAT {
            return Ok(());
        }
        let mut tx = self.store.write_bulk().await?;
        self.save(&mut tx).await?;
        tx.commit().await
    }

    /// # Errors
    /// `cancelled` when somebody asked the job to cancel, to pause or to stop.
    fn check_signals(&self) -> Result<()> {
        if self.signals.cancel.is_cancelled() { Err(state::cancelled()) } else { self.check_stop() }
    }

    /// After the cut-over a cancel does not count: what is left to do is no longer worth undoing.
    fn check_stop(&self) -> Result<()> {
        if self.signals.pause.is_cancelled() {
            return Err(state::paused());
        }
        if self.signals.stop.is_cancelled() { Err(state::cancelled()) } else { Ok(()) }
    }

    fn step(&mut self, part: usize) {
        let phase = self.row.phase.0;
        self.note_stretch();
        let (whole, rows) = (self.whole(phase), self.state.rows(part, phase));
        let part = &self.state.parts[part];
        self.reporter.step((part.entity, &part.name), phase, rows, self.state.way(whole));
    }

    fn fault(&self, name: &str) -> Result<()> {
        faults::point(&self.store.location, name)
    }

    /// Puts values set to null where they can be found again: nothing is ever lost. Within [`Work::counted`].
    async fn remember_nulled(&mut self, tx: &mut Tx, part: usize, nulled: &[(String, Map<String, Value>)]) -> Result<()> {
        for (record, values) in nulled {
            let mut sql = Sql::new(tx.dialect, "SELECT value FROM kdb_dropped_values WHERE drop_id = ");
            sql.bind(self.row.id).push(" AND record_id = ").bind_id(record);
            let before = tx.row(sql.build()).await?.and_then(|row| row.opt_text(0)).unwrap_or_else(|| "{}".to_owned());
            let before: Map<String, Value> = serde_json::from_str(&before)?;
            let mut sql = Sql::new(tx.dialect, "INSERT INTO kdb_dropped_values (drop_id, record_id, value) VALUES (");
            sql.bind(self.row.id).push(", ").bind_id(record).push(", ").bind(Value::Object(values.clone()).to_string());
            sql.push(") ON CONFLICT (drop_id, record_id) DO UPDATE SET value = excluded.value");
            tx.execute(sql.build()).await?;
            // Looked at twice, a record counts once.
            self.state.parts[part].nulled += u32::try_from(values.len().saturating_sub(before.len())).unwrap_or(u32::MAX);
        }
        Ok(())
    }
}
