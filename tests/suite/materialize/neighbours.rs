//! What refers to a job's records from outside, and what they refer to there: no foreign key keeps it until the job switches over.

use serde_json::json;
use std::collections::BTreeSet;
use stoneware_engine::{
    ErrorCode,
    model::{EntityId, Job, JobStatus, MaterializeOptions, OnInvalid, ProblemKind, RecordId, ReferentialAction},
};
use stoneware_tests::{
    Database, Workspace,
    build::{entity, field, insert, many_to_one},
    data, databases, dematerialize,
    dying::Dying,
    materialize,
    outside::{self, anatomy},
};

/// What a customer is also known by.
const TEXT: &str = "string:unique";
const GHOST: &str = "0192f0c1-7d2e-7abc-8def-0123456789ab";

/// Items are of an order, and an order is of a customer and may follow another one.
struct Shop {
    w: Workspace,
    customer: EntityId,
    order: EntityId,
    item: EntityId,
    customers: Vec<RecordId>,
    orders: Vec<RecordId>,
    items: Vec<RecordId>,
}

async fn shop(database: Database) -> Shop {
    let w = Workspace::to_copy(database).await;
    let (engine, fields) = (&w.engine, ["name:string"]);
    let customer = entity(engine, "Customer", &fields).await;
    let (order, item) = (entity(engine, "Order", &fields).await, entity(engine, "Item", &fields).await);
    many_to_one(engine, order, "customer", customer, ReferentialAction::Restrict).await;
    many_to_one(engine, order, "follows", order, ReferentialAction::Restrict).await;
    many_to_one(engine, item, "order", order, ReferentialAction::Restrict).await;
    let (mut customers, mut orders, mut items) = (vec![], vec![], vec![]);
    for i in 0..6 {
        customers.push(insert(engine, customer, json!({ "name": format!("C{i}") })).await.id);
        let follows = orders.last().copied();
        orders.push(insert(engine, order, json!({ "name": format!("O{i}"), "customer": customers[i], "follows": follows })).await.id);
        items.push(insert(engine, item, json!({ "name": format!("I{i}"), "order": orders[i] })).await.id);
    }
    Shop { w, customer, order, item, customers, orders, items }
}

fn options(on_invalid: OnInvalid) -> MaterializeOptions {
    MaterializeOptions { on_invalid, batch_size: Some(4) }
}

impl Shop {
    async fn resume(&self, job: &Job) -> Job {
        self.w.engine.resume_job(job.id).await.unwrap();
        self.w.engine.wait_job(job.id).await.unwrap()
    }

    async fn run(&self, statement: &str) {
        outside::run(&self.w, statement).await;
    }

    /// Past the engine: nothing looks whether it is there.
    async fn refer_to(&self, item: RecordId, order: &str) {
        self.run(&format!("UPDATE kdb_item SET order_id = '{order}' WHERE id = '{item}'")).await;
    }

    async fn bring(&self, order: &str) {
        let like = format!("FROM kdb_records WHERE id = '{}'", self.orders[5]);
        let id = if self.w.location.contains("://") { format!("CAST('{order}' AS uuid)") } else { format!("'{order}'") };
        let heads = "primary_value, data, owner, created_at, created_by, updated_at, updated_by";
        self.run(&format!("INSERT INTO kdb_records SELECT entity_id, {id}, 1, {heads} {like}")).await;
    }
}

