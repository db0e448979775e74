//! What another SQLite file says of itself: tables, keys, foreign keys, indexes.

use std::collections::HashMap;

use super::{ddl, declared};
use crate::{
    error::{Error, Result},
    interchange::{
        Findings,
        relational::{self, Column, ForeignKey, Table, same_set},
    },
    model::ReferentialAction,
    sql::{Dialect, literal, sqlite::Sqlite},
    store::{Foreign, bootstrap},
};

/// Reads the file's schema; what has no counterpart goes into `findings`.
///
/// # Errors
/// `invalid_input` when there is no table to import.
pub async fn read(file: &mut Foreign, findings: &mut Findings) -> Result<Vec<Table>> {
    let mut definitions: HashMap<String, String> = HashMap::new();
    let mut names: Vec<String> = vec![];
    let kinds: HashMap<String, (String, bool)> = file
        .rows("SELECT name, type, wr FROM pragma_table_list WHERE schema = 'main'".to_owned())
        .await?
        .iter()
        .map(|r| Ok((r.text(0)?, (r.text(1)?, r.integer(2)? != 0))))
        .collect::<Result<_>>()?;
    let own = if kinds.contains_key("kdb_workspace") { bootstrap::tables() } else { vec![] };
    for row in file.rows("SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY rowid".to_owned()).await? {
        let (kind, name, table) = (row.text(0)?, row.text(1)?, row.text(2)?);
        if own.contains(&table.as_str()) {
            continue;
        }
        let sql = row.opt_text(3).unwrap_or_default();
        match kind.as_str() {
            "table" if name.starts_with("sqlite_") => {}
            "table" => match kinds.get(&name).map(|k| k.0.as_str()) {
                Some("virtual") => findings.add("virtual_table", &name, "A virtual table's rows come from a program, not from the file."),
                Some("shadow") => findings.add("virtual_table", &name, "It holds the inner workings of a virtual table."),
                _ => {
                    definitions.insert(name.clone(), sql);
                    names.push(name);
                }
            },
            "view" => findings.add("view", &name, "Views are not carried over. Write it as a query instead."),
            "trigger" => findings.add("trigger", &name, format!("Triggers are not carried over; this one stands on {table}.")),
            _ => {}
        }
    }
    if !own.is_empty() {
        relational::found_workspace(names.is_empty(), findings)?;
    }
    if names.is_empty() {
        return Err(Error::invalid("This SQLite file has no tables to import."));
    }
    let mut tables = vec![];
    for name in &names {
        let without_rowid = kinds.get(name).is_some_and(|k| k.1);
        tables.push(table(file, name, &definitions[name], without_rowid, findings).await?);
    }
    for i in 0..tables.len() {
        tables[i].foreign_keys = foreign_keys(file, &tables, i, findings).await?;
    }
    Ok(tables)
}

async fn table(file: &mut Foreign, name: &str, definition: &str, without_rowid: bool, findings: &mut Findings) -> Result<Table> {
    let remarks = ddl::remarks(definition);
    let mut columns = vec![];
    let mut key: Vec<(i64, usize)> = vec![];
    for row in file
        .rows(format!("SELECT name, type, \"notnull\", dflt_value, pk, hidden FROM pragma_table_xinfo({}) ORDER BY cid", literal(name)))
        .await?
    {
        let column = row.text(0)?;
        if row.integer(4)? > 0 {
            key.push((row.integer(4)?, columns.len()));
        }
        if row.integer(5)? > 0 {
            findings.add(
                "generated_column",
                format!("{name}.{column}"),
                "Its values are carried over as they are; the expression that makes them is not.",
            );
        }
        let declared = row.opt_text(1).unwrap_or_default();
        let nocase =
            remarks.collations.iter().any(|(c, collation)| c.eq_ignore_ascii_case(&column) && collation.eq_ignore_ascii_case("nocase"));
        columns.push(Column {
            read: Sqlite.quote(&column),
            hint: declared::hint(&declared),
            strict: false,
            equality: declared::equality(&declared, nocase),
            name: column,
            not_null: row.integer(2)? != 0,
            default: row.opt_text(3).and_then(|expression| declared::default(&expression)),
            description: None,
        });
    }
    key.sort_unstable();
    for check in remarks.checks {
        findings.add("check", name, format!("CHECK {check} is not carried over: only types, required and unique hold in an entity."));
    }
    for (column, collation) in remarks.collations {
        findings.add(
            "collation",
            format!("{name}.{column}"),
            format!("COLLATE {collation} is not carried over: values are compared exactly."),
        );
    }
    if remarks.autoincrement {
        findings.add(
            "autoincrement",
            name,
            "Numbers are no longer given out by the file: a record has an id of its own, and the old key is a plain field.",
        );
    }
    let primary_key: Vec<usize> = key.into_iter().map(|(_, column)| column).collect();
    let rowid = ["rowid", "_rowid_", "oid"].into_iter().find(|r| !columns.iter().any(|c| c.name.eq_ignore_ascii_case(r)));
    let order = match rowid {
        Some(rowid) if !without_rowid => format!(" ORDER BY {rowid}"),
        _ if without_rowid => {
            let key: Vec<String> = primary_key.iter().map(|c| Sqlite.quote(&columns[*c].name)).collect();
            format!(" ORDER BY {}", key.join(", "))
        }
        _ => String::new(),
    };
    let mut table = Table {
        name: name.to_owned(),
        shown: name.to_owned(),
        description: None,
        from: format!("{}{order}", Sqlite.quote(name)),
        columns,
        primary_key,
        foreign_keys: vec![],
        unique: vec![],
        indexed: vec![],
    };
    indexes(file, &mut table, findings).await?;
    Ok(table)
}

