//! A copy that goes through: the same workspace, whichever databases.

use serde_json::{Value, json};
use std::collections::BTreeMap;
use stoneware_engine::{
    ErrorCode,
    model::{JobKind, JobStatus},
};
use stoneware_tests::{
    Database, Workspace,
    build::insert,
    cli::{Ran, Terminal, stoneware},
    data::shared,
    databases, outside,
};

use super::{copy, everything, lived_in, same, ways};

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_is_the_same_workspace_and_lives_on() {
    for (from, to) in ways() {
        let way = format!("{from:?} to {to:?}");
        let (source, person) = lived_in(from).await;
        let target = Workspace::on(to).await;
        let report = copy(&source.engine, &target.engine).await.unwrap();
        assert_eq!((report.entities, report.records, report.links, report.resumed), (3, 135, 90, false), "{way}");
        let before = everything(&source.engine).await;
        same(&everything(&target.engine).await, &before, &way);
        let jobs = target.engine.jobs().await.unwrap();
        assert_eq!((jobs[0].kind, jobs[0].status), (JobKind::Copy, JobStatus::Done), "{way}");
        assert_eq!(jobs[1].kind, JobKind::Materialize, "{way}: what was done before is told there too");
        if to == Database::Sqlite {
            outside::sound(&mut outside::open(&target.path).await).await;
        }
        // What was put away comes back: an entity, a relationship with its pairs, a field, a position, both storage modes.
        for step in 0..6 {
            let (a, b) = (source.engine.undo().await.unwrap(), target.engine.undo().await.unwrap());
            assert_eq!(a, b, "{way}, undo {step}");
            let when = format!("{way}, undo {step}: {}", a.description);
            same(&everything(&target.engine).await, &everything(&source.engine).await, &when);
        }
        // Index rows and unique indexes are there: a value that is taken is refused, a free one is not.
        let twice = target.engine.insert_record(person, stoneware_tests::data(json!({ "name": "P3" }))).await.unwrap_err();
        assert_eq!(twice.code, ErrorCode::UniqueViolation, "{way}");
        insert(&target.engine, person, json!({ "name": "P3 and a half" })).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn refusals_say_why_and_change_nothing() {
    for (from, to) in ways() {
        let (source, _) = lived_in(from).await;
        let target = Workspace::on(to).await;
        let refused = copy(&source.engine, &source.engine).await.unwrap_err();
        assert_eq!(refused.code, ErrorCode::InvalidInput);
        stoneware_tests::build::entity(&target.engine, "Mine", &["name:string"]).await;
        let before = everything(&target.engine).await;
        let refused = copy(&source.engine, &target.engine).await.unwrap_err();
        assert_eq!((refused.code, &refused.details["reason"]), (ErrorCode::InvalidInput, &json!("not_empty")));
        assert_eq!(refused.details["entities"], json!(["Mine"]));
        // Emptied by hand it still has a history of its own.
        target.engine.undo().await.unwrap();
        assert_eq!(copy(&source.engine, &target.engine).await.unwrap_err().details["reason"], "not_empty");
        target.engine.redo().await.unwrap();
        let after = everything(&target.engine).await;
        assert_eq!(after.last(), before.last());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_table_of_another_program_is_left_alone() {
    let Some(target) = Workspace::on_postgres().await else { return };
    let (source, person) = lived_in(Database::Sqlite).await;
    let table = source.engine.schema().await.unwrap().entity(person).unwrap().table.clone();
    outside::run_on_postgres(&target.location, &format!("CREATE TABLE {} (n integer)", outside::quoted(&table))).await;
    let refused = copy(&source.engine, &target.engine).await.unwrap_err();
    assert_eq!((refused.code, &refused.details["name"]), (ErrorCode::NameTaken, &json!(table)));
    assert!(target.engine.schema().await.unwrap().entities.is_empty(), "nothing was begun");
}

fn run(args: &[&str]) -> Ran {
    Ran::of(stoneware().arg("--json").args(args))
}

fn exports(t: &Terminal) -> BTreeMap<String, String> {
    let entities = t.json(&["entity", "list"]);
    let export = |e: &Value| {
        let name = e["name"].as_str().unwrap().to_owned();
        let out = t.run(&["record", "export", &name]);
        assert_eq!(out.status, 0, "{}", out.stderr);
        (name.clone(), format!("{}\n{}", t.json(&["entity", "show", &name]), out.stdout))
    };
    entities.as_array().unwrap().iter().map(export).collect()
}

/// By the command line, there and back again: byte for byte the same.
fn there_and_back(source: &Terminal) {
    let before = (exports(source), source.json(&["relationship", "list"]), source.json(&["changelog"]));
    let mut last = source.location.clone();
    for to in [databases().pop().unwrap(), Database::Sqlite] {
        let mut target = Terminal::bare();
        if to == Database::Postgres {
            target.location = stoneware_tests::cluster::cluster().unwrap().workspace();
        }
        let lines = run(&["copy", &last, &target.location]).lines();
        let done = lines.last().unwrap();
        let records: u64 = target.json(&["entity", "list"]).as_array().unwrap().iter().map(|e| e["records"].as_u64().unwrap()).sum();
        assert_eq!((&done["event"], done["records"].as_u64().unwrap()), (&json!("done"), records));
        assert_eq!(done["entities"], before.0.len());
        assert!(done["links"].is_u64() && done["seconds"].is_number(), "{done}");
        let step = lines.iter().find(|l| l["event"] == "progress" && l["phase"] == "copy" && l["total"] != 0).unwrap();
        assert!(step["entity"].is_string() && step["done"].is_u64() && step["rate"].is_u64(), "{step}");
        let now = (exports(&target), target.json(&["relationship", "list"]), target.json(&["changelog"]));
        for (name, text) in &before.0 {
            let difference = now.0[name].lines().zip(text.lines()).find(|(a, b)| a != b);
            assert!(now.0[name] == *text, "{name} on {to:?}: {difference:?}");
        }
        assert_eq!((now.1, now.2), (before.1.clone(), before.2.clone()), "on {to:?}");
        assert_eq!(run(&["copy", &last, &target.location]).error(1), "invalid_input", "it is done, and another workspace now");
        last.clone_from(&target.location);
        // The folder goes with the terminal.
        std::mem::forget(target);
    }
}

#[test]
fn the_sample_there_and_back() {
    let t = Terminal::bare();
    t.json(&["sample"]);
    t.lines(&["materialize", "Product", "Tag", "Order"]);
    there_and_back(&t);
}

#[test]
fn chinook_and_sakila_there_and_back() {
    for file in ["data/chinook/Chinook_Sqlite.sqlite", "data/sakila/sakila.sqlite"] {
        let Some(file) = shared(file) else { return };
        let t = Terminal::new();
        t.json(&["import".as_ref(), file.as_os_str()]);
        let entities = t.json(&["entity", "list"]);
        let mut args = vec!["materialize"];
        // Every other one, so that both modes and what lies between them are carried.
        args.extend(entities.as_array().unwrap().iter().step_by(2).map(|e| e["name"].as_str().unwrap()));
        t.lines(&args);
        there_and_back(&t);
    }
}

#[test]
fn wrong_usage_is_told() {
    let t = Terminal::new();
    assert_eq!(run(&["copy", &t.location]).error(2), "invalid_input");
    assert_eq!(run(&["copy", "/nowhere/x.db", &t.location]).error(1), "not_a_workspace");
    assert_eq!(run(&["copy", &t.location, &t.location]).error(1), "invalid_input");
}
