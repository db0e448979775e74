//! Whether the time left is right: the moments of a job after its first tenth at which what was told was off by no more than a fifth, or a
//! second, both ways on both databases. `STONEWARE_BENCH_RECORDS=1000000` for more records, `STONEWARE_BENCH_TRACE=1` for each moment.

#![allow(clippy::unwrap_used)]

use std::time::{Duration, Instant};
use stoneware_engine::{
    Engine,
    model::{EntityId, JobProgress, JobStatus, MaterializeOptions, WorkspaceEvent},
};
use stoneware_tests::{build, setting};

/// Of these, so many parts of a hundred should be right.
const GOAL: usize = 90;

async fn job(engine: &Engine, entity: EntityId, over: bool) -> (Vec<(Duration, JobProgress)>, Duration) {
    let mut events = engine.subscribe();
    let options = MaterializeOptions::default();
    let begun = Instant::now();
    let watch = tokio::spawn(async move {
        let mut moments = vec![];
        loop {
            match events.recv().await.unwrap() {
                WorkspaceEvent::JobProgress(step) => moments.push((begun.elapsed(), step)),
                WorkspaceEvent::JobEnded { .. } => return (moments, begun.elapsed()),
                _ => {}
            }
        }
    });
    let started =
        if over { engine.start_materialize(vec![entity], options).await } else { engine.start_dematerialize(vec![entity], options).await };
    let ended = engine.wait_job(started.unwrap().id).await.unwrap();
    assert_eq!(ended.status, JobStatus::Done, "{:?}", ended.error);
    watch.await.unwrap()
}

fn judge(what: &str, moments: &[(Duration, JobProgress)], whole: Duration) {
    let (mut right, mut all, mut worst) = (0, 0, 0.0f64);
    for (at, step) in moments {
        let left = whole.saturating_sub(*at).as_secs_f64();
        if setting("STONEWARE_BENCH_TRACE", 0) > 0 {
            println!(
                "    {:.3} {:?} {} of {}: {:?} s left, in truth {left:.2}",
                at.as_secs_f64(),
                step.phase,
                step.done,
                step.total,
                step.eta_s
            );
        }
        if *at < whole / 10 {
            continue;
        }
        let off = step.eta_s.map_or(f64::INFINITY, |told| (f64::from(told) - left).abs());
        all += 1;
        right += usize::from(off <= (left * 0.2).max(1.0));
        worst = worst.max(off);
    }
    let share = right * 100 / all.max(1);
    let verdict = if share >= GOAL { "" } else { "  MISSED" };
    println!(
        "{what}, {:.1} s: right at {right} of {all} moments, {share} % (goal {GOAL}), at worst off by {worst:.1} s{verdict}",
        whole.as_secs_f64()
    );
}

async fn run(name: &str, location: &str) {
    let count = setting("STONEWARE_BENCH_RECORDS", 200_000);
    let (engine, entity) = build::imported(location, count).await;
    for (over, word) in [(true, "materialize"), (false, "dematerialize")] {
        let (moments, whole) = job(&engine, entity, over).await;
        judge(&format!("{word} {count} on {name}"), &moments, whole);
    }
    for job in engine.jobs().await.unwrap().iter().rev() {
        let log: Vec<String> = job.log.iter().map(|s| format!("{:?} {:.2} s", s.phase, s.seconds)).collect();
        println!("    {}", log.join(", "));
    }
    engine.close().await;
}

fn main() {
    build::on_both(run);
}
