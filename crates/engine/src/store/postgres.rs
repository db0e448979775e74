//! A Postgres database: its connections, and what each kind of transaction begins with.

use sqlx::{Connection as _, PgConnection, PgPool, Postgres, Transaction, pool::PoolConnection, postgres::PgPoolOptions};
use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use super::{
    reach,
    watcher::{Line, Watcher},
};
use crate::{
    error::{Error, ErrorCode, Result},
    model::Connection,
};

pub(super) const CONNECTIONS: u32 = 12;

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

/// How long anybody waits for a connection.
const PATIENCE: Duration = Duration::from_secs(20);
/// The same once it is known that the server does not answer.
const IMPATIENCE: Duration = Duration::from_secs(3);

#[derive(Debug, Clone)]
pub(super) struct PostgresStore {
    pool: PgPool,
    /// One that is kept at hand: a pool looks after each that is given back first, which is a round trip, and would open another meanwhile.
    near: Arc<Mutex<Option<PoolConnection<Postgres>>>>,
    /// Of its own: it stays with whoever listens.
    listening: PgPool,
    channel: String,
    /// The schema held a workspace when it was connected to.
    pub workspace: bool,
    line: Arc<Line>,
}

impl PostgresStore {
    /// Connects, and says why nothing can be written where that is so. `create` makes the schema where there is none.
    pub async fn open(connection: &Connection, password: Option<&str>, create: bool) -> Result<(Self, Option<String>)> {
        let found = reach::prepare(connection, password, create).await?;
        let line = Arc::new(Line::default());
        let options = reach::options(connection, password).options([("stoneware.client", line.client.as_str())]);
        let pool = |max: u32, patience: Duration| {
            PgPoolOptions::new()
                .max_connections(max)
                .acquire_timeout(patience)
                .test_before_acquire(false)
                .connect_lazy_with(options.clone())
        };
        let (pool, listening) = (pool(CONNECTIONS, PATIENCE), pool(1, IMPATIENCE));
        Ok((Self { pool, near: Arc::default(), listening, channel: found.channel, workspace: found.workspace, line }, found.read_only))
    }

    pub async fn watcher(&self) -> Watcher {
        Watcher::on_postgres(self.listening.clone(), self.channel.clone(), self.line.clone()).await
    }

    pub async fn begin(&self, how: &'static str) -> Result<Transaction<'static, Postgres>> {
        let mut tries = CONNECTIONS;
        loop {
            match self.in_time(self.pool.begin_with(how)).await {
                Ok(tx) => return Ok(tx),
                Err(error) => self.once_more(error, &mut tries)?,
            }
        }
    }

    /// A connection for one question; give it back with [`PostgresStore::keep_near`] when it went well.
    pub async fn near(&self) -> sqlx::Result<PoolConnection<Postgres>> {
        let near = self.near.lock().unwrap_or_else(PoisonError::into_inner).take();
        match near {
            Some(connection) => Ok(connection),
            None => self.pool.acquire().await,
        }
    }

    pub fn keep_near(&self, connection: PoolConnection<Postgres>) {
        self.near.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(connection);
    }

    /// Waits for something no longer than makes sense while nobody answers.
    pub async fn in_time<T>(&self, attempt: impl Future<Output = sqlx::Result<T>>) -> sqlx::Result<T> {
        if !self.line.is_lost() {
            return attempt.await;
        }
        tokio::time::timeout(IMPATIENCE, attempt).await.unwrap_or(Err(sqlx::Error::PoolTimedOut))
    }

    /// Whether something that changes nothing may be tried again after this error; if not, what to say. A server that was restarted has
    /// left dead connections in the pool: each is met once, and goes.
    pub fn once_more(&self, error: sqlx::Error, tries: &mut u32) -> Result<()> {
        if matches!(error, sqlx::Error::PoolTimedOut) && (self.line.is_lost() || self.pool.size() < CONNECTIONS) {
            return Err(Error::lost("The server does not answer"));
        }
        let error = Error::from(error);
        if error.code != ErrorCode::ConnectionLost || *tries == 0 {
            return Err(error);
        }
        *tries -= 1;
        Ok(())
    }

    /// A connection that is nobody else's, and never goes back.
    pub async fn own_connection(&self) -> Result<PgConnection> {
        let mut tries = CONNECTIONS;
        loop {
            let attempt = async {
                let mut connection = self.pool.acquire().await?;
                // One that was lost meanwhile is met here, not in the middle of something.
                connection.ping().await?;
                Ok(connection.detach())
            };
            match self.in_time(attempt).await {
                Ok(connection) => return Ok(connection),
                Err(error) => self.once_more(error, &mut tries)?,
            }
        }
    }

    /// For making the system tables.
    pub async fn begin_preparing(&self) -> Result<Transaction<'static, Postgres>> {
        self.begin(PREPARE).await
    }

    pub async fn close(&self) {
        drop(self.near.lock().unwrap_or_else(PoisonError::into_inner).take());
        self.listening.close().await;
        self.pool.close().await;
    }
}
