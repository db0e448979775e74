//! Two at once: two windows in one process, and two processes on one file.

use serde_json::json;
use std::{collections::BTreeSet, process::Stdio};
use stoneware_engine::{Engine, ErrorCode};
use stoneware_tests::{
    Database, Workspace,
    build::{entity, insert},
    cli::Terminal,
    data, on_each,
};

#[tokio::test(flavor = "multi_thread")]
async fn a_stale_write_is_refused_with_both_values() {
    on_each(async |w| {
        let a = entity(&w.engine, "A", &["s:string"]).await;
        let read = insert(&w.engine, a, json!({"s": "first"})).await;
        let other = Engine::open(&w.location).await.unwrap();
        other.update_record(a, read.id, data(json!({"s": "theirs"})), Some(read.version)).await.unwrap();
        let error = w.engine.update_record(a, read.id, data(json!({"s": "mine"})), Some(read.version)).await.unwrap_err();
        assert_eq!(error.code, ErrorCode::StaleVersion);
        let details = error.details.to_string();
        assert!(details.contains("theirs"), "the details show what is there now: {details}");
        assert_eq!(w.engine.record(a, read.id).await.unwrap().data["s"], "theirs");
        other.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_window_sees_the_schema_change_of_the_first() {
    on_each(async |w| {
        let other = Engine::open(&w.location).await.unwrap();
        assert!(other.schema().await.unwrap().entities.is_empty());
        let a = entity(&w.engine, "A", &["s:string"]).await;
        assert_eq!(other.schema().await.unwrap().entities.len(), 1, "seen without opening again");
        insert(&other, a, json!({"s": "x"})).await;
        stoneware_tests::materialize(&w.engine, vec![a]).await;
        insert(&other, a, json!({"s": "y"})).await;
        assert_eq!(w.engine.overview().await.unwrap()[0].records, 2, "the second write went where the records are now");
        other.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn many_tasks_write_at_once() {
    on_each(async |w| {
        let a = entity(&w.engine, "A", &["n:integer:unique"]).await;
        let tasks: Vec<_> = (0..8)
            .map(|task| {
                let engine = w.engine.clone();
                tokio::spawn(async move {
                    for i in 0..25 {
                        engine.insert_record(a, data(json!({"n": task * 25 + i}))).await.unwrap();
                    }
                })
            })
            .collect();
        for task in tasks {
            task.await.unwrap();
        }
        assert_eq!(w.engine.overview().await.unwrap()[0].records, 200);
    })
    .await;
}

/// Of all who want the same unique value, one gets it: the database decides, not a look before the write.
#[tokio::test(flavor = "multi_thread")]
async fn one_of_many_gets_the_unique_value() {
    on_each(async |w| {
        let a = entity(&w.engine, "A", &["s:string:unique"]).await;
        let tasks: Vec<_> = (0..8)
            .map(|_| {
                let engine = w.engine.clone();
                tokio::spawn(async move { engine.insert_record(a, data(json!({"s": "mine"}))).await })
            })
            .collect();
        let mut won = 0;
        for task in tasks {
            match task.await.unwrap() {
                Ok(_) => won += 1,
                Err(error) => assert_eq!(error.code, ErrorCode::UniqueViolation),
            }
        }
        assert_eq!((won, w.engine.overview().await.unwrap()[0].records), (1, 1));
    })
    .await;
}

#[test]
fn two_processes_write_at_once() {
    let t = Terminal::new();
    t.json(&["entity", "create", "A", "--field", "n:integer:unique"]);
    let files: Vec<_> = (0..3)
        .map(|part| {
            let lines: String = (0..2_000).map(|i| format!("{{\"n\":{}}}\n", part * 2_000 + i)).collect();
            t.file(&format!("{part}.ndjson"), &lines)
        })
        .collect();
    let children: Vec<_> = files
        .iter()
        .map(|file| {
            let mut command = t.command(&["import".as_ref(), file.as_os_str(), "--entity".as_ref(), "A".as_ref()]);
            command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
        })
        .collect();
    for i in 0..20 {
        t.json(&["record", "insert", "A", &json!({"n": 10_000 + i}).to_string()]);
    }
    for child in children {
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
    let ids: BTreeSet<String> = t.lines(&["record", "export", "A"]).iter().map(|r| r["data"]["n"].to_string()).collect();
    assert_eq!(ids.len(), 6_020, "every record of every process is there once");
}

/// Whoever gives up waiting for its turn leaves no transaction behind: it would keep schema edits out for good.
#[tokio::test(flavor = "multi_thread")]
async fn who_gives_up_waiting_is_in_nobody_s_way() {
    use sqlx::Connection;
    if !stoneware_tests::databases().contains(&Database::Postgres) {
        return;
    }
    let w = Workspace::on(Database::Postgres).await;
    let a = entity(&w.engine, "A", &["n:integer"]).await;
    let (address, schema) = w.location.split_once("?schema=").unwrap();
    let mut other = sqlx::PgConnection::connect(address).await.unwrap();
    let statement = format!("BEGIN; LOCK TABLE \"{schema}\".kdb_workspace IN EXCLUSIVE MODE");
    sqlx::raw_sql(sqlx::AssertSqlSafe(statement)).execute(&mut other).await.unwrap();
    // As many as there are connections, and more.
    let waiting: Vec<_> = (0..16)
        .map(|n| {
            let engine = w.engine.clone();
            let insert = async move { engine.insert_record(a, data(json!({ "n": n }))).await.map(|_| ()) };
            tokio::spawn(tokio::time::timeout(std::time::Duration::from_millis(300), insert))
        })
        .collect();
    for one in waiting {
        assert!(one.await.unwrap().is_err(), "nobody had a turn");
    }
    sqlx::raw_sql("COMMIT").execute(&mut other).await.unwrap();
    for n in 0..16 {
        insert(&w.engine, a, json!({ "n": n })).await;
        w.engine.list_records(a, stoneware_engine::model::ListRequest::default()).await.unwrap();
    }
    entity(&w.engine, "B", &["n:integer"]).await;
    assert_eq!(w.engine.count_records(a, stoneware_engine::model::ListRequest::default()).await.unwrap(), 16);
    other.close().await.unwrap();
}
