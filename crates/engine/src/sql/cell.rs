//! A value as a database hands it over, before the model gives it meaning.

use crate::error::{Error, ErrorCode, Result};

#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
    Null,
    Integer(i64),
    Real(f64),
    Text(String),
    Blob(Vec<u8>),
}

/// One row of an answer, by position.
#[derive(Debug, Clone, PartialEq)]
pub struct Row(pub Vec<Cell>);

impl Row {
    pub fn cell(&self, index: usize) -> &Cell {
        self.0.get(index).unwrap_or(&Cell::Null)
    }

    /// # Errors
    /// `corrupt` when the cell is not text.
    pub fn text(&self, index: usize) -> Result<String> {
        self.opt_text(index).ok_or_else(|| corrupt("text", self.cell(index)))
    }

    pub fn opt_text(&self, index: usize) -> Option<String> {
        match self.cell(index) {
            Cell::Text(text) => Some(text.clone()),
            Cell::Integer(n) => Some(n.to_string()),
            Cell::Real(n) => Some(n.to_string()),
            Cell::Null | Cell::Blob(_) => None,
        }
    }

    /// # Errors
    /// `corrupt` when the cell is not an integer.
    pub fn integer(&self, index: usize) -> Result<i64> {
        match self.cell(index) {
            Cell::Integer(n) => Ok(*n),
            other => Err(corrupt("an integer", other)),
        }
    }

    /// A count, cut to what fits.
    ///
    /// # Errors
    /// `corrupt` when the cell is not an integer.
    pub fn count(&self, index: usize) -> Result<u32> {
        Ok(u32::try_from(self.integer(index)?).unwrap_or(u32::MAX))
    }

    /// # Errors
    /// `corrupt` when the cell is not an id.
    pub fn id<T: std::str::FromStr<Err = Error>>(&self, index: usize) -> Result<T> {
        self.text(index)?.parse().map_err(|_| corrupt("an id", self.cell(index)))
    }
}

fn corrupt(expected: &str, found: &Cell) -> Error {
    Error::new(ErrorCode::Corrupt, format!("The workspace holds {found:?} where {expected} should stand. Restore it from a copy."))
}
