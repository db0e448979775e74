//! Several at once: clients write at random while one of them changes where the records lie. What they were told was done is what is there,
//! and the change events, one after the other, lead there.
//!
//! Some seconds by default; `STONEWARE_CLIENTS_SECONDS=120` for the full run.

use serde_json::{Value, json};
use std::{
    collections::{BTreeMap, HashMap, HashSet},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};
use stoneware_engine::{
    Engine, Error, ErrorCode,
    model::{EntityId, ListRequest, RecordId, ReferentialAction},
};
use stoneware_tests::{
    Workspace,
    build::{entity, many_to_one},
    data, databases, dematerialize, materialize, outside, setting,
};

const CLIENTS: u64 = 8;

fn seconds() -> u64 {
    setting("STONEWARE_CLIENTS_SECONDS", 5).into()
}

/// A write that was accepted: what the record then was, or that it is gone.
#[derive(Debug, Clone)]
struct Accepted {
    record: RecordId,
    version: u32,
    after: Option<Value>,
}

/// Numbers that look like chance and are the same each time.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % sides
    }
}

/// Refusals that are nobody's fault where many write at random.
fn expected(error: &Error) -> bool {
    use ErrorCode::{DanglingReference, Restricted, StaleVersion, UniqueViolation, UnknownRecord};
    matches!(error.code, DanglingReference | Restricted | StaleVersion | UniqueViolation | UnknownRecord)
}

struct Client {
    engine: Engine,
    people: EntityId,
    teams: EntityId,
    dice: Dice,
    accepted: Vec<Accepted>,
    refused: u32,
}

impl Client {
    async fn any(&mut self, entity: EntityId) -> Option<(RecordId, u32)> {
        let offset = u32::try_from(self.dice.roll(40)).unwrap();
        let request = ListRequest { limit: Some(1), offset: Some(offset), ..ListRequest::default() };
        let page = self.engine.list_records(entity, request).await.unwrap();
        page.records.first().map(|record| (record.id, record.version))
    }

    async fn step(&mut self) -> Result<(), Error> {
        let engine = self.engine.clone();
        let (people, teams) = (self.people, self.teams);
        let name = format!("name {}", self.dice.roll(60));
        let written = match self.dice.roll(10) {
            0 => Some(engine.insert_record(teams, data(json!({ "name": name }))).await?),
            1..=4 => {
                let team = self.any(teams).await.map(|(id, _)| id);
                Some(engine.insert_record(people, data(json!({ "name": name, "size": 1, "team": team }))).await?)
            }
            5..=7 => {
                let Some((id, version)) = self.any(people).await else { return Ok(()) };
                let patch = data(json!({ "name": name, "size": self.dice.roll(1000) }));
                let written = engine.update_record(people, id, patch, Some(version)).await?;
                // What changes nothing is no write: it makes no version and no event.
                (written.version > version).then_some(written)
            }
            kind => {
                let entity = if kind == 8 { people } else { teams };
                let Some((id, version)) = self.any(entity).await else { return Ok(()) };
                engine.delete_records(entity, vec![id]).await?;
                self.accepted.push(Accepted { record: id, version, after: None });
                None
            }
        };
        if let Some(record) = written {
            let after = Some(Value::Object(record.data));
            self.accepted.push(Accepted { record: record.id, version: record.version, after });
        }
        Ok(())
    }

