//! How long a job still takes. Its own pace says so for the phase it is in; phases still to come are known by how they compare to the copy,
//! whose pace this job has shown on this machine.

use serde::{Deserialize, Serialize};

use super::Whole;
use crate::model::{Phase, PhaseLog};

/// Phases as parts of the time all of the copy takes, as measured for jobs of this kind.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Outlook {
    /// A copy of twice as many records takes two to the power of that as long: above 1 where each record is put into an ever larger index.
    pub bend: f64,
    /// Comparing the records that were not compared while they were copied.
    pub compare: f64,
    /// Making the indexes, which comes after that.
    pub index: f64,
    pub cut_over: f64,
    pub clean_up: f64,
}

/// Where a job is.
#[derive(Debug, Clone, Copy)]
pub struct Here {
    pub phase: Phase,
    pub whole: Whole,
    /// Records done when the phase was gone on with, and those of entities that are through with it.
    pub from: u32,
    pub before: u32,
}

/// Shares from which on a copy, or another phase, is judged by itself alone.
const COPY_TELLS: f64 = 0.02;
const PHASE_TELLS: f64 = 0.3;
/// Less time than that tells nothing either, in seconds.
const TOO_SOON: f64 = 0.15;

/// Seconds left for the whole job; none before the copy has shown its pace. The log's last entry is the phase it is in, up to now.
pub fn left(outlook: &Outlook, log: &[PhaseLog], here: Here) -> Option<f64> {
    let total = f64::from(here.whole.total.max(1));
    let copies = log.iter().filter(|entry| entry.phase == Phase::Copy);
    let (seconds, copied) = copies.fold((0.0, 0.0), |(s, n), entry| (s + entry.seconds, n + f64::from(entry.records)));
    if seconds < TOO_SOON || copied < total * COPY_TELLS {
        return None;
    }
    // A job of an earlier version has no outlook.
    let copy = seconds / (copied / total).min(1.0).powf(outlook.bend.max(1.0));
    let here_s = log.last().filter(|entry| entry.phase == here.phase).map_or(0.0, |entry| entry.seconds);
    let done = f64::from(here.whole.done).min(total);
    let expected = |phase: Phase| match phase {
        Phase::Verify => outlook.compare + outlook.index,
        Phase::CutOver => outlook.cut_over,
        Phase::CleanUp => outlook.clean_up,
        Phase::Validate | Phase::Create | Phase::Copy => 0.0,
    };
    let to_come: f64 = Phase::ALL.into_iter().filter(|phase| *phase > here.phase).map(expected).sum::<f64>() * copy;
    let own = match here.phase {
        Phase::Validate | Phase::Create => return None,
        Phase::Copy => copy - seconds,
        Phase::Verify => {
            // Indexes are made entity by entity, each when its records have been compared.
            let index = outlook.index * copy;
            let made = index * f64::from(here.before) / total;
            let span = (total - f64::from(here.from)).max(0.0);
            let share = if span < 1.0 { 1.0 } else { (done - f64::from(here.from)).max(0.0) / span };
            rest(outlook.compare * copy, (here_s - made).max(0.0), share) + index - made
        }
        Phase::CutOver => (outlook.cut_over * copy - here_s).max(0.0),
        Phase::CleanUp => rest(outlook.clean_up * copy, here_s, done / total),
    };
    Some(own + to_come)
}

/// What is left of a phase: as expected at first, and more and more by its own pace.
fn rest(expected: f64, spent: f64, share: f64) -> f64 {
    if share <= 0.0 {
        return (expected - spent).max(expected * 0.1);
    }
    let weight = (share / PHASE_TELLS).min(1.0);
    let left = 1.0 - share.min(1.0);
    left * (weight * spent / share + (1.0 - weight) * expected)
}
