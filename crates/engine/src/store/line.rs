//! How the line to a server stands. A network that breaks silently says nothing: whoever waits long for an answer looks whether the server is
//! there at all, and whatever was connected before it was lost is not used again.

use sqlx::{Connection as _, PgConnection, postgres::PgConnectOptions};
use std::{
    io,
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use super::News;

/// How long an answer may take before it is asked whether anybody is there.
pub const SILENCE: Duration = Duration::from_secs(10);
/// How long it may take to answer that.
pub const ANSWER: Duration = Duration::from_secs(5);

#[derive(Debug)]
pub struct Line {
    /// Says with each change that it is this program's.
    pub(super) client: String,
    options: PgConnectOptions,
    news: Mutex<News>,
    lost: AtomicBool,
    /// When it was lost last: connections older than that lead nowhere.
    lost_at: Mutex<Option<Instant>>,
    /// When it was last asked whether anybody is there, and what came of it: one asks for all who wait.
    asked: tokio::sync::Mutex<Option<(Instant, bool)>>,
}

impl Line {
    pub fn new(options: PgConnectOptions) -> Self {
        Self {
            client: uuid::Uuid::now_v7().to_string(),
            options,
            news: Mutex::new(News::No),
            lost: AtomicBool::new(false),
            lost_at: Mutex::default(),
            asked: tokio::sync::Mutex::default(),
        }
    }

    pub fn is_lost(&self) -> bool {
        self.lost.load(Ordering::Relaxed)
    }

    pub fn lose(&self) {
        *self.lost_at.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
        self.lost.store(true, Ordering::Relaxed);
    }

    pub fn find(&self) {
        self.lost.store(false, Ordering::Relaxed);
    }

    /// Whether a connection of this age was made before the line was lost.
    pub fn is_stale(&self, age: Duration) -> bool {
        let lost_at = *self.lost_at.lock().unwrap_or_else(PoisonError::into_inner);
        lost_at.is_some_and(|at| at.elapsed() <= age)
    }

    pub fn news(&self) -> MutexGuard<'_, News> {
        self.news.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn note(&self, news: News) {
        let mut known = self.news();
        *known = news.max(*known);
    }

    /// Waits for an answer as long as the server is there: a statement may take its time.
    ///
    /// # Errors
    /// The answer's, and that of a line that has timed out when there is no server any more.
    pub async fn wait<T>(&self, answer: impl Future<Output = sqlx::Result<T>>) -> sqlx::Result<T> {
        let mut answer = std::pin::pin!(answer);
        loop {
            if let Ok(answer) = tokio::time::timeout(SILENCE, &mut answer).await {
                return answer;
            }
            let there = tokio::select! {
                answer = &mut answer => return answer,
                there = self.is_anybody_there() => there,
            };
            if !there {
                self.lose();
                return Err(sqlx::Error::Io(io::Error::new(io::ErrorKind::TimedOut, "the server does not answer")));
            }
        }
    }

    async fn is_anybody_there(&self) -> bool {
        let mut asked = self.asked.lock().await;
        if let Some((at, there)) = *asked
            && at.elapsed() < ANSWER
        {
            return there;
        }
        let there = match tokio::time::timeout(ANSWER, PgConnection::connect_with(&self.options)).await {
            Ok(Ok(connection)) => {
                drop(connection.close().await);
                true
            }
            // It has something to say: that it is full, perhaps.
            Ok(Err(sqlx::Error::Database(_))) => true,
            _ => false,
        };
        *asked = Some((Instant::now(), there));
        there
    }
}
