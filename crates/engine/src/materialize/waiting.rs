//! A job that waits for what others hold: it tells whom it waits for, lives on for those who look from elsewhere, and hears when it is to stop.

use futures_util::future::BoxFuture;
use serde_json::Value;
use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use super::state;
use crate::{
    error::{Error, Result},
    jobs::{self, Ask, Reporter, Told, owner, running::Signals},
    model::JobId,
    sql::{Backend, Sql},
    store::{Patience, Store, Waiter, system::JobRow},
};

/// So long after it was last met somebody still counts as in the way.
const FRESH: Duration = Duration::from_millis(2500);
/// How often it is written down that the job lives and whom it waits for.
const BEAT: Duration = Duration::from_secs(1);
/// How long the end of a job is tried to be written down once the program ends.
const GRACE: Duration = Duration::from_secs(2);

/// What a waiting job listens to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hears {
    /// Everything.
    All,
    /// What does not turn it round: it is on its way back, or past the point from which there is one.
    Pause,
    /// That the program ends: it is writing down how it ended.
    End,
}

#[derive(Debug)]
pub struct Waiting {
    store: Store,
    job: JobId,
    owner: String,
    signals: Signals,
    told: Arc<Told>,
    now: Mutex<Now>,
}

#[derive(Debug)]
struct Now {
    hears: Hears,
    /// Who was in the way, and when that was last so.
    holder: Option<(String, Instant)>,
    /// All of the time waited so far.
    waited: Duration,
    counted: Option<Instant>,
    beaten: Instant,
    stopped: Option<Instant>,
}

impl Waiting {
    /// And the store whose steps wait so.
    pub fn of(store: &Store, row: &JobRow, signals: &Signals, reporter: &Reporter) -> (Arc<Self>, Store) {
        let now = Now { hears: Hears::All, holder: None, waited: Duration::ZERO, counted: None, beaten: Instant::now(), stopped: None };
        let brief = Patience::new(name(row.id), None);
        let waiting = Arc::new(Self {
            store: store.patiently(brief),
            job: row.id,
            owner: row.owner.clone(),
            signals: signals.clone(),
            told: reporter.told(),
            now: Mutex::new(now),
        });
        let patience = Patience::new(name(row.id), Some(waiting.clone()));
        (waiting, store.patiently(patience))
    }

    fn now(&self) -> MutexGuard<'_, Now> {
        self.now.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn hear(&self, hears: Hears) {
        self.now().hears = hears;
    }

    /// Who is in the way, in words.
    pub fn holder(&self) -> Option<String> {
        self.now().holder.as_ref().filter(|(_, at)| at.elapsed() < FRESH).map(|(words, _)| words.clone())
    }

    /// Who was last, and seconds waited in all.
    pub fn so_far(&self) -> (Option<String>, f64) {
        let now = self.now();
        (now.holder.as_ref().map(|(words, _)| words.clone()), now.waited.as_secs_f64())
    }

    /// Nobody is any more.
    pub fn over(&self) {
        if let Some((_, at)) = &mut self.now().holder {
            *at = Instant::now().checked_sub(FRESH).unwrap_or(*at);
        }
    }

    fn ended(&self) -> Option<Error> {
        let mut now = self.now();
        let hears = now.hears;
        if self.signals.stop.is_cancelled() && (hears != Hears::End || now.stopped.get_or_insert_with(Instant::now).elapsed() > GRACE) {
            return Some(state::cancelled());
        }
        match hears {
            Hears::All if self.signals.cancel.is_cancelled() => Some(state::cancelled()),
            Hears::All | Hears::Pause if self.signals.pause.is_cancelled() => Some(state::paused()),
            _ => None,
        }
    }

    /// Says every second that the job lives, while a statement takes long that does not say so itself. Nobody can write to a file meanwhile.
    pub async fn living<T>(&self, long: impl Future<Output = T>) -> T {
        let mut long = std::pin::pin!(long);
        if self.store.dialect().backend() == Backend::Sqlite {
            return long.await;
        }
        loop {
            // Both go on together: the one may wait for what the other holds.
            tokio::select! {
                done = &mut long => return done,
                told = self.in_a_while() => {
                    if let Err(error) = told {
                        tracing::debug!(%error, "a job at a long statement could not write down that it lives");
                    }
                }
            }
        }
    }

    async fn in_a_while(&self) -> Result<()> {
        tokio::time::sleep(BEAT).await;
        let mut tx = self.store.write().await?;
        let mut sql = Sql::new(tx.dialect, "UPDATE kdb_jobs SET heartbeat = ");
        sql.bind(owner::now()).push(" WHERE status = 'running' AND id = ").bind(self.job).push(" AND owner = ").bind(self.owner.clone());
        tx.execute(sql.build()).await?;
        tx.commit().await
    }

    /// Writes it down, where that can be done meanwhile. Returns what somebody elsewhere asks for.
    async fn beat(&self, holder: &str) -> Result<Option<Ask>> {
        let mut tx = self.store.write().await?;
        let mut row = jobs::row_to_write(&mut tx, self.job).await?;
        let asked = [Ask::Cancel, Ask::Pause].into_iter().find(|ask| row.state.0[ask.mark()] == true);
        if let Some(state) = row.state.0.as_object_mut() {
            state.insert("waiting_for".to_owned(), Value::String(holder.to_owned()));
        }
        let mut sql = Sql::new(tx.dialect, "UPDATE kdb_jobs SET heartbeat = ");
        sql.bind(owner::now()).push(", state = ").bind(row.state.0.to_string());
        sql.push(" WHERE status = 'running' AND id = ").bind(self.job).push(" AND owner = ").bind(self.owner.clone());
        tx.execute(sql.build()).await?;
        tx.commit().await?;
        Ok(asked)
    }
}

/// Short enough for the name of a session.
pub fn name(job: JobId) -> String {
    format!("stoneware job {job}")
}

impl Waiter for Waiting {
    fn still<'a>(&'a self, holder: &'a str, since: Instant) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            if let Some(error) = self.ended() {
                return Err(error);
            }
            let due = {
                let mut now = self.now();
                // From where it was counted to last.
                let since = now.counted.map_or(since, |counted| counted.max(since));
                now.waited += since.elapsed();
                now.counted = Some(Instant::now());
                now.holder = Some((holder.to_owned(), Instant::now()));
                // Nobody can write to a file whose lock is what is waited for.
                let due = self.store.dialect().backend() == Backend::Postgres && now.beaten.elapsed() > BEAT;
                if due {
                    now.beaten = Instant::now();
                }
                due
            };
            self.told.waits_for(holder);
            if !due {
                return Ok(());
            }
            let hears = self.now().hears;
            match self.beat(holder).await {
                Ok(Some(Ask::Cancel)) if hears == Hears::All => Err(state::cancelled()),
                Ok(Some(Ask::Pause)) if hears != Hears::End => Err(state::paused()),
                Ok(_) => Ok(()),
                Err(error) => {
                    tracing::debug!(%error, "a waiting job could not write down that it lives");
                    Ok(())
                }
            }
        })
    }
}
