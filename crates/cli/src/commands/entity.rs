//! `entity list | show | create | rename | drop`

use clap::Subcommand;
use serde_json::{Value, json};
use stoneware_engine::model::{self, EntitySpec, EntitySummary, FieldSpec, Impact, KeyPart, Schema, SchemaEdit, StorageMode};

use super::{edit_plan, relationship};
use crate::{
    failure::Outcome,
    output::{cell, count, table},
    session::Session,
    spec,
};

#[derive(Subcommand)]
pub enum Entity {
    /// List the entities with their storage mode and number of records
    List,
    /// Show an entity's fields and relationships
    Show { name: String },
    /// Create an entity
    Create {
        name: String,
        /// A field, as NAME:TYPE[:required,unique,indexed,default=…]; may be given several times
        #[arg(long = "field", value_name = "NAME:TYPE[:OPTION,…]", value_parser = spec::parse)]
        fields: Vec<FieldSpec>,
        /// What people read instead of the name
        #[arg(long)]
        label: Option<String>,
        #[arg(long)]
        plural_label: Option<String>,
        #[arg(long)]
        icon: Option<String>,
        #[arg(long)]
        description: Option<String>,
        /// The application (group) it is shown under
        #[arg(long)]
        application: Option<String>,
    },
    /// Rename an entity; its records and its table stay as they are
    Rename { name: String, new: String },
    /// Replace an entity's unique keys over several fields; with no --key it has none
    SetKeys {
        name: String,
        /// Fields or relationships that are unique together, as A,B[,C…]; may be given several times
        #[arg(long = "key", value_name = "FIELD,FIELD[,…]")]
        keys: Vec<String>,
        /// Only say what would be done: every statement, and every value that stands in the way
        #[arg(long)]
        plan: bool,
    },
    /// Drop an entity with its records and relationships
    Drop {
        name: String,
        /// Only say what would go
        #[arg(long)]
        plan: bool,
    },
}

pub async fn run(command: Entity, session: &Session) -> Outcome {
    let engine = session.open().await?;
    let output = session.output;
    match command {
        Entity::List => output.answer(&engine.overview().await?, |entities| list(entities))?,
        Entity::Show { name } => {
            let schema = engine.schema().await?;
            let entity = schema.entity_named(&name)?;
            let records = engine.overview().await?.iter().find(|e| e.id == entity.id).map_or(0, |e| e.records);
            output.answer(&shape(&schema, entity, records), |_| text(&schema, entity, records))?;
        }
        Entity::Create { name, fields, label, plural_label, icon, description, application } => {
            let spec = EntitySpec { name, label, plural_label, icon, description, application, ..EntitySpec::default() };
            let entity = engine.create_entity(spec, fields, None).await?;
            let schema = engine.schema().await?;
            output.answer(&shape(&schema, &entity, 0), |_| format!("Created {}\n{}", entity.name, text(&schema, &entity, 0)))?;
        }
        Entity::Rename { name, new } => {
            let schema = engine.schema().await?;
            let entity = schema.entity_named(&name)?;
            let spec = EntitySpec { name: new, ..spec_of(entity) };
            let renamed = engine.update_entity(entity.id, spec).await?;
            let schema = engine.schema().await?;
            let records = engine.overview().await?.iter().find(|e| e.id == renamed.id).map_or(0, |e| e.records);
            output.answer(&shape(&schema, &renamed, records), |_| format!("Renamed {} to {}", entity.name, renamed.name))?;
        }
        Entity::SetKeys { name, keys, plan } => {
            let schema = engine.schema().await?;
            let entity = schema.entity_named(&name)?;
            let keys = keys
                .iter()
                .map(|key| key.split(',').map(|part| key_part(&schema, entity, part.trim())).collect())
                .collect::<Result<_, _>>()?;
            if plan {
                edit_plan::answer(&engine, output, SchemaEdit::SetKeys { entity: entity.id, keys }).await?;
            } else {
                let entity = engine.set_keys(entity.id, keys).await?;
                let schema = engine.schema().await?;
                let records = engine.overview().await?.iter().find(|e| e.id == entity.id).map_or(0, |e| e.records);
                output.answer(&shape(&schema, &entity, records), |_| {
                    format!("{} has {}", entity.name, count(entity.keys.len() as u64, "unique key", "unique keys"))
                })?;
            }
        }
        Entity::Drop { name, plan } => {
            let schema = engine.schema().await?;
            let entity = schema.entity_named(&name)?;
            let impact = engine.drop_impact(&[entity.id]).await?;
            if plan {
                output.answer(&impact, |impact| format!("Dropping {}: {}", entity.name, impact_text(impact)))?;
            } else {
                engine.drop_entity(entity.id).await?;
                let answer = json!({ "id": entity.id, "name": entity.name, "dropped": true, "impact": impact });
                output.answer(&answer, |_| format!("Dropped {}: {}", entity.name, impact_text(&impact)))?;
            }
        }
    }
    engine.close().await;
    Ok(())
}

