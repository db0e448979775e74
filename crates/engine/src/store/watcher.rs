//! Whether anybody has changed the workspace: one cheap question, asked again and again.

use sqlx::{Sqlite, pool::PoolConnection};

use super::Store;
use crate::{error::Result, sql::Row};

/// A connection of its own: SQLite tells a connection what others have committed since it last asked.
#[derive(Debug)]
pub struct Watcher {
    connection: PoolConnection<Sqlite>,
    version: i64,
}

impl Watcher {
    pub async fn new(store: &Store) -> Result<Self> {
        let mut watcher = Self { connection: store.reader().await?, version: 0 };
        watcher.changed().await?;
        Ok(watcher)
    }

    /// True when a transaction has been committed since the last call, by this program or another.
    pub async fn changed(&mut self) -> Result<bool> {
        let row = sqlx::query("PRAGMA data_version").fetch_one(&mut *self.connection).await?;
        let version = Row::integer(&super::pool::read_row(&row)?, 0)?;
        Ok(std::mem::replace(&mut self.version, version) != version)
    }
}