async fn indexes(file: &mut Foreign, table: &mut Table, findings: &mut Findings) -> Result<()> {
    let list = format!("SELECT name, \"unique\", origin, partial FROM pragma_index_list({}) ORDER BY seq DESC", literal(&table.name));
    for index in file.rows(list).await? {
        let (name, unique, partial) = (index.text(0)?, index.integer(1)? != 0, index.integer(3)? != 0);
        if index.text(2)? == "pk" {
            continue;
        }
        let parts = file.rows(format!("SELECT cid, coll FROM pragma_index_xinfo({}) WHERE key = 1 ORDER BY seqno", literal(&name))).await?;
        let cids: Vec<i64> = parts.iter().map(|p| p.integer(0)).collect::<Result<_>>()?;
        let collated = parts.iter().filter_map(|p| p.opt_text(1)).find(|c| !c.eq_ignore_ascii_case("binary"));
        let columns: Vec<usize> = cids.iter().filter_map(|cid| usize::try_from(*cid).ok()).collect();
        let shown = format!("{}.{}", table.name, if name.starts_with("sqlite_autoindex") { table.names(&columns) } else { name });
        if columns.len() < cids.len() {
            findings.add("index", shown, "An index on an expression is not carried over.");
        } else if partial {
            findings.add(
                "index",
                shown,
                format!("{} index on part of the rows is not carried over.", if unique { "A unique" } else { "An" }),
            );
        } else if unique {
            if let Some(collation) = collated {
                findings.add("collation", shown, format!("It is unique by COLLATE {collation} in the file, and exactly here."));
            }
            if !table.unique.iter().any(|u| same_set(u, &columns)) && !same_set(&table.primary_key, &columns) {
                table.unique.push(columns);
            }
        } else if let [column] = columns[..] {
            table.indexed.push(column);
        } else {
            findings.add("index", shown, "An index over several columns that is not unique is not carried over.");
        }
    }
    Ok(())
}

async fn foreign_keys(file: &mut Foreign, tables: &[Table], child: usize, findings: &mut Findings) -> Result<Vec<ForeignKey>> {
    let table = &tables[child];
    let list = format!(
        "SELECT id, \"table\", \"from\", \"to\", on_update, on_delete FROM pragma_foreign_key_list({}) ORDER BY id DESC, seq",
        literal(&table.name)
    );
    let rows = file.rows(list).await?;
    let mut out: Vec<ForeignKey> = vec![];
    for group in rows.chunk_by(|a, b| a.cell(0) == b.cell(0)) {
        let (parent_name, on_update, on_delete) = (group[0].text(1)?, group[0].text(4)?, group[0].text(5)?);
        let position = |table: &Table, name: &str| table.columns.iter().position(|c| c.name.eq_ignore_ascii_case(name));
        let mut columns = vec![];
        for row in group {
            columns.extend(position(table, &row.text(2)?));
        }
        let shown = format!("{}.{}", table.name, table.names(&columns));
        let Some(parent) = tables.iter().position(|t| t.name.eq_ignore_ascii_case(&parent_name)) else {
            findings.add(
                "foreign_key",
                shown,
                format!("It refers to {parent_name}, which is no table of the file. The column is carried over as a plain field."),
            );
            continue;
        };
        let named: Vec<String> = group.iter().filter_map(|row| row.opt_text(3)).collect();
        let target = &tables[parent];
        let parent_columns: Vec<usize> =
            if named.is_empty() { target.primary_key.clone() } else { named.iter().filter_map(|n| position(target, n)).collect() };
        if parent_columns.len() != columns.len() || !target.is_unique(&parent_columns) {
            findings.add(
                "foreign_key",
                shown,
                format!("What it refers to in {parent_name} is no key there. The column is carried over as a plain field."),
            );
            continue;
        }
        let (on_delete, on_update) = (action(&on_delete, &shown, findings), action(&on_update, &shown, findings));
        if out.iter().any(|f| f.columns == columns && f.parent == parent) {
            continue;
        }
        out.push(ForeignKey { columns, parent, parent_columns, on_delete, on_update });
    }
    Ok(out)
}

fn action(word: &str, shown: &str, findings: &mut Findings) -> ReferentialAction {
    match word {
        "CASCADE" => ReferentialAction::Cascade,
        "SET NULL" => ReferentialAction::SetNull,
        "RESTRICT" => ReferentialAction::Restrict,
        "SET DEFAULT" => {
            findings.add("action", shown, "SET DEFAULT has no counterpart: deleting what it refers to is refused instead.");
            ReferentialAction::NoAction
        }
        _ => ReferentialAction::NoAction,
    }
}
