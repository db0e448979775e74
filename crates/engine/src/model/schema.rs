//! The whole schema at one version: what every verb reads before it acts.

use serde::{Deserialize, Serialize};
use serde_json::json;
use specta::Type;

use super::{
    entity::Entity,
    field::FieldDefinition,
    ids::{AttachmentId, EntityId, RelationshipId},
    name,
    relationship::Relationship,
};
use crate::error::{Error, ErrorCode, Result};

/// Entities in order of making, relationships likewise, and the field library.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, Type)]
pub struct Schema {
    /// Grows by one with every schema edit, undo and redo included.
    pub version: u32,
    pub entities: Vec<Entity>,
    pub relationships: Vec<Relationship>,
    /// Library entries open to every entity (private ones stand only inside their entity).
    pub library: Vec<FieldDefinition>,
}

impl Schema {
    /// # Errors
    /// `unknown_entity` with the names that exist.
    pub fn entity(&self, id: EntityId) -> Result<&Entity> {
        self.entities.iter().find(|e| e.id == id).ok_or_else(|| self.unknown_entity(&id.to_string()))
    }

    /// By name, exact first, then without regard to case; an id works too.
    ///
    /// # Errors
    /// `unknown_entity` with the names that exist.
    pub fn entity_named(&self, name: &str) -> Result<&Entity> {
        let folded = name::folded(name.trim());
        self.entities
            .iter()
            .find(|e| e.name == name)
            .or_else(|| self.entities.iter().find(|e| name::folded(&e.name) == folded))
            .or_else(|| self.entities.iter().find(|e| e.id.to_string() == name))
            .ok_or_else(|| self.unknown_entity(name))
    }

    fn unknown_entity(&self, name: &str) -> Error {
        let names: Vec<&str> = self.entities.iter().map(|e| e.name.as_str()).collect();
        let hint =
            if names.is_empty() { "This workspace has no entities yet.".to_owned() } else { format!("There are: {}.", join(&names)) };
        Error::new(ErrorCode::UnknownEntity, format!("There is no entity {name:?}. {hint}"))
            .with(json!({ "name": name, "entities": names }))
    }

    /// # Errors
    /// `unknown_relationship` with the names that exist.
    pub fn relationship(&self, id: RelationshipId) -> Result<&Relationship> {
        self.relationships.iter().find(|r| r.id == id).ok_or_else(|| {
            Error::new(ErrorCode::UnknownRelationship, format!("There is no relationship {id}.")).with(json!({ "name": id }))
        })
    }

    /// A relationship as seen from `entity`: by its name where the entity is the source, else by its inverse name.
    ///
    /// # Errors
    /// `unknown_relationship` with the names that exist on the entity.
    pub fn relationship_named(&self, entity: &Entity, name: &str) -> Result<&Relationship> {
        let folded = name::folded(name);
        let here = |r: &&Relationship| r.source == entity.id;
        self.relationships
            .iter()
            .filter(here)
            .find(|r| r.name == name)
            .or_else(|| self.relationships.iter().filter(here).find(|r| name::folded(&r.name) == folded))
            .or_else(|| {
                self.relationships
                    .iter()
                    .find(|r| r.target == entity.id && r.inverse_name.as_deref().is_some_and(|n| name::folded(n) == folded))
            })
            .or_else(|| self.columns(entity.id).find(|r| r.field.as_deref().is_some_and(|n| name::folded(n) == folded)))
            .ok_or_else(|| {
                let names: Vec<&str> = self
                    .touching(entity.id)
                    .filter_map(|r| if r.source == entity.id { Some(r.name.as_str()) } else { r.inverse_name.as_deref() })
                    .collect();
                let hint = if names.is_empty() { "It has none.".to_owned() } else { format!("It has: {}.", join(&names)) };
                Error::new(ErrorCode::UnknownRelationship, format!("{} has no relationship {name:?}. {hint}", entity.name))
                    .with(json!({ "entity": entity.name, "name": name, "relationships": names }))
            })
    }

    /// # Errors
    /// `unknown_field` with the names that exist.
    pub fn field_named<'a>(&self, entity: &'a Entity, name: &str) -> Result<&'a super::field::Field> {
        let folded = name::folded(name.trim());
        entity
            .fields
            .iter()
            .find(|f| f.name == name)
            .or_else(|| entity.fields.iter().find(|f| name::folded(&f.name) == folded))
            .or_else(|| entity.fields.iter().find(|f| f.id.to_string() == name))
            .ok_or_else(|| self.unknown_field(entity, name))
    }

    pub fn unknown_field(&self, entity: &Entity, name: &str) -> Error {
        let names: Vec<&str> =
            entity.fields.iter().map(|f| f.name.as_str()).chain(self.columns(entity.id).filter_map(|r| r.field.as_deref())).collect();
        let hint = if names.is_empty() { "It has no fields yet.".to_owned() } else { format!("It has: {}.", join(&names)) };
        Error::new(ErrorCode::UnknownField, format!("{} has no field {name:?}. {hint}", entity.name))
            .with(json!({ "entity": entity.name, "name": name, "fields": names }))
    }

    /// # Errors
    /// `unknown_field`.
    pub fn attachment<'a>(&self, entity: &'a Entity, id: AttachmentId) -> Result<&'a super::field::Field> {
        entity.field(id).ok_or_else(|| self.unknown_field(entity, &id.to_string()))
    }

    /// Relationships whose id column lies in `entity`, in column order.
    pub fn columns(&self, entity: EntityId) -> impl Iterator<Item = &Relationship> {
        self.relationships.iter().filter(move |r| !r.is_many_to_many() && r.holder() == entity)
    }

    /// Relationships whose ids point at `entity` (many-to-many left out).
    pub fn referring(&self, entity: EntityId) -> impl Iterator<Item = &Relationship> {
        self.relationships.iter().filter(move |r| !r.is_many_to_many() && r.referenced() == entity)
    }

    /// Many-to-many relationships with `entity` at either end.
    pub fn junctions(&self, entity: EntityId) -> impl Iterator<Item = &Relationship> {
        self.relationships.iter().filter(move |r| r.is_many_to_many() && (r.source == entity || r.target == entity))
    }

    /// Every relationship with `entity` at either end.
    pub fn touching(&self, entity: EntityId) -> impl Iterator<Item = &Relationship> {
        self.relationships.iter().filter(move |r| r.source == entity || r.target == entity)
    }

    /// A many-to-many's pairs lie in a junction table just when both ends are dedicated.
    pub fn has_junction_table(&self, relationship: &Relationship) -> bool {
        relationship.is_many_to_many() && self.both_dedicated(relationship)
    }

    /// The database itself keeps the reference just when both ends are dedicated.
    pub fn both_dedicated(&self, relationship: &Relationship) -> bool {
        let dedicated = |id| self.entity(id).is_ok_and(Entity::is_dedicated);
        dedicated(relationship.source) && dedicated(relationship.target)
    }
}

/// Names for a message: the first twenty, and how many more.
pub fn join(names: &[&str]) -> String {
    if names.len() <= 20 { names.join(", ") } else { format!("{}, and {} more", names[..20].join(", "), names.len() - 20) }
}
