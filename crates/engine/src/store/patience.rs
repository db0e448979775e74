//! How a job waits for what others hold. Whoever asks for a lock keeps all who come later waiting behind them, for as long as a stranger's
//! transaction lasts. So a job asks for a moment only, gives way, and asks again; meanwhile it is told whom it waits for, and hears when it
//! is to stop.

use futures_util::future::BoxFuture;
use std::{
    fmt::Debug,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicU32, Ordering},
    },
    time::{Duration, Instant},
};

use super::Store;
use crate::{
    error::{Error, ErrorCode, Result},
    sql::{Backend, literal},
};

/// How long a step asks that keeps everybody waiting who comes after it.
const BRIEF: u32 = 80;
/// The most it grows to where it is always somebody else who has the lock: many short transactions, of which no moment is free.
const LONGEST: u32 = 640;
/// A server's own housekeeping gives way to whoever has waited for a second; it is not disturbed at once.
const HOUSEKEEPING: u32 = 1200;
const UNDISTURBED: Duration = Duration::from_secs(3);
/// How long others ask, behind whom nobody waits: longer than the server takes to notice that two wait for each other.
const ASIDE: &str = "2s";
/// Pauses between two attempts: the first, by how much each is longer than the one before, the longest.
const FIRST_PAUSE: Duration = Duration::from_millis(40);
const GROWTH: f64 = 1.5;
const LONGEST_PAUSE: Duration = Duration::from_secs(2);
/// An attempt that takes longer than that waits for somebody.
const LONG: Duration = Duration::from_millis(500);
/// How often it is told, and heard whether it is to end.
const TICK: Duration = Duration::from_millis(50);
/// How often it is asked who is in the way, while a step waits.
const LOOK: Duration = Duration::from_millis(25);
/// Who has a file's one lock: it does not say.
const WRITER: &str = "another program that is writing to this file";
/// Attempts further apart than that have nothing to do with each other.
const APART: Duration = Duration::from_secs(10);

/// Whoever waits.
pub trait Waiter: Send + Sync + Debug {
    /// Called on the way, again and again, with who has what is waited for, in words, and since when it is waited.
    ///
    /// # Errors
    /// What the waiting ends with, when it is to end.
    fn still<'a>(&'a self, holder: &'a str, since: Instant) -> BoxFuture<'a, Result<()>>;
}

/// What a store waits with.
#[derive(Debug)]
pub struct Patience {
    /// What its sessions on a server are called, so that it can be asked whom they wait for.
    name: String,
    /// None: whoever calls has a way of their own to wait.
    waiter: Option<Arc<dyn Waiter>>,
    /// Milliseconds for steps that keep others waiting.
    brief: AtomicU32,
    holder: Mutex<Holder>,
    /// An attempt is under way that may have to wait.
    asking: AtomicBool,
    watching: AtomicBool,
}

#[derive(Debug, Default)]
struct Holder {
    words: Option<String>,
    /// Tells one transaction from another.
    mark: String,
    /// The mark when it was last given way.
    before: String,
    housekeeping: bool,
    /// Of the attempts that belong together.
    first: Option<Instant>,
    last: Option<Instant>,
}

/// The attempts at one step.
#[derive(Debug, Default)]
pub struct Tries {
    count: i32,
    last: Option<Instant>,
}

impl Patience {
    /// `name` is short and without quotes.
    pub fn new(name: String, waiter: Option<Arc<dyn Waiter>>) -> Arc<Self> {
        Arc::new(Self {
            name,
            waiter,
            brief: AtomicU32::new(BRIEF),
            holder: Mutex::default(),
            asking: AtomicBool::new(false),
            watching: AtomicBool::new(false),
        })
    }

    /// For a step that somebody waits for in person.
    pub fn for_a_while(name: String, limit: Duration) -> Arc<Self> {
        Self::new(name, Some(Arc::new(Limit(Instant::now() + limit))))
    }

    /// What a transaction on a server begins with. `all`: it keeps out everybody who comes after it.
    pub(super) fn settings(&self, all: bool) -> String {
        let timeout = if all || self.waiter.is_none() { format!("{}ms", self.brief.load(Ordering::Relaxed)) } else { ASIDE.to_owned() };
        format!("SET LOCAL lock_timeout = '{timeout}'; SET LOCAL application_name = {}", literal(&self.name))
    }

    /// Waits for an attempt, and tells so where it takes long.
    pub(super) async fn beside<T>(&self, attempt: impl Future<Output = Result<T>>) -> Result<T> {
        let mut attempt = std::pin::pin!(attempt);
        let began = Instant::now();
        loop {
            if let Ok(answer) = tokio::time::timeout(LONG, &mut attempt).await {
                return answer;
            }
            self.still(began).await?;
        }
    }

    async fn still(&self, since: Instant) -> Result<()> {
        let Some(waiter) = &self.waiter else { return Ok(()) };
        let words = self.known().words.clone().unwrap_or_else(|| "somebody else".to_owned());
        waiter.still(&words, since).await
    }

    fn known(&self) -> std::sync::MutexGuard<'_, Holder> {
        self.holder.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How long the next attempt asks, now that one has asked in vain.
    fn adapt(&self) {
        let now = Instant::now();
        let mut known = self.known();
        if known.last.replace(now).is_none_or(|last| now - last > APART) {
            *known = Holder { first: Some(now), last: Some(now), ..Holder::default() };
        }
        let somebody_else = !known.before.is_empty() && !known.mark.is_empty() && known.before != known.mark;
        let undisturbed = known.first.is_some_and(|first| now - first < UNDISTURBED);
        let brief = match self.brief.load(Ordering::Relaxed) {
            _ if known.housekeeping && !undisturbed => HOUSEKEEPING,
            brief if somebody_else => (brief * 2).min(LONGEST),
            _ => BRIEF,
        };
        known.before = std::mem::take(&mut known.mark);
        self.brief.store(brief, Ordering::Relaxed);
    }

