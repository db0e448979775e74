//! An entity's data columns: its fields, then the relationships whose id it holds.

use crate::model::{AttachmentId, Entity, EntityId, FieldConfig, FieldType, KeyPart, Relationship, RelationshipId, Schema, StorageType};
use serde_json::Value;

/// What a column belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ColumnOwner {
    Field(AttachmentId),
    Relationship(RelationshipId),
}

impl std::fmt::Display for ColumnOwner {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Field(id) => id.fmt(f),
            Self::Relationship(id) => id.fmt(f),
        }
    }
}

/// One value of a record: its name for callers, its place in storage, its rules.
#[derive(Debug, Clone, PartialEq)]
pub struct Column {
    pub owner: ColumnOwner,
    pub name: String,
    /// Column name and JSON key.
    pub storage: String,
    pub field_type: FieldType,
    pub config: FieldConfig,
    pub required: bool,
    pub unique: bool,
    pub indexed: bool,
    pub default: Option<Value>,
    /// The entity a relationship column points at.
    pub target: Option<EntityId>,
}

impl Column {
    pub fn storage_type(&self) -> StorageType {
        self.field_type.storage()
    }

    /// Whether a shared record's value has a row in the index table.
    pub fn has_entries(&self) -> bool {
        self.unique || self.indexed || self.target.is_some()
    }
}

/// A unique key over several columns, by position in [`columns`].
#[derive(Debug, Clone, PartialEq)]
pub struct KeyColumns {
    pub id: String,
    pub columns: Vec<usize>,
}

/// The columns of an entity, in display order.
pub fn columns(schema: &Schema, entity: &Entity) -> Vec<Column> {
    entity.fields.iter().map(field_column).chain(schema.columns(entity.id).map(relationship_column)).collect()
}

/// The column a field has in its entity.
pub fn field_column(f: &crate::model::Field) -> Column {
    Column {
        owner: ColumnOwner::Field(f.id),
        name: f.name.clone(),
        storage: f.storage.clone(),
        field_type: f.field_type,
        config: f.config.clone(),
        required: f.required,
        unique: f.unique,
        indexed: f.indexed,
        default: f.default.clone(),
        target: None,
    }
}

/// The column a relationship has in its holder.
pub fn relationship_column(r: &Relationship) -> Column {
    Column {
        owner: ColumnOwner::Relationship(r.id),
        name: r.field.clone().unwrap_or_else(|| r.name.clone()),
        storage: r.storage.clone(),
        field_type: FieldType::Uuid,
        config: FieldConfig::default(),
        required: r.required,
        unique: r.is_unique(),
        indexed: true,
        default: None,
        target: Some(r.referenced()),
    }
}

/// The entity's keys over several columns.
pub fn keys(entity: &Entity, columns: &[Column]) -> Vec<KeyColumns> {
    let position = |part: &KeyPart| {
        let owner = match part {
            KeyPart::Field(id) => ColumnOwner::Field(*id),
            KeyPart::Relationship(id) => ColumnOwner::Relationship(*id),
        };
        columns.iter().position(|c| c.owner == owner)
    };
    let key = |key: &crate::model::UniqueKey| {
        Some(KeyColumns { id: key.id.to_string(), columns: key.parts.iter().map(position).collect::<Option<_>>()? })
    };
    entity.keys.iter().filter_map(key).collect()
}
