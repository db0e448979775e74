//! A Postgres database: its connections, and what each kind of transaction begins with.

use sqlx::{PgPool, Postgres, Transaction, postgres::PgPoolOptions};
use std::time::Duration;

use super::reach;
use crate::{error::Result, model::Connection};

const CONNECTIONS: u32 = 12;

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
    /// Connects. `create` makes the schema where there is none.
    pub async fn open(connection: &Connection, password: Option<&str>, create: bool) -> Result<Self> {
        reach::prepare(connection, password, create).await?;
        let pool = PgPoolOptions::new()
            .max_connections(CONNECTIONS)
            .acquire_timeout(Duration::from_secs(30))
            .test_before_acquire(false)
            .connect_lazy_with(reach::options(connection, password));
        Ok(Self { pool })
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
