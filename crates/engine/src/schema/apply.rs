//! Applies one op to the system tables, the stored values and the dedicated tables, and says what takes it back.

use super::{
    Edit, Op, by_hand,
    convert::{self, Converted},
    data,
    tables::{self, Keys},
};
use crate::{
    error::{Error, Result},
    model::*,
    sql::{
        ColumnOwner,
        columns::{columns, field_column, relationship_column},
        moves,
        records::Place,
    },
    store::{EntityStore, system},
};

pub async fn apply(edit: &mut Edit<'_>, op: Op) -> Result<Op> {
    match op {
        Op::CreateEntity { entity, restore } => create_entity(edit, *entity, restore).await,
        Op::DropEntity { entity } => drop_entity(edit, entity).await,
        Op::SetEntity { entity, spec } => set_entity(edit, entity, &spec).await,
        Op::AddField { entity, field, restore } => add_field(edit, entity, *field, restore).await,
        Op::DropField { entity, field } => drop_field(edit, entity, field).await,
        Op::SetField { entity, field, original } => set_field(edit, entity, *field, original).await,
        Op::OrderFields { entity, order } => order_fields(edit, entity, &order).await,
        Op::SetKeys { entity, keys } => set_keys(edit, entity, keys).await,
        Op::AddLibraryField { definition } => {
            EntityStore::put(edit.tx, &system::definition_row(&definition)).await?;
            let field = definition.id;
            edit.schema.library.push(*definition);
            Ok(Op::DropLibraryField { field })
        }
        Op::DropLibraryField { field } => {
            let at = edit.schema.library.iter().position(|d| d.id == field).ok_or_else(|| Error::internal("the library field is gone"))?;
            EntityStore::<system::FieldRow>::delete(edit.tx, &field).await?;
            Ok(Op::AddLibraryField { definition: Box::new(edit.schema.library.remove(at)) })
        }
        Op::AddRelationship { relationship, restore } => add_relationship(edit, *relationship, restore).await,
        Op::DropRelationship { relationship } => drop_relationship(edit, relationship).await,
        Op::SetRelationship { relationship } => set_relationship(edit, *relationship).await,
        Op::Move { positions } => move_nodes(edit, positions).await,
        Op::Materialize { .. } | Op::Dematerialize { .. } => Err(Error::internal("storage modes are changed by a job")),
    }
}

fn entity_mut<'e>(edit: &'e mut Edit<'_>, id: EntityId) -> Result<&'e mut Entity> {
    edit.schema.entities.iter_mut().find(|e| e.id == id).ok_or_else(|| Error::internal("the entity is gone"))
}

async fn create_entity(edit: &mut Edit<'_>, entity: Entity, restore: Option<String>) -> Result<Op> {
    EntityStore::put(edit.tx, &system::entity_row(&entity)).await?;
    for field in &entity.fields {
        put_field(edit, entity.id, field).await?;
    }
    let id = entity.id;
    let at = edit.schema.entities.partition_point(|e| e.id < id);
    edit.schema.entities.insert(at, entity.clone());
    if entity.is_dedicated() {
        let ddl = crate::sql::tables::create_table(edit.tx.dialect, &edit.schema, &entity, &entity.table, None);
        edit.tx.execute(ddl).await?;
        if let Some(statement) = crate::sql::tables::share_rights(edit.tx.dialect, &entity.table, "kdb_records") {
            edit.tx.execute(statement).await?;
        }
    }
    if let Some(drop) = restore {
        data::restore_records(edit, id, &drop).await?;
    }
    tables::sync(edit, id, Keys::Now).await?;
    Ok(Op::DropEntity { entity: id })
}

async fn drop_entity(edit: &mut Edit<'_>, id: EntityId) -> Result<Op> {
    let entity = edit.schema.entity(id)?.clone();
    let drop = uuid::Uuid::now_v7().to_string();
    data::put_records_away(edit, &entity, &drop).await?;
    if entity.is_dedicated() {
        edit.tx.execute(format!("DROP TABLE {}", edit.tx.dialect.quote(&entity.table))).await?;
    }
    for field in &entity.fields {
        delete_field(edit, field).await?;
    }
    EntityStore::<system::EntityRow>::delete(edit.tx, &id).await?;
    EntityStore::<system::PositionRow>::delete(edit.tx, &id).await?;
    edit.schema.entities.retain(|e| e.id != id);
    Ok(Op::CreateEntity { entity: Box::new(entity), restore: Some(drop) })
}

async fn set_entity(edit: &mut Edit<'_>, id: EntityId, spec: &EntitySpec) -> Result<Op> {
    let entity = entity_mut(edit, id)?;
    let before = spec_of(entity);
    let spec = spec.clone();
    entity.name = spec.name;
    entity.label = spec.label;
    entity.plural_label = spec.plural_label;
    entity.icon = spec.icon;
    entity.description = spec.description;
    entity.application = spec.application;
    entity.scope = spec.scope;
    entity.access = spec.access;
    let row = system::entity_row(entity);
    EntityStore::put(edit.tx, &row).await?;
    Ok(Op::SetEntity { entity: id, spec: Box::new(before) })
}

