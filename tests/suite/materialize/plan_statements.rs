//! What the plan of a job lists is what runs, statement for statement, and the locks it tells are those it takes.

use regex_lite::Regex;
use serde_json::json;
use stoneware_engine::model::{EntityId, JobKind, MaterializeOptions, MaterializePlan, OnInvalid, Phase, ReferentialAction};
use stoneware_tests::{
    Database, Workspace,
    build::{entity, insert, many_to_many, many_to_one},
    databases, dematerialize, materialize,
    outside::{anatomy, run},
};

use crate::edit_plan::{statements::locks_of, witness::Witness};

struct Case {
    w: Workspace,
    both: Vec<EntityId>,
    /// Has a table of its own, and refers to one of them.
    outside: EntityId,
}

/// Entities that refer to each other and to themselves, with values of many kinds, pairs, and a table outside that refers to one of them.
async fn case(database: Database) -> Case {
    let w = Workspace::to_copy(database).await;
    let engine = &w.engine;
    let maker = entity(engine, "Maker", &["name:string:required", "code:string:unique", "since:date:default=2024-02-29"]).await;
    let fields = ["name:string", "size:integer:indexed", "weight:float:indexed", "price:decimal:default=1.50", "note:json"];
    let part = entity(engine, "Part \"x\"", &fields).await;
    let outside = entity(engine, "Note", &["text:string"]).await;
    many_to_one(engine, part, "maker", maker, ReferentialAction::Restrict).await;
    many_to_one(engine, part, "whole", part, ReferentialAction::SetNull).await;
    many_to_one(engine, maker, "best", part, ReferentialAction::SetNull).await;
    many_to_one(engine, outside, "about", maker, ReferentialAction::Restrict).await;
    many_to_one(engine, outside, "instead_of", maker, ReferentialAction::Cascade).await;
    many_to_many(engine, part, "fits", maker).await;
    let m = insert(engine, maker, json!({ "name": "m", "code": "c" })).await;
    for i in 0..5 {
        let record = json!({ "name": format!("p{i}"), "size": i, "weight": 1.5, "maker": m.id });
        let p = insert(engine, part, record).await;
        if i == 0 {
            insert(engine, outside, json!({ "text": "t", "about": m.id })).await;
            let fits = engine.schema().await.unwrap().relationships.iter().find(|r| r.name == "fits").unwrap().id;
            engine.add_links(fits, part, p.id, vec![m.id], None).await.unwrap();
        }
    }
    materialize(engine, vec![outside]).await;
    Case { w, both: vec![part, maker], outside }
}

