//! The rules a record must meet before it is written, the same in both modes.

use serde_json::{Value, json};
use std::collections::{HashMap, HashSet};

use super::{CHUNK, Session, convert};
use crate::{
    error::{Error, ErrorCode, Result},
    model::{Entity, name, value},
    sql::{
        Column, Lock,
        columns::KeyColumns,
        records::{self, Entry, Place},
    },
};

/// The canonical value, or `type_mismatch` saying which field and why.
pub fn normalize(entity: &Entity, column: &Column, input: &Value) -> Result<Value> {
    value::normalize(column.field_type, &column.config, input).map_err(|reason| {
        let shown = name::shorten(&input.to_string(), 80);
        Error::new(ErrorCode::TypeMismatch, format!("{}.{}: {shown} {reason}.", entity.name, column.name)).with(
            json!({ "entity": entity.name, "field": column.name, "type": column.field_type.word(), "value": input, "reason": reason }),
        )
    })
}

/// The value a field gets when none is given.
pub fn default_value(column: &Column, now: &str) -> Value {
    match column.default.as_ref() {
        Some(Value::String(made)) if made == "now()" => match column.field_type.storage() {
            crate::model::StorageType::Date => now[..10].into(),
            _ => now.into(),
        },
        Some(Value::String(made)) if made == "uuid()" => uuid::Uuid::now_v7().to_string().into(),
        Some(value) => value.clone(),
        None => Value::Null,
    }
}

pub fn required(entity: &Entity, columns: &[Column], values: &[Value]) -> Result<()> {
    match columns.iter().zip(values).find(|(c, v)| c.required && v.is_null()) {
        None => Ok(()),
        Some((column, _)) => {
            Err(Error::new(ErrorCode::RequiredMissing, format!("{}.{} is required. Give it a value.", entity.name, column.name))
                .with(json!({ "entity": entity.name, "field": column.name })))
        }
    }
}

/// A row about to be written: its id, its values, and those it had before (for an update).
pub struct Candidate<'a> {
    pub id: &'a str,
    pub values: &'a [Value],
    pub before: Option<&'a [Value]>,
}

impl Candidate<'_> {
    fn changed(&self, column: usize) -> bool {
        self.before.is_none_or(|before| before[column] != self.values[column])
    }
}

/// Every record referred to exists (records of the same write count).
///
/// # Errors
/// `dangling_reference` with the field and the id.
pub async fn references(session: &mut Session<'_>, entity: &Entity, columns: &[Column], candidates: &[Candidate<'_>]) -> Result<()> {
    for (i, column) in columns.iter().enumerate() {
        let Some(target) = column.target else { continue };
        let wanted: HashSet<&str> = candidates.iter().filter(|c| c.changed(i)).filter_map(|c| c.values[i].as_str()).collect();
        let mut missing: HashSet<String> = wanted.into_iter().map(str::to_owned).collect();
        if target == entity.id {
            for candidate in candidates {
                missing.remove(candidate.id);
            }
        }
        let target = session.schema.entity(target)?;
        exist(session, target, &mut missing, Some(Lock::Exists)).await?;
        if let Some(id) = missing.iter().min() {
            return Err(Error::new(
                ErrorCode::DanglingReference,
                format!("{}.{}: {} has no record {id}. Choose one that exists.", entity.name, column.name, target.name),
            )
            .with(json!({ "entity": entity.name, "field": column.name, "value": id, "target": target.name })));
        }
    }
    Ok(())
}

/// Takes the ids that exist in `target` out of `ids`; what is locked stays so until the transaction ends.
pub async fn exist(session: &mut Session<'_>, target: &Entity, ids: &mut HashSet<String>, lock: Option<Lock>) -> Result<()> {
    let place = Place::of(target);
    let asked: Vec<String> = ids.iter().cloned().collect();
    for chunk in asked.chunks(CHUNK) {
        for row in session.tx.rows(records::existing(session.tx.dialect, &place, chunk, lock)).await? {
            ids.remove(&row.text(0)?);
        }
    }
    Ok(())
}

