//! What the window is told unasked.

use std::sync::Arc;
use stoneware_engine::{
    Engine,
    model::{CopyProgress, ImportProgress, WorkspaceEvent, WorkspaceInfo},
};
use tauri::{AppHandle, Emitter, Manager, Runtime, async_runtime::JoinHandle};
use tokio::sync::broadcast::error::RecvError;

/// Name of the event that carries a [`WorkspaceEvent`].
pub const WORKSPACE_EVENT: &str = "workspace-event";
/// Name of the event that carries an [`ImportProgress`].
pub const IMPORT_PROGRESS: &str = "import-progress";
/// Name of the event that carries a [`CopyProgress`].
pub const COPY_PROGRESS: &str = "copy-progress";

/// One thing to tell.
#[derive(Debug, Clone)]
pub enum Notice {
    Workspace(WorkspaceEvent),
    Import(ImportProgress),
    Copy(CopyProgress),
    /// Another workspace is open now, or none.
    Opened(Option<WorkspaceInfo>),
}

/// Tells the window.
pub type Tell = Arc<dyn Fn(Notice) + Send + Sync>;

/// Tells every window of an app.
pub fn to_window<R: Runtime>(handle: &AppHandle<R>) -> Tell {
    let handle = handle.clone();
    Arc::new(move |notice| {
        let told = match notice {
            Notice::Workspace(event) => handle.emit(WORKSPACE_EVENT, event),
            Notice::Import(progress) => handle.emit(IMPORT_PROGRESS, progress),
            Notice::Copy(progress) => handle.emit(COPY_PROGRESS, progress),
            Notice::Opened(info) => set_title(&handle, info.as_ref()),
        };
        if let Err(error) = told {
            tracing::warn!(%error, "the window could not be told");
        }
    })
}

fn set_title<R: Runtime>(handle: &AppHandle<R>, info: Option<&WorkspaceInfo>) -> tauri::Result<()> {
    let title = info.map_or_else(|| "Stoneware".to_owned(), |info| format!("{} – Stoneware", info.name));
    handle.webview_windows().values().try_for_each(|window| window.set_title(&title))
}

/// Hands on a workspace's events until it is closed or the task is ended.
pub fn forward(engine: &Engine, tell: Tell) -> JoinHandle<()> {
    let engine = engine.clone();
    let mut events = engine.subscribe();
    tauri::async_runtime::spawn(async move {
        loop {
            match events.recv().await {
                Ok(event) => tell(Notice::Workspace(event)),
                Err(RecvError::Lagged(_)) => everything_changed(&engine, &tell).await,
                Err(RecvError::Closed) => return,
            }
        }
    })
}

/// Events came faster than they could be told: which ones were lost is not known, so everything counts as changed.
async fn everything_changed(engine: &Engine, tell: &Tell) {
    if let Ok(schema) = engine.schema().await {
        tell(Notice::Workspace(WorkspaceEvent::SchemaChanged { version: schema.version }));
        let entities = schema.entities.iter().map(|entity| entity.id).collect();
        tell(Notice::Workspace(WorkspaceEvent::RecordsChanged { entities }));
    }
    if let Ok(jobs) = engine.jobs().await
        && let Some(job) = jobs.first()
    {
        tell(Notice::Workspace(WorkspaceEvent::JobEnded { job: job.id }));
    }
}
