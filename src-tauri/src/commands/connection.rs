//! Workspaces on a server.

use super::{App, Result};
use crate::shell::PasswordKept;
use stoneware_engine::{
    Engine,
    model::{Connection, ParsedConnection, ServerInfo, WorkspaceInfo},
};

/// What a pasted address says, for the form.
#[tauri::command]
#[specta::specta]
pub async fn parse_connection(address: String) -> Result<ParsedConnection> {
    Connection::parse(&address)
}

/// Connects and goes again. Without a password the one in the keyring is used.
#[tauri::command]
#[specta::specta]
pub async fn test_connection(app: App<'_>, connection: Connection, password: Option<String>) -> Result<ServerInfo> {
    Engine::probe(&app.address(&connection, password).await?).await
}

/// Opens the workspace on a server; `create` makes it where there is none. The password is kept only when `remember` says so.
#[tauri::command]
#[specta::specta]
pub async fn connect(
    app: App<'_>,
    connection: Connection,
    password: Option<String>,
    remember: bool,
    create: bool,
) -> Result<(WorkspaceInfo, PasswordKept)> {
    app.connect(connection, password, remember, create).await
}

/// Whether a password is kept for a location, and why none can be.
#[tauri::command]
#[specta::specta]
pub async fn kept_password(app: App<'_>, connection: Connection) -> Result<PasswordKept> {
    Ok(app.kept(connection.location()?).await)
}
