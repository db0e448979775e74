//! What others notice while records move: how long a write takes before, during and after a materialize, on both databases.
//!
//! Four writers, each with connections of its own, insert, update and delete as fast as they can. What they were told was done is compared
//! with what is there in the end. `STONEWARE_BENCH_RECORDS=1000000` for more records. The phases in which writers waited longer than the
//! goal are told too.

#![allow(clippy::unwrap_used)]

use serde_json::{Value, json};
use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicU8, Ordering},
    },
    time::{Duration, Instant},
};
use stoneware_engine::{
    Engine,
    model::{EntityId, JobStatus, ListRequest, MaterializeOptions, Phase, RecordId},
};
use stoneware_tests::{build, data::contact, setting};

const WRITERS: u32 = 4;
const WHEN: [&str; 3] = ["before", "during", "after"];
/// What a writer should wait at most, at p99.
const GOAL: Duration = Duration::from_millis(100);
const OVER: u8 = WHEN.len() as u8;

/// What a writer saw.
#[derive(Default)]
struct Seen {
    /// When each write of each time ended, and how long it took.
    took: [Vec<(Instant, Duration)>; WHEN.len()],
    /// Its records as they must be.
    there: BTreeMap<RecordId, Value>,
    gone: Vec<RecordId>,
}

async fn write(engine: Engine, entity: EntityId, who: u32, when: Arc<AtomicU8>) -> Seen {
    let mut seen = Seen::default();
    let mut n = 0;
    loop {
        let now = when.load(Ordering::Relaxed);
        if now == OVER {
            engine.close().await;
            return seen;
        }
        n += 1;
        let Value::Object(mut fields) = contact(n) else { unreachable!() };
        fields.insert("email".to_owned(), json!(format!("writer{who}-{n}@example.com")));
        let mut timed = |begun: Instant| seen.took[usize::from(now)].push((Instant::now(), begun.elapsed()));
        let begun = Instant::now();
        let made = engine.insert_record(entity, fields).await.unwrap();
        timed(begun);
        let begun = Instant::now();
        let changes = serde_json::Map::from_iter([("name".to_owned(), json!(format!("changed {n}")))]);
        let changed = engine.update_record(entity, made.id, changes, Some(made.version)).await.unwrap();
        timed(begun);
        if n % 3 == 0 {
            let begun = Instant::now();
            engine.delete_records(entity, vec![made.id]).await.unwrap();
            timed(begun);
            seen.gone.push(made.id);
        } else {
            seen.there.insert(made.id, Value::Object(changed.data));
        }
    }
}

fn long_waits(phases: &[(Phase, Instant)], took: &[(Instant, Duration)]) {
    let mut told = vec![];
    for (i, (phase, from)) in phases.iter().enumerate() {
        let until = phases.get(i + 1).map(|(_, until)| *until);
        let inside = took.iter().filter(|(at, _)| at > from && until.is_none_or(|until| *at <= until));
        let (mut all, mut long, mut longest) = (0, 0, Duration::ZERO);
        for (_, took) in inside {
            all += 1;
            long += usize::from(*took > GOAL);
            longest = longest.max(*took);
        }
        told.push(format!("{phase:?} {long} of {all} (longest {:.0})", longest.as_secs_f64() * 1000.0));
    }
    println!("  waited over {} ms: {}", GOAL.as_millis(), told.join(", "));
}

fn line(when: &str, took: &[(Instant, Duration)]) {
    let mut took: Vec<Duration> = took.iter().map(|(_, took)| *took).collect();
    took.sort_unstable();
    let at = |share: f64| took.get(((took.len() as f64 * share) as usize).min(took.len().saturating_sub(1))).copied().unwrap_or_default();
    let ms = |d: Duration| d.as_secs_f64() * 1000.0;
    println!(
        "  {when:<8} {:>8} writes   p50 {:>8.2} ms   p99 {:>8.2} ms   max {:>8.2} ms",
        took.len(),
        ms(at(0.5)),
        ms(at(0.99)),
        ms(at(1.0))
    );
}

async fn run(name: &str, location: &str) {
    let count = setting("STONEWARE_BENCH_RECORDS", 100_000);
    let (engine, entity) = build::imported(location, count).await;

    let when = Arc::new(AtomicU8::new(0));
    let mut writers = vec![];
    for who in 0..WRITERS {
        writers.push(tokio::spawn(write(Engine::open(location).await.unwrap(), entity, who, when.clone())));
    }
    let while_idle = Duration::from_secs(setting("STONEWARE_BENCH_SECONDS", 5).into());
    tokio::time::sleep(while_idle).await;
    when.store(1, Ordering::Relaxed);
    let phases = build::phases(&engine);
    let begun = Instant::now();
    let job = engine.start_materialize(vec![entity], MaterializeOptions::default()).await.unwrap();
    let job = engine.wait_job(job.id).await.unwrap();
    assert_eq!(job.status, JobStatus::Done, "{:?}", job.error);
    let took = begun.elapsed();
    when.store(2, Ordering::Relaxed);
    tokio::time::sleep(while_idle).await;
    when.store(OVER, Ordering::Relaxed);

    println!("{WRITERS} writers while {count} records are materialized on {name}, {:.1} s:", took.as_secs_f64());
    let mut all: [Vec<(Instant, Duration)>; WHEN.len()] = Default::default();
    let mut there = 0;
    for writer in writers {
        let seen = writer.await.unwrap();
        for (all, took) in all.iter_mut().zip(seen.took) {
            all.extend(took);
        }
        there += seen.there.len();
        for (id, data) in seen.there {
            assert_eq!(Value::Object(engine.record(entity, id).await.unwrap().data), data);
        }
        for id in seen.gone {
            assert!(engine.record(entity, id).await.is_err(), "{id} was deleted");
        }
    }
    for (when, took) in WHEN.iter().zip(&all) {
        line(when, took);
    }
    long_waits(&phases.await.unwrap().0, &all[1]);
    let records = engine.count_records(entity, ListRequest::default()).await.unwrap();
    assert_eq!(usize::try_from(records).unwrap(), count as usize + there, "as many as were made and not deleted");
    println!("  all {there} records they made are there as they left them");
    engine.close().await;
}

fn main() {
    build::on_both(run);
}
