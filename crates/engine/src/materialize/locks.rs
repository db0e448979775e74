//! The locks a job will hold, how long about, and who waits for them.

use super::{foresee::Foreseen, outlook, pace, target::Target};
use crate::{
    model::{Entity, JobKind, Phase, PlanLock, Relationship, Schema},
    sql::{Backend, Dialect, tables},
};

/// Seconds making a table and its triggers takes.
const CREATE: f64 = 0.02;
/// Seconds the last step takes with nothing written meanwhile, and what each further entity adds.
const CUT_OVER: f64 = 0.05;
const EACH: f64 = 0.02;
/// What dropping a table takes in a file, where its pages are given back one by one, as a part of the copy's time.
const DROP: f64 = 0.04;
/// What emptying the shared tables at once takes, as a part of the copy's time: in a file, and on a server.
const AT_ONCE: (f64, f64) = (0.08, 0.02);
/// Seconds to look at a reference of one record, when a foreign key is put in.
const REFERENCE: f64 = 1.2e-6;

/// What a job's locks depend on.
pub struct Scene<'a> {
    pub dialect: &'static dyn Dialect,
    /// The schema as it is, and as it will be.
    pub before: &'a Schema,
    pub after: &'a Schema,
    pub targets: &'a [Target],
    pub foreseen: &'a Foreseen,
    pub records: u32,
    /// Records of a batch.
    pub batch: u32,
    /// Seconds the copy takes.
    pub copying: f64,
}

fn lock(phase: Phase, (lock, on): (&str, &str), seconds: f64, repeated: bool, waits: &str) -> PlanLock {
    let seconds = (seconds * 1000.0).round() / 1000.0;
    PlanLock { phase, lock: lock.to_owned(), on: on.to_owned(), seconds, repeated, waits: waits.to_owned() }
}

/// In the order they are taken.
pub fn locks(scene: &Scene<'_>) -> Vec<PlanLock> {
    if scene.dialect.backend() == Backend::Sqlite { in_file(scene) } else { on_server(scene) }
}

impl Scene<'_> {
    fn back(&self) -> bool {
        self.targets.iter().any(|target| target.kind == JobKind::Dematerialize)
    }

    fn switching(&self) -> f64 {
        CUT_OVER + EACH * self.targets.len().saturating_sub(1) as f64
    }

    /// Seconds an index takes.
    fn index(&self) -> f64 {
        self.copying * outlook::index_share(self.dialect.backend())
    }

    /// Tables outside the job that get or lose a foreign key with it, or are referred to by one that comes or goes.
    fn neighbours(&self) -> Vec<String> {
        let tied = if self.back() { self.before } else { self.after };
        let ours = |entity: &Entity| self.targets.iter().any(|target| target.entity.id == entity.id);
        let ties = tied.relationships.iter().filter(|r| tied.both_dedicated(r));
        let ends = ties.filter_map(|r| Some([tied.entity(r.source).ok()?, tied.entity(r.target).ok()?]));
        let outside = ends.filter(|ends| ends.iter().any(|end| ours(end))).flatten().filter(|end| !ours(end));
        let mut tables: Vec<String> = outside.map(|entity| entity.table.clone()).collect();
        tables.sort();
        tables.dedup();
        tables
    }
}

fn in_file(scene: &Scene<'_>) -> Vec<PlanLock> {
    let held = ("RESERVED", "the whole file");
    let writers = "whoever writes; nobody who reads";
    let each = pace::AIM.as_secs_f64().min(f64::from(scene.records.min(scene.batch)) * 1e-5);
    let mut out = vec![lock(Phase::Create, held, CREATE, false, writers), lock(Phase::Copy, held, each, true, writers)];
    if scene.back() {
        out.push(lock(Phase::CutOver, held, scene.switching() + scene.copying * DROP, false, writers));
        return out;
    }
    out.push(lock(Phase::Verify, held, scene.index(), true, "whoever writes, while an index is made; nobody who reads"));
    out.push(lock(Phase::CutOver, held, scene.switching(), false, writers));
    out.push(if scene.foreseen.at_once {
        lock(Phase::CleanUp, held, scene.copying * AT_ONCE.0, false, writers)
    } else {
        lock(Phase::CleanUp, held, each, true, writers)
    });
    out
}

