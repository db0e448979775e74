//! `link add | remove | list`: the pairs of a many-to-many relationship.

use clap::{Args, Subcommand};
use serde_json::{Value, json};
use stoneware_engine::model::{self, RecordId};

use crate::{
    failure::Outcome,
    input,
    output::{cell, count, table},
    session::Session,
};

#[derive(Args)]
pub struct End {
    entity: String,
    /// The record at this end
    id: RecordId,
    /// The relationship's name, or its inverse name seen from the other entity
    relationship: String,
}

#[derive(Subcommand)]
pub enum Link {
    /// Link a record to others
    Add {
        #[command(flatten)]
        end: End,
        #[arg(required = true)]
        others: Vec<RecordId>,
        /// JSON that every new link carries
        #[arg(long)]
        metadata: Option<String>,
    },
    /// Remove links; the records stay
    Remove {
        #[command(flatten)]
        end: End,
        #[arg(required = true)]
        others: Vec<RecordId>,
    },
    /// List a record's links
    List {
        #[command(flatten)]
        end: End,
    },
}

pub async fn run(command: Link, session: &Session) -> Outcome {
    let engine = session.open().await?;
    let output = session.output;
    let schema = engine.schema().await?;
    let end = match &command {
        Link::Add { end, .. } | Link::Remove { end, .. } | Link::List { end } => end,
    };
    let entity = schema.entity_named(&end.entity)?;
    let relationship = schema.relationship_named(entity, &end.relationship)?;
    let id = end.id;
    match &command {
        Link::Add { others, metadata, .. } => {
            let metadata = metadata.as_deref().map(input::json).transpose()?;
            let links = engine.add_links(relationship.id, entity.id, id, others.clone(), metadata).await?;
            output.answer(&shapes(&links, id), |_| format!("Added {}", count(links.len() as u64, "link", "links")))?;
        }
        Link::Remove { others, .. } => {
            let removed = engine.remove_links(relationship.id, entity.id, id, others.clone()).await?;
            output.answer(&json!({ "removed": removed }), |_| format!("Removed {}", count(removed, "link", "links")))?;
        }
        Link::List { .. } => {
            let links = engine.links(relationship.id, id).await?;
            output.answer(&shapes(&links, id), |_| {
                let rows =
                    links.iter().map(|l| vec![other(l, id).to_string(), l.metadata.as_ref().map(cell).unwrap_or_default()]).collect();
                table(&["Record", "Metadata"], rows, "No links yet.")
            })?;
        }
    }
    engine.close().await;
    Ok(())
}

fn other(link: &model::Link, id: RecordId) -> RecordId {
    if link.source == id { link.target } else { link.source }
}

/// `record` is the other end, whichever way the relationship runs.
fn shapes(links: &[model::Link], id: RecordId) -> Vec<Value> {
    let shape = |link: &model::Link| {
        let mut shape = json!(link);
        shape["record"] = json!(other(link, id));
        shape
    };
    links.iter().map(shape).collect()
}
