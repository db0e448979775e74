//! Beginning a job, and taking over one whose process went away.

use serde_json::json;
use std::sync::Arc;
use tokio::sync::broadcast::Sender;

use super::{
    Work, links, rights, rollback, run,
    state::{Part, State, Step},
    target,
    waiting::{self, Hears, Waiting},
};
use crate::{
    error::{Error, ErrorCode, Result},
    jobs::{
        self, Reporter, Running,
        owner::{self, Live},
        running::{Signals, Standing},
    },
    model::{EntityId, Job, JobId, JobKind, JobStatus, MaterializeOptions, Phase, WorkspaceEvent},
    store::{
        EntityStore, Patience, SchemaCache, Store, Tries, Tx, busy,
        entity_store::{Json, Word},
        system::{self, JobRow},
    },
};

/// How long a job is waited for before it is there.
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(15);

/// What a job needs of whoever runs it.
#[derive(Clone, Copy)]
pub struct Host<'a> {
    pub store: &'a Store,
    pub cache: &'a Arc<SchemaCache>,
    pub events: &'a Sender<WorkspaceEvent>,
    pub running: &'a Running,
}

/// A job to be made.
#[derive(Debug, Clone)]
pub struct Request {
    pub kind: JobKind,
    pub entities: Vec<EntityId>,
    pub options: MaterializeOptions,
    /// The changelog entry it goes through, for undo and redo.
    pub step: Option<Step>,
    pub author: Option<String>,
    pub origin: String,
}

/// Writes the job down and lets a task begin with it.
///
/// # Errors
/// `unknown_entity`; `invalid_input` when there is nothing to do or an entity is already in that mode; `busy` while another job works on one.
pub async fn start(host: Host<'_>, request: Request) -> Result<Job> {
    let id = JobId::new();
    // Somebody is waiting for the answer.
    let patience = Patience::for_a_while(waiting::name(id), PATIENCE);
    let mut tx = host.store.patiently(patience).write_tables().await?;
    let schema = system::load_schema(&mut tx).await?;
    let parts = target::parts(&mut tx, &schema, request.kind, &request.entities).await?;
    if parts.is_empty() {
        return Err(Error::invalid("Name at least one entity."));
    }
    tx.require_rights(&rights::needed(&schema, &parts, request.kind)?).await?;
    busy::refuse(&mut tx, &links::held(&schema, &parts)).await?;
    let (row, state) = first(id, request, parts)?;
    let live = Live::claim(id).ok_or_else(|| Error::internal("a new job has an old id"))?;
    EntityStore::put(&mut tx, &row).await?;
    tx.commit().await?;
    let job = jobs::job(&row);
    spawn(host, row, state, live, Then::GoOn);
    Ok(job)
}

/// A job's row and state as it begins.
fn first(id: JobId, request: Request, parts: Vec<Part>) -> Result<(JobRow, State)> {
    let now = crate::records::now();
    let entities = parts.iter().map(|p| (p.entity, p.name.clone())).collect();
    let state =
        State { options: request.options, parts, step: request.step, author: request.author, origin: request.origin, ..State::default() };
    let row = JobRow {
        id,
        kind: Word(request.kind),
        status: Word(JobStatus::Running),
        phase: Word(Phase::Validate),
        done: 0,
        total: 0,
        entities: Json(entities),
        state: Json(serde_json::to_value(&state)?),
        error: None,
        reports: Json(vec![]),
        owner: owner::this_process(),
        heartbeat: owner::now(),
        started_at: now.clone(),
        updated_at: now,
    };
    Ok((row, state))
}

/// What a task does with the job it is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Then {
    GoOn,
    /// And leave it in this status.
    RollBack(JobStatus),
}

fn spawn(host: Host<'_>, row: JobRow, state: State, live: Live, then: Then) {
    let (signals, ended) = host.running.add(row.id);
    let work = at_work((host.store, host.cache), host.events.clone(), signals, (row, state));
    tokio::spawn(async move {
        let id = work.row.id;
        let events = host_events(&work);
        let unwritten = run::to_the_end(work, then).await;
        drop(live);
        // Whoever waits may be gone.
        let _ = ended.send(Standing { ended: true, unwritten });
        events(WorkspaceEvent::JobEnded { job: id });
    });
}

/// A job that is only rehearsed: nothing of it is written down, and nobody hears of it.
///
/// # Errors
/// Only what its state could not be written as.
pub(super) fn rehearsed(store: &Store, cache: &Arc<SchemaCache>, request: Request, parts: Vec<Part>) -> Result<Work> {
    Ok(at_work((store, cache), Sender::new(1), Signals::default(), first(JobId::new(), request, parts)?))
}

