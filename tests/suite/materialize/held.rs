//! Others hold locks for long that a job takes too: it gives way to them, says whom it waits for, and goes on when they let go. Whoever
//! else writes is answered all the while.

use serde_json::json;
use sqlx::{ConnectOptions, Connection, PgConnection, SqliteConnection, sqlite::SqliteConnectOptions};
use std::time::Duration;
use stoneware_engine::{
    Engine,
    model::{EntityId, Job, JobId, JobProgress, JobStatus, MaterializeOptions, Phase, WorkspaceEvent},
};
use stoneware_tests::{
    Database, Workspace,
    build::{entity, import, insert},
    databases, outside,
};
use tokio::sync::broadcast::Receiver;

/// Much longer than anything here takes.
const PATIENCE: Duration = Duration::from_secs(120);
/// So many batches: enough for a stranger to come in between.
const RECORDS: i32 = 300;
/// What the stranger's session is called.
const NAME: &str = "nightly report";

/// Another program, with a transaction of its own.
enum Stranger {
    Sqlite(SqliteConnection),
    Postgres(PgConnection),
}

impl Stranger {
    async fn of(w: &Workspace) -> Self {
        if !stoneware_engine::engine::is_url(&w.location) {
            let options = SqliteConnectOptions::new().filename(&w.path).busy_timeout(PATIENCE);
            return Self::Sqlite(options.connect().await.unwrap());
        }
        let options = outside::pg_options(&w.location).application_name(NAME);
        Self::Postgres(PgConnection::connect_with(&options).await.unwrap())
    }

    async fn run(&mut self, statement: &str) {
        let statement = sqlx::AssertSqlSafe(statement.to_owned());
        match self {
            Self::Sqlite(db) => drop(sqlx::query(statement).execute(db).await.unwrap()),
            Self::Postgres(db) => drop(sqlx::query(statement).execute(db).await.unwrap()),
        }
    }
}

/// What the stranger holds on a server, and so what of the job waits for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Held {
    /// The shared records: making the triggers waits, and switching over.
    Records,
    /// The job's own row: each batch waits.
    Row,
    /// Index rows of the old records: cleaning up waits.
    Entries,
}

impl Held {
    fn statement(self, neighbour: EntityId) -> String {
        match self {
            Self::Records => format!("UPDATE kdb_records SET data = data WHERE entity_id = '{neighbour}'"),
            Self::Row => "SELECT id FROM kdb_jobs FOR UPDATE".to_owned(),
            Self::Entries => "SELECT record_id FROM kdb_index_entries FOR UPDATE".to_owned(),
        }
    }
}

struct Setting {
    w: Workspace,
    ours: EntityId,
    neighbour: EntityId,
    stranger: Stranger,
}

impl Setting {
    async fn on(database: Database) -> Self {
        // One whose whole database can be looked at.
        let w = Workspace::to_copy(database).await;
        let ours = entity(&w.engine, "A", &["n:integer:unique", "s:string"]).await;
        let neighbour = entity(&w.engine, "B", &["s:string"]).await;
        insert(&w.engine, neighbour, json!({ "s": "there before" })).await;
        import(&w.engine, "A", (0..RECORDS).map(|n| json!({ "n": n, "s": "old" }))).await;
        let stranger = Stranger::of(&w).await;
        Self { w, ours, neighbour, stranger }
    }

    async fn start(&self) -> Job {
        let options = MaterializeOptions { batch_size: Some(1), ..MaterializeOptions::default() };
        self.w.engine.start_materialize(vec![self.ours], options).await.unwrap()
    }

    async fn hold(&mut self, held: Held) {
        if matches!(self.stranger, Stranger::Sqlite(_)) {
            self.stranger.run("BEGIN IMMEDIATE").await;
        } else {
            self.stranger.run("BEGIN").await;
            let statement = held.statement(self.neighbour);
            self.stranger.run(&statement).await;
        }
    }

