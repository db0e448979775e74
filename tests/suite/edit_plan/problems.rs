//! What a plan lists is what the edit then meets.

use serde_json::{Value, json};
use stoneware_engine::{
    ErrorCode,
    model::{EntityId, KeyPart, ListRequest, ProblemKind, SchemaEdit},
};
use stoneware_tests::{
    Workspace,
    build::{entity, field, import, insert},
    databases, materialize,
};

use super::perform;

/// An entity with these values in its one field `v`, in one mode or the other.
async fn values(w: &Workspace, spec: &str, values: &[Value], dedicated: bool) -> EntityId {
    let id = entity(&w.engine, "Thing", &[spec]).await;
    for value in values {
        insert(&w.engine, id, json!({ "v": value })).await;
    }
    if dedicated {
        materialize(&w.engine, vec![id]).await;
    }
    id
}

async fn change(w: &Workspace, id: EntityId, spec: &str) -> SchemaEdit {
    let field_id = w.engine.schema().await.unwrap().entity(id).unwrap().fields[0].id;
    SchemaEdit::UpdateField { entity: id, field: field_id, spec: Box::new(field(spec)) }
}

/// What a plan lists and what the edit says: in each mode, on each database.
struct Expected {
    from: &'static str,
    to: &'static str,
    values: Vec<Value>,
    /// `(position, kind)` of the records listed, in a table of their own and in the shared one.
    dedicated: Vec<(usize, ProblemKind)>,
    shared: Vec<(usize, ProblemKind)>,
    /// What the edit is refused with.
    refused: [Option<ErrorCode>; 2],
    /// Records that get another value.
    records: u32,
}

