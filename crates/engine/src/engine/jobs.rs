//! Operations that take long: started, watched, stopped, gone on with.

use super::Engine;
use crate::{
    error::{Error, ErrorCode, Result},
    jobs::{self, Ask},
    materialize::{self, Host, Request, Step},
    model::*,
    schema::{
        Op,
        changelog::{self, Direction},
    },
    store::system::ChangeRow,
};

impl Engine {
    fn host(&self) -> Host<'_> {
        Host { store: &self.inner.store, cache: &self.inner.cache, events: &self.inner.events, running: &self.inner.jobs }
    }

    fn request(&self, kind: JobKind, entities: Vec<EntityId>, options: MaterializeOptions, step: Option<Step>) -> Request {
        Request { kind, entities, options, step, author: self.inner.author.clone(), origin: self.origin.to_owned() }
    }

    /// What a materialize would do: every statement in order, and every value in the way.
    ///
    /// # Errors
    /// `unknown_entity`; `invalid_input` for an entity that is dedicated already.
    pub async fn materialize_plan(&self, entities: Vec<EntityId>, options: MaterializeOptions) -> Result<MaterializePlan> {
        let request = self.request(JobKind::Materialize, entities, options, None);
        materialize::plan(&self.inner.store, &self.inner.cache, request).await
    }

    /// What the way back would do: every statement in order. Nothing can be in its way.
    ///
    /// # Errors
    /// `unknown_entity`; `invalid_input` for an entity that lies in the shared table already.
    pub async fn dematerialize_plan(&self, entities: Vec<EntityId>, options: MaterializeOptions) -> Result<MaterializePlan> {
        let request = self.request(JobKind::Dematerialize, entities, options, None);
        materialize::plan(&self.inner.store, &self.inner.cache, request).await
    }

    /// Everything a materialize would find in the way, part by part: the first problems, or those after the `next` of the part before.
    ///
    /// # Errors
    /// As for [`Engine::materialize_plan`]; `invalid_input` for an `after` that is no `next` of such a list.
    pub async fn materialize_problems(
        &self,
        entities: Vec<EntityId>,
        options: MaterializeOptions,
        after: Option<String>,
        limit: u32,
    ) -> Result<ProblemPage> {
        materialize::problems(&self.inner.store, &self.inner.cache, &entities, &options, after.as_deref(), limit).await
    }

    /// Starts the job and returns at once; progress comes as events.
    ///
    /// # Errors
    /// `unknown_entity`, `invalid_input`; `busy` while another job works on one of the entities.
    pub async fn start_materialize(&self, entities: Vec<EntityId>, options: MaterializeOptions) -> Result<Job> {
        materialize::start(self.host(), self.request(JobKind::Materialize, entities, options, None)).await
    }

    /// # Errors
    /// As for [`Engine::start_materialize`].
    pub async fn start_dematerialize(&self, entities: Vec<EntityId>, options: MaterializeOptions) -> Result<Job> {
        materialize::start(self.host(), self.request(JobKind::Dematerialize, entities, options, None)).await
    }

    /// Newest first.
    pub async fn jobs(&self) -> Result<Vec<Job>> {
        jobs::list(&self.inner.store).await
    }

    /// # Errors
    /// `unknown_job`.
    pub async fn job(&self, id: JobId) -> Result<Job> {
        jobs::get(&self.inner.store, id).await
    }

    /// Returns when nobody works on the job any more, with its last state.
    ///
    /// # Errors
    /// `unknown_job`.
    pub async fn wait_job(&self, id: JobId) -> Result<Job> {
        jobs::wait(&self.inner.store, &self.inner.jobs, id).await
    }

    /// The job stops at the next safe point and undoes what it made; once it has switched over it finishes instead.
    ///
    /// # Errors
    /// `unknown_job`; `invalid_input` when it has ended, or was interrupted after it switched over.
    pub async fn cancel_job(&self, id: JobId) -> Result<()> {
        if jobs::ask(&self.inner.store, &self.inner.jobs, id, Ask::Cancel).await? {
            return Ok(());
        }
        if self.is_copy(id).await? {
            self.discard_copy(id, JobStatus::Cancelled).await?;
        } else {
            materialize::roll_back(self.host(), id, JobStatus::Cancelled).await?;
        }
        Ok(())
    }

    /// The job stops at the next safe point, and waits until somebody resumes it or undoes it. Others go on writing meanwhile.
    ///
    /// # Errors
    /// `unknown_job`; `invalid_input` when it does not run; `unsupported` for one that is not a materialize or dematerialize.
    pub async fn pause_job(&self, id: JobId) -> Result<()> {
        let job = self.job(id).await?;
        if !matches!(job.kind, JobKind::Materialize | JobKind::Dematerialize) {
            return Err(Error::unsupported("Only a materialize or a dematerialize can be paused. Cancel this job instead."));
        }
        jobs::ask(&self.inner.store, &self.inner.jobs, id, Ask::Pause).await.map(|_| ())
    }

    /// Goes on with a paused or interrupted job.
    ///
    /// # Errors
    /// `unknown_job`; `invalid_input` when it is running or has ended.
    pub async fn resume_job(&self, id: JobId) -> Result<Job> {
        materialize::resume(self.host(), id).await
    }

    /// Undoes what an interrupted job left.
    ///
    /// # Errors
    /// `unknown_job`; `invalid_input` when it is running or has ended, and once it has switched over: then it can only be resumed.
    pub async fn rollback_job(&self, id: JobId) -> Result<Job> {
        if self.is_copy(id).await? {
            return self.discard_copy(id, JobStatus::RolledBack).await;
        }
        materialize::roll_back(self.host(), id, JobStatus::RolledBack).await
    }

    /// Undoes or redoes a change of storage mode by the opposite job, and marks its changelog entry.
    pub(super) async fn step_storage(&self, row: ChangeRow, op: Op, direction: Direction) -> Result<SchemaChange> {
        let (kind, entities, on_invalid) = match op {
            Op::Materialize { entities, on_invalid } => (JobKind::Materialize, entities, on_invalid),
            Op::Dematerialize { entities } => (JobKind::Dematerialize, entities, OnInvalid::default()),
            other => return Err(Error::internal(format!("{other:?} is no change of storage mode"))),
        };
        let step = Step { change: row.id, undo: direction == Direction::Undo };
        let options = MaterializeOptions { on_invalid, ..MaterializeOptions::default() };
        let job = materialize::start(self.host(), self.request(kind, entities, options, Some(step))).await?;
        let job = self.wait_job(job.id).await?;
        if job.status != JobStatus::Done {
            return Err(job.error.unwrap_or_else(|| Error::new(ErrorCode::Cancelled, "The job did not finish. See the list of jobs.")));
        }
        let mut tx = self.inner.store.read().await?;
        let changes = changelog::list(&mut tx, None).await?;
        changes.into_iter().find(|c| c.id == row.id).ok_or_else(|| Error::internal("the changelog entry is gone"))
    }

    pub(super) async fn stop_jobs(&self) {
        self.inner.jobs.stop_all().await;
    }
}
