//! A plan tells what stands in the way, and the job does what the plan said.

use serde_json::{Value, json};
use stoneware_engine::{
    Engine, ErrorCode,
    engine::is_url,
    model::{
        EntityId, FieldProfile, FieldSpec, FieldType, Job, JobStatus, MaterializeOptions, OnInvalid, Phase, Problem, ProblemKind,
        ReferentialAction,
    },
};
use stoneware_tests::{
    Workspace,
    build::{entity, import, insert, many_to_one},
    data, databases, dematerialize, materialize, on_each, outside, setting,
};

fn settled(on_invalid: OnInvalid) -> MaterializeOptions {
    MaterializeOptions { on_invalid, ..MaterializeOptions::default() }
}

async fn run(engine: &Engine, entities: Vec<EntityId>, on_invalid: OnInvalid) -> Job {
    let job = engine.start_materialize(entities, settled(on_invalid)).await.unwrap();
    engine.wait_job(job.id).await.unwrap()
}

async fn profiles(w: &Workspace, entity: EntityId) -> Vec<FieldProfile> {
    w.engine.materialize_plan(vec![entity], MaterializeOptions::default()).await.unwrap().fields
}

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

/// A table that is there may get more than one foreign key with a job.
#[tokio::test(flavor = "multi_thread")]
async fn every_key_of_a_neighbour_is_planned() {
    on_each(async |w| {
        let (order, item) = (entity(&w.engine, "Order", &["n:integer"]).await, entity(&w.engine, "Item", &["n:integer"]).await);
        many_to_one(&w.engine, item, "of", order, ReferentialAction::Restrict).await;
        many_to_one(&w.engine, item, "instead_of", order, ReferentialAction::Cascade).await;
        materialize(&w.engine, vec![item]).await;
        let plan = w.engine.materialize_plan(vec![order], MaterializeOptions::default()).await.unwrap();
        let planned =
            |begins: &str| -> Vec<&String> { plan.statements.iter().filter(|s| s.contains(begins) && s.contains("kdb_item")).collect() };
        if is_url(&w.location) {
            let (added, held) = (planned("ADD CONSTRAINT"), planned("VALIDATE CONSTRAINT"));
            assert_eq!(held.len(), 2, "{held:?}");
            assert!(
                ["of_id", "instead_of_id"].iter().all(|column| added.iter().any(|s| s.contains(&format!("(\"{column}\")")))),
                "{added:?}"
            );
        } else {
            let anew = planned("CREATE TABLE");
            assert_eq!(anew.len(), 1, "{anew:?}");
            assert_eq!(anew[0].matches("REFERENCES \"kdb_order\"").count(), 2, "{anew:?}");
        }
        materialize(&w.engine, vec![order]).await;
    })
    .await;
}

