//! The first reading: every value is looked at, and every key that something refers to is noted.

use futures_util::TryStreamExt;
use std::collections::HashMap;

use super::{keys::KeyIndex, source::Table, types::Scan};
use crate::{
    error::Result,
    interchange::{BATCH, Watch},
    sql::Cell,
    store::Foreign,
};

/// What the rows say, by position of the table.
pub struct Scanned {
    pub columns: Vec<Vec<Scan>>,
    pub rows: Vec<usize>,
    keys: HashMap<(usize, Vec<usize>), KeyIndex>,
    /// For each foreign key, the values that refer to no row.
    pub unresolved: Vec<Vec<Unresolved>>,
}

#[derive(Debug, Default, Clone)]
pub struct Unresolved {
    pub count: usize,
    /// The first few, as they stand.
    pub examples: Vec<String>,
}

impl Scanned {
    /// The index a foreign key is resolved by.
    pub fn key(&self, parent: usize, columns: &[usize]) -> Option<&KeyIndex> {
        self.keys.get(&(parent, columns.to_vec()))
    }
}

pub async fn scan(source: &mut Foreign, tables: &[Table], watch: &Watch<'_>) -> Result<Scanned> {
    let mut keys: HashMap<(usize, Vec<usize>), KeyIndex> = HashMap::new();
    for foreign in tables.iter().flat_map(|t| &t.foreign_keys) {
        let at = (foreign.parent, foreign.parent_columns.clone());
        keys.entry(at).or_insert_with(|| KeyIndex::new(&tables[foreign.parent], &foreign.parent_columns));
    }
    let mut scanned = Scanned { columns: vec![], rows: vec![], keys, unresolved: vec![] };
    for (t, table) in tables.iter().enumerate() {
        let mut columns: Vec<Scan> = table.columns.iter().map(|c| Scan::new(c.hint.clone(), c.strict)).collect();
        let mut indexes: Vec<&mut KeyIndex> =
            scanned.keys.iter_mut().filter(|((parent, _), _)| *parent == t).map(|(_, index)| index).collect();
        let all: Vec<usize> = (0..table.columns.len()).collect();
        let mut rows = source.stream(table.select(&all));
        let mut n = 0;
        while let Some(row) = watch.wait(rows.try_next()).await? {
            for (column, cell) in columns.iter_mut().zip(&row.cells.0) {
                column.add(cell);
            }
            for broken in row.broken {
                columns[broken].mended += 1;
            }
            for index in &mut indexes {
                index.add(&row.cells.0, n);
            }
            n += 1;
            if n % BATCH == 0 {
                watch.step(&table.name, n, None)?;
            }
        }
        scanned.columns.push(columns);
        scanned.rows.push(n);
    }
    for table in tables {
        let mut unresolved = vec![];
        for foreign in &table.foreign_keys {
            let mut missing = Unresolved::default();
            if let Some(key) = scanned.keys.get(&(foreign.parent, foreign.parent_columns.clone())) {
                let mut rows = source.stream(table.select(&foreign.columns));
                while let Some(row) = watch.wait(rows.try_next()).await? {
                    if key.find(row.cells.0.iter()) == Some(None) {
                        missing.count += 1;
                        if missing.examples.len() < 10 {
                            missing.examples.push(row.cells.0.iter().map(shown).collect::<Vec<_>>().join(", "));
                        }
                    }
                }
            }
            watch.check()?;
            unresolved.push(missing);
        }
        scanned.unresolved.push(unresolved);
    }
    Ok(scanned)
}

fn shown(cell: &Cell) -> String {
    match cell {
        Cell::Null => "null".to_owned(),
        Cell::Integer(n) => n.to_string(),
        Cell::Real(n) => n.to_string(),
        Cell::Text(text) => crate::model::name::shorten(text, 40),
        Cell::Blob(bytes) => format!("{} bytes", bytes.len()),
    }
}
