//! Long work as it is seen from outside: bars for people, events for programs, Ctrl-C as a wish to stop.

use indicatif::{ProgressBar, ProgressStyle};
use serde_json::json;
use std::{future::Future, sync::Mutex, time::Duration};
use stoneware_engine::{
    Engine, Error, ErrorCode, Result,
    model::{CopyProgress, ImportProgress, Job, JobId, JobKind, JobProgress, JobStatus, Phase, QueryTiming, WorkspaceEvent},
};
use tokio::sync::broadcast::{Receiver, error::RecvError};
use tokio_util::sync::CancellationToken;

use crate::{
    failure::Outcome,
    output::{self, Output, count},
};

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar()).progress_chars("━╸─")
}

/// One bar on standard error that is renamed as the work moves on. Draws nothing where there is no terminal.
pub struct Bar {
    bar: ProgressBar,
    /// What it is at now, so that a new step starts a new line.
    step: Mutex<String>,
}

impl Bar {
    pub fn new(output: Output) -> Self {
        let bar = if output.json { ProgressBar::hidden() } else { ProgressBar::no_length() };
        bar.set_style(style("{spinner}"));
        bar.enable_steady_tick(Duration::from_millis(120));
        Self { bar, step: Mutex::default() }
    }

    fn show(&self, step: String, done: u32, total: Option<u32>, note: &str) {
        if let Ok(mut current) = self.step.lock()
            && *current != step
        {
            self.bar.reset();
            self.bar.set_style(style(match total {
                Some(_) => "{prefix:32!} {bar:30} {human_pos:>9}/{human_len} {msg}",
                None => "{prefix:32!} {spinner} {human_pos:>9} {msg}",
            }));
            self.bar.set_prefix(step.clone());
            *current = step;
        }
        if let Some(total) = total {
            self.bar.set_length(u64::from(total));
        }
        self.bar.set_position(u64::from(done));
        self.bar.set_message(note.to_owned());
    }

    pub fn import(&self, progress: &ImportProgress) {
        self.show(format!("Importing {}", progress.entity), progress.done, progress.total, "");
    }

    pub fn copy(&self, progress: &CopyProgress) {
        let left = progress.eta_s.map(|s| format!(", {s} s left")).unwrap_or_default();
        let note = format!("{}/s{left}", output::grouped(u64::from(progress.rate)));
        self.show(format!("{}: {}", progress.entity, copy_word(progress.phase)), progress.done, Some(progress.total), &note);
    }

    fn job(&self, progress: &JobProgress) {
        let left = progress.eta_s.map(|s| format!(", {s} s left")).unwrap_or_default();
        let mut note = format!("{}/s{left}", output::grouped(u64::from(progress.rate)));
        if progress.waiting > 0 {
            note += &format!(", {} waiting", count(progress.waiting, "write", "writes"));
        }
        if let Some(holder) = &progress.waiting_for {
            note = format!("waiting for a lock held by {holder}");
        }
        self.show(format!("{}: {}", progress.entity, phase_word(progress.phase)), progress.done, Some(progress.total), &note);
    }

    pub fn finish(&self) {
        self.bar.finish_and_clear();
    }
}

/// A phase in plain words.
pub fn phase_word(phase: Phase) -> &'static str {
    match phase {
        Phase::Validate => "checking values",
        Phase::Create => "creating the table",
        Phase::Copy => "copying records",
        Phase::Verify => "comparing",
        Phase::CutOver => "switching over",
        Phase::CleanUp => "cleaning up",
    }
}

/// A phase of a copy, where other words are clearer.
fn copy_word(phase: Phase) -> &'static str {
    match phase {
        Phase::Validate => "looking at the earlier run",
        Phase::Copy => "copying",
        other => phase_word(other),
    }
}

/// Work that stops at its next safe point when it is interrupted, and says itself how it ended.
pub async fn stoppable<T>(work: impl Future<Output = T>, cancel: &CancellationToken) -> T {
    tokio::pin!(work);
    tokio::select! {
        ended = &mut work => ended,
        () = interrupted() => {
            cancel.cancel();
            work.await
        }
    }
}

/// Ctrl-C, or the polite signal of whoever started us.
async fn interrupted() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let (Ok(mut int), Ok(mut term)) = (signal(SignalKind::interrupt()), signal(SignalKind::terminate())) {
            tokio::select! { _ = int.recv() => {}, _ = term.recv() => {} }
            return;
        }
    }
    if tokio::signal::ctrl_c().await.is_err() {
        // Signals cannot be heard here, so none will come.
        std::future::pending::<()>().await;
    }
}

/// Starts a job and stays with it to its end: progress on the way, then one `done` line for each entity.
///
/// # Errors
/// The job's own error when it failed, `cancelled` when it was stopped.
pub async fn follow<F>(engine: &Engine, output: Output, start: impl FnOnce() -> F) -> Outcome<Job>
where
    F: Future<Output = Result<Job>>,
{
    // Listening starts first, so that not even the first step is missed.
    let mut events = engine.subscribe();
    let started = start().await?;
    let bar = Bar::new(output);
    let ended = engine.wait_job(started.id);
    tokio::pin!(ended);
    let stop = interrupted();
    tokio::pin!(stop);
    let mut stopping = false;
    let mut listening = true;
    let job = loop {
        tokio::select! {
            biased;
            event = events.recv(), if listening => match event {
                Ok(event) => show(&event, started.id, &bar, output)?,
                Err(RecvError::Lagged(_)) => {}
                Err(RecvError::Closed) => listening = false,
            },
            job = &mut ended => break job?,
            () = &mut stop, if !stopping => {
                stopping = true;
                // It may have ended in this very moment; then its end is what counts.
                if let Err(error) = engine.cancel_job(started.id).await && error.code != ErrorCode::InvalidInput {
                    return Err(error.into());
                }
            }
        }
    };
    drain(&mut events, started.id, &bar, output)?;
    bar.finish();
    ended_well(&job)?;
    report(&job, output)?;
    Ok(job)
}

