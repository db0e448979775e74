//! The schema changelog, undo and redo.

use super::{App, Result};
use stoneware_engine::model::{EntityId, SchemaChange, UndoState};

/// Newest first; of one entity or of all.
#[tauri::command]
#[specta::specta]
pub async fn changelog(app: App<'_>, entity: Option<EntityId>) -> Result<Vec<SchemaChange>> {
    app.engine().await?.changelog(entity).await
}

#[tauri::command]
#[specta::specta]
pub async fn undo_state(app: App<'_>) -> Result<UndoState> {
    app.engine().await?.undo_state().await
}

#[tauri::command]
#[specta::specta]
pub async fn undo(app: App<'_>) -> Result<SchemaChange> {
    app.engine().await?.undo().await
}

#[tauri::command]
#[specta::specta]
pub async fn redo(app: App<'_>) -> Result<SchemaChange> {
    app.engine().await?.redo().await
}