    fn holder(&self) -> &'static str {
        if !stoneware_engine::engine::is_url(&self.w.location) { "another program" } else { NAME }
    }

    /// Everybody else is answered while the stranger still holds what it has: this returns before it lets go.
    async fn others_go_on(&self) {
        for i in 0..3 {
            let written = insert(&self.w.engine, self.neighbour, json!({ "s": format!("meanwhile {i}") }));
            tokio::time::timeout(PATIENCE, written).await.expect("a writer waits for the stranger too");
            let written = insert(&self.w.engine, self.ours, json!({ "n": -1 - i, "s": "meanwhile" }));
            let made = tokio::time::timeout(PATIENCE, written).await.expect("a writer waits for the stranger too");
            self.w.engine.delete_records(self.ours, vec![made.id]).await.unwrap();
        }
    }
}

async fn progress(events: &mut Receiver<WorkspaceEvent>, wanted: impl Fn(&JobProgress) -> bool) -> JobProgress {
    let found = async {
        loop {
            match events.recv().await.unwrap() {
                WorkspaceEvent::JobProgress(p) if wanted(&p) => return p,
                WorkspaceEvent::JobEnded { .. } => panic!("it ended before it had to wait"),
                _ => {}
            }
        }
    };
    tokio::time::timeout(PATIENCE, found).await.expect("nothing is told of it")
}

/// What was told of a job until it stopped is heard, and is not taken for what comes after it is gone on with.
async fn stopped(events: &mut Receiver<WorkspaceEvent>) {
    let found = async { while !matches!(events.recv().await.unwrap(), WorkspaceEvent::JobEnded { .. }) {} };
    tokio::time::timeout(PATIENCE, found).await.expect("nothing is told of its end");
}

fn waits(p: &JobProgress) -> bool {
    p.waiting_for.is_some()
}

