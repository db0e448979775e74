//! What every statement builder asks of a database. Default methods hold what all have in common.

use serde_json::Value;

use super::{Bind, Cell, Column};
use crate::model::{StorageType, value};

/// One database's way of writing things.
///
/// "Native" is a value as it stands in a column of a dedicated table; every expression about a value starts from there,
/// whichever mode the record is in.
pub trait Dialect: Sync + Send + std::fmt::Debug {
    fn quote(&self, ident: &str) -> String {
        format!("\"{}\"", ident.replace('"', "\"\""))
    }

    fn placeholder(&self, n: usize) -> String;

    /// The declared type of a column.
    fn column_type(&self, column: &Column) -> String;

    /// A shared record's value, made native. `data` is the JSON column.
    #[expect(clippy::wrong_self_convention, reason = "it makes SQL that reads from JSON, not a dialect from JSON")]
    fn from_json(&self, data: &str, column: &Column) -> String;

    /// A native value, made ready to be a member of a JSON object.
    fn to_json(&self, native: &str, column: &Column) -> String;

    /// A JSON object of the named values.
    fn json_object(&self, members: &[(String, String)]) -> String;

    /// True where the shared record's value is null or is already what the column will hold. A false one is looked at again
    /// by [`value::normalize`], so this may be stricter than needed and never laxer.
    fn fits(&self, data: &str, column: &Column) -> String;

    /// A native value as a member of a record's JSON text (`,"age":7`), null for null. Made to be compared with that text: it may be wrong
    /// where exact text takes care (escapes, long floats), as whatever differs is then compared value by value.
    fn member_text(&self, native: &str, column: &Column) -> String;

    /// What a native value must be besides, where [`Dialect::member_text`] is just the JSON's text: a day of the calendar, so many digits.
    /// None where nothing more is asked.
    fn shape(&self, native: &str, column: &Column) -> Option<String>;

    /// The texts in one; a null is nothing.
    fn concat(&self, parts: &[String]) -> String;

    /// The text equal values share, as [`value::index_key`] makes it.
    fn index_key(&self, data: &str, column: &Column) -> String;

    /// A native value as it is compared and ordered.
    fn comparable(&self, native: &str, column: &Column) -> String;

    /// `data` with one member set to the JSON text `json` (an expression), or taken out.
    fn json_set(&self, data: &str, storage: &str, json: &str) -> String;
    fn json_remove(&self, data: &str, storage: &str) -> String;
    /// The raw member as JSON text, null where there is none.
    fn json_member(&self, data: &str, storage: &str) -> String;

    /// Operator and pattern that find `needle` anywhere in a text, letters of any script whatever their case.
    fn contains(&self, needle: &str) -> (&'static str, String);

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

/// Whether a decimal column is a database number (fifteen digits, known scale) or text.
pub fn is_number(column: &Column) -> bool {
    column.storage_type() == StorageType::Decimal && value::fits_double(&column.config)
}
