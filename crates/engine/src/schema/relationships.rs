//! Adding, changing and dropping relationships.

use serde_json::json;

use super::{Edit, Op, Title, entities, fields, refuse_taken};
use crate::{
    error::{Error, Result},
    model::{Entity, KeyPart, ReferentialAction, Relationship, RelationshipId, RelationshipSpec, RelationshipType, name},
};

/// Adds a relationship.
///
/// # Errors
/// `unknown_entity`, `invalid_name`, `name_taken`, `invalid_input` (required many-to-many, required with set null), `required_missing` when the
/// holder has records.
pub async fn add(edit: &mut Edit<'_>, spec: RelationshipSpec) -> Result<Relationship> {
    let relationship = made(edit, spec)?;
    let (source, target) = (edit.schema.entity(relationship.source)?.name.clone(), edit.schema.entity(relationship.target)?.name.clone());
    let title = Title {
        kind: "add_relationship",
        description: format!("Relate {source} to {target} ({})", relationship.name),
        entities: vec![relationship.source, relationship.target],
    };
    edit.run(title, vec![Op::AddRelationship { relationship: Box::new(relationship.clone()), restore: None }]).await?;
    Ok(relationship)
}

/// The relationship a spec describes, checked.
pub fn made(edit: &Edit<'_>, spec: RelationshipSpec) -> Result<Relationship> {
    let many = spec.kind == RelationshipType::ManyToMany;
    let (source, target) = (edit.schema.entity(spec.source)?.clone(), edit.schema.entity(spec.target)?.clone());
    let mut relationship = Relationship {
        id: RelationshipId::new(),
        name: name::checked(&spec.name)?,
        kind: spec.kind,
        source: source.id,
        target: target.id,
        inverse_name: spec.inverse_name.map(|n| name::checked(&n)).transpose()?,
        description: spec.description,
        field: None,
        storage: String::new(),
        required: spec.required,
        on_delete: spec.on_delete.unwrap_or(if many {
            ReferentialAction::Cascade
        } else if spec.required {
            ReferentialAction::Restrict
        } else {
            ReferentialAction::SetNull
        }),
        on_update: spec.on_update.unwrap_or(ReferentialAction::Cascade),
        order: edit.schema.relationships.iter().map(|r| r.order + 1).max().unwrap_or(0),
    };
    check(edit, &relationship)?;
    if many {
        relationship.storage = junction_name(edit, &source, &relationship.name);
        return Ok(relationship);
    }
    let holder = if relationship.holder() == source.id { &source } else { &target };
    let field = match spec.field {
        Some(field) => {
            let field = name::checked(&field)?;
            refuse_taken(
                "field",
                &field,
                holder.fields.iter().map(|f| f.name.as_str()).chain(edit.schema.columns(holder.id).filter_map(|r| r.field.as_deref())),
            )?;
            field
        }
        None => {
            // A one-to-many's id stands at the far end, under what that end calls it.
            let base = if holder.id == source.id && relationship.kind != RelationshipType::OneToMany {
                relationship.name.clone()
            } else {
                relationship.inverse_name.clone().unwrap_or_else(|| name::slug(&source.name))
            };
            name::distinct(&format!("{base}_id"), |candidate| taken(edit, holder, candidate))
        }
    };
    let storage = fields::storage_names(edit, holder);
    relationship.storage = name::storage(&field, |candidate| storage.contains(&name::folded(candidate)));
    relationship.field = Some(field);
    Ok(relationship)
}

fn taken(edit: &Edit<'_>, holder: &Entity, candidate: &str) -> bool {
    let folded = name::folded(candidate);
    holder.fields.iter().any(|f| name::folded(&f.name) == folded)
        || edit.schema.columns(holder.id).any(|r| r.field.as_deref().is_some_and(|f| name::folded(f) == folded))
}

