//! Others read and write all through a job: by the engine, and by plain SQL from any program.

use serde_json::json;
use sqlx::{ConnectOptions, Connection, sqlite::SqliteConnectOptions};
use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};
use stoneware_engine::{
    ErrorCode,
    model::{JobStatus, ListRequest, MaterializeOptions, WorkspaceEvent},
};
use stoneware_tests::{
    Workspace,
    build::{entity, insert},
    data, databases, outside,
};

/// Waits until the job tells of this phase, or of its end.
async fn until(events: &mut tokio::sync::broadcast::Receiver<WorkspaceEvent>, phase: stoneware_engine::model::Phase) {
    loop {
        match events.recv().await.unwrap() {
            WorkspaceEvent::JobProgress(p) if p.phase >= phase => return,
            WorkspaceEvent::JobEnded { .. } => return,
            _ => {}
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn writers_go_on_all_through_and_nothing_of_theirs_is_lost() {
    for database in databases() {
        writers_go_on(Workspace::on(database).await).await;
    }
}

async fn writers_go_on(w: Workspace) {
    let engine = &w.engine;
    let a = entity(engine, "A", &["n:integer:unique", "s:string"]).await;
    let mut ids = vec![];
    for n in 0..400 {
        ids.push(insert(engine, a, json!({ "n": n, "s": "old" })).await.id);
    }
    for over in [true, false, true] {
        let stop = Arc::new(AtomicBool::new(false));
        let writer = tokio::spawn({
            let (engine, stop, ids) = (engine.clone(), stop.clone(), ids.clone());
            async move {
                let (mut made, mut i) = (vec![], 0usize);
                while !stop.load(Ordering::Relaxed) {
                    let record = engine.insert_record(a, data(json!({ "n": 100_000 + i, "s": "new" }))).await.unwrap();
                    engine.update_record(a, ids[i % ids.len()], data(json!({ "s": format!("changed {i}") })), None).await.unwrap();
                    if i % 3 == 0 {
                        engine.delete_records(a, vec![record.id]).await.unwrap();
                    } else {
                        made.push(record.id);
                    }
                    i += 1;
                }
                (made, i)
            }
        });
        tokio::time::sleep(Duration::from_millis(20)).await;
        let options = MaterializeOptions { batch_size: Some(7), ..MaterializeOptions::default() };
        let started =
            if over { engine.start_materialize(vec![a], options).await } else { engine.start_dematerialize(vec![a], options).await };
        let job = engine.wait_job(started.unwrap().id).await.unwrap();
        assert_eq!(job.status, JobStatus::Done, "{:?}", job.error);
        stop.store(true, Ordering::Relaxed);
        let (made, writes) = writer.await.unwrap();
        assert!(writes > 5, "there were writes meanwhile: {writes}");
        assert_eq!(engine.count_records(a, ListRequest::default()).await.unwrap() as usize, 400 + made.len(), "over: {over}");
        for i in writes.saturating_sub(ids.len().min(writes))..writes {
            let record = engine.record(a, ids[i % ids.len()]).await.unwrap();
            assert_eq!(record.data["s"], format!("changed {i}"), "the last write counts");
        }
        engine.delete_records(a, made).await.unwrap();
    }
    assert!(engine.overview().await.unwrap()[0].records == 400);
    if w.path.exists() {
        outside::sound(&mut outside::open(&w.path).await).await;
    }
}

/// Another program knows nothing of jobs; the triggers see what it writes.
#[tokio::test(flavor = "multi_thread")]
async fn plain_sql_is_not_lost_either() {
    let w = Workspace::new().await;
    let engine = &w.engine;
    let a = entity(engine, "A", &["n:integer", "s:string"]).await;
    let mut ids = vec![];
    for n in 0..1500 {
        ids.push(insert(engine, a, json!({ "n": n, "s": "old" })).await.id);
    }
    let mut events = engine.subscribe();
    let options = MaterializeOptions { batch_size: Some(3), ..MaterializeOptions::default() };
    let job = engine.start_materialize(vec![a], options).await.unwrap();
    until(&mut events, stoneware_engine::model::Phase::Copy).await;
    let mut db = SqliteConnectOptions::new().filename(&w.path).busy_timeout(Duration::from_secs(20)).connect().await.unwrap();
    let mut captured = 0;
    for (statement, id) in [
        ("UPDATE kdb_records SET data = json_set(data, '$.s', 'by hand'), version = version + 1 WHERE id = ?", ids[0]),
        ("UPDATE OR REPLACE kdb_records SET data = json_set(data, '$.s', 'by hand') WHERE id = ?", ids[299]),
        ("DELETE FROM kdb_records WHERE id = ?", ids[1]),
        (
            "INSERT INTO kdb_records SELECT entity_id, '0192f0c1-7d2e-7abc-8def-0123456789ab', 1, 's', '{\"n\":7,\"s\":\"inserted\"}', owner, created_at, created_by, updated_at, updated_by FROM kdb_records WHERE id = ?",
            ids[2],
        ),
    ] {
        let done = sqlx::query(statement).bind(id.to_string()).execute(&mut db).await.unwrap();
        captured += done.rows_affected();
    }
    db.close().await.unwrap();
    let job = engine.wait_job(job.id).await.unwrap();
    assert_eq!(job.status, JobStatus::Done, "{:?}", job.error);
    // Had the job been over before, there would have been no rows to write to.
    assert_eq!(captured, 4, "the job was still copying");
    assert_eq!(engine.record(a, ids[0]).await.unwrap().data["s"], "by hand");
    assert_eq!(engine.record(a, ids[299]).await.unwrap().data["s"], "by hand");
    assert_eq!(engine.record(a, ids[1]).await.unwrap_err().code, ErrorCode::UnknownRecord);
    assert_eq!(engine.record(a, "0192f0c1-7d2e-7abc-8def-0123456789ab".parse().unwrap()).await.unwrap().data["s"], "inserted");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cancelled_job_leaves_everything_as_it_was() {
    let w = Workspace::new().await;
    let engine = &w.engine;
    let a = entity(engine, "A", &["n:integer"]).await;
    for n in 0..300 {
        insert(engine, a, json!({ "n": n })).await;
    }
    let before = w.exports().await;
    let other = stoneware_engine::Engine::open(w.path.to_str().unwrap()).await.unwrap();
    for (phase, from_elsewhere) in [("Validate", false), ("Copy", false), ("Copy", true)] {
        let mut events = engine.subscribe();
        let options = MaterializeOptions { batch_size: Some(1), ..MaterializeOptions::default() };
        let job = engine.start_materialize(vec![a], options).await.unwrap();
        let wanted = if phase == "Copy" { stoneware_engine::model::Phase::Copy } else { stoneware_engine::model::Phase::Validate };
        until(&mut events, wanted).await;
        assert_eq!(engine.start_materialize(vec![a], MaterializeOptions::default()).await.unwrap_err().code, ErrorCode::Busy);
        // Another window knows the job by its row alone.
        let asker = if from_elsewhere { &other } else { engine };
        asker.cancel_job(job.id).await.unwrap();
        let job = other.wait_job(job.id).await.unwrap();
        assert_eq!(job.status, JobStatus::Cancelled, "{phase}: {:?}", job.error);
        assert_eq!(job.error.unwrap().code, ErrorCode::Cancelled);
        assert_eq!(w.exports().await, before);
        assert_eq!(engine.cancel_job(job.id).await.unwrap_err().code, ErrorCode::InvalidInput);
    }
    let mut db = outside::open(&w.path).await;
    let left = "SELECT count(*) FROM sqlite_schema WHERE type = 'trigger' OR name LIKE 'kdb_a%'".to_owned();
    assert_eq!(outside::number(&mut db, left).await, 0, "no table and no trigger stays");
    other.close().await;
}

/// In every phase that has a moment to stop at, asked here or by another window; others write while it waits.
#[tokio::test(flavor = "multi_thread")]
async fn a_paused_job_waits_and_goes_on() {
    use stoneware_engine::model::Phase::{CleanUp, Copy, Verify};
    for database in databases() {
        let w = Workspace::on(database).await;
        let engine = &w.engine;
        let a = entity(engine, "A", &["n:integer:unique", "s:string"]).await;
        let mut ids = vec![];
        for n in 0..300 {
            ids.push(insert(engine, a, json!({ "n": n, "s": "old" })).await.id);
        }
        let other = stoneware_engine::Engine::open(&w.location).await.unwrap();
        let mut paused_in = vec![];
        let mut n = 1000;
        for (phase, over, from_elsewhere) in [(Copy, true, false), (Copy, false, true), (Verify, true, true), (CleanUp, false, false)] {
            let mut events = engine.subscribe();
            let options = MaterializeOptions { batch_size: Some(1), ..MaterializeOptions::default() };
            let job = match over {
                true => engine.start_materialize(vec![a], options).await.unwrap(),
                false => engine.start_dematerialize(vec![a], options).await.unwrap(),
            };
            until(&mut events, phase).await;
            let asker = if from_elsewhere { &other } else { engine };
            // It may be over before it hears of it: then there is nothing to pause.
            let _ = asker.pause_job(job.id).await;
            let waiting = other.wait_job(job.id).await.unwrap();
            if waiting.status == JobStatus::Paused {
                paused_in.push(phase);
                assert!(waiting.error.is_none());
                assert_eq!(engine.pause_job(job.id).await.unwrap_err().code, ErrorCode::InvalidInput, "it is paused");
            }
            n += 1;
            let made = insert(engine, a, json!({ "n": n, "s": "new" })).await;
            let changed = other.update_record(a, ids[0], data(json!({ "s": format!("while paused {n}") })), None).await.unwrap();
            engine.delete_records(a, vec![ids.pop().unwrap()]).await.unwrap();
            let before = w.exports().await;
            if waiting.status == JobStatus::Paused && phase == Copy {
                assert_eq!(engine.job(job.id).await.unwrap().waiting, 3, "{database:?}: one made, one changed, one deleted");
            }
            if waiting.status == JobStatus::Paused {
                other.resume_job(job.id).await.unwrap();
            }
            let done = engine.wait_job(job.id).await.unwrap();
            assert_eq!(done.status, JobStatus::Done, "{database:?} {phase:?}: {:?}", done.error);
            assert_eq!(engine.schema().await.unwrap().entity(a).unwrap().is_dedicated(), over);
            assert_eq!(w.exports().await, before, "{database:?} {phase:?}");
            if waiting.status == JobStatus::Paused && phase == Copy {
                assert_eq!(
                    (done.reports[0].captured, done.captured, done.waiting),
                    (3, 3, 0),
                    "{database:?}: one made, one changed, one deleted"
                );
                let copies: Vec<_> = done.log.iter().filter(|s| s.phase == Copy).collect();
                assert_eq!(copies.len(), 2, "before the pause and after it: {:?}", done.log);
                assert_eq!(waiting.log.last().map(|s| s.phase), Some(Copy));
                let all: u32 = copies.iter().map(|s| s.records).sum();
                assert!(all >= 299, "{:?}", done.log);
                assert_eq!(done.log.iter().map(|s| s.captured).sum::<u32>(), 3);
                assert!(done.log.is_sorted_by_key(|s| s.phase) && done.log.iter().all(|s| s.seconds >= 0.0), "{:?}", done.log);
            }
            assert_eq!(engine.record(a, made.id).await.unwrap().data["s"], "new");
            assert_eq!(engine.record(a, ids[0]).await.unwrap().data, changed.data);
        }
        // Copying takes long enough to be met; what comes after it may be over sooner.
        assert!(paused_in.iter().filter(|p| **p == Copy).count() == 2, "{database:?}: {paused_in:?}");
        other.close().await;
    }
}

/// Who looks on from elsewhere never takes a job that has just ended, and that its row still said was running, for one whose process died.
#[tokio::test(flavor = "multi_thread")]
async fn a_job_that_ends_is_not_taken_for_interrupted() {
    for database in databases() {
        let w = Workspace::on(database).await;
        let a = entity(&w.engine, "A", &["n:integer"]).await;
        let others =
            [stoneware_engine::Engine::open(&w.location).await.unwrap(), stoneware_engine::Engine::open(&w.location).await.unwrap()];
        for turn in 0..10 {
            let options = MaterializeOptions::default();
            let job = match turn % 2 {
                0 => w.engine.start_materialize(vec![a], options).await.unwrap(),
                _ => w.engine.start_dematerialize(vec![a], options).await.unwrap(),
            };
            let looking = others.clone().map(|other| {
                tokio::spawn(async move {
                    loop {
                        let seen = other.job(job.id).await.unwrap().status;
                        let listed = other.jobs().await.unwrap().into_iter().find(|j| j.id == job.id).unwrap().status;
                        if (seen, listed) != (JobStatus::Running, JobStatus::Running) {
                            return (seen, listed);
                        }
                    }
                })
            });
            for looks in looking {
                let (seen, listed) = looks.await.unwrap();
                assert!(matches!(seen, JobStatus::Running | JobStatus::Done), "{database:?}: {seen:?}");
                assert_eq!(listed, JobStatus::Done, "{database:?}");
            }
        }
        for other in others {
            other.close().await;
        }
    }
}
