//! What a job tells of itself: on the way, and when it is over.

use serde_json::json;
use std::{fs::File, io::BufWriter};
use stoneware_engine::model::{Job, JobReport, JobStatus, MaterializeOptions};
use stoneware_tests::{
    Workspace,
    build::{entity, insert},
    data::{CONTACT_FIELDS, contacts},
    databases,
};
use tokio_util::sync::CancellationToken;

async fn run(w: &Workspace, entity: stoneware_engine::model::EntityId, over: bool) -> Job {
    let engine = &w.engine;
    let options = MaterializeOptions::default();
    let started =
        if over { engine.start_materialize(vec![entity], options).await } else { engine.start_dematerialize(vec![entity], options).await };
    let done = engine.wait_job(started.unwrap().id).await.unwrap();
    assert_eq!(done.status, JobStatus::Done, "{:?}", done.error);
    done
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_queries_are_timed_before_and_after() {
    for database in databases() {
        let w = Workspace::on(database).await;
        let a = entity(&w.engine, "Contact", &CONTACT_FIELDS).await;
        let file = w.path.with_extension("ndjson");
        contacts(3000, &mut BufWriter::new(File::create(&file).unwrap())).unwrap();
        w.engine.import_ndjson(&file, "Contact", &|_| {}, &CancellationToken::new()).await.unwrap();
        for over in [true, false] {
            let done = run(&w, a, over).await;
            let [filter, sort] = done.reports[0].timings.as_slice() else { panic!("{:?}", done.reports) };
            // Neither the unique email nor the indexed name: nobody thought of an index on it.
            assert!(
                filter.query.starts_with("records with age = ") && sort.query.starts_with("the first 50 by age, of "),
                "{filter:?} {sort:?}"
            );
            for timing in [filter, sort] {
                let of: u32 = timing.query.rsplit(' ').next().unwrap().replace(',', "").parse().unwrap();
                assert!((200..=1000).contains(&of), "{timing:?}: a few of the 3,000 only");
                assert!(timing.before_ms > 0.0 && timing.after_ms > 0.0, "{timing:?}");
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn where_there_is_nothing_to_ask_for_nothing_is_timed() {
    for database in databases() {
        let w = Workspace::on(database).await;
        let empty = entity(&w.engine, "Empty", &["n:integer"]).await;
        let tags = entity(&w.engine, "Tags", &["tags:multiselect", "n:integer", "s:string:unique"]).await;
        for name in ["it's", "other"] {
            insert(&w.engine, tags, json!({ "tags": ["x"], "s": name })).await;
        }
        assert_eq!(run(&w, empty, true).await.reports[0].timings, []);
        // No number has a value: what is left is the unique text.
        let timings = run(&w, tags, true).await.reports[0].timings.clone();
        assert_eq!(timings[0].query, "records with s = 'other', of 2");
    }
}

#[test]
fn reports_of_earlier_versions_are_read() {
    let old = json!({ "entity": "A", "entity_id": uuid::Uuid::nil(), "table": "kdb_a", "records": 1, "links": 0, "kept_aside": 0, "nulled": 0,
        "seconds": 0.5, "job": uuid::Uuid::nil() });
    let report: JobReport = serde_json::from_value(old).unwrap();
    assert!(report.timings.is_empty() && report.captured == 0);
}
