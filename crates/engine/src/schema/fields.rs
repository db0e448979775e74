//! Adding, changing, ordering and dropping fields, and the library they come from.

use serde_json::{Value, json};

use super::{Edit, Op, Title, entities, refuse_taken};
use crate::{
    error::{Error, ErrorCode, Result},
    model::{
        AttachmentId, Entity, EntityId, Field, FieldDefinition, FieldId, FieldSpec, FieldType, KeyPart, LibraryFieldSpec, StorageType,
        name, value,
    },
};

/// Adds a field to an entity. Records that are there get its default.
///
/// # Errors
/// `unknown_entity`, `invalid_name`, `name_taken`, `type_mismatch` (a default that is no value of the type), `required_missing` when there are
/// records and no default, `unsupported` (unique json).
pub async fn add(edit: &mut Edit<'_>, entity: EntityId, spec: FieldSpec) -> Result<Field> {
    let entity = edit.schema.entity(entity)?.clone();
    let field = made(edit, &entity, spec)?;
    let id = field.id;
    let title = Title { kind: "add_field", description: format!("Add field {} to {}", field.name, entity.name), entities: vec![entity.id] };
    edit.run(title, vec![Op::AddField { entity: entity.id, field: Box::new(field), restore: None }]).await?;
    edit.schema.entity(entity.id)?.field(id).cloned().ok_or_else(|| Error::internal("the field was not added"))
}

/// The field a spec describes, checked, in the entity as it is so far.
pub fn made(edit: &Edit<'_>, entity: &Entity, spec: FieldSpec) -> Result<Field> {
    let library = match spec.library {
        None => None,
        Some(id) => Some(edit.schema.library.iter().find(|d| d.id == id).cloned().ok_or_else(|| unknown_library(id))?),
    };
    let mut field = Field {
        id: AttachmentId::new(),
        field_id: library.as_ref().map_or_else(FieldId::new, |d| d.id),
        name: String::new(),
        label: None,
        field_type: FieldType::String,
        config: crate::model::FieldConfig::default(),
        description: None,
        storage: String::new(),
        order: entity.fields.iter().map(|f| f.order + 1).max().unwrap_or(0),
        required: false,
        unique: false,
        indexed: false,
        default: None,
        visible: true,
        read_only: false,
        shared: library.is_some(),
    };
    describe(edit, entity, &mut field, spec, library.as_ref())?;
    let taken: Vec<String> = storage_names(edit, entity);
    field.storage = name::storage(&field.name, |candidate| taken.contains(&name::folded(candidate)));
    Ok(field)
}

/// Every storage name in use in an entity, folded.
pub fn storage_names(edit: &Edit<'_>, entity: &Entity) -> Vec<String> {
    entity.fields.iter().map(|f| name::folded(&f.storage)).chain(edit.schema.columns(entity.id).map(|r| name::folded(&r.storage))).collect()
}

/// Every name a record's data has in an entity, less the field's own.
fn names<'e>(edit: &'e Edit<'_>, entity: &'e Entity, own: Option<AttachmentId>) -> impl Iterator<Item = &'e str> {
    let relationships = edit.schema.columns(entity.id).filter_map(|r| r.field.as_deref());
    entity.fields.iter().filter(move |f| Some(f.id) != own).map(|f| f.name.as_str()).chain(relationships)
}

