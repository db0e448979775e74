//! One value in a hundred does not fit its type: the plan lists just those, and abort, null and keep do what they say.
//!
//! `STONEWARE_DIRTY_RECORDS=200000` for the full run.

use serde_json::{Value, json};
use std::{
    collections::{BTreeMap, BTreeSet},
    fs::File,
    path::Path,
    process::Command,
};
use stoneware_engine::{
    Engine, ErrorCode,
    model::{EntityId, Job, JobStatus, MaterializeOptions, OnInvalid},
};
use stoneware_tests::{
    Workspace,
    build::entity,
    data::{CONTACT_FIELDS, contact, shared},
    databases, dematerialize, setting,
};
use tokio_util::sync::CancellationToken;

/// Line of the file, field, and the value as JSON.
type Bad = BTreeSet<(usize, String, String)>;

/// By nothing but the words of the field types.
fn fits(field: &str, value: &Value) -> bool {
    let text = value.as_str();
    match field {
        _ if value.is_null() => true,
        "email" | "name" | "notes" => text.is_some(),
        // Zero is an integer however it is written.
        "age" => value.is_i64() || value.as_f64() == Some(0.0) || text.is_some_and(|text| text.parse::<i64>().is_ok()),
        "balance" => value.as_f64().or_else(|| text.and_then(|text| text.parse().ok())).is_some_and(|n: f64| n.abs() < 1e13),
        "active" => value.is_boolean(),
        "joined" => text.is_some_and(|text| text.len() == 10 && text != "2026-02-30" && text.starts_with("20")),
        "tags" => true,
        other => panic!("{other}"),
    }
}

/// Those in a file of records.
fn bad(file: &Path) -> Bad {
    let text = std::fs::read_to_string(file).unwrap();
    let mut bad = Bad::new();
    for (i, line) in text.lines().enumerate() {
        let record: BTreeMap<String, Value> = serde_json::from_str(line).unwrap();
        // A zero has no sign wherever it is kept.
        let shown = |value: &Value| if value.as_f64() == Some(0.0) { "0.0".to_owned() } else { value.to_string() };
        bad.extend(record.iter().filter(|(field, value)| !fits(field, value)).map(|(field, value)| (i, field.clone(), shown(value))));
    }
    bad
}

async fn export(engine: &Engine, entity: EntityId) -> String {
    let mut out = vec![];
    engine.export_ndjson(entity, &mut out).await.unwrap();
    String::from_utf8(out).unwrap()
}

async fn run(engine: &Engine, entity: EntityId, on_invalid: OnInvalid) -> Job {
    let options = MaterializeOptions { on_invalid, ..MaterializeOptions::default() };
    let job = engine.start_materialize(vec![entity], options).await.unwrap();
    engine.wait_job(job.id).await.unwrap()
}

#[track_caller]
fn same(now: &str, before: &str, when: &str) {
    let difference = now.lines().zip(before.lines()).find(|(a, b)| a != b);
    assert!(now == before, "{when}: {difference:?}");
}

