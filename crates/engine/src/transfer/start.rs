//! Beginning a copy, or going on with one.

use serde_json::json;
use std::{path::Path, time::Instant};

use super::{
    Watch, Work, copy,
    finish::{self, empty, make_tables},
    progress::Progress,
    rows::{self, What},
    state::{self, Part, State},
    system::System,
    verify,
};
use crate::{
    error::{Error, ErrorCode, Result},
    jobs::{
        self, faults,
        owner::{self, Live},
    },
    model::{CopyReport, JobId, JobKind, JobStatus, Phase, Schema},
    sql::Backend,
    store::{
        EntityStore, Store, Tx, busy,
        entity_store::{Json, Word},
        system::{self, JobRow},
    },
};

/// Copies everything that is a workspace from `source` into `target`, which is empty or holds an unfinished copy of the same source.
///
/// # Errors
/// `invalid_input` when both are the same place, or the target holds something else; `busy` while a job has not ended at the source, or
/// another process is at this copy; `name_taken` when a table's name is taken at the target; `cancelled`; `corrupt` when the copy differs.
/// Whatever stops it, the same call goes on with it.
pub async fn run(source: &Store, target: &Store, watch: &Watch<'_>) -> Result<CopyReport> {
    let began = Instant::now();
    let (place, other) = (place(source), place(target));
    if place == other {
        return Err(Error::invalid("Source and target are the same workspace. Name another target.").with(json!({ "location": place })));
    }
    jobs::mark_interrupted(source).await?;
    jobs::mark_interrupted(target).await?;
    let mut from = source.read().await?;
    let schema = system::load_schema(&mut from).await?;
    busy::refuse_any(&mut from).await?;
    let system = System::read(&mut from).await?;
    let parts = parts(&mut from, &schema).await?;
    let rows = parts.iter().fold(0, |sum: u32, part| sum.saturating_add(part.total));
    let fresh = State { source: place, version: schema.version, schema: system.sum(), parts };
    let begun = begin(target, &schema, &system, fresh).await?;
    let before = begun.state.parts.iter().fold(0, |sum: u32, part| sum.saturating_add(part.done));
    let mut work = Work {
        from,
        schema,
        target: target.clone(),
        row: begun.row,
        state: begun.state,
        progress: Progress::new(watch.on, rows.saturating_mul(2).saturating_add(before)),
        cancel: watch.cancel,
        batch_size: watch.batch_size,
        last_beat: Instant::now(),
    };
    let ended = phases(&mut work, begun.resumed).await;
    if let Err(error) = ended {
        #[cfg(feature = "faults")]
        if faults::is_crash(&error) {
            return Err(error);
        }
        if let Err(second) = state::interrupt(target, &work.row, &error).await {
            // The row still says that it runs; the next to look finds that nobody does.
            tracing::error!(job = %work.row.id, error = %second, "a copy could not write down how it ended");
        }
        return Err(error);
    }
    Ok(report(&work, begun.resumed, began))
}

/// Where a workspace lies, in one form: a file may have many paths.
fn place(store: &Store) -> String {
    match store.dialect().backend() {
        Backend::Sqlite => Path::new(&store.location).canonicalize().map_or_else(|_| store.location.clone(), |p| p.display().to_string()),
        Backend::Postgres => store.location.clone(),
    }
}

/// What there is to copy, records before the pairs that join them.
async fn parts(from: &mut Tx, schema: &Schema) -> Result<Vec<Part>> {
    let mut all: Vec<(What, String)> = schema.entities.iter().map(|e| (What::Records(e.id), e.name.clone())).collect();
    for relationship in schema.relationships.iter().filter(|r| r.is_many_to_many()) {
        let entity = schema.entity(relationship.source)?;
        all.push((What::Links(relationship.id), format!("{}.{}", entity.name, relationship.name)));
    }
    for (what, name) in [
        (What::Events, "change events"),
        (What::DroppedValues, "dropped values"),
        (What::DroppedRecords, "dropped records"),
        (What::DroppedLinks, "dropped links"),
    ] {
        all.push((what, name.to_owned()));
    }
    let mut parts = Vec::with_capacity(all.len());
    for (what, name) in all {
        let total = rows::count(from, schema, what).await?;
        parts.push(Part::new(what, name, total));
    }
    Ok(parts)
}

struct Begun {
    row: JobRow,
    state: State,
    resumed: bool,
    _live: Live,
}

