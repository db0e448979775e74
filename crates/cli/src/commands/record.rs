//! `record insert | get | update | delete | list | export`

use clap::{Subcommand, ValueEnum};
use serde_json::{Value, json};
use std::{
    fs::File,
    io::{BufWriter, Write},
    path::PathBuf,
};
use stoneware_engine::{
    Engine, Error,
    model::{self, Entity, ListRequest, RecordId, RecordPage, Schema, SortKey},
};

use super::entity::impact_text;
use crate::{
    failure::Outcome,
    input,
    output::{Output, cell, count, table},
    session::Session,
};

/// Most records the engine gives in one page; a longer list is read page by page.
const PAGE: u32 = 1_000;

#[derive(Clone, Copy, ValueEnum)]
pub enum Format {
    Ndjson,
    Csv,
}

#[derive(Subcommand)]
pub enum Record {
    /// Insert a record
    Insert {
        entity: String,
        /// A JSON object, @FILE to read it from a file, or - for standard input
        #[arg(value_name = "JSON|@FILE|-")]
        data: String,
    },
    /// Show one record
    Get { entity: String, id: RecordId },
    /// Change the values named in JSON, leave the others
    Update {
        entity: String,
        id: RecordId,
        #[arg(value_name = "JSON|@FILE|-")]
        data: String,
        /// The version that was read: refused when the record has changed since
        #[arg(long)]
        version: Option<u32>,
    },
    /// Delete records, with what their relationships say
    Delete {
        entity: String,
        #[arg(required = true)]
        ids: Vec<RecordId>,
        /// Only say what would go
        #[arg(long)]
        plan: bool,
    },
    /// List records, a page at a time
    List {
        entity: String,
        /// A condition such as "age > 30 and status in ('paid', 'shipped')"
        #[arg(long = "where", value_name = "EXPR")]
        filter: Option<String>,
        /// Text the primary value must contain
        #[arg(long)]
        search: Option<String>,
        /// FIELD or FIELD:desc, several with commas
        #[arg(long, value_name = "FIELD[:desc],…")]
        sort: Vec<String>,
        /// Relationships whose linked records come along, several with commas
        #[arg(long, value_name = "REL,…")]
        include: Vec<String>,
        #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..))]
        limit: u32,
        /// The cursor of the page before
        #[arg(long, value_name = "CURSOR")]
        after: Option<String>,
    },
    /// Write every record of an entity, one a line, ordered by id
    Export {
        entity: String,
        #[arg(long, value_enum, default_value_t = Format::Ndjson)]
        format: Format,
        /// The file to write; standard output when not given
        #[arg(short, long, value_name = "FILE")]
        output: Option<PathBuf>,
    },
}

pub async fn run(command: Record, session: &Session) -> Outcome {
    let engine = session.open().await?;
    let output = session.output;
    let schema = engine.schema().await?;
    match command {
        Record::Insert { entity, data } => {
            let entity = schema.entity_named(&entity)?;
            let record = engine.insert_record(entity.id, input::record(&data)?).await?;
            output.answer(&record, |record| text(&schema, entity, record))?;
        }
        Record::Get { entity, id } => {
            let entity = schema.entity_named(&entity)?;
            output.answer(&engine.record(entity.id, id).await?, |record| text(&schema, entity, record))?;
        }
        Record::Update { entity, id, data, version } => {
            let entity = schema.entity_named(&entity)?;
            let record = engine.update_record(entity.id, id, input::record(&data)?, version).await?;
            output.answer(&record, |record| text(&schema, entity, record))?;
        }
        Record::Delete { entity, ids, plan } => {
            let entity = schema.entity_named(&entity)?;
            if plan {
                output.answer(&engine.delete_impact(entity.id, ids).await?, |impact| format!("Would do: {}", impact_text(impact)))?;
            } else {
                output.answer(&engine.delete_records(entity.id, ids).await?, |impact| format!("Done: {}", impact_text(impact)))?;
            }
        }
        Record::List { entity, filter, search, sort, include, limit, after } => {
            let entity = schema.entity_named(&entity)?;
            let include = include.iter().flat_map(|names| relationship_names(&schema, entity, names)).collect();
            let sort = sort.iter().flat_map(|keys| sort_keys(&schema, entity, keys)).collect();
            let request = ListRequest { filter, search, sort, include, after, ..ListRequest::default() };
            let page = list(&engine, entity, request, limit).await?;
            output.answer(&page_shape(&page), |_| page_text(&schema, entity, &page))?;
        }
        Record::Export { entity, format, output: file } => {
            export(&engine, schema.entity_named(&entity)?, format, file, output).await?;
        }
    }
    engine.close().await;
    Ok(())
}

