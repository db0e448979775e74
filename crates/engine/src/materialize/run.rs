//! The phases in turn, and what becomes of the job when one does not go well.

use std::time::Instant;

use super::{
    Work, capture, cleanup, copy, cutover, links, neighbours, outlook, problems,
    start::{Then, undo, write_end},
    state::is_paused,
    verify,
    waiting::Hears,
};
use crate::{
    error::{Error, ErrorCode, Result},
    jobs::faults,
    model::{EntityId, JobKind, JobReport, JobStatus, OnInvalid, Phase, Schema, WorkspaceEvent},
    sql::{Sql, moves, profile::COLUMNS, records},
    store::{Tries, Tx},
};

/// The most records looked at before anything is made; a fiftieth of them is enough.
const SAMPLE: u32 = 5000;
/// The fewest.
const SAMPLE_LEAST: u32 = 1000;

/// Runs the job until it is done, undone, or stopped where it can be gone on with. Returns an error it could not write down.
pub async fn to_the_end(mut work: Work, then: Then) -> Option<Error> {
    let result = match then {
        Then::GoOn => phases(&mut work).await,
        Then::RollBack(status) => undo(&mut work, status, None).await,
    };
    let error = result.err().filter(|error| !faults::is_crash(error))?;
    let second = after_error(&mut work, error.clone()).await.err()?;
    // The row still says that it runs; the next to look finds that nobody does, and can go on with it.
    tracing::error!(job = %work.row.id, error = %second, "a job could not write down how it ended");
    Some(error)
}

async fn after_error(work: &mut Work, error: Error) -> Result<()> {
    work.end_stretch();
    if is_paused(&error) {
        return write_end(work, JobStatus::Paused, None).await;
    }
    let stopped = work.signals.stop.is_cancelled() && !work.signals.cancel.is_cancelled();
    if work.state.cut_over || work.state.rolling_back || stopped {
        let told = (!stopped).then_some(error);
        return write_end(work, JobStatus::Interrupted, told).await;
    }
    let (status, error) = told(work, error);
    let Err(mut second) = undo(work, status, Some(error)).await else { return Ok(()) };
    if work.state.cut_over {
        // The answer to that commit was lost, and nothing else: there is no way back, and none is needed.
        match go_on(work).await {
            Ok(()) => return Ok(()),
            Err(error) => second = error,
        }
    }
    if faults::is_crash(&second) {
        return Ok(());
    }
    if is_paused(&second) {
        // On its way back, which it goes on with.
        return write_end(work, JobStatus::Paused, None).await;
    }
    write_end(work, JobStatus::Interrupted, Some(second)).await
}

/// How a job is said to have ended that is undone because of this. A statement that somebody at the server stopped is nobody's wish to cancel.
fn told(work: &Work, error: Error) -> (JobStatus, Error) {
    if error.code != ErrorCode::Cancelled {
        return (JobStatus::Failed, error);
    }
    if work.signals.cancel.is_cancelled() || error.details["database"].is_null() {
        return (JobStatus::Cancelled, error);
    }
    let message = "The database was told by somebody else to stop a statement of this job. Everything is as it was before. Start it again.";
    (JobStatus::Failed, Error { message: message.to_owned(), ..error })
}

/// What comes after the cut-over, when it was not known at first that it had happened.
async fn go_on(work: &mut Work) -> Result<()> {
    work.row.error = None;
    let version = work.schema().await?.version;
    switched(work, version);
    phases(work).await
}

fn switched(work: &Work, version: u32) {
    let entities: Vec<EntityId> = work.state.parts.iter().map(|p| p.entity).collect();
    work.reporter.send(WorkspaceEvent::SchemaChanged { version });
    work.reporter.send(WorkspaceEvent::RecordsChanged { entities });
}

async fn phases(work: &mut Work) -> Result<()> {
    for phase in Phase::ALL.into_iter().filter(|p| *p >= work.row.phase.0).collect::<Vec<_>>() {
        work.fault("phase: before")?;
        work.begin_stretch(phase);
        work.waiting.hear(if work.state.cut_over { Hears::Pause } else { Hears::All });
        let mut tries = Tries::default();
        // Each can be begun again where it was left, as after a crash: so it gives way to whoever has what it takes.
        while let Err(error) = enter(work, phase).await {
            work.store.give_way(error, &mut tries).await?;
        }
        work.waiting.over();
        work.end_stretch();
    }
    let mut tries = Tries::default();
    while let Err(error) = finish(work).await {
        work.store.give_way(error, &mut tries).await?;
    }
    Ok(())
}

async fn enter(work: &mut Work, phase: Phase) -> Result<()> {
    if work.row.phase.0 != phase {
        let before = work.row.phase.0;
        if let Err(error) = copy::enter(work, phase).await {
            if error.is_held() {
                work.row.phase.0 = before;
            }
            return Err(error);
        }
    }
    work.fault("phase: entered")?;
    if work.state.cut_over {
        work.check_stop()?;
    } else {
        work.check_signals()?;
    }
    if phase == Phase::CleanUp {
        // It may have to wait before there is anything to tell.
        work.step(0);
    }
    match phase {
        Phase::Validate => validate(work).await,
        Phase::Create => create(work).await,
        Phase::Copy => copy::run(work).await,
        Phase::Verify => verify::run(work).await,
        Phase::CutOver => cut_over(work).await,
        Phase::CleanUp => cleanup::run(work).await,
    }
}

