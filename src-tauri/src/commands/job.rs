//! Materialize, dematerialize, and the jobs that do it. Progress comes as events.

use super::{App, Result};
use crate::wire;
use stoneware_engine::model::{EntityId, Job, JobId, MaterializeOptions, MaterializePlan, ProblemPage};

/// The exact SQL and the problem values, before anything moves.
#[tauri::command]
#[specta::specta]
pub async fn materialize_plan(app: App<'_>, entities: Vec<EntityId>, options: MaterializeOptions) -> Result<MaterializePlan> {
    app.engine().await?.materialize_plan(entities, options).await.map(wire::plan)
}

/// The same for the way back, in which nothing can stand.
#[tauri::command]
#[specta::specta]
pub async fn dematerialize_plan(app: App<'_>, entities: Vec<EntityId>, options: MaterializeOptions) -> Result<MaterializePlan> {
    app.engine().await?.dematerialize_plan(entities, options).await.map(wire::plan)
}

/// The problems of a plan beyond those it carries, part by part.
#[tauri::command]
#[specta::specta]
pub async fn materialize_problems(
    app: App<'_>,
    entities: Vec<EntityId>,
    options: MaterializeOptions,
    after: Option<String>,
    limit: u32,
) -> Result<ProblemPage> {
    app.engine().await?.materialize_problems(entities, options, after, limit).await.map(wire::problems)
}

/// Starts the job and returns at once.
#[tauri::command]
#[specta::specta]
pub async fn start_materialize(app: App<'_>, entities: Vec<EntityId>, options: MaterializeOptions) -> Result<Job> {
    app.engine().await?.start_materialize(entities, options).await.map(wire::job).map_err(wire::error)
}

/// Starts the job and returns at once.
#[tauri::command]
#[specta::specta]
pub async fn start_dematerialize(app: App<'_>, entities: Vec<EntityId>, options: MaterializeOptions) -> Result<Job> {
    app.engine().await?.start_dematerialize(entities, options).await.map(wire::job).map_err(wire::error)
}

/// Newest first.
#[tauri::command]
#[specta::specta]
pub async fn jobs(app: App<'_>) -> Result<Vec<Job>> {
    Ok(app.engine().await?.jobs().await?.into_iter().map(wire::job).collect())
}

/// The job stops at the next safe point and undoes what it made.
#[tauri::command]
#[specta::specta]
pub async fn cancel_job(app: App<'_>, id: JobId) -> Result<()> {
    app.engine().await?.cancel_job(id).await
}

/// The job stops at the next safe point, and waits until somebody resumes it.
#[tauri::command]
#[specta::specta]
pub async fn pause_job(app: App<'_>, id: JobId) -> Result<()> {
    app.engine().await?.pause_job(id).await
}

/// Goes on with a paused or interrupted job.
#[tauri::command]
#[specta::specta]
pub async fn resume_job(app: App<'_>, id: JobId) -> Result<Job> {
    app.engine().await?.resume_job(id).await.map(wire::job)
}

/// Undoes what an interrupted or failed job left.
#[tauri::command]
#[specta::specta]
pub async fn rollback_job(app: App<'_>, id: JobId) -> Result<Job> {
    app.engine().await?.rollback_job(id).await.map(wire::job)
}