/// `kdb_{source}_{relationship}`, apart from every table in use.
fn junction_name(edit: &Edit<'_>, source: &Entity, relationship: &str) -> String {
    name::distinct(&format!("kdb_{}_{}", name::slug(&source.name), name::slug(relationship)), |candidate| {
        let folded = name::folded(candidate);
        edit.schema.entities.iter().any(|e| name::folded(&e.table) == folded)
            || edit.schema.relationships.iter().any(|r| r.is_many_to_many() && name::folded(&r.storage) == folded)
            || super::is_system_table(&folded)
    })
}

/// The rules a relationship meets, new or changed.
fn check(edit: &Edit<'_>, relationship: &Relationship) -> Result<()> {
    let source = edit.schema.entity(relationship.source)?;
    let others = edit.schema.relationships.iter().filter(|r| r.source == source.id && r.id != relationship.id);
    refuse_taken("relationship", &relationship.name, others.map(|r| r.name.as_str()))?;
    let contradiction = if relationship.is_many_to_many() && relationship.required {
        "A many-to-many relationship cannot be required: a record is made before it is linked."
    } else if relationship.required && relationship.on_delete == ReferentialAction::SetNull && !relationship.is_many_to_many() {
        "A required relationship cannot be set to null on delete. Choose cascade or restrict, or make it optional."
    } else {
        return Ok(());
    };
    Err(Error::invalid(contradiction)
        .with(json!({ "relationship": relationship.name, "on_delete": relationship.on_delete.word(), "required": relationship.required })))
}

/// Changes what may change: names, description, required, actions.
///
/// # Errors
/// `unknown_relationship`, those of [`add`]; `unsupported` when the kind or an end is another.
pub async fn update(edit: &mut Edit<'_>, id: RelationshipId, spec: RelationshipSpec) -> Result<Relationship> {
    let before = edit.schema.relationship(id)?.clone();
    if (spec.kind, spec.source, spec.target) != (before.kind, before.source, before.target) {
        return Err(Error::unsupported("The kind and the ends of a relationship stay as they are. Drop it and draw it anew.")
            .with(json!({ "relationship": before.name })));
    }
    let mut after = Relationship {
        name: name::checked(&spec.name)?,
        inverse_name: spec.inverse_name.map(|n| name::checked(&n)).transpose()?,
        description: spec.description,
        required: spec.required,
        on_delete: spec.on_delete.unwrap_or(before.on_delete),
        on_update: spec.on_update.unwrap_or(before.on_update),
        ..before.clone()
    };
    if let (Some(field), false) = (spec.field, before.is_many_to_many()) {
        let field = name::checked(&field)?;
        let holder = edit.schema.entity(before.holder())?;
        let others = edit.schema.columns(holder.id).filter(|r| r.id != id).filter_map(|r| r.field.as_deref());
        refuse_taken("field", &field, holder.fields.iter().map(|f| f.name.as_str()).chain(others))?;
        after.field = Some(field);
    }
    check(edit, &after)?;
    if after == before {
        return Ok(before);
    }
    let title = Title {
        kind: "change_relationship",
        description: format!("Change relationship {}", after.name),
        entities: vec![after.source, after.target],
    };
    edit.run(title, vec![Op::SetRelationship { relationship: Box::new(after.clone()) }]).await?;
    Ok(after)
}

/// Drops a relationship with its references or pairs, and the keys it is part of. Undo brings all of it back.
///
/// # Errors
/// `unknown_relationship`.
pub async fn drop(edit: &mut Edit<'_>, id: RelationshipId) -> Result<()> {
    let relationship = edit.schema.relationship(id)?.clone();
    let mut ops: Vec<Op> =
        entities::without_keys(edit, relationship.holder(), |part| *part == KeyPart::Relationship(id))?.into_iter().collect();
    ops.push(Op::DropRelationship { relationship: id });
    let title = Title {
        kind: "drop_relationship",
        description: format!("Drop relationship {}", relationship.name),
        entities: vec![relationship.source, relationship.target],
    };
    edit.run(title, ops).await
}
