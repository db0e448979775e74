//! `import`: another database or a file of records becomes entities, relationships and records.

use clap::{Args, ValueEnum};
use serde_json::json;
use std::{io::Read, path::Path};
use stoneware_engine::{
    Engine, Error,
    engine::is_url,
    model::{EntityId, ImportProgress, ImportReport, MaterializeOptions},
};
use tokio_util::sync::CancellationToken;

use crate::{
    failure::{Failure, Outcome},
    output::{count, table},
    progress::{Bar, follow, stoppable},
    session::Session,
};

#[derive(Clone, Copy, PartialEq, ValueEnum)]
enum Format {
    Sqlite,
    Postgres,
    Sql,
    Dbml,
    Csv,
    Ndjson,
}

#[derive(Clone, Copy, PartialEq, ValueEnum)]
enum Storage {
    Shared,
    Dedicated,
}

#[derive(Args)]
pub struct Import {
    /// The file to read, or the address of a Postgres database: postgres://user@host/database. The password may stand in it, in PGPASSWORD
    /// or in the password file
    #[arg(value_name = "FILE|URL")]
    from: String,
    /// Told from the file's name or its first bytes when not given
    #[arg(long, value_enum)]
    format: Option<Format>,
    /// The entity that CSV and NDJSON records go into, made where there is none; the file's name when not given
    #[arg(long)]
    entity: Option<String>,
    /// Entities, fields and relationships only, no records
    #[arg(long)]
    schema_only: bool,
    /// A schema of a Postgres database to take, and no other; may be given several times
    #[arg(long = "schema", value_name = "NAME")]
    schemas: Vec<String>,
    /// dedicated: materialize every imported entity afterwards
    #[arg(long, value_enum, default_value_t = Storage::Shared)]
    storage: Storage,
}

pub async fn run(command: Import, session: &Session) -> Outcome {
    let format = match command.format {
        Some(format) => format,
        None => guess(&command.from)?,
    };
    let file = Path::new(&command.from);
    check(&command, format, file)?;
    let engine = session.open().await?;
    let report = read(&command, format, file, &engine, session).await?;
    let mut answer = json!(report);
    if !session.output.json {
        session.output.say(&text(&report))?;
    }
    if command.storage == Storage::Dedicated {
        answer["materialized"] = json!(materialize(&engine, &report, session).await?);
    }
    engine.close().await;
    if session.output.json { session.output.event(&answer) } else { Ok(()) }
}

/// What cannot be done is said before the workspace is touched.
fn check(command: &Import, format: Format, file: &Path) -> Outcome {
    // An address may hold a password: no message repeats it.
    if format != Format::Postgres && is_url(&command.from) {
        return Err(Failure::usage("This is the address of a Postgres database: leave --format out, or say --format postgres."));
    }
    if format != Format::Postgres && !command.schemas.is_empty() {
        return Err(Failure::usage("--schema goes with a Postgres database; a file has no schemas to choose from."));
    }
    match format {
        Format::Postgres if command.entity.is_some() => {
            return Err(Failure::usage("--entity goes with CSV and NDJSON; a database names its own entities."));
        }
        Format::Postgres => return Ok(()),
        Format::Sql | Format::Dbml => {
            return Err(Error::unsupported(
                "Importing SQL and DBML scripts is not there yet: import a SQLite, CSV or NDJSON file, or a Postgres database.",
            )
            .into());
        }
        Format::Sqlite if command.entity.is_some() => {
            return Err(Failure::usage("--entity goes with CSV and NDJSON; a SQLite file names its own entities."));
        }
        Format::Csv | Format::Ndjson if command.schema_only => {
            return Err(Error::unsupported(
                "--schema-only goes with a SQLite file or a Postgres database; CSV and NDJSON hold records only.",
            )
            .into());
        }
        _ => {}
    }
    let readable = std::fs::File::open(file).and_then(|f| f.metadata());
    match readable {
        Ok(meta) if meta.is_dir() => Err(Error::invalid(format!("{} is a folder: name a file.", file.display())).into()),
        Ok(_) => Ok(()),
        Err(error) => {
            let code = Error::from(error).code;
            let message = format!("Cannot read {}: check the path and that you may read it.", file.display());
            Err(Error::new(code, message).with(json!({ "file": file.to_string_lossy() })).into())
        }
    }
}

