//! What all benchmarks have in common: a job with its phases, and a line with its ratio.

use std::time::{Duration, Instant};
use stoneware_engine::{
    Engine,
    model::{JobStatus, MaterializeOptions, Phase, WorkspaceEvent},
};

/// The whole job, and how long each phase took.
pub async fn by_job(location: &str) -> (Duration, Vec<(Phase, Duration)>) {
    let engine = Engine::open(location).await.unwrap();
    let id = engine.schema().await.unwrap().entity_named("Contact").unwrap().id;
    let mut events = engine.subscribe();
    let begun = Instant::now();
    let job = engine.start_materialize(vec![id], MaterializeOptions::default()).await.unwrap();
    let watch = tokio::spawn(async move {
        let mut phases: Vec<(Phase, Instant)> = vec![];
        while let Ok(event) = events.recv().await {
            match event {
                WorkspaceEvent::JobProgress(p) if phases.last().is_none_or(|(last, _)| *last != p.phase) => {
                    phases.push((p.phase, Instant::now()))
                }
                WorkspaceEvent::JobEnded { .. } => break,
                _ => {}
            }
        }
        (phases, Instant::now())
    });
    let job = engine.wait_job(job.id).await.unwrap();
    let time = begun.elapsed();
    assert_eq!(job.status, JobStatus::Done, "{:?}", job.error);
    let (phases, end) = watch.await.unwrap();
    let ends = phases.iter().skip(1).map(|(_, at)| *at).chain([end]);
    let phases = phases.iter().zip(ends).map(|((phase, at), end)| (*phase, end - *at)).collect();
    engine.close().await;
    (time, phases)
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

/// Where the time of a job went.
pub fn phases(detail: &[(Phase, Duration)]) {
    let detail: Vec<String> = detail.iter().map(|(phase, time)| format!("{phase:?} {:.0} ms", time.as_secs_f64() * 1000.0)).collect();
    println!("    {}", detail.join(", "));
}
