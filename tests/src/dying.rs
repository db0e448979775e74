//! Jobs with a death at one of the points they pass.

use stoneware_engine::{
    Engine,
    jobs::faults,
    model::{EntityId, Job, JobKind, JobStatus, MaterializeOptions, Phase},
};

/// A job over some entities.
#[derive(Clone)]
pub struct Dying<'a> {
    engine: &'a Engine,
    kind: JobKind,
    ids: Vec<EntityId>,
    options: MaterializeOptions,
}

impl<'a> Dying<'a> {
    /// Into tables of their own.
    pub fn over(engine: &'a Engine, ids: &[EntityId], options: MaterializeOptions) -> Self {
        Self { engine, kind: JobKind::Materialize, ids: ids.to_vec(), options }
    }

    /// Out of them, where they are.
    pub fn back(engine: &'a Engine, ids: &[EntityId], options: MaterializeOptions) -> Self {
        Self { kind: JobKind::Dematerialize, ..Self::over(engine, ids, options) }
    }

    async fn run(&self, kind: JobKind) -> Job {
        let (engine, ids) = (self.engine, self.ids.clone());
        let job = if kind == JobKind::Materialize {
            engine.start_materialize(ids, self.options.clone()).await.unwrap()
        } else {
            engine.start_dematerialize(ids, self.options.clone()).await.unwrap()
        };
        engine.wait_job(job.id).await.unwrap()
    }

    /// The points it passes; everything is where it was afterwards.
    pub async fn points(&self) -> Vec<String> {
        let location = self.engine.info().unwrap().location;
        faults::arm(&location, Some(u32::MAX));
        let ended = self.run(self.kind).await;
        assert_eq!(ended.status, JobStatus::Done, "{:?}", ended.error);
        let passed = faults::passed(&location);
        faults::arm(&location, None);
        let other = if self.kind == JobKind::Materialize { JobKind::Dematerialize } else { JobKind::Materialize };
        assert_eq!(self.run(other).await.status, JobStatus::Done);
        passed
    }

    /// It dies at the `at`th of them.
    pub async fn at(&self, at: usize) -> Job {
        let location = self.engine.info().unwrap().location;
        faults::arm(&location, Some(u32::try_from(at).unwrap() + 1));
        let ended = self.run(self.kind).await;
        faults::arm(&location, None);
        ended
    }

    /// It dies at the last point before it switches over.
    pub async fn last(&self) -> Job {
        let at = self.points().await.iter().position(|point| point == "cut over: before commit").unwrap() - 1;
        let job = self.at(at).await;
        assert_eq!((job.status, job.phase), (JobStatus::Interrupted, Phase::CutOver), "{:?}", job.error);
        job
    }
}
