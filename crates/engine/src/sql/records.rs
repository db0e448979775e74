//! Statements on records, in either mode.

use serde_json::Value;

use super::{Backend, Bind, Column, Dialect, Lock, Sql, Statement};
use crate::model::{Entity, EntityId};

/// Where an entity's records lie.
#[derive(Debug, Clone, PartialEq)]
pub enum Place {
    Shared(EntityId),
    Dedicated(String),
}

impl Place {
    pub fn of(entity: &Entity) -> Self {
        if entity.is_dedicated() { Self::Dedicated(entity.table.clone()) } else { Self::Shared(entity.id) }
    }

    pub fn is_shared(&self) -> bool {
        matches!(self, Self::Shared(_))
    }

    /// The table, quoted.
    pub fn table(&self, dialect: &dyn Dialect) -> String {
        match self {
            Self::Shared(_) => "kdb_records".to_owned(),
            Self::Dedicated(table) => dialect.quote(table),
        }
    }

    /// A head column under its name in this place.
    pub fn head(&self, column: &'static str) -> &'static str {
        match (self, column) {
            (Self::Shared(_), _) | (_, "id") => column,
            (_, "version") => "kdb_version",
            (_, "primary_value") => "kdb_primary_value",
            (_, "owner") => "kdb_owner",
            (_, "created_at") => "kdb_created_at",
            (_, "created_by") => "kdb_created_by",
            (_, "updated_at") => "kdb_updated_at",
            (_, "updated_by") => "kdb_updated_by",
            (_, other) => other,
        }
    }

    /// A column's value as an expression, native.
    pub fn native(&self, dialect: &dyn Dialect, column: &Column) -> String {
        match self {
            Self::Shared(_) => dialect.from_json("data", column),
            Self::Dedicated(_) => dialect.quote(&column.storage),
        }
    }

    /// What equal values of a column have in common, and others do not.
    pub fn key(&self, dialect: &dyn Dialect, column: &Column) -> String {
        match self {
            Self::Shared(_) if dialect.makes_index_key(column) => dialect.index_key("data", column),
            Self::Shared(_) => dialect.from_json("data", column),
            Self::Dedicated(_) => dialect.comparable(&dialect.quote(&column.storage), column),
        }
    }

    /// Limits a statement on the shared table to the entity; nothing to limit in a dedicated one.
    pub fn scope(&self, sql: &mut Sql) {
        match self {
            Self::Shared(entity) => sql.push("entity_id = ").bind(*entity),
            Self::Dedicated(_) => sql.push("1 = 1"),
        };
    }

    /// Appends the condition that a record with this id, an expression, lies here.
    pub fn has(&self, sql: &mut Sql, dialect: &dyn Dialect, id: &str) {
        sql.push(&format!("EXISTS (SELECT 1 FROM {} p WHERE ", self.table(dialect)));
        if let Self::Shared(entity) = self {
            sql.push("p.entity_id = ").bind(*entity).push(" AND ");
        }
        sql.push(&format!("p.id = {id})"));
    }
}

/// Everything of a record beside its values, in the order it is selected and inserted.
pub const HEAD: [&str; 8] = ["id", "version", "primary_value", "owner", "created_at", "created_by", "updated_at", "updated_by"];

/// A record ready to be stored: canonical values by column position.
#[derive(Debug, Clone)]
pub struct StoredRecord {
    pub id: String,
    pub version: u32,
    pub primary_value: Option<String>,
    pub owner: Option<String>,
    pub created_at: String,
    pub created_by: Option<String>,
    pub updated_at: String,
    pub updated_by: Option<String>,
    /// One for each column, null where there is none.
    pub values: Vec<Value>,
    /// Values that do not fit, by storage name.
    pub kept: Option<String>,
}

/// The JSON object a shared record's values lie in: nulls left out.
pub fn data_json(columns: &[Column], values: &[Value]) -> String {
    json_object(columns.iter().zip(values).filter(|(_, v)| !v.is_null()).map(|(c, v)| (c.storage.as_str(), v)))
}

/// A JSON object of these members, in this order, without a copy of any value.
pub fn json_object<'v>(members: impl Iterator<Item = (&'v str, &'v Value)>) -> String {
    use serde::Serializer;
    let mut out = Vec::with_capacity(256);
    // Texts and JSON values always serialize, and a Vec takes all it is given.
    let written = serde_json::Serializer::new(&mut out).collect_map(members);
    debug_assert!(written.is_ok());
    String::from_utf8(out).unwrap_or_default()
}

