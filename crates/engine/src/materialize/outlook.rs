//! How long the phases after the copy take, as parts of its time. Measured on contacts (see `tests/benches/progress.rs`): a job's own pace
//! takes their place as it goes on. And how long a copy will take, told from a part of the records.

use std::time::Instant;

use super::{
    Work,
    target::{self, Target},
};
use crate::{
    error::Result,
    jobs::Outlook,
    model::{EntityId, JobKind, Schema},
    sql::{Backend, Dialect, Sql, Statement, compare::Rows, moves, tables},
    store::Tx,
};

/// Records an estimate of time is told from.
pub const SAMPLE: u32 = 4000;

pub async fn of(work: &Work, schema: &Schema) -> Result<Outlook> {
    let targets: Vec<Target> = (0..work.state.parts.len()).map(|i| work.target(schema, i)).collect::<Result<_>>()?;
    let counts: Vec<u32> = work.state.parts.iter().map(|part| part.total).collect();
    told(&mut work.store.read().await?, schema, &work.after(schema), &targets, &counts).await
}

/// For entities of so many records each. `before` and `after`: the schema.
pub async fn told(tx: &mut Tx, before: &Schema, after: &Schema, targets: &[Target], counts: &[u32]) -> Result<Outlook> {
    let (dialect, kind) = (tx.dialect, targets.first().map_or(JobKind::Materialize, |target| target.kind));
    let in_one_go = kind == JobKind::Materialize && alone(tx, before, targets).await?;
    Ok(typical(dialect.backend(), kind, indexes(dialect, after, targets, counts), in_one_go))
}

/// Seconds the whole job takes where its copy takes so many. Each phase waits for the disk a few times, however little there is to do.
pub fn whole(of: &Outlook, copying: f64, entities: usize) -> f64 {
    copying * (1.0 + of.compare + of.index + of.cut_over + of.clean_up) + 0.05 + 0.01 * entities as f64
}

/// What one index takes, as a part of the copy's time.
pub fn index_share(backend: Backend) -> f64 {
    match backend {
        Backend::Sqlite => 0.13,
        Backend::Postgres => 0.2,
    }
}

/// As measured, with so many indexes on average; old rows go in one go or batch by batch.
fn typical(backend: Backend, kind: JobKind, indexes: f64, in_one_go: bool) -> Outlook {
    match (kind, backend) {
        (JobKind::Dematerialize, Backend::Sqlite) => Outlook { bend: 1.4, compare: 0.01, index: 0.0, cut_over: 0.04, clean_up: 0.005 },
        (JobKind::Dematerialize, Backend::Postgres) => Outlook { bend: 1.0, compare: 0.02, index: 0.0, cut_over: 0.015, clean_up: 0.01 },
        (_, Backend::Sqlite) => {
            let clean_up = if in_one_go { 0.08 } else { 0.9 };
            Outlook { bend: 1.0, compare: 0.1, index: index_share(backend) * indexes, cut_over: 0.03, clean_up }
        }
        (_, Backend::Postgres) => {
            let clean_up = if in_one_go { 0.05 } else { 0.7 };
            Outlook { bend: 1.0, compare: 0.65, index: index_share(backend) * indexes, cut_over: 0.02, clean_up }
        }
    }
}

/// Indexes a record goes into, on average.
fn indexes(dialect: &dyn Dialect, after: &Schema, targets: &[Target], counts: &[u32]) -> f64 {
    let (mut entries, mut records) = (0.0, 0.0);
    for (target, count) in targets.iter().zip(counts) {
        entries += f64::from(*count) * tables::indexes(dialect, after, &target.entity).len() as f64;
        records += f64::from(*count);
    }
    if records > 0.0 { entries / records } else { 0.0 }
}

/// Whether nothing but this job's records lies in the shared table: then that is emptied in one go.
async fn alone(tx: &mut Tx, schema: &Schema, targets: &[Target]) -> Result<bool> {
    let ours = |id: EntityId| targets.iter().any(|target| target.entity.id == id);
    let others: Vec<EntityId> = schema.entities.iter().filter(|e| !e.is_dedicated() && !ours(e.id)).map(|e| e.id).collect();
    for others in others.chunks(crate::records::CHUNK) {
        let mut sql = Sql::new(tx.dialect, "SELECT id FROM kdb_records WHERE entity_id IN (");
        sql.bind_all(others.iter().copied()).push(") LIMIT 1");
        if tx.row(sql.build()).await?.is_some() {
            return Ok(false);
        }
    }
    Ok(true)
}