/// Puts a spec's words into a field.
fn describe(edit: &Edit<'_>, entity: &Entity, field: &mut Field, spec: FieldSpec, library: Option<&FieldDefinition>) -> Result<()> {
    let trimmed = |t: Option<String>| t.map(|t| t.trim().to_owned()).filter(|t| !t.is_empty());
    field.name = match library {
        Some(d) => d.name.clone(),
        None => name::checked(&spec.name)?,
    };
    let own = entity.fields.iter().any(|f| f.id == field.id).then_some(field.id);
    refuse_taken("field", &field.name, names(edit, entity, own))?;
    field.label = trimmed(spec.label);
    field.description = trimmed(spec.description);
    (field.field_type, field.config) = library.map_or((spec.field_type, spec.config), |d| (d.field_type, d.config.clone()));
    check_config(&field.name, field.field_type, &field.config)?;
    field.required = spec.required;
    field.unique = spec.unique;
    field.indexed = spec.indexed;
    field.visible = spec.visible;
    field.read_only = spec.read_only;
    if field.unique && field.field_type.storage() == StorageType::Json {
        return Err(Error::unsupported(format!("{}: a {} field cannot be unique.", field.name, field.field_type.word()))
            .with(json!({ "field": field.name })));
    }
    field.default = spec.default.filter(|d| !d.is_null()).map(|default| default_value(entity, field, &default)).transpose()?;
    Ok(())
}

/// # Errors
/// `invalid_input` with the key that cannot be.
fn check_config(field: &str, field_type: FieldType, config: &crate::model::FieldConfig) -> Result<()> {
    let bad = |key: &str, why: &str| Err(Error::invalid(format!("{field}: {key} {why}.")).with(json!({ "field": field, "config": key })));
    if let Some(pattern) = &config.pattern
        && let Err(e) = regex_lite::Regex::new(pattern)
    {
        return bad("pattern", &format!("is not a regular expression ({e})"));
    }
    if let (Some(min), Some(max)) = (config.min_length, config.max_length)
        && min > max
    {
        return bad("min_length", "is more than max_length");
    }
    if field_type.storage() == StorageType::Decimal {
        if config.precision.is_some_and(|p| p == 0 || p > 1000) {
            return bad("precision", "must be between 1 and 1000");
        }
        if config.scale.is_some_and(|s| s > config.precision.unwrap_or(1000)) {
            return bad("scale", "is more than the precision");
        }
    }
    let mut seen = std::collections::HashSet::new();
    match config.options.iter().find(|o| !seen.insert(*o)) {
        Some(twice) => bad("options", &format!("hold {twice:?} twice")),
        None => Ok(()),
    }
}

/// A default is a value of the field, or is made at the time of writing.
fn default_value(entity: &Entity, field: &Field, default: &Value) -> Result<Value> {
    let made = default.as_str().filter(|d| match field.field_type.storage() {
        StorageType::Date | StorageType::Datetime => *d == "now()",
        StorageType::Uuid => *d == "uuid()",
        _ => false,
    });
    if let Some(made) = made {
        return Ok(made.into());
    }
    value::normalize(field.field_type, &field.config, default).map_err(|reason| {
        Error::new(ErrorCode::TypeMismatch, format!("{}.{}: the default {default} {reason}.", entity.name, field.name))
            .with(json!({ "entity": entity.name, "field": field.name, "value": default, "reason": reason }))
    })
}

/// Changes a field to what the spec says, whole. A rename leaves the data where it is; a type change converts the values it can and leaves
/// the others as they are, with a warning.
///
/// # Errors
/// `unknown_field`, and those of [`add`]; `unsupported` when the type of a library field is changed from within an entity.
pub async fn update(edit: &mut Edit<'_>, entity: EntityId, attachment: AttachmentId, spec: FieldSpec) -> Result<Field> {
    let entity = edit.schema.entity(entity)?.clone();
    let before = edit.schema.attachment(&entity, attachment)?.clone();
    let library = if before.shared { edit.schema.library.iter().find(|d| d.id == before.field_id).cloned() } else { None };
    if let Some(d) = &library
        && (name::folded(&spec.name) != name::folded(&d.name) || spec.field_type != d.field_type || spec.config != d.config)
    {
        return Err(Error::unsupported(format!(
            "{} comes from the field library: its name, type and settings are the same in every entity that uses it.",
            d.name
        ))
        .with(json!({ "field": d.name, "library": d.id })));
    }
    let mut field = before.clone();
    describe(edit, &entity, &mut field, spec, library.as_ref())?;
    if field == before {
        return Ok(before);
    }
    let (kind, description) = if field.name != before.name {
        ("rename_field", format!("Rename field {} of {} to {}", before.name, entity.name, field.name))
    } else {
        ("change_field", format!("Change field {} of {}", field.name, entity.name))
    };
    let title = Title { kind, description, entities: vec![entity.id] };
    edit.run(title, vec![Op::SetField { entity: entity.id, field: Box::new(field), original: None }]).await?;
    edit.schema.entity(entity.id)?.field(attachment).cloned().ok_or_else(|| Error::internal("the field is gone"))
}