/// What to select for [`HEAD`] and then the values: `data` in shared mode, the columns and `kdb_kept` in dedicated mode.
pub fn selection(dialect: &dyn Dialect, place: &Place, columns: &[Column]) -> String {
    let mut out: Vec<String> = HEAD.iter().map(|h| place.head(h).to_owned()).collect();
    match place {
        Place::Shared(_) => out.push("data".to_owned()),
        Place::Dedicated(_) => {
            out.extend(columns.iter().map(|c| dialect.quote(&c.storage)));
            out.push("kdb_kept".to_owned());
        }
    }
    out.join(", ")
}

/// The records with these ids, in no order.
pub fn select_by_id(dialect: &'static dyn Dialect, place: &Place, columns: &[Column], ids: &[String], lock: Option<Lock>) -> Statement {
    by_id(dialect, place, &selection(dialect, place, columns), ids, lock)
}

/// The next `limit` records after `after` in id order.
pub fn select_after(dialect: &'static dyn Dialect, place: &Place, columns: &[Column], after: &str, limit: u32) -> Statement {
    let mut sql = Sql::new(dialect, &format!("SELECT {} FROM {} WHERE ", selection(dialect, place, columns), place.table(dialect)));
    place.scope(&mut sql);
    sql.push(" AND id > ").bind_id(after).push(&format!(" ORDER BY id LIMIT {limit}"));
    sql.build()
}

/// Which of the ids exist, and go on to, where they are locked.
pub fn existing(dialect: &'static dyn Dialect, place: &Place, ids: &[String], lock: Option<Lock>) -> Statement {
    by_id(dialect, place, "id", ids, lock)
}

fn by_id(dialect: &'static dyn Dialect, place: &Place, what: &str, ids: &[String], lock: Option<Lock>) -> Statement {
    let select = |sql: &mut Sql| {
        sql.push(&format!("SELECT {what} FROM {} WHERE ", place.table(dialect)));
        place.scope(sql);
    };
    if dialect.backend() == Backend::Postgres && place.is_shared() {
        let mut sorted: Vec<&String> = ids.iter().collect();
        sorted.sort_unstable();
        return one_by_one(dialect, select, "id", Bind::ids(sorted), lock);
    }
    let mut sql = Sql::new(dialect, "");
    select(&mut sql);
    sql.push(" AND id IN (").bind_all(Bind::ids(ids)).push(")");
    locked(sql, lock)
}

/// `select … AND key = each of the values`, on Postgres: looked up one after the other in the key's index. For a list it may choose to read all
/// of an entity's rows, as it does not know of a table that has just been filled how many those are.
fn one_by_one(
    dialect: &'static dyn Dialect,
    select: impl FnOnce(&mut Sql),
    key: &str,
    values: impl IntoIterator<Item = Bind>,
    lock: Option<Lock>,
) -> Statement {
    let mut sql = Sql::new(dialect, "SELECT found.* FROM (VALUES ");
    for (i, value) in values.into_iter().enumerate() {
        sql.push(if i == 0 { "(" } else { ", (" }).bind(value).push(")");
    }
    sql.push(") wanted (key), LATERAL (");
    select(&mut sql);
    sql.push(&format!(" AND {key} = wanted.key OFFSET 0")).push(lock.map_or("", |lock| dialect.lock(lock))).push(") found");
    sql.build()
}

/// In order of ids, so that two who lock the same rows do not wait for each other.
fn locked(mut sql: Sql, lock: Option<Lock>) -> Statement {
    if let Some(words) = lock.map(|lock| sql.dialect().lock(lock)).filter(|words| !words.is_empty()) {
        sql.push(" ORDER BY id").push(words);
    }
    sql.build()
}

