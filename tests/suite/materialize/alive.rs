//! A job says that it lives for as long as it does: whoever cannot look at its process takes it over after half a minute of silence.

use serde_json::json;
use std::{collections::BTreeSet, time::Duration};
use stoneware_engine::{
    jobs::faults,
    model::{EntityId, JobStatus, MaterializeOptions, WorkspaceEvent},
};
use stoneware_tests::{
    Database, Workspace,
    build::{entity, import},
    databases,
    dying::Dying,
    materialize,
    outside::{self, count, run},
};

/// More than are taken back at once, twice.
const RECORDS: i64 = 21_000;

async fn records(w: &Workspace, spec: &str, number: i64) -> EntityId {
    let t = entity(&w.engine, "T", &[spec]).await;
    import(&w.engine, "T", (0..number).map(|n| json!({ "n": n }))).await;
    t
}

/// In one batch: so a job passes the same points each time.
fn at_once() -> MaterializeOptions {
    MaterializeOptions { batch_size: Some(30_000), ..MaterializeOptions::default() }
}

/// Its signs of life, one a second at most, until `work` has ended.
async fn signs<T>(w: &Workspace, work: impl Future<Output = T>) -> (BTreeSet<i64>, T) {
    let mut work = std::pin::pin!(work);
    let mut heard = BTreeSet::new();
    loop {
        if let Ok(done) = tokio::time::timeout(Duration::from_millis(100), &mut work).await {
            return (heard, done);
        }
        heard.insert(count(w, "SELECT coalesce(max(heartbeat), 0) FROM kdb_jobs WHERE status = 'running'").await);
        heard.remove(&0);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_on_its_way_back_lives_and_says_so() {
    for database in databases() {
        let w = Workspace::to_copy(database).await;
        let t = records(&w, "n:integer", RECORDS).await;
        materialize(&w.engine, vec![t]).await;
        let before = w.exports().await;
        let job = Dying::back(&w.engine, &[t], at_once()).last().await;
        assert!(!job.rolling_back);
        if database == Database::Postgres {
            let slow = "CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(1.3); RETURN NULL; END'";
            run(&w, slow).await;
            run(&w, "CREATE TRIGGER slow BEFORE DELETE ON kdb_records FOR EACH STATEMENT EXECUTE FUNCTION slow()").await;
        }
        let mut events = w.engine.subscribe();
        let (heard, ended) = signs(&w, w.engine.rollback_job(job.id)).await;
        let ended = ended.unwrap();
        assert_eq!((ended.status, ended.rolling_back), (JobStatus::RolledBack, false), "{:?}", ended.error);
        assert!(database == Database::Sqlite || heard.len() > 2, "{heard:?}");
        let mut told = 0;
        while let Ok(event) = events.try_recv() {
            if let WorkspaceEvent::JobProgress(progress) = event {
                assert!(progress.rolling_back && progress.eta_s.is_none(), "{progress:?}");
                told += 1;
            }
        }
        assert!(told > 1, "{told}");
        assert_eq!(w.exports().await, before);
    }
}

/// What a job is on its way back from is told of it from elsewhere too, and that it can only go back.
#[tokio::test(flavor = "multi_thread")]
async fn a_way_back_that_broke_off_is_told() {
    for database in databases() {
        let w = Workspace::to_copy(database).await;
        let t = records(&w, "n:integer", 30).await;
        let job = Dying::over(&w.engine, &[t], at_once()).last().await;
        let location = w.engine.info().unwrap().location;
        faults::arm(&location, Some(2));
        let stopped = w.engine.rollback_job(job.id).await.unwrap();
        faults::arm(&location, None);
        assert_eq!((stopped.status, stopped.rolling_back), (JobStatus::Interrupted, true));
        assert!(w.engine.job(job.id).await.unwrap().rolling_back);
        let ended = w.engine.rollback_job(job.id).await.unwrap();
        assert_eq!((ended.status, ended.rolling_back), (JobStatus::RolledBack, false), "{:?}", ended.error);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_lives_beside_a_long_index() {
    if !databases().contains(&Database::Postgres) {
        return;
    }
    let w = Workspace::to_copy(Database::Postgres).await;
    let t = records(&w, "n:integer:indexed", 30).await;
    let slow = "CREATE FUNCTION slow() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(4.2); END'";
    outside::run(&w, slow).await;
    outside::run(&w, "CREATE EVENT TRIGGER slow ON ddl_command_end WHEN TAG IN ('CREATE INDEX') EXECUTE FUNCTION slow()").await;
    let (heard, job) = signs(&w, materialize(&w.engine, vec![t])).await;
    assert_eq!(job.status, JobStatus::Done);
    assert!(heard.len() > 3, "{heard:?}");
}
