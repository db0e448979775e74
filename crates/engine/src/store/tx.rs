//! The open database of a workspace, and transactions on it: the same calls whichever database it is.

use futures_util::TryStreamExt;
use sea_query_sqlx::SqlxValues;
use sqlx::{Postgres, Sqlite, Transaction};
use std::{
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use super::{
    Watcher,
    line::Line,
    patience::{Patience, Tries},
    postgres::{self, PostgresStore},
    rehearsal::Rehearsal,
    sqlite::{self, SqliteStore},
    turn::Turn,
};
use crate::{
    error::{Error, ErrorCode, Result},
    model::{Connection, ParsedConnection},
    sql::{Bind, Dialect, Row, Statement},
};

/// From this many binds on, a statement is not kept prepared: it is made for one batch, and large to keep.
const MANY_BINDS: usize = 200;

#[derive(Debug, Clone)]
pub(super) enum Database {
    Sqlite(SqliteStore),
    Postgres(PostgresStore),
}

/// What a transaction is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Door {
    Read,
    Write,
    Tables,
    Bulk,
}

/// The open database of a workspace.
#[derive(Debug, Clone)]
pub struct Store {
    database: Database,
    /// Writing transactions begun so far.
    begun: Arc<AtomicU64>,
    /// Why nothing can be written, in words.
    read_only: Option<String>,
    /// How it waits for what others hold; none waits as long as the database does, and then says `busy`.
    pub(super) patience: Option<Arc<Patience>>,
    /// Path, or URL without the password.
    pub location: String,
}

impl Store {
    /// Opens a SQLite file. `create` makes it where there is none.
    ///
    /// # Errors
    /// `connection_failed`, `not_a_workspace`, `io`.
    pub async fn open_file(path: &Path, create: bool) -> Result<Self> {
        let (store, protected) = SqliteStore::open(path, create).await?;
        let read_only = protected.then(|| "the file is write-protected".to_owned());
        Ok(Self {
            database: Database::Sqlite(store),
            begun: Arc::default(),
            read_only,
            patience: None,
            location: path.display().to_string(),
        })
    }

    /// Connects to a Postgres database. `create` makes the schema the URL names, where there is none.
    ///
    /// # Errors
    /// `connection_failed` with what to look at; `unsupported` for a server that is too old.
    pub async fn open_url(url: &str, create: bool) -> Result<Self> {
        let ParsedConnection { connection, password } = Connection::parse(url)?;
        let (store, read_only) = PostgresStore::open(&connection, password.as_deref(), create).await?;
        // The location is shown and logged: it has no password.
        Ok(Self { database: Database::Postgres(store), begun: Arc::default(), read_only, patience: None, location: connection.location()? })
    }

