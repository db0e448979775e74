//! A workspace looked at from outside, with nothing but SQLite: what any other program sees.

use sqlx::{ConnectOptions, Connection, Row, SqliteConnection, sqlite::SqliteConnectOptions};
use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

/// Opens the file as any program may, without writing to it.
pub async fn open(workspace: &Path) -> SqliteConnection {
    SqliteConnectOptions::new().filename(workspace).read_only(true).connect().await.unwrap()
}

/// Runs a statement as any program may: past the engine.
pub async fn change(workspace: &Path, statement: &'static str, binds: &[String]) {
    let mut db = SqliteConnectOptions::new().filename(workspace).connect().await.unwrap();
    let query = binds.iter().fold(sqlx::query(statement), |query, bind| query.bind(bind));
    query.execute(&mut db).await.unwrap();
    db.close().await.unwrap();
}

/// The same, for a statement made at run time.
pub async fn run_on_sqlite(workspace: &Path, statement: &str) {
    let mut db = SqliteConnectOptions::new().filename(workspace).connect().await.unwrap();
    sqlx::query(sqlx::AssertSqlSafe(statement.to_owned())).execute(&mut db).await.unwrap();
    db.close().await.unwrap();
}

/// The same on Postgres, in the schema the address names.
pub async fn run_on_postgres(location: &str, statement: &str) {
    let (address, schema) = location.split_once("?schema=").unwrap_or((location, "public"));
    let mut db = sqlx::PgConnection::connect(address).await.unwrap();
    for statement in [format!("SET search_path TO {}", quoted(schema)), statement.to_owned()] {
        sqlx::query(sqlx::AssertSqlSafe(statement)).execute(&mut db).await.unwrap();
    }
    db.close().await.unwrap();
}

pub fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// Foreign keys of a table: column and referred table.
pub async fn foreign_keys(db: &mut SqliteConnection, table: &str) -> Vec<(String, String)> {
    let found = sqlx::query(sqlx::AssertSqlSafe(format!("PRAGMA foreign_key_list({})", quoted(table)))).fetch_all(db).await.unwrap();
    found.iter().map(|row| (row.get("from"), row.get("table"))).collect()
}

/// Declared type and not-null of each column.
pub async fn columns(db: &mut SqliteConnection, table: &str) -> BTreeMap<String, (String, bool)> {
    let found = sqlx::query(sqlx::AssertSqlSafe(format!("PRAGMA table_info({})", quoted(table)))).fetch_all(db).await.unwrap();
    found.iter().map(|row| (row.get("name"), (row.get::<String, _>("type").to_uppercase(), row.get::<i64, _>("notnull") == 1))).collect()
}

/// The columns of each unique index of a table.
pub async fn unique_indexes(db: &mut SqliteConnection, table: &str) -> BTreeSet<Vec<String>> {
    let query = "SELECT l.name AS index_name, i.name AS column_name FROM pragma_index_list(?) l, pragma_index_info(l.name) i WHERE l.\"unique\" = 1 ORDER BY 1, i.seqno";
    let mut indexes: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for row in sqlx::query(query).bind(table).fetch_all(db).await.unwrap() {
        indexes.entry(row.get("index_name")).or_default().push(row.get::<Option<String>, _>("column_name").unwrap_or_default());
    }
    indexes.into_values().collect()
}

pub async fn sound(db: &mut SqliteConnection) {
    assert!(sqlx::query("PRAGMA foreign_key_check").fetch_all(&mut *db).await.unwrap().is_empty(), "no key points nowhere");
    let check: String = sqlx::query_scalar("PRAGMA integrity_check").fetch_one(db).await.unwrap();
    assert_eq!(check, "ok");
}

/// One number.
pub async fn number(db: &mut SqliteConnection, query: String) -> i64 {
    sqlx::query_scalar(sqlx::AssertSqlSafe(query)).fetch_one(db).await.unwrap()
}

/// How many triggers there are.
pub async fn triggers(workspace: &Path) -> i64 {
    number(&mut open(workspace).await, "SELECT count(*) FROM sqlite_schema WHERE type = 'trigger'".to_owned()).await
}

