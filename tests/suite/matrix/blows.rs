//! The blows.

use sqlx::Connection;
use std::{
    process::{Child, Command},
    time::{Duration, Instant},
};
use stoneware_engine::{
    Engine, ErrorCode,
    jobs::faults,
    model::{Job, JobStatus},
};
use stoneware_tests::{
    Database,
    cli::{Ran, Terminal, struck_after},
    cluster,
    proxy::Proxy,
};

use super::{
    base::{self, Base, Blow, Case, Known, Work},
    disk,
    settle::{self, Left},
};

/// Strikes one copy of the workspace and sees that nothing is lost. Returns whether the blow met the work while it was going on.
pub async fn run(base: &Base, known: &Known, case: &mut Case) -> bool {
    let mut copy = base.terminal.copy();
    let struck = match case.blow {
        Blow::Crash => crash(base, case, &copy).await,
        Blow::Kill => tokio::task::block_in_place(|| kill(base, case, &copy)),
        Blow::Cancel => cancel(base, case, &copy).await,
        Blow::DiskFull if base.database == Database::Sqlite => tokio::task::block_in_place(|| full(base, case, &mut copy)),
        Blow::DiskFull => stopped(base, case, &copy).await,
        Blow::Lost => lost(base, case, &copy).await,
    };
    case.told += &format!(", struck {struck}; ");
    let left = match case.work {
        Work::Change => settle::edit(base, known, case, &copy.location).await,
        _ => settle::job(base, known, case, &copy.location).await,
    };
    base::forget(&copy);
    // A process that was killed at work leaves a job; one that was killed as it began or ended does not.
    struck && (case.blow != Blow::Kill || case.work == Work::Change || left == Left::Unfinished)
}

async fn crash(base: &Base, case: &mut Case, copy: &Terminal) -> bool {
    let engine = Engine::open(&copy.location).await.unwrap();
    let location = engine.info().unwrap().location;
    faults::arm(&location, Some(case.point));
    let struck = match case.work {
        Work::Change => base::change(&engine, &base.ids, case.edit).await.is_err(),
        work => base.run(&engine, work == Work::Materialize).await.status != JobStatus::Done,
    };
    case.told = faults::passed(&location).last().cloned().unwrap_or_default();
    faults::arm(&location, None);
    engine.close().await;
    struck
}

/// What the command line is told to do.
fn words(base: &Base, case: &Case) -> Vec<String> {
    let words = match case.work {
        Work::Change => base::words(case.edit).iter().map(|w| (*w).to_owned()).collect(),
        Work::Materialize => vec!["materialize".to_owned(), "--on-invalid".to_owned(), "keep".to_owned()],
        Work::Dematerialize => vec!["dematerialize".to_owned()],
    };
    if case.work == Work::Change {
        return words;
    }
    words.into_iter().chain(["--batch-size".to_owned(), base.batch().to_string(), "Person".to_owned(), "Team".to_owned()]).collect()
}

fn kill(base: &Base, case: &mut Case, copy: &Terminal) -> bool {
    let words = words(base, case);
    // How long it takes to begin, and to end, as busy as the machine is now.
    let began = Instant::now();
    copy.json(&["entity", "list"]);
    let start = began.elapsed().mul_f64(0.7);
    let whole = base.terminal.copy();
    let began = Instant::now();
    let ran = whole.run(&words);
    assert_eq!(ran.status, 0, "{}", ran.stderr);
    let moment = start + began.elapsed().saturating_sub(start).mul_f64(case.part);
    base::forget(&whole);
    case.told = format!("after {moment:?}");
    struck_after(copy.command(&words), moment, |child: &mut Child| child.kill().unwrap())
}

async fn cancel(base: &Base, case: &mut Case, copy: &Terminal) -> bool {
    let engine = Engine::open(&copy.location).await.unwrap();
    let struck = if case.work == Work::Change {
        // Whoever asked for the edit is gone before it is done.
        tokio::time::timeout(case.moment, base::change(&engine, &base.ids, case.edit)).await.is_err()
    } else {
        let job = base.begin(&engine, case.work == Work::Materialize).await.unwrap();
        tokio::time::sleep(case.moment).await;
        let asked = engine.cancel_job(job.id).await;
        let ended = engine.wait_job(job.id).await.unwrap();
        case.told = format!("in {:?}, {:?}", ended.phase, ended.status);
        match ended.status {
            JobStatus::Cancelled => assert!(asked.is_ok()),
            // It had switched over, or was done.
            JobStatus::Done => {}
            other => panic!("{other:?}: {:?}", ended.error),
        }
        ended.status == JobStatus::Cancelled
    };
    engine.close().await;
    struck
}

