//! Materializing with a death at one of the points a job passes.

use stoneware_engine::{
    Engine,
    jobs::faults,
    model::{EntityId, Job, JobStatus, MaterializeOptions, Phase},
};

use crate::dematerialize;

/// The points a job passes; everything is back afterwards.
pub async fn points(engine: &Engine, ids: &[EntityId], options: MaterializeOptions) -> Vec<String> {
    let location = engine.info().unwrap().location;
    faults::arm(&location, Some(u32::MAX));
    let job = engine.start_materialize(ids.to_vec(), options).await.unwrap();
    let ended = engine.wait_job(job.id).await.unwrap();
    assert_eq!(ended.status, JobStatus::Done, "{:?}", ended.error);
    let passed = faults::passed(&location);
    faults::arm(&location, None);
    dematerialize(engine, ids.to_vec()).await;
    passed
}

/// A job that dies at the `at`th of them.
pub async fn die(engine: &Engine, ids: &[EntityId], options: MaterializeOptions, at: usize) -> Job {
    let location = engine.info().unwrap().location;
    faults::arm(&location, Some(u32::try_from(at).unwrap() + 1));
    let job = engine.start_materialize(ids.to_vec(), options).await.unwrap();
    let ended = engine.wait_job(job.id).await.unwrap();
    faults::arm(&location, None);
    ended
}

/// A job that dies at the last point before it switches over.
pub async fn die_last(engine: &Engine, ids: &[EntityId], options: MaterializeOptions) -> Job {
    let points = points(engine, ids, options.clone()).await;
    let at = points.iter().position(|point| point == "cut over: before commit").unwrap() - 1;
    let job = die(engine, ids, options, at).await;
    assert_eq!((job.status, job.phase), (JobStatus::Interrupted, Phase::CutOver), "{:?}", job.error);
    job
}
