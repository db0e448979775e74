//! Operations that take long: started, watched, stopped, gone on with.

use super::Engine;
use crate::{
    error::Result,
    model::*,
    schema::{Op, changelog::Direction},
    store::system::ChangeRow,
};

impl Engine {
    pub async fn materialize_plan(&self, entities: Vec<EntityId>, options: MaterializeOptions) -> Result<MaterializePlan> {
        todo!("{entities:?}{options:?}")
    }
    /// Starts the job and returns at once; progress comes as events.
    pub async fn start_materialize(&self, entities: Vec<EntityId>, options: MaterializeOptions) -> Result<Job> {
        todo!("{entities:?}{options:?}")
    }
    pub async fn start_dematerialize(&self, entities: Vec<EntityId>, options: MaterializeOptions) -> Result<Job> {
        todo!("{entities:?}{options:?}")
    }
    /// Newest first.
    pub async fn jobs(&self) -> Result<Vec<Job>> {
        todo!()
    }
    /// # Errors
    /// `unknown_job`.
    pub async fn job(&self, id: JobId) -> Result<Job> {
        todo!("{id:?}")
    }
    /// Returns when the job has ended, with its last state.
    pub async fn wait_job(&self, id: JobId) -> Result<Job> {
        todo!("{id:?}")
    }
    /// The job stops at the next safe point and undoes what it made.
    pub async fn cancel_job(&self, id: JobId) -> Result<()> {
        todo!("{id:?}")
    }
    /// Goes on with an interrupted job.
    pub async fn resume_job(&self, id: JobId) -> Result<Job> {
        todo!("{id:?}")
    }
    /// Undoes what an interrupted or failed job left.
    ///
    /// # Errors
    /// `invalid_input` once it has cut over: then it can only be resumed.
    pub async fn rollback_job(&self, id: JobId) -> Result<Job> {
        todo!("{id:?}")
    }

    /// Undoes or redoes a change of storage mode by the opposite job, and marks its changelog entry.
    pub(super) async fn step_storage(&self, row: ChangeRow, op: Op, direction: Direction) -> Result<SchemaChange> {
        todo!("{row:?}{op:?}{direction:?}")
    }

    pub(super) async fn mark_interrupted_jobs(&self) -> Result<()> {
        let _ = &self.inner.jobs;
        Ok(())
    }

    pub(super) async fn stop_jobs(&self) {}
}
