//! Values that do not fit: listed, settled, carried back.

use serde_json::{Value, json};
use stoneware_engine::{
    Engine, ErrorCode,
    model::{EntityId, JobStatus, MaterializeOptions, OnInvalid, ReferentialAction},
};
use stoneware_tests::{
    Workspace,
    build::{entity, field, insert, many_to_one},
    data, dematerialize, on_each,
    outside::{self, change},
};

async fn run(engine: &Engine, entity: EntityId, on_invalid: OnInvalid) -> stoneware_engine::model::Job {
    let options = MaterializeOptions { on_invalid, ..MaterializeOptions::default() };
    let job = engine.start_materialize(vec![entity], options).await.unwrap();
    engine.wait_job(job.id).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_kind_of_misfit_is_found_and_can_be_settled() {
    let w = Workspace::new().await;
    let engine = &w.engine;
    let fields =
        ["s:string", "i:integer", "f:float", "c:decimal:precision=10,scale=2", "b:bool", "day:date", "at:datetime", "u:uuid", "x:binary"];
    let t = entity(engine, "T", &fields).await;
    let misfits = [
        ("s", json!(5)),
        ("s", json!(["a"])),
        ("i", json!("n/a")),
        ("i", json!(true)),
        ("i", json!(1.5)),
        ("f", json!("much")),
        ("c", json!("1.005")),
        ("c", json!("123456789.00")),
        ("b", json!(1)),
        ("day", json!("2026-02-30")),
        ("at", json!("yesterday")),
        ("u", json!("no uuid")),
        ("x", json!("xyz")),
    ];
    // These are only written otherwise than we would: they are converted.
    let convertible = [
        ("i", json!("7"), json!(7)),
        ("c", json!("7"), json!("7.00")),
        ("day", json!(" 2026-01-31 "), json!("2026-01-31")),
        ("x", json!("FF"), json!("ff")),
    ];
    let fine = insert(engine, t, json!({ "s": "fine", "i": 0, "f": 5e-324, "c": "-0.50", "b": true })).await;
    let mut written = vec![];
    for (field, value) in misfits.iter().cloned().chain(convertible.iter().map(|(f, v, _)| (*f, v.clone()))) {
        let record = insert(engine, t, json!({ "s": "x" })).await;
        let statement = "UPDATE kdb_records SET data = json_set(data, '$.' || ?, json(?)) WHERE id = ?";
        change(&w.path, statement, &[field.to_owned(), value.to_string(), record.id.to_string()]).await;
        written.push((record.id, field, value));
    }
    let before = w.exports().await;

    let plan = engine.materialize_plan(vec![t], MaterializeOptions::default()).await.unwrap();
    let listed: Vec<(&str, &Value)> = plan.problems.iter().map(|p| (p.field.as_str(), &p.value)).collect();
    assert_eq!(listed, misfits.iter().map(|(f, v)| (*f, v)).collect::<Vec<_>>(), "just those that do not fit, in order");
    let error = run(engine, t, OnInvalid::Abort).await.error.unwrap();
    assert_eq!((error.code, &error.details["problem_count"]), (ErrorCode::InvalidValues, &json!(misfits.len())));
    assert_eq!(w.exports().await, before);

    let job = run(engine, t, OnInvalid::Keep).await;
    assert_eq!((job.status, job.reports[0].kept_aside as usize), (JobStatus::Done, misfits.len()), "{:?}", job.error);
    for (id, field, value) in &written {
        let record = engine.record(t, *id).await.unwrap();
        let converted = convertible.iter().find(|(f, v, _)| f == field && v == value).map(|(.., c)| c);
        assert_eq!(record.data[*field], *converted.unwrap_or(value), "{field}");
        assert_eq!(record.problems.contains_key(*field), converted.is_none(), "{field}: shown with a warning");
    }
    assert_eq!(engine.record(t, fine.id).await.unwrap().data, fine.data, "the smallest float to the last digit");
    let kept = w.exports().await;
    engine.drop_entity(t).await.unwrap();
    engine.undo().await.unwrap();
    assert_eq!(w.exports().await, kept, "dropped and brought back, what was aside is aside again");
    assert!(engine.schema().await.unwrap().entity(t).unwrap().is_dedicated());
    dematerialize(engine, vec![t]).await;
    for (id, field, value) in &written[..misfits.len()] {
        assert_eq!(engine.record(t, *id).await.unwrap().data[*field], *value, "{field}: back as it was");
    }
    assert_eq!(engine.record(t, fine.id).await.unwrap().data, fine.data);

    let job = run(engine, t, OnInvalid::Null).await;
    assert_eq!((job.status, job.reports[0].nulled as usize), (JobStatus::Done, misfits.len()), "{:?}", job.error);
    for (id, field, _) in &written[..misfits.len()] {
        assert_eq!(engine.record(t, *id).await.unwrap().data[*field], Value::Null);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_plain_sql_broke_is_listed_too() {
    let w = Workspace::new().await;
    let engine = &w.engine;
    let p = entity(engine, "P", &["name:string"]).await;
    let c = entity(engine, "C", &["s:string:required", "n:integer:unique,required"]).await;
    many_to_one(engine, c, "parent", p, ReferentialAction::SetNull).await;
    let parent = insert(engine, p, json!({ "name": "p" })).await;
    let mut ids = vec![];
    for n in 0..4 {
        ids.push(insert(engine, c, json!({ "s": "x", "n": n, "parent": parent.id })).await.id.to_string());
    }
    let storage = engine.schema().await.unwrap().relationships[0].storage.clone();
    change(
        &w.path,
        "UPDATE kdb_records SET data = json_set(data, '$.\"' || ? || '\"', ?) WHERE id = ?",
        &[storage, "0192f0c1-7d2e-7abc-8def-0123456789ab".to_owned(), ids[0].clone()],
    )
    .await;
    let options = MaterializeOptions::default();
    let plan = engine.materialize_plan(vec![c], options.clone()).await.unwrap();
    assert_eq!(plan.problem_count, 1, "a reference to nothing: {:?}", plan.problems);
    assert_eq!(run(engine, c, OnInvalid::Abort).await.error.unwrap().code, ErrorCode::InvalidValues);
    let job = run(engine, c, OnInvalid::Keep).await;
    assert_eq!((job.status, job.reports[0].kept_aside), (JobStatus::Done, 1), "{:?}", job.error);
    dematerialize(engine, vec![c]).await;
    change(&w.path, "UPDATE kdb_records SET data = json_set(data, '$.n', 3) WHERE id = ?", &[ids[1].clone()]).await;
    let plan = engine.materialize_plan(vec![c], options.clone()).await.unwrap();
    assert_eq!(plan.problem_count, 2, "and a value that stands twice: {:?}", plan.problems);
    assert_eq!(
        run(engine, c, OnInvalid::Null).await.error.unwrap().code,
        ErrorCode::InvalidValues,
        "which of the two is right, nobody knows"
    );
    change(&w.path, "UPDATE kdb_records SET data = json_set(json_remove(data, '$.s'), '$.n', 1) WHERE id = ?", &[ids[1].clone()]).await;
    assert_eq!(run(engine, c, OnInvalid::Keep).await.error.unwrap().code, ErrorCode::InvalidValues, "a required value cannot be left out");
    assert!(!engine.schema().await.unwrap().entity(c).unwrap().is_dedicated());
}

/// Words a database takes for values of a type, and numbers it would round: none of them slips into a column, in no database.
#[tokio::test(flavor = "multi_thread")]
async fn what_only_a_database_takes_for_a_value_is_kept_aside() {
    let words = [
        "NaN",
        "Infinity",
        "-Infinity",
        "today",
        "infinity",
        "2026-1-5",
        "epoch",
        "now",
        "12.345",
        "{0192f0c1-7d2e-7abc-8def-0123456789ab}",
    ];
    let types = ["decimal:precision=6,scale=2", "decimal", "float", "date", "datetime", "uuid", "integer", "bool"];
    let mut kept = vec![];
    for database in stoneware_tests::databases() {
        let w = Workspace::on(database).await;
        let fields: Vec<String> = (0..types.len()).map(|i| format!("f{i}:string")).collect();
        let a = entity(&w.engine, "A", &fields.iter().map(String::as_str).collect::<Vec<_>>()).await;
        for word in words {
            let values: serde_json::Map<String, serde_json::Value> = (0..types.len()).map(|i| (format!("f{i}"), json!(word))).collect();
            insert(&w.engine, a, values.into()).await;
        }
        for (i, kind) in types.iter().enumerate() {
            let id = w.engine.schema().await.unwrap().entity(a).unwrap().fields[i].id;
            w.engine.update_field(a, id, field(&format!("f{i}:{kind}"))).await.unwrap();
        }
        let before = w.exports().await;
        let options = MaterializeOptions { on_invalid: OnInvalid::Keep, ..MaterializeOptions::default() };
        let job = w.engine.start_materialize(vec![a], options).await.unwrap();
        let job = w.engine.wait_job(job.id).await.unwrap();
        assert_eq!(job.status, JobStatus::Done, "{database:?}: {:?}", job.error);
        let data =
            |all: Vec<(String, String)>| all[0].1.lines().map(|l| l.split("\"data\"").nth(1).unwrap().to_owned()).collect::<Vec<_>>();
        assert_eq!(w.exports().await, before, "{database:?}");
        kept.push((job.reports[0].kept_aside, data(before)));
    }
    assert!(kept[0].0 > 60, "most of them fit nowhere: {}", kept[0].0);
    assert!(kept.iter().all(|k| *k == kept[0]), "the same in each database: {kept:?}");
}

/// Each of these the database itself would take for a value, alone among good ones: no batch fails because of it.
#[tokio::test(flavor = "multi_thread")]
async fn what_a_database_takes_and_we_do_not_is_found_among_good_values() {
    let odd = [
        ("date", "2026-01-31", "infinity"),
        ("date", "2026-01-31", "20000-01-01"),
        ("datetime", "2026-01-31T10:00:00Z", "infinity"),
        ("datetime", "2026-01-31T10:00:00Z", "20000-01-01T00:00:00Z"),
        ("decimal", "1.50", "NaN"),
        ("decimal", "1.50", "Infinity"),
        ("float", "1.5", "NaN"),
        ("float", "1.5", "-Infinity"),
        ("bool", "true", "yes"),
    ];
    for database in stoneware_tests::databases() {
        for (kind, good, bad) in odd {
            let w = Workspace::on(database).await;
            let a = entity(&w.engine, "A", &["f:string"]).await;
            for value in [good, good, bad, good] {
                insert(&w.engine, a, json!({ "f": value })).await;
            }
            let f = w.engine.schema().await.unwrap().entity(a).unwrap().fields[0].id;
            w.engine.update_field(a, f, field(&format!("f:{kind}"))).await.unwrap();
            let before = w.exports().await;
            let refused = run(&w.engine, a, OnInvalid::Abort).await;
            let error = refused.error.unwrap();
            assert_eq!((error.code, &error.details["problem_count"]), (ErrorCode::InvalidValues, &json!(1)), "{database:?} {kind} {bad}");
            assert_eq!(error.details["problems"][0]["value"], json!(bad), "{database:?} {kind}");
            let kept = run(&w.engine, a, OnInvalid::Keep).await;
            assert_eq!((kept.status, kept.reports[0].kept_aside), (JobStatus::Done, 1), "{database:?} {kind} {bad}");
            assert_eq!(w.exports().await, before, "{database:?} {kind} {bad}");
        }
    }
}

/// Redo does with values that do not fit what was done at first; so does the undo of a way back with those that had been kept aside.
#[tokio::test(flavor = "multi_thread")]
async fn undo_and_redo_settle_values_as_the_job_did() {
    on_each(async |w| {
        let engine = &w.engine;
        let t = entity(engine, "T", &["n:string"]).await;
        let mut ids = vec![];
        for value in ["1", "none", "3"] {
            ids.push(insert(engine, t, json!({ "n": value })).await.id);
        }
        let field_id = engine.schema().await.unwrap().entity(t).unwrap().fields[0].id;
        let n = engine.update_field(t, field_id, field("n:integer")).await.unwrap().storage;
        let values = async || {
            let page = engine.list_records(t, Default::default()).await.unwrap();
            page.records.iter().map(|r| (r.data["n"].clone(), r.problems.len())).collect::<Vec<_>>()
        };
        let mixed = [(json!(1), 0), (json!("none"), 1), (json!(3), 0)];
        assert_eq!(run(engine, t, OnInvalid::Keep).await.status, JobStatus::Done);
        for dedicated in [false, true, false, true] {
            drop(if dedicated { engine.redo().await } else { engine.undo().await }.unwrap());
            assert_eq!(engine.schema().await.unwrap().entity(t).unwrap().is_dedicated(), dedicated);
            assert_eq!(values().await, mixed, "{dedicated}");
        }
        assert_eq!(engine.jobs().await.unwrap()[0].reports[0].kept_aside, 1);
        dematerialize(engine, vec![t]).await;
        for dedicated in [true, false, true] {
            drop(if dedicated { engine.undo().await } else { engine.redo().await }.unwrap());
            assert_eq!(values().await, mixed, "the way back, {dedicated}");
        }
        dematerialize(engine, vec![t]).await;

        assert_eq!(run(engine, t, OnInvalid::Null).await.status, JobStatus::Done);
        let nulled = [(json!(1), 0), (json!(null), 0), (json!(3), 0)];
        for dedicated in [false, true] {
            drop(if dedicated { engine.redo().await } else { engine.undo().await }.unwrap());
            assert_eq!(values().await, nulled, "what was made null is gone, {dedicated}");
        }
        engine.undo().await.unwrap();
        outside::set(&w, ids[0], &n, &json!("again")).await;
        engine.redo().await.unwrap();
        assert_eq!(values().await, [(json!(null), 0), (json!(null), 0), (json!(3), 0)]);
    })
    .await;
}

/// An entry of the changelog as earlier versions wrote it: it says nothing of such values, and aborts as it did there.
#[tokio::test(flavor = "multi_thread")]
async fn an_older_entry_is_redone_as_it_was() {
    on_each(async |w| {
        let engine = &w.engine;
        let t = entity(engine, "T", &["n:integer"]).await;
        let record = insert(engine, t, json!({ "n": 1 })).await.id;
        let n = engine.schema().await.unwrap().entity(t).unwrap().fields[0].storage.clone();
        assert_eq!(run(engine, t, OnInvalid::Keep).await.status, JobStatus::Done);
        engine.undo().await.unwrap();
        let older = format!(r#"UPDATE kdb_schema_changelog SET up = '[{{"op":"materialize","entities":["{t}"]}}]' WHERE state = 'undone'"#);
        outside::run(&w, &older).await;
        engine.redo().await.unwrap();
        engine.undo().await.unwrap();
        outside::set(&w, record, &n, &json!("none")).await;
        assert_eq!(engine.redo().await.unwrap_err().code, ErrorCode::InvalidValues);
        engine.update_record(t, record, data(json!({ "n": 2 })), None).await.unwrap();
        engine.redo().await.unwrap();
        assert_eq!(engine.record(t, record).await.unwrap().data["n"], 2);
    })
    .await;
}
