//! Operations that read and write files, and read other databases.

use std::{io::Write, path::Path, time::Instant};
use tokio_util::sync::CancellationToken;

use super::Engine;
use crate::{
    error::Result,
    interchange::{
        Watch,
        csv::Csv,
        export,
        fill::{self, Rows},
        ndjson::Ndjson,
        postgres, relational, sqlite,
    },
    model::*,
    records::{Session, write::Layout},
};

/// Called with each step of an import.
pub type OnImport<'a> = &'a (dyn Fn(ImportProgress) + Send + Sync);

impl Engine {
    /// Tables, keys, foreign keys and rows of another SQLite file become entities, relationships and records: one entry of the
    /// changelog, and all or nothing.
    ///
    /// # Errors
    /// `io`, `invalid_input` (no SQLite file, no tables), `name_taken` when an entity has a table's name, `cancelled`.
    pub async fn import_sqlite(
        &self,
        file: &Path,
        schema_only: bool,
        on: OnImport<'_>,
        cancel: &CancellationToken,
    ) -> Result<ImportReport> {
        let (started, watch) = (Instant::now(), Watch { on, cancel });
        self.import_tables(sqlite::read(file, &watch).await?, started, schema_only, &watch).await
    }

    /// The tables of a Postgres database, likewise. `address` may hold the password, which goes nowhere else; `schemas` names the schemas to
    /// take, none takes every one. Nothing is written to the source.
    ///
    /// # Errors
    /// `connection_failed` with a `reason` in its details, `invalid_input` (no address, no such schema, no tables), `not_permitted` when no
    /// table may be read, `connection_lost`, `name_taken`, `cancelled`.
    pub async fn import_postgres(
        &self,
        address: &str,
        schemas: &[String],
        schema_only: bool,
        on: OnImport<'_>,
        cancel: &CancellationToken,
    ) -> Result<ImportReport> {
        let (started, watch) = (Instant::now(), Watch { on, cancel });
        self.import_tables(postgres::read(address, schemas, &watch).await?, started, schema_only, &watch).await
    }

    async fn import_tables(
        &self,
        mut source: relational::Source,
        started: Instant,
        schema_only: bool,
        watch: &Watch<'_>,
    ) -> Result<ImportReport> {
        let report = self.edit(async |edit| relational::write(edit, &mut source, schema_only, watch).await).await?;
        self.inner.store.note_sizes().await;
        Ok(ImportReport { seconds: started.elapsed().as_secs_f64(), ..report })
    }

    /// One JSON object a line into `entity`, which is made from the file where it does not exist. All or nothing.
    ///
    /// # Errors
    /// `io`, `invalid_input` with the line, `unknown_field`, `unique_violation`, `required_missing`, `dangling_reference`, `cancelled`.
    pub async fn import_ndjson(&self, file: &Path, entity: &str, on: OnImport<'_>, cancel: &CancellationToken) -> Result<ImportReport> {
        self.import_lines(Ndjson::open(file)?, file, entity, &Watch { on, cancel }).await
    }

    /// A header line and rows into `entity`, which is made from the file where it does not exist. All or nothing.
    ///
    /// # Errors
    /// Those of [`Engine::import_ndjson`].
    pub async fn import_csv(&self, file: &Path, entity: &str, on: OnImport<'_>, cancel: &CancellationToken) -> Result<ImportReport> {
        self.import_lines(Csv::open(file)?, file, entity, &Watch { on, cancel }).await
    }

    async fn import_lines<R: Rows>(&self, mut rows: R, file: &Path, entity: &str, watch: &Watch<'_>) -> Result<ImportReport> {
        let started = Instant::now();
        let mut survey = fill::survey(&mut rows, watch).await?;
        let schema = self.schema().await?;
        let (name, kept) = match schema.entity_named(entity).map(|e| e.id) {
            Ok(id) => {
                let work = async |session: &mut Session<'_>| {
                    let entity = session.schema.entity(id)?;
                    let layout = Layout::new(session.schema, entity);
                    survey.check(session.schema, &layout)?;
                    let kept = survey.insert(session, &layout, &mut rows, watch).await?;
                    Ok(((entity.name.clone(), kept), vec![id]))
                };
                self.write(work).await?
            }
            Err(_) => {
                let file = file.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
                self.edit(async |edit| {
                    let made = survey.make(edit, entity, &file).await?;
                    let layout = Layout::new(&edit.schema, &made);
                    let mut session = Session { tx: &mut *edit.tx, schema: &edit.schema, context: edit.context };
                    let kept = survey.insert(&mut session, &layout, &mut rows, watch).await?;
                    Ok((made.name.clone(), kept))
                })
                .await?
            }
        };
        self.inner.store.note_sizes().await;
        let records = u32::try_from(survey.records).unwrap_or(u32::MAX);
        Ok(ImportReport { entities: vec![name], records, kept, seconds: started.elapsed().as_secs_f64(), ..ImportReport::default() })
    }

    /// One record a line, `{"id","version","data"}`, ordered by id. Returns how many.
    ///
    /// # Errors
    /// `unknown_entity`, `io`.
    pub async fn export_ndjson(&self, entity: EntityId, out: &mut (dyn Write + Send)) -> Result<u32> {
        self.read(async |session| {
            let entity = session.schema.entity(entity)?;
            export::ndjson(session, entity, out).await
        })
        .await
    }

    /// A header (id, then the fields) and a line for each record, ordered by id. Returns how many records.
    ///
    /// # Errors
    /// `unknown_entity`, `io`.
    pub async fn export_csv(&self, entity: EntityId, out: &mut (dyn Write + Send)) -> Result<u32> {
        self.read(async |session| {
            let entity = session.schema.entity(entity)?;
            export::csv(session, entity, out).await
        })
        .await
    }
}
