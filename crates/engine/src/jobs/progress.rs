//! What a job tells on the way: often enough to look alive, seldom enough to cost nothing.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};
use tokio::sync::broadcast::Sender;

use super::eta::{self, Here, Outlook};
use crate::model::{EntityId, JobId, JobKind, JobProgress, JobStatus, Phase, PhaseLog, WorkspaceEvent};

/// Least time between two events of one phase.
const PAUSE: Duration = Duration::from_millis(100);
/// How often it is told that a job still waits.
const AGAIN: Duration = Duration::from_secs(1);
/// How far back the rate looks.
const WINDOW: Duration = Duration::from_secs(1);

/// How far a job is with all its entities, in the phase it is in.
#[derive(Debug, Clone, Copy)]
pub struct Whole {
    pub done: u32,
    pub total: u32,
    /// Records written by others meanwhile that have been carried over.
    pub captured: u32,
    /// Those of them that are still to be carried over.
    pub waiting: u32,
}

/// What there is to tell of a job beside its step.
#[derive(Debug, Clone, Copy)]
pub struct Way<'a> {
    pub whole: Whole,
    pub outlook: Outlook,
    /// The last entry is the phase it is in.
    pub log: &'a [PhaseLog],
    /// Who has what it waits for, in words.
    pub waiting_for: Option<&'a str>,
    pub rolling_back: bool,
}

/// What was told last, to be told again while a job waits.
#[derive(Debug)]
pub struct Told {
    events: Sender<WorkspaceEvent>,
    last: Mutex<Option<(JobProgress, Instant)>>,
}

impl Told {
    /// Says whom the job waits for: at once when that is news, and again now and then.
    pub fn waits_for(&self, holder: &str) {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        let Some((progress, at)) = &mut *last else { return };
        if progress.waiting_for.as_deref() == Some(holder) && at.elapsed() < AGAIN {
            return;
        }
        progress.waiting_for = Some(holder.to_owned());
        progress.rate = 0;
        *at = Instant::now();
        // Nobody may be listening: that is no error.
        let _ = self.events.send(WorkspaceEvent::JobProgress(progress.clone()));
    }
}

/// Tells a job's steps to whoever listens.
#[derive(Debug)]
pub struct Reporter {
    events: Sender<WorkspaceEvent>,
    job: JobId,
    kind: JobKind,
    /// The phase it is in, and what was done when this process first saw it there.
    entered: Option<(Phase, u32)>,
    last: Option<(EntityId, Phase, Instant)>,
    /// Moments and records done, within [`WINDOW`].
    recent: VecDeque<(Instant, u32)>,
    told: Arc<Told>,
}

impl Reporter {
    pub fn new(events: Sender<WorkspaceEvent>, job: JobId, kind: JobKind) -> Self {
        let told = Arc::new(Told { events: events.clone(), last: Mutex::default() });
        Self { events, job, kind, entered: None, last: None, recent: VecDeque::new(), told }
    }

    pub fn told(&self) -> Arc<Told> {
        self.told.clone()
    }

    /// A step, with the job's log up to now. The first of a phase and the last (`done == total`) are always told.
    pub fn step(&mut self, (entity, name): (EntityId, &str), phase: Phase, (done, total): (u32, u32), way: Way<'_>) {
        let (now, whole) = (Instant::now(), way.whole);
        let from = match self.entered {
            Some((entered, from)) if entered == phase => from,
            _ => self.entered.insert((phase, whole.done)).1,
        };
        let same = self.last.is_some_and(|(e, p, _)| (e, p) == (entity, phase));
        if !same {
            self.recent.clear();
        }
        self.recent.push_back((now, done));
        while self.recent.front().is_some_and(|(at, _)| now - *at > WINDOW) && self.recent.len() > 2 {
            self.recent.pop_front();
        }
        // On the way back nothing counts up.
        if same && done < total && !way.rolling_back && self.last.is_some_and(|(_, _, at)| now - at < PAUSE) {
            return;
        }
        self.last = Some((entity, phase, now));
        let progress = JobProgress {
            job: self.job,
            kind: self.kind,
            status: JobStatus::Running,
            entity: name.to_owned(),
            entity_id: entity,
            phase,
            done,
            total,
            rate: if way.rolling_back { 0 } else { self.rate(now) },
            eta_s: eta::left(&way.outlook, way.log, Here { phase, whole, from, before: whole.done.saturating_sub(done) })
                .filter(|_| !way.rolling_back)
                // Whole seconds, and none left only when it is over.
                .map(|seconds| (seconds.round() as u32).max(1)),
            captured: whole.captured,
            waiting: whole.waiting,
            waiting_for: way.waiting_for.map(str::to_owned),
            rolling_back: way.rolling_back,
        };
        *self.told.last.lock().unwrap_or_else(PoisonError::into_inner) = Some((progress.clone(), now));
        // Nobody may be listening: that is no error.
        let _ = self.events.send(WorkspaceEvent::JobProgress(progress));
    }

    pub fn sender(&self) -> Sender<WorkspaceEvent> {
        self.events.clone()
    }

    pub fn send(&self, event: WorkspaceEvent) {
        let _ = self.events.send(event);
    }

    fn rate(&self, now: Instant) -> u32 {
        let Some((at, done)) = self.recent.front() else { return 0 };
        let (last, seconds) = (self.recent.back().map_or(0, |b| b.1), (now - *at).as_secs_f64());
        if seconds < 0.001 { 0 } else { (f64::from(last.saturating_sub(*done)) / seconds) as u32 }
    }
}