const SHARED: &str = "kdb_records";
const PAIRS: &str = "kdb_record_links";
const NOBODY_YET: &str = "nobody: the new tables are not in use yet";

fn on_server(scene: &Scene<'_>) -> Vec<PlanLock> {
    let names = scene.targets.iter().map(|t| t.entity.table.as_str()).chain(scene.foreseen.moving.iter().map(|m| m.table.as_str()));
    let names: Vec<&str> = names.collect();
    let (dedicated, back) = (names.join(", "), scene.back());
    let everybody = |phase, seconds| {
        lock(phase, ("EXCLUSIVE", "kdb_workspace"), seconds, false, "whoever writes records or edits the schema; nobody who reads")
    };
    // Where the records are read and written until the job cuts over.
    let mut sources: Vec<&str> = if back { names } else { vec![SHARED] };
    if !back && !scene.foreseen.moving.is_empty() {
        sources.push(PAIRS);
    }
    let source = sources.join(", ");
    let mut out = vec![
        everybody(Phase::Create, CREATE),
        lock(Phase::Create, ("SHARE ROW EXCLUSIVE", &source), CREATE, false, "whoever writes to it; nobody who reads"),
        lock(Phase::Copy, ("ACCESS SHARE", &source), pace::AIM_ASIDE.as_secs_f64(), true, "nobody"),
    ];
    if !back {
        out.push(lock(Phase::Verify, ("SHARE", &dedicated), scene.index(), true, NOBODY_YET));
    }
    let switching = scene.switching();
    out.push(everybody(Phase::CutOver, switching));
    out.extend(
        sources.iter().map(|on| lock(Phase::CutOver, ("ACCESS EXCLUSIVE", on), switching, false, "whoever reads it or writes to it")),
    );
    if !back {
        out.push(lock(Phase::CutOver, ("ACCESS EXCLUSIVE", &dedicated), switching, false, NOBODY_YET));
    }
    let (mode, waits) = if back {
        ("ACCESS EXCLUSIVE", "whoever reads it or writes to it")
    } else {
        ("SHARE ROW EXCLUSIVE", "whoever writes to it; nobody who reads")
    };
    out.extend(scene.neighbours().iter().map(|table| lock(Phase::CutOver, (mode, table), switching, false, waits)));
    if back {
        return out;
    }
    let keys: usize = scene.targets.iter().map(|t| tables::foreign_keys(scene.dialect, scene.after, &t.entity).len()).sum();
    let coming = keys + referring(scene).count();
    if coming > 0 {
        let seconds = f64::from(scene.records) * REFERENCE * coming as f64;
        let waits = "nobody: references are looked at while others read and write";
        out.push(lock(Phase::CutOver, ("SHARE UPDATE EXCLUSIVE", "tables with new foreign keys"), seconds, false, waits));
    }
    out.push(if scene.foreseen.at_once {
        let held = ("ACCESS EXCLUSIVE", "kdb_records, kdb_index_entries");
        lock(Phase::CleanUp, held, CREATE + scene.copying * AT_ONCE.1, false, "whoever reads or writes shared records")
    } else {
        lock(Phase::CleanUp, ("ROW EXCLUSIVE", SHARED), pace::AIM_ASIDE.as_secs_f64(), true, "nobody")
    });
    out
}

/// Foreign keys of others that come, and those of pairs.
fn referring<'a>(scene: &'a Scene<'_>) -> impl Iterator<Item = &'a Relationship> {
    let ours = |id| scene.targets.iter().any(|target| target.entity.id == id);
    let after = scene.after;
    after
        .relationships
        .iter()
        .filter(move |r| after.both_dedicated(r) && (r.is_many_to_many() || !ours(r.holder())) && (ours(r.source) || ours(r.target)))
}
