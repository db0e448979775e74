//! What every statement builder asks of a database. Default methods hold what all have in common.

use serde_json::Value;

use super::{Bind, Cell, Column};
use crate::model::{StorageType, value};

/// Which database it is, for the few things that are done another way altogether.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Backend {
    Sqlite,
    Postgres,
}

impl Backend {
    pub fn word(self) -> &'static str {
        match self {
            Self::Sqlite => "sqlite",
            Self::Postgres => "postgres",
        }
    }
}

/// What a row is locked against.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lock {
    /// Being deleted: somebody is about to refer to it.
    Exists,
    /// Being changed or deleted: somebody is about to write what he made of it.
    Change,
    /// Everything, references to it too: somebody is about to delete it.
    Delete,
}

/// Types and expressions for columns that are ours in tables of the entities.
#[derive(Debug, Clone, Copy)]
pub struct Words {
    pub id: &'static str,
    pub text: &'static str,
    pub json: &'static str,
    /// This moment, as a default.
    pub now: &'static str,
}

/// One database's way of writing things.
///
/// "Native" is a value as it stands in a column of a dedicated table; every expression about a value starts from there,
/// whichever mode the record is in.
pub trait Dialect: Sync + Send + std::fmt::Debug {
    fn backend(&self) -> Backend;

    fn quote(&self, ident: &str) -> String {
        format!("\"{}\"", ident.replace('"', "\"\""))
    }

    /// Where the `n`-th bind goes, counted from 1.
    fn placeholder(&self, n: usize, bind: &Bind) -> String;

    /// The types of the columns that are ours.
    fn words(&self) -> Words;

    /// A default as the database writes it, where it is neither text, number nor JSON.
    fn literal(&self, column: &Column, value: &Value) -> Option<String>;

    /// The declared type of a column.
    fn column_type(&self, column: &Column) -> String;

    /// A shared record's value, made native. `data` is the JSON column.
    #[expect(clippy::wrong_self_convention, reason = "it makes SQL that reads from JSON, not a dialect from JSON")]
    fn from_json(&self, data: &str, column: &Column) -> String;

    /// [`Dialect::from_json`] without a look at the value first: quick, and an error where one does not fit. What comes of a value it takes
    /// though it should not is never [`Dialect::same`]. None where looking costs nothing.
    fn cast_json(&self, _data: &str, _column: &Column) -> Option<String> {
        None
    }

    /// A native value, made ready to be a member of a JSON object.
    fn to_json(&self, native: &str, column: &Column) -> String;

    /// A JSON object of the named values.
    fn json_object(&self, members: &[(String, String)]) -> String;

    /// True where the shared record's value is null or is already what the column will hold. A false one is looked at again
    /// by [`value::normalize`], so this may be stricter than needed and never laxer.
    fn fits(&self, data: &str, column: &Column) -> String;

    /// A shared record's value, made native, and null where it does not fit.
    fn sound(&self, data: &str, column: &Column) -> String {
        format!("CASE WHEN {} THEN {} END", self.fits(data, column), self.from_json(data, column))
    }

    /// True where a shared record's value is null, or becomes one of `other`'s type that is written just the same.
    fn becomes(&self, data: &str, column: &Column, other: &Column) -> String;

    /// Bytes of a value in a column, where all of the type take as many; none: as many as its text has.
    fn width(&self, column: &Column) -> Option<u32>;

    /// True where a shared record's value and the native one say the same; it may be false for some that do, which are then looked at again.
    fn same(&self, data: &str, native: &str, column: &Column) -> String {
        format!("({} AND {} IS NOT DISTINCT FROM {native})", self.fits(data, column), self.from_json(data, column))
    }

    /// True only where a record's JSON says what its columns say: a quick way to see it for nearly every record, where there is one.
    /// `columns` are in the order of the JSON text's members; `native` gives a column's expression.
    fn verbatim(&self, _data: &str, _columns: &[&Column], _native: &dyn Fn(&Column) -> String) -> Option<String> {
        None
    }

    /// The text equal values share, as [`value::index_key`] makes it.
    fn index_key(&self, data: &str, column: &Column) -> String;

    /// Whether [`Dialect::index_key`] has just the text the engine makes of the value. If not, the engine writes such index rows itself.
    fn makes_index_key(&self, _column: &Column) -> bool {
        true
    }

