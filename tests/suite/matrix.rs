//! The fault matrix: {SQLite, Postgres} × {materialize, dematerialize, change a dedicated entity} × {crash, SIGKILL, cancel, disk full,
//! connection lost}. After each blow the workspace opens, the work is gone on with or undone, every record is exported as before, nothing
//! stray is left, and the next work of the same kind goes well.
//!
//! A few blows in each cell by default, so that the suite stays quick; `STONEWARE_MATRIX_MOMENTS=50` for the full run,
//! `STONEWARE_MATRIX_RECORDS` for more records, `STONEWARE_MATRIX_SEED` to have the same moments again, `STONEWARE_MATRIX_ONLY` (as
//! `Postgres change SIGKILL`) for some of the cells, `STONEWARE_MATRIX_DISK=limit` for files that may not grow instead of a small disk.

mod base;
mod blows;
mod disk;
mod settle;

use std::{
    panic::AssertUnwindSafe,
    time::{Duration, Instant},
};

use base::{Base, Blow, Work};
use futures_util::FutureExt;
use serde_json::json;
use stoneware_tests::{Database, cli::Terminal, databases, outside, setting};

/// Blows in each cell.
fn moments() -> u32 {
    setting("STONEWARE_MATRIX_MOMENTS", 1)
}

fn records() -> u32 {
    setting("STONEWARE_MATRIX_RECORDS", 600)
}

/// What became of a cell's cases.
#[derive(Debug, Default, Clone, Copy)]
struct Cell {
    tried: u32,
    /// Blows that met the work while it was going on.
    struck: u32,
    /// Cases after which anything was not as it has to be.
    lost: u32,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_fault_matrix() {
    let seed = u64::from(setting("STONEWARE_MATRIX_SEED", std::process::id()));
    let began = Instant::now();
    let mut tables = vec![];
    let running: Vec<_> = databases().into_iter().map(|database| (database, tokio::spawn(on(database, seed)))).collect();
    for (database, cells) in running {
        tables.push((database, cells.await.unwrap()));
    }
    let took = began.elapsed().as_secs_f64();
    eprintln!("\ntried / struck at work / lost, {} records, moments by seed {seed}, {took:.0} s:", records());
    let mut all = Cell::default();
    let titles = Blow::ALL.map(|blow| format!("{:>17}", blow.title())).concat();
    eprintln!("{:24}{titles}", "");
    for (database, cells) in &tables {
        for work in Work::ALL {
            let row: String = Blow::ALL
                .iter()
                .map(|blow| {
                    let found = cells.iter().find(|(w, b, _)| (*w, *b) == (work, *blow));
                    let Some((_, _, cell)) = found else { return format!("{:>17}", "–") };
                    (all.tried, all.struck, all.lost) = (all.tried + cell.tried, all.struck + cell.struck, all.lost + cell.lost);
                    format!("{:>17}", format!("{} / {} / {}", cell.tried, cell.struck, cell.lost))
                })
                .collect();
            eprintln!("{:24}{row}", format!("{database:?} {}", work.title()));
        }
    }
    eprintln!("in all: {} cases tried, {} of them struck at work, {} lost anything", all.tried, all.struck, all.lost);
    assert_eq!(all.lost, 0, "see above");
    assert!(all.struck * 3 > all.tried, "most blows have to strike");
}

/// Whoever only looks needs no room: that a job's process went away is told, though it cannot be written down.
#[tokio::test(flavor = "multi_thread")]
async fn jobs_are_listed_on_a_disk_that_is_still_full() {
    let t = Terminal::new();
    let job = uuid::Uuid::now_v7();
    let at = "2026-01-31T10:00:00Z";
    let row = format!(
        "INSERT INTO kdb_jobs (id, kind, status, phase, done, total, entities, state, reports, owner, heartbeat, started_at, updated_at)
         VALUES ('{job}', 'materialize', 'running', 'copy', 1, 2, '[]', '{{\"padding\":\"{}\"}}', '[]', 'elsewhere 1 1', 0, '{at}', '{at}')",
        // Written anew, it takes more room than there is.
        "x".repeat(100_000)
    );
    outside::run_on_sqlite(&t.path(), &row).await;
    for words in [&["job", "list"][..], &["entity", "list"]] {
        let (ran, left) = tokio::task::block_in_place(|| disk::run(&t, 0, |t| t.command(words)));
        let answer = ran.json();
        if words[0] == "job" {
            assert_eq!((&answer[0]["id"], &answer[0]["status"]), (&json!(job.to_string()), &json!("interrupted")));
        }
        let statuses = outside::texts(&mut outside::open(&left.path()).await, "SELECT status FROM kdb_jobs".to_owned()).await;
        assert_eq!(statuses, ["running"], "the disk has room for it");
    }
}

/// All the cells of one database.
async fn on(database: Database, seed: u64) -> Vec<(Work, Blow, Cell)> {
    let mut cells = vec![];
    let only = std::env::var("STONEWARE_MATRIX_ONLY").unwrap_or_default();
    let mut random = fastrand::Rng::with_seed(seed);
    let shared = Base::shared(database, records()).await;
    let dedicated = Base::dedicated(&shared).await;
    for work in Work::ALL {
        let base = if work == Work::Materialize { &shared } else { &dedicated };
        let known = base.untroubled(work).await;
        for blow in Blow::ALL {
            if !blow.is_had(database) {
                continue;
            }
            if !format!("{database:?} {} {}", work.title(), blow.title()).contains(&only) {
                continue;
            }
            let mut cell = Cell::default();
            let began = Instant::now();
            for n in 0..known.cases(blow, moments()) {
                cell.tried += 1;
                let mut case = known.case(work, blow, n, moments(), &mut random);
                let running = AssertUnwindSafe(blows::run(base, &known, &mut case));
                // One that hangs is lost too.
                let ended = tokio::time::timeout(Duration::from_secs(600), running.catch_unwind()).await;
                match ended {
                    Ok(Ok(struck)) => cell.struck += u32::from(struck),
                    Ok(Err(_)) => {
                        cell.lost += 1;
                        eprintln!("LOST: {database:?}, {case:?}");
                    }
                    Err(_) => {
                        cell.lost += 1;
                        eprintln!("HANGS: {database:?}, {case:?}");
                    }
                }
            }
            eprintln!("{database:?} {} {}: {cell:?}, {:.1} s", work.title(), blow.title(), began.elapsed().as_secs_f64());
            cells.push((work, blow, cell));
        }
    }
    shared.forget();
    dedicated.forget();
    cells
}
