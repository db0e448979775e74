//! Whether anybody has changed the workspace: one cheap question, asked again and again.

use sqlx::{PgPool, Sqlite, pool::PoolConnection, postgres::PgListener};
use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};
use tokio_util::task::AbortOnDropHandle;

use super::Store;
use crate::{error::Result, sql::Row};

/// A connection of its own.
#[derive(Debug)]
pub enum Watcher {
    /// SQLite tells a connection what others have committed since it last asked.
    Sqlite { connection: PoolConnection<Sqlite>, version: i64 },
    /// Postgres says so by itself: triggers on the system tables notify. The task notes it down.
    Postgres { told: Arc<AtomicBool>, _task: AbortOnDropHandle<()> },
}

impl Watcher {
    pub async fn new(store: &Store) -> Result<Self> {
        store.watcher().await
    }

    pub(super) async fn on_sqlite(connection: PoolConnection<Sqlite>) -> Result<Self> {
        let mut watcher = Self::Sqlite { connection, version: 0 };
        watcher.changed().await?;
        Ok(watcher)
    }

    pub(super) async fn on_postgres(pool: &PgPool) -> Result<Self> {
        let channel: String = sqlx::query_scalar("SELECT 'kdb_' || md5(current_schema())").fetch_one(pool).await?;
        let mut listener = PgListener::connect_with(pool).await?;
        listener.listen(&channel).await?;
        let told = Arc::new(AtomicBool::new(false));
        let note = told.clone();
        let task = tokio::spawn(async move {
            loop {
                // Nothing: the connection was lost and made anew, and something may have been missed.
                let heard = listener.try_recv().await;
                note.store(true, Ordering::Relaxed);
                if heard.is_err() {
                    tokio::time::sleep(std::time::Duration::from_secs(1)).await;
                }
            }
        });
        Ok(Self::Postgres { told, _task: AbortOnDropHandle::new(task) })
    }

    /// True when a transaction has been committed since the last call, by this program or another.
    pub async fn changed(&mut self) -> Result<bool> {
        match self {
            Self::Sqlite { connection, version } => {
                let row = sqlx::query("PRAGMA data_version").fetch_one(&mut **connection).await?;
                let now = Row::integer(&super::sqlite::read_row(&row)?, 0)?;
                Ok(std::mem::replace(version, now) != now)
            }
            Self::Postgres { told, .. } => Ok(told.swap(false, Ordering::Relaxed)),
        }
    }
}
