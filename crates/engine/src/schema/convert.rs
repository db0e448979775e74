//! A column's values made those of another type.

use serde_json::{Value, json};

use super::{
    Edit,
    by_hand::{self, ByHand},
    data::{forget, put_column_away},
    foreseen::Conversion,
};
use crate::{
    error::Result,
    model::{Entity, EntityId, FieldType, StorageType},
    records::convert::native,
    sql::{Column, Dialect, Sql, Statement, moves, records::Place},
    store::Tx,
};

/// Rows converted at a time.
pub const BATCH: u32 = 2000;
/// Values of a batch that a rehearsal shows.
const SHOWN: u32 = 3;

/// What has become of a column.
pub struct Converted {
    /// Under what its values were put away as they were.
    pub originals: String,
    /// What is to be made again once its table is as the schema says.
    pub by_hand: Vec<ByHand>,
}

/// Whether the values of a column stay as they are when it changes so.
pub fn keeps_values(old: &Column, new: &Column) -> bool {
    let scale = |c: &Column| (c.storage_type() == StorageType::Decimal).then_some((c.config.precision, c.config.scale));
    old.storage_type() == new.storage_type() && scale(old) == scale(new)
}

/// Converts a column's values to its new type. What cannot be converted stays as it was, shown with a warning, and is listed before the
/// entity is materialized. Returns none when the change leaves values as they are.
pub async fn convert(
    edit: &mut Edit<'_>,
    entity: EntityId,
    old: &Column,
    new: &Column,
    original: Option<&str>,
) -> Result<Option<Converted>> {
    if keeps_values(old, new) {
        return Ok(None);
    }
    let drop = uuid::Uuid::now_v7().to_string();
    let entity = edit.schema.entity(entity)?.clone();
    by_hand::refuse_views(edit, &entity, new).await?;
    put_column_away(edit, &entity, old, &drop).await?;
    let by_hand = if entity.is_dedicated() { by_hand::replace_column(edit, &entity, new).await? } else { vec![] };
    let converted = uuid::Uuid::now_v7().to_string();
    if let Some(foreseen) = &mut edit.foreseen {
        foreseen.conversions.push(Conversion { entity: entity.clone(), old: old.clone(), new: new.clone() });
        rehearse_conversion(edit, &entity, &converted, old, new).await?;
    } else {
        convert_values(edit, &drop, &converted, old, new, original).await?;
    }
    for statement in moves::put_back(edit.tx.dialect, &Place::of(&entity), new, &converted) {
        edit.tx.execute(statement).await?;
    }
    forget(edit, "kdb_dropped_values", &converted).await?;
    if let Some(original) = original {
        forget(edit, "kdb_dropped_values", original).await?;
    }
    Ok(Some(Converted { originals: drop, by_hand }))
}

/// Writes the values put away under `from`, converted, under `to`. On the way back, a value that is still what the original was made into
/// becomes the original again, to the letter.
async fn convert_values(edit: &mut Edit<'_>, from: &str, to: &str, old: &Column, new: &Column, original: Option<&str>) -> Result<()> {
    let dialect = edit.tx.dialect;
    let mut last = String::new();
    loop {
        let mut sql = Sql::new(
            dialect,
            "SELECT v.record_id, v.value, o.value FROM kdb_dropped_values v LEFT JOIN kdb_dropped_values o ON o.record_id = v.record_id AND o.drop_id = ",
        );
        sql.bind_id(original.unwrap_or_default()).push(" WHERE v.drop_id = ").bind_id(from).push(" AND v.record_id > ").bind_id(&last);
        sql.push(&format!(" ORDER BY v.record_id LIMIT {BATCH}"));
        let rows = edit.tx.rows(sql.build()).await?;
        let Some(end) = rows.last() else { return Ok(()) };
        last = end.text(0)?;
        let mut values = vec![];
        for row in &rows {
            let value: Value = serde_json::from_str(&row.text(1)?)?;
            let before: Option<Value> = row.opt_text(2).map(|text| serde_json::from_str(&text)).transpose()?;
            let value = match before {
                Some(before) if converted(old, &before) == value => before,
                _ => converted(new, &value),
            };
            values.push((row.text(0)?, value));
        }
        edit.tx.execute(insert_values(dialect, to, &values)).await?;
    }
}

/// The first of the statements the conversion writes, of its first few values.
async fn rehearse_conversion(edit: &mut Edit<'_>, entity: &Entity, to: &str, old: &Column, new: &Column) -> Result<()> {
    let page = values_after(edit.tx, entity, old, "", SHOWN).await?;
    if page.is_empty() {
        return Ok(());
    }
    let values: Vec<(String, Value)> = page.into_iter().map(|(id, value)| (id, converted(new, &value))).collect();
    edit.batch(insert_values(edit.tx.dialect, to, &values)).await
}

/// `(record, value)` of the next records after `after` that have a value in the column, be it kept aside.
pub async fn values_after(tx: &mut Tx, entity: &Entity, column: &Column, after: &str, limit: u32) -> Result<Vec<(String, Value)>> {
    let rows = tx.rows(moves::values_after(tx.dialect, &Place::of(entity), column, after, limit)).await?;
    rows.iter().map(|row| Ok((row.text(0)?, serde_json::from_str(&row.text(1)?)?))).collect()
}

fn insert_values(dialect: &'static dyn Dialect, drop: &str, values: &[(String, Value)]) -> Statement {
    let mut sql = Sql::new(dialect, "INSERT INTO kdb_dropped_values (drop_id, record_id, value) VALUES ");
    for (i, (record, value)) in values.iter().enumerate() {
        let separator = if i == 0 { "(" } else { ", (" };
        sql.push(separator).bind_id(drop).push(", ").bind_id(record).push(", ").bind(value.to_string()).push(")");
    }
    sql.build()
}

/// The value in the column's type, or as it was where it has none.
pub fn converted(column: &Column, value: &Value) -> Value {
    let input = match (column.storage_type(), value) {
        (StorageType::Text, Value::Number(_) | Value::Bool(_)) => Value::String(value.to_string()),
        (StorageType::Text, Value::Array(_) | Value::Object(_)) => Value::String(value.to_string()),
        (StorageType::Bool, Value::Number(n)) if n.as_i64() == Some(0) || n.as_i64() == Some(1) => Value::Bool(n.as_i64() == Some(1)),
        (StorageType::Bool, Value::String(s)) if s == "0" || s == "1" => Value::Bool(s == "1"),
        (StorageType::Integer, Value::Bool(b)) => Value::from(i64::from(*b)),
        (StorageType::Integer, Value::String(s)) => s
            .split_once('.')
            .filter(|(_, f)| !f.is_empty() && f.bytes().all(|b| b == b'0'))
            .map_or_else(|| value.clone(), |(whole, _)| whole.into()),
        (StorageType::Date, Value::String(s)) => s.strip_suffix("T00:00:00Z").map_or_else(|| value.clone(), Value::from),
        (StorageType::Json, Value::String(s)) if column.field_type == FieldType::Json => {
            serde_json::from_str(s).unwrap_or_else(|_| value.clone())
        }
        (StorageType::Json, Value::String(s)) if column.field_type == FieldType::Multiselect => {
            serde_json::from_str(s).unwrap_or_else(|_| json!([s]))
        }
        _ => value.clone(),
    };
    native(column, &input).unwrap_or_else(|_| value.clone())
}
