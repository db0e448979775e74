//! Entities.

use super::{App, Result};
use crate::wire;
use stoneware_engine::model::{Entity, EntityId, EntitySpec, FieldSpec, Impact, KeyPart};

/// `position` is in canvas pixels.
#[tauri::command]
#[specta::specta]
pub async fn create_entity(app: App<'_>, spec: EntitySpec, fields: Vec<FieldSpec>, position: Option<(i32, i32)>) -> Result<Entity> {
    app.engine().await?.create_entity(spec, fields, position).await.map(wire::entity)
}

#[tauri::command]
#[specta::specta]
pub async fn update_entity(app: App<'_>, entity: EntityId, spec: EntitySpec) -> Result<Entity> {
    app.engine().await?.update_entity(entity, spec).await.map(wire::entity)
}

/// Replaces the entity's unique keys over several fields.
#[tauri::command]
#[specta::specta]
pub async fn set_keys(app: App<'_>, entity: EntityId, keys: Vec<Vec<KeyPart>>) -> Result<Entity> {
    app.engine().await?.set_keys(entity, keys).await.map(wire::entity)
}

/// What dropping these entities would take with it.
#[tauri::command]
#[specta::specta]
pub async fn drop_impact(app: App<'_>, entities: Vec<EntityId>) -> Result<Impact> {
    app.engine().await?.drop_impact(&entities).await
}

/// As one edit, which one undo takes back.
#[tauri::command]
#[specta::specta]
pub async fn drop_entities(app: App<'_>, entities: Vec<EntityId>) -> Result<()> {
    app.engine().await?.drop_entities(&entities).await
}
