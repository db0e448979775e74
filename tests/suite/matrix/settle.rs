//! What has to hold after a blow.

use std::time::{Duration, Instant};
use stoneware_engine::{
    Engine, ErrorCode,
    model::{JobStatus, StorageMode},
};

use super::base::{self, Base, Case, EDITS, Known, Look, Work};

/// What the blow left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Left {
    /// A job to be gone on with.
    Unfinished,
    /// Everything as before, or everything done.
    Settled,
}

/// The job is gone on with or undone, and the next one of its kind goes well.
pub async fn job(base: &Base, known: &Known, case: &mut Case, location: &str) -> Left {
    let over = case.work == Work::Materialize;
    let mode = if over { StorageMode::Dedicated } else { StorageMode::Shared };
    let engine = Engine::open(location).await.unwrap();
    Look::at(&engine, location).await.same_records(&base.look, "before mending");
    let open = |status| matches!(status, JobStatus::Running | JobStatus::Paused | JobStatus::Interrupted);
    let unfinished = engine.jobs().await.unwrap().into_iter().find(|job| open(job.status));
    let left = if unfinished.is_some() { Left::Unfinished } else { Left::Settled };
    if let Some(job) = unfinished {
        assert_eq!(job.status, JobStatus::Interrupted, "nobody is at it any more");
        case.told += &format!("interrupted in {:?}; ", job.phase);
        let undone =
            if case.n.is_multiple_of(2) { engine.rollback_job(job.id).await.map(|job| job.status) } else { Ok(JobStatus::Running) };
        match undone {
            Ok(JobStatus::RolledBack) => {}
            Ok(_) => {
                engine.resume_job(job.id).await.unwrap();
                let job = engine.wait_job(job.id).await.unwrap();
                // It goes on in the direction it had.
                assert!(matches!(job.status, JobStatus::Done | JobStatus::RolledBack), "{job:?}");
            }
            Err(error) => {
                assert_eq!(error.code, ErrorCode::InvalidInput, "once it has switched over it can only be gone on with: {error:?}");
                engine.resume_job(job.id).await.unwrap();
                let job = engine.wait_job(job.id).await.unwrap();
                assert_eq!(job.status, JobStatus::Done, "{:?}", job.error);
            }
        }
    }
    let modes: Vec<StorageMode> = {
        let schema = engine.schema().await.unwrap();
        base.ids[..2].iter().map(|id| schema.entity(*id).unwrap().storage_mode).collect()
    };
    assert_eq!(modes[0], modes[1], "all of a job, or nothing");
    let done = modes[0] == mode;
    case.told += if done { "done" } else { "undone" };
    let expected = if done { &known.after[0] } else { &base.look };
    Look::at(&engine, location).await.same(expected, "mended");
    // The next ones.
    if done {
        let back = base.run(&engine, !over).await;
        assert_eq!(back.status, JobStatus::Done, "the way back: {:?}", back.error);
    }
    let again = base.run(&engine, over).await;
    assert_eq!(again.status, JobStatus::Done, "the next of its kind: {:?}", again.error);
    Look::at(&engine, location).await.same(&known.after[0], "after the next");
    engine.close().await;
    left
}

/// The edit is wholly done or wholly not, and the next one clears away whatever was prepared for it.
pub async fn edit(base: &Base, known: &Known, case: &mut Case, location: &str) -> Left {
    let engine = Engine::open(location).await.unwrap();
    let done = engine.info().unwrap().schema_version != base.version;
    case.told += if done { "done" } else { "not done" };
    let expected = if done { &known.after[case.edit] } else { &base.look };
    Look::at(&engine, location).await.same_records(expected, "after the blow");
    if !done {
        // A server may not have noticed yet that somebody is gone.
        let began = Instant::now();
        while let Err(error) = base::change(&engine, &base.ids, case.edit).await {
            assert!(error.code == ErrorCode::Busy && began.elapsed() < Duration::from_secs(60), "the same edit: {error:?}");
        }
    }
    engine.close().await;
    let engine = clean(location, &known.after[case.edit], "done").await;
    engine.undo().await.unwrap();
    Look::at(&engine, location).await.same_records(&base.look, "taken back");
    base::change(&engine, &base.ids, (case.edit + 1) % EDITS).await.unwrap();
    engine.close().await;
    Left::Settled
}

/// Waits until the workspace looks so: what a lost process had prepared is cleared away as soon as the server has noticed that it is gone.
async fn clean(location: &str, expected: &Look, when: &str) -> Engine {
    let began = Instant::now();
    loop {
        let engine = Engine::open(location).await.unwrap();
        let look = Look::at(&engine, location).await;
        if look == *expected || began.elapsed() > Duration::from_secs(20) {
            look.same(expected, when);
            return engine;
        }
        engine.close().await;
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}
