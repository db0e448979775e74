//! The jobs this engine runs: how to reach them.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::{error::Error, model::JobId};

/// How a job's task is told things.
#[derive(Debug, Clone, Default)]
pub struct Signals {
    /// Stop at the next safe point and undo.
    pub cancel: CancellationToken,
    /// Stop at the next safe point and stay resumable, until somebody resumes it.
    pub pause: CancellationToken,
    /// The same because the program ends.
    pub stop: CancellationToken,
}

/// How it stands with a job's task.
#[derive(Debug, Clone, Default)]
pub struct Standing {
    pub ended: bool,
    /// What it ended with and could not write down: on a full disk there may be no room for that either.
    pub unwritten: Option<Error>,
}

#[derive(Debug)]
struct Entry {
    signals: Signals,
    standing: watch::Receiver<Standing>,
}

/// Jobs this engine runs.
#[derive(Debug, Default)]
pub struct Running(Mutex<HashMap<JobId, Entry>>);

impl Running {
    /// Registers a job; the sender says when it has ended (dropping it does too).
    pub fn add(&self, id: JobId) -> (Signals, watch::Sender<Standing>) {
        let signals = Signals::default();
        let (sender, standing) = watch::channel(Standing::default());
        let mut jobs = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        jobs.retain(|_, entry| entry.standing.has_changed().is_ok());
        jobs.insert(id, Entry { signals: signals.clone(), standing });
        (signals, sender)
    }

    fn entry<T>(&self, id: JobId, get: impl FnOnce(&Entry) -> T) -> Option<T> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(&id).map(get)
    }

    /// Returns when the job has ended, at once when it is not one of these: with what it could not write down.
    pub async fn ended(&self, id: JobId) -> Option<Error> {
        let mut standing = self.entry(id, |e| e.standing.clone())?;
        // A sender that is gone has ended too.
        let _ = standing.wait_for(|standing| standing.ended).await;
        standing.borrow().unwritten.clone()
    }

    /// Tells a job of these something; false where it is none of them, or has ended.
    pub fn tell(&self, id: JobId, signal: impl FnOnce(&Signals) -> CancellationToken) -> bool {
        let live =
            |e: &Entry| (e.standing.has_changed().is_ok() && !e.standing.borrow().ended).then(|| signal(&e.signals).cancel()).is_some();
        self.entry(id, live).unwrap_or(false)
    }

    /// Lets every job stop where it can be gone on with, and waits for that.
    pub async fn stop_all(&self) {
        let ids: Vec<JobId> = {
            let jobs = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            jobs.iter().map(|(id, entry)| (entry.signals.stop.cancel(), *id).1).collect()
        };
        for id in ids {
            self.ended(id).await;
        }
    }
}
