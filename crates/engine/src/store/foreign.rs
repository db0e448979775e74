//! Another program's SQLite file, opened only to be read.

use futures_util::{Stream, TryStreamExt};
use sqlx::{ConnectOptions, Connection, Row as _, SqliteConnection, sqlite::SqliteConnectOptions};
use std::path::Path;

use super::sqlite::read_cells;
use crate::{
    error::{Error, ErrorCode, Result},
    sql::{Cell, Row},
};

/// An open foreign file: one connection, one snapshot.
#[derive(Debug)]
pub struct Foreign {
    connection: SqliteConnection,
}

/// A row with the positions of texts that are not valid UTF-8: their bad bytes have become U+FFFD.
#[derive(Debug)]
pub struct ForeignRow {
    pub cells: Row,
    pub broken: Vec<usize>,
}

impl Foreign {
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
        Ok(Self { connection })
    }

    async fn begin(options: &SqliteConnectOptions) -> Result<SqliteConnection> {
        let mut connection = options.connect().await?;
        sqlx::query("BEGIN").execute(&mut connection).await?;
        sqlx::query("SELECT count(*) FROM sqlite_schema").fetch_one(&mut connection).await?;
        Ok(connection)
    }

    /// The answer row by row: only a few are in memory at a time.
    pub fn stream(&mut self, text: String) -> impl Stream<Item = Result<ForeignRow>> + Unpin + '_ {
        sqlx::query(sqlx::AssertSqlSafe(text))
            .fetch(&mut self.connection)
            .map_err(Error::from)
            .and_then(|row| std::future::ready(read(&row)))
    }

    pub async fn rows(&mut self, text: String) -> Result<Vec<Row>> {
        self.stream(text).map_ok(|row| row.cells).try_collect().await
    }

    pub async fn close(self) -> Result<()> {
        Ok(self.connection.close().await?)
    }
}

fn read(row: &sqlx::sqlite::SqliteRow) -> Result<ForeignRow> {
    let mut broken = vec![];
    let cells = read_cells(row, |index| {
        let text = String::from_utf8(row.try_get_unchecked(index)?).unwrap_or_else(|bad| {
            broken.push(index);
            String::from_utf8_lossy(bad.as_bytes()).into_owned()
        });
        Ok(Cell::Text(text))
    })?;
    Ok(ForeignRow { cells, broken })
}
