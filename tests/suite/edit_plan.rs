//! The plan of an edit tells what then runs, what stands in its way, and who waits; and it does nothing itself.

mod problems;
pub mod statements;
pub mod witness;

use serde_json::json;
use stoneware_engine::{
    Engine, Error,
    model::{EntityId, Field, KeyPart, ReferentialAction, Relationship, SchemaEdit},
};
use stoneware_tests::{
    Database, Workspace,
    build::{entity, field, insert, many_to_many, many_to_one},
    materialize,
};

/// A dedicated entity with values of many kinds, which refers to another one; and a shared one.
pub struct Case {
    pub w: Workspace,
    pub part: EntityId,
    pub maker: EntityId,
    pub note: EntityId,
}

pub const FIELDS: [&str; 7] = [
    "name:string:required",
    "code:string",
    "label:string",
    "size:integer",
    "price:decimal:default=1.50",
    "serial:string:unique",
    "colour:string:indexed",
];

impl Case {
    pub async fn new(database: Database) -> Self {
        let w = Workspace::to_copy(database).await;
        let engine = &w.engine;
        let part = entity(engine, "Part", &FIELDS).await;
        let maker = entity(engine, "Maker", &["name:string"]).await;
        let note = entity(engine, "Note", &["text:string"]).await;
        many_to_one(engine, part, "maker", maker, ReferentialAction::SetNull).await;
        many_to_many(engine, part, "notes", note).await;
        many_to_many(engine, part, "others", part).await;
        let made = insert(engine, maker, json!({ "name": "Ada" })).await;
        for i in 0..12 {
            let code = if i % 4 == 0 { format!("x{i}") } else { i.to_string() };
            let record = json!({
                "name": format!("part {i}"), "code": code, "label": (i > 2).then(|| format!("l{i}")), "size": i % 5,
                "price": "2.25", "serial": format!("s{i}"), "colour": (i % 2 == 0).then_some("red"), "maker": made.id,
            });
            insert(engine, part, record).await;
        }
        materialize(engine, vec![part, maker]).await;
        let schema = engine.schema().await.unwrap();
        let others = schema.relationships.iter().find(|r| r.name == "others").unwrap().id;
        let ids = engine.list_records(part, Default::default()).await.unwrap().records;
        engine.add_links(others, part, ids[0].id, vec![ids[1].id, ids[2].id], None).await.unwrap();
        Self { w, part, maker, note }
    }

    pub async fn field(&self, name: &str) -> Field {
        self.w.engine.schema().await.unwrap().entity(self.part).unwrap().fields.iter().find(|f| f.name == name).unwrap().clone()
    }

    pub async fn relationship(&self, name: &str) -> Relationship {
        self.w.engine.schema().await.unwrap().relationships.iter().find(|r| r.name == name).unwrap().clone()
    }

    pub fn add(&self, spec: &str) -> SchemaEdit {
        SchemaEdit::AddField { entity: self.part, spec: Box::new(field(spec)) }
    }

    pub async fn change(&self, name: &str, spec: &str) -> SchemaEdit {
        SchemaEdit::UpdateField { entity: self.part, field: self.field(name).await.id, spec: Box::new(field(spec)) }
    }

    pub async fn drop(&self, name: &str) -> SchemaEdit {
        SchemaEdit::DropField { entity: self.part, field: self.field(name).await.id }
    }

    pub async fn keys(&self, keys: &[[&str; 2]]) -> SchemaEdit {
        let mut all = vec![];
        for key in keys {
            let mut parts = vec![];
            for name in key {
                parts.push(if *name == "maker" {
                    KeyPart::Relationship(self.relationship(name).await.id)
                } else {
                    KeyPart::Field(self.field(name).await.id)
                });
            }
            all.push(parts);
        }
        SchemaEdit::SetKeys { entity: self.part, keys: all }
    }
}

/// Does an edit by the verb that shells call.
pub async fn perform(engine: &Engine, edit: SchemaEdit) -> Result<(), Error> {
    match edit {
        SchemaEdit::AddField { entity, spec } => engine.add_field(entity, *spec).await.map(drop),
        SchemaEdit::UpdateField { entity, field, spec } => engine.update_field(entity, field, *spec).await.map(drop),
        SchemaEdit::DropField { entity, field } => engine.drop_field(entity, field).await,
        SchemaEdit::AddRelationship { spec } => engine.add_relationship(*spec).await.map(drop),
        SchemaEdit::UpdateRelationship { relationship, spec } => engine.update_relationship(relationship, *spec).await.map(drop),
        SchemaEdit::DropRelationship { relationship } => engine.drop_relationship(relationship).await,
        SchemaEdit::SetKeys { entity, keys } => engine.set_keys(entity, keys).await.map(drop),
    }
}
