//! What a job tells on the way: often enough to look alive, seldom enough to cost nothing.

use std::{
    collections::VecDeque,
    time::{Duration, Instant},
};
use tokio::sync::broadcast::Sender;

use crate::model::{EntityId, JobId, JobKind, JobProgress, JobStatus, Phase, WorkspaceEvent};

/// Least time between two events of one phase.
const PAUSE: Duration = Duration::from_millis(100);
/// How far back the rate looks.
const WINDOW: Duration = Duration::from_secs(1);
/// Share of the whole time each phase takes, in percent, as measured: only the time left goes by it.
const WEIGHTS: [(Phase, f64); 6] = [
    (Phase::Validate, 2.0),
    (Phase::Create, 1.0),
    (Phase::Copy, 58.0),
    (Phase::Verify, 24.0),
    (Phase::CutOver, 3.0),
    (Phase::CleanUp, 12.0),
];

/// How far a job is with all its entities, in the phase it is in.
#[derive(Debug, Clone, Copy)]
pub struct Whole {
    pub done: u32,
    pub total: u32,
    /// Records written by others meanwhile.
    pub captured: u32,
}

/// Tells a job's steps to whoever listens.
#[derive(Debug)]
pub struct Reporter {
    events: Sender<WorkspaceEvent>,
    job: JobId,
    kind: JobKind,
    /// When this process began with it, and what share had been done then.
    began: Option<(Instant, f64)>,
    last: Option<(EntityId, Phase, Instant)>,
    /// Moments and records done, within [`WINDOW`].
    recent: VecDeque<(Instant, u32)>,
}

impl Reporter {
    pub fn new(events: Sender<WorkspaceEvent>, job: JobId, kind: JobKind) -> Self {
        Self { events, job, kind, began: None, last: None, recent: VecDeque::new() }
    }

    /// A step. The first of a phase and the last (`done == total`) are always told.
    pub fn step(&mut self, entity: EntityId, name: &str, phase: Phase, done: u32, total: u32, whole: Whole) {
        let now = Instant::now();
        let same = self.last.is_some_and(|(e, p, _)| (e, p) == (entity, phase));
        if !same {
            self.recent.clear();
        }
        self.recent.push_back((now, done));
        while self.recent.front().is_some_and(|(at, _)| now - *at > WINDOW) && self.recent.len() > 2 {
            self.recent.pop_front();
        }
        if same && done < total && self.last.is_some_and(|(_, _, at)| now - at < PAUSE) {
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
            rate: self.rate(now),
            eta_s: self.time_left(phase, whole, now),
            captured: whole.captured,
        };
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

    fn time_left(&mut self, phase: Phase, whole: Whole, now: Instant) -> Option<u32> {
        let before: f64 = WEIGHTS.iter().take_while(|(p, _)| *p != phase).map(|(_, w)| w).sum();
        let own = WEIGHTS.iter().find(|(p, _)| *p == phase).map_or(0.0, |(_, w)| *w);
        let part = (before + own * f64::from(whole.done) / f64::from(whole.total.max(1))) / 100.0;
        let (began, before) = *self.began.get_or_insert((now, part));
        let (spent, done) = ((now - began).as_secs_f64(), part - before);
        // Too early, nothing can be told.
        (done > 0.04 && spent > 0.2).then(|| (spent * (1.0 - part) / done).ceil() as u32)
    }
}
