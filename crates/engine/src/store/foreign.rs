//! Another program's database, opened only to be read.

use futures_util::{StreamExt, TryStreamExt, stream::BoxStream};
use sqlx::{ConnectOptions, PgConnection, Row as _, SqliteConnection, postgres::PgRow, sqlite::SqliteConnectOptions, sqlite::SqliteRow};
use std::path::Path;

use super::{postgres, postgres_cells, reach, sqlite};
use crate::{
    error::{Error, ErrorCode, Result},
    model::Connection,
    sql::{Cell, Row},
};

/// An open foreign database: one connection, one snapshot.
#[derive(Debug)]
pub struct Foreign {
    connection: Inner,
}

#[derive(Debug)]
enum Inner {
    Sqlite(SqliteConnection),
    Postgres(PgConnection),
}

/// A row with the positions of texts that are not valid UTF-8: their bad bytes have become U+FFFD.
#[derive(Debug)]
pub struct ForeignRow {
    pub cells: Row,
    pub broken: Vec<usize>,
}

// Every name is written with its schema, and nobody's functions stand in front of the server's own. Rows come in the same order each time,
// and no patience of the server's ends a reading that has to wait for the writing: the snapshot would be gone. A database without an
// encoding sends its bytes as they are.
const SETTINGS: &str = "SELECT count(set_config(name, value, true)) FROM (VALUES ('search_path', 'pg_catalog'), ('statement_timeout', '0'), \
     ('idle_in_transaction_session_timeout', '0'), ('transaction_timeout', '0'), ('synchronize_seqscans', 'off'), \
     ('max_parallel_workers_per_gather', '0'), ('enable_indexonlyscan', 'off'), ('client_encoding', 'SQL_ASCII')) AS s (name, value) \
     WHERE EXISTS (SELECT FROM pg_catalog.pg_settings p WHERE p.name = s.name) \
     AND (s.name <> 'client_encoding' OR pg_catalog.current_setting('server_encoding') = s.value)";

impl Foreign {
    /// Opens a SQLite file.
    ///
    /// # Errors
    /// `io` when there is no such file; `invalid_input` when it is not a SQLite database; `connection_failed`.
    pub async fn open(path: &Path) -> Result<Self> {
        let shown = path.display();
        std::fs::metadata(path).map_err(|e| Error::new(ErrorCode::Io, format!("{shown} cannot be read: {e}.")))?;
        let options = SqliteConnectOptions::new().filename(path).read_only(true).foreign_keys(false);
        let mut connection = match Self::begin(&options).await {
            // A file in WAL mode on a medium that cannot be written to: nobody else can be writing it either.
            Err(error) if error.code == ErrorCode::ConnectionFailed => Self::begin(&options.immutable(true)).await,
            other => other,
        }
        .map_err(|error| match error.code {
            ErrorCode::NotAWorkspace => Error::invalid(format!("{shown} is not a SQLite database. Choose another file or another format.")),
            ErrorCode::Corrupt => Error::new(ErrorCode::Corrupt, format!("{shown} is damaged: {}", error.message)),
            _ => error,
        })?;
        // The file comes from anywhere: functions in its schema are not to be run.
        for pragma in ["PRAGMA trusted_schema = OFF", "PRAGMA query_only = ON"] {
            sqlx::query(pragma).execute(&mut connection).await?;
        }
        Ok(Self { connection: Inner::Sqlite(connection) })
    }

    async fn begin(options: &SqliteConnectOptions) -> Result<SqliteConnection> {
        let mut connection = options.connect().await?;
        sqlx::query("BEGIN").execute(&mut connection).await?;
        sqlx::query("SELECT count(*) FROM sqlite_schema").fetch_one(&mut connection).await?;
        Ok(connection)
    }

    /// Connects to a Postgres database. The transaction is the server's own read-only one.
    ///
    /// # Errors
    /// `connection_failed` with a `reason` in its details; `unsupported` for a server that is too old.
    pub async fn connect(connection: &Connection, password: Option<&str>) -> Result<Self> {
        let mut connection = reach::connect(connection, password).await?;
        for statement in [postgres::READ.begin, SETTINGS] {
            sqlx::query(statement).persistent(false).execute(&mut connection).await?;
        }
        Ok(Self { connection: Inner::Postgres(connection) })
    }

    /// The answer row by row: only a few are in memory at a time.
    pub fn stream(&mut self, text: String) -> BoxStream<'_, Result<ForeignRow>> {
        let text = sqlx::AssertSqlSafe(text);
        match &mut self.connection {
            Inner::Sqlite(connection) => {
                sqlx::query(text).fetch(connection).map_err(Error::from).and_then(|row| std::future::ready(read_sqlite(&row))).boxed()
            }
            Inner::Postgres(connection) => sqlx::query(text)
                .persistent(false)
                .fetch(connection)
                .map_err(lost)
                .and_then(|row| std::future::ready(read_postgres(&row)))
                .boxed(),
        }
    }

    pub async fn rows(&mut self, text: String) -> Result<Vec<Row>> {
        self.stream(text).map_ok(|row| row.cells).try_collect().await
    }
}

/// Whatever happens to the source, nothing has been written.
fn lost(error: sqlx::Error) -> Error {
    let error = Error::from(error);
    match error.code {
        ErrorCode::ConnectionLost => {
            Error::new(ErrorCode::ConnectionLost, "The connection to the source was lost. Nothing was imported; try again.")
                .with(error.details)
        }
        _ => error,
    }
}

fn read_sqlite(row: &SqliteRow) -> Result<ForeignRow> {
    let mut broken = vec![];
    let cells = sqlite::read_cells(row, |index| {
        let text = String::from_utf8(row.try_get_unchecked(index)?).unwrap_or_else(|bad| {
            broken.push(index);
            String::from_utf8_lossy(bad.as_bytes()).into_owned()
        });
        Ok(Cell::Text(text))
    })?;
    Ok(ForeignRow { cells, broken })
}

fn read_postgres(row: &PgRow) -> Result<ForeignRow> {
    let mut broken = vec![];
    let cells = postgres_cells::read_cells(row, |index, bytes| {
        Ok(std::str::from_utf8(bytes).map(str::to_owned).unwrap_or_else(|_| {
            broken.push(index);
            String::from_utf8_lossy(bytes).into_owned()
        }))
    })?;
    Ok(ForeignRow { cells, broken })
}
