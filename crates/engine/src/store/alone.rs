//! A connection to a server outside any transaction, for what a database does only there. Whatever was set or locked on it goes with it.

use sqlx::{PgConnection, postgres::PgRow};
use std::sync::Arc;

use super::{Store, line::Line, postgres_cells, tx::Database};
use crate::{error::Result, sql::Row};

/// It is closed when it is dropped; a statement that runs then goes on until the server notices.
#[derive(Debug)]
pub struct Alone {
    connection: PgConnection,
    line: Arc<Line>,
}

impl Store {
    /// None on a file: there is nothing that would have to be done so.
    pub async fn alone(&self) -> Result<Option<Alone>> {
        let Database::Postgres(store) = self.database() else { return Ok(None) };
        Ok(Some(Alone { connection: store.own_connection().await?, line: store.line.clone() }))
    }
}

impl Alone {
    /// Runs one statement without parameters, and returns its rows.
    pub async fn run(&mut self, statement: &str) -> Result<Vec<Row>> {
        let query = sqlx::raw_sql(sqlx::AssertSqlSafe(statement.to_owned()));
        let rows: Vec<PgRow> = self.line.wait(query.fetch_all(&mut self.connection)).await?;
        rows.iter().map(postgres_cells::read_row).collect()
    }
}
