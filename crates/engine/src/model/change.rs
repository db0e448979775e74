//! The schema changelog, and the specifications people hand in to change the schema.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use specta::Type;

use super::{
    entity::{AccessLevel, Scope},
    field::{FieldConfig, FieldType},
    ids::{ChangeId, EntityId, FieldId},
    relationship::{ReferentialAction, RelationshipType},
};

/// One versioned entry: every edit of the schema is one, with its way back.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub struct SchemaChange {
    pub id: ChangeId,
    pub version: u32,
    /// Machine word: `create_entity`, `drop_field`, `materialize`, `move`, …
    pub kind: String,
    /// For people: "Rename field total to amount".
    pub description: String,
    /// Entities it touches.
    pub entities: Vec<EntityId>,
    pub at: String,
    pub author: Option<String>,
    pub undone: bool,
}

/// What Undo and Redo would do now.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, Type)]
pub struct UndoState {
    pub undo: Option<String>,
    pub redo: Option<String>,
    pub version: u32,
}

/// Everything a person says of an entity. Used for making one and, whole, for changing it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, Type)]
#[serde(default)]
pub struct EntitySpec {
    pub name: String,
    pub label: Option<String>,
    pub plural_label: Option<String>,
    pub icon: Option<String>,
    pub description: Option<String>,
    pub application: Option<String>,
    pub scope: Scope,
    pub access: AccessLevel,
}

/// Everything a person says of a field in an entity. Used for adding one and, whole, for changing it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
#[serde(default)]
pub struct FieldSpec {
    pub name: String,
    pub label: Option<String>,
    #[serde(rename = "type")]
    pub field_type: FieldType,
    pub config: FieldConfig,
    pub description: Option<String>,
    pub required: bool,
    pub unique: bool,
    pub indexed: bool,
    pub default: Option<Value>,
    pub visible: bool,
    pub read_only: bool,
    /// Attach this library field instead of making a private one. Name, type and config are then the library's.
    pub library: Option<FieldId>,
}

impl Default for FieldSpec {
    fn default() -> Self {
        Self {
            name: String::new(),
            label: None,
            field_type: FieldType::String,
            config: FieldConfig::default(),
            description: None,
            required: false,
            unique: false,
            indexed: false,
            default: None,
            visible: true,
            read_only: false,
            library: None,
        }
    }
}

impl FieldSpec {
    pub fn new(name: &str, field_type: FieldType) -> Self {
        Self { name: name.to_owned(), field_type, ..Self::default() }
    }
}

/// Everything a person says of a relationship.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub struct RelationshipSpec {
    pub name: String,
    #[serde(rename = "type")]
    pub kind: RelationshipType,
    pub source: EntityId,
    pub target: EntityId,
    #[serde(default)]
    pub inverse_name: Option<String>,
    #[serde(default)]
    pub description: Option<String>,
    /// Name of the field that holds the id; `{name}_id` when none is given.
    #[serde(default)]
    pub field: Option<String>,
    #[serde(default)]
    pub required: bool,
    /// Set null by default, cascade for many-to-many.
    #[serde(default)]
    pub on_delete: Option<ReferentialAction>,
    /// Cascade by default.
    #[serde(default)]
    pub on_update: Option<ReferentialAction>,
}

/// A library field to be made, open to every entity.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub struct LibraryFieldSpec {
    pub name: String,
    #[serde(default)]
    pub label: Option<String>,
    #[serde(rename = "type")]
    pub field_type: FieldType,
    #[serde(default)]
    pub config: FieldConfig,
    #[serde(default)]
    pub description: Option<String>,
    #[serde(default)]
    pub category: Option<String>,
}

/// Where an entity stands on the diagram, in canvas pixels.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, Type)]
pub struct NodePosition {
    pub entity: EntityId,
    pub x: i32,
    pub y: i32,
}
