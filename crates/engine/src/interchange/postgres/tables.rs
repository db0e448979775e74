//! What each table is made of: its columns, with their types and defaults.

use std::collections::HashMap;

use super::{
    catalogue::{Found, UNREADABLE},
    defaults::{self, Asked},
    types::{self, Kind},
};
use crate::{
    error::Result,
    interchange::{
        Findings,
        relational::{Column, Equality, Given, Table},
    },
    sql::{Dialect, Row, postgres::Postgres},
    store::Foreign,
};

/// The tables as they are to be imported, without their keys.
pub async fn describe(source: &mut Foreign, found: &Found, findings: &mut Findings) -> Result<Vec<Table>> {
    let types = types::read(source, &found.oids()).await?;
    let places: HashMap<i64, usize> = found.tables.iter().enumerate().map(|(i, t)| (t.oid, i)).collect();
    let mut tables: Vec<Table> = found
        .tables
        .iter()
        .map(|t| Table {
            name: t.wanted.clone(),
            shown: t.shown.clone(),
            description: t.description.clone(),
            from: t.rows.clone(),
            columns: vec![],
            primary_key: vec![],
            foreign_keys: vec![],
            unique: vec![],
            indexed: vec![],
        })
        .collect();
    let text = format!(
        "SELECT a.attrelid::int8, a.attname::text, a.atttypid::int8, a.atttypmod::int8, a.attnotnull, pg_get_expr(d.adbin, d.adrelid), \
         a.attidentity <> '', a.attgenerated <> '', col_description(a.attrelid, a.attnum), has_column_privilege(a.attrelid, a.attnum, 'SELECT'), \
         l.collname::text, l.collisdeterministic, format_type(a.atttypid, NULL) \
         FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum \
         LEFT JOIN pg_collation l ON l.oid = a.attcollation AND a.attcollation <> t.typcollation \
         WHERE a.attrelid = ANY ({}) AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attrelid, a.attnum",
        found.oids()
    );
    let mut constants = vec![];
    for row in source.rows(text).await? {
        let Some(table) = places.get(&row.integer(0)?).copied() else { continue };
        let name = row.text(1)?;
        if row.integer(9)? == 0 {
            let reason = "This user may not read it. Ask for the right to SELECT from it.";
            findings.add(UNREADABLE, format!("{}.{name}", tables[table].shown), reason);
            continue;
        }
        let kind = types.kind(row.integer(2)?, row.integer(3)?);
        tables[table].columns.push(column(&row, name, &kind)?);
        remark(&tables[table], &row, &kind, findings)?;
        let column = tables[table].columns.len() - 1;
        constants.extend(default(&mut tables[table], column, (&row, &kind), findings)?.map(|(expression, read)| Asked {
            table,
            column,
            expression,
            read,
        }));
    }
    for (asked, given) in constants.iter().zip(defaults::ask(source, &constants).await?) {
        // NULL is no default.
        if given.worth != crate::interchange::relational::Worth::Constant(crate::sql::Cell::Null) {
            tables[asked.table].columns[asked.column].default = Some(given);
        }
    }
    Ok(tables)
}

fn column(row: &Row, name: String, kind: &Kind) -> Result<Column> {
    // A collation may hold different texts equal.
    let equality = if row.integer(11).is_ok_and(|exact| exact == 0) { Equality::AnyCase } else { kind.equality };
    Ok(Column {
        read: kind.cast.read(&format!("t.{}", Postgres.quote(&name))),
        name,
        hint: kind.hint.clone(),
        strict: true,
        not_null: row.integer(4)? != 0 || kind.not_null,
        default: None,
        equality,
        description: row.opt_text(8),
    })
}

fn remark(table: &Table, row: &Row, kind: &Kind, findings: &mut Findings) -> Result<()> {
    let shown = table.column(table.columns.len() - 1);
    for reason in &kind.remarks {
        findings.add("type", shown.clone(), reason.clone());
    }
    for check in &kind.checks {
        findings.add("check", shown.clone(), format!("{check} is not carried over: only types, required and unique hold in an entity."));
    }
    if row.integer(7)? != 0 {
        let reason = "Its values are carried over as they are; the expression that makes them is not: ";
        findings.add("generated_column", shown.clone(), format!("{reason}{}.", row.opt_text(5).unwrap_or_default()));
    }
    if let Some(collation) = row.opt_text(10).filter(|c| !matches!(c.as_str(), "C" | "POSIX" | "ucs_basic" | "C.UTF-8" | "C.utf8")) {
        findings.add("collation", shown, format!("COLLATE {collation} is not carried over: values are compared exactly."));
    }
    Ok(())
}

/// Sets the default that is known without asking; gives back a constant as it is written and as it is asked for.
fn default(table: &mut Table, at: usize, (row, kind): (&Row, &Kind), findings: &mut Findings) -> Result<Option<(String, String)>> {
    let (identity, generated) = (row.integer(6)? != 0, row.integer(7)? != 0);
    let expression = row.opt_text(5).filter(|_| !generated).or_else(|| kind.default.clone());
    if identity || expression.as_ref().is_some_and(|e| e.starts_with("nextval(")) {
        let reason = "Numbers are no longer given out by the server: a record has an id of its own, and this is a plain field.";
        findings.add("autoincrement", table.column(at), reason);
        return Ok(None);
    }
    let Some(expression) = expression.filter(|_| !generated) else { return Ok(None) };
    let column = &mut table.columns[at];
    match defaults::known(&expression, &column.hint) {
        Some(worth) => column.default = Some(Given { expression, worth }),
        None => {
            let read = kind.cast.read(&format!("(({expression})::{})", row.text(12)?));
            return Ok(Some((expression, read)));
        }
    }
    Ok(None)
}
