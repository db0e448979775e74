//! Copying the whole workspace to another place.

use tokio_util::sync::CancellationToken;

use super::Engine;
use crate::{
    error::Result,
    jobs,
    model::*,
    transfer::{self, Watch},
};

/// Called with each step of a copy.
pub type OnCopy<'a> = &'a (dyn Fn(CopyProgress) + Send + Sync);

impl Engine {
    /// Copies this workspace into `target`: every entity with its storage mode, records with their ids and versions, links, layout and history.
    /// Until that is done and compared, the target cannot be used. Stopped, however it was, the same call goes on with it. `batch_size` is the number of rows in one transaction: as many as are quick, when
    /// none is given.
    ///
    /// # Errors
    /// `invalid_input` with a `reason` (`not_empty`, `other_source`) when the target holds something else; `busy` while a job has not ended
    /// here, or another process is at this copy; `name_taken`, `cancelled`, `corrupt`.
    pub async fn copy_into(
        &self,
        target: &Self,
        batch_size: Option<u32>,
        on: OnCopy<'_>,
        cancel: &CancellationToken,
    ) -> Result<CopyReport> {
        let report = transfer::run(&self.inner.store, &target.inner.store, &Watch { on, cancel, batch_size }).await?;
        let schema = target.schema().await?;
        target.send(WorkspaceEvent::SchemaChanged { version: schema.version });
        target.send(WorkspaceEvent::RecordsChanged { entities: schema.entities.iter().map(|e| e.id).collect() });
        target.send(WorkspaceEvent::JobEnded { job: report.job });
        Ok(report)
    }

    /// Empties this workspace of a copy that was interrupted.
    pub(super) async fn discard_copy(&self, id: JobId, status: JobStatus) -> Result<Job> {
        let job = transfer::discard(&self.inner.store, id, status).await?;
        self.send(WorkspaceEvent::JobEnded { job: id });
        Ok(job)
    }

    pub(super) async fn is_copy(&self, id: JobId) -> Result<bool> {
        Ok(jobs::get(&self.inner.store, id).await?.kind == JobKind::Copy)
    }
}