fn at_work(
    (store, cache): (&Store, &Arc<SchemaCache>),
    events: Sender<WorkspaceEvent>,
    signals: Signals,
    (row, state): (JobRow, State),
) -> Work {
    let reporter = Reporter::new(events, row.id, row.kind.0);
    let (waiting, store) = Waiting::of(store, &row, &signals, &reporter);
    Work {
        store,
        cache: cache.clone(),
        reporter,
        row,
        state,
        signals,
        waiting,
        last_beat: std::time::Instant::now(),
        tally: super::tally::Tally::default(),
        ahead: std::collections::HashMap::default(),
    }
}

fn host_events(work: &Work) -> impl Fn(WorkspaceEvent) + Send + use<> {
    let sender = work.reporter.sender();
    move |event| {
        // Nobody may be listening: that is no error.
        let _ = sender.send(event);
    }
}

/// Takes a job nobody works on. Its owner is now this process.
async fn take(host: Host<'_>, tx: &mut Tx, id: JobId, wanted: &str) -> Result<(JobRow, State, Live)> {
    let mut row = jobs::row_to_write(tx, id).await?;
    if !matches!(row.status.0, JobStatus::Interrupted | JobStatus::Paused) || host.store.read_only().is_some() {
        return Err(jobs::ended(&jobs::job(&row), wanted));
    }
    if row.kind.0 == JobKind::Copy {
        return Err(Error::unsupported("A copy is gone on with by calling it again: stoneware copy FROM TO.").with(json!({ "job": id })));
    }
    let mut state: State = serde_json::from_value(row.state.0.clone())
        .map_err(|_| Error::new(ErrorCode::Unsupported, "This job was begun by another version of Stoneware. Go on with it there."))?;
    if row.kind.0 == JobKind::Import {
        return Err(Error::unsupported("An import is not gone on with: it left nothing behind. Start it again."));
    }
    let live = Live::claim(id).ok_or_else(|| jobs::ended(&jobs::job(&row), wanted))?;
    row.owner = owner::this_process();
    row.status = Word(JobStatus::Running);
    row.error = None;
    for part in &mut state.parts {
        // Comparing begins anew: others may have written since.
        part.check_done = false;
    }
    row.state = Json(serde_json::to_value(&state)?);
    row.heartbeat = owner::now();
    EntityStore::put(tx, &row).await?;
    Ok((row, state, live))
}

/// Goes on with an interrupted job: from its checkpoint forward, or back where it was on its way back.
///
/// # Errors
/// `unknown_job`; `invalid_input` when it is running or has ended.
pub async fn resume(host: Host<'_>, id: JobId) -> Result<Job> {
    jobs::mark_interrupted(host.store).await?;
    let mut tx = host.store.write().await?;
    let (row, state, live) = take(host, &mut tx, id, "gone on with").await?;
    tx.commit().await?;
    let job = jobs::job(&row);
    let then = if state.rolling_back { Then::RollBack(JobStatus::RolledBack) } else { Then::GoOn };
    spawn(host, row, state, live, then);
    Ok(job)
}

/// Undoes what an interrupted job left, and returns when that is done.
///
/// # Errors
/// `unknown_job`; `invalid_input` when it is running, has ended, or has cut over and can only be resumed.
pub async fn roll_back(host: Host<'_>, id: JobId, status: JobStatus) -> Result<Job> {
    jobs::mark_interrupted(host.store).await?;
    let mut tx = host.store.write().await?;
    let (row, state, live) = take(host, &mut tx, id, "rolled back").await?;
    if state.cut_over {
        return Err(Error::invalid("This job has switched over already: its records are in their new place. Resume it to let it finish.")
            .with(json!({ "job": id, "phase": row.phase.0 })));
    }
    tx.commit().await?;
    spawn(host, row, state, live, Then::RollBack(status));
    jobs::wait(host.store, host.running, id).await
}

/// Used by [`run`]: the row is written with the job's error, whatever has become of it.
pub(super) async fn write_end(work: &mut Work, status: JobStatus, error: Option<Error>) -> Result<()> {
    work.waiting.hear(Hears::End);
    let mut tries = Tries::default();
    while let Err(told) = write_down(work, status, error.clone()).await {
        work.store.give_way(told, &mut tries).await?;
    }
    Ok(())
}

async fn write_down(work: &mut Work, status: JobStatus, error: Option<Error>) -> Result<()> {
    let mut tx = work.store.write().await?;
    if work.recall(&mut tx).await? {
        return Ok(());
    }
    work.row.status = Word(status);
    work.row.error = error.map(Json);
    work.save(&mut tx).await?;
    tx.commit().await
}

/// Used by [`run`]: undoes, then writes why.
pub(super) async fn undo(work: &mut Work, status: JobStatus, error: Option<Error>) -> Result<()> {
    work.waiting.hear(Hears::Pause);
    work.row.error = error.map(Json);
    let mut tries = Tries::default();
    while let Err(told) = rollback::run(work, status).await {
        work.store.give_way(told, &mut tries).await?;
    }
    Ok(())
}
