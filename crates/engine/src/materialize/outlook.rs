//! How long the phases after the copy take, as parts of its time. Measured on contacts (see `tests/benches/progress.rs`): a job's own pace
//! takes their place as it goes on.

use super::{Work, state::Part};
use crate::{
    error::Result,
    jobs::Outlook,
    model::{EntityId, JobKind, Schema},
    sql::{Backend, Sql, tables},
};

pub async fn of(work: &Work, schema: &Schema) -> Result<Outlook> {
    let (backend, kind) = (work.store.dialect().backend(), work.row.kind.0);
    let in_one_go = kind == JobKind::Materialize && alone(work, schema).await?;
    Ok(typical(backend, kind, indexes(work, schema)?, in_one_go))
}

/// As measured, with so many indexes on average; old rows go in one go or batch by batch.
fn typical(backend: Backend, kind: JobKind, indexes: f64, in_one_go: bool) -> Outlook {
    match (kind, backend) {
        (JobKind::Dematerialize, Backend::Sqlite) => Outlook { bend: 1.4, compare: 0.01, index: 0.0, cut_over: 0.04, clean_up: 0.005 },
        (JobKind::Dematerialize, Backend::Postgres) => Outlook { bend: 1.1, compare: 0.02, index: 0.0, cut_over: 0.015, clean_up: 0.01 },
        (_, Backend::Sqlite) => {
            let clean_up = if in_one_go { 0.08 } else { 0.9 };
            Outlook { bend: 1.0, compare: 0.1, index: 0.13 * indexes, cut_over: 0.03, clean_up }
        }
        (_, Backend::Postgres) => {
            let clean_up = if in_one_go { 0.05 } else { 0.7 };
            Outlook { bend: 1.0, compare: 0.65, index: 0.2 * indexes, cut_over: 0.02, clean_up }
        }
    }
}

/// Indexes a record goes into, on average.
fn indexes(work: &Work, schema: &Schema) -> Result<f64> {
    let after = work.after(schema);
    let (mut entries, mut records) = (0.0, 0.0);
    for i in 0..work.state.parts.len() {
        let target = work.target(schema, i)?;
        let total = f64::from(work.state.parts[i].total);
        entries += total * tables::indexes(work.store.dialect(), &after, &target.entity).len() as f64;
        records += total;
    }
    Ok(if records > 0.0 { entries / records } else { 0.0 })
}

/// Whether nothing but this job's records lies in the shared table: then that is emptied in one go.
async fn alone(work: &Work, schema: &Schema) -> Result<bool> {
    let ours = |id: EntityId| work.state.parts.iter().any(|part: &Part| part.entity == id);
    let others: Vec<EntityId> = schema.entities.iter().filter(|e| !e.is_dedicated() && !ours(e.id)).map(|e| e.id).collect();
    let mut tx = work.store.read().await?;
    for others in others.chunks(crate::records::CHUNK) {
        let mut sql = Sql::new(tx.dialect, "SELECT id FROM kdb_records WHERE entity_id IN (");
        sql.bind_all(others.iter().copied()).push(") LIMIT 1");
        if tx.row(sql.build()).await?.is_some() {
            return Ok(false);
        }
    }
    Ok(true)
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
                log.push((PhaseLog { phase: moment.phase, began_at: String::new(), seconds: 0.0, records: 0, captured: 0 }, moment));
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
