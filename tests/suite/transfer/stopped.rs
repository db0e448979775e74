//! A copy that does not go through: nobody takes it for a workspace, and the same call goes on with it.

use serde_json::json;
use std::{path::Path, sync::Mutex};
use stoneware_engine::{
    Engine, ErrorCode,
    engine::is_url,
    jobs::faults,
    model::{EntitySpec, JobStatus, ListRequest, MaterializeOptions},
};
use stoneware_tests::{
    Database, Workspace,
    build::{field, insert},
    databases, outside,
};
use tokio_util::sync::CancellationToken;

use super::{copy, die, everything, lived_in, same, ways};

/// At each point a copy can die, with the source changed meanwhile in various ways.
async fn dies_anywhere(from: Database, to: Database) {
    let (source, person) = lived_in(from).await;
    let mut points = 0;
    for n in 1.. {
        let target = Workspace::on(to).await;
        let location = target.engine.info().unwrap().location;
        let Err(at) = die(&source.engine, &target, &location, n).await else { break };
        points = n;
        let when = format!("{from:?} to {to:?}, point {n}, {at}");
        if at != "begin: before commit" {
            unusable(&target, &when).await;
        }
        match n % 5 {
            0 => drop(insert(&source.engine, person, json!({ "name": format!("New {n}") })).await),
            1 => {
                let first = ListRequest { limit: Some(1), ..ListRequest::default() };
                let id = source.engine.list_records(person, first).await.unwrap().records[0].id;
                let patch = stoneware_tests::data(json!({ "name": format!("Changed {n}") }));
                source.engine.update_record(person, id, patch, None).await.unwrap();
            }
            2 => drop(source.engine.add_field(person, field(&format!("field{n}:string:default=x"))).await.unwrap()),
            _ => {}
        }
        let report = copy(&source.engine, &target.engine).await.unwrap_or_else(|e| panic!("{when}: {e:?}"));
        assert_eq!(report.resumed, at != "begin: before commit" && n % 5 != 2, "{when}");
        same(&everything(&target.engine).await, &everything(&source.engine).await, &when);
        if !is_url(&target.location) {
            outside::sound(&mut outside::open(Path::new(&target.location)).await).await;
        }
    }
    eprintln!("{from:?} to {to:?}: died at {points} points");
    assert!(points > 20, "{from:?} to {to:?}: {points} points only");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_that_dies_anywhere_is_gone_on_with() {
    dies_anywhere(Database::Sqlite, Database::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_to_postgres_that_dies_anywhere_is_gone_on_with() {
    if databases().contains(&Database::Postgres) {
        dies_anywhere(Database::Sqlite, Database::Postgres).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_from_postgres_that_dies_anywhere_is_gone_on_with() {
    if databases().contains(&Database::Postgres) {
        dies_anywhere(Database::Postgres, Database::Sqlite).await;
    }
}

/// Nothing reads or writes an unfinished copy, and everybody is told why.
async fn unusable(target: &Workspace, when: &str) {
    let other = Engine::open(&target.location).await.unwrap();
    assert_eq!(other.info().unwrap_err().code, ErrorCode::UnfinishedCopy, "{when}");
    for engine in [&target.engine, &other] {
        assert_eq!(engine.schema().await.unwrap_err().code, ErrorCode::UnfinishedCopy, "{when}");
        let spec = EntitySpec { name: "Mine".into(), ..EntitySpec::default() };
        let refused = engine.create_entity(spec, vec![], None).await.unwrap_err();
        assert_eq!(refused.code, ErrorCode::UnfinishedCopy, "{when}");
    }
    let job = &other.jobs().await.unwrap()[0];
    assert_eq!(job.status, JobStatus::Interrupted, "{when}");
    assert_eq!(other.resume_job(job.id).await.unwrap_err().code, ErrorCode::Unsupported, "{when}: the source is not known there");
    other.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_that_was_spoilt_is_found_and_mended() {
    for (from, to) in ways() {
        let (source, person) = lived_in(from).await;
        let table = source.engine.schema().await.unwrap().entity(person).unwrap().table.clone();
        let place = source.engine.schema().await.unwrap().entity_named("Place").unwrap().id;
        let spoil = [
            // A dedicated entity's value, a record too few, a record's history, an index row, a pair's metadata, the schema itself.
            ("Person", format!("UPDATE {} SET name = 'Spoilt' WHERE name = 'P7'", outside::quoted(&table))),
            ("Place", format!("DELETE FROM kdb_records WHERE entity_id = '{place}' AND primary_value = 'H9'")),
            ("Place", format!("UPDATE kdb_records SET updated_by = 'nobody' WHERE entity_id = '{place}' AND primary_value = 'H9'")),
            ("Place", "DELETE FROM kdb_index_entries WHERE value = 'H9'".to_owned()),
            ("Person.visits", "UPDATE kdb_record_links SET metadata = '{\"x\": 1}'".to_owned()),
            ("change events", "UPDATE kdb_change_events SET origin = 'elsewhere'".to_owned()),
            ("", "UPDATE kdb_layout SET x = x + 1".to_owned()),
        ];
        for (name, statement) in spoil {
            let when = format!("{from:?} to {to:?}: {statement}");
            let target = Workspace::on(to).await;
            let location = target.engine.info().unwrap().location;
            copied_and_dead(&source.engine, &target, &location).await;
            outside::run(&target, &statement).await;
            let error = copy(&source.engine, &target.engine).await.unwrap_err();
            assert_eq!(error.code, ErrorCode::Corrupt, "{when}: {error:?}");
            if name.is_empty() {
                assert_eq!(error.details["table"], "kdb_layout", "{when}");
            } else {
                assert_eq!(error.details["entity"], name, "{when}: {error:?}");
            }
            unusable(&target, &when).await;
            copy(&source.engine, &target.engine).await.unwrap();
            same(&everything(&target.engine).await, &everything(&source.engine).await, &when);
        }
    }
}

/// Copies until everything is there, and nothing compared yet; dies then.
async fn copied_and_dead(source: &Engine, target: &Workspace, location: &str) {
    let rehearsal = Workspace::on(Database::Sqlite).await;
    let there = rehearsal.engine.info().unwrap().location;
    faults::arm(&there, None);
    copy(source, &rehearsal.engine).await.unwrap();
    let last = "copy: after commit";
    let at = faults::passed(&there).iter().rposition(|point| point == last).unwrap();
    assert_eq!(die(source, target, location, u32::try_from(at + 1).unwrap()).await.unwrap_err(), last);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_that_is_stopped_can_be_gone_on_with_or_taken_away() {
    for (from, to) in ways() {
        let (source, _) = lived_in(from).await;
        let target = Workspace::on(to).await;
        let cancel = CancellationToken::new();
        let seen = Mutex::new(vec![]);
        let on = |step: stoneware_engine::model::CopyProgress| {
            seen.lock().unwrap().push(step.entity);
            if seen.lock().unwrap().len() == 4 {
                cancel.cancel();
            }
        };
        let stopped = source.engine.copy_into(&target.engine, Some(10), &on, &cancel).await.unwrap_err();
        assert_eq!(stopped.code, ErrorCode::Cancelled);
        unusable(&target, "stopped").await;
        // Another source's copy does not go into it.
        let (other, _) = lived_in(Database::Sqlite).await;
        let refused = copy(&other.engine, &target.engine).await.unwrap_err();
        assert_eq!((refused.code, &refused.details["reason"]), (ErrorCode::InvalidInput, &json!("other_source")));
        let job = target.engine.jobs().await.unwrap()[0].id;
        let taken_away = target.engine.rollback_job(job).await.unwrap();
        assert_eq!(taken_away.status, JobStatus::RolledBack);
        assert!(target.engine.schema().await.unwrap().entities.is_empty());
        assert_eq!(target.engine.jobs().await.unwrap().len(), 1, "its job is remembered");
        copy(&other.engine, &target.engine).await.unwrap();
        same(&everything(&target.engine).await, &everything(&other.engine).await, "after another one was taken away");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_source_with_a_job_under_way_is_not_copied() {
    for (from, to) in ways() {
        let (source, _) = lived_in(from).await;
        let target = Workspace::on(to).await;
        let place = source.engine.schema().await.unwrap().entity_named("Place").unwrap().id;
        let location = source.engine.info().unwrap().location;
        faults::arm(&location, Some(6));
        let job = source.engine.start_materialize(vec![place], MaterializeOptions::default()).await.unwrap();
        assert_eq!(source.engine.wait_job(job.id).await.unwrap().status, JobStatus::Interrupted);
        faults::arm(&location, None);
        let refused = copy(&source.engine, &target.engine).await.unwrap_err();
        assert_eq!((refused.code, &refused.details["job"]), (ErrorCode::Busy, &json!(job.id)));
        source.engine.resume_job(job.id).await.unwrap();
        source.engine.wait_job(job.id).await.unwrap();
        copy(&source.engine, &target.engine).await.unwrap();
    }
}