/// A table that is there refers to a record of the entity that is not: its foreign key could not be made.
#[tokio::test(flavor = "multi_thread")]
async fn a_reference_to_nothing_from_outside_is_listed_before_anything_moves() {
    for database in databases() {
        let s = shop(database).await;
        let engine = &s.w.engine;
        materialize(engine, vec![s.item]).await;
        let parts = anatomy(&s.w.location).await;
        for item in &s.items[..5] {
            s.refer_to(*item, GHOST).await;
        }
        for on_invalid in [OnInvalid::Abort, OnInvalid::Null, OnInvalid::Keep] {
            let plan = engine.materialize_plan(vec![s.order], options(on_invalid)).await.unwrap();
            assert_eq!((plan.problem_count, plan.by_hand), (5, 5), "{database:?}: {:?}", plan.problems);
            let listed: BTreeSet<RecordId> = plan.problems.iter().map(|p| p.record).collect();
            assert_eq!(listed, s.items[..5].iter().copied().collect());
            let one = &plan.problems[0];
            assert_eq!(
                (one.entity.as_str(), one.field.as_str(), one.kind, &one.value),
                ("Item", "order", ProblemKind::Orphan, &json!(GHOST))
            );
            for limit in [1, 2, 100] {
                let (mut after, mut paged) = (None, vec![]);
                loop {
                    let page = engine.materialize_problems(vec![s.order], options(on_invalid), after, limit).await.unwrap();
                    paged.extend(page.problems.iter().map(|p| p.record));
                    after = page.next;
                    if after.is_none() {
                        break;
                    }
                }
                assert_eq!(paged, plan.problems.iter().map(|p| p.record).collect::<Vec<_>>(), "by {limit}");
            }
            let job = engine.start_materialize(vec![s.order], options(on_invalid)).await.unwrap();
            let ended = engine.wait_job(job.id).await.unwrap();
            assert_eq!((ended.status, ended.error.unwrap().code), (JobStatus::Failed, ErrorCode::InvalidValues), "{database:?}");
            assert_eq!(anatomy(&s.w.location).await, parts, "nothing stray stays");
        }
        for item in &s.items[..5] {
            s.refer_to(*item, &s.orders[0].to_string()).await;
        }
        materialize(engine, vec![s.order]).await;
        dematerialize(engine, vec![s.order, s.item]).await;
    }
}

/// An order's customer goes from a table of its own at the last moment, past the engine.
#[tokio::test(flavor = "multi_thread")]
async fn a_record_outside_that_goes_meanwhile_is_missed() {
    for on_invalid in [OnInvalid::Abort, OnInvalid::Null, OnInvalid::Keep] {
        let s = shop(Database::Sqlite).await;
        materialize(&s.w.engine, vec![s.customer]).await;
        let parts = anatomy(&s.w.location).await;
        let job = Dying::over(&s.w.engine, &[s.order], options(on_invalid)).last().await;
        s.run(&format!("DELETE FROM kdb_customer WHERE id = '{}'", s.customers[2])).await;
        let before = s.w.exports().await;
        let ended = s.resume(&job).await;
        if on_invalid == OnInvalid::Abort {
            assert_eq!((ended.status, ended.error.unwrap().code), (JobStatus::Failed, ErrorCode::InvalidValues));
            assert_eq!(s.w.exports().await, before);
            assert_eq!(anatomy(&s.w.location).await, parts);
            continue;
        }
        assert_eq!(ended.status, JobStatus::Done, "{:?}", ended.error);
        let report = &ended.reports[0];
        assert_eq!(report.nulled + report.kept_aside, 1, "{report:?}");
        outside::sound(&mut outside::open(&s.w.path).await).await;
        dematerialize(&s.w.engine, vec![s.order]).await;
        if on_invalid == OnInvalid::Keep {
            assert_eq!(s.w.exports().await, before, "carried back");
        }
        assert_eq!(outside::triggers(&s.w.path).await, 0);
    }
}

