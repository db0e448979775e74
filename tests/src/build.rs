//! Short ways to make a schema.

use std::{
    fs::File,
    io::{BufWriter, Write as _},
    time::Instant,
};
use stoneware_cli::spec;
use stoneware_engine::{
    Engine,
    model::{
        Data, EntityId, EntitySpec, FieldSpec, Phase, Record, RecordId, ReferentialAction, Relationship, RelationshipSpec,
        RelationshipType, WorkspaceEvent,
    },
};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::{
    cluster,
    data::{CONTACT_FIELDS, contacts},
};

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

/// Entities that refer to each other and to themselves.
#[derive(Debug)]
pub struct People {
    pub person: EntityId,
    pub team: EntityId,
    pub place: EntityId,
    /// Between persons and teams.
    pub fans: Relationship,
}

/// A Person has a boss, a team and a home, a Team (with a title) a lead, and both are joined many-to-many. A Place has a name.
pub async fn people(engine: &Engine, fields: &[&str]) -> People {
    let person = entity(engine, "Person", fields).await;
    let team = entity(engine, "Team", &["title:string"]).await;
    many_to_one(engine, person, "boss", person, ReferentialAction::SetNull).await;
    many_to_one(engine, person, "team", team, ReferentialAction::Cascade).await;
    many_to_one(engine, team, "lead", person, ReferentialAction::SetNull).await;
    let fans = many_to_many(engine, person, "fans", team).await;
    let place = entity(engine, "Place", &["name:string"]).await;
    many_to_one(engine, person, "home", place, ReferentialAction::SetNull).await;
    People { person, team, place, fans }
}

/// Runs a benchmark on a file of its own, then on a server of its own with its settings as they come, where there is Postgres.
pub fn on_both(run: impl AsyncFn(&str, &str)) {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let folder = tempfile::tempdir().unwrap();
    runtime.block_on(run("SQLite", folder.path().join("w.db").to_str().unwrap()));
    if let Some(server) = cluster::private_as_it_comes() {
        runtime.block_on(run("Postgres", &server.database(None)));
    }
}

/// Brings records into an entity, an object each.
pub async fn import(engine: &Engine, entity: &str, records: impl IntoIterator<Item = serde_json::Value>) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("lines.ndjson");
    let mut file = BufWriter::new(File::create(&path).unwrap());
    records.into_iter().for_each(|record| writeln!(file, "{record}").unwrap());
    file.flush().unwrap();
    engine.import_ndjson(&path, entity, &|_| {}, &CancellationToken::new()).await.unwrap();
}

/// When each phase of the next job begins, and when it has ended.
pub fn phases(engine: &Engine) -> JoinHandle<(Vec<(Phase, Instant)>, Instant)> {
    let mut events = engine.subscribe();
    tokio::spawn(async move {
        let mut begun: Vec<(Phase, Instant)> = vec![];
        loop {
            match events.recv().await.unwrap() {
                WorkspaceEvent::JobProgress(step) if begun.last().is_none_or(|(last, _)| *last != step.phase) => {
                    begun.push((step.phase, Instant::now()));
                }
                WorkspaceEvent::JobEnded { .. } => return (begun, Instant::now()),
                _ => {}
            }
        }
    })
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
