//! The locks a job will hold, how long about, and who waits for them.

use super::{outlook, pace, target::Target};
use crate::{
    model::{Phase, PlanLock, Schema},
    sql::{Backend, tables},
    store::Store,
};

/// Seconds making a table and its triggers takes.
const CREATE: f64 = 0.02;
/// Seconds the last step takes with nothing written meanwhile, and what each further entity adds.
const CUT_OVER: f64 = 0.05;
const EACH: f64 = 0.02;
/// Seconds to look at a reference of one record, when a foreign key is put in.
const REFERENCE: f64 = 1.2e-6;

/// In the order they are taken. `after`: the schema as it will be; `copying`: the seconds the copy takes.
pub fn locks(store: &Store, after: &Schema, targets: &[Target], records: u32, batch: u32, copying: f64) -> Vec<PlanLock> {
    let count = targets.len().saturating_sub(1) as f64;
    let switching = CUT_OVER + EACH * count;
    let lock = |phase, lock: &str, on: String, seconds: f64, repeated, waits: &str| PlanLock {
        phase,
        lock: lock.to_owned(),
        on,
        seconds: (seconds * 1000.0).round() / 1000.0,
        repeated,
        waits: waits.to_owned(),
    };
    let dialect = store.dialect();
    let index = copying * outlook::index_share(dialect.backend());
    let names = targets.iter().map(|t| t.entity.table.clone()).collect::<Vec<_>>().join(", ");
    if dialect.backend() == Backend::Sqlite {
        let file = || "the whole file".to_owned();
        let writers = "whoever writes; nobody who reads";
        let each = pace::AIM.as_secs_f64().min(f64::from(records.min(batch)) * 1e-5);
        return vec![
            lock(Phase::Create, "RESERVED", file(), CREATE, false, writers),
            lock(Phase::Copy, "RESERVED", file(), each, true, writers),
            lock(Phase::Verify, "RESERVED", file(), index, true, "whoever writes, while an index is made; nobody who reads"),
            lock(Phase::CutOver, "RESERVED", file(), switching, false, writers),
            lock(Phase::CleanUp, "RESERVED", file(), each, true, writers),
        ];
    }
    let shared = || "kdb_records".to_owned();
    let mut out = vec![
        lock(Phase::Create, "SHARE ROW EXCLUSIVE", shared(), CREATE, false, "whoever writes shared records; nobody who reads"),
        lock(Phase::Copy, "ACCESS SHARE", shared(), pace::AIM_ASIDE.as_secs_f64(), true, "nobody"),
        lock(Phase::Verify, "SHARE", names.clone(), index, true, "nobody: the new tables are not in use yet"),
        lock(Phase::CutOver, "SHARE ROW EXCLUSIVE", shared(), switching, false, "whoever writes shared records; nobody who reads"),
        lock(Phase::CutOver, "ACCESS EXCLUSIVE", names, switching, false, "nobody: the new tables are not in use yet"),
    ];
    let keys: usize = targets.iter().map(|t| tables::foreign_keys(dialect, after, &t.entity).len()).sum();
    if keys > 0 {
        let seconds = f64::from(records) * REFERENCE * keys as f64;
        let waits = "nobody: references are looked at while others read and write";
        out.push(lock(Phase::CutOver, "SHARE UPDATE EXCLUSIVE", "tables with new foreign keys".to_owned(), seconds, false, waits));
    }
    out.push(lock(Phase::CleanUp, "ROW EXCLUSIVE", shared(), pace::AIM_ASIDE.as_secs_f64(), true, "nobody"));
    out
}
