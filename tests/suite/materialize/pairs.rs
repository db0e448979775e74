//! Many-to-many pairs that refer to records that are not there.

use serde_json::{Value, json};
use std::collections::BTreeSet;
use stoneware_engine::{
    ErrorCode,
    model::{Job, JobStatus, MaterializeOptions, OnInvalid, Problem, ProblemKind, RecordId},
};
use stoneware_tests::{
    Workspace,
    build::{entity, insert, many_to_many},
    databases, dematerialize,
    outside::{self, pairs},
};

/// Past the engine: it would take the pairs along.
async fn delete(w: &Workspace, record: RecordId) {
    outside::run(w, &format!("DELETE FROM kdb_records WHERE id = '{record}'")).await;
}

fn named(problem: &Problem) -> (String, String, String, Value) {
    (problem.entity.clone(), problem.record.to_string(), problem.field.clone(), problem.value.clone())
}

#[tokio::test(flavor = "multi_thread")]
async fn pairs_that_refer_to_nothing_are_listed_and_settled() {
    for database in databases() {
        let w = Workspace::on(database).await;
        let engine = &w.engine;
        let person = entity(engine, "Person", &["name:string"]).await;
        let team = entity(engine, "Team", &["name:string"]).await;
        let fans = many_to_many(engine, person, "fans", team).await;
        let knows = many_to_many(engine, person, "knows", person).await;
        let (mut people, mut teams) = (vec![], vec![]);
        for i in 0..6 {
            people.push(insert(engine, person, json!({ "name": format!("P{i}") })).await.id);
            teams.push(insert(engine, team, json!({ "name": format!("T{i}") })).await.id);
        }
        for p in &people {
            engine.add_links(fans.id, person, *p, teams.clone(), Some(json!({ "since": 1 }))).await.unwrap();
        }
        engine.add_links(knows.id, person, people[0], vec![people[1], people[4]], None).await.unwrap();
        delete(&w, teams[5]).await;
        delete(&w, people[4]).await;
        // The same team for everybody who is left; the person who is gone with each team; a pair with neither; and the other relationship.
        let orphan = |entity: &str, record: RecordId, field: &str, value: RecordId| {
            (entity.to_owned(), record.to_string(), field.to_owned(), json!(value.to_string()))
        };
        let mut expected: BTreeSet<String> = people.iter().map(|p| format!("{:?}", orphan("Person", *p, "fans", teams[5]))).collect();
        expected.extend(teams[..5].iter().map(|t| format!("{:?}", orphan("Team", *t, "fans", people[4]))));
        expected.insert(format!("{:?}", orphan("Person", people[0], "knows", people[4])));
        let both = vec![person, team];
        let plan = engine.materialize_plan(both.clone(), MaterializeOptions::default()).await.unwrap();
        let listed: BTreeSet<String> = plan.problems.iter().map(|p| format!("{:?}", named(p))).collect();
        assert_eq!(listed, expected, "{database:?}");
        assert_eq!((plan.problem_count as usize, plan.by_hand), (expected.len(), 0));
        assert!(plan.problems.iter().all(|p| p.kind == ProblemKind::Orphan && p.settles));
        for limit in [1, 3, 1000] {
            let (mut after, mut paged) = (None, vec![]);
            loop {
                let page = engine.materialize_problems(both.clone(), MaterializeOptions::default(), after, limit).await.unwrap();
                paged.extend(page.problems);
                after = page.next;
                if after.is_none() {
                    break;
                }
            }
            assert_eq!(paged.iter().map(named).collect::<Vec<_>>(), plan.problems.iter().map(named).collect::<Vec<_>>(), "by {limit}");
        }
        // Alone, the person's pairs with teams stay where they are.
        let alone = engine.materialize_plan(vec![person], MaterializeOptions::default()).await.unwrap();
        assert_eq!(alone.problems.iter().map(|p| p.field.as_str()).collect::<Vec<_>>(), ["knows"]);

        let (before, all) = (w.exports().await, pairs(&w.location, "kdb_record_links").await);
        let run = async |on_invalid: OnInvalid| -> Job {
            let options = MaterializeOptions { on_invalid, ..MaterializeOptions::default() };
            let job = engine.start_materialize(both.clone(), options).await.unwrap();
            engine.wait_job(job.id).await.unwrap()
        };
        let job = run(OnInvalid::Abort).await;
        let error = job.error.unwrap();
        assert_eq!((job.status, error.code), (JobStatus::Failed, ErrorCode::InvalidValues), "{error:?}");
        assert_eq!(error.details["problem_count"], json!(expected.len()));
        assert_eq!((w.exports().await, pairs(&w.location, "kdb_record_links").await), (before.clone(), all.clone()), "nothing has moved");

        let good: BTreeSet<String> =
            all.iter().filter(|p| !p.contains(&teams[5].to_string()) && !p.contains(&people[4].to_string())).cloned().collect();
        let job = run(OnInvalid::Keep).await;
        assert_eq!(job.status, JobStatus::Done, "{:?}", job.error);
        assert_eq!(job.reports.iter().map(|r| r.kept_aside).sum::<u32>() as usize, expected.len());
        let moved = &pairs(&w.location, "kdb_person_fans").await | &pairs(&w.location, "kdb_person_knows").await;
        assert_eq!((moved, pairs(&w.location, "kdb_record_links").await.len()), (good.clone(), 0));
        assert_eq!(w.exports().await, before);
        dematerialize(engine, both.clone()).await;
        assert_eq!((w.exports().await, pairs(&w.location, "kdb_record_links").await), (before.clone(), all), "all of them are back");
        assert_eq!(pairs(&w.location, "kdb_dropped_links").await.len(), 0);

        let job = run(OnInvalid::Null).await;
        assert_eq!(job.status, JobStatus::Done, "{:?}", job.error);
        assert_eq!(job.reports.iter().map(|r| r.nulled).sum::<u32>() as usize, expected.len());
        assert_eq!(pairs(&w.location, "kdb_dropped_links").await.len(), expected.len(), "nothing is ever lost");
        dematerialize(engine, both).await;
        assert_eq!((w.exports().await, pairs(&w.location, "kdb_record_links").await), (before, good));
    }
}
