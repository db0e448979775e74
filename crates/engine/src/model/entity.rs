//! Entities and their three axes: storage mode, scope, access.

use serde::{Deserialize, Serialize};
use specta::Type;

use super::{
    field::Field,
    ids::{AttachmentId, EntityId, KeyId, RelationshipId},
};

/// *Where* an entity's rows lie.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum StorageMode {
    /// In the one JSON table.
    #[default]
    Shared,
    /// In a table of its own.
    Dedicated,
}

/// *Who* sees a row and how long it lives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    #[default]
    Shared,
    User,
    Stream,
    System,
}

/// Who may touch the entity at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum AccessLevel {
    #[default]
    Public,
    Restricted,
    Private,
}

/// One member of a key over several columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case", tag = "kind", content = "id")]
pub enum KeyPart {
    Field(AttachmentId),
    Relationship(RelationshipId),
}

/// A unique key over two or more fields (one field alone is `Field::unique`).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub struct UniqueKey {
    pub id: KeyId,
    pub name: Option<String>,
    pub parts: Vec<KeyPart>,
}

/// An entity with its fields in display order.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub struct Entity {
    pub id: EntityId,
    pub name: String,
    pub label: Option<String>,
    pub plural_label: Option<String>,
    pub icon: Option<String>,
    pub description: Option<String>,
    /// The application (group) it is shown under.
    pub application: Option<String>,
    pub storage_mode: StorageMode,
    pub scope: Scope,
    pub access: AccessLevel,
    /// The dedicated table's name: kept through renames, and set as soon as the entity is made.
    pub table: String,
    pub fields: Vec<Field>,
    pub keys: Vec<UniqueKey>,
}

impl Entity {
    /// What people read: the label, or the name where there is none.
    pub fn title(&self) -> &str {
        self.label.as_deref().unwrap_or(&self.name)
    }

    pub fn field(&self, id: AttachmentId) -> Option<&Field> {
        self.fields.iter().find(|f| f.id == id)
    }

    pub fn is_dedicated(&self) -> bool {
        self.storage_mode == StorageMode::Dedicated
    }

    /// The field whose value is a record's primary value: the first text field in display order.
    pub fn primary_field(&self) -> Option<&Field> {
        use super::field::StorageType;
        self.fields.iter().filter(|f| f.field_type.storage() == StorageType::Text).min_by_key(|f| f.order)
    }
}
