//! A Postgres database: its connections, and what each kind of transaction begins with.

use sqlx::{
    Connection, PgConnection, PgPool, Postgres, Transaction,
    postgres::{PgConnectOptions, PgPoolOptions},
};
use std::{str::FromStr, time::Duration};
use url::Url;

use crate::{
    error::{Error, ErrorCode, Result},
    sql::{Dialect, postgres},
};

/// The oldest server that will do, as it says of itself.
const OLDEST: i32 = 150_000;
/// How long anybody waits for a lock before giving up with `busy`.
const LOCK_TIMEOUT: &str = "15s";
const CONNECTIONS: u32 = 12;
/// How long a server may take to answer at all.
const PATIENCE: Duration = Duration::from_secs(15);

/// A snapshot.
pub(super) const READ: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
// Writers of records go side by side; whoever changes tables waits for them and keeps new ones out, so that a writer never writes an entity
// into the place it has just left. The lock is a table's, not an advisory one: `LOCK TABLE` takes no snapshot, so that what is read after it
// is what the one before has committed.
pub(super) const WRITE: &str = "BEGIN; LOCK TABLE kdb_workspace IN ROW SHARE MODE";
pub(super) const WRITE_TABLES: &str = "BEGIN; SET CONSTRAINTS ALL IMMEDIATE; LOCK TABLE kdb_workspace IN EXCLUSIVE MODE";
pub(super) const WRITE_BULK: &str = "BEGIN; SET LOCAL synchronous_commit = off; LOCK TABLE kdb_workspace IN ROW SHARE MODE";
/// The first transaction of all: there is no table to lock yet. The number is any that is ours.
const PREPARE: &str = "BEGIN; SELECT pg_advisory_xact_lock(7077741)";

#[derive(Debug, Clone)]
pub(super) struct PostgresStore {
    pool: PgPool,
}

impl PostgresStore {
    /// Connects, and gives the location without any password. The schema is the URL's `schema`, else `public`.
    pub async fn open(url: &str, create: bool) -> Result<(Self, String)> {
        let bad = |e: &dyn std::fmt::Display| {
            Error::invalid(format!("This is no address of a Postgres database: {e}. Write it as postgres://user@host:5432/database."))
        };
        let mut address = Url::parse(url).map_err(|e| bad(&e))?;
        let schema = address.query_pairs().find(|(key, _)| key == "schema").map_or_else(|| "public".to_owned(), |(_, v)| v.into_owned());
        let mut plain = address.clone();
        plain.query_pairs_mut().clear().extend_pairs(address.query_pairs().filter(|(key, _)| key != "schema"));
        let quoted = postgres::Postgres.quote(&schema);
        let options = PgConnectOptions::from_str(plain.as_str()).map_err(|e| bad(&e))?.application_name("stoneware").options([
            ("search_path", quoted.as_str()),
            ("TimeZone", "UTC"),
            ("lock_timeout", LOCK_TIMEOUT),
            ("jit", "off"),
        ]);
        // The location is shown and logged.
        let _ = address.set_password(None);
        let secret: Vec<(String, String)> =
            address.query_pairs().filter(|(key, _)| key != "password").map(|(k, v)| (k.into_owned(), v.into_owned())).collect();
        address.set_query(None);
        if !secret.is_empty() {
            address.query_pairs_mut().extend_pairs(secret);
        }
        meet(&options, &schema, &quoted, create).await?;
        let pool = PgPoolOptions::new()
            .max_connections(CONNECTIONS)
            .acquire_timeout(Duration::from_secs(30))
            .test_before_acquire(false)
            .connect_lazy_with(options);
        Ok((Self { pool }, address.to_string()))
    }

    pub fn pool(&self) -> &PgPool {
        &self.pool
    }

    pub async fn begin(&self, how: &'static str) -> Result<Transaction<'static, Postgres>> {
        Ok(self.pool.begin_with(how).await?)
    }

    /// For making the system tables.
    pub async fn begin_preparing(&self) -> Result<Transaction<'static, Postgres>> {
        self.begin(PREPARE).await
    }

    pub async fn close(&self) {
        self.pool.close().await;
    }
}

/// A first connection, before there is a pool, which would go on trying: does the server answer, is it new enough, is the schema there?
async fn meet(options: &PgConnectOptions, schema: &str, quoted: &str, create: bool) -> Result<()> {
    let connecting = tokio::time::timeout(PATIENCE, PgConnection::connect_with(options));
    let mut connection = connecting.await.unwrap_or(Err(sqlx::Error::PoolTimedOut)).map_err(super::errors::connecting)?;
    let (version, there): (i32, bool) =
        sqlx::query_as("SELECT current_setting('server_version_num')::int, to_regnamespace($1) IS NOT NULL")
            .bind(quoted)
            .fetch_one(&mut connection)
            .await?;
    if version < OLDEST {
        let runs = version / 10_000;
        return Err(Error::unsupported(format!("The server runs Postgres {runs}; Stoneware needs 15 or newer. Update the server.")));
    }
    if !there && !create {
        return Err(Error::new(ErrorCode::NotAWorkspace, format!("The database has no schema {schema:?}. Make it with `stoneware init`."))
            .with(serde_json::json!({ "schema": schema })));
    }
    if !there {
        let create = format!("CREATE SCHEMA IF NOT EXISTS {quoted}");
        sqlx::query(sqlx::AssertSqlSafe(create)).execute(&mut connection).await?;
    }
    Ok(connection.close().await?)
}