/// How much longer copying records takes than reading their values does, as measured: a server copies on two connections.
/// On the way back each value that is looked up goes into a tree that a file soon no longer has in memory.
fn reading_to_copying(backend: Backend, kind: JobKind, records: u32) -> f64 {
    let in_memory = (20_000.0 / f64::from(records.max(1))).min(1.0);
    match (kind, backend) {
        (JobKind::Dematerialize, Backend::Sqlite) => 4.0 + 27.0 * (1.0 - in_memory),
        (JobKind::Dematerialize, Backend::Postgres) => 6.0,
        (_, Backend::Sqlite) => 4.0,
        (_, Backend::Postgres) => 0.7,
    }
}

/// Seconds the copy of so many records will take, from the time a part of them takes to be read.
pub async fn copying(tx: &mut Tx, targets: &[Target], records: u32) -> Result<f64> {
    let (mut seen, mut seconds) = (0u32, 0.0);
    let kind = targets.first().map_or(JobKind::Materialize, |target| target.kind);
    for target in targets {
        let place = target.source();
        let Some((upto, count)) = target::next(tx, &place, "", SAMPLE).await? else { continue };
        let values: Vec<String> = if kind == JobKind::Dematerialize {
            vec![format!("count({})", moves::data_expression(tx.dialect, &target.columns))]
        } else {
            target.columns.iter().map(|c| format!("count({})", tx.dialect.from_json("data", c))).collect()
        };
        if values.is_empty() {
            continue;
        }
        let mut sql = Sql::new(tx.dialect, &format!("SELECT {} FROM {} WHERE ", values.join(", "), place.table(tx.dialect)));
        place.scope(&mut sql);
        sql.push(" AND ");
        Rows::Range("", &upto).limit(&mut sql, "id");
        seconds += quickest(tx, &sql.build()).await?;
        seen += count;
    }
    Ok(if seen == 0 {
        0.0
    } else {
        seconds / f64::from(seen) * f64::from(records) * reading_to_copying(tx.dialect.backend(), kind, records)
    })
}

/// Seconds a statement takes: the quickest of a few, as whatever else the machine does meanwhile makes one of them slow.
pub async fn quickest(tx: &mut Tx, statement: &Statement) -> Result<f64> {
    let mut quickest = f64::INFINITY;
    for _ in 0..3 {
        let began = Instant::now();
        tx.row(statement.clone()).await?;
        quickest = quickest.min(began.elapsed().as_secs_f64());
    }
    Ok(quickest)
}

#[cfg(test)]
mod tests {
    use super::{Backend, JobKind, typical};
    use crate::{
        jobs::{
            Whole,
            eta::{self, Here},
        },
        model::{Phase, PhaseLog},
    };

    /// Jobs as they went: each phase with seconds and the records done by then. What lies between is taken to have gone evenly. Those that
    /// materialize had a million contacts beside other records, the others 200,000.
    const RECORDED: [(JobKind, Backend, &str); 4] = [
        (
            JobKind::Materialize,
            Backend::Sqlite,
            "validate 0:0 create 0.4:0 copy 0.45:0 8.55:1000000 verify 8.55:950000 9.05:1000000 11.65:1000000 cut_over 11.65:0 \
             clean_up 11.83:0 19.03:1000000 end 19.1:0",
        ),
        (
            JobKind::Materialize,
            Backend::Postgres,
            "validate 0:0 create 0.6:0 copy 0.65:0 5.75:1000000 verify 5.75:0 9.45:1000000 11.15:1000000 cut_over 11.15:0 \
             clean_up 11.26:0 14.96:1000000 end 15.1:0",
        ),
        (
            JobKind::Dematerialize,
            Backend::Sqlite,
            "validate 0.01:0 create 0.05:0 copy 0.05:0 1.03:26967 2.04:46076 2.92:54934 3.94:66952 4.92:79929 5.85:91333 \
             6.95:103923 8.16:117988 9.24:129443 10.15:143618 11.38:146820 12.52:152454 13.70:165287 14.70:175674 15.65:184552 \
             16.60:190843 17.33:200000 verify 17.56:200000 17.65:200000 cut_over 17.65:0 clean_up 18.58:200000 end 18.60:0",
        ),
        (
            JobKind::Dematerialize,
            Backend::Postgres,
            "validate 0.08:0 create 0.17:0 copy 0.30:0 2.31:20429 4.26:42975 5.95:65834 8.05:88424 10.30:110513 12.20:133343 \
             14.54:158574 17.21:182465 19.11:200000 verify 19.32:200000 19.68:200000 cut_over 19.70:0 clean_up 20.27:200000 end \
             20.28:0",
        ),
    ];

