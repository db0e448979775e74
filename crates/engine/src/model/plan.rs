//! What a plan tells of the fields, the locks and the disk.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use specta::Type;

use super::{AttachmentId, EntityId, FieldConfig, FieldType, Phase};

/// One field over all of its entity's records.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub struct FieldProfile {
    pub entity: String,
    pub entity_id: EntityId,
    pub field: String,
    /// None for the field of a relationship.
    pub field_id: Option<AttachmentId>,
    #[serde(rename = "type")]
    pub field_type: FieldType,
    pub records: u32,
    pub nulls: u32,
    /// Different values, nulls not counted.
    pub distinct: u32,
    /// Counted over all records. If not, it is estimated from a part of them.
    pub distinct_exact: bool,
    /// Values in the way: they stand among the plan's problems.
    pub problems: u32,
    /// Characters of the longest text, for types of text.
    pub longest: Option<u32>,
    /// Smallest and largest value, for types that have an order: numbers, days, times. Values that do not fit are left out.
    pub smallest: Option<Value>,
    pub largest: Option<Value>,
    /// A type that fits better.
    pub proposal: Option<Proposal>,
}

/// A type every value of a field fits, and is written in just as it stands: changing to it loses nothing.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub struct Proposal {
    #[serde(rename = "type")]
    pub field_type: FieldType,
    pub config: FieldConfig,
    /// `all 40,000 values are integers`
    pub reason: String,
}

/// A lock the job will hold.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub struct PlanLock {
    pub phase: Phase,
    /// As the database calls it.
    pub lock: String,
    /// The table, or the whole file.
    pub on: String,
    /// How long at a time, about.
    #[specta(type = u32)]
    pub seconds: f64,
    /// Taken again for every batch of the phase.
    pub repeated: bool,
    /// Who waits for it.
    pub waits: String,
}

/// Bytes, from a measured part of the records.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize, Type)]
pub struct DiskEstimate {
    /// The new tables.
    #[specta(type = u32)]
    pub table_bytes: f64,
    /// Their indexes.
    #[specta(type = u32)]
    pub index_bytes: f64,
    /// What has to be free while both copies exist, the database's own log of the work included.
    #[specta(type = u32)]
    pub peak_bytes: f64,
    /// What the shared tables no longer need afterwards: new records use it.
    #[specta(type = u32)]
    pub freed_bytes: f64,
}
