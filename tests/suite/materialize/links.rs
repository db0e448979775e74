//! The pairs of a many-to-many move as its records do: while others write, and so that a job that dies in between can be gone on with.

use serde_json::json;
use stoneware_engine::{
    Engine, ErrorCode,
    engine::is_url,
    jobs::faults,
    model::{EntityId, Job, JobStatus, MaterializeOptions, OnInvalid, RecordId, Relationship},
};
use stoneware_tests::{
    Database, Workspace,
    build::{entity, insert, many_to_many},
    copy, databases, dematerialize,
    dying::Dying,
    materialize, on_each,
    outside::{self, anatomy, pairs},
};

/// In each of the two entities.
const RECORDS: usize = 6;

struct Joined {
    w: Workspace,
    ids: Vec<EntityId>,
    fans: Relationship,
    people: Vec<RecordId>,
    teams: Vec<RecordId>,
}

/// Everybody is a fan of every team but of the last.
async fn joined(database: Database) -> Joined {
    let w = Workspace::to_copy(database).await;
    let (person, team) = (entity(&w.engine, "Person", &["name:string"]).await, entity(&w.engine, "Team", &["name:string"]).await);
    let fans = many_to_many(&w.engine, person, "fans", team).await;
    let (mut people, mut teams) = (vec![], vec![]);
    for i in 0..RECORDS {
        people.push(insert(&w.engine, person, json!({ "name": format!("P{i}") })).await.id);
        teams.push(insert(&w.engine, team, json!({ "name": format!("T{i}") })).await.id);
    }
    for p in &people {
        w.engine.add_links(fans.id, person, *p, teams[..RECORDS - 1].to_vec(), Some(json!({ "since": 1 }))).await.unwrap();
    }
    Joined { w, ids: vec![person, team], fans, people, teams }
}

impl Joined {
    /// A new pair, one less, and one with other metadata: by the engine, and past it.
    async fn write(&self, engine: &Engine, location: &str, i: usize) {
        let (fans, person) = (self.fans.id, self.ids[0]);
        let at = |n: usize| self.people[(i + n) % RECORDS];
        engine.add_links(fans, person, at(0), vec![self.teams[RECORDS - 1]], Some(json!({ "since": 2 + i }))).await.unwrap();
        engine.remove_links(fans, person, at(1), vec![self.teams[1]]).await.unwrap();
        engine.add_links(fans, person, at(2), vec![self.teams[2]], Some(json!({ "since": 3 + i }))).await.unwrap();
        let table = self.table(engine).await;
        let pair = |n: usize, team: usize| format!("source_id = '{}' AND target_id = '{}'", at(n), self.teams[team]);
        outside::run_at(location, &format!("DELETE FROM {table} WHERE {}", pair(3, 3))).await;
        outside::run_at(location, &format!("UPDATE {table} SET metadata = '{{\"by\": \"hand\"}}' WHERE {}", pair(4, 4))).await;
    }

    /// The points a job passes, there; it is back again afterwards.
    async fn points(&self) -> Vec<String> {
        Dying::over(&self.w.engine, &self.ids, options(OnInvalid::Abort)).points().await
    }

    /// A job that dies at one of them.
    async fn die(&self, at: usize, on_invalid: OnInvalid) -> Job {
        Dying::over(&self.w.engine, &self.ids, options(on_invalid)).at(at).await
    }

    async fn table(&self, engine: &Engine) -> String {
        let schema = engine.schema().await.unwrap();
        let relationship = schema.relationship(self.fans.id).unwrap();
        if schema.has_junction_table(relationship) { outside::quoted(&relationship.storage) } else { "kdb_record_links".to_owned() }
    }
}

fn options(on_invalid: OnInvalid) -> MaterializeOptions {
    MaterializeOptions { on_invalid, batch_size: Some(5) }
}

async fn begin(engine: &Engine, ids: &[EntityId], over: bool, on_invalid: OnInvalid) -> Job {
    let (ids, options) = (ids.to_vec(), options(on_invalid));
    if over { engine.start_materialize(ids, options).await.unwrap() } else { engine.start_dematerialize(ids, options).await.unwrap() }
}