    /// A text of [`Dialect::index_key`] as the index table keeps it.
    fn entry(&self, key: &str) -> String {
        key.to_owned()
    }

    /// The same of a text that is at hand.
    fn entry_value(&self, key: String) -> String {
        key
    }

    /// What an index of a dedicated table stands on instead of the column, where it must; `parts`: how many columns it is over.
    fn indexed(&self, _native: &str, _column: &Column, _unique: bool, _parts: usize) -> Option<String> {
        None
    }

    /// The expression an index finds a value by that is given as [`Dialect::bind_comparable`] does, and what to compare it with: equal where
    /// the values are. None where the value itself stands in the index.
    fn found_by(&self, _native: &str, _column: &Column, _value: &Bind, _parts: usize) -> Option<(String, Bind)> {
        None
    }

    /// A native value as it is compared and ordered.
    fn comparable(&self, native: &str, column: &Column) -> String;

    /// `data` with one member set to the JSON text `json` (an expression), or taken out.
    fn json_set(&self, data: &str, storage: &str, json: &str) -> String;
    fn json_remove(&self, data: &str, storage: &str) -> String;
    /// The raw member as JSON text, null where there is none.
    fn json_member(&self, data: &str, storage: &str) -> String;

    /// A JSON text made a JSON value.
    fn json_value(&self, text: &str) -> String;
    /// A native value as JSON text.
    fn json_text(&self, native: &str, column: &Column) -> String;
    /// A JSON list of these expressions.
    fn json_array(&self, members: &[&str]) -> String;
    /// Of the rows of a group: the text of a JSON list of `item`s, in this order.
    fn json_group(&self, item: &str, order: &str) -> String;

    /// The JSON text of a list of texts.
    fn json_list(&self, texts: &[String]) -> String;

    /// An id in a form that has a `min` and a `max`.
    fn id_text(&self, id: &str) -> String;

    /// The last of many ids that come in their order, as text: an aggregate.
    fn last_id(&self, id: &str) -> String {
        format!("max({})", self.id_text(id))
    }

    /// Operator and pattern that find `needle` anywhere in a text, letters of any script whatever their case.
    fn contains(&self, needle: &str) -> (&'static str, String);

    /// Text and operator for a pattern with `%` and `_` that makes no difference between `a` and `A`; no column for a head column.
    fn like(&self, native: &str, column: Option<&Column>) -> (String, &'static str);

    /// What a `SELECT` ends with so that nobody else does what its rows are locked against, until the transaction ends. Nothing where one
    /// writes at a time.
    fn lock(&self, lock: Lock) -> &'static str;

    /// `NULL`-safe inequality.
    fn is_distinct(&self, a: &str, b: &str) -> String;

    /// A canonical value as a bind for a native column.
    fn bind(&self, column: &Column, value: &Value) -> Bind;

    /// A canonical value as a bind to compare with [`Dialect::comparable`].
    fn bind_comparable(&self, column: &Column, value: &Value) -> Bind {
        self.bind(column, value)
    }

    /// A native cell as the canonical value.
    fn read(&self, column: &Column, cell: &Cell) -> Value;
}

/// Canonical text of a decimal kept as a database number: exactly `scale` digits after the point.
pub fn scaled(number: f64, scale: u32) -> String {
    let text = format!("{number:.*}", scale as usize);
    if text.trim_matches(['-', '0', '.']).is_empty() { text.trim_start_matches('-').to_owned() } else { text }
}

/// A letter in both cases, lower first; by itself where it has none, or becomes two letters in the other one (ß).
pub fn letter_forms(c: char) -> Vec<char> {
    let mut forms: Vec<char> = c.to_lowercase().chain(c.to_uppercase()).collect();
    forms.dedup();
    if forms.len() == 2 { forms } else { vec![c] }
}

pub fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut out, b| {
        let _ = write!(out, "{b:02x}");
        out
    })
}

pub fn unhex(text: &str) -> Vec<u8> {
    (0..text.len() / 2).filter_map(|i| u8::from_str_radix(&text[i * 2..i * 2 + 2], 16).ok()).collect()
}

/// Whether a decimal column is a database number (fifteen digits, known scale) or text.
pub fn is_number(column: &Column) -> bool {
    column.storage_type() == StorageType::Decimal && value::fits_double(&column.config)
}
