//! Materialize on Postgres against hand-written SQL on the same data in the same run; see `engine` for SQLite and for the settings.

#![allow(clippy::unwrap_used)]

mod measure;

use measure::{by_job, line, phases};
use sqlx::{AssertSqlSafe, Connection, PgConnection};
use std::{
    fs::File,
    io::BufWriter,
    time::{Duration, Instant},
};
use stoneware_engine::Engine;
use stoneware_tests::{
    build,
    cluster::{self, Cluster},
    data::{CONTACT_FIELDS, contacts},
    setting,
};
use tokio_util::sync::CancellationToken;

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

async fn run(server: &Cluster) {
    let count = setting("STONEWARE_BENCH_RECORDS", 100_000);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("contacts.ndjson");
    contacts(count, &mut BufWriter::new(File::create(&file).unwrap())).unwrap();
    let base = server.database(None);
    let (engine, _) = Engine::open_or_create(&base).await.unwrap();
    let entity = build::entity(&engine, "Contact", &CONTACT_FIELDS).await;
    let begun = Instant::now();
    engine.import_ndjson(&file, "Contact", &|_| {}, &CancellationToken::new()).await.unwrap();
    println!("import of {count} contacts: {:.0} a second", f64::from(count) / begun.elapsed().as_secs_f64());
    let fields = engine.schema().await.unwrap().entity(entity).unwrap().fields.clone();
    let (unique, indexed) = (fields[0].id.to_string(), fields[1].id.to_string());
    engine.close().await;
    let mut db = PgConnection::connect(&base).await.unwrap();
    sqlx::raw_sql("VACUUM ANALYZE").execute(&mut db).await.unwrap();
    db.close().await.unwrap();

    let (mut hand, mut job, mut detail) = (Duration::MAX, Duration::MAX, vec![]);
    for _ in 0..setting("STONEWARE_BENCH_ROUNDS", 3) {
        hand = hand.min(by_hand(&server.database(Some(&base)), &entity.to_string(), &unique, &indexed).await);
        let (time, phases) = by_job(&server.database(Some(&base))).await;
        if time < job {
            (job, detail) = (time, phases);
        }
    }
    line(&format!("materialize {count} on Postgres"), job, hand, "hand-written SQL");
    phases(&detail);
}

fn main() {
    // A server that belongs to nobody else, as this takes all of it.
    if let Some(server) = cluster::private_as_it_comes() {
        tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap().block_on(run(&server));
    }
}
