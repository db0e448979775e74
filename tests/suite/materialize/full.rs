//! A Postgres server whose tables lie on a disk that is full: a tablespace on a small one, which only the server sees. (Files of SQLite on
//! a full disk are in the fault matrix.)

use serde_json::json;
use sqlx::{Connection, PgConnection};
use stoneware_engine::{
    Engine, ErrorCode,
    model::{EntityId, Job, JobStatus, MaterializeOptions},
};
use stoneware_tests::{
    build::{entity, import},
    cluster, exports_of, materialize, outside,
};

const DISK: u64 = 48 << 20;
const RECORDS: usize = 1500;
/// A page.
const PAGE: u64 = 8192;

/// Of the whole disk.
async fn number(db: &mut PgConnection, query: &str) -> u64 {
    let number: i64 = sqlx::query_scalar(sqlx::AssertSqlSafe(query.to_owned())).fetch_one(db).await.unwrap();
    u64::try_from(number).unwrap()
}

async fn run(db: &mut PgConnection, statement: &str) {
    sqlx::query(sqlx::AssertSqlSafe(statement.to_owned())).execute(db).await.unwrap();
}

const USED: &str = "SELECT pg_tablespace_size('small')";

/// Leaves so many bytes of the disk. Each row of the filler takes a page.
async fn fill(db: &mut PgConnection, room: u64) {
    run(db, "CREATE TABLE filler (stuff text) TABLESPACE small").await;
    run(db, "ALTER TABLE filler ALTER stuff SET STORAGE PLAIN").await;
    let free = DISK - number(db, USED).await;
    let pages = free.saturating_sub(room) / PAGE;
    // The little maps beside a table take some pages too.
    let pages = pages.saturating_sub(6);
    run(db, &format!("INSERT INTO filler SELECT repeat('x', 7000) FROM generate_series(1, {pages})")).await;
}

async fn job(engine: &Engine, ours: EntityId) -> Result<Job, stoneware_engine::Error> {
    let options = MaterializeOptions { batch_size: Some(300), ..MaterializeOptions::default() };
    let job = engine.start_materialize(vec![ours], options).await?;
    engine.wait_job(job.id).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_tablespace_loses_nothing() {
    let Some((server, disk)) = cluster::with_small_disk(DISK) else { return };
    let admin = server.database(None);
    let mut db = PgConnection::connect(&admin).await.unwrap();
    run(&mut db, &format!("CREATE TABLESPACE small LOCATION '{}'", disk.display())).await;
    for whole in [false, true] {
        // Copied as files, as the other way leaves holes in them that take no room yet. Either only what is made from now on lies there, or everything, the job's own row too.
        let name = format!("on_disk_{whole}");
        run(&mut db, &format!("CREATE DATABASE {name} {}", if whole { "TABLESPACE small STRATEGY FILE_COPY" } else { "" })).await;
        let location = admin.rsplit_once('/').map(|(server, _)| format!("{server}/{name}")).unwrap();
        let (engine, _) = Engine::open_or_create(&location).await.unwrap();
        let ours = entity(&engine, "A", &["n:integer:unique", "s:string:indexed"]).await;
        import(&engine, "A", (0..RECORDS).map(|n| json!({ "n": n, "s": "x".repeat(900) }))).await;
        run(&mut db, &format!("ALTER DATABASE {name} SET default_tablespace = 'small'")).await;
        engine.close().await;
        let mut there = PgConnection::connect(&location).await.unwrap();
        let (before, parts) = (exports_of(&Engine::open(&location).await.unwrap()).await, outside::anatomy(&location).await);
        let mut refused = 0;
        for room in [0, PAGE * 12, PAGE * 150, PAGE * 330] {
            fill(&mut there, room).await;
            let engine = Engine::open(&location).await.unwrap();
            let ended = job(&engine, ours).await;
            eprintln!("whole: {whole}, {} KiB left: {:?}", room / 1024, ended.as_ref().map(|job| (job.status, job.phase, &job.error)));
            // It is looked at on the full disk.
            let jobs = engine.jobs().await.unwrap();
            engine.opening().await.unwrap();
            assert_eq!(exports_of(&engine).await, before, "everything can be read");
            engine.close().await;
            match &ended {
                Ok(job) if job.status == JobStatus::Done => {}
                Ok(job) => {
                    refused += 1;
                    let error = job.error.clone().unwrap();
                    assert_eq!(error.code, ErrorCode::DiskFull, "{error:?}");
                    assert!(error.message.contains("make room"), "{error:?}");
                    assert!(matches!(job.status, JobStatus::Failed | JobStatus::Interrupted), "{job:?}");
                    assert!(jobs.iter().all(|job| job.status != JobStatus::Running), "nobody is at it");
                }
                Err(error) => {
                    refused += 1;
                    assert_eq!(error.code, ErrorCode::DiskFull, "{error:?}");
                }
            }
            // Opened anew while it is still full.
            let engine = Engine::open(&location).await.unwrap();
            let open = engine.jobs().await.unwrap().into_iter().find(|job| job.status == JobStatus::Interrupted);
            assert_eq!(exports_of(&engine).await, before);
            run(&mut there, "DROP TABLE filler").await;
            if let Some(open) = open {
                engine.resume_job(open.id).await.unwrap();
                let mended = engine.wait_job(open.id).await.unwrap();
                assert!(matches!(mended.status, JobStatus::Done | JobStatus::RolledBack), "{mended:?}");
            }
            if engine.schema().await.unwrap().entity(ours).unwrap().is_dedicated() {
                stoneware_tests::dematerialize(&engine, vec![ours]).await;
            }
            assert_eq!(exports_of(&engine).await, before);
            assert_eq!(outside::anatomy(&location).await, parts, "nothing stray");
            engine.close().await;
        }
        assert!(refused >= 2, "the disk was full for {refused} of them");
        let engine = Engine::open(&location).await.unwrap();
        materialize(&engine, vec![ours]).await;
        assert_eq!(exports_of(&engine).await, before);
        engine.close().await;
        there.close().await.unwrap();
    }
    db.close().await.unwrap();
}
