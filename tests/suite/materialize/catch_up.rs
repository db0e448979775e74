//! What was written while a job copied is carried over before it switches, a share at a time.

use serde_json::json;
use stoneware_engine::{
    ErrorCode,
    jobs::faults,
    model::{EntityId, Job, JobStatus, MaterializeOptions, RecordId},
};
use stoneware_tests::{
    Database, Workspace,
    build::{entity, insert, many_to_many},
    data, databases,
    dying::Dying,
    materialize, outside,
};

const RECORDS: usize = 30;

/// Places with a code each, all of them marked by the first, and a job of theirs that dies at the last point before it switches over. Shares
/// are of four.
struct Places {
    w: Workspace,
    place: EntityId,
    ids: Vec<RecordId>,
    job: Job,
}

async fn places(database: Database, over: bool) -> Places {
    let w = Workspace::on(database).await;
    let place = entity(&w.engine, "Place", &["code:string:required,unique", "name:string:indexed", "n:integer"]).await;
    let near = many_to_many(&w.engine, place, "near", place).await;
    let mut ids = vec![];
    for i in 0..RECORDS {
        ids.push(insert(&w.engine, place, json!({ "code": format!("P{i}"), "name": "old" })).await.id);
        w.engine.add_links(near.id, place, ids[0], vec![ids[i]], None).await.unwrap();
    }
    let options = MaterializeOptions { batch_size: Some(4), ..MaterializeOptions::default() };
    if !over {
        materialize(&w.engine, vec![place]).await;
    }
    let dying = if over { Dying::over(&w.engine, &[place], options) } else { Dying::back(&w.engine, &[place], options) };
    let job = dying.last().await;
    Places { w, place, ids, job }
}

impl Places {
    async fn change(&self, i: usize, value: serde_json::Value) {
        self.w.engine.update_record(self.place, self.ids[i], data(value), None).await.unwrap();
    }

    async fn resume(&self) -> Job {
        self.w.engine.resume_job(self.job.id).await.unwrap();
        self.w.engine.wait_job(self.job.id).await.unwrap()
    }

    /// Each code is found, and no second record gets it.
    async fn unique(&self) {
        for i in 0..RECORDS {
            let again = self.w.engine.insert_record(self.place, data(json!({ "code": format!("P{i}") }))).await;
            assert_eq!(again.unwrap_err().code, ErrorCode::UniqueViolation, "P{i}");
        }
    }

    async fn nothing_left(&self) {
        let left = outside::count(&self.w, "SELECT count(*) FROM kdb_captured_writes").await;
        let pairs = outside::count(&self.w, "SELECT count(*) FROM kdb_captured_pairs").await;
        assert_eq!((left, pairs), (0, 0));
    }
}

/// It dies at every point it passes while it carries over, and goes on each time where it was.
#[tokio::test(flavor = "multi_thread")]
async fn what_was_written_goes_over_share_by_share() {
    for (database, over) in databases().into_iter().flat_map(|database| [(database, true), (database, false)]) {
        let p = places(database, over).await;
        let near = p.w.engine.schema().await.unwrap().relationships[0].id;
        for i in 0..RECORDS {
            // A server keeps a note of each write.
            for name in ["newer", "newest"] {
                p.change(i, json!({ "name": name })).await;
            }
            p.w.engine.remove_links(near, p.place, p.ids[0], vec![p.ids[i]]).await.unwrap();
            p.w.engine.add_links(near, p.place, p.ids[i], vec![p.ids[0]], None).await.unwrap();
        }
        p.w.engine.delete_records(p.place, vec![p.ids[7]]).await.unwrap();
        let before = p.w.exports().await;
        let location = p.w.engine.info().unwrap().location;
        let (mut shares, mut ended) = (0, None);
        for n in 1..200 {
            faults::arm(&location, Some(n));
            let job = p.resume().await;
            let passed = faults::passed(&location);
            let is_share = |point: &&String| *point == "cut over: share, before commit";
            shares += passed.iter().filter(is_share).count();
            faults::arm(&location, None);
            if job.status == JobStatus::Done {
                ended = Some(job);
                break;
            }
            assert_eq!(job.status, JobStatus::Interrupted, "{database:?}: {:?}", job.error);
            // The one it died at has not gone over.
            shares -= usize::from(passed.last().is_some_and(|point| is_share(&point)));
        }
        // One pair was taken away and put there again.
        assert!(ended.unwrap().reports[0].captured as usize >= 3 * RECORDS - 1, "{database:?}");
        // Of four each, all of them before the switch.
        assert!(4 * shares >= 3 * RECORDS - 1, "{database:?}, over {over}: {shares}");
        assert_eq!(p.w.exports().await, before, "{database:?}, over {over}");
        p.nothing_left().await;
    }
}

/// Every code goes on to the next record. A share of them finds a code it needs still with a record of another share.
#[tokio::test(flavor = "multi_thread")]
async fn unique_values_that_go_round_go_over_together() {
    for (database, over) in databases().into_iter().flat_map(|database| [(database, true), (database, false)]) {
        let p = places(database, over).await;
        p.change(RECORDS - 1, json!({ "code": "aside" })).await;
        for i in (0..RECORDS - 1).rev() {
            p.change(i, json!({ "code": format!("P{}", i + 1) })).await;
        }
        p.change(RECORDS - 1, json!({ "code": "P0" })).await;
        let before = p.w.exports().await;
        let ended = p.resume().await;
        assert_eq!(ended.status, JobStatus::Done, "{database:?}, over {over}: {:?}", ended.error);
        assert_eq!(p.w.exports().await, before, "{database:?}, over {over}");
        p.unique().await;
        p.nothing_left().await;
    }
}

/// The error has all of them, not only those of the share it came upon.
#[tokio::test(flavor = "multi_thread")]
async fn bad_values_written_meanwhile_are_listed_whole() {
    for database in databases() {
        let p = places(database, true).await;
        for id in &p.ids[..9] {
            outside::set(&p.w, *id, "n", &json!("many")).await;
        }
        let ended = p.resume().await;
        let error = ended.error.unwrap();
        assert_eq!((ended.status, error.code), (JobStatus::Failed, ErrorCode::InvalidValues), "{database:?}");
        assert_eq!(error.details["problem_count"], 9, "{database:?}: {error:?}");
        p.nothing_left().await;
    }
}