/// As many pages as `limit` asks for, as one.
async fn list(engine: &Engine, entity: &Entity, mut request: ListRequest, limit: u32) -> Outcome<RecordPage> {
    let mut all = RecordPage { records: vec![], next: None };
    loop {
        let missing = limit - u32::try_from(all.records.len()).unwrap_or(limit).min(limit);
        request.limit = Some(missing.min(PAGE));
        let page = engine.list_records(entity.id, request.clone()).await?;
        all.records.extend(page.records);
        all.next.clone_from(&page.next);
        if page.next.is_none() || all.records.len() as u64 >= u64::from(limit) {
            return Ok(all);
        }
        request.after = page.next;
    }
}

/// `a,b:desc`; a field whose name holds the comma is taken whole.
fn sort_keys(schema: &Schema, entity: &Entity, text: &str) -> Vec<SortKey> {
    let key = |part: &str| {
        if schema.field_named(entity, part).is_ok() {
            return SortKey { field: part.to_owned(), descending: false };
        }
        match part.rsplit_once(':') {
            Some((field, "desc")) => SortKey { field: field.to_owned(), descending: true },
            Some((field, "asc")) => SortKey { field: field.to_owned(), descending: false },
            _ => SortKey { field: part.to_owned(), descending: false },
        }
    };
    let whole = key(text);
    if schema.field_named(entity, &whole.field).is_ok() { vec![whole] } else { text.split(',').map(key).collect() }
}

fn relationship_names(schema: &Schema, entity: &Entity, text: &str) -> Vec<String> {
    if schema.relationship_named(entity, text).is_ok() { vec![text.to_owned()] } else { text.split(',').map(str::to_owned).collect() }
}

/// Every record says its links, even where it has none.
fn page_shape(page: &RecordPage) -> Value {
    let record = |record: &model::Record| {
        let mut shape = json!(record);
        shape["links"] = json!(record.links);
        shape
    };
    json!({ "records": page.records.iter().map(record).collect::<Vec<_>>(), "next": page.next })
}

fn columns(schema: &Schema, entity: &Entity) -> Vec<String> {
    let fields = entity.fields.iter().filter(|f| f.visible).map(|f| f.name.clone());
    fields.chain(schema.columns(entity.id).filter_map(|r| r.field.clone())).collect()
}

fn page_text(schema: &Schema, entity: &Entity, page: &RecordPage) -> String {
    let columns = columns(schema, entity);
    let header: Vec<&str> = std::iter::once("id").chain(columns.iter().map(String::as_str)).collect();
    let row = |record: &model::Record| {
        let values = columns.iter().map(|name| record.data.get(name).map(cell).unwrap_or_default());
        std::iter::once(record.id.to_string()).chain(values).collect()
    };
    let mut out = table(&header, page.records.iter().map(row).collect(), "No records.");
    if let Some(next) = &page.next {
        out += &format!("\nMore: --after {next}");
    }
    out
}

fn text(schema: &Schema, entity: &Entity, record: &model::Record) -> String {
    let mut rows = vec![vec!["id".to_owned(), record.id.to_string()], vec!["version".to_owned(), record.version.to_string()]];
    for name in columns(schema, entity) {
        let value = record.data.get(&name).map(cell).unwrap_or_default();
        let problem = record.problems.get(&name).map(|reason| format!("  (does not fit: {reason})")).unwrap_or_default();
        rows.push(vec![name, value + &problem]);
    }
    table(&[&entity.name, record.primary_value.as_deref().unwrap_or("")], rows, "")
}

async fn export(engine: &Engine, entity: &Entity, format: Format, file: Option<PathBuf>, output: Output) -> Outcome {
    let to_file = file.is_some();
    let mut out: Box<dyn Write + Send> = match &file {
        Some(path) => Box::new(BufWriter::with_capacity(
            1 << 20,
            File::create(path).map_err(|error| {
                Error::new(Error::from(error).code, format!("Cannot write {}: check the folder and your rights.", path.display()))
            })?,
        )),
        None => Box::new(BufWriter::with_capacity(1 << 20, std::io::stdout())),
    };
    let records = match format {
        Format::Ndjson => engine.export_ndjson(entity.id, &mut *out).await?,
        Format::Csv => engine.export_csv(entity.id, &mut *out).await?,
    };
    out.flush()?;
    if to_file {
        let answer = json!({ "entity": entity.name, "records": records, "file": file.as_deref().map(|f| f.to_string_lossy()) });
        output.answer(&answer, |_| format!("Wrote {}", count(records, "record", "records")))?;
    }
    Ok(())
}
