//! Lines of a file into one entity: looked through once, so that a refusal comes before anything is written, then inserted.

use serde_json::{Value, json};
use std::{collections::HashSet, fs::File, path::Path};

use super::{BATCH, Watch};
use crate::{
    error::{Error, ErrorCode, Result},
    model::{Entity, EntitySpec, FieldSpec, RecordId, Schema, StorageType, infer::Guess, name, schema::join},
    records::{
        Session, check,
        write::{self, Layout, Misfit, NewRecord},
    },
    schema::{Edit, Title, entities},
};

/// The key under which a line gives the record its id, as an export does.
pub const ID: &str = "id";
/// Lines an error lists.
const LISTED: usize = 10;

/// One record of a file.
pub struct Line {
    /// Its line in the file, from 1.
    pub number: u64,
    pub fields: Fields,
}

/// Values under their keys, in the order they are written.
pub type Fields = Vec<(String, Value)>;

/// The records of a file, which can be gone through again.
pub trait Rows: Send {
    /// Every value is text, whatever it means.
    const ALL_TEXT: bool;
    /// # Errors
    /// `invalid_input` with the line; `io`.
    fn next(&mut self) -> Result<Option<Line>>;
    fn rewind(&mut self) -> Result<()>;
}

/// # Errors
/// `io` when it is no file or cannot be read.
pub fn opened(path: &Path) -> Result<File> {
    let failed = |why: String| Error::new(ErrorCode::Io, format!("{} cannot be read: {why}.", path.display()));
    let file = File::open(path).map_err(|e| failed(e.to_string()))?;
    if file.metadata()?.is_dir() {
        return Err(failed("it is a folder".to_owned()));
    }
    Ok(file)
}

pub fn bad_line(line: u64, why: &str) -> Error {
    Error::invalid(format!("Line {line} {why}.")).with(json!({ "line": line, "reason": why }))
}

/// What the first reading of a file found.
pub struct Survey {
    pub records: usize,
    /// In order of appearance.
    pub fields: Vec<(String, Guess)>,
    /// Every record brings its id.
    ids: bool,
}

/// Goes through the whole file.
///
/// # Errors
/// `invalid_input` with the line that cannot be read; `cancelled`.
pub async fn survey<R: Rows>(rows: &mut R, watch: &Watch<'_>) -> Result<Survey> {
    let mut survey = Survey { records: 0, fields: vec![], ids: true };
    let mut at: std::collections::HashMap<String, usize> = std::collections::HashMap::new();
    rows.rewind()?;
    while let Some(line) = rows.next()? {
        survey.ids = survey.ids && line.fields.iter().any(|(key, value)| key == ID && record_id(value).is_some());
        for (key, value) in &line.fields {
            let i = match at.get(key) {
                Some(i) => *i,
                None => {
                    at.insert(key.clone(), survey.fields.len());
                    survey.fields.push((key.clone(), Guess::new(R::ALL_TEXT)));
                    survey.fields.len() - 1
                }
            };
            survey.fields[i].1.add(value);
        }
        survey.records += 1;
        if survey.records.is_multiple_of(BATCH) {
            watch.check()?;
            tokio::task::yield_now().await;
        }
    }
    rows.rewind()?;
    if survey.records == 0 {
        return Err(Error::invalid("The file holds no records."));
    }
    Ok(survey)
}

impl Survey {
    /// Takes the ids out of the fields, where they are the records' own: a field of that name has the first claim.
    fn settle(&mut self, entity: Option<&Layout<'_>>) {
        self.ids = self.ids && !entity.is_some_and(|e| e.knows(ID));
        if self.ids {
            self.fields.retain(|(key, _)| key != ID);
        }
    }

    /// # Errors
    /// `unknown_field` with every key the entity has no field for.
    pub fn check(&mut self, schema: &Schema, layout: &Layout<'_>) -> Result<()> {
        self.settle(Some(layout));
        let unknown: Vec<&str> = self.fields.iter().map(|(key, _)| key.as_str()).filter(|key| !layout.knows(key)).collect();
        let Some(first) = unknown.first() else { return Ok(()) };
        let there = schema.unknown_field(layout.entity, first);
        let message = format!("{} has no field {}. Add it first, or leave it out of the file.", layout.entity.name, join(&unknown));
        Err(Error::new(ErrorCode::UnknownField, message).with(json!({
            "entity": layout.entity.name,
            "name": first,
            "unknown": unknown,
            "fields": there.details["fields"],
        })))
    }