    pub fn dialect(&self) -> &'static dyn Dialect {
        match &self.database {
            Database::Sqlite(_) => &crate::sql::sqlite::Sqlite,
            Database::Postgres(_) => &crate::sql::postgres::Postgres,
        }
    }

    /// How many transactions a job may write in at once: one where a database has one writer, else one for each processor up to three.
    pub fn writers(&self) -> usize {
        match &self.database {
            Database::Sqlite(_) => 1,
            Database::Postgres(_) => self.readers(),
        }
    }

    /// How many statements a job may read with at once.
    pub fn readers(&self) -> usize {
        std::thread::available_parallelism().map_or(2, std::num::NonZero::get).clamp(1, 3)
    }

    /// A snapshot to read from.
    pub async fn read(&self) -> Result<Tx> {
        self.begin(Door::Read).await
    }

    /// A transaction that writes records.
    pub async fn write(&self) -> Result<Tx> {
        self.writing()?;
        self.begin(Door::Write).await
    }

    /// A transaction that changes tables; nobody else writes while it runs. On SQLite foreign keys are not enforced in it, so whoever uses
    /// it calls [`Tx::check_foreign_keys`] before committing.
    pub async fn write_tables(&self) -> Result<Tx> {
        self.writing()?;
        self.begin(Door::Tables).await
    }

    /// A transaction that makes or changes the system tables.
    pub(super) async fn prepare(&self) -> Result<Tx> {
        match &self.database {
            Database::Sqlite(_) => self.write_tables().await,
            Database::Postgres(store) => Ok(self.tx(Inner::Postgres(store.begin_preparing().await?, store.line.clone()), None)),
        }
    }

    /// One of a job's many transactions: its commit does not wait for the disk. What it wrote is safe as soon as any later transaction of
    /// another kind is.
    pub async fn write_bulk(&self) -> Result<Tx> {
        self.writing()?;
        self.begin(Door::Bulk).await
    }

    async fn begin(&self, door: Door) -> Result<Tx> {
        let Some(patience) = &self.patience else { return self.enter(door).await };
        let mut tries = Tries::default();
        loop {
            match patience.beside(Box::pin(self.enter(door))).await {
                Ok(tx) => return Ok(tx),
                Err(error) => self.give_way(error, &mut tries).await?,
            }
        }
    }

    async fn enter(&self, door: Door) -> Result<Tx> {
        let (inner, turn) = match &self.database {
            Database::Sqlite(store) => {
                let (tx, turn) = match door {
                    Door::Read => (store.read().await?, None),
                    Door::Write => store.write().await.map(|(tx, turn)| (tx, Some(turn)))?,
                    Door::Tables => store.write_tables().await.map(|(tx, turn)| (tx, Some(turn)))?,
                    Door::Bulk => store.write_bulk().await.map(|(tx, turn)| (tx, Some(turn)))?,
                };
                (Inner::Sqlite(tx), turn)
            }
            Database::Postgres(store) => {
                let how = match door {
                    Door::Read => postgres::READ,
                    Door::Write => postgres::WRITE,
                    Door::Tables => postgres::WRITE_TABLES,
                    Door::Bulk => postgres::WRITE_BULK,
                };
                let how = match &self.patience {
                    Some(patience) => how.set(&patience.settings(door == Door::Tables)),
                    None => how,
                };
                (Inner::Postgres(store.begin(how).await?, store.line.clone()), None)
            }
        };
        Ok(self.tx(inner, turn))
    }

    fn tx(&self, inner: Inner, turn: Option<Turn>) -> Tx {
        Tx { inner, dialect: self.dialect(), schema_version: None, rehearsal: None, _turn: turn }
    }

    /// A number that stays while nobody writes to the file but by [`Store::write_bulk`]; none on a server. Not asked within such a transaction.
    pub async fn file_version(&self) -> Result<Option<i64>> {
        match &self.database {
            Database::Sqlite(store) => store.version().await.map(Some),
            Database::Postgres(_) => Ok(None),
        }
    }

    /// Writing transactions this program has begun so far.
    pub fn begun(&self) -> u64 {
        self.begun.load(Ordering::Relaxed)
    }

    pub(super) async fn watcher(&self) -> Result<Watcher> {
        match &self.database {
            Database::Sqlite(store) => Watcher::on_sqlite(store.reader().await?).await,
            Database::Postgres(store) => Ok(store.watcher().await),
        }
    }

    /// Whether it is a workspace, where that was told when it was connected to.
    pub(super) fn is_workspace(&self) -> Option<bool> {
        if let Database::Postgres(store) = &self.database { Some(store.workspace) } else { None }
    }

    pub(super) fn database(&self) -> &Database {
        &self.database
    }

    /// Why nothing can be written, where that is so.
    pub fn read_only(&self) -> Option<&str> {
        self.read_only.as_deref()
    }

    fn writing(&self) -> Result<()> {
        if let Some(why) = &self.read_only {
            return Err(Error::new(ErrorCode::NotPermitted, format!("This workspace can only be read: {why}."))
                .with(serde_json::json!({ "read_only": true })));
        }
        self.begun.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }

    pub async fn close(&self) {
        match &self.database {
            Database::Sqlite(store) => store.close().await,
            Database::Postgres(store) => store.close().await,
        }
    }
}

