//! Schemas of every shape.

use serde_json::json;
use stoneware_engine::{
    ErrorCode,
    model::{JobStatus, MaterializeOptions, ReferentialAction},
};
use stoneware_tests::{
    Workspace,
    build::{entity, field, insert, many_to_many, many_to_one},
    dematerialize, materialize, on_each, outside,
};

#[tokio::test(flavor = "multi_thread")]
async fn two_hundred_fields() {
    on_each(async |w| {
        let kinds = ["string", "integer", "float", "decimal:scale=2,precision=12", "bool", "date", "datetime", "uuid", "json", "binary"];
        let fields: Vec<String> = (0..200).map(|i| format!("f{i}:{}", kinds[i % kinds.len()])).collect();
        let fields: Vec<&str> = fields.iter().map(String::as_str).collect();
        let t = entity(&w.engine, "Wide", &fields).await;
        for r in 0..20 {
            let value = |i: usize| match i % kinds.len() {
                0 => json!(format!("text \"{r}\"\n")),
                1 => json!(r),
                2 => json!(r as f64 / 7.0),
                3 => json!("1.50"),
                4 => json!(r % 2 == 0),
                5 => json!("2026-01-31"),
                6 => json!("2026-01-31T12:00:00Z"),
                7 => json!("0192f0c1-7d2e-7abc-8def-0123456789ab"),
                8 => json!({ "a": [1, null] }),
                _ => json!("00ff"),
            };
            let data: serde_json::Map<_, _> = (0..200).filter(|i| (i + r) % 3 > 0).map(|i| (format!("f{i}"), value(i))).collect();
            insert(&w.engine, t, data.into()).await;
        }
        let before = w.exports().await;
        let plan = w.engine.materialize_plan(vec![t], MaterializeOptions::default()).await.unwrap();
        assert_eq!(plan.problem_count, 0);
        materialize(&w.engine, vec![t]).await;
        assert_eq!(w.exports().await, before);
        dematerialize(&w.engine, vec![t]).await;
        assert_eq!(w.exports().await, before);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn names_with_quotes_and_a_table_in_the_way() {
    let w = Workspace::new().await;
    let engine = &w.engine;
    let t = entity(engine, "user\"s 'best' [x]", &[]).await;
    engine.add_field(t, stoneware_engine::model::FieldSpec { name: "a\"b'c?".to_owned(), ..field("x:string:indexed") }).await.unwrap();
    let other = entity(engine, "select", &["where:integer:unique"]).await;
    many_to_one(engine, t, "order by", other, ReferentialAction::Restrict).await;
    many_to_many(engine, t, "group\"by", other).await;
    let o = insert(engine, other, json!({ "where": 1 })).await;
    insert(engine, t, json!({ "a\"b'c?": "x'\"?", "order by": o.id })).await;
    let table = engine.schema().await.unwrap().entity(other).unwrap().table.clone();
    {
        use sqlx::{ConnectOptions, Connection, sqlite::SqliteConnectOptions};
        let mut db = SqliteConnectOptions::new().filename(&w.path).connect().await.unwrap();
        let taken = format!("CREATE TABLE {} (mine)", outside::quoted(&table));
        sqlx::query(sqlx::AssertSqlSafe(taken)).execute(&mut db).await.unwrap();
        db.close().await.unwrap();
    }
    let before = w.exports().await;
    let plan = engine.materialize_plan(vec![t, other], MaterializeOptions::default()).await.unwrap();
    assert!(plan.statements.iter().any(|s| s.contains(&format!("{table}_2"))), "a table of another program is left alone");
    let job = materialize(engine, vec![t, other]).await;
    assert!(job.reports.iter().any(|r| r.table == format!("{table}_2")));
    assert_eq!(w.exports().await, before);
    let mut db = outside::open(&w.path).await;
    assert_eq!(outside::columns(&mut db, &table).await.into_keys().collect::<Vec<_>>(), ["mine"]);
    outside::sound(&mut db).await;
    dematerialize(engine, vec![other, t]).await;
    assert_eq!(w.exports().await, before);
    assert_eq!(outside::columns(&mut db, &table).await.into_keys().collect::<Vec<_>>(), ["mine"]);
}

/// Undo brings the records back by the opposite job, and marks the entry instead of making another.
#[tokio::test(flavor = "multi_thread")]
async fn undo_and_redo_of_a_cycle() {
    let w = Workspace::new().await;
    let engine = &w.engine;
    let (a, b) = (entity(engine, "A", &["s:string"]).await, entity(engine, "B", &["s:string"]).await);
    many_to_one(engine, a, "b", b, ReferentialAction::Cascade).await;
    many_to_one(engine, b, "a", a, ReferentialAction::SetNull).await;
    let links = many_to_many(engine, a, "links", b).await;
    let first = insert(engine, b, json!({ "s": "b" })).await;
    let second = insert(engine, a, json!({ "s": "a", "b": first.id })).await;
    engine.update_record(b, first.id, stoneware_tests::data(json!({ "a": second.id })), None).await.unwrap();
    engine.add_links(links.id, a, second.id, vec![first.id], Some(json!({ "k": 1 }))).await.unwrap();
    let before = w.exports().await;
    let entries = engine.changelog(None).await.unwrap().len();
    let job = materialize(engine, vec![a, b]).await;
    assert_eq!(job.reports.iter().map(|r| r.links).sum::<u32>(), 1);
    assert_eq!(engine.changelog(None).await.unwrap()[0].description, "Materialize 2 entities");
    let mut db = outside::open(&w.path).await;
    let tables =
        |schema: &stoneware_engine::model::Schema| (schema.entity(a).unwrap().table.clone(), schema.entity(b).unwrap().table.clone());
    let (ta, tb) = tables(&engine.schema().await.unwrap());
    assert_eq!(
        (outside::foreign_keys(&mut db, &ta).await.len(), outside::foreign_keys(&mut db, &tb).await.len()),
        (1, 1),
        "both ways round"
    );
    for dedicated in [false, true, false, true] {
        let change = if dedicated { engine.redo().await } else { engine.undo().await }.unwrap();
        assert_eq!((change.kind.as_str(), change.undone), ("materialize", !dedicated));
        assert_eq!(engine.schema().await.unwrap().entity(a).unwrap().is_dedicated(), dedicated);
        assert_eq!(w.exports().await, before);
        assert_eq!(engine.links(links.id, second.id).await.unwrap()[0].metadata, Some(json!({ "k": 1 })));
        outside::sound(&mut db).await;
    }
    assert_eq!(engine.changelog(None).await.unwrap().len(), entries + 1);
    let jobs = engine.jobs().await.unwrap();
    assert!(jobs.len() == 5 && jobs.iter().all(|j| j.status == JobStatus::Done));
    assert_eq!(engine.rollback_job(jobs[0].id).await.unwrap_err().code, ErrorCode::InvalidInput);
}