async fn settled_in_each_way(file: &Path) {
    let expected = bad(file);
    for database in databases() {
        let w = Workspace::on(database).await;
        let engine = &w.engine;
        // Unique, two values that do not fit would be in each other's way.
        let fields = CONTACT_FIELDS.map(|field| field.replace(":required,unique", "").replace("required,", ""));
        let e = entity(engine, "Contact", &fields.each_ref().map(String::as_str)).await;
        engine.import_ndjson(file, "Contact", &|_| (), &CancellationToken::new()).await.unwrap();
        let before = export(engine, e).await;
        // Records come out in the order they came in.
        let ids: BTreeMap<String, usize> = before
            .lines()
            .enumerate()
            .map(|(i, line)| (serde_json::from_str::<Value>(line).unwrap()["id"].as_str().unwrap().to_owned(), i))
            .collect();

        let options = MaterializeOptions::default();
        let plan = engine.materialize_plan(vec![e], options.clone()).await.unwrap();
        assert_eq!(plan.problem_count as usize, expected.len(), "{database:?}");
        let (mut listed, mut count, mut after) = (Bad::new(), 0, None);
        loop {
            let page = engine.materialize_problems(vec![e], options.clone(), after, 500).await.unwrap();
            count += page.problems.len();
            listed.extend(page.problems.into_iter().map(|p| (ids[&p.record.to_string()], p.field, p.value.to_string())));
            after = page.next;
            if after.is_none() {
                break;
            }
        }
        let (more, less): (Vec<_>, Vec<_>) = (listed.difference(&expected).collect(), expected.difference(&listed).collect());
        assert!(more.is_empty() && less.is_empty() && count == expected.len(), "{database:?}: too much {more:?}, missing {less:?}");

        let aborted = run(engine, e, OnInvalid::Abort).await;
        let error = aborted.error.unwrap();
        assert_eq!((aborted.status, error.code), (JobStatus::Failed, ErrorCode::InvalidValues));
        assert_eq!(error.details["problem_count"], json!(expected.len()));
        same(&export(engine, e).await, &before, "after an abort");
        assert!(!engine.schema().await.unwrap().entity(e).unwrap().is_dedicated());

        let kept = run(engine, e, OnInvalid::Keep).await;
        assert_eq!((kept.status, kept.reports[0].kept_aside as usize), (JobStatus::Done, expected.len()), "{:?}", kept.error);
        same(&export(engine, e).await, &before, "kept aside");
        dematerialize(engine, vec![e]).await;
        same(&export(engine, e).await, &before, "kept and brought back");

        let nulled = run(engine, e, OnInvalid::Null).await;
        assert_eq!((nulled.status, nulled.reports[0].nulled as usize), (JobStatus::Done, expected.len()), "{:?}", nulled.error);
        let mut wanted: Vec<Value> = before.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        for (line, field, _) in &expected {
            wanted[*line]["data"][field] = Value::Null;
        }
        for (line, wanted) in export(engine, e).await.lines().zip(&wanted) {
            assert_eq!(serde_json::from_str::<Value>(line).unwrap(), *wanted, "just those are null");
        }
        eprintln!(
            "{database:?}: {} of {} values did not fit, and were found, kept, brought back and set to null",
            expected.len(),
            ids.len() * 8
        );
    }
}

/// What `make_records.py` calls dirty.
fn dirt(i: usize) -> Value {
    let all = [
        json!("n/a"),
        json!(""),
        json!("2026-02-30"),
        json!("x".repeat(5000)),
        json!("🙂"),
        Value::Null,
        json!(1e308),
        json!(-0.0),
        json!([1]),
        json!({ "a": 1 }),
    ];
    all[i % all.len()].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_dirt_in_every_field() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("contacts.ndjson");
    let fields: Vec<String> = contact(0).as_object().unwrap().keys().cloned().collect();
    let lines = (0..1_000).map(|i| {
        let mut record = contact(i);
        // A good one between two bad ones, and each kind of dirt in each field.
        if i % 3 == 0 && (i as usize / 3) < fields.len() * 10 {
            record[&fields[i as usize / 3 % fields.len()]] = dirt(i as usize / 3 / fields.len());
        }
        format!("{record}\n")
    });
    std::fs::write(&file, lines.collect::<String>()).unwrap();
    assert!(bad(&file).len() > 45, "most of them fit nowhere");
    settled_in_each_way(&file).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_value_in_a_hundred() {
    let Some(script) = shared("tools/make_records.py") else { return };
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("contacts.ndjson");
    let count = setting("STONEWARE_DIRTY_RECORDS", 5_000).to_string();
    let mut make = Command::new("python3");
    make.arg(script).args(["contact", &count, "--dirty", "0.01"]).stdout(File::create(&file).unwrap());
    assert!(make.status().unwrap().success());
    settled_in_each_way(&file).await;
}
