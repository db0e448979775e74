//! Reading with few round trips: a server may be far away.

use futures_util::TryStreamExt;
use sqlx::{Either, Executor};

use super::{
    Store,
    postgres::CONNECTIONS,
    postgres_cells, sqlite,
    tx::{Database, kept, values},
};
use crate::{
    error::Result,
    sql::{Row, Statement},
};

/// A text of several statements is one transaction by itself, which ends with it, well or not.
const SNAPSHOT: &str = "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY";

impl Store {
    /// Runs statements without parameters on one snapshot, and returns the rows of each: one round trip.
    pub async fn batch(&self, statements: &[String]) -> Result<Vec<Vec<Row>>> {
        match self.database() {
            Database::Sqlite(_) => self.read().await?.batch(statements).await,
            Database::Postgres(store) => {
                let text = format!("{SNAPSHOT};\n{}", statements.join(";\n"));
                let mut tries = CONNECTIONS;
                loop {
                    let answer = async {
                        let mut connection = store.near().await?;
                        let sets = several(&mut *connection, &text).await?;
                        store.keep_near(connection);
                        Ok(sets)
                    };
                    match store.in_time(answer).await {
                        // The first result is the setting's.
                        Ok(mut sets) => return Ok(sets.split_off(1)),
                        Err(error) => store.once_more(error, &mut tries)?,
                    }
                }
            }
        }
    }

    /// Runs one statement that reads, outside any transaction: it sees one state of the database by itself. `version` is that of the
    /// schema it was made by. One round trip, and one more the first time.
    pub async fn once(&self, statement: &Statement, version: u32) -> Result<Vec<Row>> {
        match self.database() {
            Database::Sqlite(store) => {
                let query = sqlx::query_with(sqlx::AssertSqlSafe(statement.text.clone()), sqlite::binds(statement.binds.clone()));
                let rows = query.fetch_all(&mut *store.reader().await?).await?;
                rows.iter().map(sqlite::read_row).collect()
            }
            Database::Postgres(store) => {
                let text = kept(&statement.text, version);
                let mut tries = CONNECTIONS;
                loop {
                    let query = sqlx::query_with(sqlx::AssertSqlSafe(text.clone()), values(statement.binds.clone()));
                    let answer = async {
                        let mut connection = store.near().await?;
                        let rows = query.fetch_all(&mut *connection).await?;
                        store.keep_near(connection);
                        Ok(rows)
                    };
                    match store.in_time(answer).await {
                        Ok(rows) => return rows.iter().map(postgres_cells::read_row).collect(),
                        Err(error) => store.once_more(error, &mut tries)?,
                    }
                }
            }
        }
    }
}

/// The rows of each of the statements in a text.
pub(super) async fn several<'e>(server: impl Executor<'e, Database = sqlx::Postgres>, text: &str) -> sqlx::Result<Vec<Vec<Row>>> {
    let mut stream = sqlx::raw_sql(sqlx::AssertSqlSafe(text.to_owned())).fetch_many(server);
    let (mut sets, mut rows) = (vec![], vec![]);
    while let Some(part) = stream.try_next().await? {
        match part {
            Either::Right(row) => rows.push(postgres_cells::read_row(&row).map_err(|e| sqlx::Error::Decode(e.into()))?),
            Either::Left(_) => sets.push(std::mem::take(&mut rows)),
        }
    }
    Ok(sets)
}
