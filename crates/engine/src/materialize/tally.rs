//! What is told of a job beside how far it is: how long each phase took, and how many records others have written meanwhile.

use std::time::{Duration, Instant};

use super::Work;
use crate::{
    error::Result,
    jobs::{self, Whole},
    model::{Phase, PhaseLog},
};

/// Least time between two counts of what waits to be carried over.
const LOOK: Duration = Duration::from_millis(500);
/// And so many times as long as the last count took: it must not hold the job up.
const REST: u32 = 50;

/// What is kept between two steps, and not written down.
#[derive(Debug, Default)]
pub struct Tally {
    stretch: Option<Stretch>,
    /// On SQLite: what the job's connection knows the file by when the copy begins. It changes with what others write alone.
    pub(super) file: Option<i64>,
    /// Nobody else has written to the file from then on until everything was compared.
    pub(super) alone: bool,
    /// Not before then is it counted again what waits.
    look_at: Option<Instant>,
}

/// Where the stretch that is under way began.
#[derive(Debug)]
struct Stretch {
    at: Instant,
    done: u32,
    captured: u32,
    waited: f64,
}

impl Work {
    /// How far the job is with all its entities.
    pub(super) fn whole(&self, phase: Phase) -> Whole {
        let (done, total) = self.state.all_rows(phase);
        Whole { done, total, captured: self.carried_over(), waiting: self.state.waiting }
    }

    fn carried_over(&self) -> u32 {
        self.state.parts.iter().map(|p| p.captured).sum()
    }

    /// Does a step. When it fails, its transaction has been rolled back, and what it counted has not happened: it may be done again.
    pub(super) async fn counted<T>(&mut self, step: impl AsyncFnOnce(&mut Self) -> Result<T>) -> Result<T> {
        let before = (self.state.parts.clone(), self.state.moving.clone());
        let done = step(self).await;
        if done.is_err() {
            (self.state.parts, self.state.moving) = before;
        }
        done
    }

    /// So many records, or pairs, of a part have been carried over.
    pub(super) fn carried(&mut self, part: usize, rows: usize) {
        self.state.parts[part].captured += u32::try_from(rows).unwrap_or(u32::MAX);
    }

    /// A step, with a count of what others have written meanwhile where the last is some time ago.
    pub(super) async fn step_and_look(&mut self, part: usize) -> Result<()> {
        let now = Instant::now();
        if self.tally.look_at.is_none_or(|at| now >= at) {
            let mut tx = self.store.read().await?;
            self.state.waiting = jobs::waiting(&mut tx, self.row.id).await?;
            self.tally.look_at = Some(now + LOOK.max(now.elapsed() * REST));
        }
        self.step(part);
        Ok(())
    }

    /// The log's next entry.
    pub(super) fn begin_stretch(&mut self, phase: Phase) {
        // Comparing begins anew whenever it is gone on with.
        let done = if phase == Phase::Verify { 0 } else { self.whole(phase).done };
        self.tally.stretch = Some(Stretch { at: Instant::now(), done, captured: self.carried_over(), waited: self.waiting.so_far().1 });
        let began_at = crate::records::now();
        self.state.log.push(PhaseLog { phase, began_at, seconds: 0.0, records: 0, captured: 0, waited_s: 0.0, waited_for: None });
    }

    /// Brings the log's last entry, and what is written down of the tally, up to now.
    pub(super) fn note_stretch(&mut self) {
        let (captured, done) = (self.carried_over(), self.state.all_rows(self.row.phase.0).0);
        self.state.captured = captured;
        self.state.waiting_for = self.waiting.holder();
        let (Some(stretch), Some(entry)) = (&self.tally.stretch, self.state.log.last_mut()) else { return };
        entry.seconds = (stretch.at.elapsed().as_secs_f64() * 1000.0).round() / 1000.0;
        entry.records = done.saturating_sub(stretch.done);
        entry.captured = captured.saturating_sub(stretch.captured);
        let (holder, waited) = self.waiting.so_far();
        entry.waited_s = ((waited - stretch.waited) * 1000.0).round() / 1000.0;
        entry.waited_for = holder.filter(|_| entry.waited_s > 0.0);
    }

    /// What comes after is no longer of that phase.
    pub(super) fn end_stretch(&mut self) {
        self.note_stretch();
        self.tally.stretch = None;
    }
}