/// No unique value is there already, in the entity or twice in this write.
///
/// # Errors
/// `unique_violation` with the field, the value and the record that has it.
pub async fn unique(
    session: &mut Session<'_>,
    entity: &Entity,
    columns: &[Column],
    keys: &[KeyColumns],
    candidates: &[Candidate<'_>],
) -> Result<()> {
    for (i, column) in columns.iter().enumerate().filter(|(_, c)| c.unique) {
        let changed = candidates.iter().filter(|c| c.changed(i) && !c.values[i].is_null());
        let wanted: Vec<(Value, &str)> = changed.map(|c| (c.values[i].clone(), c.id)).collect();
        let mut holders: HashMap<String, String> = HashMap::new();
        for chunk in wanted.chunks(CHUNK) {
            let values: Vec<Value> = chunk.iter().map(|(v, _)| v.clone()).collect();
            let place = Place::of(entity);
            for row in session.tx.rows(records::holders(session.tx.dialect, &place, column, &values)).await? {
                let dialect = session.tx.dialect;
                let key = if place.is_shared() {
                    row.opt_text(0)
                } else {
                    convert::cell_key(column, dialect, row.cell(0)).map(|key| dialect.entry_value(key))
                };
                holders.insert(key.unwrap_or_default(), row.text(1)?);
            }
        }
        for (value, id) in &wanted {
            let key = session.tx.dialect.entry_value(value::index_key(value, column.storage_type()).unwrap_or_default());
            match holders.insert(key, (*id).to_owned()) {
                Some(other) if other != *id && !moves_away(candidates, &other, i) => {
                    return Err(taken(entity, &[&column.name], &[value], &other));
                }
                _ => {}
            }
        }
    }
    for key in keys {
        key_unique(session, entity, columns, key, candidates).await?;
    }
    Ok(())
}

/// Whether the record that holds a value gives it up in this same write.
fn moves_away(candidates: &[Candidate<'_>], id: &str, column: usize) -> bool {
    candidates.iter().any(|c| c.id == id && c.before.is_some() && c.changed(column))
}

async fn key_unique(
    session: &mut Session<'_>,
    entity: &Entity,
    columns: &[Column],
    key: &KeyColumns,
    candidates: &[Candidate<'_>],
) -> Result<()> {
    let parts: Vec<&Column> = key.columns.iter().map(|i| &columns[*i]).collect();
    let names: Vec<&str> = parts.iter().map(|c| c.name.as_str()).collect();
    let mut seen: HashMap<String, String> = HashMap::new();
    let mut wanted = vec![];
    for candidate in candidates.iter().filter(|c| key.columns.iter().any(|i| c.changed(*i))) {
        let values: Vec<&Value> = key.columns.iter().map(|i| &candidate.values[*i]).collect();
        if let Some(text) = key_value(&parts, &values) {
            if let Some(other) = seen.insert(text.clone(), candidate.id.to_owned()) {
                return Err(taken(entity, &names, &values, &other));
            }
            wanted.push((text, values, candidate.id));
        }
    }
    let dialect = session.tx.dialect;
    let mut found: HashMap<String, String> = HashMap::new();
    for chunk in wanted.chunks(CHUNK / parts.len().max(1)) {
        if let Place::Dedicated(table) = Place::of(entity) {
            let mut sql = crate::sql::Sql::new(dialect, "SELECT id");
            for part in &parts {
                sql.push(", ").ident(&part.storage);
            }
            sql.push(" FROM ").ident(&table).push(" WHERE ");
            for (i, (_, values, _)) in chunk.iter().enumerate() {
                sql.push(if i == 0 { "(" } else { " OR (" });
                for (j, (part, value)) in parts.iter().zip(values).enumerate() {
                    sql.push(if j == 0 { "" } else { " AND " }).push(&dialect.comparable(&dialect.quote(&part.storage), part));
                    let wanted = dialect.bind_comparable(part, value);
                    let found = dialect.found_by(&dialect.quote(&part.storage), part, &wanted, parts.len());
                    sql.push(" = ").bind(wanted);
                    if let Some((expression, bind)) = found {
                        sql.push(&format!(" AND {expression} = ")).bind(bind);
                    }
                }
                sql.push(")");
            }
            for row in session.tx.rows(sql.build()).await? {
                let values: Vec<Value> = parts.iter().enumerate().map(|(i, part)| dialect.read(part, row.cell(i + 1))).collect();
                let values: Vec<&Value> = values.iter().collect();
                found.insert(dialect.entry_value(key_value(&parts, &values).unwrap_or_default()), row.text(0)?);
            }
        } else {
            for row in session.tx.rows(records::entries_with(dialect, &key.id, chunk.iter().map(|(text, _, _)| text.clone()))).await? {
                found.insert(row.text(0)?, row.text(1)?);
            }
        }
    }
    for (text, values, id) in &wanted {
        if let Some(other) = found.get(&dialect.entry_value(text.clone())).filter(|other| other != id) {
            let gives_up =
                candidates.iter().any(|c| c.id == other.as_str() && c.before.is_some() && key.columns.iter().any(|i| c.changed(*i)));
            if !gives_up {
                return Err(taken(entity, &names, values, other));
            }
        }
    }
    Ok(())
}

/// The text equal keys share; none when a part is null, as then SQL holds no two rows equal.
pub fn key_value(parts: &[&Column], values: &[&Value]) -> Option<String> {
    let keys: Option<Vec<String>> = parts.iter().zip(values).map(|(c, v)| value::index_key(v, c.storage_type())).collect();
    keys.map(|keys| json!(keys).to_string())
}

fn taken(entity: &Entity, fields: &[&str], values: &[&Value], record: &str) -> Error {
    let shown: Vec<String> = values.iter().map(|v| name::shorten(&v.to_string(), 80)).collect();
    let (field, value) = (fields.join(", "), shown.join(", "));
    Error::new(
        ErrorCode::UniqueViolation,
        format!("{}.{field}: {value} is there already, and it must be unique. Choose another.", entity.name),
    )
    .with(json!({
        "entity": entity.name,
        "field": fields.first(),
        "fields": fields,
        "value": values.first(),
        "values": values,
        "record": record,
    }))
}

/// The index rows a shared record should have.
pub fn entries(columns: &[Column], keys: &[KeyColumns], id: &str, values: &[Value]) -> Vec<Entry> {
    let single = columns.iter().zip(values).filter(|(c, _)| c.has_entries()).filter_map(|(column, value)| {
        let value = value::index_key(value, column.storage_type())?;
        Some(Entry { index: column.owner.to_string(), value, record: id.to_owned(), unique: column.unique })
    });
    let several = keys.iter().filter_map(|key| {
        let parts: Vec<&Column> = key.columns.iter().map(|i| &columns[*i]).collect();
        let values: Vec<&Value> = key.columns.iter().map(|i| &values[*i]).collect();
        Some(Entry { index: key.id.clone(), value: key_value(&parts, &values)?, record: id.to_owned(), unique: true })
    });
    single.chain(several).collect()
}
