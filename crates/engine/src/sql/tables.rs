//! DDL of dedicated tables: a pure function of the schema.

use super::{Backend, Column, Dialect, columns::columns, columns::keys, dialect::Words, literal};
use crate::model::{Entity, EntityId, Relationship, RelationshipId, Schema, StorageMode, StorageType, name};
use serde_json::Value;

/// The columns every dedicated table ends with, and their DDL. Users' columns never start with `kdb_`.
fn system_columns(dialect: &dyn Dialect) -> [(&'static str, String); 8] {
    let Words { text, json, now, .. } = dialect.words();
    [
        ("kdb_version", "INTEGER NOT NULL DEFAULT 1".to_owned()),
        ("kdb_primary_value", text.to_owned()),
        ("kdb_owner", text.to_owned()),
        ("kdb_created_at", format!("{text} NOT NULL DEFAULT {now}")),
        ("kdb_created_by", text.to_owned()),
        ("kdb_updated_at", format!("{text} NOT NULL DEFAULT {now}")),
        ("kdb_updated_by", text.to_owned()),
        // Values that do not fit their column, as a JSON object by storage name.
        ("kdb_kept", json.to_owned()),
    ]
}

/// `CREATE TABLE` for the entity under the name `table`. `order` gives the columns as they physically stand (storage names,
/// system columns among them); without it the order is the natural one.
pub fn create_table(dialect: &dyn Dialect, schema: &Schema, entity: &Entity, table: &str, order: Option<&[String]>) -> String {
    let columns = columns(schema, entity);
    let q = |ident: &str| dialect.quote(ident);
    let mut lines = vec![(String::from("id"), format!("id {} PRIMARY KEY NOT NULL", dialect.words().id))];
    lines.extend(columns.iter().map(|c| (c.storage.clone(), column_definition(dialect, c))));
    lines.extend(system_columns(dialect).iter().map(|(column, ddl)| ((*column).to_owned(), format!("{column} {ddl}"))));
    if let Some(order) = order {
        let place = |storage: &str| order.iter().position(|o| name::folded(o) == name::folded(storage)).unwrap_or(usize::MAX);
        lines.sort_by_key(|(storage, _)| place(storage));
    }
    let mut lines: Vec<String> = lines.into_iter().map(|(_, ddl)| ddl).collect();
    lines.extend(foreign_keys(dialect, schema, entity).into_iter().map(|key| match dialect.backend() {
        Backend::Sqlite => key.ddl,
        Backend::Postgres => format!("CONSTRAINT {} {}", q(&key.name), key.ddl),
    }));
    format!("CREATE TABLE {} (\n  {}\n)", q(table), lines.join(",\n  "))
}

/// The schema for tables that records are copied into: they take a row whatever the others hold. Foreign keys and NOT NULLs are put in when
/// all of them are there.
pub fn bare(schema: Schema) -> Schema {
    let mut schema = without_keys(schema);
    for relationship in &mut schema.relationships {
        relationship.required &= relationship.is_many_to_many();
    }
    for entity in &mut schema.entities {
        for field in &mut entity.fields {
            field.required = false;
        }
    }
    schema
}

/// The schema for tables without foreign keys.
pub fn without_keys(mut schema: Schema) -> Schema {
    for entity in &mut schema.entities {
        entity.storage_mode = StorageMode::Shared;
    }
    schema
}

/// A foreign key of a dedicated table.
#[derive(Debug, Clone, PartialEq)]
pub struct ForeignKey {
    pub name: String,
    pub ddl: String,
    pub relationship: RelationshipId,
}

/// Every foreign key the table should have.
pub fn foreign_keys(dialect: &dyn Dialect, schema: &Schema, entity: &Entity) -> Vec<ForeignKey> {
    let key = |relationship: &Relationship| {
        let target = schema.entity(relationship.referenced()).ok()?;
        let name = name::identifier(&[&entity.table, &relationship.storage, "fkey"]);
        let ddl = format!(
            "FOREIGN KEY ({}) REFERENCES {} (id) ON DELETE {} ON UPDATE {} DEFERRABLE INITIALLY DEFERRED",
            dialect.quote(&relationship.storage),
            dialect.quote(&target.table),
            relationship.on_delete.sql(),
            relationship.on_update.sql()
        );
        Some(ForeignKey { name: format!("{name}_{}", tail(&relationship.id.to_string())), ddl, relationship: relationship.id })
    };
    schema.columns(entity.id).filter(|r| schema.both_dedicated(r)).filter_map(key).collect()
}

fn column_definition(dialect: &dyn Dialect, column: &Column) -> String {
    let mut ddl = format!("{} {}", dialect.quote(&column.storage), dialect.column_type(column));
    if column.required {
        ddl.push_str(" NOT NULL");
    }
    if let Some(default) = column.default.as_ref().and_then(|d| default_literal(dialect, column, d)) {
        ddl.push_str(&format!(" DEFAULT {default}"));
    }
    ddl
}

/// A default the database can hold itself. One made at the time of writing is ours alone.
pub fn default_literal(dialect: &dyn Dialect, column: &Column, default: &Value) -> Option<String> {
    match (column.storage_type(), default) {
        (StorageType::Date | StorageType::Datetime | StorageType::Uuid, Value::String(s)) if s.ends_with("()") => None,
        (StorageType::Json, other) => Some(literal(&other.to_string())),
        _ => dialect.literal(column, default).or_else(|| match default {
            Value::String(s) => Some(literal(s)),
            Value::Number(n) => Some(n.to_string()),
            _ => None,
        }),
    }
}

/// The column as `ALTER TABLE … ADD COLUMN` takes it. A foreign key is put in afterwards, with the whole definition.
pub fn add_column(dialect: &dyn Dialect, table: &str, column: &Column) -> String {
    // NOT NULL without a default is refused on a table with rows; the definition is written anew once they have values.
    let ddl = format!("{} {}", dialect.quote(&column.storage), dialect.column_type(column));
    format!("ALTER TABLE {} ADD COLUMN {ddl}", dialect.quote(table))
}

pub fn drop_column(dialect: &dyn Dialect, table: &str, storage: &str) -> String {
    format!("ALTER TABLE {} DROP COLUMN {}", dialect.quote(table), dialect.quote(storage))
}

/// An index of a dedicated table.
#[derive(Debug, Clone, PartialEq)]
pub struct Index {
    pub name: String,
    pub ddl: String,
    /// What it serves: a field, a relationship, or a key's id.
    pub owner: String,
    pub unique: bool,
}

/// Every index the table should have.
pub fn indexes(dialect: &dyn Dialect, schema: &Schema, entity: &Entity) -> Vec<Index> {
    let columns = columns(schema, entity);
    let mut out = vec![];
    for column in columns.iter().filter(|c| c.has_entries()) {
        let kind = if column.unique { "key" } else { "idx" };
        out.push(index(dialect, entity, &[column], kind, column.unique, &column.owner.to_string()));
    }
    for key in keys(entity, &columns) {
        let parts: Vec<&Column> = key.columns.iter().map(|i| &columns[*i]).collect();
        out.push(index(dialect, entity, &parts, "key", true, &key.id));
    }
    out
}

fn index(dialect: &dyn Dialect, entity: &Entity, columns: &[&Column], kind: &str, unique: bool, owner: &str) -> Index {
    let mut parts: Vec<&str> = vec![&entity.table];
    parts.extend(columns.iter().map(|c| c.storage.as_str()));
    parts.push(kind);
    // Index names share one space: the owner's id keeps `a` + `b_c` apart from `a_b` + `c`.
    let name = format!("{}_{}", name::identifier(&parts), tail(owner));
    let on = columns.iter().map(|c| {
        let native = dialect.quote(&c.storage);
        dialect.indexed(&native, c, unique, columns.len()).map_or(native, |expression| format!("({expression})"))
    });
    let ddl = format!(
        "CREATE {}INDEX {} ON {} ({})",
        if unique { "UNIQUE " } else { "" },
        dialect.quote(&name),
        dialect.quote(&entity.table),
        on.collect::<Vec<_>>().join(", ")
    );
    Index { name, ddl, owner: owner.to_owned(), unique }
}

/// The random end of an id.
pub(super) fn tail(id: &str) -> &str {
    &id[id.len().saturating_sub(6)..]
}

/// Gives whoever may use the shared table the same rights on one made from it. A file knows no rights.
pub fn share_rights(dialect: &dyn Dialect, table: &str, shared: &str) -> Option<String> {
    let made = literal(&dialect.quote(table));
    (dialect.backend() == Backend::Postgres).then(|| format!("SELECT kdb_share_rights({made}, '{shared}')"))
}

/// The junction table of a many-to-many whose ends are both dedicated, and its index for the way back.
pub fn create_junction(dialect: &dyn Dialect, schema: &Schema, relationship: &Relationship) -> Vec<String> {
    let table = junction_table(dialect, relationship, Some(schema));
    let rights = share_rights(dialect, &relationship.storage, "kdb_record_links");
    [table, junction_index(dialect, relationship).1].into_iter().chain(rights).collect()
}

/// Its definition alone; without a schema, without foreign keys.
pub fn junction_table(dialect: &dyn Dialect, relationship: &Relationship, keys: Option<&Schema>) -> String {
    let name = dialect.quote(&relationship.storage);
    let Words { id, text, json, now } = dialect.words();
    let [source, target] = [relationship.source, relationship.target]
        .map(|end| keys.map(|schema| format!(" {}", junction_key(dialect, schema, end))).unwrap_or_default());
    format!(
        "CREATE TABLE {name} (\n  source_id {id} NOT NULL{source},\n  target_id {id} NOT NULL{target},\n  \
         id {id} NOT NULL,\n  metadata {json},\n  created_at {text} NOT NULL DEFAULT {now},\n  created_by {text},\n  PRIMARY KEY (source_id, target_id)\n)"
    )
}

/// What an end of a pair refers to.
fn junction_key(dialect: &dyn Dialect, schema: &Schema, end: EntityId) -> String {
    let table = schema.entity(end).map(|e| dialect.quote(&e.table)).unwrap_or_default();
    format!("REFERENCES {table} (id) ON DELETE CASCADE ON UPDATE CASCADE DEFERRABLE INITIALLY DEFERRED")
}

/// Statements that give a junction table its foreign keys, which hold for whatever is written from then on. On Postgres.
pub fn junction_keys(dialect: &dyn Dialect, schema: &Schema, relationship: &Relationship) -> Vec<String> {
    let name = dialect.quote(&relationship.storage);
    let ends = [("source_id", relationship.source), ("target_id", relationship.target)];
    ends.map(|(column, end)| format!("ALTER TABLE {name} ADD FOREIGN KEY ({column}) {} NOT VALID", junction_key(dialect, schema, end)))
        .into()
}

/// The name of its index for the way back, and what makes it.
pub fn junction_index(dialect: &dyn Dialect, relationship: &Relationship) -> (String, String) {
    let name = format!("{}_target_{}", relationship.storage, tail(&relationship.id.to_string()));
    let ddl = format!("CREATE INDEX {} ON {} (target_id)", dialect.quote(&name), dialect.quote(&relationship.storage));
    (name, ddl)
}
