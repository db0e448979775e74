//! What a window shows at first, in as few round trips as there can be, and the counts that go with it.

use std::{collections::HashMap, sync::Arc};

use super::{Engine, schema::positions};
use crate::{
    error::{Error, ErrorCode, Result},
    jobs,
    model::*,
    schema::changelog,
    sql::{Dialect, Row, literal, records::Place},
    store::{
        EntityStore,
        system::{self, JobRow, PositionRow, VERSION, version_of},
    },
};

/// Numbers of records by entity and of pairs by many-to-many, under their ids.
type Counts = HashMap<String, u32>;

impl Engine {
    /// Everything a window shows when a workspace is opened: two round trips.
    pub async fn opening(&self) -> Result<Opening> {
        let store = &self.inner.store;
        let mut statements = system::schema_statements(store.dialect());
        statements.push(EntityStore::<PositionRow>::scan_statement(store.dialect()));
        statements.push(EntityStore::<JobRow>::scan_statement(store.dialect()));
        statements.extend(changelog::STATE.map(str::to_owned));
        let mut sets = store.batch(&statements).await?.into_iter();
        let schema = Arc::new(system::schema_of(&mut sets)?);
        self.inner.cache.keep(schema.clone());
        let sets: Vec<Vec<Row>> = sets.collect();
        let [layout, jobs, undo, redo] = sets.as_slice() else { return Err(Error::internal("a batch has lost a result")) };
        let mut jobs: Vec<JobRow> = EntityStore::read(jobs)?;
        jobs.reverse();
        let (counted, counts) = self.counts(|dialect, schema| [records(dialect, schema), links(dialect, schema)].concat()).await?;
        Ok(Opening {
            info: self.info()?,
            layout: positions(layout)?,
            jobs: jobs.iter().map(jobs::job).collect(),
            undo: changelog::read_state(undo, redo, schema.version),
            overview: summaries(&counted, &counts),
            link_counts: pairs(&counted, &counts),
            schema: (*schema).clone(),
        })
    }

    /// Every entity with its number of records, in order of making.
    pub async fn overview(&self) -> Result<Vec<EntitySummary>> {
        let (schema, counts) = self.counts(records).await?;
        Ok(summaries(&schema, &counts))
    }

    /// Number of pairs of each many-to-many.
    pub async fn link_counts(&self) -> Result<HashMap<RelationshipId, u32>> {
        let (schema, counts) = self.counts(links).await?;
        Ok(pairs(&schema, &counts))
    }

    /// By the schema as it was last seen, in one round trip; once more when it is another by now.
    async fn counts(&self, statements: impl Fn(&dyn Dialect, &Schema) -> Vec<String>) -> Result<(Arc<Schema>, Counts)> {
        let schema = self.inner.cache.known();
        if schema.version > 0 {
            let mut batch = vec![VERSION.to_owned()];
            batch.extend(statements(self.inner.store.dialect(), &schema));
            match self.inner.store.batch(&batch).await {
                Ok(sets) if version_of(sets.first().and_then(|rows| rows.first()))? == schema.version => {
                    return Ok((schema, counted(&sets[1..])?));
                }
                Err(error) if error.code == ErrorCode::ConnectionLost => return Err(error),
                // A table has gone: look at what there is now.
                _ => {}
            }
        }
        let (mut tx, schema) = self.reading().await?;
        let sets = tx.batch(&statements(tx.dialect, &schema)).await?;
        Ok((schema, counted(&sets)?))
    }
}

fn count(dialect: &dyn Dialect, id: String, table: &str) -> String {
    format!("SELECT {}, count(*) FROM {}", literal(&id), dialect.quote(table))
}

/// Shared records are counted all at once, the others each in their table.
fn records(dialect: &dyn Dialect, schema: &Schema) -> Vec<String> {
    let mut statements = vec!["SELECT entity_id, count(*) FROM kdb_records GROUP BY entity_id".to_owned()];
    for entity in &schema.entities {
        if let Place::Dedicated(table) = Place::of(entity) {
            statements.push(count(dialect, entity.id.to_string(), &table));
        }
    }
    statements
}

/// The same for pairs.
fn links(dialect: &dyn Dialect, schema: &Schema) -> Vec<String> {
    let mut statements = vec!["SELECT relationship_id, count(*) FROM kdb_record_links GROUP BY relationship_id".to_owned()];
    for relationship in schema.relationships.iter().filter(|r| schema.has_junction_table(r)) {
        statements.push(count(dialect, relationship.id.to_string(), &relationship.storage));
    }
    statements
}

/// A later statement counts where an earlier one has counted what a job has not cleaned up yet.
fn counted(sets: &[Vec<Row>]) -> Result<Counts> {
    sets.iter().flatten().map(|row| Ok((row.text(0)?, row.count(1)?))).collect()
}

fn summaries(schema: &Schema, counts: &Counts) -> Vec<EntitySummary> {
    let summary = |entity: &Entity| EntitySummary {
        id: entity.id,
        name: entity.name.clone(),
        label: entity.label.clone(),
        storage_mode: entity.storage_mode,
        table: entity.table.clone(),
        records: counts.get(&entity.id.to_string()).copied().unwrap_or(0),
        fields: u32::try_from(entity.fields.len()).unwrap_or(u32::MAX),
        application: entity.application.clone(),
    };
    schema.entities.iter().map(summary).collect()
}

fn pairs(schema: &Schema, counts: &Counts) -> HashMap<RelationshipId, u32> {
    let of = |r: &Relationship| (r.id, counts.get(&r.id.to_string()).copied().unwrap_or(0));
    schema.relationships.iter().filter(|r| r.is_many_to_many()).map(of).collect()
}