/// A column of texts.
pub async fn texts(db: &mut SqliteConnection, query: String) -> Vec<String> {
    sqlx::query_scalar(sqlx::AssertSqlSafe(query)).fetch_all(db).await.unwrap()
}

/// Those of our tables whose rows are counted in an anatomy: all but the history, which only ever grows.
const COUNTED: [&str; 8] = [
    "kdb_records",
    "kdb_index_entries",
    "kdb_record_links",
    "kdb_captured_writes",
    "kdb_captured_pairs",
    "kdb_dropped_values",
    "kdb_workspace",
    "kdb_entity_fields",
];

/// Everything in a workspace but its history: what must be as it was after an undo. A file has to be sound, too.
pub async fn anatomy(location: &str) -> Vec<String> {
    if stoneware_engine::engine::is_url(location) {
        return postgres_anatomy(location).await;
    }
    let mut db = open(Path::new(location)).await;
    let mut all = texts(&mut db, "SELECT type || ' ' || name || ' ' || coalesce(sql, '') FROM sqlite_schema ORDER BY 1".to_owned()).await;
    for table in COUNTED {
        all.push(format!("{table} {}", number(&mut db, format!("SELECT count(*) FROM {table}")).await));
    }
    sound(&mut db).await;
    all
}

/// Tables with their columns, indexes, constraints and triggers, and how many rows some of ours have.
async fn postgres_anatomy(location: &str) -> Vec<String> {
    let mut db = sqlx::PgConnection::connect(location).await.unwrap();
    let query = "SELECT c.relkind::text || ' ' || c.relname || coalesce(' ' || (SELECT string_agg(a.attname || ' ' || format_type(a.atttypid, a.atttypmod) || a.attnotnull::text, ',' ORDER BY a.attnum)
                   FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0), '') FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace
                 UNION ALL SELECT 'constraint ' || conname || pg_get_constraintdef(oid) || convalidated::text FROM pg_constraint WHERE connamespace = 'public'::regnamespace
                 UNION ALL SELECT 'unfinished ' || indexrelid::regclass FROM pg_index WHERE NOT indisvalid
                 UNION ALL SELECT 'trigger ' || tgname FROM pg_trigger WHERE NOT tgisinternal ORDER BY 1";
    let mut all: Vec<String> = sqlx::query_scalar(query).fetch_all(&mut db).await.unwrap();
    for table in COUNTED {
        let count: i64 = sqlx::query_scalar(sqlx::AssertSqlSafe(format!("SELECT count(*) FROM {table}"))).fetch_one(&mut db).await.unwrap();
        all.push(format!("{table} {count}"));
    }
    db.close().await.unwrap();
    all
}

/// Every foreign key on Postgres: its table, the one it refers to, and whether it has been held against every row.
pub async fn postgres_foreign_keys(location: &str) -> Vec<(String, String, bool)> {
    let mut db = sqlx::PgConnection::connect(location).await.unwrap();
    let query = "SELECT c.relname::text, r.relname::text, k.convalidated FROM pg_constraint k
                 JOIN pg_class c ON c.oid = k.conrelid JOIN pg_class r ON r.oid = k.confrelid WHERE k.contype = 'f' ORDER BY 1, 2";
    let found = sqlx::query_as(query).fetch_all(&mut db).await.unwrap();
    db.close().await.unwrap();
    found
}

/// A change event as it is kept.
#[derive(Debug)]
pub struct Event {
    pub op: String,
    pub record: String,
    pub after: Option<serde_json::Value>,
}

/// Every change event, in order.
pub async fn events(location: &str) -> Vec<Event> {
    let query = "SELECT op, CAST(record_id AS TEXT) AS record, CAST(after AS TEXT) AS after FROM kdb_change_events ORDER BY seq";
    let rows: Vec<(String, String, Option<String>)> = if stoneware_engine::engine::is_url(location) {
        let mut db = sqlx::PgConnection::connect_with(&pg_options(location)).await.unwrap();
        sqlx::query_as(query).fetch_all(&mut db).await.unwrap()
    } else {
        sqlx::query_as(query).fetch_all(&mut open(Path::new(location)).await).await.unwrap()
    };
    let read = |(op, record, after): (String, String, Option<String>)| Event {
        op,
        record,
        after: after.map(|text| serde_json::from_str(&text).unwrap()),
    };
    rows.into_iter().map(read).collect()
}

