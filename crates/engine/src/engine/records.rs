//! Operations on records and links.

use serde_json::Value;
use std::sync::Arc;

use super::Engine;
use crate::{
    error::{ErrorCode, Result},
    model::*,
    query::filter::{Operand, Scope},
    records::{
        Session, convert, delete, links,
        list::{self, Page},
        read,
        write::{self, Layout, Misfit, NewRecord},
    },
    sql::{
        Column, Dialect, Row, Statement,
        columns::columns,
        list::{Condition, Order},
        records::Place,
    },
    store::system::version_of,
};

/// How often a write that was turned away in favour of another begins again.
const TRIES: u32 = 5;

/// Tries a write again: when two stand in each other's way, the database lets one go on and turns the other away.
macro_rules! persistently {
    ($write:expr) => {{
        let mut tries = TRIES;
        loop {
            match $write.await {
                Err(error) if error.is_collision() && tries > 0 => tries -= 1,
                done => break done,
            }
        }
    }};
}

/// Records on a page when the request does not say.
const DEFAULT_LIMIT: u32 = 50;

impl Engine {
    /// # Errors
    /// `unknown_field`, `type_mismatch`, `required_missing`, `dangling_reference`, `unique_violation`.
    pub async fn insert_record(&self, entity: EntityId, data: Data) -> Result<Record> {
        persistently!(self.insert_record_once(entity, data.clone()))
    }

    async fn insert_record_once(&self, entity: EntityId, data: Data) -> Result<Record> {
        self.write(async |session| {
            let layout = Layout::new(session.schema, session.schema.entity(entity)?);
            let inserted = write::insert(session, &layout, vec![NewRecord { id: None, data }], Misfit::Refuse).await?;
            let record = inserted.records.into_iter().next().ok_or_else(|| crate::Error::internal("nothing was inserted"))?;
            Ok((convert::record(&layout.columns, record)?, vec![entity]))
        })
        .await
    }

    /// # Errors
    /// `unknown_record`.
    pub async fn record(&self, entity: EntityId, id: RecordId) -> Result<Record> {
        self.read(async |session| {
            let entity = session.schema.entity(entity)?;
            let columns = columns(session.schema, entity);
            convert::record(&columns, read::one(session, entity, &columns, id).await?)
        })
        .await
    }

    /// Changes the values named in `patch`, leaves the others. `version` is the one that was read; without it the write is not checked.
    ///
    /// # Errors
    /// `unknown_record`, `stale_version` with both values, and those of [`Engine::insert_record`].
    pub async fn update_record(&self, entity: EntityId, id: RecordId, patch: Data, version: Option<u32>) -> Result<Record> {
        persistently!(self.update_record_once(entity, id, patch.clone(), version))
    }

    async fn update_record_once(&self, entity: EntityId, id: RecordId, patch: Data, version: Option<u32>) -> Result<Record> {
        self.write(async |session| {
            let layout = Layout::new(session.schema, session.schema.entity(entity)?);
            let updated = write::update(session, &layout, id, patch, version).await?;
            Ok((convert::record(&layout.columns, updated)?, vec![entity]))
        })
        .await
    }

    /// What deleting would do, before it is done.
    pub async fn delete_impact(&self, entity: EntityId, ids: Vec<RecordId>) -> Result<Impact> {
        self.read(async |session| delete::impact(session, session.schema.entity(entity)?, &ids).await).await
    }

    /// # Errors
    /// `unknown_record`; `restricted` with what is in the way.
    pub async fn delete_records(&self, entity: EntityId, ids: Vec<RecordId>) -> Result<Impact> {
        persistently!(self.delete_records_once(entity, &ids))
    }

    async fn delete_records_once(&self, entity: EntityId, ids: &[RecordId]) -> Result<Impact> {
        self.write(async |session| delete::delete(session, session.schema.entity(entity)?, ids).await).await
    }

    /// # Errors
    /// `unknown_field`, `unknown_relationship`, `invalid_input` for a filter or cursor that cannot be read.
    pub async fn list_records(&self, entity: EntityId, request: ListRequest) -> Result<RecordPage> {
        let dialect = self.inner.store.dialect();
        let quick = self.at_once(|schema| Asked::new(schema, dialect, entity)?.page(&request, |page| page.statement())).await?;
        if let Some((schema, rows)) = quick {
            return Asked::new(&schema, dialect, entity)?.page(&request, |page| page.read(rows));
        }
        self.read(async |session| {
            let asked = Asked::new(session.schema, dialect, entity)?;
            let statement = asked.page(&request, |page| page.statement())?;
            let rows = session.tx.rows(statement).await?;
            asked.page(&request, |page| page.read(rows))
        })
        .await
    }

    /// Records that meet the request's filter and search.
    pub async fn count_records(&self, entity: EntityId, request: ListRequest) -> Result<u32> {
        let dialect = self.inner.store.dialect();
        let rows = match self.at_once(|schema| Asked::new(schema, dialect, entity)?.count(&request)).await? {
            Some((_, rows)) => rows,
            None => self.read(async |s| s.tx.rows(Asked::new(s.schema, dialect, entity)?.count(&request)?).await).await?,
        };
        rows.first().map_or(Ok(0), |row| row.count(1))
    }

