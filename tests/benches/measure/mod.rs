//! What the benchmarks have in common: records to measure with, a job with its phases and the memory it took, and a line with its ratio.

use std::time::{Duration, Instant};
use stoneware_engine::{
    Engine,
    model::{EntityId, JobStatus, MaterializeOptions, Phase},
};
use stoneware_tests::build;

/// A job as it went.
pub struct Measured {
    pub time: Duration,
    pub phases: Vec<(Phase, Duration)>,
    /// The most memory this program has held while it ran, in MiB; 0 where the system does not say.
    pub peak: u64,
}

/// How many records to measure with: `STONEWARE_BENCH_RECORDS="10000 100000 1000000"`.
pub fn sizes() -> Vec<u32> {
    let asked = std::env::var("STONEWARE_BENCH_RECORDS").unwrap_or_else(|_| "10000 100000".to_owned());
    asked.split_whitespace().map(|size| size.parse().unwrap()).collect()
}

/// Contacts made and brought in, and how fast.
pub async fn imported(location: &str, count: u32) -> (Engine, EntityId) {
    let begun = Instant::now();
    let made = build::imported(location, count).await;
    println!("import of {count} contacts: {:.0} a second", f64::from(count) / begun.elapsed().as_secs_f64());
    made
}

/// Materializes the contacts of this workspace.
pub async fn by_job(location: &str) -> Measured {
    // On Linux: what was held before does not count.
    let _ = std::fs::write("/proc/self/clear_refs", "5");
    let engine = Engine::open(location).await.unwrap();
    let id = engine.schema().await.unwrap().entity_named("Contact").unwrap().id;
    let watch = build::phases(&engine);
    let begun = Instant::now();
    let job = engine.start_materialize(vec![id], MaterializeOptions::default()).await.unwrap();
    let job = engine.wait_job(job.id).await.unwrap();
    let time = begun.elapsed();
    assert_eq!(job.status, JobStatus::Done, "{:?}", job.error);
    let (phases, end) = watch.await.unwrap();
    let ends = phases.iter().skip(1).map(|(_, at)| *at).chain([end]);
    let phases = phases.iter().zip(ends).map(|((phase, at), end)| (*phase, end - *at)).collect();
    engine.close().await;
    Measured { time, phases, peak: peak() }
}

fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or_default();
    line.split_whitespace().next().and_then(|kib| kib.parse::<u64>().ok()).unwrap_or_default() / 1024
}

pub fn line(what: &str, ours: Duration, baseline: Duration, against: &str) {
    let ms = |d: Duration| d.as_secs_f64() * 1000.0;
    println!(
        "{what:<44} {:>10.2} ms  {:>10.2} ms {against:<22} ratio {:.2}",
        ms(ours),
        ms(baseline),
        ours.as_secs_f64() / baseline.as_secs_f64()
    );
}

/// A job against what a person would write.
pub fn against_hand(what: &str, job: &Measured, hand: Duration) {
    line(what, job.time, hand, "hand-written SQL");
    let phases: Vec<String> = job.phases.iter().map(|(phase, time)| format!("{phase:?} {:.0} ms", time.as_secs_f64() * 1000.0)).collect();
    println!("    {}; peak memory {} MiB", phases.join(", "), job.peak);
}