/// How any program connects to the schema a location names.
pub fn pg_options(location: &str) -> sqlx::postgres::PgConnectOptions {
    let schema = stoneware_engine::model::Connection::parse(location).unwrap().connection.schema;
    let plain = location.split('?').next().unwrap_or_default();
    plain.parse::<sqlx::postgres::PgConnectOptions>().unwrap().options([("search_path", quoted(&schema))])
}

/// Runs a statement past the engine, on whichever database it is.
pub async fn run(w: &crate::Workspace, statement: &str) {
    run_at(&w.location, statement).await;
}

/// The same where there is only its path or address.
pub async fn run_at(location: &str, statement: &str) {
    if stoneware_engine::engine::is_url(location) {
        run_on_postgres(location, statement).await;
    } else {
        run_on_sqlite(Path::new(location), statement).await;
    }
}

/// A number, on whichever database it is.
pub async fn count(w: &crate::Workspace, query: &str) -> i64 {
    if !stoneware_engine::engine::is_url(&w.location) {
        return number(&mut open(&w.path).await, query.to_owned()).await;
    }
    let mut db = sqlx::PgConnection::connect_with(&pg_options(&w.location)).await.unwrap();
    let count = sqlx::query_scalar(sqlx::AssertSqlSafe(query.to_owned())).fetch_one(&mut db).await.unwrap();
    db.close().await.unwrap();
    count
}

/// Every pair in a table: both ends, and the metadata.
pub async fn pairs(location: &str, table: &str) -> BTreeSet<String> {
    let query = format!(
        "SELECT CAST(source_id AS TEXT) || ' ' || CAST(target_id AS TEXT) || ' ' || coalesce(CAST(metadata AS TEXT), '') FROM {table}"
    );
    if !stoneware_engine::engine::is_url(location) {
        return texts(&mut open(Path::new(location)).await, query).await.into_iter().collect();
    }
    let mut db = sqlx::PgConnection::connect_with(&pg_options(location)).await.unwrap();
    let found: Vec<String> = sqlx::query_scalar(sqlx::AssertSqlSafe(query)).fetch_all(&mut db).await.unwrap();
    db.close().await.unwrap();
    found.into_iter().collect()
}

/// Sets one value of a shared record as any program may: past every rule. `storage` is the field's key in the JSON.
pub async fn set(w: &crate::Workspace, record: stoneware_engine::model::RecordId, storage: &str, value: &serde_json::Value) {
    let literal = |text: &str| format!("'{}'", text.replace('\'', "''"));
    let value = literal(&value.to_string());
    let data = if stoneware_engine::engine::is_url(&w.location) {
        format!("data || jsonb_build_object({}::text, {value}::jsonb)", literal(storage))
    } else {
        format!("json_set(data, {}, json({value}))", literal(&format!("$.\"{storage}\"")))
    };
    run(w, &format!("UPDATE kdb_records SET data = {data} WHERE id = '{record}'")).await;
}

/// Bytes of a table, and of its indexes.
pub async fn bytes(w: &crate::Workspace, table: &str) -> (f64, f64) {
    let (rows, indexes): (i64, i64) = if stoneware_engine::engine::is_url(&w.location) {
        let mut db = sqlx::PgConnection::connect_with(&pg_options(&w.location)).await.unwrap();
        let query = "SELECT pg_table_size(c.oid), pg_indexes_size(c.oid) FROM pg_class c WHERE relname = $1 AND pg_table_is_visible(c.oid)";
        sqlx::query_as(query).bind(table).fetch_one(&mut db).await.unwrap()
    } else {
        let query = "SELECT coalesce(sum(pgsize) FILTER (WHERE name = ?1), 0), coalesce(sum(pgsize) FILTER (WHERE name <> ?1), 0)
                     FROM dbstat WHERE name IN (SELECT name FROM sqlite_schema WHERE tbl_name = ?1)";
        sqlx::query_as(query).bind(table).fetch_one(&mut open(&w.path).await).await.unwrap()
    };
    (rows as f64, indexes as f64)
}
