//! Pairs of many-to-many relationships.

use super::{App, Result};
use crate::wire;
use serde_json::Value;
use stoneware_engine::model::{EntityId, Link, RecordId, RelationshipId};

#[tauri::command]
#[specta::specta]
pub async fn links(app: App<'_>, relationship: RelationshipId, record: RecordId) -> Result<Vec<Link>> {
    app.engine().await?.links(relationship, record).await.map(wire::links)
}

/// `record` may stand at either end: `from` says which entity it belongs to.
#[tauri::command]
#[specta::specta]
pub async fn add_links(
    app: App<'_>,
    relationship: RelationshipId,
    from: EntityId,
    record: RecordId,
    others: Vec<RecordId>,
    metadata: Option<Value>,
) -> Result<Vec<Link>> {
    app.engine().await?.add_links(relationship, from, record, others, metadata).await.map(wire::links)
}

/// Returns how many pairs went.
#[tauri::command]
#[specta::specta]
pub async fn remove_links(
    app: App<'_>,
    relationship: RelationshipId,
    from: EntityId,
    record: RecordId,
    others: Vec<RecordId>,
) -> Result<u32> {
    app.engine().await?.remove_links(relationship, from, record, others).await
}
