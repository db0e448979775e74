//! Copying the open workspace to another place.

use crate::{events::Notice, shell::Shell};
use stoneware_engine::{
    Engine, Error, Result,
    model::{CopyProgress, CopyReport},
};

/// Copies the open workspace to a file or a server; progress goes to the window.
///
/// # Errors
/// Those of [`Engine::copy_into`]; `busy` while another copy runs.
pub async fn copy(app: &Shell, to: String, password: Option<String>) -> Result<CopyReport> {
    let source = app.engine().await?;
    let running = app.copies().begin()?;
    let to = app.reachable(&to, password).await?;
    let (tell, token) = (app.teller(), running.token.clone());
    // A thread of its own: comparing keeps a processor busy, and the window's other commands must not wait for it.
    let work = move || {
        tauri::async_runtime::block_on(async {
            let (target, _) = Engine::open_or_create(&to).await?;
            let copied = source.copy_into(&target, None, &|step: CopyProgress| tell(Notice::Copy(step)), &token).await;
            target.close().await;
            copied
        })
    };
    tauri::async_runtime::spawn_blocking(work).await.map_err(|error| Error::internal(format!("The copy ended early: {error}")))?
}
