//! Connections and transactions.
//!
//! SQLite allows one writer at a time. So there is one connection for writing records, one for changing tables (with
//! foreign keys switched off, which SQLite only allows outside a transaction, so that a table can be put together anew
//! without its children being cascaded away), and several for reading.

use futures_util::TryStreamExt;
use sea_query_sqlx::SqlxValues;
use sqlx::{
    Column as _, Row as _, Sqlite, SqlitePool, Transaction, TypeInfo as _, ValueRef as _,
    pool::PoolConnection,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteRow, SqliteSynchronous},
};
use std::{
    path::Path,
    str::FromStr,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};
use tokio::sync::{Mutex, OwnedMutexGuard};

use crate::{
    error::{Error, ErrorCode, Result},
    sql::{Cell, Dialect, Row, Statement, sqlite},
};

/// How long a writer waits for another program before it gives up with `busy`.
const BUSY_TIMEOUT: Duration = Duration::from_secs(15);
/// How long a writer waits for the others of this process.
const TURN_TIMEOUT: Duration = Duration::from_secs(60);

/// The open database of a workspace.
#[derive(Debug, Clone)]
pub struct Store {
    readers: SqlitePool,
    writer: SqlitePool,
    tables: SqlitePool,
    bulk: SqlitePool,
    /// Writers of this process take turns in the order they come: waiting in the database is by trying again and again, and who writes
    /// batch after batch would let nobody else in.
    turn: Arc<Mutex<()>>,
    /// Writing transactions begun so far.
    begun: Arc<AtomicU64>,
    pub read_only: bool,
    pub location: String,
}

impl Store {
    /// Opens a SQLite file. `create` makes it where there is none.
    ///
    /// # Errors
    /// `connection_failed`, `not_a_workspace`, `io`.
    pub async fn open_file(path: &Path, create: bool) -> Result<Self> {
        let read_only = path.exists() && std::fs::metadata(path)?.permissions().readonly();
        let options = SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(create)
            .read_only(read_only)
            .busy_timeout(BUSY_TIMEOUT)
            .foreign_keys(true)
            .collation(sqlite::DECIMAL_COLLATION, compare_decimals)
            .pragma("temp_store", "memory")
            .pragma("cache_size", "-65536");
        let options = if read_only {
            options
        } else {
            // FULL: what was committed survives a power cut, not only a killed process.
            options.journal_mode(SqliteJournalMode::Wal).synchronous(SqliteSynchronous::Full)
        };
        let pool = |max: u32, options: SqliteConnectOptions| {
            SqlitePoolOptions::new()
                .max_connections(max)
                .min_connections(0)
                .acquire_timeout(Duration::from_secs(60))
                .connect_lazy_with(options)
        };
        // NORMAL: a power cut may take the last batches, checkpoint and all, but never tears one.
        let bulk = if read_only {
            options.clone()
        } else {
            options.clone().synchronous(SqliteSynchronous::Normal).pragma("wal_autocheckpoint", "8000")
        };
        let store = Self {
            writer: pool(1, options.clone()),
            tables: pool(1, options.clone().foreign_keys(false)),
            bulk: pool(1, bulk.foreign_keys(false)),
            turn: Arc::default(),
            begun: Arc::default(),
            // One of them is the watcher's.
            readers: pool(5, options.read_only(true)),
            read_only,
            location: path.display().to_string(),
        };
        // The first connection makes the file and sets its journal mode; only then can it be opened for reading.
        store.writer.acquire().await?;
        Ok(store)
    }