/// Runs the command on a small disk, which is then full.
fn full(base: &Base, case: &mut Case, copy: &mut Terminal) -> bool {
    let size: u64 = std::fs::metadata(copy.path()).unwrap().len();
    // From nothing at all to what it takes, in each phase.
    let most = if case.work == Work::Change { 0.3 } else { 1.6 };
    let room = (size as f64 * most * case.part * case.part) as u64;
    let (ran, left): (Ran, Terminal) = disk::run(copy, room, |t| -> Command { t.command(&words(base, case)) });
    *copy = left;
    case.told = format!("{} KiB free of a disk, ended with {}", room / 1024, ran.status);
    if ran.status == 0 {
        return false;
    }
    assert_eq!(ran.error(1), "disk_full", "{ran:?}");
    true
}

/// Somebody at the server stops what it is at: each second time, the connection too.
async fn stopped(base: &Base, case: &mut Case, copy: &Terminal) -> bool {
    let engine = Engine::open(&copy.location).await.unwrap();
    let how = if case.n.is_multiple_of(2) { "pg_cancel_backend" } else { "pg_terminate_backend" };
    let mut db = sqlx::PgConnection::connect(&copy.location).await.unwrap();
    let mut working = Box::pin(work(base, case, &engine));
    let (mut stops, began) = (0, Instant::now());
    let ended = loop {
        let next = if stops == 0 && began.elapsed() < case.moment { case.moment.mul_f64(0.6) } else { Duration::from_millis(2) };
        if let Ok(ended) = tokio::time::timeout(next, &mut working).await {
            break ended;
        }
        let stop = format!(
            "SELECT count({how}(pid)) FROM pg_stat_activity WHERE datname = current_database() AND state = 'active' AND pid <> pg_backend_pid()"
        );
        // A few times, as a statement may be over before it hears of it; then let it tidy up.
        if stops < 6 {
            let hit: i64 = sqlx::query_scalar(sqlx::AssertSqlSafe(stop)).fetch_one(&mut db).await.unwrap();
            stops += u32::from(hit > 0);
        }
    };
    drop(working);
    case.told = format!("{how} after {:?}: {ended:?}", case.moment);
    if let Ok(Some(job)) = &ended {
        // Nobody wished to cancel.
        assert_ne!(job.status, JobStatus::Cancelled, "{:?}", job.error);
    }
    db.close().await.unwrap();
    engine.close().await;
    !matches!(&ended, Ok(None)) && !matches!(&ended, Ok(Some(job)) if job.status == JobStatus::Done)
}

/// The job as it ended; none for an edit that is done.
async fn work(base: &Base, case: &Case, engine: &Engine) -> Result<Option<Job>, ErrorCode> {
    if case.work == Work::Change {
        return base::change(engine, &base.ids, case.edit).await.map(|()| None).map_err(|error| error.code);
    }
    let job = base.begin(engine, case.work == Work::Materialize).await.map_err(|error| error.code)?;
    engine.wait_job(job.id).await.map(Some).map_err(|error| error.code)
}

/// The line is cut; each second time it comes back at once.
async fn lost(base: &Base, case: &mut Case, copy: &Terminal) -> bool {
    let proxy = Proxy::to(cluster::cluster().unwrap(), Duration::ZERO).await;
    let engine = Engine::open(&proxy.location(&copy.location)).await.unwrap();
    let mut working = Box::pin(work(base, case, &engine));
    let early = tokio::time::timeout(case.moment, &mut working).await;
    let struck = early.is_err();
    if struck {
        proxy.cut();
        if case.n.is_multiple_of(2) {
            // As soon as everybody has been cut off.
            tokio::time::sleep(Duration::from_millis(20)).await;
            proxy.mend();
        }
        let ended = working.await;
        case.told = format!("after {:?}: {ended:?}", case.moment);
    }
    engine.close().await;
    struck
}
