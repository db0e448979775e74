//! Writers side by side, from two programs: what one has looked at, another must not change before it is acted upon.

use serde_json::json;
use stoneware_engine::{
    Engine, Error, ErrorCode,
    model::{ListRequest, ReferentialAction},
};
use stoneware_tests::{
    build::{entity, insert, many_to_one},
    data, materialize, on_each,
};

/// Does it again while somebody else is at the same rows: that is no refusal.
macro_rules! patiently {
    ($call:expr) => {
        loop {
            match $call {
                Err(Error { code: ErrorCode::Busy, .. }) => tokio::task::yield_now().await,
                other => break other,
            }
        }
    };
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_refers_to_a_record_deleted_at_the_same_time() {
    on_each(async |w| {
        let parents = entity(&w.engine, "Parent", &["name:string"]).await;
        let children = entity(&w.engine, "Child", &["name:string"]).await;
        many_to_one(&w.engine, children, "parent", parents, ReferentialAction::Cascade).await;
        let other = Engine::open(&w.location).await.unwrap();
        for round in 0..16 {
            match round {
                8 => drop(materialize(&w.engine, vec![parents]).await),
                12 => drop(materialize(&w.engine, vec![children]).await),
                _ => {}
            }
            let parent = insert(&w.engine, parents, json!({ "name": "p" })).await.id;
            let writers: Vec<_> = (0..4)
                .map(|i| {
                    let engine = if i % 2 == 0 { w.engine.clone() } else { other.clone() };
                    let child = data(json!({ "name": format!("c{i}"), "parent": parent }));
                    tokio::spawn(async move { patiently!(engine.insert_record(children, child.clone()).await) })
                })
                .collect();
            let deleted = patiently!(other.delete_records(parents, vec![parent]).await);
            assert_eq!(deleted.unwrap().blocked_by, []);
            for writer in writers {
                if let Err(error) = writer.await.unwrap() {
                    assert_eq!(error.code, ErrorCode::DanglingReference, "round {round}: {error}");
                }
            }
            let left = w.engine.count_records(children, ListRequest::default()).await.unwrap();
            assert_eq!(left, 0, "round {round}: a child went with its parent, or was refused");
        }
        other.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_change_is_written_over_unseen() {
    on_each(async |w| {
        let counters = entity(&w.engine, "Counter", &["n:integer"]).await;
        let other = Engine::open(&w.location).await.unwrap();
        for dedicated in [false, true] {
            if dedicated {
                materialize(&w.engine, vec![counters]).await;
            }
            let counter = insert(&w.engine, counters, json!({ "n": 0 })).await.id;
            let writers: Vec<_> = (0..6)
                .map(|i| {
                    let engine = if i % 2 == 0 { w.engine.clone() } else { other.clone() };
                    tokio::spawn(async move {
                        let mut done = 0;
                        while done < 10 {
                            let read = engine.record(counters, counter).await.unwrap();
                            let next = data(json!({ "n": read.data["n"].as_i64().unwrap() + 1 }));
                            match patiently!(engine.update_record(counters, counter, next.clone(), Some(read.version)).await) {
                                Ok(_) => done += 1,
                                Err(error) => assert_eq!(error.code, ErrorCode::StaleVersion, "{error}"),
                            }
                        }
                    })
                })
                .collect();
            for writer in writers {
                writer.await.unwrap();
            }
            let counted = w.engine.record(counters, counter).await.unwrap();
            assert_eq!((counted.data["n"].as_i64(), counted.version), (Some(60), 61), "dedicated: {dedicated}");
        }
        other.close().await;
    })
    .await;
}
