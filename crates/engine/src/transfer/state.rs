//! What a copy writes down of itself, at the target, so that any process can go on with it.

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{rows::What, stopped, sum::Sum};
use crate::{
    error::{Error, ErrorCode, Result},
    jobs::{self, owner},
    model::JobStatus,
    sql::Sql,
    store::{Store, Tx, entity_store::Json, system::JobRow},
};

/// The job's own part of its row.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct State {
    /// Where it is copied from, without any password.
    pub source: String,
    /// The source's schema version, which is the copy's when it is whole.
    pub version: u32,
    /// Of everything copied with the schema, in one go.
    pub schema: Sum,
    pub parts: Vec<Part>,
}

/// One thing with many rows.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Part {
    pub what: What,
    pub name: String,
    pub total: u32,
    pub done: u32,
    /// The key of the last row copied; empty before the first.
    pub position: Vec<String>,
    /// Of the rows copied, as the source has them.
    pub sum: Sum,
    pub complete: bool,
    /// The copy was found to differ: it is to be begun anew.
    pub anew: bool,
}

impl Part {
    pub fn new(what: What, name: String, total: u32) -> Self {
        Self { what, name, total, done: 0, position: vec![], sum: Sum::default(), complete: false, anew: false }
    }

    /// As if nothing of it had been copied.
    pub fn reset(&mut self) {
        *self = Self::new(self.what, std::mem::take(&mut self.name), self.total);
    }
}

/// Writes the job's row as it now stands, within the transaction of the work it tells of.
///
/// # Errors
/// `cancelled` when another process asked for that; `busy` when another one has taken the copy over.
pub async fn save(tx: &mut Tx, row: &mut JobRow, state: &State) -> Result<()> {
    row.done = state.parts.iter().fold(0, |sum, part| sum.saturating_add(part.done));
    row.total = state.parts.iter().fold(0, |sum, part| sum.saturating_add(part.total));
    row.state = Json(serde_json::to_value(state)?);
    row.heartbeat = owner::now();
    row.updated_at = crate::records::now();
    let mut sql = Sql::new(tx.dialect, "UPDATE kdb_jobs SET status = ");
    sql.bind(word(&row.status.0)).push(", phase = ").bind(word(&row.phase.0));
    sql.push(", done = ").bind(i64::from(row.done)).push(", total = ").bind(i64::from(row.total));
    sql.push(", state = ").bind(row.state.0.to_string()).push(", error = NULL, heartbeat = ").bind(row.heartbeat);
    sql.push(", updated_at = ").bind(row.updated_at.clone());
    sql.push(" WHERE id = ").bind(row.id).push(" AND owner = ").bind(row.owner.clone());
    if row.status.0 == JobStatus::Running {
        sql.push(&format!(" AND state NOT LIKE '%\"{}\":true%'", jobs::Ask::Cancel.mark()));
    }
    if tx.execute(sql.build()).await? == 1 {
        return Ok(());
    }
    if jobs::row(tx, row.id).await?.owner == row.owner {
        return Err(stopped());
    }
    Err(Error::new(ErrorCode::Busy, "Another process has taken this copy over.").with(json!({ "job": row.id })))
}

/// Writes why the copy stopped. Its checkpoint stays as it was last committed.
pub async fn interrupt(target: &Store, row: &JobRow, error: &Error) -> Result<()> {
    let mut tx = target.write().await?;
    let mut stopped = jobs::row_to_write(&mut tx, row.id).await?;
    if let Some(state) = stopped.state.0.as_object_mut() {
        state.remove(jobs::Ask::Cancel.mark());
    }
    let mut sql = Sql::new(tx.dialect, "UPDATE kdb_jobs SET status = ");
    sql.bind(word(&JobStatus::Interrupted)).push(", error = ").bind(json!(error).to_string());
    sql.push(", state = ").bind(stopped.state.0.to_string());
    sql.push(", updated_at = ").bind(crate::records::now()).push(" WHERE status = 'running' AND id = ").bind(row.id);
    sql.push(" AND owner = ").bind(row.owner.clone());
    tx.execute(sql.build()).await?;
    tx.commit().await
}

fn word(value: &impl Serialize) -> String {
    json!(value).as_str().unwrap_or_default().to_owned()
}
