//! `relationship add | list | drop`

use clap::Subcommand;
use serde::de::{DeserializeOwned, IntoDeserializer, value::Error as WordError};
use serde_json::{Value, json};
use std::collections::HashMap;
use stoneware_engine::model::{self, ReferentialAction, RelationshipId, RelationshipSpec, RelationshipType, Schema, SchemaEdit};

use super::edit_plan;
use crate::{failure::Outcome, output::table, session::Session};

#[derive(Subcommand)]
pub enum Relationship {
    /// Join two entities
    Add {
        source: String,
        name: String,
        target: String,
        /// many_to_one, one_to_many, one_to_one or many_to_many
        #[arg(long = "type", value_parser = word::<RelationshipType>)]
        kind: RelationshipType,
        /// What happens to the referring record: cascade, set_null, restrict or no_action
        #[arg(long, value_parser = word::<ReferentialAction>)]
        on_delete: Option<ReferentialAction>,
        #[arg(long, value_parser = word::<ReferentialAction>)]
        on_update: Option<ReferentialAction>,
        /// A record must have the other end
        #[arg(long)]
        required: bool,
        /// What the other end calls it
        #[arg(long)]
        inverse: Option<String>,
        /// Name of the field that holds the other record's id; NAME_id when none is given
        #[arg(long)]
        field: Option<String>,
        #[arg(long)]
        description: Option<String>,
        /// Only say what would be done: every statement, and every value that stands in the way
        #[arg(long)]
        plan: bool,
    },
    /// List all relationships, or those of one entity
    List { entity: Option<String> },
    /// Drop a relationship and what it joins, not the records
    Drop {
        source: String,
        name: String,
        /// Only say what would be done: every statement, and every value that stands in the way
        #[arg(long)]
        plan: bool,
    },
}

/// A word as JSON writes it; the message names the words there are.
fn word<T: DeserializeOwned>(text: &str) -> Result<T, String> {
    T::deserialize(IntoDeserializer::<WordError>::into_deserializer(text)).map_err(|error| error.to_string())
}

pub async fn run(command: Relationship, session: &Session) -> Outcome {
    let engine = session.open().await?;
    let output = session.output;
    let schema = engine.schema().await?;
    match command {
        Relationship::Add { source, name, target, kind, on_delete, on_update, required, inverse, field, description, plan } => {
            let spec = RelationshipSpec {
                name,
                kind,
                source: schema.entity_named(&source)?.id,
                target: schema.entity_named(&target)?.id,
                inverse_name: inverse,
                description,
                field,
                required,
                on_delete,
                on_update,
            };
            if plan {
                edit_plan::answer(&engine, output, SchemaEdit::AddRelationship { spec: Box::new(spec) }).await?;
            } else {
                let made = engine.add_relationship(spec).await?;
                let schema = engine.schema().await?;
                output.answer(&shape(&schema, &made, 0), |_| {
                    format!("Joined {} to {} as {}", title(&schema, made.source), title(&schema, made.target), made.name)
                })?;
            }
        }
        Relationship::List { entity } => {
            let counts = engine.link_counts().await?;
            let wanted: Vec<model::Relationship> = match entity {
                Some(name) => schema.touching(schema.entity_named(&name)?.id).cloned().collect(),
                None => schema.relationships.clone(),
            };
            let links = |r: &model::Relationship| counts.get(&r.id).copied().unwrap_or(0);
            let shapes: Vec<Value> = wanted.iter().map(|r| shape(&schema, r, links(r))).collect();
            output.answer(&shapes, |_| text(&schema, &wanted, &counts))?;
        }
        Relationship::Drop { source, name, plan } => {
            let entity = schema.entity_named(&source)?;
            let relationship = schema.relationship_named(entity, &name)?;
            if plan {
                edit_plan::answer(&engine, output, SchemaEdit::DropRelationship { relationship: relationship.id }).await?;
            } else {
                engine.drop_relationship(relationship.id).await?;
                let answer = json!({ "id": relationship.id, "name": relationship.name, "source": entity.name, "dropped": true });
                output.answer(&answer, |_| format!("Dropped {} of {}", relationship.name, entity.name))?;
            }
        }
    }
    engine.close().await;
    Ok(())
}

fn title(schema: &Schema, entity: model::EntityId) -> String {
    schema.entity(entity).map_or_else(|_| entity.to_string(), |e| e.name.clone())
}

/// A relationship as JSON, its ends by name. `links`: pairs of a many-to-many.
pub fn shape(schema: &Schema, relationship: &model::Relationship, links: u32) -> Value {
    let mut shape = json!(relationship);
    shape["source"] = json!(title(schema, relationship.source));
    shape["target"] = json!(title(schema, relationship.target));
    shape["source_id"] = json!(relationship.source);
    shape["target_id"] = json!(relationship.target);
    shape["links"] = json!(links);
    shape
}

pub fn text(schema: &Schema, relationships: &[model::Relationship], counts: &HashMap<RelationshipId, u32>) -> String {
    let rows = relationships
        .iter()
        .map(|r| {
            let kind = json!(r.kind).as_str().unwrap_or_default().replace('_', "-");
            vec![
                title(schema, r.source),
                r.name.clone(),
                title(schema, r.target),
                kind,
                r.field.clone().unwrap_or_default(),
                r.on_delete.word().to_owned(),
                if r.required { "yes".to_owned() } else { String::new() },
                counts.get(&r.id).map(u32::to_string).unwrap_or_default(),
            ]
        })
        .collect();
    table(&["Source", "Relationship", "Target", "Kind", "Field", "On delete", "Required", "Links"], rows, "No relationships yet.")
}