/// Writes the job down: one that goes on from its checkpoint, or a new one together with the schema and the tables.
async fn begin(target: &Store, schema: &Schema, system: &System, fresh: State) -> Result<Begun> {
    let mut tx = target.write_tables().await?;
    if system::is_unfinished(&mut tx).await? {
        let (row, mut state) = unfinished(&mut tx, &fresh.source).await?;
        let live = Live::claim(row.id).ok_or_else(|| busy::busy(&row, "this target"))?;
        if (state.schema, state.version) == (fresh.schema, fresh.version) {
            for (part, now) in state.parts.iter_mut().zip(&fresh.parts) {
                part.total = now.total;
            }
            let row = mine(row.id, row.started_at, &state, schema)?;
            EntityStore::put(&mut tx, &row).await?;
            tx.commit().await?;
            return Ok(Begun { row, state, resumed: true, _live: live });
        }
        empty(&mut tx).await?;
    } else {
        refuse_filled(&mut tx, target).await?;
    }
    let id = JobId::new();
    let live = Live::claim(id).ok_or_else(|| Error::internal("a new job has an old id"))?;
    let row = mine(id, crate::records::now(), &fresh, schema)?;
    make_tables(&mut tx, schema).await?;
    system.write(&mut tx).await?;
    EntityStore::put(&mut tx, &row).await?;
    system::set_unfinished(&mut tx).await?;
    faults::point(&target.location, "begin: before commit")?;
    tx.commit().await?;
    Ok(Begun { row, state: fresh, resumed: false, _live: live })
}

/// A job this process is at.
fn mine(id: JobId, started_at: String, state: &State, schema: &Schema) -> Result<JobRow> {
    Ok(JobRow {
        id,
        kind: Word(JobKind::Copy),
        status: Word(JobStatus::Running),
        phase: Word(Phase::Validate),
        done: 0,
        total: 0,
        entities: Json(schema.entities.iter().map(|e| (e.id, e.name.clone())).collect()),
        state: Json(serde_json::to_value(state)?),
        error: None,
        reports: Json(vec![]),
        owner: owner::this_process(),
        heartbeat: owner::now(),
        started_at,
        updated_at: crate::records::now(),
    })
}

/// The copy that was begun here.
///
/// # Errors
/// `busy` while somebody is at it; `invalid_input` when it is one of another source.
async fn unfinished(tx: &mut Tx, source: &str) -> Result<(JobRow, State)> {
    let found = busy::open(tx).await?.into_iter().find(|row| row.kind.0 == JobKind::Copy);
    let row =
        found.ok_or_else(|| Error::new(ErrorCode::Corrupt, "The target says that a copy into it is unfinished, and has no job of it."))?;
    if row.status.0 == JobStatus::Running {
        return Err(busy::busy(&row, "this target"));
    }
    let state: State = serde_json::from_value(row.state.0.clone())
        .map_err(|_| Error::unsupported("This copy was begun by another version of Stoneware. Go on with it there, or roll it back."))?;
    if state.source != source {
        let message = format!(
            "The target holds an unfinished copy of {}. Go on with that one, or roll it back first: stoneware -w TARGET job rollback {}",
            state.source, row.id
        );
        return Err(Error::invalid(message).with(json!({ "reason": "other_source", "source": state.source, "job": row.id })));
    }
    Ok((row, state))
}

/// # Errors
/// `invalid_input` when the target is a workspace somebody has worked in.
async fn refuse_filled(tx: &mut Tx, target: &Store) -> Result<()> {
    let schema = system::load_schema(tx).await?;
    if schema.version == 0 && schema.entities.is_empty() {
        return Ok(());
    }
    let names: Vec<&str> = schema.entities.iter().map(|e| e.name.as_str()).collect();
    let message =
        format!("{} is a workspace of its own already. Copy into an empty one, or name a place where there is none.", target.location);
    Err(Error::invalid(message).with(json!({ "reason": "not_empty", "location": target.location, "entities": names })))
}

async fn phases(work: &mut Work<'_>, resumed: bool) -> Result<()> {
    if resumed {
        work.enter(Phase::Validate).await?;
        copy::check_earlier(work).await?;
    }
    work.enter(Phase::Copy).await?;
    copy::run(work).await?;
    work.enter(Phase::Verify).await?;
    verify::run(work).await?;
    work.enter(Phase::CutOver).await?;
    finish::run(work).await
}

fn report(work: &Work<'_>, resumed: bool, began: Instant) -> CopyReport {
    let rows =
        |wanted: fn(What) -> bool| work.state.parts.iter().filter(|p| wanted(p.what)).fold(0, |sum: u32, p| sum.saturating_add(p.done));
    let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    CopyReport {
        entities: count(work.schema.entities.len()),
        relationships: count(work.schema.relationships.len()),
        records: rows(|what| matches!(what, What::Records(_))),
        links: rows(|what| matches!(what, What::Links(_))),
        resumed,
        job: work.row.id,
        seconds: (began.elapsed().as_secs_f64() * 1000.0).round() / 1000.0,
    }
}