/// How many values of these columns are kept aside in a dedicated table.
pub fn kept(dialect: &'static dyn Dialect, table: &str, columns: &[Column]) -> Statement {
    let counts = columns.iter().map(|c| format!("count({})", dialect.json_member("kdb_kept", &c.storage)));
    // There may be no columns.
    let all: Vec<String> = std::iter::once("count(NULL)".to_owned()).chain(counts).collect();
    Sql::new(dialect, &format!("SELECT {} FROM {} WHERE kdb_kept IS NOT NULL", all.join(" + "), dialect.quote(table))).build()
}

pub fn count(dialect: &'static dyn Dialect, place: &Place) -> Statement {
    let mut sql = Sql::new(dialect, &format!("SELECT count(*) FROM {} WHERE ", place.table(dialect)));
    place.scope(&mut sql);
    sql.build()
}

/// Rows one insert may carry: databases limit the binds of a statement (32,766 in SQLite, 65,535 in Postgres).
pub fn rows_per_insert(columns: &[Column]) -> usize {
    (30_000 / (columns.len() + HEAD.len() + 2)).clamp(1, 500)
}

/// Inserts all the records with one statement.
pub fn insert(dialect: &'static dyn Dialect, place: &Place, columns: &[Column], records: &[StoredRecord]) -> Statement {
    let mut names: Vec<String> = HEAD.iter().map(|h| place.head(h).to_owned()).collect();
    match place {
        Place::Shared(_) => names.extend(["data".to_owned(), "entity_id".to_owned()]),
        Place::Dedicated(_) => {
            names.extend(columns.iter().map(|c| dialect.quote(&c.storage)));
            names.push("kdb_kept".to_owned());
        }
    }
    let mut sql = Sql::new(dialect, &format!("INSERT INTO {} ({}) VALUES ", place.table(dialect), names.join(", ")));
    for (i, record) in records.iter().enumerate() {
        sql.push(if i == 0 { "(" } else { ", (" }).bind_all(head_binds(record)).push(", ");
        match place {
            Place::Shared(entity) => sql.bind(Bind::Json(Some(data_json(columns, &record.values)))).push(", ").bind(*entity),
            Place::Dedicated(_) => {
                for (column, value) in columns.iter().zip(&record.values) {
                    sql.bind(dialect.bind(column, value)).push(", ");
                }
                sql.bind(Bind::Json(record.kept.clone()))
            }
        };
        sql.push(")");
    }
    sql.build()
}

fn head_binds(r: &StoredRecord) -> [Bind; 8] {
    [
        Bind::id(&r.id),
        i64::from(r.version).into(),
        r.primary_value.clone().into(),
        r.owner.clone().into(),
        r.created_at.clone().into(),
        r.created_by.clone().into(),
        r.updated_at.clone().into(),
        r.updated_by.clone().into(),
    ]
}

/// Writes the whole record over the one with its id, just when that still has version `version - 1`.
pub fn update(dialect: &'static dyn Dialect, place: &Place, columns: &[Column], record: &StoredRecord) -> Statement {
    let mut sql = Sql::new(dialect, &format!("UPDATE {} SET ", place.table(dialect)));
    sql.push(place.head("version")).push(" = ").bind(i64::from(record.version));
    sql.push(", ").push(place.head("primary_value")).push(" = ").bind(record.primary_value.clone());
    sql.push(", ").push(place.head("updated_at")).push(" = ").bind(record.updated_at.clone());
    sql.push(", ").push(place.head("updated_by")).push(" = ").bind(record.updated_by.clone());
    match place {
        Place::Shared(_) => {
            sql.push(", data = ").bind(Bind::Json(Some(data_json(columns, &record.values))));
        }
        Place::Dedicated(_) => {
            for (column, value) in columns.iter().zip(&record.values) {
                sql.push(", ").ident(&column.storage).push(" = ").bind(dialect.bind(column, value));
            }
            sql.push(", kdb_kept = ").bind(Bind::Json(record.kept.clone()));
        }
    }
    sql.push(" WHERE ");
    place.scope(&mut sql);
    sql.push(" AND id = ").bind_id(&record.id);
    sql.push(" AND ").push(place.head("version")).push(" = ").bind(i64::from(record.version) - 1);
    sql.build()
}

