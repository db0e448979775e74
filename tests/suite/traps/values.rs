//! Values that others lose a digit, a byte or a year of. Each goes through shared, dedicated and back, unchanged.

use serde_json::{Value, json};
use stoneware_engine::{
    ErrorCode,
    model::{ListRequest, MaterializeOptions, OnInvalid, wire},
};
use stoneware_tests::{
    build::{entity, field, insert},
    data, dematerialize, materialize, on_each,
};

#[tokio::test(flavor = "multi_thread")]
async fn every_value_survives_materialize_and_back() {
    on_each(async |w| {
        let engine = &w.engine;
        let big = "ß".repeat(1 << 19);
        let values: Vec<(&str, Vec<Value>)> = vec![
            (
                "s:string",
                vec![
                    json!(""),
                    json!(" "),
                    json!("null"),
                    json!("0"),
                    json!("é\u{301}\u{200d}🙂"),
                    json!("\u{feff}x"),
                    json!("a\tb\r\n"),
                    json!(big),
                    json!("'\"\\"),
                ],
            ),
            (
                "i:integer",
                vec![json!(i64::MAX), json!(i64::MIN), json!(0), json!(9_007_199_254_740_993_i64), json!(-9_007_199_254_740_993_i64)],
            ),
            (
                "f:float",
                vec![
                    json!(0.1),
                    json!(1e308),
                    json!(5e-324),
                    json!(-1.5),
                    json!(0.0),
                    json!(1e16),
                    json!(123_456_789.123_456_78),
                    json!(3.0),
                ],
            ),
            (
                "d:decimal",
                vec![
                    json!("0.10"),
                    json!("123456789012345678901234567890.000000000000000000001"),
                    json!("-0.000"),
                    json!("1e2"),
                    json!("9007199254740993"),
                    json!("0.1000000000000000055"),
                ],
            ),
            (
                "c:currency:precision=15,scale=2",
                vec![json!("0.10"), json!("9999999999999.99"), json!("-9999999999999.99"), json!(0.29), json!("1")],
            ),
            ("c4:decimal:precision=38,scale=10", vec![json!("9999999999999999999999999999.9999999999"), json!("0.0000000001")]),
            ("p:percentage", vec![json!("12.5"), json!("100")]),
            ("b:bool", vec![json!(true), json!(false)]),
            ("day:date", vec![json!("0000-01-01"), json!("0001-01-01"), json!("9999-12-31"), json!("2024-02-29")]),
            (
                "at:datetime",
                vec![
                    json!("0000-01-01T00:00:00Z"),
                    json!("9999-12-31T23:59:59.999999Z"),
                    json!("2026-03-29T01:30:00+02:00"),
                    json!("2026-01-01T00:00:00.1Z"),
                ],
            ),
            ("u:uuid", vec![json!("00000000-0000-0000-0000-000000000000"), json!("FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF")]),
            (
                "j:json",
                vec![
                    json!({"b": [1, null, 1.5, "x"], "a": {"": 9_007_199_254_740_993_i64}}),
                    json!([]),
                    json!({}),
                    json!(""),
                    json!(false),
                    json!(0),
                    json!("null"),
                    json!(1e100),
                ],
            ),
            ("x:binary", vec![json!(""), json!("00"), json!("ff00ff"), json!("00".repeat(4096))]),
            ("m:multiselect", vec![json!([]), json!(["a"]), json!(["b", "a", ""])]),
            ("file:file", vec![json!({"name": "a.txt", "size": 3})]),
            ("e:email", vec![json!("é@example.com")]),
        ];
        let specs: Vec<&str> = values.iter().map(|(spec, _)| *spec).collect();
        let t = entity(engine, "T", &specs).await;
        let mut written = Vec::new();
        for (spec, values) in &values {
            let name = spec.split(':').next().unwrap();
            for value in values {
                let record = insert(engine, t, json!({ name: value })).await;
                written.push((name, value.clone(), record));
            }
        }
        let before = w.exports().await;
        for (name, value, record) in &written {
            assert_eq!(
                engine.record(t, record.id).await.unwrap().data[*name],
                record.data[*name],
                "{name} {value}: read as it was written"
            );
        }
        materialize(engine, vec![t]).await;
        for (name, value, record) in &written {
            assert_eq!(engine.record(t, record.id).await.unwrap(), *record, "{name} {value}, dedicated");
        }
        assert_eq!(w.exports().await, before);
        // Written while dedicated, the answer is the same too.
        for (name, value, record) in &written {
            let again = insert(engine, t, json!({ *name: value })).await;
            assert_eq!(again.data, record.data, "{name} {value}, written while dedicated");
            engine.delete_records(t, vec![again.id]).await.unwrap();
        }
        dematerialize(engine, vec![t]).await;
        assert_eq!(w.exports().await, before);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_no_database_keeps_is_refused_in_both_modes() {
    on_each(async |w| {
        let engine = &w.engine;
        let t = entity(engine, "T", &["s:string", "f:float", "j:json", "m:multiselect"]).await;
        for dedicated in [false, true] {
            if dedicated {
                materialize(engine, vec![t]).await;
            }
            for bad in [
                json!({"s": "a\0b"}),
                json!({"f": "NaN"}),
                json!({"f": "Infinity"}),
                json!({"f": "1e999"}),
                json!({"j": {"a\0": 1}}),
                json!({"j": ["\0"]}),
                json!({"m": ["\0"]}),
            ] {
                let error = engine.insert_record(t, data(bad.clone())).await.unwrap_err();
                assert_eq!(error.code, ErrorCode::TypeMismatch, "{bad}");
            }
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn integers_reach_javascript_digit_for_digit() {
    on_each(async |w| {
        let t = entity(&w.engine, "T", &["i:integer", "d:decimal"]).await;
        let mut record = insert(&w.engine, t, json!({"i": i64::MAX, "d": "12345678901234567890.10"})).await;
        let schema = w.engine.schema().await.unwrap();
        wire::for_javascript(schema.entity(t).unwrap(), &mut record);
        assert_eq!(record.data, data(json!({"i": "9223372036854775807", "d": "12345678901234567890.10"})));
        let back = w.engine.insert_record(t, record.data).await.unwrap();
        assert_eq!(back.data["i"], json!(i64::MAX), "and come back as numbers");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn values_that_do_not_fit_are_listed_before_anything_moves() {
    on_each(async |w| {
        let engine = &w.engine;
        let t = entity(engine, "T", &["n:string", "s:string"]).await;
        for value in ["1", "n/a", "2", "🙂"] {
            insert(engine, t, json!({"n": value, "s": "x"})).await;
        }
        let n = engine.schema().await.unwrap().entity(t).unwrap().fields[0].id;
        // In shared mode the type may change over values that do not fit: they stay, and are marked.
        if let Err(error) = engine.update_field(t, n, field("n:integer")).await {
            assert_eq!(error.code, ErrorCode::InvalidValues, "{error}");
            return;
        }
        let before = w.exports().await;
        let plan = engine.materialize_plan(vec![t], MaterializeOptions::default()).await.unwrap();
        assert_eq!(plan.problem_count, 2);
        let mut listed: Vec<&Value> = plan.problems.iter().map(|p| &p.value).collect();
        listed.sort_by_key(|v| v.to_string());
        assert_eq!(listed, [&json!("n/a"), &json!("🙂")]);
        assert!(plan.problems.iter().all(|p| p.field == "n" && p.entity == "T" && !p.reason.is_empty()));

        let job = engine.start_materialize(vec![t], MaterializeOptions::default()).await;
        let error = match job {
            Ok(job) => engine.wait_job(job.id).await.unwrap().error.expect("it must not succeed"),
            Err(error) => error,
        };
        assert_eq!(error.code, ErrorCode::InvalidValues);
        assert_eq!(w.exports().await, before, "nothing moved");
        assert!(!engine.schema().await.unwrap().entity(t).unwrap().is_dedicated());

        let keep = MaterializeOptions { on_invalid: OnInvalid::Keep, ..MaterializeOptions::default() };
        let job = engine.start_materialize(vec![t], keep).await.unwrap();
        let job = engine.wait_job(job.id).await.unwrap();
        assert_eq!(job.reports[0].kept_aside, 2, "{:?}", job.error);
        let page = engine.list_records(t, ListRequest { filter: Some("n is null".to_owned()), ..ListRequest::default() }).await.unwrap();
        assert_eq!(page.records.len(), 2, "to a condition they are null");
        dematerialize(engine, vec![t]).await;
        assert_eq!(w.exports().await, before, "and they come back");

        let null = MaterializeOptions { on_invalid: OnInvalid::Null, ..MaterializeOptions::default() };
        let job = engine.start_materialize(vec![t], null).await.unwrap();
        assert_eq!(engine.wait_job(job.id).await.unwrap().reports[0].nulled, 2);
        let page = engine.list_records(t, ListRequest::default()).await.unwrap();
        assert_eq!(page.records.iter().map(|r| r.data["n"].clone()).collect::<Vec<_>>(), [json!(1), json!(null), json!(2), json!(null)]);
    })
    .await;
}
