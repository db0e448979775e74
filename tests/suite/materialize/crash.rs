//! A job that dies at any point leaves a workspace that opens, and a job that can be gone on with or undone.

use serde_json::{Value, json};
use std::path::Path;
use stoneware_engine::{
    Engine, ErrorCode,
    engine::is_url,
    jobs::faults,
    model::{EntityId, Job, JobStatus, MaterializeOptions, OnInvalid},
};
use stoneware_tests::{
    Database, Workspace,
    build::{People, field, insert, people},
    copy, databases, exports_of,
    outside::{self, anatomy},
};

/// Few records, and a batch for every handful: many points to die at.
const RECORDS: usize = 60;

fn options() -> MaterializeOptions {
    MaterializeOptions { on_invalid: OnInvalid::Keep, batch_size: Some(25) }
}

/// Two entities that refer to each other and to themselves, joined many-to-many, with values that do not fit.
async fn base(database: Database) -> (Workspace, Vec<EntityId>) {
    let w = Workspace::to_copy(database).await;
    let engine = &w.engine;
    let People { person, team, place, fans } = people(engine, &["name:string:required,unique", "age:string:indexed", "score:float"]).await;
    let mut people: Vec<Value> = vec![];
    for i in 0..RECORDS {
        let team = insert(engine, team, json!({ "title": format!("T{i}"), "lead": people.last() })).await;
        let age = if i % 20 == 7 { "n/a".to_owned() } else { i.to_string() };
        let score = if i % 10 == 3 { 1.2345e-300 } else { i as f64 / 3.0 };
        let made =
            insert(engine, person, json!({ "name": format!("P{i}"), "age": age, "score": score, "boss": people.last(), "team": team.id }))
                .await;
        engine.add_links(fans.id, person, made.id, vec![team.id], Some(json!({ "since": i }))).await.unwrap();
        people.push(json!(made.id));
    }
    let age = engine.schema().await.unwrap().entity(person).unwrap().fields[1].id;
    engine.update_field(person, age, field("age:integer:indexed")).await.unwrap();
    (w, vec![person, team, place])
}

async fn begin(engine: &Engine, ids: &[EntityId], over: bool) -> Job {
    let ids = ids[..2].to_vec();
    if over { engine.start_materialize(ids, options()).await.unwrap() } else { engine.start_dematerialize(ids, options()).await.unwrap() }
}

async fn exports(location: &str) -> Vec<(String, String)> {
    let engine = Engine::open(location).await.unwrap();
    let all = exports_of(&engine).await;
    engine.close().await;
    all
}

/// Lets the job die at each of its points in turn, and mends it by turns in either way.
async fn die_everywhere(closed: &Workspace, ids: &[EntityId], over: bool) -> u32 {
    let (before, parts) = (exports(&closed.location).await, anatomy(&closed.location).await);
    for n in 1.. {
        let spoilt = copy(&closed.location, &closed.path.with_file_name("spoilt.db"));
        let engine = Engine::open(&spoilt).await.unwrap();
        let location = engine.info().unwrap().location;
        faults::arm(&location, Some(n));
        let job = begin(&engine, ids, over).await;
        let ended = engine.wait_job(job.id).await.unwrap();
        let at = faults::passed(&location).last().cloned().unwrap_or_default();
        faults::arm(&location, None);
        if ended.status == JobStatus::Done {
            assert_eq!(exports(&spoilt).await, before);
            engine.close().await;
            return n - 1;
        }
        let when = format!("point {n}, {at}");
        assert_eq!(ended.status, JobStatus::Interrupted, "{when}: {:?}", ended.error);
        assert_eq!(exports(&spoilt).await, before, "{when}: nothing is lost or twice");
        // Nobody may change under a job what it works on.
        let spec = field("more:string");
        assert_eq!(engine.add_field(ids[0], spec).await.unwrap_err().code, ErrorCode::Busy, "{when}");
        assert_eq!(engine.drop_entity(ids[2]).await.unwrap_err().code, ErrorCode::Busy, "{when}: it would take a column with it");
        let second = engine.start_materialize(ids[..2].to_vec(), options()).await.unwrap_err().code;
        assert!(matches!(second, ErrorCode::Busy | ErrorCode::InvalidInput), "{when}");
        let undone = if n % 2 == 0 { engine.rollback_job(job.id).await } else { Err(stoneware_engine::Error::invalid("to be resumed")) };
        match undone {
            Ok(job) => {
                assert_eq!(job.status, JobStatus::RolledBack, "{when}: {:?}", job.error);
                assert_eq!(anatomy(&spoilt).await, parts, "{when}: nothing stray stays");
                assert_eq!(engine.schema().await.unwrap().entity(ids[0]).unwrap().is_dedicated(), !over, "{when}");
                let again = begin(&engine, ids, over).await;
                assert_eq!(engine.wait_job(again.id).await.unwrap().status, JobStatus::Done, "{when}: nothing is in the way");
            }
            Err(error) => {
                assert_eq!(error.code, ErrorCode::InvalidInput, "{when}");
                engine.resume_job(job.id).await.unwrap();
                let job = engine.wait_job(job.id).await.unwrap();
                assert_eq!(job.status, JobStatus::Done, "{when}: {:?}", job.error);
            }
        }
        assert_eq!(engine.schema().await.unwrap().entity(ids[0]).unwrap().is_dedicated(), over, "{when}");
        assert_eq!(exports(&spoilt).await, before, "{when}, mended");
        if !is_url(&spoilt) {
            outside::sound(&mut outside::open(Path::new(&spoilt)).await).await;
        }
        engine.close().await;
    }
    unreachable!()
}

