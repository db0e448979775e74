//! What every relational source says of itself, in the same words: tables, columns, keys, foreign keys.

use super::types::Hint;
use crate::{model::ReferentialAction, sql::Cell};

#[derive(Debug, Clone)]
pub struct Table {
    /// What the entity would best be called.
    pub name: String,
    /// What people know it as in the source; the report says so.
    pub shown: String,
    pub description: Option<String>,
    /// What follows `FROM`: the table, and an order in which two readings give the same rows.
    pub from: String,
    pub columns: Vec<Column>,
    /// Positions in `columns`; empty when there is none.
    pub primary_key: Vec<usize>,
    pub foreign_keys: Vec<ForeignKey>,
    /// Sets of columns that are unique together (or alone), the primary key left out.
    pub unique: Vec<Vec<usize>>,
    /// Columns with a plain index of their own.
    pub indexed: Vec<usize>,
}

#[derive(Debug, Clone)]
pub struct Column {
    pub name: String,
    /// SQL that gives the column's value in a form [`super::types`] knows.
    pub read: String,
    pub hint: Hint,
    /// The database lets in only what the type says; else the type is a mere wish, and the values decide.
    pub strict: bool,
    pub not_null: bool,
    pub default: Option<Given>,
    pub equality: Equality,
    pub description: Option<String>,
}

/// A default: as it is written, and what it comes to.
#[derive(Debug, Clone, PartialEq)]
pub struct Given {
    pub expression: String,
    pub worth: Worth,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Worth {
    Constant(Cell),
    /// The moment of writing; `day`: only its date.
    Now {
        day: bool,
    },
    NewUuid,
    /// Worked out by the database in a way of its own.
    Unknown,
}

/// When the source holds two keys equal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Equality {
    /// As they stand.
    Exact,
    /// As texts: a number is compared by its digits.
    Text,
    /// As texts, ASCII letters without regard to case.
    AsciiCase,
    /// As texts, without regard to case.
    AnyCase,
    /// As 64-bit integers and floats.
    Number,
    /// As decimals of any length.
    Decimal,
}

/// A foreign key whose parent is there.
#[derive(Debug, Clone)]
pub struct ForeignKey {
    pub columns: Vec<usize>,
    /// Position of the parent among the tables.
    pub parent: usize,
    pub parent_columns: Vec<usize>,
    pub on_delete: ReferentialAction,
    pub on_update: ReferentialAction,
}

impl Table {
    pub fn names(&self, columns: &[usize]) -> String {
        columns.iter().map(|c| self.columns[*c].name.as_str()).collect::<Vec<_>>().join(", ")
    }

    /// `table.column`, as the report calls it.
    pub fn column(&self, column: usize) -> String {
        format!("{}.{}", self.shown, self.columns[column].name)
    }

    /// Every row in order of making; `columns` says which.
    pub fn select(&self, columns: &[usize]) -> String {
        let list: Vec<&str> = columns.iter().map(|c| self.columns[*c].read.as_str()).collect();
        format!("SELECT {} FROM {}", list.join(", "), self.from)
    }

    pub fn is_unique(&self, columns: &[usize]) -> bool {
        std::iter::once(&self.primary_key).chain(&self.unique).any(|key| same_set(key, columns))
    }
}

pub fn same_set(a: &[usize], b: &[usize]) -> bool {
    a.len() == b.len() && a.iter().all(|x| b.contains(x))
}
