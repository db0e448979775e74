//! Fields of an entity, and the field library.

use super::{App, Result};
use crate::wire;
use stoneware_engine::model::{AttachmentId, EntityId, Field, FieldDefinition, FieldId, FieldSpec, LibraryFieldSpec};

#[tauri::command]
#[specta::specta]
pub async fn add_field(app: App<'_>, entity: EntityId, spec: FieldSpec) -> Result<Field> {
    app.engine().await?.add_field(entity, spec).await.map(wire::field)
}

#[tauri::command]
#[specta::specta]
pub async fn update_field(app: App<'_>, entity: EntityId, field: AttachmentId, spec: FieldSpec) -> Result<Field> {
    app.engine().await?.update_field(entity, field, spec).await.map(wire::field)
}

#[tauri::command]
#[specta::specta]
pub async fn drop_field(app: App<'_>, entity: EntityId, field: AttachmentId) -> Result<()> {
    app.engine().await?.drop_field(entity, field).await
}

/// Puts the fields in this display order; those not named follow, as they stood.
#[tauri::command]
#[specta::specta]
pub async fn reorder_fields(app: App<'_>, entity: EntityId, order: Vec<AttachmentId>) -> Result<()> {
    app.engine().await?.reorder_fields(entity, order).await
}

#[tauri::command]
#[specta::specta]
pub async fn create_library_field(app: App<'_>, spec: LibraryFieldSpec) -> Result<FieldDefinition> {
    app.engine().await?.create_library_field(spec).await
}

/// Refused with `field_in_use` while an entity uses it.
#[tauri::command]
#[specta::specta]
pub async fn delete_library_field(app: App<'_>, field: FieldId) -> Result<()> {
    app.engine().await?.delete_library_field(field).await
}
