//! Everything with many rows, in one form: read in order of its key, compared by a line of text that is the same on either database, written,
//! counted, emptied. Records go through the code that reads and stores records anyway; the others are tables of ours.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::{
    error::{Error, Result},
    interchange::export,
    model::{EntityId, RelationshipId, Schema, value},
    records::{
        CHUNK, Context, Session, check, read,
        write::{self, Layout},
    },
    sql::{
        Bind, Cell, Row, Sql, moves,
        records::{Place, StoredRecord, count as count_records},
    },
    store::Tx,
};

/// A thing with many rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum What {
    Records(EntityId),
    Links(RelationshipId),
    Events,
    DroppedValues,
    DroppedRecords,
    DroppedLinks,
}

/// Rows in order of their keys.
#[derive(Debug, Default)]
pub struct Page {
    pub keys: Vec<Vec<String>>,
    /// What a row says, as text.
    pub lines: Vec<String>,
    content: Content,
}

#[derive(Debug, Default)]
enum Content {
    #[default]
    Nothing,
    Records(Vec<StoredRecord>),
    /// The key's cells, then the others.
    Plain(Vec<Row>),
}

/// How a column of ours is bound, and compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Id,
    Text,
    Integer,
    Json,
}
use Kind::{Id, Integer, Json, Text};

type Columns = &'static [(&'static str, Kind)];

/// A table of ours.
struct Plain {
    table: String,
    relationship: Option<RelationshipId>,
    key: Columns,
    /// The key is the database's own: a copy gets new ones, in the same order.
    key_made: bool,
    rest: Columns,
}

const LINK_KEY: Columns = &[("source_id", Id), ("target_id", Id)];
const LINK: Columns = &[("id", Id), ("metadata", Json), ("created_at", Text), ("created_by", Text)];
const EVENT: Columns = &[
    ("transaction_id", Id),
    ("op", Text),
    ("entity_id", Id),
    ("record_id", Id),
    ("before", Json),
    ("after", Json),
    ("origin", Text),
    ("author", Text),
    ("at", Text),
];
const RECORD: Columns = &[
    ("version", Integer),
    ("primary_value", Text),
    ("data", Json),
    ("owner", Text),
    ("created_at", Text),
    ("created_by", Text),
    ("updated_at", Text),
    ("updated_by", Text),
];

fn plain(tx: &Tx, schema: &Schema, what: What) -> Result<Plain> {
    let ours = |table: &str, key, rest| Plain { table: table.to_owned(), relationship: None, key, key_made: false, rest };
    Ok(match what {
        What::Records(_) => return Err(Error::internal("records are read as records")),
        What::Links(id) => {
            let relationship = schema.relationship(id)?;
            if schema.has_junction_table(relationship) {
                ours(&tx.dialect.quote(&relationship.storage), LINK_KEY, LINK)
            } else {
                Plain { relationship: Some(id), ..ours("kdb_record_links", LINK_KEY, LINK) }
            }
        }
        What::Events => Plain { key_made: true, ..ours("kdb_change_events", &[("seq", Integer)], EVENT) },
        What::DroppedValues => ours("kdb_dropped_values", &[("drop_id", Id), ("record_id", Id)], &[("value", Text)]),
        What::DroppedRecords => ours("kdb_dropped_records", &[("drop_id", Id), ("id", Id)], RECORD),
        What::DroppedLinks => ours("kdb_dropped_links", &[("drop_id", Id), ("source_id", Id), ("target_id", Id)], LINK),
    })
}

impl Plain {
    fn scope(&self, sql: &mut Sql) {
        match self.relationship {
            Some(id) => sql.push("relationship_id = ").bind(id),
            None => sql.push("1 = 1"),
        };
    }
}

fn names(columns: Columns) -> String {
    columns.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ")
}

