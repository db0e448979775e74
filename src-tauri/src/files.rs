//! Import and export of files, and import of databases.

use crate::{events::Notice, shell::Shell};
use serde::Deserialize;
use specta::Type;
use std::{
    fs::File,
    io::{BufWriter, Write},
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};
use stoneware_engine::{
    Engine, Error, Result,
    engine::is_url,
    model::{Connection, EntityId, ImportProgress, ImportReport},
};

/// Between two reports of an import's progress.
const REPORT_EVERY: Duration = Duration::from_millis(100);

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Type)]
#[serde(rename_all = "lowercase")]
pub enum ImportFormat {
    Sqlite,
    Csv,
    Ndjson,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Type)]
#[serde(rename_all = "lowercase")]
pub enum ExportFormat {
    Csv,
    Ndjson,
}

/// What an import reads.
enum Source {
    Sqlite(PathBuf),
    Csv(PathBuf, String),
    Ndjson(PathBuf, String),
    /// The address with its password, and the schemas to take.
    Database(String, Vec<String>),
}

/// Reads a file into the open workspace; progress goes to the window. In place of a path there may stand the address of a database.
///
/// # Errors
/// `invalid_input` when the format cannot be told from the file's ending, `busy` while another import runs, `cancelled`.
pub async fn import(
    app: &Shell,
    path: PathBuf,
    format: Option<ImportFormat>,
    entity: Option<String>,
    schema_only: bool,
) -> Result<ImportReport> {
    if let Some(address) = path.to_str().filter(|path| is_url(path)) {
        let parsed = Connection::parse(address)?;
        return import_database(app, &parsed.connection, parsed.password, vec![], schema_only).await;
    }
    let format = format.or_else(|| by_ending(&path)).ok_or_else(|| unknown_ending(&path))?;
    let entity = entity.or_else(|| path.file_stem().map(|stem| stem.to_string_lossy().into_owned())).unwrap_or_default();
    let source = match format {
        ImportFormat::Sqlite => Source::Sqlite(path),
        ImportFormat::Csv => Source::Csv(path, entity),
        ImportFormat::Ndjson => Source::Ndjson(path, entity),
    };
    carry_over(app, source, schema_only).await
}

/// Reads the tables of a Postgres database into the open workspace. The password is used and forgotten; without one the keyring's is used.
///
/// # Errors
/// `connection_failed` with a `reason`, `invalid_input`, `not_permitted`, `busy` while another import runs, `cancelled`.
pub async fn import_database(
    app: &Shell,
    connection: &Connection,
    password: Option<String>,
    schemas: Vec<String>,
    schema_only: bool,
) -> Result<ImportReport> {
    let address = app.address(connection, password).await?;
    carry_over(app, Source::Database(address, schemas), schema_only).await
}

async fn carry_over(app: &Shell, source: Source, schema_only: bool) -> Result<ImportReport> {
    let engine = app.engine().await?;
    let running = app.imports().begin()?;
    let (tell, token) = (app.teller(), running.token.clone());
    // A thread of its own: reading keeps a processor busy, and the window's other commands must not wait for it.
    let work = move || {
        let reported = Mutex::new(None::<Instant>);
        let on = |progress: ImportProgress| {
            let mut last = reported.lock().unwrap_or_else(PoisonError::into_inner);
            if last.is_none_or(|last| last.elapsed() >= REPORT_EVERY) {
                *last = Some(Instant::now());
                tell(Notice::Import(progress));
            }
        };
        tauri::async_runtime::block_on(async {
            match source {
                Source::Sqlite(path) => engine.import_sqlite(&path, schema_only, &on, &token).await,
                Source::Csv(path, entity) => engine.import_csv(&path, &entity, &on, &token).await,
                Source::Ndjson(path, entity) => engine.import_ndjson(&path, &entity, &on, &token).await,
                Source::Database(address, schemas) => engine.import_postgres(&address, &schemas, schema_only, &on, &token).await,
            }
        })
    };
    tauri::async_runtime::spawn_blocking(work).await.map_err(|error| Error::internal(format!("The import ended early: {error}")))?
}

/// Writes beside the file and puts it in its place at the end, so that a file is whole or not there.
pub async fn export(engine: Engine, entity: EntityId, format: ExportFormat, path: PathBuf) -> Result<u32> {
    let work = move || tauri::async_runtime::block_on(write_whole(&engine, entity, format, &path));
    tauri::async_runtime::spawn_blocking(work).await.map_err(|error| Error::internal(format!("The export ended early: {error}")))?
}

async fn write_whole(engine: &Engine, entity: EntityId, format: ExportFormat, path: &Path) -> Result<u32> {
    let mut unfinished = path.to_path_buf().into_os_string();
    unfinished.push(".unfinished");
    let mut out = BufWriter::new(File::create(&unfinished)?);
    let count = match format {
        ExportFormat::Csv => engine.export_csv(entity, &mut out).await,
        ExportFormat::Ndjson => engine.export_ndjson(entity, &mut out).await,
    };
    let finished = count.and_then(|count| {
        out.flush()?;
        std::fs::rename(&unfinished, path)?;
        Ok(count)
    });
    if finished.is_err() {
        std::fs::remove_file(&unfinished).ok();
    }
    finished
}

fn by_ending(path: &Path) -> Option<ImportFormat> {
    match path.extension()?.to_string_lossy().to_lowercase().as_str() {
        "sqlite" | "sqlite3" | "db" | "db3" => Some(ImportFormat::Sqlite),
        "csv" => Some(ImportFormat::Csv),
        "ndjson" | "jsonl" => Some(ImportFormat::Ndjson),
        _ => None,
    }
}

fn unknown_ending(path: &Path) -> Error {
    let path = path.display();
    Error::invalid(format!("What {path} holds cannot be told from its ending. Say the format: sqlite, csv or ndjson."))
}
