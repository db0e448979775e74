//! An entity's records, in id order, a page at a time.

use serde::Serialize;
use serde_json::Value;
use std::io::Write;

use crate::{
    error::{Error, Result},
    model::{Entity, StorageType},
    records::{Session, read},
    sql::{Column, columns::columns, records::StoredRecord},
};

/// Records read at a time.
const PAGE: u32 = 500;

/// One line a record: `{"id","version","data"}`, the data in display order, nulls included. Returns how many.
pub async fn ndjson(session: &mut Session<'_>, entity: &Entity, out: &mut (dyn Write + Send)) -> Result<u32> {
    let columns = columns(session.schema, entity);
    pages(session, entity, |record| {
        serde_json::to_writer(&mut *out, &Line::of(&columns, record)).map_err(std::io::Error::from)?;
        out.write_all(b"\n")?;
        Ok(())
    })
    .await
}

/// A record's line, without its end.
pub fn line(columns: &[Column], record: &StoredRecord) -> Result<String> {
    Ok(serde_json::to_string(&Line::of(columns, record))?)
}

/// A header and a line for each record as RFC 4180 has it: the id, then the fields in display order. Empty is null, JSON stands as text.
pub async fn csv(session: &mut Session<'_>, entity: &Entity, out: &mut (dyn Write + Send)) -> Result<u32> {
    let columns = columns(session.schema, entity);
    let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(out);
    writer.write_record(std::iter::once("id").chain(columns.iter().map(|c| c.name.as_str()))).map_err(failed)?;
    let written = pages(session, entity, |record| {
        let cells = columns.iter().zip(&record.values).map(|(column, value)| cell(column, value));
        writer.write_record(std::iter::once(record.id.clone()).chain(cells)).map_err(failed)
    })
    .await?;
    writer.flush()?;
    Ok(written)
}

async fn pages(session: &mut Session<'_>, entity: &Entity, mut each: impl FnMut(&StoredRecord) -> Result<()>) -> Result<u32> {
    let mut last = String::new();
    let mut written = 0;
    loop {
        let page = read::after(session, entity, &last, PAGE).await?;
        for record in &page {
            each(record)?;
            written += 1;
        }
        match page.into_iter().next_back() {
            Some(record) => last = record.id,
            None => return Ok(written),
        }
    }
}

fn cell(column: &Column, value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) if column.storage_type() != StorageType::Json => text.clone(),
        other => other.to_string(),
    }
}

fn failed(error: csv::Error) -> Error {
    match error.into_kind() {
        csv::ErrorKind::Io(error) => error.into(),
        other => Error::internal(format!("{other:?}")),
    }
}

#[derive(Serialize)]
struct Line<'a> {
    id: &'a str,
    version: u32,
    data: InOrder<'a>,
}

impl<'a> Line<'a> {
    fn of(columns: &'a [Column], record: &'a StoredRecord) -> Self {
        Self { id: &record.id, version: record.version, data: InOrder(columns, &record.values) }
    }
}

/// Values under their field names, in display order whatever order a JSON map would have.
struct InOrder<'a>(&'a [Column], &'a [Value]);

impl Serialize for InOrder<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().zip(self.1).map(|(column, value)| (&column.name, value)))
    }
}
