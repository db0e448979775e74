//! Which record a key of the source means.

use std::collections::HashMap;

use super::{source::Table, types::Affinity};
use crate::sql::Cell;

/// A key's cells in the form in which SQLite holds two of them equal.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Part {
    Integer(i64),
    Real(u64),
    Text(String),
    Blob(Vec<u8>),
}

/// Positions (in order of reading) of a table's rows by one of its keys.
#[derive(Debug)]
pub struct KeyIndex {
    pub columns: Vec<usize>,
    rules: Vec<(Affinity, bool)>,
    rows: HashMap<Box<[Part]>, u32>,
}

impl KeyIndex {
    pub fn new(table: &Table, columns: &[usize]) -> Self {
        let rules = columns.iter().map(|c| (table.columns[*c].affinity, table.columns[*c].nocase)).collect();
        Self { columns: columns.to_vec(), rules, rows: HashMap::new() }
    }

    pub fn add(&mut self, row: &[Cell], position: usize) {
        let cells = self.columns.iter().map(|c| &row[*c]);
        if let (Some(key), Ok(position)) = (self.key(cells), u32::try_from(position)) {
            self.rows.insert(key, position);
        }
    }

    /// None when a part is null (it refers to nothing); `Some(None)` when there is no such row.
    pub fn find<'c>(&self, cells: impl Iterator<Item = &'c Cell>) -> Option<Option<usize>> {
        let key = self.key(cells)?;
        Some(self.rows.get(&key).map(|n| *n as usize))
    }

    fn key<'c>(&self, cells: impl Iterator<Item = &'c Cell>) -> Option<Box<[Part]>> {
        cells.zip(&self.rules).map(|(cell, (affinity, nocase))| part(cell, *affinity, *nocase)).collect()
    }
}

/// The parent's affinity and collation decide, as in SQLite.
fn part(cell: &Cell, affinity: Affinity, nocase: bool) -> Option<Part> {
    let real = |n: f64| if n.fract() == 0.0 && n.abs() < 9e18 { Part::Integer(n as i64) } else { Part::Real(n.to_bits()) };
    Some(match cell {
        Cell::Null => return None,
        Cell::Integer(n) if affinity == Affinity::Text => Part::Text(n.to_string()),
        Cell::Real(n) if affinity == Affinity::Text => Part::Text(format!("{n:?}")),
        Cell::Integer(n) => Part::Integer(*n),
        Cell::Real(n) => real(*n),
        Cell::Text(text) if affinity == Affinity::Number => match (text.trim().parse::<i64>(), text.trim().parse::<f64>()) {
            (Ok(n), _) => Part::Integer(n),
            (_, Ok(n)) if n.is_finite() => real(n),
            _ => Part::Text(text.clone()),
        },
        Cell::Text(text) if nocase => Part::Text(text.to_ascii_lowercase()),
        Cell::Text(text) => Part::Text(text.clone()),
        Cell::Blob(bytes) => Part::Blob(bytes.clone()),
    })
}
