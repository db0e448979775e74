//! Long pieces of work as the workspace keeps them: listed, waited for, cancelled, taken over after a crash. What a job does is its own
//! business (see `materialize`); here is what all have in common.
//!
//! - [`owner`]: who is at a job, and whether they still live
//! - [`running`]: the jobs of this process
//! - [`progress`]: what is told on the way
//! - [`eta`]: how long it still takes
//! - [`faults`]: places at which tests stop a job as a crash does

pub mod eta;
pub mod faults;
pub mod owner;
pub mod progress;
pub mod running;

pub use eta::Outlook;
pub use progress::{Reporter, Told, Way, Whole};
pub use running::Running;

use serde_json::json;
use std::time::Duration;

use crate::{
    error::{Error, ErrorCode, Result},
    model::{Job, JobId, JobStatus},
    sql::Sql,
    store::{EntityStore, Store, Tx, busy, system::JobRow},
};

/// How often another process's job is looked at while it is waited for.
const POLL: Duration = Duration::from_millis(200);

/// A job as callers see it.
pub fn job(row: &JobRow) -> Job {
    let status = match row.status.0 {
        // That its process went away may not have been written down.
        _ if gone(row) => JobStatus::Interrupted,
        // Its task has written that it stops and is about to let go: nobody can take it over yet.
        JobStatus::Paused | JobStatus::Interrupted if owner::at_it(row.id) => JobStatus::Running,
        status => status,
    };
    Job {
        id: row.id,
        kind: row.kind.0,
        entities: row.entities.0.iter().map(|(_, name)| name.clone()).collect(),
        entity_ids: row.entities.0.iter().map(|(id, _)| *id).collect(),
        status,
        phase: row.phase.0,
        done: row.done,
        total: row.total,
        captured: figure(row, "captured"),
        waiting: if status == JobStatus::Running { figure(row, "waiting") } else { 0 },
        waiting_for: row.state.0["waiting_for"].as_str().filter(|_| status == JobStatus::Running).map(str::to_owned),
        rolling_back: matches!(status, JobStatus::Running | JobStatus::Paused | JobStatus::Interrupted)
            && row.state.0["rolling_back"] == true,
        error: row.error.as_ref().map(|e| e.0.clone()),
        reports: row.reports.0.clone(),
        // Not every kind of job keeps one.
        log: serde_json::from_value(row.state.0["log"].clone()).unwrap_or_default(),
        by: busy::who(row),
        here: row.owner == owner::this_process(),
        started_at: row.started_at.clone(),
        updated_at: row.updated_at.clone(),
    }
}

/// A number in its state, where it keeps it.
fn figure(row: &JobRow, name: &str) -> u32 {
    row.state.0[name].as_u64().and_then(|n| u32::try_from(n).ok()).unwrap_or_default()
}

/// Whether nobody works on a job whose row says it is running.
fn gone(row: &JobRow) -> bool {
    row.status.0 == JobStatus::Running && !owner::alive(row)
}

/// Records and pairs written by others that a job has still to carry over.
pub async fn waiting(tx: &mut Tx, job: JobId) -> Result<u32> {
    let mut sql =
        Sql::new(tx.dialect, "SELECT (SELECT count(*) FROM (SELECT DISTINCT entity_id, record_id FROM kdb_captured_writes WHERE job_id = ");
    sql.bind(job).push(
        ") records) + (SELECT count(*) FROM (SELECT DISTINCT relationship_id, source_id, target_id FROM kdb_captured_pairs WHERE job_id = ",
    );
    sql.bind(job).push(") pairs)");
    tx.count(sql.build()).await
}

/// One job's row, or all of them, the oldest first.
async fn rows(tx: &mut Tx, one: Option<JobId>) -> Result<Vec<JobRow>> {
    match one {
        Some(id) => Ok(vec![row(tx, id).await?]),
        None => EntityStore::<JobRow>::scan_all(tx).await,
    }
}

/// Jobs as they stand, with what others have written since where nobody works on one. A job that ends writes so before it lets go: a row
/// that was read earlier and says that it runs tells nothing then, and is read anew.
async fn standing(store: &Store, one: Option<JobId>) -> Result<Vec<Job>> {
    note_interrupted(mark_interrupted(store).await)?;
    let mut tx = store.read().await?;
    let mut rows = rows(&mut tx, one).await?;
    let mut jobs: Vec<Job> = rows.iter().map(job).collect();
    if rows.iter().zip(&jobs).any(|(row, job)| row.status.0 == JobStatus::Running && job.status != row.status.0) {
        drop(tx);
        tx = store.read().await?;
        rows = self::rows(&mut tx, one).await?;
        jobs = rows.iter().map(job).collect();
    }
    // A workspace of an earlier version that nobody may write to is looked at as it is.
    let told = store.read_only().is_none() || tx.table_exists("kdb_captured_pairs").await?;
    for job in jobs.iter_mut().filter(|job| told && matches!(job.status, JobStatus::Paused | JobStatus::Interrupted)) {
        job.waiting = waiting(&mut tx, job.id).await?;
    }
    Ok(jobs)
}

/// Newest first.
pub async fn list(store: &Store) -> Result<Vec<Job>> {
    let mut jobs = standing(store, None).await?;
    jobs.reverse();
    Ok(jobs)
}

/// # Errors
/// `unknown_job`.
pub async fn get(store: &Store, id: JobId) -> Result<Job> {
    let found = standing(store, Some(id)).await?;
    found.into_iter().next().ok_or_else(|| unknown(id))
}

