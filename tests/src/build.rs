//! Short ways to make a schema.

use std::{fs::File, io::BufWriter};
use stoneware_cli::spec;
use stoneware_engine::{
    Engine,
    model::{Data, EntityId, EntitySpec, FieldSpec, Record, RecordId, ReferentialAction, Relationship, RelationshipSpec, RelationshipType},
};
use tokio_util::sync::CancellationToken;

use crate::data::{CONTACT_FIELDS, contacts};

/// A field as the command line writes it.
pub fn field(text: &str) -> FieldSpec {
    spec::parse(text).unwrap()
}

/// An entity with fields as the command line writes them.
pub async fn entity(engine: &Engine, name: &str, fields: &[&str]) -> EntityId {
    let spec = EntitySpec { name: name.to_owned(), ..EntitySpec::default() };
    engine.create_entity(spec, fields.iter().map(|f| field(f)).collect(), None).await.unwrap().id
}

/// A relationship with nothing special about it.
pub fn relationship(source: EntityId, name: &str, target: EntityId, kind: RelationshipType) -> RelationshipSpec {
    RelationshipSpec {
        name: name.to_owned(),
        kind,
        source,
        target,
        inverse_name: None,
        description: None,
        field: None,
        required: false,
        on_delete: None,
        on_update: None,
    }
}

pub async fn many_to_one(engine: &Engine, source: EntityId, name: &str, target: EntityId, on_delete: ReferentialAction) -> Relationship {
    let spec = RelationshipSpec { on_delete: Some(on_delete), ..relationship(source, name, target, RelationshipType::ManyToOne) };
    engine.add_relationship(spec).await.unwrap()
}

pub async fn many_to_many(engine: &Engine, source: EntityId, name: &str, target: EntityId) -> Relationship {
    engine.add_relationship(relationship(source, name, target, RelationshipType::ManyToMany)).await.unwrap()
}

pub async fn insert(engine: &Engine, entity: EntityId, value: serde_json::Value) -> Record {
    let data: Data = value.as_object().unwrap().clone();
    engine.insert_record(entity, data).await.unwrap()
}

/// A workspace with `count` contacts in its shared table.
pub async fn imported(location: &str, count: u32) -> (Engine, EntityId) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("contacts.ndjson");
    contacts(count, &mut BufWriter::new(File::create(&file).unwrap())).unwrap();
    let (engine, _) = Engine::open_or_create(location).await.unwrap();
    let entity = entity(&engine, "Contact", &CONTACT_FIELDS).await;
    engine.import_ndjson(&file, "Contact", &|_| {}, &CancellationToken::new()).await.unwrap();
    (engine, entity)
}

/// Ids of a page of records.
pub fn ids(records: &[Record]) -> Vec<RecordId> {
    records.iter().map(|r| r.id).collect()
}
