//! Relationships.

use super::{App, Result};
use stoneware_engine::model::{Relationship, RelationshipId, RelationshipSpec};

#[tauri::command]
#[specta::specta]
pub async fn add_relationship(app: App<'_>, spec: RelationshipSpec) -> Result<Relationship> {
    app.engine().await?.add_relationship(spec).await
}

/// Names, description, required and actions may change; kind and ends may not.
#[tauri::command]
#[specta::specta]
pub async fn update_relationship(app: App<'_>, relationship: RelationshipId, spec: RelationshipSpec) -> Result<Relationship> {
    app.engine().await?.update_relationship(relationship, spec).await
}

#[tauri::command]
#[specta::specta]
pub async fn drop_relationship(app: App<'_>, relationship: RelationshipId) -> Result<()> {
    app.engine().await?.drop_relationship(relationship).await
}
