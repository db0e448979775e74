//! Who is at a job. A crash takes back what this goes by: the process, not a flag it would have had to clear.

use std::{
    collections::HashSet,
    fs,
    sync::{LazyLock, Mutex, PoisonError},
    time::{SystemTime, UNIX_EPOCH},
};

use crate::{model::JobId, store::system::JobRow};

/// Seconds without a sign of life after which a process that cannot be looked at counts as gone.
const SILENCE: i64 = 30;

/// Jobs that tasks of this process are at.
static LIVE: LazyLock<Mutex<HashSet<JobId>>> = LazyLock::new(Mutex::default);

/// Says that this process is at the job, until it is dropped.
#[derive(Debug)]
pub struct Live(JobId);

impl Live {
    /// None when a task of this process is at it already.
    pub fn claim(id: JobId) -> Option<Self> {
        LIVE.lock().unwrap_or_else(PoisonError::into_inner).insert(id).then_some(Self(id))
    }
}

impl Drop for Live {
    fn drop(&mut self) {
        LIVE.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.0);
    }
}

/// Whether a task of this process is at the job.
pub fn at_it(id: JobId) -> bool {
    LIVE.lock().unwrap_or_else(PoisonError::into_inner).contains(&id)
}

/// Seconds since 1970.
pub fn now() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| i64::try_from(d.as_secs()).unwrap_or(i64::MAX))
}

/// This process: machine (with the space its process numbers count in), number, and when it began, so that a number given again is not
/// taken for it.
pub fn this_process() -> String {
    let pid = std::process::id();
    format!("{} {pid} {}", machine(), began(pid).unwrap_or_default())
}

/// Empty where the system does not say: then only the sign of life counts.
fn machine() -> String {
    let boot = fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap_or_default();
    let space = fs::read_link("/proc/self/ns/pid").map(|p| p.display().to_string()).unwrap_or_default();
    if boot.is_empty() || space.is_empty() { String::new() } else { format!("{}/{space}", boot.trim()) }
}

/// Start time of a process in the system's ticks. None when there is none, or it has ended and only waits to be collected.
fn began(pid: u32) -> Option<String> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The name in brackets may hold anything; the fields after it do not.
    let mut fields = stat.rsplit_once(')')?.1.split_whitespace();
    let state = fields.next()?;
    (!matches!(state, "Z" | "X")).then(|| fields.nth(18).map(str::to_owned)).flatten()
}

/// Whether somebody still works on a job whose row says it is running.
pub fn alive(row: &JobRow) -> bool {
    let mut parts = row.owner.rsplitn(3, ' ');
    let (began_then, pid, machine_then) = (parts.next().unwrap_or_default(), parts.next(), parts.next().unwrap_or_default());
    let pid = pid.and_then(|p| p.parse::<u32>().ok());
    if row.owner == this_process() {
        return at_it(row.id);
    }
    match pid {
        Some(pid) if !machine_then.is_empty() && machine_then == machine() => began(pid).is_some_and(|began| began == began_then),
        _ => now() - row.heartbeat <= SILENCE,
    }
}
