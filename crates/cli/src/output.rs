//! What a command answers: JSON for programs, tables for people.

use comfy_table::{Attribute, Cell, ContentArrangement, LineStyle, Table, TableStyle};
use serde::Serialize;
use serde_json::Value;
use std::io::{Write, stdout};
pub use stoneware_engine::model::name::grouped;
use stoneware_engine::model::name::shorten;

use crate::failure::Outcome;

/// Longest text shown in one cell; JSON carries all of it.
const MAX_CELL: usize = 200;

/// Where answers go, and in which form.
#[derive(Clone, Copy)]
pub struct Output {
    pub json: bool,
    /// Programs are told nothing on the way: the answer is one document at the end.
    pub quiet: bool,
}

impl Output {
    /// One JSON document or, for people, what `human` says.
    pub fn answer<T: Serialize>(self, value: &T, human: impl FnOnce(&T) -> String) -> Outcome {
        let text = if self.json { serde_json::to_string(value)? } else { human(value) };
        line(&text)
    }

    /// The same, for work that is only a part of what is answered.
    pub fn quiet(self) -> Self {
        Self { quiet: true, ..self }
    }

    /// One object of a stream. Flushed at once: whoever reads follows along.
    pub fn event(self, value: &Value) -> Outcome {
        if self.quiet { Ok(()) } else { line(&value.to_string()) }
    }

    /// A sentence for people, nothing for programs.
    pub fn say(self, text: &str) -> Outcome {
        if self.json { Ok(()) } else { line(text) }
    }
}

fn line(text: &str) -> Outcome {
    let mut out = stdout().lock();
    if !text.is_empty() {
        writeln!(out, "{}", text.trim_end())?;
    }
    Ok(out.flush()?)
}

/// One line under the header; rows as close as a listing's.
const STYLE: TableStyle = TableStyle::new().header_separator(LineStyle::none().fill('─').junction('─'));

/// A table, or `empty` where there are no rows.
pub fn table(header: &[&str], rows: Vec<Vec<String>>, empty: &str) -> String {
    if rows.is_empty() {
        return empty.to_owned();
    }
    let mut table = Table::new();
    table.load_style(STYLE).set_content_arrangement(ContentArrangement::Dynamic);
    table.set_header(header.iter().map(|text| Cell::new(text).add_attribute(Attribute::Bold)));
    for row in rows {
        table.add_row(row.iter().map(|text| shorten(text, MAX_CELL)));
    }
    table.trim_fmt()
}

/// A value as a person reads it in a cell.
pub fn cell(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// `1 record`, `2 records`, `0 entities`.
pub fn count(n: impl Into<u64>, one: &str, many: &str) -> String {
    let n = n.into();
    format!("{} {}", grouped(n), if n == 1 { one } else { many })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_read_like_words() {
        assert_eq!(count(1_u32, "entity", "entities"), "1 entity");
        assert_eq!(count(1_234_567_u32, "record", "records"), "1,234,567 records");
        assert_eq!(grouped(999), "999");
    }

    #[test]
    fn a_table_without_rows_says_so() {
        assert_eq!(table(&["Name"], vec![], "No entities yet."), "No entities yet.");
        assert!(table(&["Name"], vec![vec!["Album".to_owned()]], "").contains("Album"));
    }
}