/// Both ends move with the job.
#[tokio::test(flavor = "multi_thread")]
async fn a_record_that_goes_meanwhile_takes_no_reference_over() {
    for (database, on_invalid) in databases().into_iter().flat_map(|d| [(d, OnInvalid::Abort), (d, OnInvalid::Null), (d, OnInvalid::Keep)])
    {
        let s = shop(database).await;
        let all = vec![s.item, s.order, s.customer];
        let job = Dying::over(&s.w.engine, &all, options(on_invalid)).last().await;
        // An item's order, which another order follows, and an order's customer.
        s.run(&format!("DELETE FROM kdb_records WHERE id = '{}'", s.orders[1])).await;
        s.run(&format!("DELETE FROM kdb_records WHERE id = '{}'", s.customers[4])).await;
        let before = s.w.exports().await;
        let ended = s.resume(&job).await;
        if on_invalid == OnInvalid::Abort {
            assert_eq!((ended.status, ended.error.unwrap().code), (JobStatus::Failed, ErrorCode::InvalidValues), "{database:?}");
            assert_eq!(s.w.exports().await, before, "{database:?}");
            continue;
        }
        assert_eq!(ended.status, JobStatus::Done, "{database:?}: {:?}", ended.error);
        assert_eq!(ended.reports.iter().map(|r| r.nulled + r.kept_aside).sum::<u32>(), 3, "{database:?}: {:?}", ended.reports);
        if database == Database::Sqlite {
            outside::sound(&mut outside::open(&s.w.path).await).await;
        } else {
            let mut keys = outside::postgres_foreign_keys(&s.w.location).await;
            keys.retain(|(table, _, _)| table == "kdb_item" || table == "kdb_order");
            assert!(keys.iter().all(|(_, _, held)| *held) && keys.len() == 3, "{keys:?}");
        }
        dematerialize(&s.w.engine, all).await;
        if on_invalid == OnInvalid::Keep {
            assert_eq!(s.w.exports().await, before, "{database:?}: carried back");
        }
    }
}

/// A table outside comes to refer to nothing at the last moment, past the engine; or to what is brought after it.
#[tokio::test(flavor = "multi_thread")]
async fn a_reference_from_outside_written_meanwhile_is_looked_at() {
    for (first, comes) in [(GHOST, false), (GHOST, true), ("", false)] {
        let s = shop(Database::Sqlite).await;
        materialize(&s.w.engine, vec![s.item]).await;
        let parts = anatomy(&s.w.location).await;
        let job = Dying::over(&s.w.engine, &[s.order], options(OnInvalid::Null)).last().await;
        if first.is_empty() {
            // What it refers to goes instead. Another order follows that.
            s.run(&format!("DELETE FROM kdb_records WHERE id = '{}'", s.orders[3])).await;
        } else {
            s.refer_to(s.items[0], first).await;
        }
        if comes {
            s.bring(GHOST).await;
        }
        let ended = s.resume(&job).await;
        if comes {
            assert_eq!(ended.status, JobStatus::Done, "{:?}", ended.error);
            outside::sound(&mut outside::open(&s.w.path).await).await;
            continue;
        }
        let error = ended.error.unwrap();
        assert_eq!((ended.status, error.code), (JobStatus::Failed, ErrorCode::InvalidValues));
        assert_eq!(error.details["problems"][0]["entity"], "Item", "{error:?}");
        if !first.is_empty() {
            assert_eq!(anatomy(&s.w.location).await, parts);
        }
    }
}

/// Its table is another one by the time the job goes on, and nothing was noted of what was written to it.
#[tokio::test(flavor = "multi_thread")]
async fn a_table_outside_that_was_made_anew_is_read_whole() {
    let s = shop(Database::Sqlite).await;
    materialize(&s.w.engine, vec![s.customer]).await;
    let job = Dying::over(&s.w.engine, &[s.order], options(OnInvalid::Null)).last().await;
    dematerialize(&s.w.engine, vec![s.customer]).await;
    materialize(&s.w.engine, vec![s.customer]).await;
    s.run(&format!("DELETE FROM kdb_customer WHERE id = '{}'", s.customers[2])).await;
    let ended = s.resume(&job).await;
    assert_eq!((ended.status, ended.error.unwrap().code), (JobStatus::Failed, ErrorCode::DanglingReference));
    let schema = s.w.engine.schema().await.unwrap();
    assert!(!schema.entity(s.order).unwrap().is_dedicated(), "nothing was switched over");
    assert_eq!(outside::triggers(&s.w.path).await, 0);
}

