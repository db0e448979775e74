//! `init` and `sample`: making a workspace.

use serde_json::json;
use stoneware_engine::model::WorkspaceInfo;

use crate::{
    failure::Outcome,
    output::{count, table},
    session::Session,
};

fn said(info: &WorkspaceInfo, created: bool) -> serde_json::Value {
    json!({ "location": info.location, "name": info.name, "kind": info.kind, "created": created })
}

/// Succeeds on a workspace that is there already: scripts may say it twice.
pub async fn init(session: &Session) -> Outcome {
    let (engine, created) = session.open_or_create().await?;
    let info = engine.info().await?;
    engine.close().await;
    session.output.answer(&said(&info, created), |_| {
        format!("{} {}", if created { "Made the workspace" } else { "There is a workspace already at" }, info.location)
    })
}

pub async fn sample(session: &Session) -> Outcome {
    let (engine, created) = session.open_or_create().await?;
    let filled = engine.fill_sample().await;
    let (info, entities) = (engine.info().await?, engine.overview().await?);
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
