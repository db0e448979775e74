//! The workspace that is struck, the kinds of work and of blows, and what the work comes to when nothing happens to it.

use serde_json::{Value, json};
use std::time::{Duration, Instant};
use stoneware_engine::{
    Engine, Result,
    jobs::faults,
    model::{EntityId, Job, JobStatus, MaterializeOptions, OnInvalid, RelationshipType},
};
use stoneware_tests::{
    Database, Workspace,
    build::{People, field, import, people, relationship},
    cli::Terminal,
    cluster, exports_of,
    outside::anatomy,
};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Work {
    Materialize,
    Dematerialize,
    Change,
}

impl Work {
    pub const ALL: [Self; 3] = [Self::Materialize, Self::Dematerialize, Self::Change];

    pub fn title(self) -> &'static str {
        match self {
            Self::Materialize => "materialize",
            Self::Dematerialize => "dematerialize",
            Self::Change => "change",
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Blow {
    /// At each place where a phase begins or ends, and inside batches.
    Crash,
    Kill,
    Cancel,
    /// On a server: a statement stopped, or its connection ended, by somebody else, which is what a full disk comes to as well.
    DiskFull,
    Lost,
}

impl Blow {
    pub const ALL: [Self; 5] = [Self::Crash, Self::Kill, Self::Cancel, Self::DiskFull, Self::Lost];

    pub fn title(self) -> &'static str {
        match self {
            Self::Crash => "crash",
            Self::Kill => "SIGKILL",
            Self::Cancel => "cancel",
            Self::DiskFull => "full / stopped",
            Self::Lost => "line lost",
        }
    }

    /// A file has no connection to lose.
    pub fn is_had(self, database: Database) -> bool {
        (self, database) != (Self::Lost, Database::Sqlite)
    }
}

/// What a workspace holds.
#[derive(Debug, Clone, PartialEq)]
pub struct Look {
    pub exports: Vec<(String, String)>,
    pub parts: Vec<String>,
}

impl Look {
    pub async fn at(engine: &Engine, location: &str) -> Self {
        let mut parts: Vec<String> = anatomy(location).await.iter().map(|part| nameless(part)).collect();
        parts.sort();
        Self { exports: exports_of(engine).await, parts }
    }

    /// Says only what differs.
    #[track_caller]
    pub fn same(&self, expected: &Self, when: &str) {
        self.same_records(expected, when);
        let more: Vec<_> = self.parts.iter().filter(|p| !expected.parts.contains(p)).collect();
        let less: Vec<_> = expected.parts.iter().filter(|p| !self.parts.contains(p)).collect();
        assert!(more.is_empty() && less.is_empty(), "{when}: stray: {more:#?}; missing: {less:#?}");
    }