pub fn delete(dialect: &'static dyn Dialect, place: &Place, ids: &[String]) -> Statement {
    let mut sql = Sql::new(dialect, &format!("DELETE FROM {} WHERE ", place.table(dialect)));
    place.scope(&mut sql);
    sql.push(" AND id IN (").bind_all(Bind::ids(ids)).push(")");
    sql.build()
}

/// `(value, record)` of records of which a column has one of the values (canonical).
pub fn holders(dialect: &'static dyn Dialect, place: &Place, column: &Column, values: &[Value]) -> Statement {
    let keys = values.iter().filter_map(|v| crate::model::value::index_key(v, column.storage_type()));
    match place {
        Place::Shared(_) => entries_with(dialect, &column.owner.to_string(), keys),
        Place::Dedicated(table) => {
            let native = dialect.quote(&column.storage);
            let comparable = dialect.comparable(&native, column);
            let mut sql = Sql::new(dialect, &format!("SELECT {native}, id FROM {} WHERE {comparable} IN (", dialect.quote(table)));
            let binds: Vec<Bind> = values.iter().map(|v| dialect.bind_comparable(column, v)).collect();
            let found: Vec<_> = binds.iter().filter_map(|bind| dialect.found_by(&native, column, bind, 1)).collect();
            sql.bind_all(binds).push(")");
            if let Some((expression, _)) = found.first() {
                sql.push(&format!(" AND {expression} IN (")).bind_all(found.iter().map(|(_, bind)| bind.clone())).push(")");
            }
            sql.build()
        }
    }
}

/// `(value, record)` of index entries with one of the keys; the value is as the index table keeps it, see [`Dialect::entry_value`].
pub fn entries_with(dialect: &'static dyn Dialect, index: &str, values: impl IntoIterator<Item = String>) -> Statement {
    let select = |sql: &mut Sql| {
        sql.push("SELECT value, record_id FROM kdb_index_entries WHERE index_id = ").bind_id(index);
    };
    let values = values.into_iter().map(|key| Bind::from(dialect.entry_value(key)));
    if dialect.backend() == Backend::Postgres {
        return one_by_one(dialect, select, "value", values, None);
    }
    let mut sql = Sql::new(dialect, "");
    select(&mut sql);
    sql.push(" AND value IN (").bind_all(values).push(")");
    sql.build()
}

/// One row of the index table.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Entry {
    pub index: String,
    pub value: String,
    pub record: String,
    pub unique: bool,
}

/// [`insert_entries`], less what another record has: two may have the same unique value where plain SQL wrote them.
pub fn add_entries(dialect: &'static dyn Dialect, entries: &[Entry]) -> Statement {
    let mut sql = Sql::of(dialect, insert_entries(dialect, entries));
    sql.push(" ON CONFLICT DO NOTHING");
    sql.build()
}

pub fn insert_entries(dialect: &'static dyn Dialect, entries: &[Entry]) -> Statement {
    let mut sql = Sql::new(dialect, "INSERT INTO kdb_index_entries (index_id, value, record_id, is_unique) VALUES ");
    for (i, e) in entries.iter().enumerate() {
        sql.push(if i == 0 { "(" } else { ", (" });
        let value = dialect.entry_value(e.value.clone());
        sql.bind_all([Bind::id(&e.index), value.into(), Bind::id(&e.record), i64::from(e.unique).into()]).push(")");
    }
    sql.build()
}

pub fn delete_entries(dialect: &'static dyn Dialect, entries: &[Entry]) -> Statement {
    let mut sql = Sql::new(dialect, "DELETE FROM kdb_index_entries WHERE (index_id, value, record_id) IN (VALUES ");
    for (i, e) in entries.iter().enumerate() {
        let value = dialect.entry_value(e.value.clone());
        sql.push(if i == 0 { "(" } else { ", (" }).bind_all([Bind::id(&e.index), value.into(), Bind::id(&e.record)]).push(")");
    }
    sql.push(")");
    sql.build()
}