    #[derive(Clone, Copy)]
    struct Moment {
        at: f64,
        phase: Phase,
        done: u32,
    }

    /// A moment for each hundredth of the way, and its end.
    fn moments(recorded: &str) -> (Vec<Moment>, f64) {
        let (mut phase, mut points) = (Phase::Validate, vec![]);
        for word in recorded.split_whitespace() {
            match word.split_once(':') {
                Some((at, done)) => points.push(Moment { at: at.parse().unwrap(), phase, done: done.parse().unwrap() }),
                None => phase = serde_json::from_value(word.into()).unwrap_or(phase),
            }
        }
        let end = points.pop().unwrap().at;
        let mut out = vec![];
        for (i, point) in points.iter().enumerate() {
            out.push(*point);
            let Some(next) = points.get(i + 1).filter(|next| next.phase == point.phase) else { continue };
            let steps = ((next.at - point.at) / end * 100.0) as u32;
            for step in 1..steps {
                let share = f64::from(step) / f64::from(steps);
                let done = f64::from(point.done) + share * (f64::from(next.done) - f64::from(point.done));
                out.push(Moment { at: point.at + share * (next.at - point.at), phase: point.phase, done: done as u32 });
            }
        }
        (out, end)
    }

    /// What the job would have told at that moment.
    fn told(kind: JobKind, backend: Backend, until: &[Moment]) -> Option<f64> {
        let now = until.last()?;
        let mut log: Vec<(PhaseLog, &Moment)> = vec![];
        for moment in until {
            if log.last().is_none_or(|(entry, _)| entry.phase != moment.phase) {
                // A phase takes until the next begins.
                if let Some((entry, began)) = log.last_mut() {
                    entry.seconds = moment.at - began.at;
                }
                log.push((
                    PhaseLog {
                        phase: moment.phase,
                        began_at: String::new(),
                        seconds: 0.0,
                        records: 0,
                        captured: 0,
                        waited_s: 0.0,
                        waited_for: None,
                    },
                    moment,
                ));
            }
            let Some((entry, began)) = log.last_mut() else { continue };
            (entry.seconds, entry.records) = (moment.at - began.at, moment.done);
        }
        let from = log.last()?.1.done;
        let log: Vec<PhaseLog> = log.into_iter().map(|(entry, _)| entry).collect();
        let total = if kind == JobKind::Materialize { 1_000_000 } else { 200_000 };
        let whole = Whole { done: now.done, total, captured: 0, waiting: 0 };
        eta::left(&typical(backend, kind, 2.0, false), &log, Here { phase: now.phase, whole, from, before: 0 })
    }

    #[test]
    fn the_time_left_is_right_within_a_fifth_after_the_first_tenth() {
        for (kind, backend, recorded) in RECORDED {
            let (moments, end) = moments(recorded);
            let later: Vec<usize> = (0..moments.len()).filter(|i| moments[*i].at >= end / 10.0).collect();
            let off = |i: usize| told(kind, backend, &moments[..=i]).map_or(f64::INFINITY, |told| (told - (end - moments[i].at)).abs());
            let right = later.iter().filter(|i| off(**i) <= ((end - moments[**i].at) * 0.2).max(1.0)).count();
            assert!(
                later.len() > 15 && right * 10 >= later.len() * 9,
                "{kind:?} on {backend:?}: right at {right} of {} moments",
                later.len()
            );
        }
    }

    #[test]
    fn nothing_is_told_before_the_copy_has_shown_its_pace() {
        for (kind, backend, recorded) in RECORDED {
            let (moments, _) = moments(recorded);
            let first = moments.iter().position(|m| m.phase == Phase::Copy).unwrap();
            assert_eq!(told(kind, backend, &moments[..=first]), None, "{kind:?} on {backend:?}");
            assert!(told(kind, backend, &moments[..=first + 5]).is_some(), "{kind:?} on {backend:?}");
        }
    }
}