/// # Errors
/// `unknown_job`.
pub async fn row(tx: &mut Tx, id: JobId) -> Result<JobRow> {
    EntityStore::<JobRow>::get(tx, &id).await?.ok_or_else(|| unknown(id))
}

/// The same, and nobody else writes it until the transaction ends.
///
/// # Errors
/// `unknown_job`.
pub async fn row_to_write(tx: &mut Tx, id: JobId) -> Result<JobRow> {
    EntityStore::<JobRow>::get_to_write(tx, &id).await?.ok_or_else(|| unknown(id))
}

fn unknown(id: JobId) -> Error {
    Error::new(ErrorCode::UnknownJob, format!("There is no job {id}. See `stoneware job list`.")).with(json!({ "job": id }))
}

/// Returns when nobody works on the job any more, with its last state. Works for jobs of other processes too.
///
/// # Errors
/// `unknown_job`.
pub async fn wait(store: &Store, running: &Running, id: JobId) -> Result<Job> {
    let unwritten = running.ended(id).await;
    loop {
        let mut job = get(store, id).await?;
        if job.status != JobStatus::Running {
            job.error = job.error.or(unwritten);
            return Ok(job);
        }
        tokio::time::sleep(POLL).await;
    }
}

/// What somebody asks of whoever runs a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ask {
    /// To stop at the next safe point and undo what it made.
    Cancel,
    /// To stop at the next safe point and stay resumable.
    Pause,
}

impl Ask {
    /// The member of a job's state by which another process asks.
    pub fn mark(self) -> &'static str {
        match self {
            Self::Cancel => "cancel",
            Self::Pause => "pause",
        }
    }

    fn done(self) -> &'static str {
        match self {
            Self::Cancel => "cancelled",
            Self::Pause => "paused",
        }
    }
}

/// Asks whoever runs the job. Returns whether somebody does: if not, a job to be cancelled is for the caller to roll back.
///
/// # Errors
/// `unknown_job`; `invalid_input` when it has ended, or is to pause and does not run.
pub async fn ask(store: &Store, running: &Running, id: JobId, what: Ask) -> Result<bool> {
    let job = get(store, id).await?;
    let signal = |signals: &running::Signals| match what {
        Ask::Cancel => signals.cancel.clone(),
        Ask::Pause => signals.pause.clone(),
    };
    match job.status {
        JobStatus::Running if running.tell(id, signal) => Ok(true),
        JobStatus::Running => {
            // It is another process's: it sees the mark at its next checkpoint.
            let mut tx = store.write().await?;
            // Locked: the job itself writes there too.
            let mut row = row_to_write(&mut tx, id).await?;
            if let Some(state) = row.state.0.as_object_mut() {
                state.insert(what.mark().to_owned(), true.into());
            }
            let mut sql = Sql::new(tx.dialect, "UPDATE kdb_jobs SET state = ");
            sql.bind(row.state.0.to_string()).push(" WHERE status = 'running' AND id = ").bind(id);
            tx.execute(sql.build()).await?;
            tx.commit().await?;
            Ok(true)
        }
        JobStatus::Paused | JobStatus::Interrupted if what == Ask::Cancel => Ok(false),
        _ => Err(ended(&job, what.done())),
    }
}

/// # Errors
/// Always `invalid_input`.
pub fn ended(job: &Job, wanted: &str) -> Error {
    let word = match job.status {
        JobStatus::Running => "is running",
        JobStatus::Paused => "is paused",
        JobStatus::Interrupted => "is interrupted",
        JobStatus::Done => "is done",
        JobStatus::Failed => "has failed, and left nothing behind",
        JobStatus::Cancelled => "was cancelled",
        JobStatus::RolledBack => "was rolled back",
    };
    Error::invalid(format!("This job {word}, so it cannot be {wanted}.")).with(json!({ "job": job.id, "status": job.status }))
}

/// Makes a job whose process went away `interrupted`, so that it can be gone on with or undone.
pub async fn mark_interrupted(store: &Store) -> Result<()> {
    let mut tx = store.read().await?;
    let rows = EntityStore::<JobRow>::scan_by(&mut tx, "status", "running").await?;
    drop(tx);
    mark(store, rows).await
}

/// For whoever only looks: that it cannot be written down is no reason to tell nothing.
///
/// # Errors
/// All but that there is no room for it, or that somebody else is writing for long.
pub fn note_interrupted(marked: Result<()>) -> Result<()> {
    marked.or_else(|error| match error.code {
        ErrorCode::DiskFull | ErrorCode::Busy => {
            tracing::warn!(%error, "that a job's process went away could not be written down");
            Ok(())
        }
        _ => Err(error),
    })
}

/// The same as [`mark_interrupted`], among rows just read that say they are running.
pub async fn mark(store: &Store, rows: Vec<JobRow>) -> Result<()> {
    let dead: Vec<JobId> = rows.iter().filter(|row| gone(row)).map(|row| row.id).collect();
    if dead.is_empty() || store.read_only().is_some() {
        return Ok(());
    }
    let mut tx = store.write().await?;
    for id in dead {
        // Whoever took it over meanwhile, in this process or another, keeps it.
        if EntityStore::<JobRow>::get_to_write(&mut tx, &id).await?.is_some_and(|row| gone(&row)) {
            let mut sql = Sql::new(tx.dialect, "UPDATE kdb_jobs SET status = 'interrupted' WHERE id = ");
            sql.bind(id);
            tx.execute(sql.build()).await?;
        }
    }
    tx.commit().await
}
