//! Which columns identify a row, which are indexed, and which refer to rows of other tables.

use std::collections::HashMap;

use super::catalogue::Found;
use crate::{
    error::Result,
    interchange::{
        Findings,
        relational::{ForeignKey, Table, same_set},
    },
    model::ReferentialAction,
    sql::{Dialect, Row, postgres::Postgres},
    store::Foreign,
};

pub async fn read(source: &mut Foreign, found: &Found, tables: &mut [Table], findings: &mut Findings) -> Result<()> {
    let places: HashMap<i64, usize> = found.tables.iter().enumerate().map(|(i, t)| (t.oid, i)).collect();
    let rows = source.rows(format!("{INDEXES} WHERE i.indrelid = ANY ({}) ORDER BY i.indexrelid", found.oids())).await?;
    for row in &rows {
        if let Some(at) = places.get(&row.integer(0)?) {
            index(source, found.tables[*at].merged, &mut tables[*at], row, findings).await?;
        }
    }
    for (table, relation) in tables.iter_mut().zip(&found.tables) {
        let mut order: Vec<String> = table.primary_key.iter().map(|c| format!("t.{}", Postgres.quote(&table.columns[*c].name))).collect();
        if relation.merged && !order.is_empty() {
            // The key is nobody's over all of them.
            order.extend(["t.tableoid".to_owned(), "t.ctid".to_owned()]);
        }
        if !order.is_empty() {
            table.from.push_str(&format!(" ORDER BY {}", order.join(", ")));
        }
    }
    let rows = source
        .rows(format!("{FOREIGN_KEYS} WHERE f.contype = 'f' AND f.conparentid = 0 AND f.conrelid = ANY ({}) ORDER BY f.oid", found.oids()))
        .await?;
    for row in &rows {
        if let Some(at) = places.get(&row.integer(0)?) {
            foreign_key(&places, found, tables, *at, row, findings)?;
        }
    }
    Ok(())
}

// Names of the columns as an array in JSON: a name may hold anything. The expression is one of ours: the column, cut where it is long
// (`sql/long.rs`).
const INDEXES: &str = "SELECT i.indrelid::int8, x.relname::text, i.indisunique, i.indisprimary, i.indpred IS NOT NULL, i.indisvalid, m.amname::text, \
     to_json(ARRAY(SELECT a.attname::text FROM unnest((i.indkey::int2[])[0:i.indnkeyatts - 1]) WITH ORDINALITY k (attnum, n) \
       LEFT JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum > 0 AND (a.attnum = k.attnum OR k.attnum = 0 \
         AND pg_catalog.quote_ident(a.attname) = substring(pg_get_indexdef(i.indexrelid, k.n::int4, false) \
           FROM '^\\(\\s*CASE\\s+WHEN \\(octet_length\\(.*sha256\\(.*\\sELSE (.*\\S)\\s+END\\)$')) ORDER BY k.n))::text, \
     i.indnullsnotdistinct, \
     EXISTS (SELECT FROM pg_constraint e WHERE e.conindid = i.indexrelid AND e.contype = 'x'), \
     EXISTS (SELECT FROM pg_constraint e WHERE e.conindid = i.indexrelid AND e.conrelid = i.indrelid AND e.contype IN ('p', 'u')) \
     FROM pg_index i JOIN pg_class x ON x.oid = i.indexrelid JOIN pg_am m ON m.oid = x.relam";

const FOREIGN_KEYS: &str = "SELECT f.conrelid::int8, f.confrelid::int8, n.nspname::text, p.relname::text, f.confupdtype::text, f.confdeltype::text, \
     to_json(ARRAY(SELECT a.attname::text FROM unnest(f.conkey) WITH ORDINALITY k (attnum, n) \
       JOIN pg_attribute a ON a.attrelid = f.conrelid AND a.attnum = k.attnum ORDER BY k.n))::text, \
     to_json(ARRAY(SELECT a.attname::text FROM unnest(f.confkey) WITH ORDINALITY k (attnum, n) \
       JOIN pg_attribute a ON a.attrelid = f.confrelid AND a.attnum = k.attnum ORDER BY k.n))::text, \
     coalesce(array_length(f.confdelsetcols, 1), 0)::int8 \
     FROM pg_constraint f JOIN pg_class p ON p.oid = f.confrelid JOIN pg_namespace n ON n.oid = p.relnamespace";

/// Positions of the columns named in a list; None for an expression, or a column that is not read.
fn positions(table: &Table, row: &Row, cell: usize) -> Result<Vec<Option<usize>>> {
    let names: Vec<Option<String>> = serde_json::from_str(&row.text(cell)?).unwrap_or_default();
    let position = |name: &String| table.columns.iter().position(|c| c.name == *name);
    Ok(names.iter().map(|name| name.as_ref().and_then(position)).collect())
}

