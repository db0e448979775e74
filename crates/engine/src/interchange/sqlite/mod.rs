//! Another program's SQLite file: [`source`] reads its tables, keys, foreign keys and indexes.
//!
//! A declared type binds nothing in SQLite, so it is only what the values are tried for first.

mod ddl;
mod declared;
mod source;

use std::path::Path;

use super::{Findings, Watch, relational};
use crate::{error::Result, store::Foreign};

/// Reads the file once and decides what becomes of it.
///
/// # Errors
/// `io`, `invalid_input` (no SQLite file, no tables), `corrupt`, `cancelled`.
pub async fn read(path: &Path, watch: &Watch<'_>) -> Result<relational::Source> {
    let mut file = Foreign::open(path).await?;
    let mut findings = Findings::default();
    let tables = source::read(&mut file, &mut findings).await?;
    let name = path.file_name().map_or_else(|| path.display().to_string(), |n| n.to_string_lossy().into_owned());
    relational::Source::read(name, file, tables, findings, watch).await
}
