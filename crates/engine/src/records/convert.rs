//! Between rows, stored records and the records callers see.

use serde_json::{Map, Value};
use std::collections::BTreeMap;

use crate::{
    error::Result,
    model::{FieldConfig, Record, StorageType, value},
    sql::{
        Cell, Column, Dialect, Row,
        records::{HEAD, Place, StoredRecord},
    },
};

/// Reads a row selected by `sql::records::selection`.
///
/// # Errors
/// `corrupt` when a cell does not hold what it should.
pub fn stored(dialect: &dyn Dialect, place: &Place, columns: &[Column], row: &Row) -> Result<StoredRecord> {
    let rest = HEAD.len();
    let (values, kept) = match place {
        Place::Shared(_) => {
            let data: Map<String, Value> = serde_json::from_str(&row.text(rest)?)?;
            (columns.iter().map(|c| member(c, data.get(&c.storage))).collect(), None)
        }
        Place::Dedicated(_) => {
            let mut values: Vec<Value> = columns.iter().enumerate().map(|(i, c)| dialect.read(c, row.cell(rest + i))).collect();
            let kept = row.opt_text(rest + columns.len());
            if let Some(kept) = &kept {
                let kept: Map<String, Value> = serde_json::from_str(kept)?;
                for (column, value) in columns.iter().zip(&mut values) {
                    if let Some(aside) = kept.get(&column.storage).filter(|_| value.is_null()) {
                        *value = aside.clone();
                    }
                }
            }
            (values, kept)
        }
    };
    Ok(StoredRecord {
        id: row.text(0)?,
        version: row.count(1)?,
        primary_value: row.opt_text(2),
        owner: row.opt_text(3),
        created_at: row.text(4)?,
        created_by: row.opt_text(5),
        updated_at: row.text(6)?,
        updated_by: row.opt_text(7),
        values,
        kept,
    })
}

/// A database may keep a number by its value alone, and give a float back without its point.
fn member(column: &Column, value: Option<&Value>) -> Value {
    match value {
        Some(Value::Number(n)) if column.storage_type() == StorageType::Float => n.as_f64().map_or(Value::Null, Value::from),
        other => other.cloned().unwrap_or_default(),
    }
}

/// The record as callers see it: values by field name, and which of them do not fit their type.
///
/// # Errors
/// `corrupt` when the id is none.
pub fn record(columns: &[Column], stored: StoredRecord) -> Result<Record> {
    let mut problems = BTreeMap::new();
    let mut data = Map::new();
    let aside = members(stored.kept.as_deref());
    for (column, value) in columns.iter().zip(stored.values) {
        if let Err(reason) = value::normalize(column.field_type, &column.config, &value) {
            problems.insert(column.name.clone(), reason);
        } else if aside.get(&column.storage) == Some(&value) {
            let why = if column.target.is_some() { ORPHAN } else { DOUBLE };
            problems.insert(column.name.clone(), why.to_owned());
        }
        data.insert(column.name.clone(), value);
    }
    Ok(Record {
        id: stored.id.parse()?,
        version: stored.version,
        primary_value: stored.primary_value,
        data,
        links: BTreeMap::new(),
        problems,
        created_at: stored.created_at,
        updated_at: stored.updated_at,
        created_by: stored.created_by,
        updated_by: stored.updated_by,
    })
}

/// Values by field name, nulls included, for events and exports.
pub fn data(columns: &[Column], values: &[Value]) -> Map<String, Value> {
    columns.iter().zip(values).map(|(c, v)| (c.name.clone(), v.clone())).collect()
}

/// Why a value is kept aside that its column could hold.
pub const ORPHAN: &str = "refers to a record that does not exist";
pub const DOUBLE: &str = "stands in another record too, and must be unique";

/// The JSON object of `kdb_kept`; empty where nothing is kept aside.
pub fn members(kept: Option<&str>) -> Map<String, Value> {
    kept.and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default()
}

/// Values that fit their column, and those that do not as the JSON object of `kdb_kept`: a dedicated column cannot hold them. What was kept
/// `aside` before for what stands in other records stays there until somebody changes it.
pub fn split_kept(columns: &[Column], values: &mut [Value], aside: Option<&str>) -> Option<String> {
    let (mut kept, aside) = (Map::new(), members(aside));
    for (column, value) in columns.iter().zip(values) {
        let stays = (column.unique || column.target.is_some()) && aside.get(&column.storage) == Some(value);
        if !value.is_null() && (stays || !native_fits(column, value)) {
            kept.insert(column.storage.clone(), std::mem::take(value));
        }
    }
    (!kept.is_empty()).then(|| Value::Object(kept).to_string())
}

/// Whether a column can hold the value just as it is.
fn native_fits(column: &Column, value: &Value) -> bool {
    native(column, value).as_ref() == Ok(value)
}

/// The value as the column holds it, or why it cannot. The column's storage type alone counts: narrowing rules (options, lengths, patterns)
/// do not keep a value out of a column.
///
/// # Errors
/// The reason, in plain words.
pub fn native(column: &Column, value: &Value) -> std::result::Result<Value, String> {
    let shape = FieldConfig { precision: column.config.precision, scale: column.config.scale, ..FieldConfig::default() };
    value::normalize(column.field_type.plain(), &shape, value)
}

/// A cell of text, for look-ups.
pub fn cell_key(column: &Column, dialect: &dyn Dialect, cell: &Cell) -> Option<String> {
    value::index_key(&dialect.read(column, cell), column.storage_type())
}