    #[track_caller]
    pub fn same_records(&self, expected: &Self, when: &str) {
        for ((name, now), (_, before)) in self.exports.iter().zip(&expected.exports) {
            let difference = now.lines().zip(before.lines()).find(|(a, b)| a != b);
            assert!(now == before, "{when}: {name} has {} lines for {}; {difference:?}", now.lines().count(), before.lines().count());
        }
    }
}

/// Without the end of an id in a name: what is made anew has another one.
fn nameless(part: &str) -> String {
    let is_end = |word: &str| word.len() == 6 && word.bytes().all(|b| b.is_ascii_hexdigit() && !b.is_ascii_uppercase());
    let word = |word: &str| word.rsplit_once('_').filter(|(_, end)| is_end(end)).map_or(word.to_owned(), |(start, _)| format!("{start}_…"));
    let is_name = |c: char| c.is_alphanumeric() || c == '_';
    let mut out = String::new();
    let mut rest = part;
    while let Some(at) = rest.find(is_name) {
        out.push_str(&rest[..at]);
        let end = rest[at..].find(|c| !is_name(c)).map_or(rest.len(), |end| at + end);
        out.push_str(&word(&rest[at..end]));
        rest = &rest[end..];
    }
    out + rest
}

/// A closed workspace, of which each case gets a copy.
pub struct Base {
    pub database: Database,
    pub terminal: Terminal,
    /// Person, Team, Place; the first two are worked on.
    pub ids: Vec<EntityId>,
    pub records: u32,
    pub look: Look,
    pub version: u32,
}

impl Base {
    /// Two entities that refer to each other and to themselves, joined many-to-many, with values that do not fit; all shared.
    pub async fn shared(database: Database, records: u32) -> Self {
        let w = Workspace::to_copy(database).await;
        let engine = &w.engine;
        let fields = [
            "name:string:required,unique",
            "age:string:indexed",
            "score:float",
            "born:string",
            "nick:string",
            "code:string",
            "at:datetime",
            "tags:multiselect",
        ];
        let People { person, team, place, fans } = people(engine, &fields).await;
        let line = |id: &str, data: Value| json!({ "id": id, "version": 1, "data": data });
        let ids = |count: u32| (0..count).map(|_| uuid::Uuid::now_v7().to_string()).collect::<Vec<_>>();
        let (places, teams, people) = (ids(5), ids(records / 4 + 1), ids(records));
        import(engine, "Place", places.iter().map(|id| line(id, json!({ "name": "Somewhere" })))).await;
        import(engine, "Team", teams.iter().enumerate().map(|(i, id)| line(id, json!({ "title": format!("T{i}") })))).await;
        let made = people.iter().enumerate().map(|(i, id)| {
            let data = json!({
                "name": format!("P{i}"), "age": if i % 20 == 7 { "n/a".to_owned() } else { i.to_string() },
                "score": if i % 10 == 3 { 1.2345e-300 } else { i as f64 / 3.0 }, "born": if i % 30 == 1 { "2026-02-30" } else { "2001-12-31" },
                "nick": "ö".repeat(i % 50 + 1), "code": format!("C{i}"), "at": "2026-01-31T10:00:00Z", "tags": ["a", "b"],
                "team": teams[i % teams.len()], "home": places[i % places.len()],
            });
            line(id, data)
        });
        import(engine, "Person", made).await;
        for i in 0..20.min(people.len()) {
            let boss = json!({ "boss": people[i / 2] }).as_object().unwrap().clone();
            engine.update_record(person, people[i].parse().unwrap(), boss, None).await.unwrap();
            let lead = json!({ "lead": people[i] }).as_object().unwrap().clone();
            engine.update_record(team, teams[i].parse().unwrap(), lead, None).await.unwrap();
            let fan_of = vec![teams[0].parse().unwrap(), teams[i + 1].parse().unwrap()];
            engine.add_links(fans.id, person, people[i].parse().unwrap(), fan_of, Some(json!({ "since": i }))).await.unwrap();
        }
        let age = engine.schema().await.unwrap().entity(person).unwrap().fields[1].id;
        engine.update_field(person, age, field("age:integer:indexed")).await.unwrap();
        engine.close().await;
        // Its folder goes with it, the copy stays.
        let source = Terminal { location: w.location.clone(), ..Terminal::bare() };
        let terminal = source.copy();
        if database == Database::Postgres {
            cluster::cluster().unwrap().drop_database(&w.location);
        }
        Self::of(database, terminal, vec![person, team, place], records).await
    }

    async fn of(database: Database, terminal: Terminal, ids: Vec<EntityId>, records: u32) -> Self {
        let engine = Engine::open(&terminal.location).await.unwrap();
        let look = Look::at(&engine, &terminal.location).await;
        let version = engine.info().unwrap().schema_version;
        engine.close().await;
        Self { database, terminal, ids, records, look, version }
    }

    /// The same with tables of their own.
    pub async fn dedicated(shared: &Self) -> Self {
        let copy = shared.terminal.copy();
        let engine = Engine::open(&copy.location).await.unwrap();
        let job = shared.run(&engine, true).await;
        assert_eq!(job.status, JobStatus::Done, "{:?}", job.error);
        engine.close().await;
        let made = Self::of(shared.database, copy, shared.ids.clone(), shared.records).await;
        made.look.same_records(&shared.look, "while dedicated");
        made
    }

    pub fn forget(self) {
        forget(&self.terminal);
    }

    /// # Errors
    /// Of a blow that comes before the job.
    pub async fn begin(&self, engine: &Engine, over: bool) -> Result<Job> {
        let options = MaterializeOptions { on_invalid: OnInvalid::Keep, batch_size: Some(self.batch()) };
        let ids = self.ids[..2].to_vec();
        if over { engine.start_materialize(ids, options).await } else { engine.start_dematerialize(ids, options).await }
    }

    pub async fn run(&self, engine: &Engine, over: bool) -> Job {
        let job = self.begin(engine, over).await.unwrap();
        engine.wait_job(job.id).await.unwrap()
    }

