//! An edit of the schema as something to be planned, and its plan.

use serde::{Deserialize, Serialize};
use specta::Type;

use super::{AttachmentId, EntityId, FieldSpec, KeyPart, Problem, RelationshipId, RelationshipSpec};

/// An edit of the schema that may touch values, with what its verb takes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
#[serde(tag = "edit", rename_all = "snake_case")]
pub enum SchemaEdit {
    AddField { entity: EntityId, spec: Box<FieldSpec> },
    UpdateField { entity: EntityId, field: AttachmentId, spec: Box<FieldSpec> },
    DropField { entity: EntityId, field: AttachmentId },
    AddRelationship { spec: Box<RelationshipSpec> },
    UpdateRelationship { relationship: RelationshipId, spec: Box<RelationshipSpec> },
    DropRelationship { relationship: RelationshipId },
    SetKeys { entity: EntityId, keys: Vec<Vec<KeyPart>> },
}

/// What an edit of the schema would do, before it does anything.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, Type)]
pub struct EditPlan {
    /// Every statement that writes, in order, as it will run. None: nothing would change.
    pub statements: Vec<String>,
    /// Records that get a value, lose one or have one converted.
    pub records: u32,
    /// Pairs of a many-to-many that come or go.
    pub links: u32,
    /// The first 1,000 problems. Values that cannot be converted are kept aside and stop nothing.
    pub problems: Vec<Problem>,
    pub problem_count: u32,
    /// Problems that the edit is refused for until they are corrected.
    pub by_hand: u32,
    #[specta(type = u32)]
    pub estimate_s: f64,
    /// In the order they are taken.
    pub locks: Vec<EditLock>,
    /// Rights this user lacks on the server, each as the statement that gives it.
    pub missing_rights: Vec<String>,
}

/// When a part of an edit is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum EditStage {
    /// Ahead of it, while others write.
    Before,
    /// In its one transaction.
    Within,
    /// Once it is committed, while others write.
    After,
}

/// A lock an edit will hold.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub struct EditLock {
    pub stage: EditStage,
    /// As the database calls it.
    pub lock: String,
    /// The table, or the whole file.
    pub on: String,
    /// How long, about.
    #[specta(type = u32)]
    pub seconds: f64,
    /// Who waits for it.
    pub waits: String,
}