/// Counts, and looks at the first records: what cannot go well should fail before anything is made.
async fn validate(work: &mut Work) -> Result<()> {
    let schema = work.schema().await?;
    for i in 0..work.state.parts.len() {
        let target = work.target(&schema, i)?;
        let mut tx = work.store.read().await?;
        work.state.parts[i].total = tx.count(records::count(tx.dialect, &target.source())).await?;
        drop(tx);
        work.step(i);
    }
    if work.row.kind.0 != JobKind::Dematerialize {
        let on_invalid = work.state.options.on_invalid;
        let mut sampled = true;
        for i in 0..work.state.parts.len() {
            let sample = (work.state.parts[i].total / 50).clamp(SAMPLE_LEAST, SAMPLE);
            sampled &= problems::find(&work.store, &schema, &work.target(&schema, i)?, on_invalid, Some(sample)).await?.count == 0;
        }
        // There are seldom many of them, and nobody waits.
        sampled &= links::orphans::find(&mut work.store.read().await?, &schema, &work.state.parts, on_invalid).await?.count == 0;
        sampled &= neighbours::find(&mut work.store.read().await?, &schema, &work.state.parts).await?.count == 0;
        if !sampled {
            verify::refuse_all(work, &schema).await?;
        }
    }
    for i in 0..work.state.parts.len() {
        let target = work.target(&schema, i)?;
        work.time_before(i, &target).await;
    }
    work.state.outlook = outlook::of(work, &schema).await?;
    Ok(())
}

/// Makes the tables, and the triggers that note every write from now on.
async fn create(work: &mut Work) -> Result<()> {
    if work.state.created {
        return Ok(());
    }
    let schema = work.schema().await?;
    let mut tx = work.store.write_tables().await?;
    make(work, &mut tx, &schema).await?;
    work.state.created = true;
    let made = match work.save(&mut tx).await.and_then(|()| work.fault("create: before commit")) {
        Ok(()) => tx.commit().await,
        Err(error) => Err(error),
    };
    work.state.created = made.is_ok();
    made
}

/// Within [`create`]'s transaction, or a rehearsal of it.
pub async fn make(work: &mut Work, tx: &mut Tx, schema: &Schema) -> Result<()> {
    let dialect = tx.dialect;
    for i in 0..work.state.parts.len() {
        let target = work.target(schema, i)?;
        work.step(i);
        if work.row.kind.0 == JobKind::Dematerialize {
            let mut sql = Sql::new(dialect, "DELETE FROM kdb_records WHERE entity_id = ");
            sql.bind(target.entity.id);
            tx.execute(sql.build()).await?;
            for index in target.indexes() {
                tx.execute(moves::delete_index(dialect, &index)).await?;
            }
        } else {
            for statement in target.create(dialect, schema) {
                tx.execute(statement).await?;
            }
            tx.pretend(target.made());
        }
        for statement in capture::create(dialect, work.row.id, &target.watched()) {
            tx.execute(statement).await?;
        }
    }
    neighbours::watch(work, tx, schema).await?;
    links::begin(work, tx, schema).await
}

async fn cut_over(work: &mut Work) -> Result<()> {
    let began = Instant::now();
    for i in 0..work.state.parts.len() {
        work.step(i);
    }
    let version = cutover::run(work).await?;
    let share = began.elapsed().as_secs_f64() / work.state.parts.len() as f64;
    for part in &mut work.state.parts {
        part.seconds += share;
    }
    switched(work, version);
    work.fault("cut over: after commit")
}

/// Writes the reports; the job is done.
async fn finish(work: &mut Work) -> Result<()> {
    let mut reports = vec![];
    for i in 0..work.state.parts.len() {
        let schema = work.schema().await?;
        let target = work.target(&schema, i)?;
        let part = &work.state.parts[i];
        // Pairs are counted where they were put aside.
        let mut kept = part.kept;
        // Nothing else puts values aside here.
        let aside = work.row.kind.0 == JobKind::Materialize && work.state.options.on_invalid == OnInvalid::Keep;
        if aside && schema.entity(part.entity).is_ok_and(|e| e.is_dedicated()) {
            let mut tx = work.store.read().await?;
            for columns in target.columns.chunks(COLUMNS) {
                kept += tx.count(records::kept(tx.dialect, &target.entity.table, columns)).await?;
            }
        }
        reports.push(JobReport {
            entity: part.name.clone(),
            entity_id: part.entity,
            table: if work.row.kind.0 == JobKind::Dematerialize { "kdb_records".to_owned() } else { part.table.clone() },
            records: part.records,
            links: part.links,
            kept_aside: kept,
            nulled: part.nulled,
            captured: part.captured,
            seconds: (part.seconds * 1000.0).round() / 1000.0,
            job: work.row.id,
            timings: work.time_after(i, &target).await,
        });
    }
    work.row.reports.0 = reports;
    for i in 0..work.state.parts.len() {
        let part = &mut work.state.parts[i];
        part.cleaned = part.total;
        work.state.moving.iter_mut().for_each(|moving| moving.cleaned = moving.total);
        work.step(i);
    }
    work.fault("finish: before")?;
    write_end(work, JobStatus::Done, None).await
}
