//! A connection to a server outside any transaction, for what a database does only there. Whatever was set or locked on it goes with it.

use sqlx::{PgConnection, postgres::PgRow};
use std::sync::Arc;

use super::{Store, line::Line, postgres_cells, rehearsal::WRITES, tx::Database};
use crate::{error::Result, sql::Row};

/// It is closed when it is dropped; a statement that runs then goes on until the server notices.
#[derive(Debug)]
pub enum Alone {
    Connected(Box<PgConnection>, Arc<Line>),
    /// Only writes down what it would write.
    Rehearsed(Vec<String>),
}

impl Store {
    /// None on a file: there is nothing that would have to be done so.
    pub async fn alone(&self) -> Result<Option<Alone>> {
        let Database::Postgres(store) = self.database() else { return Ok(None) };
        Ok(Some(Alone::Connected(Box::new(store.own_connection().await?), store.line.clone())))
    }
}

impl Alone {
    /// Runs one statement without parameters, and returns its rows.
    pub async fn run(&mut self, statement: &str) -> Result<Vec<Row>> {
        match self {
            Self::Connected(connection, line) => {
                tracing::trace!(target: WRITES, statement, alone = true);
                let query = sqlx::raw_sql(sqlx::AssertSqlSafe(statement.to_owned()));
                let rows: Vec<PgRow> = line.wait(query.fetch_all(&mut **connection)).await?;
                rows.iter().map(postgres_cells::read_row).collect()
            }
            Self::Rehearsed(noted) => {
                if writes(statement) {
                    noted.push(statement.to_owned());
                }
                Ok(vec![])
            }
        }
    }

    pub fn rehearses(&self) -> bool {
        matches!(self, Self::Rehearsed(_))
    }
}

/// Whether it is more than a look, a lock or a setting of the connection's own.
pub fn writes(statement: &str) -> bool {
    !["SELECT ", "SET "].iter().any(|word| statement.starts_with(word))
}