fn guess(from: &str) -> Outcome<Format> {
    if is_url(from) {
        return Ok(Format::Postgres);
    }
    if from.contains("://") {
        return Err(Failure::usage(
            "This is no address Stoneware knows: write that of a Postgres database as postgres://user@host/database.",
        ));
    }
    let path = Path::new(from);
    let ending = path.extension().map(|e| e.to_string_lossy().to_lowercase()).unwrap_or_default();
    let mut start = [0; 16];
    let is_sqlite = std::fs::File::open(path).and_then(|mut f| f.read_exact(&mut start)).is_ok() && &start == b"SQLite format 3\0";
    Ok(match ending.as_str() {
        _ if is_sqlite => Format::Sqlite,
        "sqlite" | "sqlite3" | "db" | "db3" => Format::Sqlite,
        "csv" => Format::Csv,
        "ndjson" | "jsonl" => Format::Ndjson,
        "sql" => Format::Sql,
        "dbml" => Format::Dbml,
        _ => {
            return Err(Failure::usage(format!("Cannot tell the format of {from} from its name: say --format sqlite, csv or ndjson.")));
        }
    })
}

async fn read(command: &Import, format: Format, file: &Path, engine: &Engine, session: &Session) -> Outcome<ImportReport> {
    let bar = Bar::new(session.output);
    let on = |progress: ImportProgress| bar.import(&progress);
    let cancel = CancellationToken::new();
    let stem = file.file_stem().map(|s| s.to_string_lossy().into_owned()).unwrap_or_default();
    let entity = command.entity.as_deref().unwrap_or(&stem);
    let work = async {
        match format {
            Format::Csv => engine.import_csv(file, entity, &on, &cancel).await,
            Format::Ndjson => engine.import_ndjson(file, entity, &on, &cancel).await,
            Format::Postgres => engine.import_postgres(&command.from, &command.schemas, command.schema_only, &on, &cancel).await,
            _ => engine.import_sqlite(file, command.schema_only, &on, &cancel).await,
        }
    };
    let report = stoppable(work, &cancel).await;
    bar.finish();
    Ok(report?)
}

/// Every imported entity that is not dedicated already.
async fn materialize(engine: &Engine, report: &ImportReport, session: &Session) -> Outcome<Vec<stoneware_engine::model::JobReport>> {
    let schema = engine.schema().await?;
    let entities: Vec<EntityId> =
        report.entities.iter().filter_map(|name| schema.entity_named(name).ok()).filter(|e| !e.is_dedicated()).map(|e| e.id).collect();
    if entities.is_empty() {
        return Ok(vec![]);
    }
    // The answer is one document, so the steps of this job are shown to people only.
    let job = follow(engine, session.output.quiet(), || engine.start_materialize(entities, MaterializeOptions::default())).await?;
    Ok(job.reports)
}

fn text(report: &ImportReport) -> String {
    let relationships = u64::from(report.relationships) + u64::from(report.many_to_many);
    let mut out = format!(
        "{}, {}, {}, {} in {:.1} s",
        count(report.entities.len() as u64, "entity", "entities"),
        count(relationships, "relationship", "relationships"),
        count(report.records, "record", "records"),
        count(report.links, "link", "links"),
        report.seconds
    );
    if report.kept > 0 {
        out += &format!("\n{} kept as written though the field's type is another", count(report.kept, "value", "values"));
    }
    if !report.not_carried.is_empty() {
        let rows = report.not_carried.iter().map(|n| vec![n.kind.clone(), n.name.clone(), n.reason.clone()]).collect();
        out += &format!("\nNot carried over:\n{}", table(&["Kind", "Name", "Reason"], rows, ""));
    }
    out
}