    pub fn dialect(&self) -> &'static dyn Dialect {
        &sqlite::Sqlite
    }

    /// Writing transactions this program has begun so far.
    pub fn begun(&self) -> u64 {
        self.begun.load(Ordering::Relaxed)
    }

    pub(super) async fn reader(&self) -> Result<PoolConnection<Sqlite>> {
        Ok(self.readers.acquire().await?)
    }

    /// A snapshot to read from.
    pub async fn read(&self) -> Result<Tx> {
        Ok(Tx { inner: self.readers.begin().await?, dialect: self.dialect(), _turn: None })
    }

    /// A transaction that writes records.
    pub async fn write(&self) -> Result<Tx> {
        self.begin(&self.writer).await
    }

    /// A transaction that changes tables: foreign keys are not enforced while it runs, so whoever uses it calls
    /// [`Tx::check_foreign_keys`] before committing.
    pub async fn write_tables(&self) -> Result<Tx> {
        self.begin(&self.tables).await
    }

    /// One of a job's many transactions: like [`Store::write_tables`], but its commit does not wait for the disk. What it wrote is safe as
    /// soon as any later transaction of another kind is.
    pub async fn write_bulk(&self) -> Result<Tx> {
        self.begin(&self.bulk).await
    }

    async fn begin(&self, pool: &SqlitePool) -> Result<Tx> {
        self.refuse_read_only()?;
        let turn = tokio::time::timeout(TURN_TIMEOUT, self.turn.clone().lock_owned()).await.map_err(|_| {
            Error::new(ErrorCode::Busy, "Another task of this program has been writing for a long time. Try again in a moment.")
        })?;
        self.begun.fetch_add(1, Ordering::Relaxed);
        Ok(Tx { inner: pool.begin_with("BEGIN IMMEDIATE").await?, dialect: self.dialect(), _turn: Some(turn) })
    }

    fn refuse_read_only(&self) -> Result<()> {
        if self.read_only {
            return Err(Error::new(ErrorCode::NotPermitted, "This workspace can only be read: the file is write-protected."));
        }
        Ok(())
    }

    pub async fn close(&self) {
        self.readers.close().await;
        self.bulk.close().await;
        self.tables.close().await;
        self.writer.close().await;
    }
}

/// Decimals kept as text, by value; anything else after them, as text.
fn compare_decimals(a: &str, b: &str) -> std::cmp::Ordering {
    let parse = |s: &str| bigdecimal::BigDecimal::from_str(s).ok();
    match (parse(a), parse(b)) {
        (Some(x), Some(y)) => x.cmp(&y),
        (Some(_), None) => std::cmp::Ordering::Less,
        (None, Some(_)) => std::cmp::Ordering::Greater,
        (None, None) => a.cmp(b),
    }
}

/// A transaction. Dropped without [`Tx::commit`], it leaves no trace.
#[derive(Debug)]
pub struct Tx {
    inner: Transaction<'static, Sqlite>,
    pub dialect: &'static dyn Dialect,
    /// Held while it may write; given back after `inner` has ended.
    _turn: Option<OwnedMutexGuard<()>>,
}

impl Tx {
    /// Runs a statement; returns the number of rows it touched.
    pub async fn execute(&mut self, statement: impl Into<Statement>) -> Result<u64> {
        let Statement { text, binds } = statement.into();
        let query = sqlx::query_with(sqlx::AssertSqlSafe(text), SqlxValues(sea_query::Values(binds)));
        Ok(query.execute(&mut *self.inner).await?.rows_affected())
    }

    pub async fn rows(&mut self, statement: impl Into<Statement>) -> Result<Vec<Row>> {
        let Statement { text, binds } = statement.into();
        let query = sqlx::query_with(sqlx::AssertSqlSafe(text), SqlxValues(sea_query::Values(binds)));
        let mut stream = query.fetch(&mut *self.inner);
        let mut rows = vec![];
        while let Some(row) = stream.try_next().await? {
            rows.push(read_row(&row)?);
        }
        Ok(rows)
    }

    pub async fn row(&mut self, statement: impl Into<Statement>) -> Result<Option<Row>> {
        let Statement { text, binds } = statement.into();
        let query = sqlx::query_with(sqlx::AssertSqlSafe(text), SqlxValues(sea_query::Values(binds)));
        query.fetch_optional(&mut *self.inner).await?.as_ref().map(read_row).transpose()
    }

    /// The first cell of the first row as a count; 0 where there is no row.
    pub async fn count(&mut self, statement: impl Into<Statement>) -> Result<u32> {
        self.row(statement).await?.map_or(Ok(0), |row| row.count(0))
    }