#[tokio::test(flavor = "multi_thread")]
async fn what_stands_in_the_way_is_listed() {
    use ProblemKind::{Duplicate, Misfit, Missing};
    let words = |words: &[&str]| words.iter().map(|w| if w.is_empty() { Value::Null } else { json!(w) }).collect::<Vec<_>>();
    let (missing, twice) = (Some(ErrorCode::RequiredMissing), Some(ErrorCode::UniqueViolation));
    let cases = [
        Expected {
            from: "v:string",
            to: "v:integer",
            values: words(&["1", "two", "", "3.0", "4.5"]),
            dedicated: vec![(1, Misfit), (4, Misfit)],
            shared: vec![(1, Misfit), (4, Misfit)],
            refused: [None, None],
            records: 4,
        },
        Expected {
            from: "v:string",
            to: "v:string:required",
            values: words(&["a", "", "b", ""]),
            dedicated: vec![(1, Missing), (3, Missing)],
            shared: vec![(1, Missing), (3, Missing)],
            refused: [missing, missing],
            records: 0,
        },
        Expected {
            from: "v:string",
            to: "v:string:unique",
            values: words(&["a", "b", "a", "", "a", ""]),
            dedicated: vec![(2, Duplicate), (4, Duplicate)],
            shared: vec![(2, Duplicate), (4, Duplicate)],
            refused: [twice, twice],
            records: 0,
        },
        // Different texts, the same number.
        Expected {
            from: "v:string",
            to: "v:integer:unique",
            values: words(&["1", "2", "1.0", "x"]),
            dedicated: vec![(2, Duplicate), (3, Misfit)],
            shared: vec![(2, Duplicate), (3, Misfit)],
            refused: [twice, twice],
            records: 4,
        },
        // What does not convert leaves a column empty; in the shared table it stays.
        Expected {
            from: "v:string:required",
            to: "v:integer:required",
            values: words(&["1", "x", "3"]),
            dedicated: vec![(1, Misfit)],
            shared: vec![(1, Misfit)],
            refused: [missing, None],
            records: 3,
        },
        Expected {
            from: "v:string",
            to: "v:integer:required",
            values: words(&["1", "", "x"]),
            dedicated: vec![(2, Misfit), (1, Missing)],
            shared: vec![(2, Misfit), (1, Missing)],
            refused: [missing, missing],
            records: 2,
        },
    ];
    for database in databases() {
        for expected in &cases {
            for dedicated in [true, false] {
                let w = Workspace::on(database).await;
                let id = values(&w, expected.from, &expected.values, dedicated).await;
                let ids: Vec<_> = w.engine.list_records(id, ListRequest::default()).await.unwrap().records.iter().map(|r| r.id).collect();
                let edit = change(&w, id, expected.to).await;
                let plan = w.engine.edit_plan(edit.clone()).await.unwrap();
                let found: Vec<_> = plan.problems.iter().map(|p| (ids.iter().position(|id| *id == p.record).unwrap(), p.kind)).collect();
                let (listed, refused) =
                    if dedicated { (&expected.dedicated, expected.refused[0]) } else { (&expected.shared, expected.refused[1]) };
                let what = format!("{database:?} {dedicated} {} to {}", expected.from, expected.to);
                assert_eq!((&found, plan.problem_count as usize, plan.records), (listed, listed.len(), expected.records), "{what}");
                let done = perform(&w.engine, edit).await;
                assert_eq!(done.as_ref().err().map(|e| e.code), refused, "{what}: {done:?}");
                assert_eq!(plan.by_hand > 0, refused.is_some(), "{what}: {:?}", plan.problems);
                if refused.is_none() {
                    let page = w.engine.list_records(id, ListRequest::default()).await.unwrap();
                    let marked: Vec<_> = page.records.iter().enumerate().filter(|(_, r)| !r.problems.is_empty()).map(|(i, _)| i).collect();
                    assert_eq!(marked, found.iter().map(|(at, _)| *at).collect::<Vec<_>>(), "{what}");
                }
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_are_listed_and_all_are_counted() {
    for database in databases() {
        let w = Workspace::on(database).await;
        let id = entity(&w.engine, "Thing", &["v:integer"]).await;
        import(&w.engine, "Thing", (0..1200).map(|i| json!({ "v": i % 2 }))).await;
        materialize(&w.engine, vec![id]).await;
        let add = |spec| SchemaEdit::AddField { entity: id, spec: Box::new(field(spec)) };
        for (edit, count, records) in [
            (change(&w, id, "v:integer:unique").await, 1198, 0),
            (change(&w, id, "v:date").await, 1200, 1200),
            (add("w:string:required"), 1200, 0),
            (add("w:string:unique,default=x"), 1199, 1200),
        ] {
            let plan = w.engine.edit_plan(edit.clone()).await.unwrap();
            assert_eq!((plan.problem_count, plan.problems.len(), plan.records), (count, 1000, records), "{edit:?}");
            assert_eq!(perform(&w.engine, edit.clone()).await.is_err(), plan.by_hand > 0, "{edit:?}");
        }
    }
}

/// What the edit refuses for another reason, its plan refuses with the same words; what changes nothing says so.
#[tokio::test(flavor = "multi_thread")]
async fn a_plan_is_refused_as_its_edit_is() {
    for database in databases() {
        let w = Workspace::on(database).await;
        let id = values(&w, "v:string", &[json!("a")], true).await;
        entity(&w.engine, "Other", &[]).await;
        for edit in [
            SchemaEdit::AddField { entity: id, spec: Box::new(field("V:string")) },
            change(&w, id, "v:json:unique").await,
            SchemaEdit::SetKeys { entity: id, keys: vec![vec![]] },
            SchemaEdit::DropField { entity: id, field: stoneware_engine::model::AttachmentId::new() },
        ] {
            let (planned, done) = (w.engine.edit_plan(edit.clone()).await.unwrap_err(), perform(&w.engine, edit).await.unwrap_err());
            assert_eq!((planned.code, planned.message), (done.code, done.message));
        }
        let plan = w.engine.edit_plan(change(&w, id, "v:string").await).await.unwrap();
        assert_eq!((plan.statements.len(), plan.locks.len(), plan.estimate_s), (0, 0, 0.0));
    }
}

/// What values become is held against a key over several fields too, by the plan and by the edit.
#[tokio::test(flavor = "multi_thread")]
async fn different_values_come_to_the_same_in_a_key() {
    use ProblemKind::{Duplicate, Misfit};
    for database in databases() {
        for dedicated in [true, false] {
            let w = Workspace::on(database).await;
            let id = entity(&w.engine, "Thing", &["v:string", "w:string"]).await;
            let parts = w.engine.schema().await.unwrap().entity(id).unwrap().fields.iter().map(|f| KeyPart::Field(f.id)).collect();
            perform(&w.engine, SchemaEdit::SetKeys { entity: id, keys: vec![parts] }).await.unwrap();
            let mut ids = vec![];
            for (v, other) in [
                (json!("1"), json!("a")),
                (json!("01"), json!("a")),
                (json!("01"), json!("b")),
                (json!("x"), json!("a")),
                (json!("1.0"), json!("b")),
                (json!("2"), json!("a")),
                (json!("3"), json!(null)),
                (json!("03"), json!(null)),
                (json!(null), json!("a")),
                (json!(null), json!("a")),
            ] {
                ids.push(insert(&w.engine, id, json!({ "v": v, "w": other })).await.id);
            }
            if dedicated {
                materialize(&w.engine, vec![id]).await;
            }
            let what = format!("{database:?} {dedicated}");
            let edit = change(&w, id, "v:integer").await;
            let plan = w.engine.edit_plan(edit.clone()).await.unwrap();
            let found: Vec<_> = plan.problems.iter().map(|p| (ids.iter().position(|id| *id == p.record).unwrap(), p.kind)).collect();
            assert_eq!(found, [(3, Misfit), (1, Duplicate), (4, Duplicate)], "{what}: {:?}", plan.problems);
            assert_eq!((plan.problem_count, plan.by_hand, plan.problems[1].field.as_str()), (3, 2, "v, w"), "{what}");
            let error = perform(&w.engine, edit.clone()).await.unwrap_err();
            assert_eq!((error.code, &error.details["fields"]), (ErrorCode::UniqueViolation, &json!(["v", "w"])), "{what}: {error:?}");
            w.engine.delete_records(id, vec![ids[1], ids[4]]).await.unwrap();
            let plan = w.engine.edit_plan(edit.clone()).await.unwrap();
            assert_eq!((plan.problem_count, plan.by_hand), (1, 0), "{what}: {:?}", plan.problems);
            perform(&w.engine, edit).await.unwrap();
            // The key holds what they have become.
            let again = json!({ "v": 1, "w": "b" }).as_object().unwrap().clone();
            let error = w.engine.insert_record(id, again).await.unwrap_err();
            assert_eq!(error.code, ErrorCode::UniqueViolation, "{what}: {error:?}");
        }
    }
}
