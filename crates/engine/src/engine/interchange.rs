//! Operations that read and write files.

use std::path::Path;
use tokio_util::sync::CancellationToken;

use super::Engine;
use crate::{error::Result, model::*};

/// Called with each step of an import.
pub type OnImport<'a> = &'a (dyn Fn(ImportProgress) + Send + Sync);

impl Engine {
    /// Tables, keys, foreign keys and rows of another SQLite file become entities, relationships and records.
    pub async fn import_sqlite(
        &self,
        file: &Path,
        schema_only: bool,
        on: OnImport<'_>,
        cancel: &CancellationToken,
    ) -> Result<ImportReport> {
        todo!("{file:?}{schema_only}{cancel:?}{}", std::ptr::from_ref(on).is_null())
    }
    /// One JSON object a line into `entity`, which is made from the file where it does not exist.
    pub async fn import_ndjson(&self, file: &Path, entity: &str, on: OnImport<'_>, cancel: &CancellationToken) -> Result<ImportReport> {
        todo!("{file:?}{entity}{cancel:?}{}", std::ptr::from_ref(on).is_null())
    }
    /// A header line and rows into `entity`, which is made from the file where it does not exist.
    pub async fn import_csv(&self, file: &Path, entity: &str, on: OnImport<'_>, cancel: &CancellationToken) -> Result<ImportReport> {
        todo!("{file:?}{entity}{cancel:?}{}", std::ptr::from_ref(on).is_null())
    }
    /// One record a line, `{"id","version","data"}`, ordered by id. Returns how many.
    pub async fn export_ndjson(&self, entity: EntityId, out: &mut (dyn std::io::Write + Send)) -> Result<u32> {
        todo!("{entity:?}{}", std::ptr::from_ref(out).is_null())
    }
    pub async fn export_csv(&self, entity: EntityId, out: &mut (dyn std::io::Write + Send)) -> Result<u32> {
        todo!("{entity:?}{}", std::ptr::from_ref(out).is_null())
    }
}
