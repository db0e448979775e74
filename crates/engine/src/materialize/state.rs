//! What a job writes down of itself, so that any process can go on with it.

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{links::Moving, timing::Questions};
use crate::{
    error::{Error, ErrorCode, Result},
    jobs::{self, Ask, Outlook, Reporter, Way, Whole, owner},
    model::{ChangeId, EntityId, JobKind, JobStatus, MaterializeOptions, Phase, PhaseLog},
    schema::changelog::Direction,
    sql::Sql,
    store::{Tx, entity_store::Json, system::JobRow},
};

/// The job's own part of its row.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct State {
    pub options: MaterializeOptions,
    pub parts: Vec<Part>,
    /// Known from when tables and triggers are made.
    #[serde(default)]
    pub moving: Vec<Moving>,
    /// Entities outside the job whose tables are watched too; none where an earlier version began it, which did not.
    #[serde(default)]
    pub neighbours: Option<Vec<EntityId>>,
    /// From here on the job can only go forward.
    pub cut_over: bool,
    /// From here on it can only go back.
    pub rolling_back: bool,
    /// The changelog entry this job undoes or redoes; none when it makes one of its own.
    pub step: Option<Step>,
    pub author: Option<String>,
    pub origin: String,
    /// Triggers and tables have been made.
    pub created: bool,
    /// As in [`Job`](crate::model::Job), like the log: begun by an earlier version, a job has neither.
    #[serde(default)]
    pub captured: u32,
    #[serde(default)]
    pub waiting: u32,
    #[serde(default)]
    pub waiting_for: Option<String>,
    #[serde(default)]
    pub log: Vec<PhaseLog>,
    #[serde(default)]
    pub outlook: Outlook,
}

impl State {
    /// Entities outside the job whose tables are watched too.
    pub fn watched(&self) -> &[EntityId] {
        self.neighbours.as_deref().unwrap_or_default()
    }

    /// Rows of a part done in a phase, and all there are: its records, and the pairs that count for it.
    pub fn rows(&self, part: usize, phase: Phase) -> (u32, u32) {
        let Some(one) = self.parts.get(part) else { return (0, 0) };
        let pairs = self.moving.iter().filter(|m| m.part == part);
        pairs.fold((one.done(phase), one.total), |(done, total), m| (done + m.done(phase), total + m.total))
    }

    /// The same of all parts.
    pub fn all_rows(&self, phase: Phase) -> (u32, u32) {
        (0..self.parts.len()).map(|i| self.rows(i, phase)).fold((0, 0), |all, one| (all.0 + one.0, all.1 + one.1))
    }

    /// What there is to tell of the job, with it that far.
    pub fn way(&self, whole: Whole) -> Way<'_> {
        Way { whole, outlook: self.outlook, log: &self.log, waiting_for: self.waiting_for.as_deref(), rolling_back: self.rolling_back }
    }
}

/// An entry of the changelog, and which way through it.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct Step {
    pub change: ChangeId,
    pub undo: bool,
}

impl Step {
    pub fn direction(self) -> Direction {
        if self.undo { Direction::Undo } else { Direction::Redo }
    }
}

/// One entity of the job.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Part {
    pub entity: EntityId,
    pub name: String,
    /// Its dedicated table: the one to come, or the one to go.
    pub table: String,
    pub total: u32,
    /// The last record copied; empty before the first.
    pub copied_to: String,
    pub copied: u32,
    pub copy_done: bool,
    pub checked: u32,
    pub check_done: bool,
    pub records: u32,
    pub links: u32,
    pub kept: u32,
    pub nulled: u32,
    pub cleaned: u32,
    /// Records written by others that were carried over.
    #[serde(default)]
    pub captured: u32,
    pub seconds: f64,
    /// Timed before it began; jobs of earlier versions have not.
    #[serde(default)]
    pub questions: Option<Questions>,
}

impl Part {
    pub fn new(entity: EntityId, name: String, table: String) -> Self {
        Self {
            entity,
            name,
            table,
            total: 0,
            copied_to: String::new(),
            copied: 0,
            copy_done: false,
            checked: 0,
            check_done: false,
            records: 0,
            links: 0,
            kept: 0,
            nulled: 0,
            cleaned: 0,
            captured: 0,
            seconds: 0.0,
            questions: None,
        }
    }