    async fn run(mut self, until: Arc<AtomicBool>) -> Self {
        while !until.load(Ordering::Relaxed) {
            match self.step().await {
                Ok(()) => {}
                Err(error) if expected(&error) => self.refused += 1,
                Err(error) => panic!("a writer failed: {error:?}"),
            }
        }
        self
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_many_write_at_random_is_what_is_there() {
    for database in databases() {
        eprintln!("on {database:?}");
        let w = Workspace::on(database).await;
        let teams = entity(&w.engine, "Team", &["name:string"]).await;
        let people = entity(&w.engine, "Person", &["name:string:unique", "size:integer:indexed"]).await;
        many_to_one(&w.engine, people, "team", teams, ReferentialAction::Restrict).await;

        let stop = Arc::new(AtomicBool::new(false));
        let mut tasks = vec![];
        for seed in 1..=CLIENTS {
            let engine = Engine::open(&w.location).await.unwrap();
            let dice = Dice(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15));
            let client = Client { engine, people, teams, dice, accepted: vec![], refused: 0 };
            tasks.push(tokio::spawn(client.run(stop.clone())));
        }
        // Meanwhile the records move there and back, one entity, the other, both.
        let until = Instant::now() + Duration::from_secs(seconds());
        let mut moves = 0;
        while Instant::now() < until {
            for entities in [vec![people], vec![teams], vec![people, teams]] {
                materialize(&w.engine, entities.clone()).await;
                dematerialize(&w.engine, entities).await;
                moves += 2;
            }
        }
        // The end is seen in a table of its own as well as in the shared one.
        materialize(&w.engine, vec![people]).await;
        stop.store(true, Ordering::Relaxed);
        let mut accepted = vec![];
        let mut refused = 0;
        for task in tasks {
            let client = task.await.unwrap();
            refused += client.refused;
            accepted.extend(client.accepted);
            client.engine.close().await;
        }
        eprintln!("{} writes accepted and {refused} refused by {CLIENTS} clients, {moves} moves", accepted.len());
        assert!(accepted.len() > 50, "they did write");
        compare(&w, people, teams, &accepted).await;
        w.engine.close().await;
    }
}

async fn compare(w: &Workspace, people: EntityId, teams: EntityId, accepted: &[Accepted]) {
    // No two writes of one record were given the same version, and none was left out.
    let mut versions: HashMap<RecordId, Vec<u32>> = HashMap::new();
    let mut last: BTreeMap<RecordId, &Accepted> = BTreeMap::new();
    let deleted: HashSet<RecordId> = accepted.iter().filter(|a| a.after.is_none()).map(|a| a.record).collect();
    for write in accepted.iter().filter(|a| a.after.is_some()) {
        versions.entry(write.record).or_default().push(write.version);
        let newest = last.entry(write.record).or_insert(write);
        if write.version > newest.version {
            *newest = write;
        }
    }
    for (record, mut versions) in versions {
        versions.sort_unstable();
        let expected: Vec<u32> = (1..=u32::try_from(versions.len()).unwrap()).collect();
        assert_eq!(versions, expected, "{record}");
    }
    let expected: BTreeMap<RecordId, &Value> =
        last.iter().filter(|(id, _)| !deleted.contains(id)).map(|(id, write)| (*id, write.after.as_ref().unwrap())).collect();

    // What is there is what was accepted last.
    let mut there: BTreeMap<RecordId, Value> = BTreeMap::new();
    let mut names = HashSet::new();
    for entity in [people, teams] {
        let mut out = vec![];
        w.engine.export_ndjson(entity, &mut out).await.unwrap();
        for line in String::from_utf8(out).unwrap().lines() {
            let mut record: Value = serde_json::from_str(line).unwrap();
            if entity == people {
                assert!(record["data"]["name"].is_null() || names.insert(record["data"]["name"].clone()), "unique: {record}");
            }
            there.insert(record["id"].as_str().unwrap().parse().unwrap(), record["data"].take());
        }
    }
    assert_eq!(there.keys().collect::<Vec<_>>(), expected.keys().collect::<Vec<_>>());
    for (id, data) in &there {
        assert_eq!(data, expected[id], "{id}");
        if let Some(team) = data["team_id"].as_str() {
            assert!(there.contains_key(&team.parse().unwrap()), "{id} refers to a team that is gone");
        }
    }

    // The events lead there, each from what the one before it left.
    let mut replayed: HashMap<String, Value> = HashMap::new();
    let events = outside::events(&w.location).await;
    assert_eq!(events.len(), accepted.len(), "one for each accepted write");
    for event in events {
        let before = replayed.remove(&event.record);
        assert_eq!(before.is_some(), event.op != "c", "{event:?}");
        if let Some(Value::Object(changed)) = event.after {
            // An update's event says what it has changed.
            let mut after = before.unwrap_or_else(|| json!({}));
            after.as_object_mut().unwrap().extend(changed);
            replayed.insert(event.record, after);
        }
    }
    assert_eq!(replayed.len(), there.len());
    for (id, data) in &there {
        let replayed = &replayed[&id.to_string()];
        for (field, value) in data.as_object().unwrap().iter().filter(|(_, value)| !value.is_null()) {
            assert!(replayed.as_object().unwrap().values().any(|v| v == value), "{id}.{field} is {value}, but {replayed}");
        }
    }
}
