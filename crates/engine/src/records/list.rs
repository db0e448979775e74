//! One page of records, with what they are linked to.

use cursor::{decode, encode};
use serde_json::Value;
use std::collections::{BTreeMap, HashMap};

use super::{CHUNK, Session, convert, links};
use crate::{
    error::Result,
    model::{Entity, LinkedRecord, RecordId, RecordPage, Relationship, RelationshipId},
    sql::{
        Cell,
        columns::{columns, relationship_column},
        list::{self, Condition, Order, Start},
        records::{self, HEAD, Place},
    },
};

/// Records in one page at most.
pub const MAX_LIMIT: u32 = 1000;

/// What a page is made from, with names already looked up.
pub struct Page<'a> {
    pub condition: Condition,
    pub orders: Vec<Order<'a>>,
    pub include: Vec<RelationshipId>,
    pub start: Start,
    pub limit: u32,
}

/// # Errors
/// `invalid_input` for a cursor that is none.
pub fn start(after: Option<&str>, offset: Option<u32>, orders: usize) -> Result<Start> {
    match after {
        Some(cursor) => decode(cursor, orders),
        None => Ok(Start::Offset(offset.unwrap_or(0))),
    }
}

pub async fn page(session: &mut Session<'_>, entity: &Entity, page: Page<'_>) -> Result<RecordPage> {
    let place = Place::of(entity);
    let columns = columns(session.schema, entity);
    let dialect = session.tx.dialect;
    // One more than asked for tells whether there is a next page.
    let statement = list::page(dialect, &place, &columns, &page.condition, &page.orders, &page.start, page.limit + 1);
    let mut rows = session.tx.rows(statement).await?;
    let more = rows.len() > page.limit as usize;
    rows.truncate(page.limit as usize);
    let sorted_from = HEAD.len() + if place.is_shared() { 1 } else { columns.len() + 1 };
    let next = match rows.last().filter(|_| more) {
        None => None,
        Some(last) => {
            let values = page.orders.iter().enumerate().map(|(i, order)| {
                let cell = last.cell(sorted_from + i);
                match (order.column, cell) {
                    (_, Cell::Null) => Value::Null,
                    (Some(column), cell) => dialect.read(column, cell),
                    (None, _) => last.opt_text(sorted_from + i).into(),
                }
            });
            Some(encode(values.collect(), &last.text(0)?))
        }
    };
    let mut records = vec![];
    for row in &rows {
        records.push(convert::record(&columns, convert::stored(dialect, &place, &columns, row)?)?);
    }
    for relationship in page.include {
        include(session, entity, relationship, &mut records).await?;
    }
    Ok(RecordPage { records, next })
}

/// Fills `links` of each record under the relationship's name, as seen from the entity.
pub async fn include(
    session: &mut Session<'_>,
    entity: &Entity,
    relationship: RelationshipId,
    records: &mut [crate::model::Record],
) -> Result<()> {
    let relationship = session.schema.relationship(relationship)?.clone();
    let ids: Vec<RecordId> = records.iter().map(|r| r.id).collect();
    let forward = relationship.source == entity.id;
    let title =
        if forward { relationship.name.clone() } else { relationship.inverse_name.clone().unwrap_or_else(|| relationship.name.clone()) };
    let mut found: HashMap<RecordId, Vec<(RecordId, Option<Value>)>> = HashMap::new();
    let other = if forward { relationship.target } else { relationship.source };
    if relationship.is_many_to_many() {
        let near = links::ends(&relationship, entity.id).0;
        for link in links::of(session, &relationship, near, &ids).await? {
            let (here, there) = if near == "source_id" { (link.source, link.target) } else { (link.target, link.source) };
            found.entry(here).or_default().push((there, link.metadata));
        }
    } else if relationship.holder() == entity.id && (forward || relationship.source != relationship.target) {
        let field = relationship_column(&relationship).name;
        for record in records.iter() {
            if let Some(id) = record.data.get(&field).and_then(Value::as_str) {
                found.entry(record.id).or_default().push((id.parse()?, None));
            }
        }
    } else {
        for (here, there) in referring(session, &relationship, &ids).await? {
            found.entry(here).or_default().push((there, None));
        }
    }
    let other = session.schema.entity(other)?;
    let wanted: Vec<String> = found.values().flatten().map(|(id, _)| id.to_string()).collect();
    let titles = titles(session, other, wanted).await?;
    for record in records {
        let linked = found.remove(&record.id).unwrap_or_default();
        let linked =
            linked.into_iter().map(|(id, metadata)| LinkedRecord { id, primary_value: titles.get(&id).cloned().flatten(), metadata });
        record.links.insert(title.clone(), linked.collect());
    }
    Ok(())
}

/// `(record referred to, referring record)`, in order of both.
pub async fn referring(session: &mut Session<'_>, relationship: &Relationship, ids: &[RecordId]) -> Result<Vec<(RecordId, RecordId)>> {
    let holder = session.schema.entity(relationship.holder())?;
    let column = relationship_column(relationship);
    let mut out = vec![];
    for chunk in ids.chunks(CHUNK) {
        let values: Vec<Value> = chunk.iter().map(|id| id.to_string().into()).collect();
        for row in session.tx.rows(records::holders(session.tx.dialect, &Place::of(holder), &column, &values)).await? {
            out.push((row.id(0)?, row.id(1)?));
        }
    }
    out.sort();
    Ok(out)
}

async fn titles(session: &mut Session<'_>, entity: &Entity, mut ids: Vec<String>) -> Result<BTreeMap<RecordId, Option<String>>> {
    ids.sort();
    ids.dedup();
    let mut out = BTreeMap::new();
    for chunk in ids.chunks(CHUNK) {
        for row in session.tx.rows(records::titles(session.tx.dialect, &Place::of(entity), chunk)).await? {
            out.insert(row.id(0)?, row.opt_text(1));
        }
    }
    Ok(out)
}

/// A cursor is the sort values and the id of the last record, as JSON in hexadecimal: opaque, and safe on a command line.
mod cursor {
    use super::{Result, Start, Value};
    use crate::{
        error::Error,
        sql::dialect::{hex, unhex},
    };

    pub fn encode(values: Vec<Value>, id: &str) -> String {
        hex(serde_json::json!([values, id]).to_string().as_bytes())
    }

    pub fn decode(cursor: &str, orders: usize) -> Result<Start> {
        let parsed = cursor.is_ascii().then(|| serde_json::from_slice::<(Vec<Value>, String)>(&unhex(cursor)).ok()).flatten();
        match parsed.filter(|(values, _)| values.len() == orders) {
            Some((values, id)) => Ok(Start::After(values, id)),
            None => Err(Error::invalid("This cursor does not belong to this list. Start again without one.")),
        }
    }
}