/// A field of that name, or a relationship the entity holds.
fn key_part(schema: &Schema, entity: &model::Entity, name: &str) -> stoneware_engine::Result<KeyPart> {
    match schema.touching(entity.id).find(|r| r.name == name && r.holder() == entity.id && !r.is_many_to_many()) {
        Some(relationship) => Ok(KeyPart::Relationship(relationship.id)),
        None => schema.field_named(entity, name).map(|field| KeyPart::Field(field.id)),
    }
}

/// All an entity is now, as a spec that would leave it so.
fn spec_of(entity: &model::Entity) -> EntitySpec {
    EntitySpec {
        name: entity.name.clone(),
        label: entity.label.clone(),
        plural_label: entity.plural_label.clone(),
        icon: entity.icon.clone(),
        description: entity.description.clone(),
        application: entity.application.clone(),
        scope: entity.scope,
        access: entity.access,
    }
}

/// An entity as JSON: everything the model says, its relationships, and how many records it has.
pub fn shape(schema: &Schema, entity: &model::Entity, records: u32) -> Value {
    let mut shape = json!(entity);
    shape["records"] = json!(records);
    shape["relationships"] = schema.touching(entity.id).map(|r| relationship::shape(schema, r, 0)).collect();
    for relationship in shape["relationships"].as_array_mut().into_iter().flatten().filter_map(Value::as_object_mut) {
        // Counting pairs reads whole tables; `relationship list` does it.
        relationship.remove("links");
    }
    shape
}

fn mode(mode: StorageMode) -> &'static str {
    match mode {
        StorageMode::Shared => "shared",
        StorageMode::Dedicated => "dedicated",
    }
}

fn list(entities: &[EntitySummary]) -> String {
    let rows = entities
        .iter()
        .map(|e| {
            let place = if e.storage_mode == StorageMode::Dedicated { e.table.clone() } else { String::new() };
            vec![
                e.name.clone(),
                mode(e.storage_mode).to_owned(),
                place,
                e.fields.to_string(),
                e.records.to_string(),
                e.application.clone().unwrap_or_default(),
            ]
        })
        .collect();
    table(
        &["Entity", "Storage", "Table", "Fields", "Records", "Application"],
        rows,
        "No entities yet. Create one with: stoneware entity create NAME --field NAME:TYPE",
    )
}

fn text(schema: &Schema, entity: &model::Entity, records: u32) -> String {
    let yes = |flag: bool| if flag { "yes".to_owned() } else { String::new() };
    let fields = entity
        .fields
        .iter()
        .map(|f| {
            let default = f.default.as_ref().map(cell).unwrap_or_default();
            vec![f.name.clone(), f.field_type.word().to_owned(), yes(f.required), yes(f.unique), yes(f.indexed), default]
        })
        .collect();
    let relationships: Vec<_> = schema.touching(entity.id).cloned().collect();
    let mut out = format!("{}: {}, {}", entity.name, mode(entity.storage_mode), count(records, "record", "records"));
    out += &format!("\n{}", table(&["Field", "Type", "Required", "Unique", "Indexed", "Default"], fields, "No fields yet."));
    if !relationships.is_empty() {
        out += &format!("\n{}", relationship::text(schema, &relationships, &Default::default()));
    }
    out
}

/// What a delete takes with it, in one sentence.
pub fn impact_text(impact: &Impact) -> String {
    let list = |counts: &[model::EntityCount]| {
        counts.iter().filter(|c| c.count > 0).map(|c| format!("{} of {}", count(c.count, "record", "records"), c.name)).collect::<Vec<_>>()
    };
    let mut parts = Vec::new();
    let (deletes, unlinks) = (list(&impact.deletes), list(&impact.unlinks));
    if !deletes.is_empty() {
        parts.push(format!("deletes {}", deletes.join(", ")));
    }
    if !unlinks.is_empty() {
        parts.push(format!("clears the reference in {}", unlinks.join(", ")));
    }
    let links: u64 = impact.links.iter().map(|c| u64::from(c.count)).sum();
    if links > 0 {
        parts.push(format!("removes {}", count(links, "link", "links")));
    }
    for blocker in &impact.blocked_by {
        let referring = count(blocker.count, "record", "records");
        parts.push(format!("forbidden by {referring} of {} through {}", blocker.entity, blocker.relationship));
    }
    if parts.is_empty() { "no records are touched".to_owned() } else { parts.join("; ") }
}
