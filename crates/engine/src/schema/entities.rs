//! Making, changing and dropping entities.

use std::collections::BTreeSet;

use serde_json::json;

use super::{Edit, Op, Title, apply, fields, refuse_taken};
use crate::{
    error::{Error, ErrorCode, Result},
    model::{
        Entity, EntityCount, EntityId, EntitySpec, FieldSpec, Impact, KeyId, KeyPart, NodePosition, Relationship, Schema, StorageMode,
        UniqueKey, name,
    },
    records::Session,
    sql::{
        Sql,
        records::{self, Place},
    },
    store::{EntityStore, system::PositionRow},
};

/// Makes an entity with its fields, in shared mode.
///
/// # Errors
/// `invalid_name`, `name_taken`, and those of [`fields::add`].
pub async fn create(edit: &mut Edit<'_>, spec: EntitySpec, field_specs: Vec<FieldSpec>, position: Option<(i32, i32)>) -> Result<Entity> {
    let (entity, ops) = create_ops(edit, spec, field_specs, position)?;
    let title = Title { kind: "create_entity", description: format!("Create {}", entity.name), entities: vec![entity.id] };
    edit.run(title, ops).await?;
    Ok(edit.schema.entity(entity.id)?.clone())
}

/// The entity and the ops that make it: for edits that do more than this.
pub fn create_ops(
    edit: &Edit<'_>,
    spec: EntitySpec,
    field_specs: Vec<FieldSpec>,
    position: Option<(i32, i32)>,
) -> Result<(Entity, Vec<Op>)> {
    let spec = checked(edit, spec, None)?;
    let mut entity = Entity {
        id: EntityId::new(),
        table: table_name(edit, &spec.name),
        name: spec.name,
        label: spec.label,
        plural_label: spec.plural_label,
        icon: spec.icon,
        description: spec.description,
        application: spec.application,
        storage_mode: StorageMode::Shared,
        scope: spec.scope,
        access: spec.access,
        fields: vec![],
        keys: vec![],
    };
    for spec in field_specs {
        let field = fields::made(edit, &entity, spec)?;
        entity.fields.push(field);
    }
    let mut ops = vec![Op::CreateEntity { entity: Box::new(entity.clone()), restore: None }];
    if let Some((x, y)) = position {
        ops.push(Op::Move { positions: vec![(entity.id, Some(NodePosition { entity: entity.id, x, y }))] });
    }
    Ok((entity, ops))
}

/// `kdb_{entity}`, apart from every table name in use (a renamed entity keeps its old one) and from our own tables.
fn table_name(edit: &Edit<'_>, entity: &str) -> String {
    name::distinct(&format!("kdb_{}", name::slug(entity)), |candidate| {
        let folded = name::folded(candidate);
        edit.schema.entities.iter().any(|e| name::folded(&e.table) == folded)
            || edit.schema.relationships.iter().any(|r| r.is_many_to_many() && name::folded(&r.storage) == folded)
            || super::is_system_table(&folded)
    })
}

fn checked(edit: &Edit<'_>, mut spec: EntitySpec, own: Option<EntityId>) -> Result<EntitySpec> {
    spec.name = name::checked(&spec.name)?;
    refuse_taken("entity", &spec.name, edit.schema.entities.iter().filter(|e| Some(e.id) != own).map(|e| e.name.as_str()))?;
    for text in [&mut spec.label, &mut spec.plural_label, &mut spec.icon, &mut spec.description, &mut spec.application] {
        *text = text.take().map(|t| t.trim().to_owned()).filter(|t| !t.is_empty());
    }
    Ok(spec)
}

/// Changes what is said of an entity. A rename leaves its table and its data where they are.
///
/// # Errors
/// `unknown_entity`, `invalid_name`, `name_taken`.
pub async fn update(edit: &mut Edit<'_>, id: EntityId, spec: EntitySpec) -> Result<Entity> {
    let before = edit.schema.entity(id)?.clone();
    let spec = checked(edit, spec, Some(id))?;
    if spec == apply::spec_of(&before) {
        return Ok(before);
    }
    let title = if spec.name == before.name {
        Title { kind: "update_entity", description: format!("Change {}", before.name), entities: vec![id] }
    } else {
        Title { kind: "rename_entity", description: format!("Rename {} to {}", before.name, spec.name), entities: vec![id] }
    };
    edit.run(title, vec![Op::SetEntity { entity: id, spec: Box::new(spec) }]).await?;
    Ok(edit.schema.entity(id)?.clone())
}

/// Drops entities with their records, and every relationship at either end of one, as one edit. Undo brings all of it back.
///
/// # Errors
/// `unknown_entity`; `invalid_input` for none.
pub async fn drop(edit: &mut Edit<'_>, ids: &[EntityId]) -> Result<()> {
    let entities: Vec<Entity> = ids.iter().map(|id| edit.schema.entity(*id).cloned()).collect::<Result<_>>()?;
    let description = match entities.as_slice() {
        [] => return Err(Error::invalid("Name the entities to drop.")),
        [entity] => format!("Drop {}", entity.name),
        several => format!("Drop {} entities", several.len()),
    };
    let touching = touching(&edit.schema, ids);
    let mut ops: Vec<Op> = vec![];
    // Keys that a relationship is part of cannot outlive it.
    let holders: BTreeSet<EntityId> = touching.iter().filter(|r| !r.is_many_to_many()).map(Relationship::holder).collect();
    for holder in holders {
        ops.extend(without_keys(edit, holder, |part| touching.iter().any(|r| *part == KeyPart::Relationship(r.id)))?);
    }
    ops.extend(touching.iter().map(|r| Op::DropRelationship { relationship: r.id }));
    for id in ids {
        if let Some(position) = EntityStore::<PositionRow>::get(edit.tx, id).await? {
            ops.push(Op::Move { positions: vec![(position.entity_id, None)] });
        }
        ops.push(Op::DropEntity { entity: *id });
    }
    edit.run(Title { kind: "drop_entity", description, entities: ids.to_vec() }, ops).await
}

