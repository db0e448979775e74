//! The same data behind SQLite and behind Postgres gives the same entities, relationships and records.
//!
//! Exactly so where both were made by Stoneware from one source: the dedicated tables of two workspaces, taken for plain tables.

use serde_json::{Map, Value, json};
use std::{
    collections::{BTreeMap, HashMap},
    path::Path,
};
use stoneware_engine::model::{FieldType, ImportReport, Schema};
use stoneware_tests::{Database, Workspace, data::shared, databases, materialize};
use tokio_util::sync::CancellationToken;

/// What is compared of a workspace, in an order of its own and with ids replaced by the place of what they stand for.
struct Likeness {
    entities: BTreeMap<String, Value>,
    relationships: Vec<Value>,
    records: BTreeMap<String, Vec<String>>,
}

async fn import(w: &Workspace, location: &str) -> ImportReport {
    let cancel = CancellationToken::new();
    if location.starts_with("postgres") {
        w.engine.import_postgres(location, &[], false, &|_| (), &cancel).await.unwrap()
    } else {
        w.engine.import_sqlite(Path::new(location), false, &|_| (), &cancel).await.unwrap()
    }
}

/// What the columns of the two databases do not say alike, for reasons of their own:
/// a text column of Postgres has no length, so neither its limit nor whether a limit made it `string` is known;
/// ids, values kept aside and the metadata of links are text in SQLite;
/// the digits of a decimal too long for a number stand in Postgres's type alone.
fn plain_field(field: &stoneware_engine::model::Field) -> Value {
    let mut config = field.config.clone();
    config.max_length = None;
    if config.precision.is_some_and(|p| p > 15) {
        (config.precision, config.scale) = (None, None);
    }
    let field_type = match field.field_type {
        FieldType::Text => FieldType::String,
        _ if matches!(field.name.as_str(), "id" | "kdb_kept" | "metadata") => FieldType::String,
        other => other,
    };
    // The moment of making is written by functions of either database.
    let default = field.default.clone().filter(|_| !field.name.starts_with("kdb_"));
    json!([field.name, field_type, config, field.required, field.unique, field.indexed, default])
}

fn relationship(schema: &Schema, r: &stoneware_engine::model::Relationship) -> Value {
    let name = |id| schema.entity(id).unwrap().name.clone();
    json!([name(r.source), r.name, name(r.target), r.kind, r.field, r.inverse_name, r.required, r.on_delete, r.on_update])
}

async fn likeness(w: &Workspace) -> Likeness {
    let schema = w.engine.schema().await.unwrap();
    let mut entities = BTreeMap::new();
    let mut places: HashMap<String, String> = HashMap::new();
    let mut exports: BTreeMap<String, Vec<Map<String, Value>>> = BTreeMap::new();
    for (name, text) in w.exports().await {
        let records: Vec<Map<String, Value>> = text.lines().map(|l| serde_json::from_str(l).unwrap()).collect();
        for (n, record) in records.iter().enumerate() {
            places.insert(record["id"].as_str().unwrap().to_owned(), format!("{name}#{n}"));
            if let Some(id) = record["data"].get("id").and_then(Value::as_str) {
                places.insert(id.to_owned(), format!("{name}'s own #{n}"));
            }
        }
        exports.insert(name, records);
    }
    for entity in &schema.entities {
        let mut keys: Vec<usize> = entity.keys.iter().map(|k| k.parts.len()).collect();
        keys.sort_unstable();
        let fields: Vec<Value> = entity.fields.iter().map(plain_field).collect();
        entities.insert(entity.name.clone(), json!({ "fields": fields, "keys": keys }));
    }
    let mut relationships: Vec<Value> = schema.relationships.iter().map(|r| relationship(&schema, r)).collect();
    relationships.sort_by_key(Value::to_string);
    let mut records = BTreeMap::new();
    for (name, rows) in exports {
        let lines = rows.into_iter().map(|mut row| {
            let data = row["data"].as_object_mut().unwrap();
            // The moment of the making: of a record, and of a link.
            let link = data.contains_key("metadata");
            data.retain(|key, _| match key.as_str() {
                "kdb_created_at" | "kdb_updated_at" => false,
                "created_at" => !link,
                _ => true,
            });
            for (key, value) in data.iter_mut() {
                if let ("metadata" | "kdb_kept", Some(text)) = (key.as_str(), value.as_str()) {
                    *value = serde_json::from_str(text).unwrap();
                }
                if let Some(place) = value.as_str().and_then(|text| places.get(text)) {
                    *value = json!(place);
                }
            }
            row["data"].to_string()
        });
        records.insert(name, lines.collect());
    }
    Likeness { entities, relationships, records }
}

#[track_caller]
fn same(a: &Likeness, b: &Likeness) {
    assert_eq!(a.entities.keys().collect::<Vec<_>>(), b.entities.keys().collect::<Vec<_>>());
    for (name, entity) in &a.entities {
        assert_eq!(entity["keys"], b.entities[name]["keys"], "{name}");
        for (x, y) in entity["fields"].as_array().unwrap().iter().zip(b.entities[name]["fields"].as_array().unwrap()) {
            assert_eq!(x, y, "{name}");
        }
        assert_eq!(*entity, b.entities[name]);
    }
    assert_eq!(a.relationships, b.relationships);
    for (name, lines) in &a.records {
        let difference = lines.iter().zip(&b.records[name]).find(|(x, y)| x != y);
        assert!(*lines == b.records[name], "{name}: {difference:?}");
    }
}

/// Fills a workspace in either database alike, and imports the tables of both.
async fn tables_of_both(fill: impl AsyncFn(&Workspace)) -> Option<Likeness> {
    if !databases().contains(&Database::Postgres) {
        return None;
    }
    let mut both = vec![];
    for database in databases() {
        let made = Workspace::to_copy(database).await;
        fill(&made).await;
        let entities = made.engine.schema().await.unwrap().entities.iter().map(|e| e.id).collect();
        materialize(&made.engine, entities).await;
        made.engine.close().await;
        let w = Workspace::new().await;
        let report = import(&w, &made.location).await;
        assert!(report.not_carried.iter().any(|n| n.kind == "workspace"));
        assert!(!report.entities.iter().any(|e| e == "kdb_records" || e == "kdb_jobs"), "{:?}", report.entities);
        both.push(likeness(&w).await);
    }
    same(&both[0], &both[1]);
    both.pop()
}

#[tokio::test(flavor = "multi_thread")]
async fn tables_of_the_sample_are_the_same_from_both() {
    let found = tables_of_both(async |w: &Workspace| w.engine.fill_sample().await.unwrap()).await;
    assert!(found.is_none_or(|f| f.records.values().map(Vec::len).sum::<usize>() > 100));
}

#[tokio::test(flavor = "multi_thread")]
async fn tables_of_chinook_are_the_same_from_both() {
    let Some(file) = shared("data/chinook/Chinook_Sqlite.sqlite") else { return };
    let found = tables_of_both(async |w: &Workspace| drop(import(w, &file.display().to_string()).await)).await;
    assert!(found.is_none_or(|f| f.records["kdb_track"].len() == 3_503 && f.records.len() == 11));
}

#[tokio::test(flavor = "multi_thread")]
async fn tables_of_sakila_are_the_same_from_both() {
    let Some(file) = shared("data/sakila/sakila.sqlite") else { return };
    let found = tables_of_both(async |w: &Workspace| drop(import(w, &file.display().to_string()).await)).await;
    assert!(found.is_none_or(|f| f.records["kdb_rental"].len() == 16_044 && f.records.len() == 16));
}