    /// A few batches of each entity.
    pub fn batch(&self) -> u32 {
        self.records / 5 + 1
    }

    /// Does the work on a copy with nothing in its way.
    pub async fn untroubled(&self, work: Work) -> Known {
        let mut known = Known { after: vec![], points: vec![], times: vec![] };
        for edit in 0..if work == Work::Change { EDITS } else { 1 } {
            let copy = self.terminal.copy();
            let engine = Engine::open(&copy.location).await.unwrap();
            let location = engine.info().unwrap().location;
            faults::arm(&location, None);
            let began = Instant::now();
            match work {
                Work::Change => change(&engine, &self.ids, edit).await.unwrap(),
                _ => {
                    let job = self.run(&engine, work == Work::Materialize).await;
                    assert_eq!(job.status, JobStatus::Done, "{:?}", job.error);
                }
            }
            known.times.push(began.elapsed());
            known.points.extend((1..=faults::passed(&location).len() as u32).map(|n| (edit, n)));
            known.after.push(Look::at(&engine, &copy.location).await);
            engine.close().await;
            forget(&copy);
        }
        known
    }
}

/// A file's folder goes by itself, a database does not.
pub fn forget(copy: &Terminal) {
    if stoneware_engine::engine::is_url(&copy.location) {
        cluster::cluster().unwrap().drop_database(&copy.location);
    }
}

/// What the work comes to by itself; of a change, each of the edits.
pub struct Known {
    pub after: Vec<Look>,
    /// Edit, and number of a point to die at.
    points: Vec<(usize, u32)>,
    times: Vec<Duration>,
}

/// One blow.
#[derive(Debug, Clone)]
pub struct Case {
    pub work: Work,
    pub blow: Blow,
    pub n: u32,
    /// Which of the edits.
    pub edit: usize,
    /// To die at.
    pub point: u32,
    /// To strike at.
    pub moment: Duration,
    /// The same as a part of the whole.
    pub part: f64,
    /// What happened, as far as it is known.
    pub told: String,
}

impl Known {
    pub fn cases(&self, blow: Blow, moments: u32) -> u32 {
        // Every point, in a run that takes its time.
        if blow == Blow::Crash && moments >= 20 { self.points.len() as u32 } else { moments.max(1) }
    }

    pub fn case(&self, work: Work, blow: Blow, n: u32, moments: u32, random: &mut fastrand::Rng) -> Case {
        let cases = self.cases(blow, moments);
        let at = if cases as usize == self.points.len() { n as usize } else { random.usize(..self.points.len()) };
        let (edit, point) = match blow {
            Blow::Crash => self.points[at],
            _ => (n as usize % self.after.len(), 0),
        };
        // One in each stretch of the time it takes.
        let part = (f64::from(n) + random.f64()) / f64::from(cases);
        Case { work, blow, n, edit, point, moment: self.times[edit].mul_f64(part), part, told: String::new() }
    }
}

pub const EDITS: usize = 6;

/// One edit of a dedicated entity with records.
pub async fn change(engine: &Engine, ids: &[EntityId], edit: usize) -> Result<()> {
    let person = ids[0];
    let schema = engine.schema().await?;
    let id = |name: &str| schema.entity(person).unwrap().fields.iter().find(|f| f.name == name).unwrap().id;
    match edit {
        0 => engine.update_field(person, id("code"), field("code:string:unique")).await.map(drop),
        1 => engine.update_field(person, id("born"), field("born:date")).await.map(drop),
        2 => engine.update_field(person, id("nick"), field("nick:string:required")).await.map(drop),
        3 => engine.add_relationship(relationship(person, "origin", ids[2], RelationshipType::ManyToOne)).await.map(drop),
        4 => engine.add_field(person, field("extra:string:default=none")).await.map(drop),
        _ => engine.drop_field(person, id("score")).await,
    }
}

/// The same on the command line.
pub fn words(edit: usize) -> &'static [&'static str] {
    match edit {
        0 => &["field", "change", "Person", "code", "string:unique"],
        1 => &["field", "change", "Person", "born", "date"],
        2 => &["field", "change", "Person", "nick", "string:required"],
        3 => &["relationship", "add", "Person", "origin", "Place", "--type", "many_to_one"],
        4 => &["field", "add", "Person", "extra:string:default=none"],
        _ => &["field", "drop", "Person", "score"],
    }
}
