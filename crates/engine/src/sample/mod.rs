//! The sample workspace: a coffee roastery, made by code, the same to the byte each time.
//!
//! `schema` says what its entities look like and where they stand on the diagram, `records` fills them, `words` is what they are filled with.

mod records;
mod schema;
mod words;

use serde_json::json;

use crate::{
    error::{Error, Result},
    model::{EntityId, NodePosition},
    records::{Context, Session},
    schema::{Edit, Op, Title, changelog, entities, relationships},
};

/// Every record of the sample was written at this moment.
const WRITTEN: &str = "2026-03-02T08:00:00.000000Z";

/// Fills an empty workspace.
///
/// # Errors
/// `invalid_input` when there are entities already.
pub async fn fill(edit: &mut Edit<'_>) -> Result<()> {
    if let Some(there) = edit.schema.entities.first() {
        return Err(Error::invalid("The sample goes into an empty workspace; this one has entities already. Make a new one for it.")
            .with(json!({ "entity": there.name })));
    }
    let (mut up, mut down, mut touched): (Vec<Op>, Vec<Op>, Vec<EntityId>) = (vec![], vec![], vec![]);
    for sketch in schema::entities() {
        let (entity, mut ops) = entities::create_ops(edit, sketch.spec, sketch.fields, None)?;
        let (x, y) = sketch.position;
        ops.push(Op::Move { positions: vec![(entity.id, Some(NodePosition { entity: entity.id, x, y }))] });
        touched.push(entity.id);
        up.extend(ops.clone());
        down.splice(0..0, edit.apply_all(ops).await?);
    }
    for sketch in schema::relationships() {
        let spec = sketch.spec(edit.schema.entity_named(sketch.source)?.id, edit.schema.entity_named(sketch.target)?.id);
        let relationship = relationships::made(edit, spec)?;
        let ops = vec![Op::AddRelationship { relationship: Box::new(relationship), restore: None }];
        up.extend(ops.clone());
        down.splice(0..0, edit.apply_all(ops).await?);
    }
    edit.log(Title { kind: changelog::BASELINE, description: "Create the sample".to_owned(), entities: touched }, &up, &down).await?;
    let context = Context { now: WRITTEN.to_owned(), origin: "sample".to_owned(), ..edit.context.clone() };
    let schema = edit.schema.clone();
    records::fill(&mut Session { tx: edit.tx, schema: &schema, context: &context }).await
}