/// The next `limit` rows after a key, in order of keys.
pub async fn page(tx: &mut Tx, schema: &Schema, what: What, after: &[String], limit: u32) -> Result<Page> {
    if let What::Records(entity) = what {
        let entity = schema.entity(entity)?;
        let mut session = Session { tx, schema, context: &Context::new("copy", None) };
        let records = read::after(&mut session, entity, after.first().map_or("", String::as_str), limit).await?;
        let layout = Layout::new(schema, entity);
        let lines = records.iter().map(|record| record_line(&layout, record)).collect::<Result<_>>()?;
        return Ok(Page { keys: records.iter().map(|r| vec![r.id.clone()]).collect(), lines, content: Content::Records(records) });
    }
    let plain = plain(tx, schema, what)?;
    let key = names(plain.key);
    let mut sql = Sql::new(tx.dialect, &format!("SELECT {key}, {} FROM {} WHERE ", names(plain.rest), plain.table));
    plain.scope(&mut sql);
    if !after.is_empty() {
        sql.push(&format!(" AND ({key}) > ("));
        for (i, ((_, kind), value)) in plain.key.iter().zip(after).enumerate() {
            sql.push(if i == 0 { "" } else { ", " }).bind(bound(*kind, &Cell::Text(value.clone()))?);
        }
        sql.push(")");
    }
    sql.push(&format!(" ORDER BY {key} LIMIT {limit}"));
    let rows = tx.rows(sql.build()).await?;
    let width = plain.key.len();
    let keys = rows.iter().map(|row| (0..width).map(|i| row.opt_text(i).unwrap_or_default()).collect()).collect();
    let lines = rows.iter().map(|row| plain_line(&plain, row)).collect();
    Ok(Page { keys, lines, content: Content::Plain(rows) })
}

/// The line of its export, and what the export leaves out.
fn record_line(layout: &Layout<'_>, r: &StoredRecord) -> Result<String> {
    let head = json!([r.primary_value, r.owner, r.created_at, r.created_by, r.updated_at, r.updated_by]);
    Ok(format!("{}\n{head}", export::line(&layout.columns, r)?))
}

fn plain_line(plain: &Plain, row: &Row) -> String {
    let key = plain.key.iter().filter(|_| !plain.key_made).enumerate().map(|(i, (_, kind))| said(*kind, row.cell(i)));
    let rest = plain.rest.iter().enumerate().map(|(i, (_, kind))| said(*kind, row.cell(plain.key.len() + i)));
    Value::from_iter(key.chain(rest)).to_string()
}

/// A cell as it is compared: JSON by what it says, however it is written.
fn said(kind: Kind, cell: &Cell) -> Value {
    match (kind, cell) {
        (Json, Cell::Text(text)) => parsed(text).map_or_else(|| text.clone().into(), |v| value::canonical_json(&v).unwrap_or(v)),
        (_, Cell::Null) => Value::Null,
        (_, Cell::Integer(n)) => (*n).into(),
        (_, Cell::Real(n)) => (*n).into(),
        (_, Cell::Text(text)) => text.clone().into(),
        (_, Cell::Blob(bytes)) => bytes.clone().into(),
    }
}

fn parsed(text: &str) -> Option<Value> {
    serde_json::from_str(text).ok()
}

fn bound(kind: Kind, cell: &Cell) -> Result<Bind> {
    let text = Row(vec![cell.clone()]).opt_text(0);
    Ok(match kind {
        Id => text.map_or(Bind::Id(None), |text| Bind::id(&text)),
        Text => Bind::Text(text),
        Integer => Bind::Integer(text.map(|n| n.parse()).transpose().map_err(|_| Error::internal("a key is no number"))?),
        // Written anew, so that it stands on either database as it would have been written there.
        Json => Bind::Json(text.map(|text| parsed(&text).map_or(text, |value| value.to_string()))),
    })
}

/// Writes a page; its rows must not be there yet.
pub async fn write(tx: &mut Tx, schema: &Schema, what: What, page: &Page) -> Result<()> {
    match (&page.content, what) {
        (Content::Records(records), What::Records(entity)) => {
            let layout = Layout::new(schema, schema.entity(entity)?);
            let mut session = Session { tx, schema, context: &Context::new("copy", None) };
            write::store(&mut session, &layout, records).await
        }
        (Content::Plain(rows), _) => {
            let plain = plain(tx, schema, what)?;
            for chunk in rows.chunks(CHUNK) {
                insert(tx, &plain, chunk).await?;
            }
            Ok(())
        }
        _ => Ok(()),
    }
}

