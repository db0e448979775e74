//! `copy`: a whole workspace to another place.

use clap::Args;
use serde_json::json;
use std::sync::Mutex;
use stoneware_engine::{
    Engine,
    model::{CopyProgress, CopyReport},
};
use tokio_util::sync::CancellationToken;

use crate::{
    failure::Outcome,
    output::count,
    progress::{Bar, stoppable},
    session::{self, Session},
};

#[derive(Args)]
pub struct Copy {
    /// The workspace to copy: a file, or the address of a database
    from: String,
    /// Where to: an empty place, or the one where the same copy was interrupted
    to: String,
    /// Rows in one batch
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..))]
    batch_size: Option<u32>,
}

pub async fn run(command: Copy, session: &Session) -> Outcome {
    let source = session::open(&command.from).await?;
    let (target, _) = session::open_or_create(&command.to).await?;
    let copied = copy(&source, &target, command.batch_size, session).await;
    source.close().await;
    target.close().await;
    let report = copied?;
    let output = session.output;
    if output.json {
        let mut line = json!(report);
        line["event"] = "done".into();
        return output.event(&line);
    }
    output.say(&format!(
        "{}, {}, {} and {} copied and compared in {:.1} s{}",
        count(report.entities, "entity", "entities"),
        count(report.relationships, "relationship", "relationships"),
        count(report.records, "record", "records"),
        count(report.links, "link", "links"),
        report.seconds,
        if report.resumed { ", going on with an earlier run" } else { "" }
    ))
}

async fn copy(source: &Engine, target: &Engine, batch_size: Option<u32>, session: &Session) -> Outcome<CopyReport> {
    let bar = Bar::new(session.output);
    // A reader of the stream that went away stops the copy: it can be gone on with.
    let (cancel, unheard) = (CancellationToken::new(), Mutex::new(None));
    let on = |step: CopyProgress| {
        if !session.output.json {
            return bar.copy(&step);
        }
        let line = json!({
            "event": "progress", "entity": step.entity, "phase": step.phase, "done": step.done, "total": step.total,
            "overall_done": step.overall_done, "overall_total": step.overall_total, "rate": step.rate, "eta_s": step.eta_s,
        });
        if let Err(failure) = session.output.event(&line) {
            cancel.cancel();
            if let Ok(mut first) = unheard.lock() {
                first.get_or_insert(failure);
            }
        }
    };
    let report = stoppable(source.copy_into(target, batch_size, &on, &cancel), &cancel).await;
    bar.finish();
    match unheard.lock().ok().and_then(|mut first| first.take()) {
        Some(failure) => Err(failure),
        None => Ok(report?),
    }
}