/// Ids, moments and the numbers of versions are others each time.
fn alike(statement: &str) -> String {
    let differing = [
        (r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", "ID"),
        (r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+Z", "NOW"),
        (r"[0-9a-f]{32}_", "JOB_"),
        (r"schema_version = [0-9]+", "schema_version = N"),
    ];
    differing.iter().fold(statement.to_owned(), |text, (pattern, to)| Regex::new(pattern).unwrap().replace_all(&text, *to).into_owned())
}

/// Whether it runs in a connection of its own, and the statement; none where it only looks.
fn planned(statement: &str) -> Option<(bool, String)> {
    match statement.split_once('\n') {
        Some((mark, _)) if mark.starts_with("-- compares") => None,
        Some((mark, rest)) if mark.starts_with("-- ") => Some((mark.starts_with("-- once"), alike(rest))),
        _ => Some((false, alike(statement))),
    }
}

/// Indexes are made, and pages of two tables walked, several at once, so that one may come before another or after it.
fn in_order(statements: impl Iterator<Item = (bool, String)>) -> Vec<(bool, String)> {
    let mut out: Vec<(bool, String)> = statements.collect();
    let marks = ["CREATE INDEX", "CREATE UNIQUE", "WHERE ctid"];
    let aside = |one: &(bool, String)| marks.iter().any(|mark| one.1.contains(mark));
    for run in out.chunk_by_mut(|a, b| aside(a) && aside(b)) {
        run.sort();
    }
    out
}

/// A job's own row and how a query is looked for are not told.
fn of_the_job(statement: &str) -> bool {
    statement.contains("kdb_jobs") || statement.starts_with("SET LOCAL enable_sort")
}

async fn same(case: &Case, kind: JobKind, on_invalid: OnInvalid) -> MaterializePlan {
    let engine = &case.w.engine;
    let options = MaterializeOptions { on_invalid, ..MaterializeOptions::default() };
    let before = anatomy(&case.w.location).await;
    let plan = match kind {
        JobKind::Dematerialize => engine.dematerialize_plan(case.both.clone(), options.clone()).await.unwrap(),
        _ => engine.materialize_plan(case.both.clone(), options.clone()).await.unwrap(),
    };
    assert_eq!(anatomy(&case.w.location).await, before, "{kind:?}: the plan changed something");
    let witness = Witness::default();
    let guard = witness.listen();
    let job = match kind {
        JobKind::Dematerialize => engine.start_dematerialize(case.both.clone(), options).await.unwrap(),
        _ => engine.start_materialize(case.both.clone(), options).await.unwrap(),
    };
    let job = engine.wait_job(job.id).await.unwrap();
    drop(guard);
    assert_eq!(job.error, None);
    let ran = witness.heard().into_iter().filter(|heard| !of_the_job(&heard.statement)).map(|h| (h.beside, alike(&h.statement)));
    let told = plan.statements.iter().filter_map(|statement| planned(statement));
    let (told, ran) = (in_order(told), in_order(ran));
    let at = told.iter().zip(&ran).take_while(|(told, ran)| told == ran).count();
    assert!(
        told == ran,
        "{kind:?}, {on_invalid:?}: told {:#?}\nran {:#?}",
        told.get(at..told.len().min(at + 3)),
        ran.get(at..ran.len().min(at + 3))
    );
    assert!(plan.estimate_s > 0.0 && plan.disk.table_bytes > 0.0 && plan.records == 6 && plan.links == 1, "{plan:?}");
    plan
}

#[tokio::test]
async fn what_is_planned_is_what_runs() {
    for database in databases() {
        let case = case(database).await;
        for on_invalid in [OnInvalid::Abort, OnInvalid::Null, OnInvalid::Keep] {
            same(&case, JobKind::Materialize, on_invalid).await;
            same(&case, JobKind::Dematerialize, on_invalid).await;
        }
        // Beside another entity's records the old rows go batch by batch.
        dematerialize(&case.w.engine, vec![case.outside]).await;
        same(&case, JobKind::Materialize, OnInvalid::Abort).await;
        same(&case, JobKind::Dematerialize, OnInvalid::Abort).await;
    }
}

/// Run by hand as far as the switch, the statements of that step hold the locks the plan tells.
#[tokio::test]
async fn the_locks_are_those_it_takes() {
    for database in databases().into_iter().filter(|database| *database == Database::Postgres) {
        let case = case(database).await;
        let engine = &case.w.engine;
        let options = MaterializeOptions::default();
        let plan = engine.materialize_plan(case.both.clone(), options.clone()).await.unwrap();
        by_hand(&case, &plan, &["kdb_maker", "kdb_part_x", "kdb_part_x_fits"]).await;

        let case = self::case(database).await;
        materialize(&case.w.engine, case.both.clone()).await;
        let plan = case.w.engine.dematerialize_plan(case.both.clone(), options).await.unwrap();
        by_hand(&case, &plan, &[]).await;
    }
}

/// `new`: tables nobody can be at.
async fn by_hand(case: &Case, plan: &MaterializePlan, new: &[&str]) {
    let bare: Vec<&str> = plan.statements.iter().map(|s| if s.starts_with("-- ") { s.split_once('\n').unwrap().1 } else { s }).collect();
    let begin = bare.iter().position(|s| s.starts_with("LOCK TABLE")).unwrap();
    let end = bare.iter().position(|s| s.starts_with("INSERT INTO \"kdb_schema_changelog\"")).unwrap();
    for statement in bare[..begin].iter().filter(|s| !s.contains("SAVEPOINT")) {
        run(&case.w, statement).await;
    }
    // A table that is gone is in no list: what leads to it locks it as much.
    let within: Vec<String> = bare[begin..end].iter().filter(|s| !s.starts_with("DROP TABLE")).map(|s| (*s).to_owned()).collect();
    let taken = locks_of(&case.w.location, &within).await;
    let told = plan.locks.iter().filter(|l| l.phase == Phase::CutOver && !l.on.contains(' ') && l.on != "kdb_workspace");
    let mut told: Vec<(String, String)> = told.map(|l| (l.on.clone(), l.lock.clone())).collect();
    told.sort();
    let taken: Vec<(String, String)> = taken.into_iter().filter(|(table, _)| !new.contains(&table.as_str())).collect();
    assert_eq!(told, taken);
    let everybody = |phase| plan.locks.iter().any(|l| l.phase == phase && l.on == "kdb_workspace" && l.lock == "EXCLUSIVE");
    assert!(everybody(Phase::Create) && everybody(Phase::CutOver), "{:?}", plan.locks);
}