/// SQLite fires no trigger for a row that another one replaces.
#[tokio::test(flavor = "multi_thread")]
async fn a_record_outside_that_is_replaced_meanwhile_is_missed() {
    for (edited, kind) in [("", TEXT), ("drop", TEXT), ("add", TEXT), ("", "decimal:unique,precision=40,scale=2")] {
        let s = shop(Database::Sqlite).await;
        let engine = &s.w.engine;
        let codes = [format!("code:{kind}"), "old:string:unique".to_owned()].map(|text| field(&text));
        for code in codes {
            engine.add_field(s.customer, code).await.unwrap();
        }
        for (i, id) in s.customers.iter().enumerate() {
            engine.update_record(s.customer, *id, data(json!({ "code": format!("7{i}.5") })), None).await.unwrap();
        }
        materialize(engine, vec![s.customer]).await;
        let job = Dying::over(engine, &[s.order], options(OnInvalid::Keep)).last().await;
        let schema = engine.schema().await.unwrap();
        let id = |name: &str| schema.entity(s.customer).unwrap().fields.iter().find(|f| f.name == name).unwrap().id;
        if edited == "add" {
            engine.update_field(s.customer, id("name"), field("name:string:unique")).await.unwrap();
        }
        if edited == "drop" {
            engine.drop_field(s.customer, id("old")).await.unwrap();
        }
        // The same number, by another text.
        let same = if kind == TEXT { "72.5" } else { "72.50" };
        let (name, code) = if edited == "add" { ("C2", "New") } else { ("New", same) };
        s.run(&format!("INSERT OR REPLACE INTO kdb_customer (id, name, code) VALUES ('{GHOST}', '{name}', '{code}')")).await;
        let ended = s.resume(&job).await;
        if edited.is_empty() {
            assert_eq!((ended.status, ended.reports[0].kept_aside), (JobStatus::Done, 1), "{kind}: {:?}", ended.error);
            outside::sound(&mut outside::open(&s.w.path).await).await;
        } else {
            assert_eq!((ended.status, ended.error.unwrap().code), (JobStatus::Failed, ErrorCode::DanglingReference), "{edited}");
        }
        assert_eq!(outside::triggers(&s.w.path).await, 0);
    }
}

/// The same on the way back: it must not come back with the others.
#[tokio::test(flavor = "multi_thread")]
async fn a_record_replaced_on_the_way_back_stays_gone() {
    let w = Workspace::on(Database::Sqlite).await;
    let tag = entity(&w.engine, "Tag", &["name:string:unique"]).await;
    for i in 0..9 {
        insert(&w.engine, tag, json!({ "name": format!("T{i}") })).await;
    }
    materialize(&w.engine, vec![tag]).await;
    let job = Dying::back(&w.engine, &[tag], MaterializeOptions::default()).last().await;
    outside::run(&w, &format!("INSERT OR REPLACE INTO kdb_tag (id, name) VALUES ('{GHOST}', 'T4')")).await;
    let before = w.exports().await;
    w.engine.resume_job(job.id).await.unwrap();
    assert_eq!(w.engine.wait_job(job.id).await.unwrap().status, JobStatus::Done);
    assert_eq!(w.exports().await, before);
}

/// Any text is an id to plain SQL in a file. Whatever becomes of that record, the job ends.
#[tokio::test(flavor = "multi_thread")]
async fn an_id_that_is_none_does_not_hold_up_the_cut_over() {
    let s = shop(Database::Sqlite).await;
    let job = Dying::over(&s.w.engine, &[s.order], options(OnInvalid::Abort)).last().await;
    s.bring("C-17").await;
    s.run("DELETE FROM kdb_records WHERE id = 'C-17'").await;
    let ended = s.resume(&job).await;
    assert_eq!(ended.status, JobStatus::Done, "{:?}", ended.error);
    // One that stays would be lost.
    dematerialize(&s.w.engine, vec![s.order]).await;
    let job = Dying::over(&s.w.engine, &[s.order], options(OnInvalid::Abort)).last().await;
    s.bring("C-17").await;
    let ended = s.resume(&job).await;
    assert_eq!((ended.status, ended.error.unwrap().code), (JobStatus::Failed, ErrorCode::Corrupt));
}

