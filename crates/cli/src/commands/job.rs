//! `job list | show | pause | resume | cancel | rollback`

use clap::Subcommand;
use serde_json::json;
use stoneware_engine::model::{self, JobId};

use crate::{
    failure::Outcome,
    output::{count, table},
    progress::{follow, phase_word, timing_line},
    session::Session,
};

#[derive(Subcommand)]
pub enum Job {
    /// List jobs, newest first
    List,
    /// Show one job with its phase, error and reports
    Show { id: JobId },
    /// Let a running job, of any process, stop where it can be gone on with
    Pause { id: JobId },
    /// Go on with a paused job, or one whose process went away
    Resume { id: JobId },
    /// Let a running job, of any process, stop and undo what it made; once it has switched over it finishes instead
    Cancel { id: JobId },
    /// Undo what an unfinished job left
    Rollback { id: JobId },
}

pub async fn run(command: Job, session: &Session) -> Outcome {
    let engine = session.open().await?;
    let output = session.output;
    match command {
        Job::List => output.answer(&engine.jobs().await?, |jobs| list(jobs))?,
        Job::Show { id } => output.answer(&engine.job(id).await?, text)?,
        Job::Pause { id } => {
            engine.pause_job(id).await?;
            // It may have ended before it heard of it.
            output.answer(&engine.wait_job(id).await?, text)?;
        }
        Job::Resume { id } => {
            follow(&engine, output, || engine.resume_job(id)).await?;
        }
        Job::Cancel { id } => {
            engine.cancel_job(id).await?;
            // It may have switched over, or ended, before it heard of it.
            output.answer(&engine.wait_job(id).await?, text)?;
        }
        Job::Rollback { id } => {
            let job = engine.rollback_job(id).await?;
            output.answer(&engine.wait_job(job.id).await?, |job| format!("Rolled back {}", job.id))?;
        }
    }
    engine.close().await;
    Ok(())
}

/// A status or kind as JSON writes it.
fn word(value: impl serde::Serialize) -> String {
    json!(value).as_str().unwrap_or_default().replace('_', " ")
}

fn list(jobs: &[model::Job]) -> String {
    let rows = jobs
        .iter()
        .map(|job| {
            vec![
                job.id.to_string(),
                word(job.kind),
                job.entities.join(", "),
                word(job.status),
                phase_word(job.phase).to_owned(),
                format!("{}/{}", job.done, job.total),
                job.updated_at.clone(),
            ]
        })
        .collect();
    table(&["Job", "Kind", "Entities", "Status", "Phase", "Records", "At"], rows, "No jobs yet.")
}

fn text(job: &model::Job) -> String {
    let mut out = format!("{} of {}: {}", word(job.kind), job.entities.join(", "), word(job.status));
    out += &format!("\nphase: {}, {} of {}", phase_word(job.phase), job.done, job.total);
    out += &format!("\nstarted {}, last seen {}", job.started_at, job.updated_at);
    if job.waiting > 0 {
        out += &format!("\n{} made meanwhile, to be carried over", count(job.waiting, "write", "writes"));
    }
    if let Some(holder) = &job.waiting_for {
        out += &format!("\nwaiting for a lock held by {holder}");
    }
    if let Some(error) = &job.error {
        out += &format!("\n{}", error.message);
    }
    for stretch in &job.log {
        out += &format!("\n{} {}: {:.1} s", stretch.began_at, phase_word(stretch.phase), stretch.seconds);
        if stretch.records > 0 {
            out += &format!(", {}", count(stretch.records, "record", "records"));
        }
        if stretch.captured > 0 {
            out += &format!(", {} made meanwhile carried over", count(stretch.captured, "write", "writes"));
        }
        if let Some(holder) = &stretch.waited_for {
            out += &format!(", {:.1} s of it waiting for a lock held by {holder}", stretch.waited_s);
        }
    }
    for report in &job.reports {
        out += &format!("\n{}: {} records, table {}, {:.1} s", report.entity, report.records, report.table, report.seconds);
        for timing in &report.timings {
            out += &format!("\n  {}", timing_line(timing));
        }
    }
    out
}
