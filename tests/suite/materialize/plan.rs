//! A plan tells what stands in the way, and the job does what the plan said.

use serde_json::json;
use stoneware_engine::{
    Engine, ErrorCode,
    model::{EntityId, MaterializeOptions, Problem},
};
use stoneware_tests::{
    build::{entity, insert},
    on_each, outside,
};

/// The whole list, part by part.
async fn listed(engine: &Engine, entities: &[EntityId], limit: u32) -> Vec<Problem> {
    let (mut all, mut after) = (vec![], None);
    loop {
        let page = engine.materialize_problems(entities.to_vec(), MaterializeOptions::default(), after, limit).await.unwrap();
        all.extend(page.problems);
        after = page.next;
        if after.is_none() {
            return all;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn all_problems_come_part_by_part() {
    on_each(async |w| {
        let a = entity(&w.engine, "A", &["n:integer", "day:date", "code:string:unique"]).await;
        let b = entity(&w.engine, "B", &["n:integer:unique", "m:integer:unique"]).await;
        for i in 0..23 {
            let record = insert(&w.engine, a, json!({ "n": i, "code": format!("c{i}") })).await;
            if i % 3 == 0 {
                outside::set(&w, record.id, "n", &json!("bad")).await;
                outside::set(&w, record.id, "day", &json!("2026-02-30")).await;
            }
            if i > 15 {
                outside::set(&w, record.id, "code", &json!("same")).await;
            }
            let record = insert(&w.engine, b, json!({ "n": i, "m": i })).await;
            outside::set(&w, record.id, "n", &json!(i / 4)).await;
            outside::set(&w, record.id, "m", &json!(i / 5)).await;
        }
        let plan = w.engine.materialize_plan(vec![a, b], MaterializeOptions::default()).await.unwrap();
        assert_eq!((plan.problem_count, plan.problems.len()), (16 + 6 + 17 + 18, 57));
        for limit in [1, 2, 5, 16, 1000] {
            assert_eq!(listed(&w.engine, &[a, b], limit).await, plan.problems, "{limit} at a time");
        }
        let twice: Vec<_> = plan.problems.iter().filter(|p| p.field == "m").map(|p| p.value.clone()).collect();
        assert_eq!(twice[..5], [json!(0), json!(0), json!(0), json!(0), json!(1)], "values as they are");
        let page = w.engine.materialize_problems(vec![a], MaterializeOptions::default(), None, 1).await.unwrap();
        let next = async |entity, after: &str| {
            w.engine.materialize_problems(vec![entity], MaterializeOptions::default(), Some(after.to_owned()), 1).await
        };
        assert_eq!(next(a, "nonsense").await.unwrap_err().code, ErrorCode::InvalidInput);
        assert_eq!(next(b, &page.next.unwrap()).await.unwrap_err().code, ErrorCode::InvalidInput, "of another list");
    })
    .await;
}
