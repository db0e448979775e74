//! What is said of a workspace as a whole, and the events it sends.

use serde::{Deserialize, Serialize};
use specta::Type;
use std::collections::HashMap;

use super::{
    change::{NodePosition, UndoState},
    entity::StorageMode,
    ids::{EntityId, RelationshipId},
    job::{Job, JobProgress},
    schema::Schema,
};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub struct WorkspaceInfo {
    /// Path of the file or URL of the database, without any password.
    pub location: String,
    /// For people: the file's name without its ending.
    pub name: String,
    /// `sqlite` or `postgres`.
    pub kind: String,
    pub read_only: bool,
    /// Why, in words that follow a colon.
    pub read_only_reason: Option<String>,
    pub schema_version: u32,
}

/// Everything a window shows when a workspace is opened.
#[derive(Debug, Clone, Serialize, Deserialize, Type)]
pub struct Opening {
    pub info: WorkspaceInfo,
    pub schema: Schema,
    pub layout: Vec<NodePosition>,
    /// Newest first.
    pub jobs: Vec<Job>,
    pub undo: UndoState,
    pub overview: Vec<EntitySummary>,
    /// Pairs of each many-to-many.
    pub link_counts: HashMap<RelationshipId, u32>,
}

/// One line of the entity tree.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub struct EntitySummary {
    pub id: EntityId,
    pub name: String,
    pub label: Option<String>,
    pub storage_mode: StorageMode,
    pub table: String,
    pub records: u32,
    /// Number of fields.
    pub fields: u32,
    pub application: Option<String>,
}

/// What changed, for whoever shows it. Sent after the change is committed.
#[derive(Debug, Clone, Serialize, Deserialize, Type)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum WorkspaceEvent {
    /// Entities, fields, relationships, positions or storage modes.
    SchemaChanged {
        version: u32,
    },
    /// Records or links of these entities.
    RecordsChanged {
        entities: Vec<EntityId>,
    },
    JobProgress(JobProgress),
    /// The server does not answer. It is tried again until it does.
    ConnectionLost,
    /// It answers again; anything may have changed meanwhile.
    ConnectionBack,
    /// A job reached its end (done, failed, cancelled, rolled back): look at the list of jobs.
    JobEnded {
        job: super::ids::JobId,
    },
}

/// What an import carried over and what it could not.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, Type)]
pub struct ImportReport {
    /// Names of entities made or filled.
    pub entities: Vec<String>,
    pub relationships: u32,
    pub many_to_many: u32,
    pub records: u32,
    pub links: u32,
    /// Values kept as they were though they do not fit their field's type.
    pub kept: u32,
    /// What could not be carried: triggers, views, expressions, with the reason.
    pub not_carried: Vec<NotCarried>,
    #[specta(type = u32)]
    pub seconds: f64,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub struct NotCarried {
    /// `trigger`, `view`, `check`, `generated_column`, `index`, …
    pub kind: String,
    pub name: String,
    pub reason: String,
}

/// How far an import is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub struct ImportProgress {
    pub entity: String,
    pub done: u32,
    /// Records in all, where that is known. A database is read twice: the first time it is not.
    pub total: Option<u32>,
}
