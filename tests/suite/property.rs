//! Random sequences of operations on workspaces in each database: one always shared, one whose entities move in and out of tables of
//! their own between the operations. All must answer the same, and hold the same in the end.

use proptest::prelude::*;
use serde_json::{Value, json};
use stoneware_engine::{
    Engine, Error,
    model::{AttachmentId, EntityId, FieldSpec, Record, RecordId, ReferentialAction, RelationshipId},
};
use stoneware_tests::{
    Database, Workspace,
    build::{entity, field, many_to_many, many_to_one},
    data, databases, dematerialize, materialize,
};

const ENTITIES: usize = 3;

#[derive(Debug, Clone)]
enum Op {
    Insert {
        entity: usize,
        values: Values,
    },
    Update {
        record: usize,
        values: Values,
        stale: bool,
    },
    Delete {
        records: Vec<usize>,
    },
    Link {
        record: usize,
        other: usize,
    },
    Unlink {
        record: usize,
        other: usize,
    },
    Flags {
        entity: usize,
        required: bool,
        unique: bool,
        indexed: bool,
    },
    /// In the second workspace only: into a table of its own, or back.
    Move {
        entity: usize,
    },
}

/// Values of few kinds, so that they meet.
#[derive(Debug, Clone)]
struct Values {
    s: Option<Option<u8>>,
    n: Option<Value>,
    /// The record referred to, by order of making.
    up: Option<Option<usize>>,
}

fn values() -> impl Strategy<Value = Values> {
    let n = prop_oneof![
        4 => (0..4_i64).prop_map(|n| json!(n)),
        1 => Just(json!(null)),
        1 => Just(json!("not a number")),
        1 => Just(json!(i64::MAX)),
    ];
    (proptest::option::of(proptest::option::of(0..5_u8)), proptest::option::of(n), proptest::option::of(proptest::option::of(0..20_usize)))
        .prop_map(|(s, n, up)| Values { s, n, up })
}

fn op() -> impl Strategy<Value = Op> {
    let any = 0..20_usize;
    prop_oneof![
        8 => (0..ENTITIES, values()).prop_map(|(entity, values)| Op::Insert { entity, values }),
        4 => (any.clone(), values(), proptest::bool::weighted(0.1)).prop_map(|(record, values, stale)| Op::Update { record, values, stale }),
        3 => proptest::collection::vec(any.clone(), 1..3).prop_map(|records| Op::Delete { records }),
        2 => (any.clone(), any.clone()).prop_map(|(record, other)| Op::Link { record, other }),
        1 => (any.clone(), any.clone()).prop_map(|(record, other)| Op::Unlink { record, other }),
        1 => (0..ENTITIES, any_flags()).prop_map(|(entity, [required, unique, indexed])| Op::Flags { entity, required, unique, indexed }),
        3 => (0..ENTITIES).prop_map(|entity| Op::Move { entity }),
    ]
}

fn any_flags() -> impl Strategy<Value = [bool; 3]> {
    proptest::array::uniform3(proptest::bool::weighted(0.3))
}

fn action() -> impl Strategy<Value = ReferentialAction> {
    prop_oneof![
        Just(ReferentialAction::Cascade),
        Just(ReferentialAction::SetNull),
        Just(ReferentialAction::Restrict),
        Just(ReferentialAction::NoAction)
    ]
}

/// One of the two workspaces. Records are told apart by their order of making, the same in both.
struct World {
    workspace: Workspace,
    entities: Vec<EntityId>,
    fields: Vec<AttachmentId>,
    links: RelationshipId,
    records: Vec<(usize, RecordId)>,
    moves: bool,
}

impl World {
    async fn new(database: Database, actions: &[ReferentialAction], moves: bool) -> Self {
        let workspace = Workspace::on(database).await;
        let engine = &workspace.engine;
        let mut entities = Vec::new();
        for name in ["A", "B", "C"] {
            entities.push(entity(engine, name, &["s:string", "n:integer"]).await);
        }
        // A refers to B, B to C, and C to itself.
        for (i, action) in actions.iter().enumerate() {
            many_to_one(engine, entities[i], "up", entities[(i + 1).min(2)], *action).await;
        }
        let links = many_to_many(engine, entities[0], "cs", entities[2]).await.id;
        let schema = engine.schema().await.unwrap();
        let fields = entities.iter().map(|id| schema.entity(*id).unwrap().fields[0].id).collect();
        Self { entities, fields, links, records: vec![], moves, workspace }
    }

    fn engine(&self) -> &Engine {
        &self.workspace.engine
    }

    fn record(&self, n: usize) -> Option<(usize, EntityId, RecordId)> {
        let (entity, id) = *self.records.get(n)?;
        Some((entity, self.entities[entity], id))
    }