    /// Records done in a phase.
    pub fn done(&self, phase: Phase) -> u32 {
        done(phase, self.copied, self.checked, self.cleaned)
    }
}

/// Rows done in a phase, of those that count them.
pub fn done(phase: Phase, copied: u32, checked: u32, cleaned: u32) -> u32 {
    match phase {
        Phase::Copy => copied,
        Phase::Verify => checked,
        Phase::CleanUp => cleaned,
        Phase::Validate | Phase::Create | Phase::CutOver => 0,
    }
}

/// Tells how far a job is by its row: of the entity it is at, and with all.
pub fn tell(row: &JobRow, reporter: &mut Reporter) {
    let Ok(state) = serde_json::from_value::<State>(row.state.0.clone()) else { return };
    let phase = row.phase.0;
    let left = |i: &usize| matches!(state.rows(*i, phase), (done, total) if done < total);
    let at = (0..state.parts.len()).find(left).unwrap_or(state.parts.len().saturating_sub(1));
    let whole = Whole { done: row.done, total: row.total, captured: state.captured, waiting: state.waiting };
    if let Some(part) = state.parts.get(at) {
        reporter.step((part.entity, &part.name), phase, state.rows(at, phase), state.way(whole));
    }
}

/// Writes the job's row as it now stands, within the transaction of the work it tells of.
///
/// # Errors
/// `cancelled` when another process asked for that; `busy` when another one has taken the job over.
pub async fn save(tx: &mut Tx, row: &mut JobRow, state: &State) -> Result<()> {
    let phase = row.phase.0;
    (row.done, row.total) = state.all_rows(phase);
    row.state = Json(serde_json::to_value(state)?);
    row.heartbeat = owner::now();
    row.updated_at = crate::records::now();
    let word = |value: serde_json::Value| value.as_str().unwrap_or_default().to_owned();
    let mut sql = Sql::new(tx.dialect, "UPDATE kdb_jobs SET status = ");
    sql.bind(word(json!(row.status.0))).push(", phase = ").bind(word(json!(phase)));
    sql.push(", done = ").bind(i64::from(row.done)).push(", total = ").bind(i64::from(row.total));
    sql.push(", state = ").bind(row.state.0.to_string()).push(", error = ");
    sql.bind(row.error.as_ref().map(|e| json!(e.0).to_string())).push(", reports = ").bind(json!(row.reports.0).to_string());
    sql.push(", heartbeat = ").bind(row.heartbeat).push(", updated_at = ").bind(row.updated_at.clone());
    sql.push(" WHERE id = ").bind(row.id).push(" AND owner = ").bind(row.owner.clone());
    let asked = |row: &JobRow| {
        let heard: &[Ask] = match row.status.0 {
            JobStatus::Running if state.rolling_back => &[],
            JobStatus::Running if state.cut_over => &[Ask::Pause],
            JobStatus::Running => &[Ask::Cancel, Ask::Pause],
            _ => &[],
        };
        heard.iter().copied()
    };
    for ask in asked(row) {
        sql.push(&format!(" AND state NOT LIKE '%\"{}\":true%'", ask.mark()));
    }
    if tx.execute(sql.build()).await? == 1 {
        return Ok(());
    }
    let now = jobs::row(tx, row.id).await?;
    if now.owner == row.owner {
        let paused = !asked(row).any(|ask| ask == Ask::Cancel && now.state.0[ask.mark()] == true);
        return Err(if paused { self::paused() } else { cancelled() });
    }
    Err(Error::new(ErrorCode::Busy, "Another process has taken this job over.").with(json!({ "job": row.id, "owner": now.owner })))
}

pub fn cancelled() -> Error {
    Error::new(ErrorCode::Cancelled, "Cancelled. Everything is as it was before.")
}

/// Not an error anybody sees: the job stops with it, and its row says that it is paused.
pub fn paused() -> Error {
    Error::new(ErrorCode::Cancelled, "Paused.").with(json!({ "paused": true }))
}

pub fn is_paused(error: &Error) -> bool {
    error.code == ErrorCode::Cancelled && error.details["paused"] == true
}

/// What the job is called in the changelog and in messages.
pub fn title(kind: JobKind, parts: &[Part]) -> String {
    let verb = if kind == JobKind::Dematerialize { "Dematerialize" } else { "Materialize" };
    match parts {
        [one] => format!("{verb} {}", one.name),
        more => format!("{verb} {} entities", more.len()),
    }
}
