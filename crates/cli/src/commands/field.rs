//! `field add | rename | change | drop`

use clap::Subcommand;
use stoneware_engine::{
    Engine,
    model::{self, Entity, FieldSpec, SchemaEdit},
};

use super::edit_plan;
use crate::{
    failure::{Failure, Outcome},
    output::{Output, cell},
    session::Session,
    spec,
};

#[derive(Subcommand)]
pub enum Field {
    /// Add a field to an entity
    Add {
        entity: String,
        #[arg(value_name = "NAME:TYPE[:OPTION,…]", value_parser = |text: &str| spec::parse(text).map(Box::new))]
        spec: Box<FieldSpec>,
        /// Only say what would be done: every statement, and every value that stands in the way
        #[arg(long)]
        plan: bool,
    },
    /// Rename a field; its values stay where they are
    Rename {
        entity: String,
        field: String,
        new: String,
        /// Only say what would be done: every statement, and every value that stands in the way
        #[arg(long)]
        plan: bool,
    },
    /// Make a field what SPEC says: type, options and default; what SPEC leaves out is off afterwards
    Change {
        entity: String,
        field: String,
        #[arg(value_name = "[NAME:]TYPE[:OPTION,…]")]
        spec: String,
        /// Only say what would be done: every statement, and every value that stands in the way
        #[arg(long)]
        plan: bool,
    },
    /// Drop a field and its values
    Drop {
        entity: String,
        field: String,
        /// Only say what would be done: every statement, and every value that stands in the way
        #[arg(long)]
        plan: bool,
    },
}

pub async fn run(command: Field, session: &Session) -> Outcome {
    let engine = session.open().await?;
    let output = session.output;
    let schema = engine.schema().await?;
    match command {
        Field::Add { entity, spec, plan } => {
            let entity = schema.entity_named(&entity)?;
            if plan {
                edit_plan::answer(&engine, output, SchemaEdit::AddField { entity: entity.id, spec }).await?;
            } else {
                let field = engine.add_field(entity.id, *spec).await?;
                output.answer(&field, |field| format!("Added {} to {}: {}", field.name, entity.name, text(field)))?;
            }
        }
        Field::Rename { entity, field, new, plan } => {
            let entity = schema.entity_named(&entity)?;
            let field = schema.field_named(entity, &field)?;
            let spec = FieldSpec { name: new, ..spec_of(field) };
            if let Some(renamed) = change(&engine, output, entity, field, spec, plan).await? {
                output.answer(&renamed, |renamed| format!("Renamed {} to {}", field.name, renamed.name))?;
            }
        }
        Field::Change { entity, field, spec, plan } => {
            let entity = schema.entity_named(&entity)?;
            let field = schema.field_named(entity, &field)?;
            let wanted = spec::parse_change(&spec, &field.name).map_err(Failure::usage)?;
            // What a spec cannot say stays as it is.
            let kept = spec_of(field);
            let label = wanted.label.clone().or(kept.label);
            let description = wanted.description.clone().or(kept.description);
            let spec = FieldSpec { label, description, ..wanted };
            if let Some(changed) = change(&engine, output, entity, field, spec, plan).await? {
                output.answer(&changed, |changed| format!("{} of {} is now {}", changed.name, entity.name, text(changed)))?;
            }
        }
        Field::Drop { entity, field, plan } => {
            let entity = schema.entity_named(&entity)?;
            let field = schema.field_named(entity, &field)?;
            if plan {
                edit_plan::answer(&engine, output, SchemaEdit::DropField { entity: entity.id, field: field.id }).await?;
            } else {
                engine.drop_field(entity.id, field.id).await?;
                let answer = serde_json::json!({ "id": field.id, "name": field.name, "entity": entity.name, "dropped": true });
                output.answer(&answer, |_| format!("Dropped {} of {}", field.name, entity.name))?;
            }
        }
    }
    engine.close().await;
    Ok(())
}

/// The field as it is then; none where only the plan was asked for, which is answered.
async fn change(
    engine: &Engine,
    output: Output,
    entity: &Entity,
    field: &model::Field,
    spec: FieldSpec,
    plan: bool,
) -> Outcome<Option<model::Field>> {
    if plan {
        let spec = Box::new(spec);
        edit_plan::answer(engine, output, SchemaEdit::UpdateField { entity: entity.id, field: field.id, spec }).await?;
        return Ok(None);
    }
    Ok(Some(engine.update_field(entity.id, field.id, spec).await?))
}

/// All a field is now, as a spec that would leave it so.
fn spec_of(field: &model::Field) -> FieldSpec {
    FieldSpec {
        name: field.name.clone(),
        label: field.label.clone(),
        field_type: field.field_type,
        config: field.config.clone(),
        description: field.description.clone(),
        required: field.required,
        unique: field.unique,
        indexed: field.indexed,
        default: field.default.clone(),
        visible: field.visible,
        read_only: field.read_only,
        library: field.shared.then_some(field.field_id),
    }
}

fn text(field: &model::Field) -> String {
    let mut parts = vec![field.field_type.word().to_owned()];
    for (flag, word) in [(field.required, "required"), (field.unique, "unique"), (field.indexed, "indexed")] {
        if flag {
            parts.push(word.to_owned());
        }
    }
    if let Some(default) = &field.default {
        parts.push(format!("default {}", cell(default)));
    }
    parts.join(", ")
}