/// What a person would have said to make the entity so.
pub fn spec_of(e: &Entity) -> EntitySpec {
    EntitySpec {
        name: e.name.clone(),
        label: e.label.clone(),
        plural_label: e.plural_label.clone(),
        icon: e.icon.clone(),
        description: e.description.clone(),
        application: e.application.clone(),
        scope: e.scope,
        access: e.access,
    }
}

/// Writes a field's rows. A library field's definition is the library's own business.
async fn put_field(edit: &mut Edit<'_>, entity: EntityId, field: &Field) -> Result<()> {
    let (definition, attachment) = system::field_rows(entity, field);
    if !field.shared {
        EntityStore::put(edit.tx, &definition).await?;
    }
    EntityStore::put(edit.tx, &attachment).await
}

async fn delete_field(edit: &mut Edit<'_>, field: &Field) -> Result<()> {
    EntityStore::<system::AttachmentRow>::delete(edit.tx, &field.id).await?;
    if !field.shared {
        EntityStore::<system::FieldRow>::delete(edit.tx, &field.field_id).await?;
    }
    Ok(())
}

async fn add_field(edit: &mut Edit<'_>, id: EntityId, field: Field, restore: Option<String>) -> Result<Op> {
    let primary = primary(edit, id)?;
    put_field(edit, id, &field).await?;
    let entity = entity_mut(edit, id)?;
    entity.fields.push(field.clone());
    entity.fields.sort_by_key(|f| (f.order, f.id));
    let column = field_column(&field);
    data::add_column(edit, id, &column, restore.as_deref()).await?;
    data::check_required(edit, id, &column).await?;
    data::index(edit, id, &column).await?;
    tables::sync(edit, id, Keys::Now).await?;
    refresh_primary(edit, id, primary).await?;
    Ok(Op::DropField { entity: id, field: field.id })
}

async fn drop_field(edit: &mut Edit<'_>, id: EntityId, attachment: AttachmentId) -> Result<Op> {
    let primary = primary(edit, id)?;
    let field = edit.schema.attachment(edit.schema.entity(id)?, attachment)?.clone();
    let drop = uuid::Uuid::now_v7().to_string();
    data::drop_column(edit, id, &field_column(&field), &drop).await?;
    delete_field(edit, &field).await?;
    entity_mut(edit, id)?.fields.retain(|f| f.id != attachment);
    tables::sync(edit, id, Keys::Now).await?;
    refresh_primary(edit, id, primary).await?;
    Ok(Op::AddField { entity: id, field: Box::new(field), restore: Some(drop) })
}

async fn set_field(edit: &mut Edit<'_>, id: EntityId, field: Field, original: Option<String>) -> Result<Op> {
    let primary = primary(edit, id)?;
    let before = edit.schema.attachment(edit.schema.entity(id)?, field.id)?.clone();
    let (old, new) = (field_column(&before), field_column(&field));
    put_field(edit, id, &field).await?;
    let entity = entity_mut(edit, id)?;
    for slot in &mut entity.fields {
        if slot.id == field.id {
            *slot = field.clone();
        }
    }
    entity.fields.sort_by_key(|f| (f.order, f.id));
    let converted = convert::convert(edit, id, &old, &new, original.as_deref()).await?;
    // A dedicated column has no value where the new type has none.
    if field.required && (!before.required || converted.is_some()) {
        data::check_required(edit, id, &new).await?;
    }
    if (old.unique, old.indexed) != (new.unique, new.indexed) || converted.is_some() {
        data::index(edit, id, &new).await?;
    }
    if converted.is_some() {
        data::index_keys_with(edit, id, &new).await?;
    }
    tables::sync(edit, id, Keys::Now).await?;
    let original = match converted {
        Some(Converted { originals, by_hand }) => {
            by_hand::make_again(edit, id, &new, by_hand).await?;
            Some(originals)
        }
        None => None,
    };
    refresh_primary(edit, id, primary).await?;
    Ok(Op::SetField { entity: id, field: Box::new(before), original })
}

async fn order_fields(edit: &mut Edit<'_>, id: EntityId, order: &[AttachmentId]) -> Result<Op> {
    let primary = primary(edit, id)?;
    let entity = entity_mut(edit, id)?;
    let before: Vec<AttachmentId> = entity.fields.iter().map(|f| f.id).collect();
    entity.fields.sort_by_key(|f| order.iter().position(|o| *o == f.id).unwrap_or(usize::MAX));
    let mut fields = std::mem::take(&mut entity.fields);
    for (i, field) in fields.iter_mut().enumerate() {
        field.order = u32::try_from(i).unwrap_or(u32::MAX);
        put_field(edit, id, field).await?;
    }
    entity_mut(edit, id)?.fields = fields;
    refresh_primary(edit, id, primary).await?;
    Ok(Op::OrderFields { entity: id, order: before })
}

