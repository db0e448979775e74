//! Entities.

use super::{App, Result};
use crate::wire;
use stoneware_engine::model::{Entity, EntityId, EntitySpec, FieldSpec, Impact};

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

/// What dropping the entity would take with it.
#[tauri::command]
#[specta::specta]
pub async fn drop_entity_impact(app: App<'_>, entity: EntityId) -> Result<Impact> {
    app.engine().await?.drop_entity_impact(entity).await
}

#[tauri::command]
#[specta::specta]
pub async fn drop_entity(app: App<'_>, entity: EntityId) -> Result<()> {
    app.engine().await?.drop_entity(entity).await
}
