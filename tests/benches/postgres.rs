//! Materialize on Postgres against hand-written SQL on the same data in the same run; see `engine` for SQLite and for the settings.

#![allow(clippy::unwrap_used)]

mod measure;

use measure::{Measured, against_hand, by_job, imported, sizes};
use sqlx::{AssertSqlSafe, Connection, PgConnection};
use std::time::{Duration, Instant};
use stoneware_engine::{Engine, model::EntityId};
use stoneware_tests::{
    build,
    cluster::{self, Cluster},
    setting,
};

/// What a person would write: the columns, the rows, the index, the old rows away.
async fn by_hand(location: &str, entity: &str, unique: &str, indexed: &str) -> Duration {
    let statements = [
        "BEGIN".to_owned(),
        "CREATE TABLE contact (id uuid PRIMARY KEY, email text NOT NULL, name text NOT NULL, age bigint, balance numeric(12, 2), active boolean, \
         joined date, notes text, tags jsonb, version integer NOT NULL, primary_value text, owner text, created_at text NOT NULL, created_by text, \
         updated_at text NOT NULL, updated_by text)"
            .to_owned(),
        format!(
            "INSERT INTO contact SELECT id, data->>'email', data->>'name', (data->>'age')::bigint, (data->>'balance')::numeric, \
             (data->>'active')::boolean, (data->>'joined')::date, data->>'notes', data->'tags', version, primary_value, owner, created_at, \
             created_by, updated_at, updated_by FROM kdb_records WHERE entity_id = '{entity}'"
        ),
        "CREATE UNIQUE INDEX ON contact (email)".to_owned(),
        "CREATE INDEX ON contact (name)".to_owned(),
        format!("DELETE FROM kdb_records WHERE entity_id = '{entity}'"),
        format!("DELETE FROM kdb_index_entries WHERE index_id IN ('{unique}', '{indexed}')"),
        "COMMIT".to_owned(),
    ];
    let mut db = PgConnection::connect(location).await.unwrap();
    let begun = Instant::now();
    for statement in statements {
        sqlx::raw_sql(AssertSqlSafe(statement)).execute(&mut db).await.unwrap();
    }
    let time = begun.elapsed();
    db.close().await.unwrap();
    time
}

/// A copy of a database, all of it on disk: neither side is to write down what the other, or the copying, has left in memory.
async fn fresh(server: &Cluster, base: &str) -> String {
    let copy = server.database(Some(base));
    let mut db = PgConnection::connect(&copy).await.unwrap();
    sqlx::raw_sql("CHECKPOINT").execute(&mut db).await.unwrap();
    db.close().await.unwrap();
    copy
}

async fn materialize(server: &Cluster, base: &str, entity: EntityId, place: &str, count: u32) {
    let engine = Engine::open(base).await.unwrap();
    let fields = engine.schema().await.unwrap().entity(entity).unwrap().fields.clone();
    let (unique, indexed) = (fields[0].id.to_string(), fields[1].id.to_string());
    engine.close().await;
    let (mut hand, mut job) = (Duration::MAX, None::<Measured>);
    for _ in 0..setting("STONEWARE_BENCH_ROUNDS", 3) {
        let copy = fresh(server, base).await;
        hand = hand.min(by_hand(&copy, &entity.to_string(), &unique, &indexed).await);
        server.drop_database(&copy);
        let copy = fresh(server, base).await;
        let round = by_job(&copy).await;
        server.drop_database(&copy);
        job = job.filter(|best| best.time < round.time).or(Some(round));
    }
    against_hand(&format!("materialize {count} on Postgres{place}"), &job.unwrap(), hand);
}

async fn run(server: &Cluster, count: u32) {
    let base = server.database(None);
    let (engine, entity) = imported(&base, count).await;
    engine.close().await;
    let mut db = PgConnection::connect(&base).await.unwrap();
    sqlx::raw_sql("VACUUM ANALYZE").execute(&mut db).await.unwrap();
    db.close().await.unwrap();
    materialize(server, &base, entity, "", count).await;

    let engine = Engine::open(&base).await.unwrap();
    let other = build::entity(&engine, "Other", &["name:string:indexed"]).await;
    build::insert(&engine, other, serde_json::json!({ "name": "there too" })).await;
    engine.close().await;
    materialize(server, &base, entity, ", beside others", count).await;
}

fn main() {
    // A server that belongs to nobody else, as this takes all of it.
    if let Some(server) = cluster::private_as_it_comes() {
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
        sizes().into_iter().for_each(|count| runtime.block_on(run(&server, count)));
    }
}
