//! How values cross to JavaScript, which keeps no whole number past 2^53.
//!
//! A value of an `integer` field crosses as text, always, in both directions. Elsewhere (inside `json`, in an error's details)
//! only a whole number too big for JavaScript becomes text. Decimals are text already; the engine reads both forms.
//!
//! A value of a `json` field that holds such a number crosses as `{"$json": "the whole value as text"}`, in both directions, so
//! that it is still a number after it was edited.

use serde_json::{Number, Value, json};
use stoneware_engine::{
    Engine, Error, Result,
    model::{Data, EditPlan, Entity, EntityId, Field, FieldType, Job, Link, MaterializePlan, ProblemPage, Record, RecordPage, Schema},
};

/// The largest whole number below which JavaScript keeps them all.
const SAFE: u64 = 9_007_199_254_740_991;

/// The one key of an object that stands for the JSON text in it.
const RAW: &str = "$json";

/// Values as they came from JavaScript, as the engine takes them.
///
/// # Errors
/// `unknown_entity`; `invalid_input` when the text of a `json` value is not JSON.
pub async fn data(engine: &Engine, entity: EntityId, mut data: Data) -> Result<Data> {
    let schema = engine.schema().await?;
    for name in of_type(schema.entity(entity)?, FieldType::Json) {
        if let Some(value) = data.get_mut(name)
            && let Some(text) = raw_text(value)
        {
            *value = serde_json::from_str(text).map_err(|error| Error::invalid(format!("{name} is not JSON: {error}.")))?;
        }
    }
    Ok(data)
}

/// What stands in `{"$json": "…"}`.
fn raw_text(value: &Value) -> Option<&str> {
    value.as_object().filter(|map| map.len() == 1)?.get(RAW)?.as_str()
}

pub async fn record(engine: &Engine, entity: EntityId, mut record: Record) -> Result<Record> {
    let schema = engine.schema().await?;
    to_text(&mut record, schema.entity(entity)?);
    Ok(record)
}

pub async fn page(engine: &Engine, entity: EntityId, mut page: RecordPage) -> Result<RecordPage> {
    let schema = engine.schema().await?;
    let entity = schema.entity(entity)?;
    for record in &mut page.records {
        to_text(record, entity);
    }
    Ok(page)
}

pub fn schema(schema: &Schema) -> Schema {
    let mut schema = schema.clone();
    schema.entities = schema.entities.into_iter().map(entity).collect();
    schema
}

pub fn entity(mut entity: Entity) -> Entity {
    entity.fields = entity.fields.into_iter().map(field).collect();
    entity
}

pub fn field(mut field: Field) -> Field {
    if let Some(default) = &mut field.default {
        if field.field_type == FieldType::Integer {
            number_to_text(default);
        }
        exact(default);
    }
    field
}

pub fn links(mut links: Vec<Link>) -> Vec<Link> {
    links.iter_mut().filter_map(|link| link.metadata.as_mut()).for_each(exact);
    links
}

pub fn plan(mut plan: MaterializePlan) -> MaterializePlan {
    plan.problems.iter_mut().for_each(|problem| exact(&mut problem.value));
    plan.fields.iter_mut().flat_map(|field| field.smallest.iter_mut().chain(&mut field.largest)).for_each(exact);
    plan
}

pub fn edit_plan(mut plan: EditPlan) -> EditPlan {
    plan.problems.iter_mut().for_each(|problem| exact(&mut problem.value));
    plan
}

pub fn problems(mut page: ProblemPage) -> ProblemPage {
    page.problems.iter_mut().for_each(|problem| exact(&mut problem.value));
    page
}

pub fn job(mut job: Job) -> Job {
    job.error = job.error.map(error);
    job
}

pub fn error(mut error: Error) -> Error {
    exact(&mut error.details);
    error
}

fn of_type(entity: &Entity, wanted: FieldType) -> impl Iterator<Item = &str> {
    entity.fields.iter().filter(move |field| field.field_type == wanted).map(|field| field.name.as_str())
}

fn to_text(record: &mut Record, entity: &Entity) {
    for name in of_type(entity, FieldType::Integer) {
        if let Some(value) = record.data.get_mut(name) {
            number_to_text(value);
        }
    }
    for name in of_type(entity, FieldType::Json) {
        if let Some(value) = record.data.get_mut(name)
            && (!is_exact(value) || raw_text(value).is_some())
        {
            *value = json!({ RAW: format!("{value:#}") });
        }
    }
    record.data.values_mut().for_each(exact);
    record.links.values_mut().flatten().filter_map(|linked| linked.metadata.as_mut()).for_each(exact);
}

fn number_to_text(value: &mut Value) {
    if let Value::Number(number) = value {
        *value = Value::String(number.to_string());
    }
}

/// Turns every number JavaScript would change into text.
fn exact(value: &mut Value) {
    match value {
        Value::Number(number) if !is_safe(number) => number_to_text(value),
        Value::Array(items) => items.iter_mut().for_each(exact),
        Value::Object(map) => map.values_mut().for_each(exact),
        _ => {}
    }
}

/// Whether JavaScript would read the value as it is.
fn is_exact(value: &Value) -> bool {
    match value {
        Value::Number(number) => is_safe(number),
        Value::Array(items) => items.iter().all(is_exact),
        Value::Object(map) => map.values().all(is_exact),
        _ => true,
    }
}

fn is_safe(number: &Number) -> bool {
    number.is_f64() || number.as_i64().map(i64::unsigned_abs).or(number.as_u64()).is_some_and(|whole| whole <= SAFE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_numbers_javascript_would_change_become_text() {
        let mut value = json!({"a": [SAFE, SAFE + 1, i64::MIN, u64::MAX, 1.5, "1"]});
        exact(&mut value);
        let expected = json!({"a": [SAFE, "9007199254740992", "-9223372036854775808", "18446744073709551615", 1.5, "1"]});
        assert_eq!(value, expected, "only what would lose a digit changes");
    }
}