    pub async fn commit(self) -> Result<()> {
        Ok(self.inner.commit().await?)
    }

    /// The columns of a table as they physically stand.
    pub async fn table_columns(&mut self, table: &str) -> Result<Vec<String>> {
        let mut sql = crate::sql::Sql::new(self.dialect, "SELECT name FROM pragma_table_info(");
        sql.bind(table).push(") ORDER BY cid");
        self.rows(sql.build()).await?.iter().map(|row| row.text(0)).collect()
    }

    pub async fn table_exists(&mut self, table: &str) -> Result<bool> {
        let mut sql = crate::sql::Sql::new(self.dialect, "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name = ");
        sql.bind(table);
        Ok(self.count(sql.build()).await? > 0)
    }

    /// Names of the table's own indexes (those made by `CREATE INDEX`).
    pub async fn table_indexes(&mut self, table: &str) -> Result<Vec<String>> {
        let mut sql =
            crate::sql::Sql::new(self.dialect, "SELECT name FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL AND tbl_name = ");
        sql.bind(table);
        self.rows(sql.build()).await?.iter().map(|row| row.text(0)).collect()
    }

    /// Replaces a table's definition where only constraints, defaults and declared types differ: the documented procedure for changes
    /// that leave the content on disk as it is, so a foreign key is added to a table of any size without copying it.
    pub async fn rewrite_definition(&mut self, table: &str, create: &str) -> Result<()> {
        self.execute("PRAGMA writable_schema = ON").await?;
        let mut sql = crate::sql::Sql::new(self.dialect, "UPDATE sqlite_schema SET sql = ");
        sql.bind(create).push(" WHERE type = 'table' AND name = ").bind(table);
        let touched = self.execute(sql.build()).await;
        // RESET reads the definitions again, so that this connection too goes by the new ones.
        let version = self.row("PRAGMA schema_version").await?.map_or(Ok(0), |row| row.integer(0))?;
        self.execute(format!("PRAGMA schema_version = {}", version + 1)).await?;
        self.execute("PRAGMA writable_schema = RESET").await?;
        match touched? {
            1 => Ok(()),
            _ => Err(Error::new(ErrorCode::Corrupt, format!("The table {table} is gone from the workspace file. Restore it from a copy."))),
        }
    }

    /// # Errors
    /// `dangling_reference` with the table, when a row refers to one that does not exist.
    pub async fn check_foreign_keys(&mut self, table: &str) -> Result<()> {
        let check = format!("PRAGMA foreign_key_check({})", self.dialect.quote(table));
        match self.row(check).await? {
            None => Ok(()),
            Some(row) => Err(Error::new(
                ErrorCode::DanglingReference,
                format!("{table} refers to a record of {} that does not exist.", row.opt_text(2).unwrap_or_default()),
            )
            .with(serde_json::json!({ "table": table, "referenced": row.opt_text(2) }))),
        }
    }
}

pub(super) fn read_row(row: &SqliteRow) -> Result<Row> {
    read_cells(row, |index| Ok(Cell::Text(row.try_get_unchecked(index)?)))
}

/// A row's cells by the storage class of each. `text` reads a text at an index: whose file it is decides what becomes of one that is not UTF-8.
pub(super) fn read_cells(row: &SqliteRow, mut text: impl FnMut(usize) -> Result<Cell>) -> Result<Row> {
    let mut cells = Vec::with_capacity(row.columns().len());
    for column in row.columns() {
        let index = column.ordinal();
        let raw = row.try_get_raw(index)?;
        cells.push(if raw.is_null() {
            Cell::Null
        } else {
            match raw.type_info().name() {
                "INTEGER" | "BOOLEAN" => Cell::Integer(row.try_get_unchecked(index)?),
                "REAL" => Cell::Real(row.try_get_unchecked(index)?),
                "BLOB" => Cell::Blob(row.try_get_unchecked(index)?),
                _ => text(index)?,
            }
        });
    }
    Ok(Row(cells))
}
