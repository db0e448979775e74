//! A SQLite file: its connections, and how values go in and come out.
//!
//! SQLite allows one writer at a time. So there is one connection for writing records, one for changing tables (with
//! foreign keys switched off, which SQLite only allows outside a transaction, so that a table can be put together anew
//! without its children being cascaded away), one that brings the log over into the file, and several for reading.

use sea_query_sqlx::SqlxValues;
use sqlx::{
    Column as _, Connection as _, Row as _, Sqlite, SqlitePool, Transaction, TypeInfo as _, ValueRef as _,
    pool::PoolConnection,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteRow, SqliteSynchronous},
};
use std::{path::Path, str::FromStr, sync::Arc, time::Duration};

use super::{
    checkpoint::Checkpoints,
    turn::{Turn, Turns},
};
use crate::{
    error::Result,
    sql::{Bind, Cell, Row, sqlite},
};

/// How long a writer waits for another program before it gives up with `busy`.
const BUSY_TIMEOUT: Duration = Duration::from_secs(15);
/// What a connection keeps of the file, in KiB (negative for SQLite). The system keeps it too: eight times as much won nothing, and a job
/// took eight times the memory.
const CACHE: &str = "-2048";
/// The same for long pieces of work: bringing records back into the shared table's indexes wants a little more.
const BULK_CACHE: &str = "-4096";

/// An open file.
#[derive(Debug, Clone)]
pub(super) struct SqliteStore {
    readers: SqlitePool,
    writer: SqlitePool,
    tables: SqlitePool,
    bulk: SqlitePool,
    checkpoints: SqlitePool,
    turns: Turns,
    /// None where nothing can be written.
    _checkpoints: Option<Arc<Checkpoints>>,
}

type Writing = (Transaction<'static, Sqlite>, Turn);

impl SqliteStore {
    /// Opens the file, and says whether it can only be read. `create` makes it where there is none.
    pub async fn open(path: &Path, create: bool) -> Result<(Self, bool)> {
        let read_only = path.exists() && std::fs::metadata(path)?.permissions().readonly();
        let options = SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(create)
            .read_only(read_only)
            .busy_timeout(BUSY_TIMEOUT)
            .foreign_keys(true)
            .collation(sqlite::DECIMAL_COLLATION, compare_decimals)
            // What is sorted goes to a file where it is much, so that memory does not grow with the records.
            .pragma("temp_store", "file")
            .pragma("cache_size", CACHE);
        let options = if read_only {
            options
        } else {
            // FULL: what was committed survives a power cut, not only a killed process.
            let options = options.journal_mode(SqliteJournalMode::Wal).synchronous(SqliteSynchronous::Full);
            options.pragma("wal_autocheckpoint", "0").pragma("journal_size_limit", "67108864")
        };
        let pool = |max: u32, options: SqliteConnectOptions| {
            SqlitePoolOptions::new()
                .max_connections(max)
                .min_connections(0)
                .acquire_timeout(Duration::from_secs(60))
                // A full disk makes SQLite end a transaction by itself. sqlx cannot end it a second time, and would count it as open for good.
                .after_release(|connection, _| {
                    Box::pin(async move {
                        connection.ping().await?;
                        Ok(!connection.is_in_transaction())
                    })
                })
                .connect_lazy_with(options)
        };
        // NORMAL: a power cut may take the last batches, checkpoint and all, but never tears one.
        let bulk = if read_only { options.clone() } else { options.clone().synchronous(SqliteSynchronous::Normal) };
        let bulk = bulk.pragma("cache_size", BULK_CACHE);
        let writer = pool(1, options.clone());
        // The first connection makes the file and sets its journal mode; only then can it be opened for reading.
        writer.acquire().await?;
        let (turns, checkpoints) = (Turns::to(path), pool(1, options.clone()));
        let store = Self {
            writer,
            tables: pool(1, options.clone().foreign_keys(false)),
            bulk: pool(1, bulk.foreign_keys(false)),
            _checkpoints: (!read_only).then(|| Arc::new(Checkpoints::of(checkpoints.clone(), turns.clone()))),
            checkpoints,
            turns,
            readers: pool(4, options.read_only(true)),
        };
        Ok((store, read_only))
    }

    pub async fn reader(&self) -> Result<PoolConnection<Sqlite>> {
        Ok(Box::pin(self.readers.acquire()).await?)
    }

    pub async fn read(&self) -> Result<Transaction<'static, Sqlite>> {
        Ok(Box::pin(self.readers.begin()).await?)
    }

    pub async fn write(&self) -> Result<Writing> {
        self.begin(&self.writer).await
    }

    pub async fn write_tables(&self) -> Result<Writing> {
        self.begin(&self.tables).await
    }

    pub async fn write_bulk(&self) -> Result<Writing> {
        self.begin(&self.bulk).await
    }

    /// A number that changes when somebody other than a job's own connection has written to the file.
    pub async fn version(&self) -> Result<i64> {
        Ok(sqlx::query_scalar("PRAGMA data_version").fetch_one(&self.bulk).await?)
    }

    async fn begin(&self, pool: &SqlitePool) -> Result<Writing> {
        let turn = self.turns.take().await?;
        Ok((Box::pin(pool.begin_with("BEGIN IMMEDIATE")).await?, turn))
    }

    pub async fn close(&self) {
        self.checkpoints.close().await;
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

/// Ids are text here.
pub(super) fn binds(binds: Vec<Bind>) -> SqlxValues {
    let value = |bind: Bind| match bind {
        Bind::Id(id) => sea_query::Value::String(id.map(|id| id.to_string())),
        other => other.into(),
    };
    SqlxValues(sea_query::Values(binds.into_iter().map(value).collect()))
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