/// Dies at each point in turn; others write before it is gone on with.
async fn written_meanwhile(database: Database, over: bool) {
    let j = joined(database).await;
    if !over {
        materialize(&j.w.engine, j.ids.clone()).await;
    }
    j.w.engine.close().await;
    let (mut points, mut with_pairs) = (vec![], 0);
    for n in 1.. {
        let spoilt = copy(&j.w.location, &j.w.path.with_file_name("spoilt.db"));
        let engine = Engine::open(&spoilt).await.unwrap();
        let location = engine.info().unwrap().location;
        faults::arm(&location, Some(n));
        let job = begin(&engine, &j.ids, over, OnInvalid::Abort).await;
        let ended = engine.wait_job(job.id).await.unwrap();
        let at = faults::passed(&location).last().cloned().unwrap_or_default();
        faults::arm(&location, None);
        if ended.status == JobStatus::Done {
            break;
        }
        let when = format!("{database:?}, over: {over}, point {n}, {at}");
        let begun = j.table(&engine).await;
        for i in 0..3 {
            j.write(&engine, &spoilt, i + n as usize).await;
        }
        let expected = pairs(&spoilt, &begun).await;
        engine.resume_job(job.id).await.unwrap();
        let ended = engine.wait_job(job.id).await.unwrap();
        assert_eq!(ended.status, JobStatus::Done, "{when}: {:?}", ended.error);
        let table = j.table(&engine).await;
        assert_eq!(pairs(&spoilt, &table).await, expected, "{when}");
        assert_eq!(ended.reports.iter().map(|r| r.links as usize).sum::<usize>(), expected.len(), "{when}: as the report says");
        if over {
            assert!(pairs(&spoilt, "kdb_record_links").await.is_empty(), "{when}: the old ones are gone");
        }
        assert!(pairs(&spoilt, "(SELECT source_id, target_id, NULL AS metadata FROM kdb_captured_pairs) c").await.is_empty(), "{when}");
        with_pairs += usize::from(at.contains("pairs"));
        points.push(at);
        engine.close().await;
    }
    assert!(with_pairs >= 12, "{points:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn pairs_written_meanwhile_are_not_lost() {
    written_meanwhile(Database::Sqlite, true).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn pairs_written_on_the_way_back_are_not_lost() {
    written_meanwhile(Database::Sqlite, false).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn pairs_written_meanwhile_are_not_lost_on_postgres() {
    if databases().contains(&Database::Postgres) {
        written_meanwhile(Database::Postgres, true).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn pairs_written_on_the_way_back_are_not_lost_on_postgres() {
    if databases().contains(&Database::Postgres) {
        written_meanwhile(Database::Postgres, false).await;
    }
}

/// Nothing of it is left for the cut-over: when that begins, all pairs have been copied.
#[tokio::test(flavor = "multi_thread")]
async fn the_last_step_copies_no_pairs() {
    for database in databases() {
        let j = joined(database).await;
        let all = pairs(&j.w.location, "kdb_record_links").await;
        let job = Dying::over(&j.w.engine, &j.ids, options(OnInvalid::Abort)).last().await;
        assert_eq!(pairs(&j.w.location, "kdb_person_fans").await, all, "{database:?}");
        assert_eq!(j.table(&j.w.engine).await, "kdb_record_links", "and nobody reads them there yet");
        j.w.engine.resume_job(job.id).await.unwrap();
        assert_eq!(j.w.engine.wait_job(job.id).await.unwrap().status, JobStatus::Done);
    }
}

/// A record that goes past the engine leaves its pairs behind, in the middle of the job.
#[tokio::test(flavor = "multi_thread")]
async fn what_comes_to_refer_to_nothing_meanwhile_is_settled() {
    for (database, on_invalid) in databases().into_iter().flat_map(|d| [(d, OnInvalid::Abort), (d, OnInvalid::Keep), (d, OnInvalid::Null)])
    {
        let j = joined(database).await;
        let all = pairs(&j.w.location, "kdb_record_links").await;
        let (engine, points) = (&j.w.engine, j.points().await);
        let parts = anatomy(&j.w.location).await;
        // Every phase that has something of it copied already.
        for point in ["copy: pairs, after commit", "verify: pairs' index, before commit", "cut over: before commit"] {
            let when = format!("{database:?}, {on_invalid:?}, {point}");
            let job = j.die(points.iter().rposition(|at| at == point).unwrap(), on_invalid).await;
            assert_eq!(job.status, JobStatus::Interrupted, "{when}");
            let gone = j.teams[0].to_string();
            let keep = "CREATE TABLE elsewhere AS SELECT * FROM kdb_records WHERE id = ";
            outside::run(&j.w, &format!("{keep}'{gone}'")).await;
            outside::run(&j.w, &format!("DELETE FROM kdb_records WHERE id = '{gone}'")).await;
            engine.resume_job(job.id).await.unwrap();
            let ended = engine.wait_job(job.id).await.unwrap();
            if on_invalid == OnInvalid::Abort {
                assert_eq!((ended.status, ended.error.unwrap().code), (JobStatus::Failed, ErrorCode::InvalidValues), "{when}");
            } else {
                assert_eq!(ended.status, JobStatus::Done, "{when}: {:?}", ended.error);
                let good = all.iter().filter(|pair| !pair.contains(&gone)).cloned().collect();
                assert_eq!(pairs(&j.w.location, "kdb_person_fans").await, good, "{when}");
                let aside = ended.reports.iter().map(|r| if on_invalid == OnInvalid::Keep { r.kept_aside } else { r.nulled }).sum::<u32>();
                assert_eq!(aside as usize, RECORDS, "{when}");
                dematerialize(engine, j.ids.clone()).await;
                if on_invalid == OnInvalid::Null {
                    outside::run(&j.w, "INSERT INTO kdb_record_links SELECT r.id, d.id, source_id, target_id, d.metadata, d.created_at, d.created_by FROM kdb_dropped_links d, kdb_relationship_definitions r").await;
                    outside::run(&j.w, "DELETE FROM kdb_dropped_links").await;
                }
            }
            assert_eq!(pairs(&j.w.location, "kdb_record_links").await, all, "{when}: nothing is lost");
            outside::run(&j.w, "INSERT INTO kdb_records SELECT * FROM elsewhere").await;
            outside::run(&j.w, "DROP TABLE elsewhere").await;
        }
        assert_eq!(anatomy(&j.w.location).await, parts, "{database:?}, {on_invalid:?}: nothing stray stays");
    }
}

/// A pair whose end comes after it is whole by the time the job cuts over.
#[tokio::test(flavor = "multi_thread")]
async fn a_pair_put_aside_is_taken_along_when_its_end_comes() {
    for database in databases() {
        let j = joined(database).await;
        let (location, points) = (&j.w.location, j.points().await);
        let (ghost, p) = ("0192f0c1-7d2e-7abc-8def-0123456789ab", j.people[0]);
        let pair = format!("UPDATE kdb_record_links SET target_id = '{ghost}' WHERE source_id = '{p}' AND target_id = '{}'", j.teams[0]);
        outside::run_at(location, &pair).await;
        let all = pairs(location, "kdb_record_links").await;
        let job = j.die(points.iter().position(|at| at == "verify: pairs' index, before commit").unwrap(), OnInvalid::Null).await;
        assert_eq!(job.status, JobStatus::Interrupted, "{:?}", job.error);
        assert_eq!(pairs(location, "kdb_dropped_links").await.len(), 1, "it is aside");
        let end = "INSERT INTO kdb_records SELECT entity_id, ID, 1, primary_value, data, owner, created_at, created_by, updated_at, updated_by FROM kdb_records";
        let id = if is_url(location) { format!("CAST('{ghost}' AS uuid)") } else { format!("'{ghost}'") };
        outside::run_at(location, &format!("{} WHERE id = '{}'", end.replace("ID", &id), j.teams[0])).await;
        j.w.engine.resume_job(job.id).await.unwrap();
        let ended = j.w.engine.wait_job(job.id).await.unwrap();
        assert_eq!((ended.status, ended.reports.iter().map(|r| r.nulled).sum::<u32>()), (JobStatus::Done, 0), "{:?}", ended.error);
        assert_eq!(pairs(location, "kdb_person_fans").await, all, "{database:?}");
    }
}

/// The other end has its own table already: nobody notes what plain SQL does to it.
#[tokio::test(flavor = "multi_thread")]
async fn an_end_that_goes_from_its_own_table_is_missed_before_the_cut_over() {
    for (database, on_invalid) in databases().into_iter().flat_map(|d| [(d, OnInvalid::Abort), (d, OnInvalid::Keep)]) {
        let mut j = joined(database).await;
        materialize(&j.w.engine, j.ids.split_off(1)).await;
        let before = pairs(&j.w.location, "kdb_record_links").await;
        let job = Dying::over(&j.w.engine, &j.ids, options(on_invalid)).last().await;
        let gone = j.teams[0].to_string();
        outside::run(&j.w, &format!("DELETE FROM kdb_team WHERE id = '{gone}'")).await;
        j.w.engine.resume_job(job.id).await.unwrap();
        let ended = j.w.engine.wait_job(job.id).await.unwrap();
        if on_invalid == OnInvalid::Abort {
            assert_eq!((ended.status, ended.error.unwrap().code), (JobStatus::Failed, ErrorCode::InvalidValues), "{database:?}");
            assert_eq!(pairs(&j.w.location, "kdb_record_links").await, before, "{database:?}");
            continue;
        }
        assert_eq!((ended.status, ended.reports[0].kept_aside as usize), (JobStatus::Done, RECORDS), "{:?}", ended.error);
        let good = before.iter().filter(|pair| !pair.contains(&gone)).cloned().collect();
        assert_eq!(pairs(&j.w.location, "kdb_person_fans").await, good, "{database:?}");
        if is_url(&j.w.location) {
            let mut keys = outside::postgres_foreign_keys(&j.w.location).await;
            keys.retain(|(table, _, _)| table == "kdb_person_fans");
            assert!(keys.iter().all(|(_, _, held)| *held) && keys.len() == 2, "{keys:?}");
        }
    }
}

/// Two jobs would both move them.
#[tokio::test(flavor = "multi_thread")]
async fn one_job_at_a_time_moves_the_same_pairs() {
    on_each(async |w| {
        let (a, b) = (entity(&w.engine, "A", &["n:integer"]).await, entity(&w.engine, "B", &["n:integer"]).await);
        let c = entity(&w.engine, "C", &["n:integer"]).await;
        many_to_many(&w.engine, a, "bs", b).await;
        let location = w.engine.info().unwrap().location;
        faults::arm(&location, Some(3));
        let job = begin(&w.engine, &[a], true, OnInvalid::Abort).await;
        assert_eq!(w.engine.wait_job(job.id).await.unwrap().status, JobStatus::Interrupted);
        faults::arm(&location, None);
        let refused = w.engine.start_materialize(vec![b], options(OnInvalid::Abort)).await.unwrap_err();
        assert_eq!((refused.code, &refused.details["entity"]), (ErrorCode::Busy, &json!("A")), "{refused:?}");
        materialize(&w.engine, vec![c]).await;
        w.engine.resume_job(job.id).await.unwrap();
        assert_eq!(w.engine.wait_job(job.id).await.unwrap().status, JobStatus::Done);
        materialize(&w.engine, vec![b]).await;
        let table = w.engine.schema().await.unwrap().relationships[0].storage.clone();
        assert!(pairs(&w.location, &outside::quoted(&table)).await.is_empty(), "there is one now, {}", is_url(&w.location));
    })
    .await;
}

/// Made before pairs were noted.
#[tokio::test(flavor = "multi_thread")]
async fn a_workspace_of_an_earlier_version_learns_to_note_pairs() {
    for database in databases() {
        let j = joined(database).await;
        let all = pairs(&j.w.location, "kdb_record_links").await;
        j.w.engine.close().await;
        let functions = "DROP FUNCTION kdb_capture_pair_begin; DROP FUNCTION kdb_capture_pair_end; DROP FUNCTION kdb_capture_pair";
        let functions = if is_url(&j.w.location) { functions } else { "" }.split("; ").filter(|statement| !statement.is_empty());
        let back = ["DROP TABLE kdb_captured_pairs", "UPDATE kdb_workspace SET value = '1' WHERE key = 'format'"];
        for statement in back.into_iter().chain(functions) {
            outside::run_at(&j.w.location, statement).await;
        }
        let engine = Engine::open(&j.w.location).await.unwrap();
        materialize(&engine, j.ids.clone()).await;
        assert_eq!(pairs(&j.w.location, "kdb_person_fans").await, all, "{database:?}");
        engine.close().await;
    }
}
