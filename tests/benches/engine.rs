//! Ratios to a baseline of the same run: materialize against hand-written SQL, inserting and the first page against plain statements.
//!
//! `STONEWARE_BENCH_RECORDS="10000 100000 1000000"` for other numbers of records, `STONEWARE_BENCH_ROUNDS` for more rounds; of each measure
//! the best round counts.

#![allow(clippy::unwrap_used)]

mod measure;

use measure::{Measured, against_hand, by_job, imported, line, sizes};
use sqlx::{
    ConnectOptions, Connection, SqliteConnection,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous},
};
use std::{
    fs,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};
use stoneware_engine::{Engine, model::ListRequest};
use stoneware_tests::{build, data::contact, setting};

async fn open(path: &Path) -> SqliteConnection {
    let options = SqliteConnectOptions::new().filename(path).journal_mode(SqliteJournalMode::Wal).synchronous(SqliteSynchronous::Full);
    options.foreign_keys(true).pragma("cache_size", "-65536").pragma("temp_store", "memory").connect().await.unwrap()
}

async fn execute(db: &mut SqliteConnection, statement: impl Into<String>) {
    sqlx::query(sqlx::AssertSqlSafe(statement.into())).execute(db).await.unwrap();
}

fn copied(base: &Path, name: &str) -> PathBuf {
    let to = base.with_file_name(name);
    for ending in ["-wal", "-shm"] {
        let _ = fs::remove_file(format!("{}{ending}", to.display()));
    }
    fs::copy(base, &to).unwrap();
    to
}

/// What a person would write: the columns, the rows, the index, the old rows away.
async fn by_hand(path: &Path, entity: &str, unique: &str, indexed: &str) -> Duration {
    let mut db = open(path).await;
    let begun = Instant::now();
    let value = |name: &str| format!("json_extract(data, '$.{name}')");
    execute(&mut db, "BEGIN IMMEDIATE").await;
    execute(
        &mut db,
        "CREATE TABLE contact (id TEXT PRIMARY KEY NOT NULL, email TEXT NOT NULL, name TEXT NOT NULL, age INTEGER, balance NUMERIC, active BOOLEAN, \
         joined DATE, notes TEXT, tags TEXT, version INTEGER NOT NULL, primary_value TEXT, owner TEXT, created_at TEXT NOT NULL, created_by TEXT, \
         updated_at TEXT NOT NULL, updated_by TEXT)",
    )
    .await;
    let values: Vec<String> = ["email", "name", "age", "balance", "active", "joined", "notes", "tags"].iter().map(|n| value(n)).collect();
    execute(
        &mut db,
        format!(
            "INSERT INTO contact SELECT id, {}, version, primary_value, owner, created_at, created_by, updated_at, updated_by FROM kdb_records \
             WHERE entity_id = '{entity}'",
            values.join(", ")
        ),
    )
    .await;
    execute(&mut db, "CREATE UNIQUE INDEX contact_email ON contact (email)").await;
    execute(&mut db, "CREATE INDEX contact_name ON contact (name)").await;
    execute(&mut db, format!("DELETE FROM kdb_records WHERE entity_id = '{entity}'")).await;
    execute(&mut db, format!("DELETE FROM kdb_index_entries WHERE index_id IN ('{unique}', '{indexed}')")).await;
    execute(&mut db, "COMMIT").await;
    let time = begun.elapsed();
    db.close().await.unwrap();
    time
}

async fn materialize(base: &Path, other: bool, entity: &str, unique: &str, indexed: &str, count: u32) {
    let (mut hand, mut job) = (Duration::MAX, None::<Measured>);
    for _ in 0..setting("STONEWARE_BENCH_ROUNDS", 3) {
        hand = hand.min(by_hand(&copied(base, "hand.db"), entity, unique, indexed).await);
        let round = by_job(copied(base, "job.db").to_str().unwrap()).await;
        job = job.filter(|best| best.time < round.time).or(Some(round));
    }
    let place = if other { ", beside others" } else { "" };
    against_hand(&format!("materialize {count}{place}"), &job.unwrap(), hand);
}

async fn inserts(engine: &Engine, entity: stoneware_engine::model::EntityId, path: &Path, first: u32) {
    const N: u32 = 200;
    let begun = Instant::now();
    for i in 0..N {
        let data = contact(first + i).as_object().unwrap().clone();
        engine.insert_record(entity, data).await.unwrap();
    }
    let ours = begun.elapsed() / N;
    let mut db = open(path).await;
    let begun = Instant::now();
    for i in 0..N {
        let data = contact(first + N + i);
        let id = format!("ffffffff-0000-7000-8000-{i:012}");
        execute(&mut db, "BEGIN IMMEDIATE").await;
        sqlx::query(
            "INSERT INTO kdb_records (entity_id, id, version, primary_value, data, created_at, updated_at) VALUES (?, ?, 1, ?, ?, ?, ?)",
        )
        .bind(entity.to_string())
        .bind(&id)
        .bind(data["name"].as_str())
        .bind(data.to_string())
        .bind("2026-01-01T00:00:00.000000Z")
        .bind("2026-01-01T00:00:00.000000Z")
        .execute(&mut db)
        .await
        .unwrap();
        execute(&mut db, "COMMIT").await;
    }
    let plain = begun.elapsed() / N;
    execute(&mut db, "DELETE FROM kdb_records WHERE id LIKE 'ffffffff-%'").await;
    db.close().await.unwrap();
    line("insert one record", ours, plain, "one plain INSERT");
}

async fn first_page(engine: &Engine, entity: stoneware_engine::model::EntityId, path: &Path, count: u32) {
    const N: u32 = 50;
    let request = ListRequest { limit: Some(50), ..ListRequest::default() };
    let begun = Instant::now();
    for _ in 0..N {
        assert_eq!(engine.list_records(entity, request.clone()).await.unwrap().records.len(), 50);
    }
    let ours = begun.elapsed() / N;
    let mut db = open(path).await;
    let begun = Instant::now();
    for _ in 0..N {
        let rows = sqlx::query("SELECT id, version, primary_value, data FROM kdb_records WHERE entity_id = ? ORDER BY id LIMIT 50");
        assert_eq!(rows.bind(entity.to_string()).fetch_all(&mut db).await.unwrap().len(), 50);
    }
    let plain = begun.elapsed() / N;
    db.close().await.unwrap();
    line(&format!("first page of {count}"), ours, plain, "one plain SELECT");
}

async fn run(count: u32) {
    let folder = tempfile::tempdir().unwrap();
    let base = folder.path().join("base.db");
    let (engine, entity) = imported(base.to_str().unwrap(), count).await;
    let fields = engine.schema().await.unwrap().entity(entity).unwrap().fields.clone();
    let (unique, indexed) = (fields[0].id.to_string(), fields[1].id.to_string());
    engine.close().await;
    materialize(&base, false, &entity.to_string(), &unique, &indexed, count).await;

    let engine = Engine::open(base.to_str().unwrap()).await.unwrap();
    let other = build::entity(&engine, "Other", &["name:string:indexed"]).await;
    build::insert(&engine, other, serde_json::json!({ "name": "there too" })).await;
    engine.close().await;
    materialize(&base, true, &entity.to_string(), &unique, &indexed, count).await;

    let engine = Engine::open(base.to_str().unwrap()).await.unwrap();
    inserts(&engine, entity, &base, count).await;
    first_page(&engine, entity, &base, count).await;
    engine.close().await;
}

fn main() {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    sizes().into_iter().for_each(|count| runtime.block_on(run(count)));
}
