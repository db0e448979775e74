//! Which record a key of the source means.

use std::collections::HashMap;

use super::source::{Equality, Table};
use crate::{
    model::{StorageType, value},
    sql::Cell,
};

/// A key's cells in the form in which the source holds two of them equal.
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
    rules: Vec<Equality>,
    rows: HashMap<Box<[Part]>, u32>,
}

impl KeyIndex {
    pub fn new(table: &Table, columns: &[usize]) -> Self {
        let rules = columns.iter().map(|c| table.columns[*c].equality).collect();
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
        cells.zip(&self.rules).map(|(cell, equality)| part(cell, *equality)).collect()
    }
}

/// The parent's column decides.
fn part(cell: &Cell, equality: Equality) -> Option<Part> {
    let real = |n: f64| if n.fract() == 0.0 && n.abs() < 9e18 { Part::Integer(n as i64) } else { Part::Real(n.to_bits()) };
    let decimal = |digits: String| Part::Text(value::index_key(&digits.as_str().into(), StorageType::Decimal).unwrap_or(digits));
    Some(match (cell, equality) {
        (Cell::Null, _) => return None,
        (Cell::Integer(n), Equality::Text | Equality::AsciiCase | Equality::AnyCase | Equality::Decimal) => Part::Text(n.to_string()),
        (Cell::Real(n), Equality::Text | Equality::AsciiCase | Equality::AnyCase) => Part::Text(format!("{n:?}")),
        (Cell::Real(n), Equality::Decimal) => decimal(n.to_string()),
        (Cell::Integer(n), _) => Part::Integer(*n),
        (Cell::Real(n), _) => real(*n),
        (Cell::Text(text), Equality::Number) => match (text.trim().parse::<i64>(), text.trim().parse::<f64>()) {
            (Ok(n), _) => Part::Integer(n),
            (_, Ok(n)) if n.is_finite() => real(n),
            _ => Part::Text(text.clone()),
        },
        (Cell::Text(text), Equality::AsciiCase) => Part::Text(text.to_ascii_lowercase()),
        (Cell::Text(text), Equality::AnyCase) => Part::Text(text.to_lowercase()),
        (Cell::Text(text), Equality::Decimal) => decimal(text.clone()),
        (Cell::Text(text), _) => Part::Text(text.clone()),
        (Cell::Blob(bytes), _) => Part::Blob(bytes.clone()),
    })
}