    async fn pause(self: &Arc<Self>, store: &Store, tries: &mut Tries) -> Result<()> {
        self.asking.store(false, Ordering::Relaxed);
        self.adapt();
        if store.dialect().backend() == Backend::Sqlite {
            self.known().words = Some(WRITER.to_owned());
        } else if !self.watching.swap(true, Ordering::Relaxed) {
            tokio::spawn(watching(self.clone(), store.plain()));
        }
        let began = Instant::now();
        if tries.last.replace(began).is_some_and(|last| began - last > APART) {
            tries.count = 0;
        }
        let full = FIRST_PAUSE.mul_f64(GROWTH.powi(tries.count)).min(LONGEST_PAUSE);
        tries.count = tries.count.saturating_add(1).min(30);
        // Not all who wait at the same moment.
        let pause = full.mul_f64(0.5 + fastrand::f64() / 2.0);
        loop {
            // Whoever it has only just met is no news yet.
            if tries.count > 1 {
                let since = self.known().first.unwrap_or(began);
                self.still(since).await?;
            }
            let left = pause.saturating_sub(began.elapsed());
            if left.is_zero() {
                break;
            }
            tokio::time::sleep(left.min(TICK)).await;
        }
        self.asking.store(true, Ordering::Relaxed);
        Ok(())
    }

    /// Learns who is in the way while attempts wait: afterwards nobody knows.
    async fn watch(self: Arc<Self>, store: Store) {
        loop {
            tokio::time::sleep(LOOK).await;
            if self.known().last.is_none_or(|last| last.elapsed() > APART) {
                break;
            }
            if !self.asking.load(Ordering::Relaxed) {
                continue;
            }
            match store.batch(&[self.question()]).await {
                Ok(sets) => {
                    if let Some(row) = sets.first().and_then(|rows| rows.first()) {
                        let mut known = self.known();
                        known.words = row.opt_text(0);
                        known.mark = row.opt_text(1).unwrap_or_default();
                        known.housekeeping = row.opt_text(2).as_deref() == Some("autovacuum worker");
                    }
                }
                // It was closed, or does not answer: whoever waits notices that too.
                Err(error) => {
                    tracing::debug!(%error, "it could not be learned who is in the way");
                    break;
                }
            }
        }
        self.watching.store(false, Ordering::Relaxed);
    }

    /// Who holds what sessions of this name wait for: in words, as a mark, and as what kind of process. What this user may not know of
    /// somebody else stays out.
    fn question(&self) -> String {
        let name = literal(&self.name);
        format!(
            "SELECT CASE WHEN h.pid IS NULL THEN 'a transaction that was prepared and never ended' ELSE concat_ws(', ', \
               coalesce(h.usename::text, h.backend_type, 'somebody'), nullif(h.application_name, ''), 'process ' || h.pid, \
               'in a transaction since ' || to_char(h.xact_start AT TIME ZONE 'UTC', 'HH24:MI:SS') || ' UTC') END, \
               b.pid || ' ' || coalesce(h.xact_start::text, h.query_start::text, ''), coalesce(h.backend_type, '') \
             FROM (SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND application_name = {name} \
                   AND wait_event_type = 'Lock' OFFSET 0) w \
             CROSS JOIN LATERAL unnest(pg_blocking_pids(w.pid)) b (pid) LEFT JOIN pg_stat_activity h ON h.pid = b.pid \
             WHERE coalesce(h.application_name, '') <> {name} ORDER BY h.xact_start LIMIT 1"
        )
    }
}

/// Boxed, as it reads from a store, and stores wait.
fn watching(patience: Arc<Patience>, store: Store) -> BoxFuture<'static, ()> {
    Box::pin(patience.watch(store))
}

impl Store {
    /// The same database, with this patience.
    pub fn patiently(&self, patience: Arc<Patience>) -> Self {
        let mut store = self.clone();
        if store.dialect().backend() == Backend::Sqlite {
            patience.known().words = Some(WRITER.to_owned());
        }
        store.patience = Some(patience);
        store
    }

    /// The same database, with none.
    pub fn plain(&self) -> Self {
        let mut store = self.clone();
        store.patience = None;
        store
    }

    /// After a step that was kept from what it takes: waits a little, so that it can be tried again.
    ///
    /// # Errors
    /// The step's own error where it is none of that kind; what the waiting ends with, when it is to end.
    pub async fn give_way(&self, error: Error, tries: &mut Tries) -> Result<()> {
        match &self.patience {
            Some(patience) if error.is_held() && patience.waiter.is_some() => patience.pause(self, tries).await,
            _ => Err(error),
        }
    }
}

/// Waits until then.
#[derive(Debug)]
struct Limit(Instant);

impl Waiter for Limit {
    fn still<'a>(&'a self, holder: &'a str, _since: Instant) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            if Instant::now() < self.0 {
                return Ok(());
            }
            let message = format!("What this takes is held by {holder}. Try again when that has ended.");
            Err(Error::new(ErrorCode::Busy, message).with(serde_json::json!({ "holder": holder })))
        })
    }
}