/// What another window knows of the job, as soon as it knows whom it waits for.
async fn seen_from_elsewhere(engine: &Engine, id: JobId) -> String {
    let found = async {
        loop {
            if let Some(holder) = engine.job(id).await.unwrap().waiting_for {
                return holder;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(PATIENCE, found).await.expect("the job's row does not say whom it waits for")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_gives_way_to_whoever_holds_what_it_takes() {
    for database in databases() {
        let on_file = database == Database::Sqlite;
        for (held, begun, expected) in [
            (Held::Records, None, Phase::Create),
            (Held::Row, Some(Phase::Copy), Phase::Copy),
            (Held::Records, Some(Phase::Copy), Phase::CutOver),
            (Held::Entries, Some(Phase::Copy), Phase::CleanUp),
        ] {
            // There is one lock on a file, and it comes before the job.
            if on_file && held != Held::Row {
                continue;
            }
            let mut s = Setting::on(database).await;
            let before = s.w.exports().await;
            let mut events = s.w.engine.subscribe();
            if begun.is_none() {
                s.hold(held).await;
            }
            let job = s.start().await;
            if let Some(phase) = begun {
                progress(&mut events, |p| p.phase == phase).await;
                s.hold(held).await;
            }
            let met = progress(&mut events, waits).await;
            let holder = progress(&mut events, |p| p.waiting_for.as_deref().is_some_and(|words| words.contains(s.holder()))).await;
            eprintln!("{database:?} {held:?}: in {:?} waiting for {:?}", met.phase, holder.waiting_for);
            if !on_file {
                assert_eq!(met.phase, expected, "{held:?}");
                s.others_go_on().await;
                if held != Held::Row {
                    let other = Engine::open(&s.w.location).await.unwrap();
                    let words = seen_from_elsewhere(&other, job.id).await;
                    assert!(words.contains(NAME), "{words}");
                    other.close().await;
                }
            }
            s.stranger.run("COMMIT").await;
            let done = s.w.engine.wait_job(job.id).await.unwrap();
            assert_eq!((done.status, done.waiting_for), (JobStatus::Done, None), "{held:?}: {:?}", done.error);
            let waited: Vec<_> = done.log.iter().filter_map(|stretch| Some((stretch.phase, stretch.waited_for.clone()?))).collect();
            assert!(waited.iter().any(|(phase, words)| *phase == met.phase && words.contains(s.holder())), "{held:?}: {:?}", done.log);
            let after = s.w.exports().await;
            assert_eq!(after[0], before[0], "{held:?}");
            assert!(s.w.engine.schema().await.unwrap().entity(s.ours).unwrap().is_dedicated());
            if let Stranger::Postgres(_) = s.stranger {
                assert_eq!(after[1].1.lines().count(), 4);
            }
        }
    }
}

/// Longer than SQLite itself waits before it says that it is busy.
#[tokio::test(flavor = "multi_thread")]
async fn a_program_that_writes_for_long_fails_no_job() {
    let mut s = Setting::on(Database::Sqlite).await;
    let before = s.w.exports().await;
    let mut events = s.w.engine.subscribe();
    let job = s.start().await;
    progress(&mut events, |p| p.phase == Phase::Copy).await;
    s.hold(Held::Row).await;
    progress(&mut events, waits).await;
    // Not a wait for anything: the time itself is what is tried.
    tokio::time::sleep(Duration::from_secs(17)).await;
    s.stranger.run("COMMIT").await;
    let done = s.w.engine.wait_job(job.id).await.unwrap();
    assert_eq!(done.status, JobStatus::Done, "{:?}", done.error);
    assert!(done.log.iter().any(|stretch| stretch.waited_s > 10.0), "{:?}", done.log);
    assert_eq!(s.w.exports().await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_waiting_job_is_paused_and_cancelled() {
    for database in databases() {
        let mut s = Setting::on(database).await;
        let before = (s.w.exports().await, outside::anatomy(&s.w.location).await.len());
        let mut events = s.w.engine.subscribe();
        let other = Engine::open(&s.w.location).await.unwrap();
        let job = s.start().await;
        progress(&mut events, |p| p.phase == Phase::Copy).await;
        s.hold(Held::Records).await;
        progress(&mut events, waits).await;
        if database == Database::Postgres {
            // By another window, which can only write it into the job's row.
            other.pause_job(job.id).await.unwrap();
            let paused = tokio::time::timeout(PATIENCE, s.w.engine.wait_job(job.id)).await.expect("it does not hear it").unwrap();
            assert_eq!(paused.status, JobStatus::Paused, "while the stranger goes on: {:?}", paused.error);
            stopped(&mut events).await;
            s.w.engine.resume_job(job.id).await.unwrap();
            progress(&mut events, waits).await;
            s.w.engine.cancel_job(job.id).await.unwrap();
            // What it has made it can only take away when the stranger lets go, and others do not wait for that either.
            s.others_go_on().await;
            s.stranger.run("COMMIT").await;
        } else {
            s.w.engine.cancel_job(job.id).await.unwrap();
            s.stranger.run("COMMIT").await;
        }
        let ended = s.w.engine.wait_job(job.id).await.unwrap();
        assert_eq!(ended.status, JobStatus::Cancelled, "{database:?}: {:?}", ended.error);
        assert_eq!(s.w.exports().await[0], before.0[0]);
        assert_eq!(outside::anatomy(&s.w.location).await.len(), before.1, "nothing stays behind");
        other.close().await;
    }
}

/// Of two that wait for each other the server ends one, whichever it likes.
#[tokio::test(flavor = "multi_thread")]
async fn a_step_the_server_has_ended_is_done_again() {
    if !databases().contains(&Database::Postgres) {
        return;
    }
    let mut s = Setting::on(Database::Postgres).await;
    let before = s.w.exports().await;
    // A sequence counts on whatever is rolled back.
    s.stranger.run("CREATE SEQUENCE blows").await;
    let function = "CREATE FUNCTION blow() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        IF nextval('blows') % 7 IN (2, 3) THEN RAISE EXCEPTION 'deadlock detected' USING ERRCODE = 'deadlock_detected'; END IF;
        RETURN NEW; END $$";
    s.stranger.run(function).await;
    s.stranger.run("CREATE TRIGGER blow BEFORE UPDATE ON kdb_jobs FOR EACH ROW EXECUTE FUNCTION blow()").await;
    let options = MaterializeOptions { batch_size: Some(20), ..MaterializeOptions::default() };
    let job = s.w.engine.start_materialize(vec![s.ours], options).await.unwrap();
    let done = s.w.engine.wait_job(job.id).await.unwrap();
    assert_eq!(done.status, JobStatus::Done, "{:?}", done.error);
    assert_eq!(s.w.exports().await, before);
}
