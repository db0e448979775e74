//! Values longer than a row of an index: Postgres refuses them there, and the same call has to give the same answer on both.

use serde_json::json;
use stoneware_engine::{
    ErrorCode,
    model::{KeyPart, SchemaEdit},
};
use stoneware_tests::{
    build::{entity, field, insert},
    data, dematerialize, materialize, on_each,
    script::random,
};

/// Four bytes each, and nothing to compress.
fn emoji(name: &str) -> String {
    let letters: String = ('\u{1f300}'..='\u{1f5ff}').collect();
    random(3000, &letters, name)
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_over_several_long_values_hold_in_either_mode() {
    on_each(async |w| {
        let engine = &w.engine;
        let id = entity(engine, "Paper", &["a:text", "b:text", "c:binary", "d:json"]).await;
        let made = engine.schema().await.unwrap().entity(id).unwrap().clone();
        let parts: Vec<KeyPart> = made.fields.iter().map(|f| KeyPart::Field(f.id)).collect();
        engine.set_keys(id, vec![parts]).await.unwrap();
        let paper = |end: &str| {
            let hex = random(20_000, "0123456789abcdef", "c");
            json!({ "a": emoji("a"), "b": emoji("b") + end, "c": hex, "d": [emoji("d"), true, 1] })
        };
        insert(engine, id, paper("")).await;
        for dedicated in [false, true, false] {
            eprintln!("dedicated: {dedicated}");
            let again = engine.insert_record(id, data(paper(""))).await.map(|record| record.id).unwrap_err();
            assert_eq!(again.code, ErrorCode::UniqueViolation, "{again}");
            let other = insert(engine, id, paper("!")).await;
            let clash = engine.update_record(id, other.id, data(json!({ "b": emoji("b") })), None).await.unwrap_err();
            assert_eq!(clash.code, ErrorCode::UniqueViolation, "{clash}");
            engine.delete_records(id, vec![other.id]).await.unwrap();
            if dedicated {
                dematerialize(engine, vec![id]).await;
            } else {
                materialize(engine, vec![id]).await;
            }
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_holds_long_values_can_be_made_unique_and_indexed_later() {
    on_each(async |w| {
        let engine = &w.engine;
        let id = entity(engine, "Paper", &["t:text", "x:binary", "j:json"]).await;
        let (long, hex) = (random(1 << 20, "abcdefghijklmnopqrstuvwxyz0123456789", "t"), random(1 << 20, "0123456789abcdef", "x"));
        let paper = json!({ "t": long, "x": hex, "j": { "k": long } });
        insert(engine, id, paper.clone()).await;
        let second = insert(engine, id, paper.clone()).await;
        for dedicated in [false, true] {
            for (name, unique) in [("t", true), ("x", true), ("t", false), ("x", false), ("j", false)] {
                let kind = engine.schema().await.unwrap().entity(id).unwrap().fields.iter().find(|f| f.name == name).unwrap().clone();
                let plain = field(&format!("{name}:{}", kind.field_type.word()));
                if unique {
                    let spec = field(&format!("{name}:{}:unique", kind.field_type.word()));
                    let edit = SchemaEdit::UpdateField { entity: id, field: kind.id, spec: Box::new(spec.clone()) };
                    let plan = engine.edit_plan(edit).await.unwrap();
                    assert_eq!((plan.problem_count, &plan.problems[0].value), (1, &paper[name]), "{name}");
                    let twice = engine.update_field(id, kind.id, spec.clone()).await.unwrap_err();
                    assert_eq!(twice.code, ErrorCode::UniqueViolation, "{}", twice.message);
                    assert!(twice.message.len() < 300, "a message is to be read");
                    engine
                        .update_record(id, second.id, data(json!({ name: format!("{}00", paper[name].as_str().unwrap()) })), None)
                        .await
                        .unwrap();
                    engine.update_field(id, kind.id, spec).await.unwrap();
                    engine.update_record(id, second.id, data(json!({ name: paper[name] })), None).await.unwrap_err();
                } else {
                    engine.update_field(id, kind.id, field(&format!("{name}:{}:indexed", kind.field_type.word()))).await.unwrap();
                }
                engine.undo().await.unwrap();
                engine.redo().await.unwrap();
                engine.update_field(id, kind.id, plain).await.unwrap();
                engine.update_record(id, second.id, data(json!({ name: paper[name] })), None).await.unwrap();
            }
            if !dedicated {
                materialize(engine, vec![id]).await;
            }
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn json_in_a_key_is_told_apart_by_its_kind() {
    on_each(async |w| {
        let engine = &w.engine;
        let id = entity(engine, "Paper", &["a:string", "d:json"]).await;
        let fields = engine.schema().await.unwrap().entity(id).unwrap().fields.clone();
        engine.set_keys(id, vec![fields.iter().map(|f| KeyPart::Field(f.id)).collect()]).await.unwrap();
        let values =
            [json!("1"), json!(1), json!(true), json!("true"), json!([1]), json!("[1]"), json!({ "b": 1, "a": "ü\n" }), json!(0.5)];
        for d in &values {
            insert(engine, id, json!({ "a": "x", "d": d })).await;
        }
        for step in ["shared", "dedicated", "back"] {
            match step {
                "dedicated" => drop(materialize(engine, vec![id]).await),
                "back" => drop(dematerialize(engine, vec![id]).await),
                _ => {}
            }
            for d in &values {
                let again = engine.insert_record(id, data(json!({ "a": "x", "d": d }))).await.map(|record| record.id);
                assert_eq!(again.unwrap_err().code, ErrorCode::UniqueViolation, "{d} in {step}");
            }
        }
    })
    .await;
}