#[derive(Debug)]
enum Inner {
    Sqlite(Transaction<'static, Sqlite>),
    Postgres(Transaction<'static, Postgres>, Arc<Line>),
}

/// A transaction. Dropped without [`Tx::commit`], it leaves no trace.
#[derive(Debug)]
pub struct Tx {
    inner: Inner,
    pub dialect: &'static dyn Dialect,
    /// Set once the schema was read in it. Postgres keeps prepared statements, and refuses one whose columns have changed their types since:
    /// so a statement is kept under the schema's version, and not at all where that is not known.
    schema_version: Option<u32>,
    /// Set where what is written is only written down.
    pub(super) rehearsal: Option<Box<Rehearsal>>,
    /// SQLite: held while it may write; given back after `inner` has ended.
    _turn: Option<Turn>,
}

impl Tx {
    /// Runs a statement; returns the number of rows it touched. In a rehearsal it is written down, and has touched none.
    pub async fn execute(&mut self, statement: impl Into<Statement>) -> Result<u64> {
        let statement = statement.into();
        if self.only_noted(&statement) {
            return Ok(0);
        }
        let (text, binds, keep) = self.prepared(statement);
        match &mut self.inner {
            Inner::Sqlite(tx) => {
                let query = sqlx::query_with(sqlx::AssertSqlSafe(text), sqlite::binds(binds));
                Ok(query.execute(&mut **tx).await?.rows_affected())
            }
            Inner::Postgres(tx, line) => {
                let query = sqlx::query_with(sqlx::AssertSqlSafe(text), values(binds)).persistent(keep);
                Ok(line.wait(Box::pin(query.execute(&mut **tx))).await?.rows_affected())
            }
        }
    }

    pub async fn rows(&mut self, statement: impl Into<Statement>) -> Result<Vec<Row>> {
        let (text, binds, keep) = self.prepared(statement.into());
        let mut rows = vec![];
        match &mut self.inner {
            Inner::Sqlite(tx) => {
                let mut stream = sqlx::query_with(sqlx::AssertSqlSafe(text), sqlite::binds(binds)).fetch(&mut **tx);
                while let Some(row) = stream.try_next().await? {
                    rows.push(sqlite::read_row(&row)?);
                }
            }
            Inner::Postgres(tx, line) => {
                let query = sqlx::query_with(sqlx::AssertSqlSafe(text), values(binds)).persistent(keep);
                let mut stream = query.fetch(&mut **tx);
                while let Some(row) = line.wait(stream.try_next()).await? {
                    rows.push(super::postgres_cells::read_row(&row)?);
                }
            }
        }
        Ok(rows)
    }

    pub async fn row(&mut self, statement: impl Into<Statement>) -> Result<Option<Row>> {
        Ok(self.rows(statement).await?.into_iter().next())
    }

    /// The first cell of the first row as a count; 0 where there is no row.
    pub async fn count(&mut self, statement: impl Into<Statement>) -> Result<u32> {
        self.row(statement).await?.map_or(Ok(0), |row| row.count(0))
    }

    /// The first cell of each row.
    pub async fn texts(&mut self, statement: impl Into<Statement>) -> Result<Vec<String>> {
        self.rows(statement).await?.iter().map(|row| row.text(0)).collect()
    }

    /// Runs statements without parameters, and returns the rows of each: on a server, one round trip.
    pub async fn batch(&mut self, statements: &[String]) -> Result<Vec<Vec<Row>>> {
        if let Inner::Postgres(tx, line) = &mut self.inner {
            return Ok(line.wait(Box::pin(super::batch::several(&mut **tx, &statements.join(";\n")))).await?);
        }
        let mut sets = vec![];
        for statement in statements {
            sets.push(self.rows(statement.as_str()).await?);
        }
        Ok(sets)
    }

    /// Runs a file of statements: no binds, and comments on lines of their own.
    pub async fn script(&mut self, text: &str) -> Result<()> {
        if let Inner::Postgres(tx, line) = &mut self.inner {
            line.wait(sqlx::raw_sql(sqlx::AssertSqlSafe(text.to_owned())).execute(&mut **tx)).await?;
            return Ok(());
        }
        let code: Vec<&str> = text.lines().filter(|line| !line.trim_start().starts_with("--")).collect();
        // No semicolon but those that end a statement.
        for statement in code.join("\n").split(';').map(str::trim).filter(|s| !s.is_empty()) {
            self.execute(statement).await?;
        }
        Ok(())
    }

    /// Says which version of the schema this transaction works by: statements may then be kept prepared.
    pub fn knows_schema(&mut self, version: u32) {
        self.schema_version = Some(version);
    }

    pub async fn commit(self) -> Result<()> {
        let committed = match self.inner {
            Inner::Sqlite(tx) => tx.commit().await,
            Inner::Postgres(tx, line) => line.wait(tx.commit()).await,
        };
        committed.map_err(|error| Error::from(error).at_commit())
    }

    /// Text, binds, and whether the statement is kept prepared.
    fn prepared(&self, statement: Statement) -> (String, Vec<Bind>, bool) {
        let Statement { text, binds } = statement;
        match (&self.inner, self.schema_version) {
            (Inner::Postgres(..), Some(version)) if binds.len() < MANY_BINDS => (kept(&text, version), binds, true),
            (Inner::Postgres(..), _) => (text, binds, false),
            (Inner::Sqlite(_), _) => (text, binds, true),
        }
    }
}

/// A statement that is kept prepared as long as the schema stays: Postgres refuses one whose columns have changed their types.
pub(super) fn kept(text: &str, version: u32) -> String {
    format!("{text} -- {version}")
}

/// Every kind has its own type there.
pub(super) fn values(binds: Vec<Bind>) -> SqlxValues {
    SqlxValues(sea_query::Values(binds.into_iter().map(Into::into).collect()))
}
