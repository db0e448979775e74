//! What the tests of imports ask of a workspace.

use serde_json::Value;
use stoneware_engine::model::{Entity, ImportReport, Relationship, Schema};
use stoneware_tests::Workspace;

/// Data of every record in id order.
pub async fn data(w: &Workspace, entity: &str) -> Vec<Value> {
    let mut out = vec![];
    w.engine.export_ndjson(w.id(entity).await, &mut out).await.unwrap();
    let text = String::from_utf8(out).unwrap();
    text.lines().map(|l| serde_json::from_str::<Value>(l).unwrap()["data"].take()).collect()
}

pub fn kinds(report: &ImportReport) -> Vec<(&str, &str)> {
    report.not_carried.iter().map(|n| (n.kind.as_str(), n.name.as_str())).collect()
}

pub fn entity<'s>(schema: &'s Schema, name: &str) -> &'s Entity {
    schema.entity_named(name).unwrap()
}

pub fn relationship<'s>(schema: &'s Schema, entity: &str, name: &str) -> &'s Relationship {
    schema.relationship_named(schema.entity_named(entity).unwrap(), name).unwrap()
}