/// Of many problems of one kind the plan carries the first, and counts all.
#[tokio::test(flavor = "multi_thread")]
async fn what_stands_a_thousand_times_is_counted() {
    on_each(async |w| {
        let e = entity(&w.engine, "E", &["n:integer:unique"]).await;
        import(&w.engine, "E", (0..1200).map(|i| json!({ "n": i }))).await;
        let field = w.engine.schema().await.unwrap().entity(e).unwrap().fields[0].storage.clone();
        let object = if is_url(&w.location) { "jsonb_build_object" } else { "json_object" };
        outside::run(&w, &format!("UPDATE kdb_records SET data = {object}('{field}', 7)")).await;
        for (on_invalid, count, listed) in [(OnInvalid::Abort, 1199, 1000), (OnInvalid::Null, 0, 0), (OnInvalid::Keep, 0, 0)] {
            let plan = w.engine.materialize_plan(vec![e], settled(on_invalid)).await.unwrap();
            assert_eq!((plan.problem_count, plan.problems.len(), plan.by_hand), (count, listed, 0), "{on_invalid:?}");
            assert_eq!(plan.fields[0].problems, count, "{on_invalid:?}");
        }
        let refused = run(&w.engine, vec![e], OnInvalid::Abort).await;
        assert_eq!(refused.status, JobStatus::Failed);
        assert_eq!(refused.error.unwrap().details["problem_count"], 1199);
        let kept = run(&w.engine, vec![e], OnInvalid::Keep).await;
        assert_eq!((kept.status, kept.reports[0].kept_aside), (JobStatus::Done, 1199), "{:?}", kept.error);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn each_field_is_described_over_all_records() {
    let mut all = vec![];
    for database in databases() {
        let w = Workspace::on(database).await;
        let parent = entity(&w.engine, "Parent", &["name:string"]).await;
        let types =
            ["s:string", "i:integer", "f:float", "d:decimal", "m:decimal:precision=10,scale=2", "b:bool", "day:date", "at:datetime"];
        let e = entity(&w.engine, "E", &[&types[..], &["x:binary", "j:json", "empty:integer"]].concat()).await;
        many_to_one(&w.engine, e, "parent", parent, ReferentialAction::SetNull).await;
        let p = insert(&w.engine, parent, json!({ "name": "p" })).await;
        let mut last = None;
        for i in 0..12 {
            let text = ["ä", "longest ☃", "b"][i % 3];
            let record = json!({
                "s": text, "i": i64::MAX - i as i64, "f": i as f64 / 4.0 - 1.0, "d": format!("{}.5", 9 + i), "b": i % 2 == 0,
                "m": format!("{}.25", i as i64 - 3), "day": format!("20{:02}-01-31", i), "x": "00ff", "j": { "n": i / 2 },
                "at": if i == 11 { "2026-01-31T10:00:00.25Z" } else { "2026-01-31T10:00:00Z" }, "parent": if i < 4 { Some(p.id) } else { None }
            });
            last = Some(insert(&w.engine, e, record).await.id);
        }
        outside::set(&w, last.unwrap(), "i", &json!("n/a")).await;
        outside::set(&w, last.unwrap(), "m", &json!("n/a")).await;
        outside::set(&w, last.unwrap(), "s", &Value::Null).await;
        let fields = profiles(&w, e).await;
        let of = |name: &str| fields.iter().find(|f| f.field == name).unwrap();
        assert!(fields.iter().all(|f| (f.records, f.distinct_exact, f.entity.as_str()) == (12, true, "E")), "{fields:?}");
        assert_eq!((of("s").nulls, of("s").distinct, of("s").longest), (1, 3, Some(9)));
        assert_eq!((of("i").nulls, of("i").distinct, of("i").problems), (0, 12, 1), "what does not fit is a value too");
        assert_eq!((&of("i").smallest, &of("i").largest), (&Some(json!(i64::MAX - 10)), &Some(json!(i64::MAX))));
        assert_eq!((&of("f").smallest, &of("f").largest), (&Some(json!(-1.0)), &Some(json!(1.75))));
        assert_eq!((&of("d").smallest, &of("d").largest), (&Some(json!("9.5")), &Some(json!("20.5"))), "by value, not as text");
        assert_eq!((&of("m").smallest, &of("m").largest, of("m").problems), (&Some(json!("-3.25")), &Some(json!("7.25")), 1));
        assert_eq!((&of("day").smallest, &of("day").largest), (&Some(json!("2000-01-31")), &Some(json!("2011-01-31"))));
        assert_eq!(
            (&of("at").smallest, &of("at").largest),
            (&Some(json!("2026-01-31T10:00:00Z")), &Some(json!("2026-01-31T10:00:00.25Z")))
        );
        assert_eq!((of("b").distinct, of("x").distinct, of("j").distinct), (2, 1, 6));
        assert_eq!((of("empty").nulls, of("empty").distinct, &of("empty").smallest), (12, 0, &None));
        assert_eq!((of("parent_id").nulls, of("parent_id").distinct, of("parent_id").field_id), (8, 1, None));
        all.push(fields.into_iter().map(|f| (f.field, f.nulls, f.distinct, f.longest, f.smallest, f.largest)).collect::<Vec<_>>());
    }
    assert!(all.iter().all(|fields| *fields == all[0]), "the same in each database");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_type_is_proposed_only_where_nothing_is_lost_by_it() {
    let good = [
        ("string", json!(["0", "-5", "42", "9223372036854775807"]), FieldType::Integer),
        ("text", json!(["0.5", "-12.50", "3"]), FieldType::Decimal),
        ("string", json!(["true", "false"]), FieldType::Bool),
        ("string", json!(["2026-01-31", "0000-02-29"]), FieldType::Date),
        ("string", json!(["2026-01-31T10:00:00Z", "2026-01-31T10:00:00.000001Z"]), FieldType::Datetime),
        ("string", json!(["0192f0c1-7d2e-7abc-8def-0123456789ab"]), FieldType::Uuid),
        ("float", json!([1.0, -20.0, 0.0]), FieldType::Integer),
        ("decimal", json!(["1", "-20"]), FieldType::Integer),
        ("json", json!([1, -20]), FieldType::Integer),
        ("json", json!([true, false]), FieldType::Bool),
        ("json", json!(["a", ""]), FieldType::String),
    ];
    // Behind many good values, one that would be written otherwise, or that is none.
    let bad = [
        ("string", json!("42"), json!("007")),
        ("string", json!("42"), json!("+1")),
        ("string", json!("42"), json!("-0")),
        ("string", json!("42"), json!(" 1")),
        ("string", json!("42"), json!("")),
        ("string", json!("42"), json!("9223372036854775808")),
        ("string", json!("42"), json!("٤٢")),
        ("string", json!("1.5"), json!("01.5")),
        ("string", json!("1.5"), json!("-0.0")),
        ("string", json!("1.5"), json!("1e5")),
        ("string", json!("1.5"), json!(".5")),
        ("string", json!("1.5"), json!("--5")),
        ("string", json!("true"), json!("True")),
        ("string", json!("2026-01-31"), json!("2026-02-30")),
        ("string", json!("2026-01-31T10:00:00Z"), json!("2026-01-31T10:00:00.250Z")),
        ("string", json!("2026-01-31T10:00:00Z"), json!("2026-01-31T10:00:00.1234567Z")),
        ("string", json!("2026-01-31T10:00:00Z"), json!("2026-01-31T12:00:00+02:00")),
        ("string", json!("0192f0c1-7d2e-7abc-8def-0123456789ab"), json!("0192F0C1-7d2e-7abc-8def-0123456789ab")),
        ("float", json!(1.0), json!(1.5)),
        ("float", json!(1.0), json!(1e300)),
        ("decimal", json!("1"), json!("1.0")),
        ("json", json!(1), json!("1")),
        ("json", json!(true), json!(0)),
    ];
    on_each(async |w| {
        let fields: Vec<String> = good.iter().enumerate().map(|(i, (kind, ..))| format!("g{i}:{kind}")).collect();
        let bads: Vec<String> = bad.iter().enumerate().map(|(i, (kind, ..))| format!("b{i}:{kind}")).collect();
        let others = ["ruled:string:max_length=5", "few:string", "words:string", "default:string:default=none"];
        let all: Vec<&str> = fields.iter().chain(&bads).map(String::as_str).chain(others).collect();
        let e = entity(&w.engine, "E", &all).await;
        import(
            &w.engine,
            "E",
            (0..600).map(|n| {
                let mut record = json!({ "ruled": "1", "words": "a", "default": "1", "few": if n < 5 { Some("1") } else { None } });
                for (i, (_, values, _)) in good.iter().enumerate() {
                    record[format!("g{i}")] = values[n % values.as_array().unwrap().len()].clone();
                }
                for (i, (_, usual, odd)) in bad.iter().enumerate() {
                    record[format!("b{i}")] = if n == 599 { odd.clone() } else { usual.clone() };
                }
                record
            }),
        )
        .await;
        let found = profiles(&w, e).await;
        for (i, (kind, values, expected)) in good.iter().enumerate() {
            let proposal = found[i].proposal.as_ref().unwrap_or_else(|| panic!("{kind} {values}: nothing proposed"));
            assert_eq!(proposal.field_type, *expected, "{kind} {values}");
        }
        assert_eq!(found[0].proposal.as_ref().unwrap().reason, "all 600 values are integers");
        for (profile, (kind, usual, odd)) in found[good.len()..].iter().zip(&bad) {
            assert_eq!(profile.proposal, None, "{kind} {usual} and {odd}");
        }
        assert!(found[good.len() + bad.len()..].iter().all(|f| f.proposal.is_none()), "a rule, too few, words, a default");

        // All of them at one click each: what comes out as text is what was there before.
        let texts = |records: Vec<stoneware_engine::model::Record>| -> Vec<Vec<String>> {
            let text = |v: &Value| v.as_str().map_or_else(|| v.to_string().trim_end_matches(".0").to_owned(), str::to_owned);
            records.iter().map(|r| (0..good.len()).map(|i| text(&r.data[&format!("g{i}")])).collect()).collect()
        };
        let page = async || {
            w.engine.list_records(e, stoneware_engine::model::ListRequest { limit: Some(50), ..Default::default() }).await.unwrap().records
        };
        let before = texts(page().await);
        for profile in &found[..good.len()] {
            let proposal = profile.proposal.clone().unwrap();
            let spec = FieldSpec { config: proposal.config, ..FieldSpec::new(&profile.field, proposal.field_type) };
            w.engine.update_field(e, profile.field_id.unwrap(), spec).await.unwrap();
        }
        assert_eq!(texts(page().await), before);
        let plan = w.engine.materialize_plan(vec![e], MaterializeOptions::default()).await.unwrap();
        assert_eq!(plan.problem_count, 0, "{:?}", plan.problems);
        assert!(plan.fields[..good.len()].iter().all(|f| f.proposal.is_none()), "and now they are");
    })
    .await;
}

/// Writes `value` into the unique field `n` of some records, past every rule.
async fn doubles(w: &Workspace, ids: &[stoneware_engine::model::RecordId], value: Value) {
    for id in ids {
        outside::set(w, *id, "n", &value).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_stands_twice_is_settled_as_the_plan_says() {
    on_each(async |w| {
        let engine = &w.engine;
        let e = entity(engine, "E", &["s:string", "n:integer:unique"]).await;
        let mut ids = vec![];
        for n in 0..8 {
            ids.push(insert(engine, e, json!({ "s": "x", "n": n })).await.id);
        }
        doubles(&w, &ids[2..5], json!(1)).await;
        let before = w.exports().await;
        let plan = engine.materialize_plan(vec![e], MaterializeOptions::default()).await.unwrap();
        let told: Vec<_> = plan.problems.iter().map(|p| (p.record, p.value.clone(), p.kind, p.settles)).collect();
        assert_eq!(told, ids[2..5].iter().map(|id| (*id, json!(1), ProblemKind::Duplicate, true)).collect::<Vec<_>>());
        assert_eq!((plan.problem_count, plan.by_hand, plan.fields[1].problems), (3, 0, 3));
        let rest = engine.materialize_plan(vec![e], settled(OnInvalid::Keep)).await.unwrap();
        assert_eq!(rest.problem_count, 0, "with keep nothing is left to do");
        let refused = run(engine, vec![e], OnInvalid::Abort).await;
        assert_eq!(refused.error.unwrap().code, ErrorCode::InvalidValues);
        assert_eq!(w.exports().await, before);

        let job = run(engine, vec![e], OnInvalid::Keep).await;
        assert_eq!((job.status, job.reports[0].kept_aside), (JobStatus::Done, 3), "{:?}", job.error);
        assert_eq!(w.exports().await, before, "each value is still seen where it was");
        let record = engine.record(e, ids[2]).await.unwrap();
        assert!(record.problems["n"].contains("another record"), "{:?}", record.problems);
        // Another field of it is changed: the value stays aside. A good one in its place takes it away.
        let changed = engine.update_record(e, ids[2], json!({ "s": "y" }).as_object().unwrap().clone(), None).await.unwrap();
        assert!(changed.problems.contains_key("n"));
        let changed = engine.update_record(e, ids[3], json!({ "n": 70 }).as_object().unwrap().clone(), None).await.unwrap();
        assert!(changed.problems.is_empty());
        let taken = engine.update_record(e, ids[4], json!({ "n": 70 }).as_object().unwrap().clone(), None).await.unwrap_err();
        assert_eq!(taken.code, ErrorCode::UniqueViolation);
        let kept = w.exports().await;
        dematerialize(engine, vec![e]).await;
        assert_eq!(w.exports().await, kept, "back as they were");
        let twice = engine.insert_record(e, json!({ "n": 1 }).as_object().unwrap().clone()).await.unwrap_err();
        assert_eq!(twice.code, ErrorCode::UniqueViolation, "the value is still taken");

        let job = run(engine, vec![e], OnInvalid::Null).await;
        assert_eq!((job.status, job.reports[0].nulled), (JobStatus::Done, 2), "{:?}", job.error);
        for (i, expected) in [(1, json!(1)), (2, Value::Null), (3, json!(70)), (4, Value::Null)] {
            assert_eq!(engine.record(e, ids[i]).await.unwrap().data["n"], expected, "{i}: all but the first");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_nobody_can_settle_is_left_to_a_person() {
    on_each(async |w| {
        let engine = &w.engine;
        let parent = entity(engine, "P", &["s:string"]).await;
        let e = entity(engine, "E", &["n:integer:unique,required", "a:string", "b:integer"]).await;
        many_to_one(engine, e, "parent", parent, ReferentialAction::SetNull).await;
        let schema = engine.schema().await.unwrap();
        let parts = schema.entity(e).unwrap().fields[1..].iter().map(|f| stoneware_engine::model::KeyPart::Field(f.id)).collect();
        engine.set_keys(e, vec![parts]).await.unwrap();
        let storage = schema.relationships[0].storage.clone();
        let mut ids = vec![];
        for n in 0..6 {
            ids.push(insert(engine, e, json!({ "n": n, "a": "x", "b": n })).await.id);
        }
        doubles(&w, &ids[1..2], json!(0)).await;
        outside::set(&w, ids[4], "b", &json!(5)).await;
        outside::set(&w, ids[3], &storage, &json!("0192f0c1-7d2e-7abc-8def-0123456789ab")).await;
        let plan = engine.materialize_plan(vec![e], MaterializeOptions::default()).await.unwrap();
        let told: Vec<_> = plan.problems.iter().map(|p| (p.record, p.field.as_str(), p.kind, p.settles, p.value.clone())).collect();
        assert_eq!(
            told,
            [
                (ids[3], "parent_id", ProblemKind::Orphan, true, json!("0192f0c1-7d2e-7abc-8def-0123456789ab")),
                (ids[1], "n", ProblemKind::Duplicate, false, json!(0)),
                (ids[5], "a, b", ProblemKind::Duplicate, false, json!(["x", 5])),
            ]
        );
        assert_eq!((plan.problem_count, plan.by_hand), (3, 2));
        let rest = engine.materialize_plan(vec![e], settled(OnInvalid::Null)).await.unwrap();
        assert_eq!((rest.problem_count, rest.by_hand), (2, 2), "null leaves these");
        let refused = run(engine, vec![e], OnInvalid::Null).await.error.unwrap();
        assert_eq!(refused.code, ErrorCode::InvalidValues, "{refused:?}");
        doubles(&w, &ids[1..2], json!(1)).await;
        outside::set(&w, ids[4], "b", &json!(4)).await;
        let job = run(engine, vec![e], OnInvalid::Keep).await;
        assert_eq!((job.status, job.reports[0].kept_aside), (JobStatus::Done, 1), "{:?}", job.error);
        let record = engine.record(e, ids[3]).await.unwrap();
        assert!(record.problems["parent_id"].contains("does not exist"), "{:?}", record.problems);
        let changed = engine.update_record(e, ids[3], json!({ "a": "z" }).as_object().unwrap().clone(), None).await.unwrap();
        assert!(changed.problems.contains_key("parent_id"), "it stays aside, and stops nobody");
    })
    .await;
}

/// How far the estimates are from what comes of it. STONEWARE_PLAN_RECORDS: how many records it is tried with.
#[tokio::test(flavor = "multi_thread")]
async fn time_and_disk_are_near_what_was_told() {
    let count = setting("STONEWARE_PLAN_RECORDS", 4000);
    on_each(async |w| {
        entity(&w.engine, "Contact", &data::CONTACT_FIELDS).await;
        import(&w.engine, "Contact", (0..count).map(data::contact)).await;
        let contact = w.id("Contact").await;
        let began = std::time::Instant::now();
        let plan = w.engine.materialize_plan(vec![contact], MaterializeOptions::default()).await.unwrap();
        let planned = began.elapsed().as_secs_f64();
        let began = std::time::Instant::now();
        materialize(&w.engine, vec![contact]).await;
        let took = began.elapsed().as_secs_f64();
        let (table, indexes) = outside::bytes(&w, "kdb_contact").await;
        eprintln!("{count} records, plan in {planned:.2} s: told {:.2} s, took {took:.2} s", plan.estimate_s);
        eprintln!(
            "table: told {} bytes, takes {table}; indexes: told {}, take {indexes}; {:?}",
            plan.disk.table_bytes, plan.disk.index_bytes, plan.disk
        );
        for (told, takes) in [(plan.disk.table_bytes, table), (plan.disk.index_bytes, indexes)] {
            assert!((0.6..1.7).contains(&(told / takes)), "told {told}, takes {takes}");
        }
        assert!(plan.disk.peak_bytes > plan.disk.table_bytes && plan.disk.freed_bytes > plan.disk.table_bytes);
        assert!([Phase::Create, Phase::Copy, Phase::CutOver].iter().all(|p| plan.locks.iter().any(|l| l.phase == *p)), "{:?}", plan.locks);
        assert!(plan.locks.iter().all(|l| l.seconds >= 0.0 && !l.waits.is_empty()));

        let back = w.engine.dematerialize_plan(vec![contact], MaterializeOptions::default()).await.unwrap();
        let began = std::time::Instant::now();
        dematerialize(&w.engine, vec![contact]).await;
        eprintln!("back: told {:.2} s, took {:.2} s; {:?}", back.estimate_s, began.elapsed().as_secs_f64(), back.disk);
        for (told, said_before) in [
            (back.disk.freed_bytes, plan.disk.table_bytes + plan.disk.index_bytes),
            (back.disk.table_bytes + back.disk.index_bytes, plan.disk.freed_bytes),
        ] {
            assert!((0.8..1.25).contains(&(told / said_before)), "told {told}, said before {said_before}");
        }
    })
    .await;
}
