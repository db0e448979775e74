//! Entities that a job works on must not change under it.

use serde_json::json;

use super::{EntityStore, Tx, system::JobRow};
use crate::{
    error::{Error, ErrorCode, Result},
    model::{EntityId, JobKind, JobStatus},
};

/// # Errors
/// `busy` with the job, when one that has not ended works on one of the entities.
pub async fn refuse(tx: &mut Tx, entities: &[EntityId]) -> Result<()> {
    for row in open(tx).await? {
        if let Some((_, name)) = row.entities.0.iter().find(|(id, _)| entities.contains(id)) {
            return Err(busy(&row, name));
        }
    }
    Ok(())
}

/// # Errors
/// `busy` with the job, when one has not ended, whatever it works on.
pub async fn refuse_any(tx: &mut Tx) -> Result<()> {
    let Some(row) = open(tx).await?.pop() else { return Ok(()) };
    let name = row.entities.0.first().map_or("the workspace", |(_, name)| name.as_str());
    Err(busy(&row, name))
}

/// Jobs that have not ended.
pub async fn open(tx: &mut Tx) -> Result<Vec<JobRow>> {
    let mut rows = vec![];
    for status in ["running", "paused", "interrupted"] {
        rows.extend(EntityStore::<JobRow>::scan_by(tx, "status", status).await?);
    }
    Ok(rows)
}

/// What is said of a job in the way.
pub fn busy(row: &JobRow, name: &str) -> Error {
    let (is, hint) = if row.status.0 == JobStatus::Running {
        ("is", "Wait until it has ended, or cancel it.")
    } else {
        ("was", "Its process went away: resume it or roll it back first.")
    };
    let doing = match row.kind.0 {
        JobKind::Materialize => "materializing",
        JobKind::Dematerialize => "bringing back",
        JobKind::Import => "importing into",
        JobKind::Copy => "copying",
    };
    let by = who(row);
    Error::new(ErrorCode::Busy, format!("{by} {is} {doing} {name}. {hint}")).with(json!({
        "entity": name, "job": row.id, "kind": row.kind.0, "status": row.status.0, "phase": row.phase.0, "by": by,
    }))
}

/// Who runs a job and by what, as its row tells, in words that begin a sentence.
pub fn who(row: &JobRow) -> String {
    let text = |key| row.state.0.get(key).and_then(serde_json::Value::as_str).filter(|text| !text.is_empty());
    let program = match text("origin") {
        Some("window") => "a window",
        Some("cli") => "the command line",
        _ => "another program",
    };
    match text("author") {
        Some(author) => format!("{author} (in {program})"),
        None => format!("Somebody (in {program})"),
    }
}
