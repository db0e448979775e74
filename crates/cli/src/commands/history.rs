//! `changelog`, `undo`, `redo`

use clap::Args;
use stoneware_engine::model::SchemaChange;

use crate::{failure::Outcome, output::table, session::Session};

#[derive(Args)]
pub struct Changelog {
    /// Only edits that touch this entity
    entity: Option<String>,
}

pub async fn changelog(command: Changelog, session: &Session) -> Outcome {
    let engine = session.open().await?;
    let entity = match &command.entity {
        Some(name) => Some(engine.schema().await?.entity_named(name)?.id),
        None => None,
    };
    let changes = engine.changelog(entity).await?;
    engine.close().await;
    session.output.answer(&changes, |changes| list(changes))
}

pub async fn undo(session: &Session) -> Outcome {
    let engine = session.open().await?;
    let change = engine.undo().await?;
    engine.close().await;
    session.output.answer(&change, |change| format!("Undid: {}", change.description))
}

pub async fn redo(session: &Session) -> Outcome {
    let engine = session.open().await?;
    let change = engine.redo().await?;
    engine.close().await;
    session.output.answer(&change, |change| format!("Did again: {}", change.description))
}

fn list(changes: &[SchemaChange]) -> String {
    let rows = changes
        .iter()
        .map(|c| {
            let undone = if c.undone { "undone".to_owned() } else { String::new() };
            vec![c.version.to_string(), c.at.clone(), c.description.clone(), undone]
        })
        .collect();
    table(&["Version", "At", "Change", ""], rows, "No edits yet.")
}
