//! The schema as a whole, and where its entities stand on the diagram.

use super::{App, Result};
use crate::wire;
use std::collections::HashMap;
use stoneware_engine::model::{EditPlan, EntitySummary, NodePosition, RelationshipId, Schema, SchemaEdit};

#[tauri::command]
#[specta::specta]
pub async fn schema(app: App<'_>) -> Result<Schema> {
    let schema = app.engine().await?.schema().await?;
    Ok(wire::schema(&schema))
}

/// Every entity with its number of records and fields.
#[tauri::command]
#[specta::specta]
pub async fn overview(app: App<'_>) -> Result<Vec<EntitySummary>> {
    app.engine().await?.overview().await
}

/// Number of pairs of each many-to-many relationship.
#[tauri::command]
#[specta::specta]
pub async fn link_counts(app: App<'_>) -> Result<HashMap<RelationshipId, u32>> {
    app.engine().await?.link_counts().await
}

/// What an edit would do: every statement, and every value in the way. Nothing is done.
#[tauri::command]
#[specta::specta]
pub async fn edit_plan(app: App<'_>, edit: SchemaEdit) -> Result<EditPlan> {
    app.engine().await?.edit_plan(edit).await.map(wire::edit_plan)
}

/// Where entities stand; one that was never placed is not listed.
#[tauri::command]
#[specta::specta]
pub async fn layout(app: App<'_>) -> Result<Vec<NodePosition>> {
    app.engine().await?.layout().await
}

/// One undoable step for all the entities moved together.
#[tauri::command]
#[specta::specta]
pub async fn move_nodes(app: App<'_>, positions: Vec<NodePosition>) -> Result<()> {
    app.engine().await?.move_nodes(positions).await
}

/// Keeps places found by an automatic layout, for entities that have none. Not an edit, so nothing to undo.
#[tauri::command]
#[specta::specta]
pub async fn place_nodes(app: App<'_>, positions: Vec<NodePosition>) -> Result<()> {
    app.engine().await?.place_nodes(positions).await
}
