//! The entity as it stands and as it will stand: which columns, which tables, in what order.

use serde_json::json;

use crate::{
    error::{Error, Result},
    model::{Entity, EntityId, JobKind, Relationship, Schema, StorageMode, name},
    sql::{Column, Dialect, columns::columns, compare, records::Place, tables},
    store::{Shape, Tx},
};

use super::{capture::Watched, state::Part};

/// One entity of a job, both ways.
#[derive(Debug, Clone)]
pub struct Target {
    /// Under the table name the job uses, and dedicated whichever way it goes.
    pub entity: Entity,
    pub columns: Vec<Column>,
    pub kind: JobKind,
}

impl Target {
    pub fn new(schema: &Schema, part: &Part, kind: JobKind) -> Result<Self> {
        let mut entity = schema.entity(part.entity)?.clone();
        entity.table.clone_from(&part.table);
        entity.storage_mode = StorageMode::Dedicated;
        Ok(Self { columns: columns(schema, &entity), entity, kind })
    }

    pub fn id(&self) -> String {
        self.entity.id.to_string()
    }

    pub fn shared(&self) -> Place {
        Place::Shared(self.entity.id)
    }

    pub fn dedicated(&self) -> Place {
        Place::Dedicated(self.entity.table.clone())
    }

    /// What its index rows in the shared table are under.
    pub fn indexes(&self) -> Vec<String> {
        let keys = self.entity.keys.iter().map(|k| k.id.to_string());
        self.columns.iter().map(|c| c.owner.to_string()).chain(keys).collect()
    }

    /// Where the records lie until the job cuts over.
    pub fn source(&self) -> Place {
        if self.kind == JobKind::Dematerialize { self.dedicated() } else { self.shared() }
    }

    pub fn watched(&self) -> Watched {
        Watched::records(self.entity.id, &self.source()).with_unique(&self.entity, &self.columns)
    }

    /// Where they will lie.
    pub fn destination(&self) -> Place {
        if self.kind == JobKind::Dematerialize { self.shared() } else { self.dedicated() }
    }

    /// The table to copy into. It gets its foreign keys when the job cuts over: until then a row may lag behind its source, and must
    /// neither stop a delete elsewhere nor be changed by one.
    pub fn create(&self, dialect: &dyn Dialect, schema: &Schema) -> Vec<String> {
        let table = tables::create_table(dialect, &tables::without_keys(schema.clone()), &self.entity, &self.entity.table, None);
        [Some(table), tables::share_rights(dialect, &self.entity.table, "kdb_records")].into_iter().flatten().collect()
    }

    /// What a rehearsal takes for made then.
    pub fn made(&self) -> Shape {
        let required = self.columns.iter().filter(|c| c.required).map(|c| c.storage.clone());
        let columns = ["id".to_owned()].into_iter().chain(self.columns.iter().map(|c| c.storage.clone()));
        Shape::TableMade { table: self.entity.table.clone(), columns: columns.collect(), required: required.collect() }
    }
}

/// The schema as it will be when the job has cut over.
pub fn after(schema: &Schema, parts: &[Part], kind: JobKind) -> Schema {
    let mut schema = schema.clone();
    for entity in &mut schema.entities {
        if let Some(part) = parts.iter().find(|p| p.entity == entity.id) {
            entity.storage_mode = if kind == JobKind::Dematerialize { StorageMode::Shared } else { StorageMode::Dedicated };
            entity.table.clone_from(&part.table);
        }
    }
    schema
}

/// The entities, those referred to first. In a cycle the one named first comes first: foreign keys are put in when all are copied.
pub fn order(schema: &Schema, entities: &[EntityId]) -> Vec<EntityId> {
    let mut out: Vec<EntityId> = vec![];
    let mut open: Vec<EntityId> = vec![];
    for entity in entities {
        visit(schema, entities, *entity, &mut open, &mut out);
    }
    out
}

fn visit(schema: &Schema, wanted: &[EntityId], entity: EntityId, open: &mut Vec<EntityId>, out: &mut Vec<EntityId>) {
    if out.contains(&entity) || open.contains(&entity) {
        return;
    }
    open.push(entity);
    for relationship in schema.columns(entity) {
        if wanted.contains(&relationship.referenced()) {
            visit(schema, wanted, relationship.referenced(), open, out);
        }
    }
    open.pop();
    out.push(entity);
}

/// The entities in the order they will be done, with the tables they will get, or have.
///
/// # Errors
/// `unknown_entity`; `invalid_input` for an entity that is in that mode already.
pub async fn parts(tx: &mut Tx, schema: &Schema, kind: JobKind, entities: &[EntityId]) -> Result<Vec<Part>> {
    let dematerialize = kind == JobKind::Dematerialize;
    let mut parts: Vec<Part> = vec![];
    for id in order(schema, entities) {
        let entity = schema.entity(id)?;
        if entity.is_dedicated() != dematerialize {
            let how = if dematerialize { "lies in the shared table already" } else { "has a table of its own already" };
            return Err(Error::invalid(format!("{} {how}.", entity.name)).with(json!({ "entity": entity.name })));
        }
        let table = if dematerialize {
            entity.table.clone()
        } else {
            let taken: Vec<String> = parts.iter().map(|p| p.table.clone()).collect();
            free_table(tx, schema, &entity.table, &taken).await?
        };
        parts.push(Part::new(id, entity.name.clone(), table));
    }
    Ok(parts)
}

/// The last id and the number of the next `limit` records after `after`; none when there are none.
pub async fn next(tx: &mut Tx, place: &Place, after: &str, limit: u32) -> Result<Option<(String, u32)>> {
    let row = tx.row(compare::range(tx.dialect, place, after, limit)).await?;
    Ok(row.and_then(|row| Some((row.opt_text(0)?, row.count(1).ok()?))))
}

/// Many-to-manys whose pairs move between the link table and a junction table of their own when the job cuts over.
pub fn moving_links<'s>(before: &'s Schema, after: &Schema) -> Vec<&'s Relationship> {
    before.relationships.iter().filter(|r| before.has_junction_table(r) != after.has_junction_table(r)).collect()
}

/// A name for a table to be made: the wanted one, or one like it where somebody else's table has it.
pub async fn free_table(tx: &mut Tx, schema: &Schema, own: &str, taken: &[String]) -> Result<String> {
    let others: Vec<String> = schema
        .entities
        .iter()
        .map(|e| name::folded(&e.table))
        .chain(schema.relationships.iter().filter(|r| r.is_many_to_many()).map(|r| name::folded(&r.storage)))
        .filter(|t| *t != name::folded(own))
        .chain(taken.iter().map(|t| name::folded(t)))
        .collect();
    let there = tx.names().await?;
    Ok(name::distinct(own, |candidate| {
        let folded = name::folded(candidate);
        others.contains(&folded) || there.contains(&folded) || there.contains(&candidate.to_ascii_lowercase())
    }))
}