async fn insert(tx: &mut Tx, plain: &Plain, rows: &[Row]) -> Result<()> {
    let skipped = if plain.key_made { plain.key.len() } else { 0 };
    let columns: Vec<_> = plain.key.iter().chain(plain.rest).enumerate().skip(skipped).collect();
    let names: Vec<&str> = columns.iter().map(|(_, (name, _))| *name).collect();
    let scope = if plain.relationship.is_some() { "relationship_id, " } else { "" };
    let mut sql = Sql::new(tx.dialect, &format!("INSERT INTO {} ({scope}{}) VALUES ", plain.table, names.join(", ")));
    for (i, row) in rows.iter().enumerate() {
        sql.push(if i == 0 { "(" } else { ", (" });
        if let Some(relationship) = plain.relationship {
            sql.bind(relationship).push(", ");
        }
        let binds: Vec<Bind> = columns.iter().map(|(at, (_, kind))| bound(*kind, row.cell(*at))).collect::<Result<_>>()?;
        sql.bind_all(binds).push(")");
    }
    tx.execute(sql.build()).await?;
    Ok(())
}

pub async fn count(tx: &mut Tx, schema: &Schema, what: What) -> Result<u32> {
    if let What::Records(entity) = what {
        return tx.count(count_records(tx.dialect, &Place::of(schema.entity(entity)?))).await;
    }
    let plain = plain(tx, schema, what)?;
    let mut sql = Sql::new(tx.dialect, &format!("SELECT count(*) FROM {} WHERE ", plain.table));
    plain.scope(&mut sql);
    tx.count(sql.build()).await
}

/// Takes every row away, index rows too.
pub async fn clear(tx: &mut Tx, schema: &Schema, what: What) -> Result<()> {
    let What::Records(entity) = what else {
        let plain = plain(tx, schema, what)?;
        let mut sql = Sql::new(tx.dialect, &format!("DELETE FROM {} WHERE ", plain.table));
        plain.scope(&mut sql);
        tx.execute(sql.build()).await?;
        return Ok(());
    };
    let place = Place::of(schema.entity(entity)?);
    let mut sql = Sql::new(tx.dialect, &format!("DELETE FROM {} WHERE ", place.table(tx.dialect)));
    place.scope(&mut sql);
    tx.execute(sql.build()).await?;
    for index in indexes(schema, entity)? {
        tx.execute(moves::delete_index(tx.dialect, &index)).await?;
    }
    Ok(())
}

/// What a shared entity's index rows are under; nothing for a dedicated one.
fn indexes(schema: &Schema, entity: EntityId) -> Result<Vec<String>> {
    let layout = Layout::new(schema, schema.entity(entity)?);
    if !layout.place.is_shared() {
        return Ok(vec![]);
    }
    let single = layout.columns.iter().filter(|c| c.has_entries()).map(|c| c.owner.to_string());
    Ok(single.chain(layout.keys.iter().map(|key| key.id.clone())).collect())
}

/// Index rows these rows should have.
pub fn entries(schema: &Schema, what: What, page: &Page) -> Result<u32> {
    let (Content::Records(records), What::Records(entity)) = (&page.content, what) else { return Ok(0) };
    let layout = Layout::new(schema, schema.entity(entity)?);
    if !layout.place.is_shared() {
        return Ok(0);
    }
    let entries = |r: &StoredRecord| check::entries(&layout.columns, &layout.keys, &r.id, &r.values).len();
    Ok(u32::try_from(records.iter().map(entries).sum::<usize>()).unwrap_or(u32::MAX))
}

/// Index rows there are.
pub async fn count_entries(tx: &mut Tx, schema: &Schema, what: What) -> Result<u32> {
    let What::Records(entity) = what else { return Ok(0) };
    let indexes = indexes(schema, entity)?;
    if indexes.is_empty() {
        return Ok(0);
    }
    let mut sql = Sql::new(tx.dialect, "SELECT count(*) FROM kdb_index_entries WHERE index_id IN (");
    sql.bind_all(Bind::ids(&indexes)).push(")");
    tx.count(sql.build()).await
}
