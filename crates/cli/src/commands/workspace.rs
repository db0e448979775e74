//! `init` and `sample`: making a workspace.

use clap::Args;
use serde_json::json;
use stoneware_engine::{
    Engine,
    model::{Connection, WorkspaceInfo},
};

use crate::{
    failure::Outcome,
    output::{count, table},
    session::Session,
};

fn said(info: &WorkspaceInfo, created: bool) -> serde_json::Value {
    json!({ "location": info.location, "name": info.name, "kind": info.kind, "created": created })
}

#[derive(Args)]
pub struct Init {
    /// Make nothing: print the SQL by which an administrator prepares a Postgres database
    #[arg(long)]
    print_sql: bool,
    /// The role the SQL gives the rights to
    #[arg(long, value_name = "NAME", requires = "print_sql")]
    role: Option<String>,
}

/// Succeeds on a workspace that is there already: scripts may say it twice.
pub async fn init(command: Init, session: &Session) -> Outcome {
    if command.print_sql {
        return print_sql(&command, session);
    }
    let (engine, created) = session.open_or_create().await?;
    let info = engine.info()?;
    engine.close().await;
    session.output.answer(&said(&info, created), |_| {
        format!("{} {}", if created { "Made the workspace" } else { "There is a workspace already at" }, info.location)
    })
}

/// For the schema the workspace's address names; without an address, for `public`. Nobody is asked anything.
fn print_sql(command: &Init, session: &Session) -> Outcome {
    let named = session.location.as_deref().filter(|location| !location.is_empty());
    let schema = named.map_or(Ok("public".to_owned()), |location| Connection::parse(location).map(|parsed| parsed.connection.schema))?;
    let sql = Engine::preparing_sql(&schema, command.role.as_deref());
    session.output.answer(&json!({ "schema": schema, "sql": sql }), |_| sql.clone())
}

pub async fn sample(session: &Session) -> Outcome {
    let (engine, created) = session.open_or_create().await?;
    let filled = engine.fill_sample().await;
    let (info, entities) = (engine.info()?, engine.overview().await?);
    engine.close().await;
    filled?;
    let records: u64 = entities.iter().map(|e| u64::from(e.records)).sum();
    let mut answer = said(&info, created);
    answer["entities"] = json!(entities.len());
    answer["records"] = json!(records);
    session.output.answer(&answer, |_| {
        let rows = entities.iter().map(|e| vec![e.name.clone(), e.fields.to_string(), e.records.to_string()]).collect();
        format!(
            "{}\n{} and {} in {}",
            table(&["Entity", "Fields", "Records"], rows, ""),
            count(entities.len() as u64, "entity", "entities"),
            count(records, "record", "records"),
            info.location
        )
    })
}
