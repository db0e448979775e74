//! The steps schema edits are made of. They stand in the changelog as JSON: a variant may be added, never changed.

use serde::{Deserialize, Serialize};

use crate::model::{
    AttachmentId, Entity, EntityId, EntitySpec, Field, FieldDefinition, FieldId, NodePosition, OnInvalid, Relationship, RelationshipId,
    UniqueKey,
};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "op", rename_all = "snake_case")]
pub enum Op {
    /// Makes the entity with its fields (relationships come by ops of their own). `restore` names records put away by the drop it takes back.
    CreateEntity {
        entity: Box<Entity>,
        restore: Option<String>,
    },
    DropEntity {
        entity: EntityId,
    },
    SetEntity {
        entity: EntityId,
        spec: Box<EntitySpec>,
    },
    /// `restore` names values put away by the drop it takes back.
    AddField {
        entity: EntityId,
        field: Box<Field>,
        restore: Option<String>,
    },
    DropField {
        entity: EntityId,
        field: AttachmentId,
    },
    /// The field's whole new state. `original` names the values as they were before the type change this takes back.
    SetField {
        entity: EntityId,
        field: Box<Field>,
        original: Option<String>,
    },
    OrderFields {
        entity: EntityId,
        order: Vec<AttachmentId>,
    },
    SetKeys {
        entity: EntityId,
        keys: Vec<UniqueKey>,
    },
    AddLibraryField {
        definition: Box<FieldDefinition>,
    },
    DropLibraryField {
        field: FieldId,
    },
    AddRelationship {
        relationship: Box<Relationship>,
        restore: Option<String>,
    },
    DropRelationship {
        relationship: RelationshipId,
    },
    SetRelationship {
        relationship: Box<Relationship>,
    },
    /// None takes the position away.
    Move {
        positions: Vec<(EntityId, Option<NodePosition>)>,
    },
    /// Done by a job, not within a transaction: see `materialize`.
    Materialize {
        entities: Vec<EntityId>,
        /// What is done with values that do not fit. Entries of earlier versions do not say.
        #[serde(default, skip_serializing_if = "is_abort")]
        on_invalid: OnInvalid,
    },
    Dematerialize {
        entities: Vec<EntityId>,
    },
}

fn is_abort(on_invalid: &OnInvalid) -> bool {
    *on_invalid == OnInvalid::Abort
}
