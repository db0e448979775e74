//! Import and export of files, and import of databases. Progress of an import comes as events.

use super::{App, Result};
use crate::files::{self, ExportFormat, ImportFormat};
use std::path::PathBuf;
use stoneware_engine::model::{Connection, EntityId, ImportReport};

/// `format` is told by the file's ending and `entity` by its name unless given; a SQLite file needs no entity. In place of a path
/// there may stand the address of a database.
#[tauri::command]
#[specta::specta]
pub async fn import_file(
    app: App<'_>,
    path: PathBuf,
    format: Option<ImportFormat>,
    entity: Option<String>,
    schema_only: bool,
) -> Result<ImportReport> {
    files::import(&app, path, format, entity, schema_only).await
}

/// The tables of a Postgres database become entities; `schemas` says which to take, none takes every one. Without a password the one in the
/// keyring is used; it is not kept.
#[tauri::command]
#[specta::specta]
pub async fn import_database(
    app: App<'_>,
    connection: Connection,
    password: Option<String>,
    schemas: Vec<String>,
    schema_only: bool,
) -> Result<ImportReport> {
    files::import_database(&app, &connection, password, schemas, schema_only).await
}

/// Stops the running import, which then reports `cancelled`.
#[tauri::command]
#[specta::specta]
pub async fn cancel_import(app: App<'_>) -> Result<()> {
    app.imports().cancel()
}

/// Writes an entity's records to a file and returns how many.
#[tauri::command]
#[specta::specta]
pub async fn export_records(app: App<'_>, entity: EntityId, format: ExportFormat, path: PathBuf) -> Result<u32> {
    files::export(app.engine().await?, entity, format, path).await
}