    /// Makes the entity the file needs, as one entry of the changelog.
    ///
    /// # Errors
    /// `invalid_name`, `name_taken` (two keys that differ only in case).
    pub async fn make(&mut self, edit: &mut Edit<'_>, entity: &str, file: &str) -> Result<Entity> {
        self.settle(None);
        let fields = self.fields.iter().map(|(key, guess)| {
            let (field_type, config) = guess.decide();
            FieldSpec { config, ..FieldSpec::new(key, field_type) }
        });
        let spec = EntitySpec { name: entity.to_owned(), ..EntitySpec::default() };
        let (entity, ops) = entities::create_ops(edit, spec, fields.collect(), None)?;
        let title = Title { kind: "import", description: format!("Import {file} into {}", entity.name), entities: vec![entity.id] };
        edit.run(title, ops).await?;
        Ok(edit.schema.entity(entity.id)?.clone())
    }

    /// Inserts every record of the file; returns how many values were kept though they do not fit.
    ///
    /// # Errors
    /// `unique_violation`, `required_missing`, `dangling_reference`, `type_mismatch`, each with the first lines in `details.lines`;
    /// `cancelled`.
    pub async fn insert<R: Rows>(&self, session: &mut Session<'_>, layout: &Layout<'_>, rows: &mut R, watch: &Watch<'_>) -> Result<u32> {
        let mut kept = 0;
        let mut done = 0;
        loop {
            let mut numbers = Vec::with_capacity(BATCH);
            let mut batch = Vec::with_capacity(BATCH);
            while batch.len() < BATCH {
                let Some(line) = rows.next()? else { break };
                numbers.push(line.number);
                batch.push(self.record::<R>(layout, line));
            }
            if batch.is_empty() {
                return Ok(kept);
            }
            done += batch.len();
            kept += match insert(session, layout, batch.clone()).await {
                Ok(misfits) => misfits,
                Err(error) => return Err(explained(session, layout, &numbers, batch, error).await),
            };
            watch.step(&layout.entity.name, done, Some(self.records))?;
        }
    }

    fn record<R: Rows>(&self, layout: &Layout<'_>, line: Line) -> NewRecord {
        let mut record = NewRecord::default();
        for (key, mut value) in line.fields {
            if self.ids && key == ID {
                record.id = record_id(&value);
                continue;
            }
            if R::ALL_TEXT && layout.column(&key).is_some_and(|c| c.storage_type() == StorageType::Json) {
                // JSON in a cell; what is none stands as the text it is.
                value = value.as_str().and_then(|text| serde_json::from_str(text).ok()).unwrap_or(value);
            }
            record.data.insert(key, value);
        }
        record
    }
}

fn record_id(value: &Value) -> Option<RecordId> {
    value.as_str()?.parse().ok()
}

async fn insert(session: &mut Session<'_>, layout: &Layout<'_>, batch: Vec<NewRecord>) -> Result<u32> {
    let given: Vec<String> = batch.iter().filter_map(|r| r.id).map(|id| id.to_string()).collect();
    if !given.is_empty() {
        let mut missing: HashSet<String> = given.iter().cloned().collect();
        let twice = missing.len() < given.len();
        check::exist(session, layout.entity, &mut missing, None).await?;
        if let Some(id) = given.iter().find(|id| twice || !missing.contains(*id)) {
            return Err(Error::new(ErrorCode::UniqueViolation, format!("{} has a record {id} already.", layout.entity.name))
                .with(json!({ "entity": layout.entity.name, "field": ID, "value": id })));
        }
    }
    Ok(write::insert(session, layout, batch, Misfit::Keep).await?.misfits)
}

/// The error of a batch, told by lines: its records are tried one by one (the transaction will not be committed).
async fn explained(session: &mut Session<'_>, layout: &Layout<'_>, numbers: &[u64], batch: Vec<NewRecord>, error: Error) -> Error {
    let of_values = [ErrorCode::UniqueViolation, ErrorCode::RequiredMissing, ErrorCode::DanglingReference, ErrorCode::TypeMismatch];
    // After an error of Postgres's own, nothing more can be asked in its transaction.
    if !of_values.contains(&error.code) || error.details.get("sqlstate").is_some() {
        return error;
    }
    let mut lines = vec![];
    let mut first: Option<(u64, Error)> = None;
    for (number, record) in numbers.iter().zip(batch) {
        let Err(error) = insert(session, layout, vec![record]).await else { continue };
        if !of_values.contains(&error.code) {
            return error;
        }
        let value = &error.details["value"];
        let shown = value.as_str().map_or_else(|| value.clone(), |text| name::shorten(text, 80).into());
        lines.push(json!({ "line": number, "field": error.details["field"], "value": shown, "code": error.code, "reason": error.message }));
        first.get_or_insert((*number, error));
        if lines.len() == LISTED {
            break;
        }
    }
    let Some((number, first)) = first else { return error };
    let more = if lines.len() > 1 { format!(" (and {} more lines)", lines.len() - 1) } else { String::new() };
    let mut details = first.details;
    details["line"] = number.into();
    details["lines"] = lines.into();
    Error { code: first.code, message: format!("Line {number}: {} Nothing was imported{more}.", first.message), details }
}
