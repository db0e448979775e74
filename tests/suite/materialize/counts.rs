//! What a job reports to have done is what has been done, also where a step was rolled back and done again.

use serde_json::json;
use sqlx::{Connection, PgConnection};
use stoneware_engine::model::{EntityId, Job, JobStatus, MaterializeOptions, OnInvalid, Phase, RecordId, WorkspaceEvent};
use stoneware_tests::{
    Database, Workspace,
    build::{entity, field, import, insert, many_to_many},
    databases, outside,
};

/// Enough batches to write in between.
const RECORDS: u32 = 300;
const MISFITS: u32 = 4;

/// One pair refers to nothing, and one is good.
async fn setting(database: Database) -> (Workspace, EntityId) {
    let w = Workspace::to_copy(database).await;
    let engine = &w.engine;
    let a = entity(engine, "A", &["n:string"]).await;
    let values = (0..RECORDS).map(|n| json!({ "n": if n % (RECORDS / MISFITS) == 1 { "none".to_owned() } else { n.to_string() } }));
    import(engine, "A", values).await;
    let n = engine.schema().await.unwrap().entity(a).unwrap().fields[0].id;
    engine.update_field(a, n, field("n:integer")).await.unwrap();
    let knows = many_to_many(engine, a, "knows", a).await;
    let mut ids: Vec<RecordId> = vec![];
    for n in 0..3 {
        ids.push(insert(engine, a, json!({ "n": n })).await.id);
    }
    engine.add_links(knows.id, a, ids[0], vec![ids[1], ids[2]], None).await.unwrap();
    outside::run(&w, &format!("DELETE FROM kdb_records WHERE id = '{}'", ids[2])).await;
    (w, a)
}

async fn start(w: &Workspace, a: EntityId, on_invalid: OnInvalid) -> Job {
    w.engine.start_materialize(vec![a], MaterializeOptions { on_invalid, batch_size: Some(1) }).await.unwrap()
}

/// The server ends each step that counts something, once.
#[tokio::test(flavor = "multi_thread")]
async fn a_step_done_again_counts_once() {
    if !databases().contains(&Database::Postgres) {
        return;
    }
    for (on_invalid, kept, nulled) in [(OnInvalid::Null, 0, MISFITS + 1), (OnInvalid::Keep, MISFITS + 1, 0)] {
        let (w, a) = setting(Database::Postgres).await;
        // A sequence counts on whatever is rolled back.
        outside::run(&w, "CREATE SEQUENCE blows").await;
        let counts = |row: &str| {
            format!(
                "(SELECT jsonb_agg(jsonb_build_array(p->'nulled', p->'kept', p->'captured', p->'links')) \
                 FROM jsonb_array_elements({row}.state::jsonb->'parts') p)"
            )
        };
        let function = format!(
            "CREATE FUNCTION blow() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
             IF {} IS DISTINCT FROM {} AND nextval('blows') % 2 = 1 THEN
               RAISE EXCEPTION 'deadlock detected' USING ERRCODE = 'deadlock_detected'; END IF;
             RETURN NEW; END $$",
            counts("OLD"),
            counts("NEW")
        );
        outside::run(&w, &function).await;
        outside::run(&w, "CREATE TRIGGER blow BEFORE UPDATE ON kdb_jobs FOR EACH ROW EXECUTE FUNCTION blow()").await;
        let mut events = w.engine.subscribe();
        let job = start(&w, a, on_invalid).await;
        while !matches!(events.recv().await.unwrap(), WorkspaceEvent::JobProgress(p) if p.phase == Phase::Copy) {}
        insert(&w.engine, a, json!({ "n": -1 })).await;
        let done = w.engine.wait_job(job.id).await.unwrap();
        assert_eq!(done.status, JobStatus::Done, "{:?}", done.error);
        let report = &done.reports[0];
        let found = (report.records, report.links, report.kept_aside, report.nulled, report.captured, done.captured);
        assert_eq!(found, (RECORDS + 3, 1, kept, nulled, 1, 1), "{on_invalid:?}");
        let mut db = PgConnection::connect_with(&outside::pg_options(&w.location)).await.unwrap();
        let blows: i64 = sqlx::query_scalar("SELECT last_value FROM blows").fetch_one(&mut db).await.unwrap();
        assert!(blows >= if nulled > 0 { 6 } else { 4 }, "{blows}: no step was done again");
    }
}

/// Somebody asks for a pause just as values are set to null.
#[tokio::test(flavor = "multi_thread")]
async fn a_step_given_up_for_a_pause_counts_once() {
    for database in databases() {
        let (w, a) = setting(database).await;
        let ask = "UPDATE kdb_jobs SET state = '{\"pause\":true,' || substr(state, 2) WHERE status = 'running'";
        let (trigger, drop) = if database == Database::Sqlite {
            (format!("CREATE TRIGGER ask AFTER INSERT ON kdb_dropped_values BEGIN {ask}; END"), "DROP TRIGGER ask")
        } else {
            outside::run(&w, &format!("CREATE FUNCTION ask() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {ask}; RETURN NULL; END $$"))
                .await;
            let trigger = "CREATE TRIGGER ask AFTER INSERT ON kdb_dropped_values EXECUTE FUNCTION ask()";
            (trigger.to_owned(), "DROP TRIGGER ask ON kdb_dropped_values")
        };
        outside::run(&w, &trigger).await;
        let job = start(&w, a, OnInvalid::Null).await;
        let paused = w.engine.wait_job(job.id).await.unwrap();
        assert_eq!((paused.status, paused.phase), (JobStatus::Paused, Phase::Verify), "{database:?}: {:?}", paused.error);
        outside::run(&w, drop).await;
        w.engine.resume_job(job.id).await.unwrap();
        let done = w.engine.wait_job(job.id).await.unwrap();
        assert_eq!(done.status, JobStatus::Done, "{:?}", done.error);
        assert_eq!((done.reports[0].nulled, done.reports[0].links), (MISFITS + 1, 1), "{database:?}");
    }
}
