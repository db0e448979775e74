//! What other programs change in the workspace, told like one's own changes: a window shows them without being asked to.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex, PoisonError, Weak},
    time::Duration,
};
use tokio::sync::broadcast::{Receiver, error::TryRecvError};

use super::{Engine, Inner};
use crate::{
    error::{Error, Result},
    jobs::{Reporter, owner},
    materialize,
    model::{EntityId, JobId, WorkspaceEvent},
    sql::{Backend, Row},
    store::{
        EntityStore, News, Watcher, bootstrap,
        system::{JobRow, VERSION, version_of},
    },
};

/// How often it is looked. Asking costs a few microseconds while nothing changes.
const TICK: Duration = Duration::from_millis(300);
/// Own transactions remembered: more than are committed between two ticks.
const REMEMBERED: usize = 4096;

/// Transactions of this program, so that it does not tell itself of them again.
#[derive(Debug, Default)]
pub(super) struct Own(Mutex<VecDeque<String>>);

impl Own {
    pub fn note(&self, transaction: &str) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() == REMEMBERED {
            known.pop_front();
        }
        known.push_back(transaction.to_owned());
    }

    fn knows(&self, transaction: &str) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).iter().any(|t| t == transaction)
    }
}

impl Engine {
    /// From now on tells changes of other programs too, and whether the database answers, until the workspace is closed.
    ///
    /// # Errors
    /// `connection_failed`.
    pub async fn watch(&self) -> Result<()> {
        let watcher = Watcher::new(&self.inner.store).await?;
        // From where it was opened: what others have done since is told. What was done here since need not be.
        let (schema, seq) = match self.inner.store.begun() {
            0 => (self.inner.first.0.clone()?, self.inner.first.1),
            _ => bootstrap::standing(&self.inner.store).await?,
        };
        let watch =
            Watch { watcher, lost: false, events: self.subscribe(), schema, seq, begun: self.inner.store.begun(), jobs: HashMap::new() };
        let (inner, closing) = (Arc::downgrade(&self.inner), self.inner.closing.clone());
        tokio::spawn(async move { closing.run_until_cancelled(watch.run(inner)).await });
        Ok(())
    }
}

struct Watch {
    watcher: Watcher,
    /// The server did not answer when it was last looked.
    lost: bool,
    /// This program's own events.
    events: Receiver<WorkspaceEvent>,
    /// What has been seen so far.
    schema: u32,
    seq: i64,
    begun: u64,
    jobs: HashMap<JobId, Reporter>,
}

impl Watch {
    async fn run(mut self, inner: Weak<Inner>) {
        loop {
            tokio::time::sleep(TICK).await;
            let Some(inner) = inner.upgrade() else { return };
            let lost = self.watcher.is_lost();
            if std::mem::replace(&mut self.lost, lost) != lost {
                let event = if lost { WorkspaceEvent::ConnectionLost } else { WorkspaceEvent::ConnectionBack };
                let _ = inner.events.send(event);
            }
            if lost {
                continue;
            }
            // A database that is busy or gone for a moment is looked at again.
            if let Err(error) = self.tick(&inner).await {
                tracing::debug!(%error, "changes of others could not be looked at");
            }
        }
    }

    async fn tick(&mut self, inner: &Inner) -> Result<()> {
        let news = self.watcher.news().await?;
        // A job whose program was killed changes nothing any more, and has to be noticed all the same.
        if news == News::No && self.jobs.is_empty() {
            return Ok(());
        }
        let begun = inner.store.begun();
        let tell = |event| drop(inner.events.send(event));
        let own = std::mem::replace(&mut self.begun, begun) != begun;
        // A file does not say who has written.
        let mut explained = news != News::Yes || (own && inner.store.dialect().backend() == Backend::Sqlite);
        self.drain();
        let dialect = inner.store.dialect();
        let running = EntityStore::<JobRow>::scan_by_statement(dialect, "status", "running");
        let since = format!(
            "SELECT transaction_id, entity_id, max(seq) FROM kdb_change_events WHERE seq > {} GROUP BY transaction_id, entity_id",
            self.seq
        );
        let sets = inner.store.batch(&[VERSION.to_owned(), since, running]).await?;
        let [version, since, running] = sets.as_slice() else { return Err(Error::internal("a batch has lost a result")) };
        let version = version_of(version.first())?;
        let (entities, seq) = self.new_events(inner, since)?;
        if version > self.schema {
            self.schema = version;
            explained = true;
            tell(WorkspaceEvent::SchemaChanged { version });
        }
        self.seq = seq;
        if !entities.is_empty() {
            explained = true;
            tell(WorkspaceEvent::RecordsChanged { entities });
        }
        explained |= self.others_jobs(inner, EntityStore::read(running)?);
        if !explained {
            // Links, positions, or a program that knows nothing of events.
            let schema = inner.cache.current(&mut inner.store.read().await?).await?;
            tell(WorkspaceEvent::SchemaChanged { version });
            tell(WorkspaceEvent::RecordsChanged { entities: schema.entities.iter().map(|e| e.id).collect() });
        }
        Ok(())
    }

    /// Own edits need not be told again.
    fn drain(&mut self) {
        loop {
            match self.events.try_recv() {
                Ok(WorkspaceEvent::SchemaChanged { version }) => self.schema = self.schema.max(version),
                Ok(_) | Err(TryRecvError::Lagged(_)) => {}
                Err(_) => return,
            }
        }
    }

    /// Entities of which others have changed records since, and the last event there is.
    fn new_events(&self, inner: &Inner, rows: &[Row]) -> Result<(Vec<EntityId>, i64)> {
        let (mut entities, mut last) = (vec![], self.seq);
        for row in rows {
            last = last.max(row.integer(2)?);
            let entity = row.id(1)?;
            if !inner.own.knows(&row.text(0)?) && !entities.contains(&entity) {
                entities.push(entity);
            }
        }
        Ok((entities, last))
    }

    /// Progress of jobs other programs are at. True when there is any.
    fn others_jobs(&mut self, inner: &Inner, running: Vec<JobRow>) -> bool {
        let me = owner::this_process();
        let theirs: Vec<JobRow> = running.into_iter().filter(|row| row.owner != me && owner::alive(row)).collect();
        let before = self.jobs.len();
        self.jobs.retain(|id, _| {
            let running = theirs.iter().any(|row| row.id == *id);
            if !running {
                let _ = inner.events.send(WorkspaceEvent::JobEnded { job: *id });
            }
            running
        });
        let ended = self.jobs.len() < before;
        for row in &theirs {
            let reporter = self.jobs.entry(row.id).or_insert_with(|| Reporter::new(inner.events.clone(), row.id, row.kind.0));
            materialize::tell(row, reporter);
        }
        ended || !theirs.is_empty()
    }
}
