//! What a copy tells on the way: often enough to look alive, seldom enough to cost nothing.

use std::{
    collections::VecDeque,
    time::{Duration, Instant},
};

use crate::model::{CopyProgress, Phase};

/// Least time between two steps told of one thing.
const PAUSE: Duration = Duration::from_millis(100);
/// How far back the rate looks.
const WINDOW: Duration = Duration::from_secs(1);

pub struct Progress<'a> {
    on: &'a (dyn Fn(CopyProgress) + Send + Sync),
    began: Instant,
    done: u32,
    total: u32,
    last: Option<(String, Phase, Instant)>,
    /// Moments and rows done, within [`WINDOW`].
    recent: VecDeque<(Instant, u32)>,
}

impl<'a> Progress<'a> {
    /// `total`: rows of everything, in all phases.
    pub fn new(on: &'a (dyn Fn(CopyProgress) + Send + Sync), total: u32) -> Self {
        Self { on, began: Instant::now(), done: 0, total, last: None, recent: VecDeque::new() }
    }

    /// A step of `new` rows. The first of each phase of a thing and its last are always told.
    pub fn step(&mut self, name: &str, phase: Phase, done: u32, total: u32, new: u32) {
        let now = Instant::now();
        self.done = self.done.saturating_add(new);
        self.recent.push_back((now, self.done));
        while self.recent.len() > 2 && self.recent.front().is_some_and(|(at, _)| now - *at > WINDOW) {
            self.recent.pop_front();
        }
        let told = self.last.as_ref().filter(|(n, p, _)| n == name && *p == phase).map(|(_, _, at)| now - *at);
        if done < total && told.is_some_and(|since| since < PAUSE) {
            return;
        }
        self.last = Some((name.to_owned(), phase, now));
        (self.on)(CopyProgress {
            entity: name.to_owned(),
            phase,
            done,
            total,
            overall_done: self.done.min(self.total),
            overall_total: self.total,
            rate: self.rate(now),
            eta_s: self.left(now),
        });
    }

    fn rate(&self, now: Instant) -> u32 {
        let Some((at, done)) = self.recent.front() else { return 0 };
        let seconds = (now - *at).as_secs_f64();
        if seconds < 0.001 { 0 } else { (f64::from(self.done - done) / seconds) as u32 }
    }

    fn left(&self, now: Instant) -> Option<u32> {
        let (part, spent) = (f64::from(self.done) / f64::from(self.total.max(1)), (now - self.began).as_secs_f64());
        // Too early, nothing can be told.
        (part > 0.02 && spent > 0.2).then(|| (spent * (1.0 - part).max(0.0) / part).ceil() as u32)
    }
}