async fn index(source: &mut Foreign, merged: bool, table: &mut Table, row: &Row, findings: &mut Findings) -> Result<()> {
    let (name, unique, primary, partial) = (row.text(1)?, row.integer(2)? != 0, row.integer(3)? != 0, row.integer(4)? != 0);
    let (method, constraint) = (row.text(6)?, row.integer(10)? != 0);
    let found = positions(table, row, 7)?;
    let columns: Vec<usize> = found.iter().copied().flatten().collect();
    let shown = format!("{}.{}", table.shown, if constraint { table.names(&columns) } else { name });
    if row.integer(9)? != 0 {
        // An exclusion constraint is told of by its own words.
    } else if row.integer(5)? == 0 {
        findings.add("index", shown, "The server says that this index is broken, so it is not carried over.");
    } else if columns.len() < found.len() {
        findings.add("index", shown, "An index on an expression, or on what may not be read, is not carried over.");
    } else if partial {
        let reason = format!("{} index on part of the rows is not carried over.", if unique { "A unique" } else { "An" });
        findings.add("index", shown, reason);
    } else if unique {
        if merged && doubled(source, table, &columns).await? {
            findings.add("index", shown, "It is unique within each of its tables only: over all of them there are equal ones.");
            return Ok(());
        }
        if row.integer(8)? != 0 {
            findings.add("index", shown, "Empty values counted as equal there: here there may be several.");
        }
        if primary {
            table.primary_key = columns;
        } else if !table.unique.iter().any(|u| same_set(u, &columns)) {
            table.unique.push(columns);
        }
    } else if !matches!(method.as_str(), "btree" | "hash") {
        findings.add("index", shown, format!("An index of the kind {method} is not carried over."));
    } else if let [column] = columns[..] {
        table.indexed.push(column);
    } else {
        findings.add("index", shown, "An index over several columns that is not unique is not carried over.");
    }
    Ok(())
}

/// Whether two rows have the same key.
async fn doubled(source: &mut Foreign, table: &Table, columns: &[usize]) -> Result<bool> {
    let names: Vec<String> = columns.iter().map(|c| format!("t.{}", Postgres.quote(&table.columns[*c].name))).collect();
    let filled: Vec<String> = names.iter().map(|name| format!("{name} IS NOT NULL")).collect();
    let names = names.join(", ");
    // What follows FROM may have a condition already.
    let rows = format!("SELECT {names} FROM {}", table.from);
    let text = format!("SELECT 1 FROM ({rows}) AS t WHERE {} GROUP BY {names} HAVING count(*) > 1 LIMIT 1", filled.join(" AND "));
    Ok(!source.rows(text).await?.is_empty())
}

fn foreign_key(
    places: &HashMap<i64, usize>,
    found: &Found,
    tables: &mut [Table],
    child: usize,
    row: &Row,
    findings: &mut Findings,
) -> Result<()> {
    let columns = positions(&tables[child], row, 6)?;
    // A column that is not read has been told of.
    let Some(columns) = columns.into_iter().collect::<Option<Vec<usize>>>() else { return Ok(()) };
    let shown = format!("{}.{}", tables[child].shown, tables[child].names(&columns));
    let parent_name = found.shown(&row.text(2)?, &row.text(3)?);
    let Some(parent) = places.get(&row.integer(1)?).copied() else {
        let reason = format!("It refers to {parent_name}, which is not imported. The columns are carried over as plain fields.");
        findings.add("foreign_key", shown, reason);
        return Ok(());
    };
    let parent_columns = positions(&tables[parent], row, 7)?.into_iter().collect::<Option<Vec<usize>>>();
    let Some(parent_columns) = parent_columns.filter(|columns| tables[parent].is_unique(columns)) else {
        let reason = format!("What it refers to in {parent_name} is no key here. The columns are carried over as plain fields.");
        findings.add("foreign_key", shown, reason);
        return Ok(());
    };
    if row.integer(8)? > 0 {
        findings.add("action", shown.clone(), "Deleting what it refers to emptied some of its columns: here it empties the reference.");
    }
    let on_update = action(&row.text(4)?, &shown, findings);
    let on_delete = action(&row.text(5)?, &shown, findings);
    let table = &mut tables[child];
    if !table.foreign_keys.iter().any(|f| f.columns == columns && f.parent == parent) {
        table.foreign_keys.push(ForeignKey { columns, parent, parent_columns, on_delete, on_update });
    }
    Ok(())
}

fn action(letter: &str, shown: &str, findings: &mut Findings) -> ReferentialAction {
    match letter {
        "c" => ReferentialAction::Cascade,
        "n" => ReferentialAction::SetNull,
        "r" => ReferentialAction::Restrict,
        "d" => {
            findings.add("action", shown, "SET DEFAULT has no counterpart: deleting what it refers to is refused instead.");
            ReferentialAction::NoAction
        }
        _ => ReferentialAction::NoAction,
    }
}