fn drain(events: &mut Receiver<WorkspaceEvent>, job: JobId, bar: &Bar, output: Output) -> Outcome {
    use tokio::sync::broadcast::error::TryRecvError;
    loop {
        match events.try_recv() {
            Ok(event) => show(&event, job, bar, output)?,
            Err(TryRecvError::Lagged(_)) => {}
            Err(_) => return Ok(()),
        }
    }
}

fn show(event: &WorkspaceEvent, job: JobId, bar: &Bar, output: Output) -> Outcome {
    let WorkspaceEvent::JobProgress(progress) = event else { return Ok(()) };
    if progress.job != job {
        return Ok(());
    }
    if output.json {
        return output.event(&json!({
            "event": "progress", "job": progress.job, "entity": progress.entity, "phase": progress.phase,
            "done": progress.done, "total": progress.total, "rate": progress.rate, "eta_s": progress.eta_s,
            "captured": progress.captured, "waiting": progress.waiting, "waiting_for": progress.waiting_for,
        }));
    }
    bar.job(progress);
    Ok(())
}

fn ended_well(job: &Job) -> Outcome {
    let fallback = |code, word: &str| Error::new(code, format!("The job {} {word}.", job.id)).with(json!({ "job": job.id }));
    let error = match job.status {
        JobStatus::Done => return Ok(()),
        JobStatus::Cancelled => {
            job.error.clone().unwrap_or_else(|| fallback(ErrorCode::Cancelled, "was cancelled; everything is as it was before it"))
        }
        JobStatus::RolledBack => {
            job.error.clone().unwrap_or_else(|| fallback(ErrorCode::Cancelled, "was rolled back; everything is as it was before it"))
        }
        JobStatus::Paused => {
            let message = format!("The job {} was paused. `stoneware job resume {}` goes on with it.", job.id, job.id);
            Error::new(ErrorCode::Cancelled, message).with(json!({ "job": job.id, "status": job.status }))
        }
        _ => job.error.clone().unwrap_or_else(|| fallback(ErrorCode::Internal, "did not finish; see `stoneware job show` for its state")),
    };
    Err(error.into())
}

fn report(job: &Job, output: Output) -> Outcome {
    for report in &job.reports {
        if output.json {
            output.event(&json!({
                "event": "done", "entity": report.entity, "table": report.table, "records": report.records, "links": report.links,
                "kept_aside": report.kept_aside, "nulled": report.nulled, "captured": report.captured, "seconds": report.seconds, "job": report.job,
                "timings": report.timings,
            }))?;
            continue;
        }
        let place = match job.kind {
            JobKind::Dematerialize => "back in the shared table".to_owned(),
            _ => format!("in table {}", report.table),
        };
        let mut text = format!("{}: {} {place}, {:.1} s", report.entity, count(report.records, "record", "records"), report.seconds);
        if report.kept_aside > 0 {
            text += &format!("; {} kept aside", count(report.kept_aside, "value", "values"));
        }
        if report.nulled > 0 {
            text += &format!("; {} replaced by null", count(report.nulled, "value", "values"));
        }
        if report.captured > 0 {
            text += &format!("; {} made meanwhile carried over", count(report.captured, "write", "writes"));
        }
        for timing in &report.timings {
            text += &format!("\n  {}", timing_line(timing));
        }
        output.say(&text)?;
    }
    Ok(())
}

/// "records with age = 41, of 20,000: 38.1 ms before, 2.9 ms now, 13 times as fast".
pub fn timing_line(timing: &QueryTiming) -> String {
    let (before, after) = (timing.before_ms, timing.after_ms);
    let times = |more: f64, less: f64| {
        let ratio = more / less.max(0.01);
        if ratio < 9.95 { format!("{ratio:.1}") } else { output::grouped(ratio.round() as u64) }
    };
    let verdict = match () {
        () if before > 1.1 * after => format!("{} times as fast", times(before, after)),
        () if after > 1.1 * before => format!("{} times as slow", times(after, before)),
        () => "as fast as before".to_owned(),
    };
    format!("{}: {} before, {} now, {verdict}", timing.query, milliseconds(before), milliseconds(after))
}

fn milliseconds(ms: f64) -> String {
    if ms < 9.95 { format!("{ms:.1} ms") } else { format!("{ms:.0} ms") }
}

#[cfg(test)]
mod tests {
    use super::{QueryTiming, timing_line};

    #[test]
    fn a_timing_says_by_how_much_it_is_faster() {
        let line =
            |before_ms, after_ms| timing_line(&QueryTiming { query: "records with age = 41, of 20,000".to_owned(), before_ms, after_ms });
        assert_eq!(line(38.14, 2.94), "records with age = 41, of 20,000: 38 ms before, 2.9 ms now, 13 times as fast");
        assert!(line(2.0, 5.0).ends_with("2.0 ms before, 5.0 ms now, 2.5 times as slow"));
        assert!(line(5.0, 5.1).ends_with("as fast as before"));
        assert!(line(40.0, 0.0).ends_with("40 ms before, 0.0 ms now, 4,000 times as fast"));
    }
}