async fn set_keys(edit: &mut Edit<'_>, id: EntityId, keys: Vec<UniqueKey>) -> Result<Op> {
    let entity = entity_mut(edit, id)?;
    let before = std::mem::replace(&mut entity.keys, keys);
    let row = system::entity_row(entity);
    EntityStore::put(edit.tx, &row).await?;
    data::index_keys(edit, id, &before).await?;
    tables::sync(edit, id, Keys::Now).await?;
    Ok(Op::SetKeys { entity: id, keys: before })
}

async fn add_relationship(edit: &mut Edit<'_>, relationship: Relationship, restore: Option<String>) -> Result<Op> {
    let (id, restored) = (relationship.id, restore.is_some());
    EntityStore::put(edit.tx, &system::relationship_row(&relationship)).await?;
    let at = edit.schema.relationships.partition_point(|r| (r.order, r.id) < (relationship.order, id));
    edit.schema.relationships.insert(at, relationship.clone());
    if relationship.is_many_to_many() {
        if edit.schema.has_junction_table(&relationship) {
            tables::create_junction(edit, &relationship).await?;
        }
        if let Some(drop) = restore {
            data::restore_links(edit, &relationship, &drop).await?;
        }
    } else {
        let column = relationship_column(&relationship);
        let holder = relationship.holder();
        data::add_column(edit, holder, &column, restore.as_deref()).await?;
        data::check_required(edit, holder, &column).await?;
        data::index(edit, holder, &column).await?;
        // What a restored one referred to may be gone by now.
        tables::sync(edit, holder, if restored { Keys::Now } else { Keys::Later }).await?;
    }
    Ok(Op::DropRelationship { relationship: id })
}

async fn drop_relationship(edit: &mut Edit<'_>, id: RelationshipId) -> Result<Op> {
    let relationship = edit.schema.relationship(id)?.clone();
    let drop = uuid::Uuid::now_v7().to_string();
    if relationship.is_many_to_many() {
        data::put_links_away(edit, &relationship, &drop).await?;
    } else {
        // The foreign key goes with the definition, so that the column can go.
        edit.schema.relationships.retain(|r| r.id != id);
        let holder = relationship.holder();
        data::drop_reference(edit, holder, &relationship_column(&relationship), &drop).await?;
    }
    edit.schema.relationships.retain(|r| r.id != id);
    EntityStore::<system::RelationshipRow>::delete(edit.tx, &id).await?;
    if !relationship.is_many_to_many() {
        tables::sync(edit, relationship.holder(), Keys::Now).await?;
    }
    Ok(Op::AddRelationship { relationship: Box::new(relationship), restore: Some(drop) })
}

async fn set_relationship(edit: &mut Edit<'_>, relationship: Relationship) -> Result<Op> {
    let before = edit.schema.relationship(relationship.id)?.clone();
    EntityStore::put(edit.tx, &system::relationship_row(&relationship)).await?;
    for slot in &mut edit.schema.relationships {
        if slot.id == relationship.id {
            *slot = relationship.clone();
        }
    }
    if !relationship.is_many_to_many() {
        if relationship.required && !before.required {
            data::check_required(edit, relationship.holder(), &relationship_column(&relationship)).await?;
        }
        tables::sync(edit, relationship.holder(), Keys::Later).await?;
    }
    Ok(Op::SetRelationship { relationship: Box::new(before) })
}

async fn move_nodes(edit: &mut Edit<'_>, positions: Vec<(EntityId, Option<NodePosition>)>) -> Result<Op> {
    let mut before = vec![];
    for (entity, position) in positions {
        let row = EntityStore::<system::PositionRow>::get(edit.tx, &entity).await?;
        before.push((entity, row.map(|r| NodePosition { entity, x: r.x, y: r.y })));
        match position {
            Some(p) => EntityStore::put(edit.tx, &system::PositionRow { entity_id: entity, x: p.x, y: p.y }).await?,
            None => {
                EntityStore::<system::PositionRow>::delete(edit.tx, &entity).await?;
            }
        }
    }
    Ok(Op::Move { positions: before })
}

fn primary(edit: &Edit<'_>, id: EntityId) -> Result<Option<(AttachmentId, FieldType)>> {
    Ok(edit.schema.entity(id)?.primary_field().map(|f| (f.id, f.field_type)))
}

/// Every record's primary value anew, where another field has become the first text field.
async fn refresh_primary(edit: &mut Edit<'_>, id: EntityId, before: Option<(AttachmentId, FieldType)>) -> Result<()> {
    if primary(edit, id)? == before {
        return Ok(());
    }
    let entity = edit.schema.entity(id)?.clone();
    let all = columns(&edit.schema, &entity);
    let column = entity.primary_field().and_then(|f| all.iter().find(|c| c.owner == ColumnOwner::Field(f.id)));
    let (dialect, place) = (edit.tx.dialect, Place::of(&entity));
    // Where its values are new, the records change anyway.
    if column.is_none_or(|c| edit.foreseen.as_ref().is_some_and(|foreseen| foreseen.stands(c.owner))) {
        edit.touch(&place, || moves::has_other_primary(dialect, &place, column));
    }
    edit.tx.execute(moves::refresh_primary(dialect, &place, column)).await?;
    Ok(())
}
