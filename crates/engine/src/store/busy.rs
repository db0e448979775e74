//! Entities that a job works on must not change under it.

use serde_json::json;

use super::{EntityStore, Tx, system::JobRow};
use crate::{
    error::{Error, ErrorCode, Result},
    model::{EntityId, JobStatus},
};

/// # Errors
/// `busy` with the job, when one that has not ended works on one of the entities.
pub async fn refuse(tx: &mut Tx, entities: &[EntityId]) -> Result<()> {
    for status in ["running", "paused", "interrupted"] {
        for row in EntityStore::<JobRow>::scan_by(tx, "status", status).await? {
            let Some((_, name)) = row.entities.0.iter().find(|(id, _)| entities.contains(id)) else { continue };
            let what = serde_json::to_value(row.kind.0)?.as_str().unwrap_or_default().to_owned();
            let hint = if row.status.0 == JobStatus::Running {
                "Wait until it has ended, or cancel it."
            } else {
                "Its process went away: resume it or roll it back first."
            };
            return Err(Error::new(ErrorCode::Busy, format!("A job ({what}) is at work on {name}. {hint}")).with(json!({
                "entity": name, "job": row.id, "kind": row.kind.0, "status": row.status.0, "phase": row.phase.0,
            })));
        }
    }
    Ok(())
}
