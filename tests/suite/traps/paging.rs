//! Paging by a column whose values repeat must show every record once.

use serde_json::json;
use std::collections::BTreeSet;
use stoneware_engine::model::{EntityId, ListRequest, RecordId, SortKey};
use stoneware_tests::{
    Workspace,
    build::{entity, insert},
    materialize, on_each,
};

async fn filled(w: &Workspace) -> (EntityId, Vec<RecordId>) {
    let t = entity(&w.engine, "T", &["group:string", "n:integer", "d:decimal", "flag:bool"]).await;
    let mut ids = Vec::new();
    for i in 0..97 {
        let group = ["b", "a", "", "ä"][i % 4];
        let n = (i % 5 != 0).then_some(i % 3);
        let d = (i % 7 != 0).then(|| format!("{}.50", i % 2));
        ids.push(
            insert(
                &w.engine,
                t,
                json!({"group": (i % 11 != 0).then_some(group), "n": n, "d": d, "flag": (i % 2 == 0).then_some(i % 4 == 0)}),
            )
            .await
            .id,
        );
    }
    (t, ids)
}

async fn pages(w: &Workspace, t: EntityId, sort: &[SortKey], limit: u32) -> Vec<RecordId> {
    let mut seen = Vec::new();
    let mut after = None;
    loop {
        let request = ListRequest { sort: sort.to_vec(), limit: Some(limit), after, ..ListRequest::default() };
        let page = w.engine.list_records(t, request).await.unwrap();
        assert!(page.records.len() <= limit as usize);
        seen.extend(page.records.iter().map(|r| r.id));
        after = page.next;
        if after.is_none() {
            return seen;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_lost_or_repeated() {
    on_each(async |w| {
        let (t, ids) = filled(&w).await;
        let all: BTreeSet<RecordId> = ids.into_iter().collect();
        let mut in_shared = Vec::new();
        for dedicated in [false, true] {
            if dedicated {
                materialize(&w.engine, vec![t]).await;
            }
            let mut answers = Vec::new();
            for fields in [
                &["group"][..],
                &["n"],
                &["d"],
                &["flag"],
                &["n", "group"],
                &["flag", "d", "n"],
                &["primary_value"],
                &["created_at"],
                &["id"],
                &[],
            ] {
                for descending in [false, true] {
                    let sort: Vec<SortKey> = fields.iter().map(|f| SortKey { field: (*f).to_owned(), descending }).collect();
                    let whole = pages(&w, t, &sort, 1000).await;
                    assert_eq!(whole.iter().copied().collect::<BTreeSet<_>>(), all, "{fields:?}");
                    for limit in [1, 7, 10] {
                        assert_eq!(pages(&w, t, &sort, limit).await, whole, "{fields:?} {descending} by {limit}");
                    }
                    // Jumping gives the same places as walking.
                    let request = ListRequest { sort, limit: Some(5), offset: Some(40), ..ListRequest::default() };
                    let jumped = w.engine.list_records(t, request).await.unwrap();
                    assert_eq!(jumped.records.iter().map(|r| r.id).collect::<Vec<_>>(), whole[40..45], "{fields:?}");
                    answers.push(whole);
                }
            }
            if dedicated {
                assert_eq!(answers, in_shared, "the order is the same in both modes");
            }
            in_shared = answers;
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_hold_steady_while_records_come_and_go() {
    on_each(async |w| {
        let (t, ids) = filled(&w).await;
        let sort = vec![SortKey { field: "n".to_owned(), descending: false }];
        let whole = pages(&w, t, &sort, 1000).await;
        let first = w.engine.list_records(t, ListRequest { sort: sort.clone(), limit: Some(20), ..ListRequest::default() }).await.unwrap();
        // One that was seen goes, and one appears where we have been already.
        w.engine.delete_records(t, vec![first.records[3].id]).await.unwrap();
        insert(&w.engine, t, json!({"n": -1})).await;
        let mut seen: Vec<RecordId> = first.records.iter().map(|r| r.id).collect();
        let mut after = first.next;
        while after.is_some() {
            let page = w
                .engine
                .list_records(t, ListRequest { sort: sort.clone(), limit: Some(20), after, ..ListRequest::default() })
                .await
                .unwrap();
            seen.extend(page.records.iter().map(|r| r.id));
            after = page.next;
        }
        assert_eq!(seen, whole, "what was there at the start is seen once each");
        assert_eq!(seen.len(), ids.len());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn counting_and_searching() {
    on_each(async |w| {
        let (t, ids) = filled(&w).await;
        for dedicated in [false, true] {
            if dedicated {
                materialize(&w.engine, vec![t]).await;
            }
            let count = |request: ListRequest| w.engine.count_records(t, request);
            assert_eq!(count(ListRequest::default()).await.unwrap() as usize, ids.len());
            let n = ListRequest { filter: Some("n = 1".to_owned()), ..ListRequest::default() };
            let page = w.engine.list_records(t, ListRequest { limit: Some(1000), ..n.clone() }).await.unwrap();
            assert_eq!(count(n).await.unwrap() as usize, page.records.len());
            for (search, expected) in [("A", "a"), ("Ä", "ä")] {
                let page = w
                    .engine
                    .list_records(t, ListRequest { search: Some(search.to_owned()), limit: Some(1000), ..ListRequest::default() })
                    .await
                    .unwrap();
                assert!(!page.records.is_empty(), "{search} finds {expected}");
                assert!(page.records.iter().all(|r| r.primary_value.as_deref() == Some(expected)), "{search}");
            }
            for wild in ["%", "_", "\\"] {
                let page = w.engine.list_records(t, ListRequest { search: Some(wild.to_owned()), ..ListRequest::default() }).await.unwrap();
                assert!(page.records.is_empty(), "{wild} means itself");
            }
        }
    })
    .await;
}
