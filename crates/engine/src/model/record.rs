//! Records, links, and what is asked and answered about them.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use specta::Type;
use std::collections::BTreeMap;

use super::ids::{EntityId, LinkId, RecordId};

/// A record's values by field name. Relationship fields hold the other record's id.
///
/// Wire forms: `integer` a number (a string towards JavaScript), `decimal` a string, `date` `2026-01-31`, `datetime`
/// `2026-01-31T12:00:00Z`, `binary` hexadecimal, everything else plain JSON.
pub type Data = Map<String, Value>;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub struct Record {
    pub id: RecordId,
    /// Starts at 1 and grows by one with every write.
    pub version: u32,
    /// Value of the first text field: what the record is called elsewhere.
    pub primary_value: Option<String>,
    /// Every field of the entity, null where there is no value.
    #[specta(type = BTreeMap<String, Value>)]
    pub data: Data,
    /// Records reached through the relationships asked for, by relationship name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub links: BTreeMap<String, Vec<LinkedRecord>>,
    /// Fields whose value does not fit their type, with the reason. The value itself stands in `data`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub problems: BTreeMap<String, String>,
    pub created_at: String,
    pub updated_at: String,
    pub created_by: Option<String>,
    pub updated_by: Option<String>,
}

/// The other end of a relationship, as shown in a cell.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub struct LinkedRecord {
    pub id: RecordId,
    pub primary_value: Option<String>,
    /// The link's own metadata; only many-to-many has any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metadata: Option<Value>,
}

/// One pair of a many-to-many relationship.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub struct Link {
    pub id: LinkId,
    pub source: RecordId,
    pub target: RecordId,
    pub metadata: Option<Value>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub struct SortKey {
    /// A field name, or `id`, `primary_value`, `created_at`, `updated_at`.
    pub field: String,
    #[serde(default)]
    pub descending: bool,
}

/// A page of records is asked for either after a cursor (steady under writes) or at an offset (jumping).
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, Type)]
#[serde(default)]
pub struct ListRequest {
    /// A condition such as `age > 30 and status in ('paid', 'shipped')`.
    #[serde(rename = "where")]
    pub filter: Option<String>,
    /// Text the primary value must contain, whatever its case.
    pub search: Option<String>,
    pub sort: Vec<SortKey>,
    /// Relationship names whose linked records come along.
    pub include: Vec<String>,
    /// At most 1,000; 50 when none is given.
    pub limit: Option<u32>,
    pub after: Option<String>,
    pub offset: Option<u32>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub struct RecordPage {
    pub records: Vec<Record>,
    /// Cursor for `after`; none at the end.
    pub next: Option<String>,
}

/// What a delete would do, before it is done.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, Type)]
pub struct Impact {
    /// Records that would go, by entity, the asked-for ones included.
    pub deletes: Vec<EntityCount>,
    /// Records that would stay but lose their reference.
    pub unlinks: Vec<EntityCount>,
    /// Many-to-many pairs that would go, by the entity at their other end.
    pub links: Vec<EntityCount>,
    /// What forbids it. Empty: the delete would succeed.
    pub blocked_by: Vec<Blocker>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub struct EntityCount {
    pub entity: EntityId,
    pub name: String,
    pub count: u32,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub struct Blocker {
    pub entity: String,
    pub relationship: String,
    pub count: u32,
    /// The first few referring records.
    pub records: Vec<RecordId>,
}