    fn values(&self, values: &Values) -> Value {
        let mut out = json!({});
        if let Some(s) = &values.s {
            out["s"] = s.map_or(Value::Null, |s| json!(["", "a", "B", "ä", "b"][s as usize]));
        }
        if let Some(n) = &values.n {
            out["n"] = n.clone();
        }
        if let Some(up) = &values.up {
            out["up_id"] =
                up.map_or(Value::Null, |n| self.records.get(n).map_or(json!("0192f0c1-7d2e-7abc-8def-0123456789ab"), |(_, id)| json!(id)));
        }
        out
    }

    /// Ids replaced by the order of making.
    fn plain(&self, mut text: String) -> String {
        for (n, (_, id)) in self.records.iter().enumerate() {
            text = text.replace(&id.to_string(), &format!("#{n}"));
        }
        text
    }

    fn shown(&self, record: &Record) -> String {
        self.plain(json!([record.version, record.primary_value, record.data]).to_string())
    }

    async fn run(&mut self, op: &Op) -> Result<String, Error> {
        match op {
            Op::Insert { entity, values } => {
                let record = self.engine().insert_record(self.entities[*entity], data(self.values(values))).await?;
                self.records.push((*entity, record.id));
                Ok(self.shown(&record))
            }
            Op::Update { record, values, stale } => {
                let Some((_, entity, id)) = self.record(*record) else { return Ok(String::new()) };
                let record = self.engine().update_record(entity, id, data(self.values(values)), stale.then_some(99)).await?;
                Ok(self.shown(&record))
            }
            Op::Delete { records } => {
                let Some((kind, entity, _)) = self.record(records[0]) else { return Ok(String::new()) };
                let ids = records.iter().filter_map(|n| self.record(*n)).filter(|(k, ..)| *k == kind).map(|(.., id)| id).collect();
                let impact = self.engine().delete_records(entity, ids).await?;
                let mut deletes: Vec<_> = impact.deletes.iter().map(|c| (c.name.clone(), c.count)).collect();
                deletes.sort();
                Ok(format!("{deletes:?}"))
            }
            Op::Link { record, other } | Op::Unlink { record, other } => {
                let (Some((0, a, from)), Some((2, _, to))) = (self.record(*record), self.record(*other)) else { return Ok(String::new()) };
                if matches!(op, Op::Link { .. }) {
                    self.engine().add_links(self.links, a, from, vec![to], None).await?;
                    return Ok("linked".to_owned());
                }
                Ok(self.engine().remove_links(self.links, a, from, vec![to]).await?.to_string())
            }
            Op::Flags { entity, required, unique, indexed } => {
                let spec = FieldSpec { required: *required, unique: *unique, indexed: *indexed, ..field("s:string") };
                self.engine().update_field(self.entities[*entity], self.fields[*entity], spec).await?;
                Ok("changed".to_owned())
            }
            Op::Move { entity } => {
                if self.moves {
                    let id = self.entities[*entity];
                    if self.engine().schema().await?.entity(id)?.is_dedicated() {
                        dematerialize(self.engine(), vec![id]).await;
                    } else {
                        materialize(self.engine(), vec![id]).await;
                    }
                }
                Ok(String::new())
            }
        }
    }

    /// Everything there is, in words that are the same in both workspaces.
    async fn everything(&self) -> String {
        let mut all = Vec::new();
        for (name, text) in self.workspace.exports().await {
            all.push(format!("{name}\n{}", self.plain(text)));
        }
        for (n, (entity, id)) in self.records.iter().enumerate() {
            if *entity == 0 && self.engine().record(self.entities[0], *id).await.is_ok() {
                let mut others: Vec<String> =
                    self.engine().links(self.links, *id).await.unwrap().iter().map(|l| self.plain(l.target.to_string())).collect();
                others.sort();
                all.push(format!("#{n} links {others:?}"));
            }
        }
        all.join("\n")
    }
}

async fn compare(actions: Vec<ReferentialAction>, ops: Vec<Op>) -> Result<(), TestCaseError> {
    let mut worlds = vec![];
    for database in databases() {
        worlds.push(World::new(database, &actions, false).await);
        worlds.push(World::new(database, &actions, true).await);
    }
    for (i, op) in ops.iter().enumerate() {
        let mut first = None;
        for (n, world) in worlds.iter_mut().enumerate() {
            let answer = world.run(op).await.unwrap_or_else(|e| format!("refused: {:?}", e.code));
            let first = first.get_or_insert_with(|| answer.clone());
            prop_assert_eq!(&*first, &answer, "operation {}: {:?}, in world {}", i, op, n);
        }
    }
    let first = worlds[0].everything().await;
    for world in &worlds[1..] {
        prop_assert_eq!(&first, &world.everything().await);
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, max_shrink_iters: 60, ..ProptestConfig::default() })]

    #[test]
    fn shared_and_dedicated_answer_the_same(
        actions in proptest::collection::vec(action(), ENTITIES),
        ops in proptest::collection::vec(op(), 10..50),
    ) {
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap().block_on(compare(actions, ops))?;
    }
}