/// Relationships with an end at one of these, each once.
fn touching(schema: &Schema, ids: &[EntityId]) -> Vec<Relationship> {
    schema.relationships.iter().filter(|r| ids.contains(&r.source) || ids.contains(&r.target)).cloned().collect()
}

/// Replaces an entity's keys over several fields, each with the id it has if it is new. A key that stays as it was keeps its id and name.
///
/// # Errors
/// `invalid_input` for a key of fewer than two parts, or one there already; `unknown_field` for a part that is not the entity's;
/// `unique_violation` when records have the same values.
pub async fn set_keys(edit: &mut Edit<'_>, id: EntityId, wanted: Vec<(KeyId, Vec<KeyPart>)>) -> Result<Entity> {
    let entity = edit.schema.entity(id)?.clone();
    let mut keys: Vec<UniqueKey> = vec![];
    for (fresh, parts) in wanted {
        let own = |part: &KeyPart| match part {
            KeyPart::Field(field) => entity.fields.iter().any(|f| f.id == *field),
            KeyPart::Relationship(relationship) => {
                edit.schema.relationships.iter().any(|r| r.id == *relationship && !r.is_many_to_many() && r.holder() == id)
            }
        };
        if !parts.iter().all(own) {
            let names: Vec<&str> = entity.fields.iter().map(|f| f.name.as_str()).collect();
            return Err(Error::new(ErrorCode::UnknownField, format!("A part of the key is not a field of {:?}.", entity.name))
                .with(json!({ "entity": entity.name, "fields": names })));
        }
        let same = |key: &UniqueKey| key.parts.len() == parts.len() && key.parts.iter().all(|p| parts.contains(p));
        let repeated = parts.iter().enumerate().any(|(i, part)| parts[..i].contains(part));
        if parts.len() < 2 || repeated || keys.iter().any(same) {
            return Err(Error::invalid(
                "A key names two or more different fields, and stands there once. One field alone is made unique at the field.",
            )
            .with(json!({ "entity": entity.name })));
        }
        let kept = entity.keys.iter().find(|key| same(key)).cloned();
        keys.push(kept.unwrap_or(UniqueKey { id: fresh, name: None, parts }));
    }
    if keys != entity.keys {
        let title = Title { kind: "set_keys", description: format!("Change the unique keys of {}", entity.name), entities: vec![id] };
        edit.run(title, vec![Op::SetKeys { entity: id, keys }]).await?;
    }
    Ok(edit.schema.entity(id)?.clone())
}

/// The op that takes away the entity's keys with such a part, where there are any.
pub fn without_keys(edit: &Edit<'_>, entity: EntityId, has: impl Fn(&KeyPart) -> bool) -> Result<Option<Op>> {
    let entity = edit.schema.entity(entity)?;
    let keys: Vec<UniqueKey> = entity.keys.iter().filter(|k| !k.parts.iter().any(&has)).cloned().collect();
    Ok((keys.len() < entity.keys.len()).then_some(Op::SetKeys { entity: entity.id, keys }))
}

/// What dropping would take with it, in figures: the records, the references others lose, and pairs.
pub async fn drop_impact(session: &mut Session<'_>, ids: &[EntityId]) -> Result<Impact> {
    let mut impact = Impact::default();
    let dialect = session.tx.dialect;
    for id in ids {
        let entity = session.schema.entity(*id)?;
        let count = session.tx.count(records::count(dialect, &Place::of(entity))).await?;
        impact.deletes.push(EntityCount { entity: *id, name: entity.title().to_owned(), count });
    }
    for relationship in touching(session.schema, ids) {
        if relationship.is_many_to_many() {
            let statement = crate::records::links::count(session, &relationship);
            let other =
                session.schema.entity(if ids.contains(&relationship.source) { relationship.target } else { relationship.source })?;
            let count = session.tx.count(statement).await?;
            impact.links.push(EntityCount { entity: other.id, name: other.title().to_owned(), count });
        } else if !ids.contains(&relationship.holder()) {
            let holder = session.schema.entity(relationship.holder())?;
            let place = Place::of(holder);
            let column = crate::sql::columns::relationship_column(&relationship);
            let mut sql = Sql::new(dialect, &format!("SELECT count(*) FROM {} WHERE ", place.table(dialect)));
            place.scope(&mut sql);
            sql.push(&format!(" AND {} IS NOT NULL", place.native(dialect, &column)));
            let count = session.tx.count(sql.build()).await?;
            impact.unlinks.push(EntityCount { entity: holder.id, name: holder.title().to_owned(), count });
        }
    }
    Ok(impact)
}