    /// One statement that reads, by the schema as it was last seen, without a transaction: what matters when the database is far away. Its
    /// first column is the schema's version. None when it is another by now: then look again in a transaction, which also finds the words
    /// for what is wrong.
    async fn at_once(&self, statement: impl FnOnce(&Schema) -> Result<Statement>) -> Result<Option<(Arc<Schema>, Vec<Row>)>> {
        let schema = self.inner.cache.known();
        let Ok(statement) = statement(&schema) else { return Ok(None) };
        match self.inner.store.once(&statement, schema.version).await {
            Ok(rows) if version_of(rows.first())? == schema.version => Ok(Some((schema, rows))),
            Err(error) if error.code == ErrorCode::ConnectionLost => Err(error),
            _ => Ok(None),
        }
    }

    /// The pairs of a record in a many-to-many, whichever end it stands at.
    pub async fn links(&self, relationship: RelationshipId, record: RecordId) -> Result<Vec<Link>> {
        self.read(async |session| {
            let relationship = session.schema.relationship(relationship)?;
            let mut pairs = links::of(session, relationship, "source_id", &[record]).await?;
            // A pair of a record with itself has come already.
            pairs.extend(links::of(session, relationship, "target_id", &[record]).await?.into_iter().filter(|l| l.source != record));
            Ok(pairs)
        })
        .await
    }

    /// `record` may stand at either end: `from` says which entity it belongs to.
    ///
    /// # Errors
    /// `unknown_record`, `dangling_reference`; `invalid_input` when the relationship is not many-to-many.
    pub async fn add_links(
        &self,
        relationship: RelationshipId,
        from: EntityId,
        record: RecordId,
        others: Vec<RecordId>,
        metadata: Option<Value>,
    ) -> Result<Vec<Link>> {
        persistently!(self.add_links_once(relationship, from, record, &others, metadata.as_ref()))
    }

    async fn add_links_once(
        &self,
        relationship: RelationshipId,
        from: EntityId,
        record: RecordId,
        others: &[RecordId],
        metadata: Option<&Value>,
    ) -> Result<Vec<Link>> {
        self.write(async |session| {
            let added = links::add(session, relationship, from, record, others, metadata).await?;
            Ok((added, both_ends(session, relationship)?))
        })
        .await
    }

    /// Returns how many pairs went.
    pub async fn remove_links(&self, relationship: RelationshipId, from: EntityId, record: RecordId, others: Vec<RecordId>) -> Result<u32> {
        persistently!(self.remove_links_once(relationship, from, record, &others))
    }

    async fn remove_links_once(&self, relationship: RelationshipId, from: EntityId, record: RecordId, others: &[RecordId]) -> Result<u32> {
        self.write(async |session| {
            let gone = links::remove(session, relationship, from, record, others).await?;
            Ok((gone, both_ends(session, relationship)?))
        })
        .await
    }
}

fn both_ends(session: &Session<'_>, relationship: RelationshipId) -> Result<Vec<EntityId>> {
    let relationship = session.schema.relationship(relationship)?;
    let mut ends = vec![relationship.source, relationship.target];
    ends.dedup();
    Ok(ends)
}

/// What a list request is about.
struct Asked<'s> {
    schema: &'s Schema,
    dialect: &'static dyn Dialect,
    entity: &'s Entity,
    columns: Vec<Column>,
    place: Place,
}

impl<'s> Asked<'s> {
    fn new(schema: &'s Schema, dialect: &'static dyn Dialect, entity: EntityId) -> Result<Self> {
        let entity = schema.entity(entity)?;
        Ok(Self { schema, dialect, entity, columns: columns(schema, entity), place: Place::of(entity) })
    }

    /// Looks the request's names up and hands the page over.
    fn page<T>(&self, request: &ListRequest, then: impl FnOnce(&Page<'_>) -> Result<T>) -> Result<T> {
        let mut orders = vec![];
        let scope = self.scope();
        let operands: Vec<Operand<'_>> = request.sort.iter().map(|key| scope.operand(&key.field)).collect::<Result<_>>()?;
        for (key, operand) in request.sort.iter().zip(&operands) {
            orders.push(Order { expression: scope.expression(operand), descending: key.descending, column: operand.as_column() });
        }
        let include = request.include.iter().map(|name| self.schema.relationship_named(self.entity, name)).collect::<Result<_>>()?;
        then(&Page {
            schema: self.schema,
            entity: self.entity,
            columns: &self.columns,
            place: &self.place,
            dialect: self.dialect,
            condition: self.condition(request)?,
            start: list::start(request.after.as_deref(), request.offset, orders.len())?,
            orders,
            include,
            limit: request.limit.unwrap_or(DEFAULT_LIMIT).clamp(1, list::MAX_LIMIT),
        })
    }

    fn count(&self, request: &ListRequest) -> Result<Statement> {
        Ok(crate::sql::list::count(self.dialect, &self.place, &self.condition(request)?))
    }

    fn scope(&self) -> Scope<'_> {
        Scope { schema: self.schema, entity: self.entity, columns: &self.columns, place: &self.place, dialect: self.dialect }
    }

    fn condition(&self, request: &ListRequest) -> Result<Condition> {
        let mut condition = Condition::default();
        let scope = self.scope();
        if let Some(text) = request.filter.as_deref().filter(|t| !t.trim().is_empty()) {
            crate::query::filter::parse(&scope, text, &mut condition)?;
        }
        if let Some(text) = request.search.as_deref().filter(|t| !t.is_empty()) {
            let (operator, pattern) = self.dialect.contains(text);
            let primary = scope.expression(&Operand::Head("primary_value"));
            condition.text(format!(" AND {primary} {operator} ")).bind(pattern);
        }
        Ok(condition)
    }
}