async fn mended(database: Database) {
    let (w, ids) = base(database).await;
    w.engine.close().await;
    let over = die_everywhere(&w, &ids, true).await;
    let engine = Engine::open(&w.location).await.unwrap();
    let job = begin(&engine, &ids, true).await;
    assert_eq!(engine.wait_job(job.id).await.unwrap().status, JobStatus::Done);
    engine.close().await;
    let back = die_everywhere(&w, &ids, false).await;
    eprintln!("{database:?}: died at {over} points on the way over, at {back} on the way back; none lost anything");
    assert!(over > 25 && back > 20, "there are as many points as that");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_that_dies_anywhere_can_be_mended() {
    mended(Database::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_that_dies_anywhere_can_be_mended_on_postgres() {
    if databases().contains(&Database::Postgres) {
        mended(Database::Postgres).await;
    }
}

/// Undoing may die too, and is then gone on with.
#[tokio::test(flavor = "multi_thread")]
async fn a_job_that_dies_while_it_is_undone_is_undone_later() {
    for database in databases() {
        undone_later(database).await;
    }
}

async fn undone_later(database: Database) {
    let (w, ids) = base(database).await;
    let location = w.engine.info().unwrap().location;
    let parts = anatomy(&w.location).await;
    for n in 1..=2 {
        faults::arm(&location, Some(12));
        let job = begin(&w.engine, &ids, true).await;
        assert_eq!(w.engine.wait_job(job.id).await.unwrap().status, JobStatus::Interrupted);
        faults::arm(&location, Some(n));
        let stopped = w.engine.rollback_job(job.id).await.unwrap();
        assert_eq!(stopped.status, JobStatus::Interrupted);
        faults::arm(&location, None);
        if n == 1 {
            // It died before it had written down that it goes back.
            w.engine.rollback_job(job.id).await.unwrap();
        } else {
            w.engine.resume_job(job.id).await.unwrap();
        }
        assert_eq!(w.engine.wait_job(job.id).await.unwrap().status, JobStatus::RolledBack, "on its way back it goes on going back");
        assert_eq!(anatomy(&w.location).await, parts);
    }
}

/// Closing the workspace lets a job stop where it can be gone on with.
#[tokio::test(flavor = "multi_thread")]
async fn a_job_outlives_a_restart() {
    for database in databases() {
        restarted(database).await;
    }
}

async fn restarted(database: Database) {
    let (mut w, ids) = base(database).await;
    let before = w.exports().await;
    let job = w.engine.start_materialize(ids[..2].to_vec(), MaterializeOptions { batch_size: Some(1), ..options() }).await.unwrap();
    w.reopen().await;
    let found = w.engine.job(job.id).await.unwrap();
    assert_eq!(found.status, JobStatus::Interrupted, "{:?}", found.error);
    assert_eq!(w.exports().await, before);
    w.engine.resume_job(job.id).await.unwrap();
    assert_eq!(w.engine.wait_job(job.id).await.unwrap().status, JobStatus::Done);
    assert_eq!(w.exports().await, before);
}
