//! A Postgres database: its connections, and what each kind of transaction begins with.

use sqlx::{
    Connection as _, PgConnection, PgPool, Postgres, Transaction,
    pool::PoolConnection,
    postgres::{PgConnectOptions, PgPoolOptions},
};
use std::{
    borrow::Cow,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use super::{
    line::{ANSWER, Line},
    reach,
    watcher::Watcher,
};
use crate::{
    error::{Error, ErrorCode, Result},
    model::Connection,
};

pub(super) const CONNECTIONS: u32 = 12;

/// What a transaction begins with: a statement, and what is done first of all in it. Not all at once: when what comes after `BEGIN` fails,
/// sqlx knows of no transaction and gives the connection back with it.
#[derive(Debug, Clone)]
pub(super) struct Beginning {
    pub begin: &'static str,
    then: Option<Cow<'static, str>>,
}

impl Beginning {
    const fn with(then: &'static str) -> Self {
        Self { begin: "BEGIN", then: Some(Cow::Borrowed(then)) }
    }

    /// With settings for this one transaction.
    pub fn set(self, settings: &str) -> Self {
        let then = self.then.map_or_else(|| settings.to_owned(), |then| format!("{settings}; {then}"));
        Self { then: Some(then.into()), ..self }
    }
}

/// A snapshot.
pub(super) const READ: Beginning = Beginning { begin: "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", then: None };
// Writers of records go side by side; whoever changes tables waits for them and keeps new ones out, so that a writer never writes an entity
// into the place it has just left. The lock is a table's, not an advisory one: `LOCK TABLE` takes no snapshot, so that what is read after it
// is what the one before has committed.
pub(super) const WRITE: Beginning = Beginning::with("LOCK TABLE kdb_workspace IN ROW SHARE MODE");
pub(super) const WRITE_TABLES: Beginning = Beginning::with("SET CONSTRAINTS ALL IMMEDIATE; LOCK TABLE kdb_workspace IN EXCLUSIVE MODE");
// As for `Tx::prefer_indexes`.
pub(super) const WRITE_BULK: Beginning =
    Beginning::with("SET LOCAL synchronous_commit = off; SET LOCAL enable_sort = off; LOCK TABLE kdb_workspace IN ROW SHARE MODE");
/// The first transaction of all: there is no table to lock yet. The number is any that is ours.
const PREPARE: Beginning = Beginning::with("SELECT pg_advisory_xact_lock(7077741)");

/// How long anybody waits for a connection.
const PATIENCE: Duration = Duration::from_secs(20);
/// How long a transaction may take to begin, for a connection or a lock included.
const BEGINNING: Duration = Duration::from_secs(40);
/// The same once it is known that the server does not answer.
const IMPATIENCE: Duration = Duration::from_secs(3);

/// A connection and since when it lies there.
type Kept = (Instant, PoolConnection<Postgres>);

#[derive(Debug, Clone)]
pub(super) struct PostgresStore {
    pool: PgPool,
    /// One that is kept at hand: a pool looks after each that is given back first, which is a round trip, and would open another meanwhile.
    near: Arc<Mutex<Option<Kept>>>,
    listening: Listening,
    channel: String,
    /// The schema held a workspace when it was connected to.
    pub workspace: bool,
    pub line: Arc<Line>,
}

impl PostgresStore {
    /// Connects, and says why nothing can be written where that is so. `create` makes the schema where there is none.
    pub async fn open(connection: &Connection, password: Option<&str>, create: bool) -> Result<(Self, Option<String>)> {
        let found = reach::prepare(connection, password, create).await?;
        let options = reach::options(connection, password);
        let line = Arc::new(Line::new(options.clone()));
        let options = options.options([("stoneware.client", line.client.as_str())]);
        let pool = |max: u32, patience: Duration| {
            let (taken, given) = (line.clone(), line.clone());
            PgPoolOptions::new()
                .max_connections(max)
                .acquire_timeout(patience)
                .test_before_acquire(false)
                .before_acquire(move |_, met| {
                    let fresh = !taken.is_stale(met.age);
                    Box::pin(async move { Ok(fresh) })
                })
                // Whoever gave it back may have given up waiting: the pool would wait on, and count it as one of its own.
                .after_release(move |connection, met| {
                    let stale = given.is_stale(met.age);
                    Box::pin(async move {
                        match stale {
                            false => Ok(true),
                            true => tokio::time::timeout(ANSWER, connection.ping())
                                .await
                                .unwrap_or(Err(sqlx::Error::PoolTimedOut))
                                .map(|()| true),
                        }
                    })
                })
                .connect_lazy_with(options.clone())
        };
        let pool = pool(CONNECTIONS, PATIENCE);
        let listening = Listening { options: Box::new(options), pool: Arc::default() };
        Ok((Self { pool, near: Arc::default(), listening, channel: found.channel, workspace: found.workspace, line }, found.read_only))
    }

    pub async fn watcher(&self) -> Watcher {
        Watcher::on_postgres(self.listening.clone(), self.channel.clone(), self.line.clone()).await
    }

    pub async fn begin(&self, how: Beginning) -> Result<Transaction<'static, Postgres>> {
        let mut tries = CONNECTIONS;
        loop {
            // A task of its own: whoever gives up waiting must not leave a connection behind in the middle of it. It waits for locks no
            // longer than they may be waited for: after that, the connection is a dead one.
            let begun = tokio::time::timeout(BEGINNING, tokio::spawn(begun(self.pool.clone(), how.clone())));
            let begun = async { begun.await.unwrap_or(Ok(Err(timed_out()))).unwrap_or_else(|_| Err(timed_out())) };
            match self.in_time(begun).await {
                Ok(tx) => return Ok(tx),
                Err(error) => self.once_more(error, &mut tries)?,
            }
        }
    }

    /// A connection for one question; give it back with [`PostgresStore::keep_near`] when it went well.
    pub async fn near(&self) -> sqlx::Result<PoolConnection<Postgres>> {
        let near = self.near.lock().unwrap_or_else(PoisonError::into_inner).take();
        match near {
            Some((kept, connection)) if !self.line.is_stale(kept.elapsed()) => Ok(connection),
            _ => Box::pin(self.pool.acquire()).await,
        }
    }

    pub fn keep_near(&self, connection: PoolConnection<Postgres>) {
        self.near.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert((Instant::now(), connection));
    }

    /// Waits for something no longer than makes sense while nobody answers.
    pub async fn in_time<T>(&self, attempt: impl Future<Output = sqlx::Result<T>>) -> sqlx::Result<T> {
        if !self.line.is_lost() {
            return self.line.wait(attempt).await;
        }
        let answer = tokio::time::timeout(IMPATIENCE, attempt).await.unwrap_or(Err(sqlx::Error::PoolTimedOut));
        // Nobody else says so where nobody listens.
        if answer.is_ok() {
            self.line.find();
        }
        answer
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
        // Not longer than a line that leads nowhere deserves.
        let _ = tokio::time::timeout(ANSWER, self.listening.close()).await;
        let _ = tokio::time::timeout(ANSWER * 2, self.pool.close()).await;
    }
}

async fn begun(pool: PgPool, how: Beginning) -> sqlx::Result<Transaction<'static, Postgres>> {
    let mut tx = pool.begin_with(how.begin).await?;
    if let Some(then) = how.then {
        sqlx::raw_sql(sqlx::AssertSqlSafe(then.into_owned())).execute(&mut *tx).await?;
    }
    Ok(tx)
}

fn timed_out() -> sqlx::Error {
    sqlx::Error::Io(std::io::ErrorKind::TimedOut.into())
}

/// The connection of whoever listens. A listener that is dropped says goodbye on it, for which it waits as long as the line is dead: so each
/// has a pool of its own.
#[derive(Debug, Clone)]
pub(super) struct Listening {
    options: Box<PgConnectOptions>,
    pool: Arc<Mutex<Option<PgPool>>>,
}

impl Listening {
    pub fn anew(&self) -> PgPool {
        let pool = PgPoolOptions::new().max_connections(1).acquire_timeout(IMPATIENCE).connect_lazy_with((*self.options).clone());
        *self.pool.lock().unwrap_or_else(PoisonError::into_inner) = Some(pool.clone());
        pool
    }

    async fn close(&self) {
        let pool = self.pool.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(pool) = pool {
            pool.close().await;
        }
    }
}
