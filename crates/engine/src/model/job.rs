//! Long pieces of work: what is kept of them, and what they report.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use specta::Type;

use super::{
    ids::{EntityId, JobId, RecordId},
    plan::{DiskEstimate, FieldProfile, PlanLock},
};
use crate::error::Error;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum JobKind {
    Materialize,
    Dematerialize,
    Import,
    Copy,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum JobStatus {
    Running,
    Paused,
    /// Its process went away: resume it or roll it back.
    Interrupted,
    Done,
    Failed,
    Cancelled,
    RolledBack,
}

/// The phases of materialize, dematerialize and copy, in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    Validate,
    Create,
    Copy,
    Verify,
    CutOver,
    CleanUp,
}

impl Phase {
    pub const ALL: [Self; 6] = [Self::Validate, Self::Create, Self::Copy, Self::Verify, Self::CutOver, Self::CleanUp];
}

/// What to do with a value that does not fit its column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum OnInvalid {
    /// Move nothing and list the values.
    #[default]
    Abort,
    /// Store null instead. The value is gone from the record, and stands in the job's report.
    Null,
    /// Store null and keep the value beside the record; dematerialize puts it back.
    Keep,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
#[serde(default)]
pub struct MaterializeOptions {
    pub on_invalid: OnInvalid,
    /// Records in one batch. None: adapts to the time a batch takes.
    pub batch_size: Option<u32>,
}

impl Default for MaterializeOptions {
    fn default() -> Self {
        Self { on_invalid: OnInvalid::Abort, batch_size: None }
    }
}

/// A job as the workspace keeps it.
#[derive(Debug, Clone, Serialize, Deserialize, Type)]
pub struct Job {
    pub id: JobId,
    pub kind: JobKind,
    /// Names of the entities it works on, in order.
    pub entities: Vec<String>,
    pub entity_ids: Vec<EntityId>,
    pub status: JobStatus,
    pub phase: Phase,
    /// Records done in the current phase.
    pub done: u32,
    pub total: u32,
    /// Records, and pairs of many-to-manys, written by others meanwhile that have been carried over.
    pub captured: u32,
    /// Those that have still to be.
    pub waiting: u32,
    /// Who has what the job waits for, in words; none while it goes on.
    #[serde(default)]
    pub waiting_for: Option<String>,
    /// It is on its way back, and can only go back.
    #[serde(default)]
    pub rolling_back: bool,
    pub error: Option<Error>,
    pub reports: Vec<JobReport>,
    /// The phases it has been through, one entry for each time it was in one.
    pub log: Vec<PhaseLog>,
    /// Who runs it and by what, in words that begin a sentence.
    pub by: String,
    /// It runs in this process.
    pub here: bool,
    pub started_at: String,
    pub updated_at: String,
}

/// A stretch of a job's way: one phase, from where it was begun or gone on with.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub struct PhaseLog {
    pub phase: Phase,
    pub began_at: String,
    /// How long it was in it, so far.
    #[specta(type = u32)]
    pub seconds: f64,
    /// Records done in it, where the phase goes record by record; else 0.
    pub records: u32,
    /// Records written by others that were carried over in it.
    pub captured: u32,
    /// How much of the time it waited for what others held, and for whom last. Jobs of earlier versions did not say.
    #[serde(default)]
    #[specta(type = u32)]
    pub waited_s: f64,
    #[serde(default)]
    pub waited_for: Option<String>,
}

/// A step of a running job.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub struct JobProgress {
    pub job: JobId,
    pub kind: JobKind,
    pub status: JobStatus,
    pub entity: String,
    pub entity_id: EntityId,
    pub phase: Phase,
    pub done: u32,
    pub total: u32,
    /// Records a second, over the last moments.
    pub rate: u32,
    /// Seconds left for the whole job, where it can be told.
    pub eta_s: Option<u32>,
    /// Records and pairs written by others meanwhile, to any of the job's entities, that have been carried over so far.
    pub captured: u32,
    /// Those that have still to be, as last counted: twice a second at most.
    pub waiting: u32,
    /// As in [`Job`].
    #[serde(default)]
    pub waiting_for: Option<String>,
    #[serde(default)]
    pub rolling_back: bool,
}

/// What a finished job did to one entity.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub struct JobReport {
    pub entity: String,
    pub entity_id: EntityId,
    pub table: String,
    pub records: u32,
    pub links: u32,
    /// Values kept beside their record.
    pub kept_aside: u32,
    /// Values replaced by null.
    pub nulled: u32,
    /// Records written by others meanwhile that were carried over. Jobs of earlier versions did not count them.
    #[serde(default)]
    pub captured: u32,
    #[specta(type = u32)]
    pub seconds: f64,
    pub job: JobId,
    /// The same queries before and after. Jobs of earlier versions did not time any.
    #[serde(default)]
    pub timings: Vec<QueryTiming>,
}

/// How long a query took before a job and takes after it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub struct QueryTiming {
    /// In words, with the number of records it goes over: "records with age = 41, of 20,000".
    pub query: String,
    #[specta(type = u32)]
    pub before_ms: f64,
    #[specta(type = u32)]
    pub after_ms: f64,
}

/// What a materialize, or the way back, would do, before anything moves.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, Type)]
pub struct MaterializePlan {
    /// Every statement, in order, as it will run, but for those with which the job writes down how far it is. Of what goes batch by batch the
    /// first batch stands for all; a comment before a statement says so.
    pub statements: Vec<String>,
    pub records: u32,
    pub links: u32,
    /// The first 1,000 problems.
    pub problems: Vec<Problem>,
    pub problem_count: u32,
    /// Problems that neither `null` nor `keep` settles.
    pub by_hand: u32,
    /// Entity names in the order they will be done.
    pub order: Vec<String>,
    #[specta(type = u32)]
    pub estimate_s: f64,
    /// Each field over all records; none on the way back.
    pub fields: Vec<FieldProfile>,
    /// In the order they are taken.
    pub locks: Vec<PlanLock>,
    pub disk: DiskEstimate,
    /// Rights this user lacks on the server, each as the statement that gives it.
    pub missing_rights: Vec<String>,
}

/// A part of all the problems there are, in the order of the plan.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, Type)]
pub struct ProblemPage {
    /// Problems of one record stand together, so that there may be a few more than were asked for.
    pub problems: Vec<Problem>,
    /// Where the next part begins. None: that was all.
    pub next: Option<String>,
}

/// A value that stands in the way.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub struct Problem {
    pub entity: String,
    pub record: RecordId,
    pub field: String,
    pub value: Value,
    pub reason: String,
    pub kind: ProblemKind,
    /// `null` and `keep` settle it. If not, it has to be corrected by hand: a required field cannot be empty, and which part of a key over
    /// several fields is wrong nobody knows.
    pub settles: bool,
}

/// What is wrong with a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum ProblemKind {
    /// It is no value of the field's type.
    Misfit,
    /// There is none, and one is required.
    Missing,
    /// It refers to a record that is not there.
    Orphan,
    /// A record before this one has it too, and it must be unique.
    Duplicate,
}
