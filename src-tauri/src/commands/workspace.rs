//! Which workspace is open, and those opened before.

use super::{App, Result};
use crate::{copies, recent::RecentWorkspace, wire};
use std::path::PathBuf;
use stoneware_engine::model::{CopyReport, Opening, WorkspaceInfo};

/// The open workspace; at the start the one named on the command line, whose refusal comes from here.
#[tauri::command]
#[specta::specta]
pub async fn current_workspace(app: App<'_>) -> Result<Option<WorkspaceInfo>> {
    app.current().await
}

/// The open workspace with everything that is shown of it at first, at once: its server may be far away.
#[tauri::command]
#[specta::specta]
pub async fn opening(app: App<'_>) -> Result<Option<Opening>> {
    if app.current().await?.is_none() {
        return Ok(None);
    }
    let opening = app.engine().await?.opening().await?;
    Ok(Some(Opening { schema: wire::schema(&opening.schema), ..opening }))
}

/// Makes a new workspace file and opens it.
#[tauri::command]
#[specta::specta]
pub async fn create_workspace(app: App<'_>, path: PathBuf) -> Result<WorkspaceInfo> {
    app.create(&path).await
}

#[tauri::command]
#[specta::specta]
pub async fn open_workspace(app: App<'_>, location: String) -> Result<WorkspaceInfo> {
    app.open(&location).await
}

/// Opens the sample workspace, which is made the first time.
#[tauri::command]
#[specta::specta]
pub async fn open_sample(app: App<'_>) -> Result<WorkspaceInfo> {
    app.open_sample().await
}

/// Running jobs stop at a safe point and can be resumed when the workspace is opened again.
#[tauri::command]
#[specta::specta]
pub async fn close_workspace(app: App<'_>) -> Result<()> {
    app.close().await
}

/// Newest first.
#[tauri::command]
#[specta::specta]
pub async fn recent_workspaces(app: App<'_>) -> Result<Vec<RecentWorkspace>> {
    app.recents().list()
}

/// Takes a workspace off the list; its file stays.
#[tauri::command]
#[specta::specta]
pub async fn forget_workspace(app: App<'_>, location: String) -> Result<()> {
    app.recents().forget(&location)
}

/// Copies the open workspace to an empty file or server, or goes on with a copy of it that was stopped there. `to` is a path, or an address
/// without its password: where none is given, the one in the keyring is used. Progress comes as `copy-progress` events.
#[tauri::command]
#[specta::specta]
pub async fn copy_workspace(app: App<'_>, to: String, password: Option<String>) -> Result<CopyReport> {
    copies::copy(&app, to, password).await
}

/// Stops the running copy, which then reports `cancelled` and can be gone on with.
#[tauri::command]
#[specta::specta]
pub async fn cancel_copy(app: App<'_>) -> Result<()> {
    app.copies().cancel()
}
