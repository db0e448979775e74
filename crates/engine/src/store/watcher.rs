//! Whether anybody has changed the workspace, and whether its database is there at all: one cheap question, asked again and again.

use sqlx::{Executor as _, PgPool, Sqlite, pool::PoolConnection, postgres::PgListener};
use std::{sync::Arc, time::Duration};
use tokio_util::task::AbortOnDropHandle;

use super::{
    Store,
    line::{ANSWER, Line, SILENCE},
    postgres::Listening,
};
use crate::{error::Result, sql::Row};

/// Between two tries to reach the server again.
const AGAIN: Duration = Duration::from_millis(500);

/// Whether somebody else has committed something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum News {
    No,
    /// It could not be told: whoever wants to know has to look.
    Perhaps,
    Yes,
}

/// A connection of its own.
#[derive(Debug)]
pub enum Watcher {
    /// SQLite tells a connection what others have committed since it last asked.
    Sqlite { connection: PoolConnection<Sqlite>, version: i64 },
    /// Postgres says so by itself: triggers on the system tables notify. The task notes it down.
    Postgres { line: Arc<Line>, _task: AbortOnDropHandle<()> },
}

impl Watcher {
    pub async fn new(store: &Store) -> Result<Self> {
        store.watcher().await
    }

    pub(super) async fn on_sqlite(connection: PoolConnection<Sqlite>) -> Result<Self> {
        let mut watcher = Self::Sqlite { connection, version: 0 };
        watcher.news().await?;
        Ok(watcher)
    }

    pub(super) async fn on_postgres(pool: Listening, channel: String, line: Arc<Line>) -> Self {
        let first = listen(&pool.anew(), &channel).await;
        // What was committed before it listened.
        line.note(News::Perhaps);
        let kept = line.clone();
        let task = tokio::spawn(async move {
            let mut listening = first;
            loop {
                if let Ok((mut listener, told)) = listening {
                    kept.find();
                    hear(&mut listener, &kept, told).await;
                }
                kept.lose();
                tokio::time::sleep(AGAIN).await;
                listening = listen(&pool.anew(), &channel).await;
                // While nobody listened, anything may have happened.
                kept.note(News::Yes);
            }
        });
        Self::Postgres { line, _task: AbortOnDropHandle::new(task) }
    }

    /// Whether a transaction has been committed since the last call: on a file by this program or another, on a server by another.
    pub async fn news(&mut self) -> Result<News> {
        match self {
            Self::Sqlite { connection, version } => {
                let row = sqlx::query("PRAGMA data_version").fetch_one(&mut **connection).await?;
                let now = Row::integer(&super::sqlite::read_row(&row)?, 0)?;
                Ok(if std::mem::replace(version, now) == now { News::No } else { News::Yes })
            }
            Self::Postgres { line, .. } => Ok(std::mem::replace(&mut *line.news(), News::No)),
        }
    }

    /// The server does not answer. A file always does.
    pub fn is_lost(&self) -> bool {
        matches!(self, Self::Postgres { line, .. } if line.is_lost())
    }
}

/// Whether anything will be told, too: a standby lets nobody listen.
async fn listen(pool: &PgPool, channel: &str) -> sqlx::Result<(PgListener, bool)> {
    let mut listener = PgListener::connect_with(pool).await?;
    match listener.listen(channel).await {
        Err(sqlx::Error::Database(error)) if error.code().as_deref() == Some("25006") => Ok((listener, false)),
        listening => listening.map(|()| (listener, true)),
    }
}

/// Until the connection is lost.
async fn hear(listener: &mut PgListener, line: &Line, told: bool) {
    loop {
        match tokio::time::timeout(SILENCE, listener.try_recv()).await {
            Ok(Ok(Some(told))) if told.payload() == line.client => {}
            Ok(Ok(Some(_))) => line.note(News::Yes),
            Ok(_) => return,
            Err(_) => match tokio::time::timeout(ANSWER, listener.execute("SELECT 1")).await {
                Ok(Ok(_)) if told => {}
                Ok(Ok(_)) => line.note(News::Perhaps),
                _ => return,
            },
        }
    }
}
