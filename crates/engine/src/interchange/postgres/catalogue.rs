//! Which tables there are, which of them may be read, and which belong together.

use std::collections::HashMap;

use crate::{
    error::{Error, Result},
    interchange::{Findings, relational},
    model::name,
    sql::{Dialect, literal, postgres::Postgres},
    store::{Foreign, bootstrap},
};

/// The kind of finding for what this user may not read.
pub const UNREADABLE: &str = "unreadable";

/// What is to be imported.
pub struct Found {
    /// Those read.
    pub schemas: Vec<String>,
    pub tables: Vec<Relation>,
    /// Whether it holds a workspace of ours.
    pub workspace: bool,
}

/// A table, or several that are one to whoever reads: partitions, and children that only say where a row lies.
pub struct Relation {
    pub oid: i64,
    pub schema: String,
    pub name: String,
    /// What the report calls it.
    pub shown: String,
    /// What the entity would best be called.
    pub wanted: String,
    pub description: Option<String>,
    pub quoted: String,
    /// What follows `FROM` and gives its rows, under the name `t`.
    pub rows: String,
    /// Rows of other tables are among them, so that the server keeps no key over all.
    pub merged: bool,
}

impl Found {
    /// The tables' numbers as SQL's list of them.
    pub fn oids(&self) -> String {
        let list: Vec<String> = self.tables.iter().map(|t| t.oid.to_string()).collect();
        format!("'{{{}}}'::oid[]", list.join(","))
    }

    /// The schemas as a list for `IN`.
    pub fn schema_list(&self) -> String {
        list(&self.schemas)
    }

    /// What the report calls anything by its schema and name.
    pub fn shown(&self, schema: &str, name: &str) -> String {
        shown(main(&self.schemas), schema, name)
    }
}

fn list(schemas: &[String]) -> String {
    schemas.iter().map(|s| literal(s)).collect::<Vec<_>>().join(", ")
}

/// The schema whose tables keep their names whatever else there is.
fn main(schemas: &[String]) -> Option<&str> {
    match schemas {
        [only] => Some(only),
        several => several.iter().find(|s| *s == "public").map(String::as_str),
    }
}

fn shown(main: Option<&str>, schema: &str, name: &str) -> String {
    if main == Some(schema) { name.to_owned() } else { format!("{schema}.{name}") }
}

pub async fn read(source: &mut Foreign, wanted: &[String], findings: &mut Findings) -> Result<Found> {
    let schemas = schemas(source, wanted, findings).await?;
    let mut found = Found { schemas, tables: vec![], workspace: false };
    if found.schemas.is_empty() {
        return Ok(found);
    }
    let rows = source
        .rows(format!(
            "SELECT c.oid::int8, n.nspname::text, c.relname::text, c.relkind::text, obj_description(c.oid, 'pg_class'), \
             row_security_active(c.oid), \
             EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped \
               AND has_column_privilege(c.oid, a.attnum, 'SELECT')) OR has_table_privilege(c.oid, 'SELECT'), \
             EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e') \
             FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace \
             WHERE n.nspname IN ({}) AND c.relkind IN ('r', 'p', 'f') AND NOT c.relispartition ORDER BY c.oid",
            list(&found.schemas)
        ))
        .await?;
    let mut ours: Vec<String> =
        rows.iter().filter(|r| r.opt_text(2).as_deref() == Some("kdb_workspace")).filter_map(|r| r.opt_text(1)).collect();
    // Whoever asks for a database's tables does not mean those of a workspace beside them, perhaps the very one they are to go into.
    let others = rows.iter().any(|r| r.opt_text(1).is_some_and(|schema| !ours.contains(&schema)));
    let beside = if wanted.is_empty() && others { std::mem::take(&mut ours) } else { vec![] };
    found.schemas.retain(|schema| !beside.contains(schema));
    for schema in &beside {
        findings.add("workspace", schema, "This schema is a Stoneware workspace and is left out. Name it to import its tables.");
    }
    let system = bootstrap::tables();
    found.workspace = !ours.is_empty();
    let main = main(&found.schemas).map(str::to_owned);
    for row in rows {
        let (schema, name, kind) = (row.text(1)?, row.text(2)?, row.text(3)?);
        let shown = shown(main.as_deref(), &schema, &name);
        if beside.contains(&schema) || (ours.contains(&schema) && system.contains(&name.as_str())) {
            continue;
        }
        if row.integer(7)? != 0 {
            findings.add("extension", shown, "This table belongs to an extension of the server.");
        } else if kind == "f" {
            findings.add("foreign_table", shown, "Its rows lie in another database. Import that one.");
        } else if row.integer(6)? == 0 {
            findings.add(UNREADABLE, shown, "This user may not read it. Ask for the right to SELECT from it.");
        } else {
            if row.integer(5)? != 0 {
                let reason = "Row-level security hides rows from this user: only those it may see are imported, and the policies are not.";
                findings.add("row_security", shown.clone(), reason);
            }
            let quoted = format!("{}.{}", Postgres.quote(&schema), Postgres.quote(&name));
            let rows = format!("{quoted} AS t");
            let (oid, description) = (row.integer(0)?, row.opt_text(4));
            let wanted = name.clone();
            found.tables.push(Relation { oid, schema, name, shown, wanted, description, quoted, rows, merged: false });
        }
    }
    if found.workspace {
        relational::found_workspace(found.tables.is_empty(), findings)?;
    }
    inheritance(source, &mut found, findings).await?;
    keep_apart(&mut found, main.as_deref(), findings);
    Ok(found)
}

