//! Records. Values of `integer` fields, and long numbers in those of `json` fields, cross as text, see [`wire`].

use super::{App, Result};
use crate::wire;
use stoneware_engine::model::{Data, EntityId, Impact, ListRequest, Record, RecordId, RecordPage};

#[tauri::command]
#[specta::specta]
pub async fn insert_record(app: App<'_>, entity: EntityId, data: Data) -> Result<Record> {
    let engine = app.engine().await?;
    let record = engine.insert_record(entity, wire::data(&engine, entity, data).await?).await.map_err(wire::error)?;
    wire::record(&engine, entity, record).await
}

#[tauri::command]
#[specta::specta]
pub async fn record(app: App<'_>, entity: EntityId, id: RecordId) -> Result<Record> {
    let engine = app.engine().await?;
    let record = engine.record(entity, id).await?;
    wire::record(&engine, entity, record).await
}

/// Changes the values named in `patch`. `version` is the one that was read: a stale one is refused with both values.
#[tauri::command]
#[specta::specta]
pub async fn update_record(app: App<'_>, entity: EntityId, id: RecordId, patch: Data, version: Option<u32>) -> Result<Record> {
    let engine = app.engine().await?;
    let record = engine.update_record(entity, id, wire::data(&engine, entity, patch).await?, version).await.map_err(wire::error)?;
    wire::record(&engine, entity, record).await
}

/// What deleting these records would take with it.
#[tauri::command]
#[specta::specta]
pub async fn delete_impact(app: App<'_>, entity: EntityId, ids: Vec<RecordId>) -> Result<Impact> {
    app.engine().await?.delete_impact(entity, ids).await
}

#[tauri::command]
#[specta::specta]
pub async fn delete_records(app: App<'_>, entity: EntityId, ids: Vec<RecordId>) -> Result<Impact> {
    app.engine().await?.delete_records(entity, ids).await
}

#[tauri::command]
#[specta::specta]
pub async fn list_records(app: App<'_>, entity: EntityId, request: ListRequest) -> Result<RecordPage> {
    let engine = app.engine().await?;
    let page = engine.list_records(entity, request).await?;
    wire::page(&engine, entity, page).await
}

/// Records that meet the request's filter and search.
#[tauri::command]
#[specta::specta]
pub async fn count_records(app: App<'_>, entity: EntityId, request: ListRequest) -> Result<u32> {
    app.engine().await?.count_records(entity, request).await
}