/// Drops a field with its values, and the keys it is part of. Undo brings all of it back.
///
/// # Errors
/// `unknown_field`.
pub async fn drop(edit: &mut Edit<'_>, entity: EntityId, attachment: AttachmentId) -> Result<()> {
    let entity = edit.schema.entity(entity)?.clone();
    let field = edit.schema.attachment(&entity, attachment)?.clone();
    let mut ops: Vec<Op> = entities::without_keys(edit, entity.id, |part| *part == KeyPart::Field(attachment))?.into_iter().collect();
    ops.push(Op::DropField { entity: entity.id, field: attachment });
    let title =
        Title { kind: "drop_field", description: format!("Drop field {} of {}", field.name, entity.name), entities: vec![entity.id] };
    edit.run(title, ops).await
}

/// Puts the fields in this order; those not named follow.
///
/// # Errors
/// `unknown_field`.
pub async fn reorder(edit: &mut Edit<'_>, entity: EntityId, order: Vec<AttachmentId>) -> Result<()> {
    let entity = edit.schema.entity(entity)?.clone();
    for id in &order {
        edit.schema.attachment(&entity, *id)?;
    }
    let title = Title { kind: "reorder_fields", description: format!("Reorder fields of {}", entity.name), entities: vec![entity.id] };
    edit.run(title, vec![Op::OrderFields { entity: entity.id, order }]).await
}

/// Makes a field for the library.
///
/// # Errors
/// `invalid_name`, `name_taken`, `invalid_input`.
pub async fn create_library(edit: &mut Edit<'_>, spec: LibraryFieldSpec) -> Result<FieldDefinition> {
    let definition = FieldDefinition {
        id: FieldId::new(),
        name: name::checked(&spec.name)?,
        label: spec.label,
        field_type: spec.field_type,
        config: spec.config,
        description: spec.description,
        category: spec.category,
        private_to: None,
    };
    refuse_taken("library field", &definition.name, edit.schema.library.iter().map(|d| d.name.as_str()))?;
    check_config(&definition.name, definition.field_type, &definition.config)?;
    let title =
        Title { kind: "create_library_field", description: format!("Add {} to the field library", definition.name), entities: vec![] };
    edit.run(title, vec![Op::AddLibraryField { definition: Box::new(definition.clone()) }]).await?;
    Ok(definition)
}

/// # Errors
/// `field_in_use` with the entities that use it; `unknown_field`.
pub async fn delete_library(edit: &mut Edit<'_>, id: FieldId) -> Result<()> {
    let definition = edit.schema.library.iter().find(|d| d.id == id).cloned().ok_or_else(|| unknown_library(id))?;
    let users: Vec<&str> =
        edit.schema.entities.iter().filter(|e| e.fields.iter().any(|f| f.field_id == id)).map(|e| e.name.as_str()).collect();
    if !users.is_empty() {
        return Err(Error::new(
            ErrorCode::FieldInUse,
            format!("{} is used by {}. Drop it there first.", definition.name, crate::model::schema::join(&users)),
        )
        .with(json!({ "field": definition.name, "entities": users })));
    }
    let title =
        Title { kind: "delete_library_field", description: format!("Delete {} from the field library", definition.name), entities: vec![] };
    edit.run(title, vec![Op::DropLibraryField { field: id }]).await
}

fn unknown_library(id: FieldId) -> Error {
    Error::new(ErrorCode::UnknownField, format!("The field library has no field {id}.")).with(json!({ "name": id }))
}