async fn schemas(source: &mut Foreign, wanted: &[String], findings: &mut Findings) -> Result<Vec<String>> {
    let rows = source
        .rows(
            "SELECT nspname::text, has_schema_privilege(oid, 'USAGE') FROM pg_namespace \
             WHERE NOT starts_with(nspname::text, 'pg_') AND nspname <> 'information_schema' ORDER BY nspname <> 'public', nspname"
                .to_owned(),
        )
        .await?;
    let there: Vec<String> = rows.iter().map(|r| r.text(0)).collect::<Result<_>>()?;
    if let Some(missing) = wanted.iter().find(|w| !there.contains(w)) {
        let message = format!("The database has no schema {missing:?}. Choose among {}.", there.join(", "));
        return Err(Error::invalid(message).with(serde_json::json!({ "schema": missing, "schemas": there })));
    }
    let mut schemas = vec![];
    for row in rows {
        let schema = row.text(0)?;
        if !wanted.is_empty() && !wanted.contains(&schema) {
            continue;
        }
        if row.integer(1)? == 0 {
            findings.add(UNREADABLE, schema, "This user may not look into this schema. Ask for the right to use it.");
        } else {
            schemas.push(schema);
        }
    }
    Ok(schemas)
}

/// A child with the very columns of its parent, and to which nothing refers, is a part of it: people divided tables so before there were
/// partitions. Any other child is a table of its own, and its rows are its own too.
async fn inheritance(source: &mut Foreign, found: &mut Found, findings: &mut Findings) -> Result<()> {
    let rows = source
        .rows(format!(
            "SELECT i.inhrelid::int8, i.inhparent::int8, \
             (SELECT count(*) FROM pg_attribute a WHERE a.attrelid = i.inhrelid AND a.attnum > 0 AND NOT a.attisdropped) = \
             (SELECT count(*) FROM pg_attribute a WHERE a.attrelid = i.inhparent AND a.attnum > 0 AND NOT a.attisdropped) \
             AND (SELECT count(*) FROM pg_inherits o WHERE o.inhrelid = i.inhrelid) = 1 \
             AND NOT EXISTS (SELECT FROM pg_constraint f WHERE f.contype = 'f' AND f.confrelid = i.inhrelid) \
             FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid \
             WHERE c.relkind = 'r' AND NOT c.relispartition AND i.inhparent = ANY ({}) ORDER BY i.inhrelid",
            found.oids()
        ))
        .await?;
    let mut parents: HashMap<i64, Vec<(i64, bool)>> = HashMap::new();
    for row in &rows {
        parents.entry(row.integer(0)?).or_default().push((row.integer(1)?, row.integer(2)? != 0));
    }
    // The table a row is read with, and every table above it.
    let home = |mut oid: i64| {
        while let Some([(parent, true)]) = parents.get(&oid).map(Vec::as_slice) {
            oid = *parent;
        }
        oid
    };
    let is_below = |oid: i64, above: i64| {
        let mut open = vec![oid];
        while let Some(next) = open.pop() {
            for (parent, _) in parents.get(&next).into_iter().flatten() {
                if *parent == above {
                    return true;
                }
                open.push(*parent);
            }
        }
        false
    };
    let names: HashMap<i64, String> = found.tables.iter().map(|t| (t.oid, t.shown.clone())).collect();
    found.tables.retain(|t| home(t.oid) == t.oid);
    for table in &mut found.tables {
        let mut below: Vec<i64> = parents.keys().copied().filter(|oid| is_below(*oid, table.oid)).collect();
        below.sort_unstable();
        let (parts, others): (Vec<i64>, Vec<i64>) = below.into_iter().partition(|oid| home(*oid) == table.oid);
        let called = |oids: &[i64]| oids.iter().filter_map(|o| names.get(o)).map(String::as_str).collect::<Vec<_>>().join(", ");
        if !others.is_empty() {
            let reason = format!("Rows of {} are not among its own here: each table is an entity of its own.", called(&others));
            findings.add("inheritance", table.shown.clone(), reason);
            if parts.is_empty() {
                table.rows = format!("ONLY {} AS t", table.quoted);
            } else {
                let oids: Vec<String> = parts.iter().chain([&table.oid]).map(i64::to_string).collect();
                table.rows = format!("{} AS t WHERE t.tableoid = ANY ('{{{}}}'::oid[])", table.quoted, oids.join(","));
            }
        }
        if !parts.is_empty() {
            table.merged = true;
            let reason = format!("The rows of {} are among its own; rules of those alone are not carried over.", called(&parts));
            findings.add("inheritance", table.shown.clone(), reason);
        }
    }
    Ok(())
}

/// Two tables of one name, in different schemas, are told apart by the schema.
fn keep_apart(found: &mut Found, main: Option<&str>, findings: &mut Findings) {
    let names: Vec<String> = found.tables.iter().map(|t| name::folded(&t.name)).collect();
    for table in &mut found.tables {
        let folded = name::folded(&table.name);
        if main != Some(table.schema.as_str()) && names.iter().filter(|n| **n == folded).count() > 1 {
            table.wanted = format!("{}_{}", table.schema, table.name);
            findings.add("name", table.shown.clone(), format!("This table is called {:?} here, as another has its name.", table.wanted));
        }
    }
}