/// Nor one in a table outside.
#[tokio::test(flavor = "multi_thread")]
async fn a_record_outside_with_an_id_that_is_none_is_looked_at() {
    for refers in [true, false] {
        let s = shop(Database::Sqlite).await;
        materialize(&s.w.engine, vec![s.item]).await;
        let job = Dying::over(&s.w.engine, &[s.order], options(OnInvalid::Null)).last().await;
        let order = if refers { format!("'{GHOST}'") } else { format!("'{}'", s.orders[0]) };
        s.run(&format!("INSERT INTO kdb_item (id, name, order_id) VALUES ('C-17', 'Odd', {order})")).await;
        let ended = s.resume(&job).await;
        assert_eq!(ended.status, if refers { JobStatus::Failed } else { JobStatus::Done }, "{:?}", ended.error);
    }
}

/// It noted nothing outside, and not what referred to records that had gone.
#[tokio::test(flavor = "multi_thread")]
async fn a_job_an_earlier_version_began_is_read_whole() {
    let s = shop(Database::Sqlite).await;
    let job = Dying::over(&s.w.engine, &[s.order, s.item], options(OnInvalid::Abort)).last().await;
    s.run("UPDATE kdb_jobs SET state = json_remove(state, '$.neighbours')").await;
    s.run(&format!("DELETE FROM kdb_records WHERE id = '{}'", s.orders[5])).await;
    // As that version had carried it over.
    s.run(&format!("DELETE FROM kdb_order WHERE id = '{}'", s.orders[5])).await;
    s.run("DELETE FROM kdb_captured_writes").await;
    let ended = s.resume(&job).await;
    assert_eq!((ended.status, ended.error.unwrap().code), (JobStatus::Failed, ErrorCode::DanglingReference));
}

/// A server notes nothing of what is written outside: it is looked at when the records are compared, and by the keys afterwards.
#[tokio::test(flavor = "multi_thread")]
async fn a_reference_from_outside_is_looked_at_once_more_when_all_is_copied() {
    for database in databases() {
        let s = shop(database).await;
        materialize(&s.w.engine, vec![s.item]).await;
        let points = Dying::over(&s.w.engine, &[s.order], options(OnInvalid::Null)).points().await;
        let at = points.iter().position(|point| point == "copy: batch, after commit").unwrap();
        let job = Dying::over(&s.w.engine, &[s.order], options(OnInvalid::Null)).at(at).await;
        s.refer_to(s.items[0], GHOST).await;
        let ended = s.resume(&job).await;
        assert_eq!((ended.status, ended.error.unwrap().code), (JobStatus::Failed, ErrorCode::InvalidValues), "{database:?}");
    }
}

/// Nothing refers from a table any more by the time the job goes on.
#[tokio::test(flavor = "multi_thread")]
async fn a_table_outside_that_was_brought_back_is_not_asked() {
    let s = shop(Database::Sqlite).await;
    materialize(&s.w.engine, vec![s.item]).await;
    let job = Dying::over(&s.w.engine, &[s.order], options(OnInvalid::Null)).last().await;
    dematerialize(&s.w.engine, vec![s.item]).await;
    s.run(&format!("DELETE FROM kdb_records WHERE id = '{}'", s.orders[5])).await;
    let ended = s.resume(&job).await;
    assert_eq!(ended.status, JobStatus::Done, "{:?}", ended.error);
    assert_eq!(outside::triggers(&s.w.path).await, 0);
}
