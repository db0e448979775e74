//! Conformance scripts: one corpus of cases, run on every backend and in every storage arrangement, whose answers must be
//! the same everywhere.
//!
//! A case starts with `# title`; each line is a step and what it must answer:
//!
//! ```text
//! entity NAME FIELD_SPEC…
//! relationship SOURCE NAME TARGET KIND [ON_DELETE] [required]
//! insert LABEL ENTITY {…}              => {…}     the answer's data holds at least this
//! update LABEL [v=N] {…}               => code    or the code of a refusal
//! delete LABEL…                        => ok
//! get LABEL                            => {…}
//! primary LABEL                        => text
//! version LABEL                        => 3
//! list ENTITY [sort=FIELD[:desc],…] [search=TEXT] [where=EXPR]   => a b c     labels, in order
//! link LABEL RELATIONSHIP LABEL…       => ok
//! unlink LABEL RELATIONSHIP LABEL…     => 1
//! links LABEL RELATIONSHIP             => a b
//! impact LABEL…                        => deletes Order 2; unlinks Tag 1; links Tag 3; blocked Order.customer 1
//! undo | redo                          => ok
//! ```
//!
//! A step without `=>` has to succeed. `"@a"` inside JSON is the id of the record labelled `a`. `%{10000:b}` is a text of 10,000 characters that
//! nothing can compress, always the same one for `b`; `%{10000x:b}` has hexadecimal digits only. Lines with `//` are comments.

use serde_json::{Map, Value};
use std::collections::BTreeMap;
use stoneware_cli::spec;
use stoneware_engine::{
    Error,
    model::{EntityId, EntitySpec, Impact, ListRequest, Record, RecordId, RelationshipSpec, SortKey},
};

use crate::{Database, Workspace, databases, dematerialize, materialize};

/// Where the rows of a case lie while it runs.
#[derive(Clone, Copy)]
pub struct Arrangement {
    pub name: &'static str,
    pub database: Database,
    pub when: When,
    /// Which entities are dedicated, by order of making.
    pub which: fn(usize) -> bool,
}

#[derive(Clone, Copy, PartialEq)]
pub enum When {
    /// Before the first record is written.
    First,
    /// When the records are in, before the first step that reads or changes them.
    Filled,
    /// As `Filled`, and then back again.
    Back,
}

pub const ARRANGEMENTS: [Arrangement; 7] = [
    Arrangement { name: "shared", database: Database::Sqlite, when: When::First, which: |_| false },
    Arrangement { name: "dedicated", database: Database::Sqlite, when: When::First, which: |_| true },
    Arrangement { name: "first, third, … dedicated", database: Database::Sqlite, when: When::First, which: |i| i % 2 == 0 },
    Arrangement { name: "second, fourth, … dedicated", database: Database::Sqlite, when: When::First, which: |i| i % 2 == 1 },
    Arrangement { name: "materialized when filled", database: Database::Sqlite, when: When::Filled, which: |_| true },
    Arrangement { name: "half materialized when filled", database: Database::Sqlite, when: When::Filled, which: |i| i % 2 == 1 },
    Arrangement { name: "materialized and back", database: Database::Sqlite, when: When::Back, which: |_| true },
];

pub struct Case<'a> {
    pub title: &'a str,
    steps: Vec<&'a str>,
}

pub fn cases(text: &str) -> Vec<Case<'_>> {
    let mut cases: Vec<Case> = Vec::new();
    for line in text.lines().map(str::trim).filter(|l| !l.is_empty() && !l.starts_with("//")) {
        match line.strip_prefix("# ") {
            Some(title) => cases.push(Case { title, steps: vec![] }),
            None => cases.last_mut().expect("a case starts with its title").steps.push(line),
        }
    }
    cases
}

/// Runs a case in every arrangement. The problems found: steps that did not answer as they must, or not as elsewhere.
pub async fn check(case: &Case<'_>) -> Vec<String> {
    let mut problems = Vec::new();
    let mut first: Option<Vec<String>> = None;
    let arrangements = databases().into_iter().flat_map(|database| ARRANGEMENTS.map(|arrangement| Arrangement { database, ..arrangement }));
    for arrangement in arrangements {
        let place = format!("{:?}, {}", arrangement.database, arrangement.name);
        let mut run = Run::new(arrangement).await;
        let mut answers = Vec::new();
        for step in &case.steps {
            let (order, expected) = step.split_once("=>").map_or((*step, "ok"), |(o, e)| (o.trim(), e.trim()));
            let answer = run.step(&filled(order)).await;
            if !answer.meets(&filled(expected), &run) {
                problems.push(format!(
                    "{} [{}]\n  {order}\n  must answer {expected}\n  answered    {}",
                    case.title,
                    place,
                    shortened(&answer.full)
                ));
            }
            answers.push(answer.full);
        }
        match &first {
            None => first = Some(answers),
            Some(first) => {
                for ((step, here), there) in case.steps.iter().zip(&answers).zip(first) {
                    if here != there {
                        problems.push(format!(
                            "{} [{}]\n  {step}\n  answered        {}\n  but in shared   {}",
                            case.title,
                            place,
                            shortened(here),
                            shortened(there)
                        ));
                    }
                }
            }
        }
    }
    problems
}

/// The step with its long texts written out.
fn filled(order: &str) -> String {
    let Some((before, rest)) = order.split_once("%{") else { return order.to_owned() };
    let (asked, after) = rest.split_once('}').expect("a long text ends with a brace");
    let (length, seed) = asked.split_once(':').expect("a long text has a length and a name");
    let (length, letters) = match length.strip_suffix('x') {
        Some(length) => (length, "0123456789abcdef"),
        None => (length, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"),
    };
    format!("{before}{}{}", random(length.parse().unwrap(), letters, seed), filled(after))
}

fn shortened(answer: &str) -> String {
    answer.chars().take(2000).collect()
}

/// The same for each name.
pub fn random(length: usize, letters: &str, name: &str) -> String {
    let letters: Vec<char> = letters.chars().collect();
    let mut rng = fastrand::Rng::with_seed(name.bytes().fold(7, |n, byte| n * 31 + u64::from(byte)));
    (0..length).map(|_| letters[rng.usize(..letters.len())]).collect()
}

/// What a step answered.
struct Answer {
    /// `ok`, an error's code, a text.
    short: String,
    /// Everything that must be the same everywhere.
    full: String,
    data: Option<Value>,
}

impl Answer {
    fn text(text: impl Into<String>) -> Self {
        let short = text.into();
        Self { full: short.clone(), short, data: None }
    }

    fn meets(&self, expected: &str, run: &Run) -> bool {
        if expected == "ok" {
            // A text is a success too; an error always starts with this mark.
            return !self.short.starts_with('!');
        }
        if !expected.starts_with('{') {
            return self.short.trim_start_matches('!') == expected;
        }
        let expected = run.json(expected);
        let Some(data) = &self.data else { return false };
        expected.as_object().unwrap().iter().all(|(key, value)| data.get(key) == Some(value))
    }
}

struct Run {
    workspace: Workspace,
    arrangement: Arrangement,
    arranged: bool,
    entities: Vec<EntityId>,
    records: BTreeMap<String, (EntityId, RecordId)>,
}

type Answered = Result<Answer, Error>;

impl Run {
    async fn new(arrangement: Arrangement) -> Self {
        Self {
            workspace: Workspace::on(arrangement.database).await,
            arrangement,
            arranged: false,
            entities: vec![],
            records: BTreeMap::new(),
        }
    }

    /// JSON with the labels in it replaced by ids.
    fn json(&self, text: &str) -> Value {
        fn resolve(value: &mut Value, records: &BTreeMap<String, (EntityId, RecordId)>) {
            match value {
                Value::String(text) => {
                    if let Some((_, id)) = text.strip_prefix('@').and_then(|label| records.get(label)) {
                        *text = id.to_string();
                    }
                }
                Value::Array(items) => items.iter_mut().for_each(|item| resolve(item, records)),
                Value::Object(map) => map.values_mut().for_each(|item| resolve(item, records)),
                _ => {}
            }
        }
        let mut value = serde_json::from_str(text).unwrap_or_else(|e| panic!("{e}: {text}"));
        resolve(&mut value, &self.records);
        value
    }

    /// Text with the ids in it replaced by labels.
    fn labelled(&self, mut text: String) -> String {
        for (label, (_, id)) in &self.records {
            text = text.replace(&id.to_string(), &format!("@{label}"));
        }
        text
    }

    fn label(&self, id: RecordId) -> String {
        self.records.iter().find(|(_, (_, r))| *r == id).map_or_else(|| id.to_string(), |(label, _)| label.clone())
    }

    fn record(&self, label: &str) -> (EntityId, RecordId) {
        // A record that was refused has no id: any id will do, there is no record of it.
        *self.records.get(label).unwrap_or_else(|| panic!("no record is labelled {label}"))
    }

    fn labels(&self, words: &[&str]) -> Vec<RecordId> {
        words.iter().map(|label| self.record(label).1).collect()
    }

    async fn arrange(&mut self, word: &str) {
        let filling = matches!(word, "entity" | "relationship" | "insert" | "link");
        let due = match self.arrangement.when {
            When::First => !matches!(word, "entity" | "relationship"),
            When::Filled | When::Back => !filling,
        };
        if self.arranged || !due {
            return;
        }
        self.arranged = true;
        let which = self.arrangement.which;
        let chosen: Vec<EntityId> = self.entities.iter().enumerate().filter(|(i, _)| which(*i)).map(|(_, id)| *id).collect();
        if chosen.is_empty() {
            return;
        }
        materialize(&self.workspace.engine, chosen.clone()).await;
        if self.arrangement.when == When::Back {
            dematerialize(&self.workspace.engine, chosen).await;
        }
    }

    async fn step(&mut self, order: &str) -> Answer {
        let (head, json) = order.find('{').map_or((order, ""), |at| order.split_at(at));
        let words: Vec<&str> = head.split_whitespace().collect();
        self.arrange(words[0]).await;
        let answered = match words[0] {
            "entity" => self.entity(words[1], &order.split_whitespace().skip(2).collect::<Vec<_>>()).await,
            "relationship" => self.relationship(&words[1..]).await,
            "insert" => self.insert(words[1], words[2], json).await,
            "update" => self.update(words[1], words.get(2), json).await,
            "delete" => self.delete(&words[1..]).await,
            "get" | "primary" | "version" => self.get(words[0], words[1]).await,
            "list" => self.list(order).await,
            "link" | "unlink" => self.link(words[0] == "link", &words[1..]).await,
            "links" => self.links(words[1], words[2]).await,
            "impact" => self.impact(&words[1..]).await,
            "undo" => self.workspace.engine.undo().await.map(|_| Answer::text("ok")),
            "redo" => self.workspace.engine.redo().await.map(|_| Answer::text("ok")),
            other => panic!("{other} is no step"),
        };
        answered.unwrap_or_else(|error| {
            let code = serde_json::to_value(error.code).unwrap();
            Answer::text(format!("!{}", code.as_str().unwrap()))
        })
    }

    async fn entity(&mut self, name: &str, fields: &[&str]) -> Answered {
        let fields = fields.iter().map(|text| spec::parse(text).unwrap()).collect();
        let spec = EntitySpec { name: name.to_owned(), ..EntitySpec::default() };
        let entity = self.workspace.engine.create_entity(spec, fields, None).await?;
        self.entities.push(entity.id);
        Ok(Answer::text("ok"))
    }

    async fn relationship(&mut self, words: &[&str]) -> Answered {
        let [source, name, target, kind, rest @ ..] = words else { panic!("{words:?} is no relationship") };
        let word = |text: &str| Value::String(text.to_owned());
        let action = rest.iter().find(|w| **w != "required");
        let spec = RelationshipSpec {
            name: (*name).to_owned(),
            kind: serde_json::from_value(word(kind)).unwrap(),
            source: self.workspace.id(source).await,
            target: self.workspace.id(target).await,
            inverse_name: None,
            description: None,
            field: None,
            required: rest.contains(&"required"),
            on_delete: action.map(|w| serde_json::from_value(word(w)).unwrap()),
            on_update: None,
        };
        self.workspace.engine.add_relationship(spec).await?;
        Ok(Answer::text("ok"))
    }

    fn shown(&self, record: &Record) -> Answer {
        let all = serde_json::json!({
            "version": record.version, "primary": record.primary_value, "data": record.data, "problems": record.problems,
        });
        Answer { short: "ok".to_owned(), full: self.labelled(all.to_string()), data: Some(Value::Object(record.data.clone())) }
    }

    fn data(&self, json: &str) -> Map<String, Value> {
        self.json(json).as_object().unwrap().clone()
    }

    async fn insert(&mut self, label: &str, entity: &str, json: &str) -> Answered {
        let entity = self.workspace.id(entity).await;
        let record = self.workspace.engine.insert_record(entity, self.data(json)).await?;
        self.records.insert(label.to_owned(), (entity, record.id));
        Ok(self.shown(&record))
    }

    async fn update(&mut self, label: &str, version: Option<&&str>, json: &str) -> Answered {
        let (entity, id) = self.record(label);
        let version = version.map(|word| word.strip_prefix("v=").unwrap().parse().unwrap());
        let record = self.workspace.engine.update_record(entity, id, self.data(json), version).await?;
        Ok(self.shown(&record))
    }

    async fn delete(&mut self, labels: &[&str]) -> Answered {
        let entity = self.record(labels[0]).0;
        let impact = self.workspace.engine.delete_records(entity, self.labels(labels)).await?;
        Ok(Answer { short: "ok".to_owned(), full: impact_text(&impact), data: None })
    }

    async fn get(&mut self, what: &str, label: &str) -> Answered {
        let (entity, id) = self.record(label);
        let record = self.workspace.engine.record(entity, id).await?;
        Ok(match what {
            "primary" => Answer::text(record.primary_value.unwrap_or_else(|| "null".to_owned())),
            "version" => Answer::text(record.version.to_string()),
            _ => self.shown(&record),
        })
    }

    async fn list(&mut self, order: &str) -> Answered {
        let (head, filter) = order.split_once(" where=").map_or((order, None), |(h, f)| (h, Some(f.to_owned())));
        let mut words = head.split_whitespace().skip(1);
        let entity = self.workspace.id(words.next().unwrap()).await;
        let mut request = ListRequest { filter, ..ListRequest::default() };
        for word in words {
            match word.split_once('=').unwrap() {
                ("search", text) => request.search = Some(text.to_owned()),
                (_, keys) => {
                    let key = |part: &str| match part.strip_suffix(":desc") {
                        Some(field) => SortKey { field: field.to_owned(), descending: true },
                        None => SortKey { field: part.to_owned(), descending: false },
                    };
                    request.sort = keys.split(',').map(key).collect();
                }
            }
        }
        let page = self.workspace.engine.list_records(entity, request).await?;
        let labels: Vec<String> = page.records.iter().map(|r| self.label(r.id)).collect();
        Ok(Answer::text(if labels.is_empty() { "none".to_owned() } else { labels.join(" ") }))
    }

    async fn link(&mut self, add: bool, words: &[&str]) -> Answered {
        let (entity, id) = self.record(words[0]);
        let schema = self.workspace.engine.schema().await?;
        let relationship = schema.relationship_named(schema.entity(entity)?, words[1])?.id;
        let others = self.labels(&words[2..]);
        if add {
            self.workspace.engine.add_links(relationship, entity, id, others, None).await?;
            return Ok(Answer::text("ok"));
        }
        let removed = self.workspace.engine.remove_links(relationship, entity, id, others).await?;
        Ok(Answer::text(removed.to_string()))
    }

    async fn links(&mut self, label: &str, relationship: &str) -> Answered {
        let (entity, id) = self.record(label);
        let schema = self.workspace.engine.schema().await?;
        let relationship = schema.relationship_named(schema.entity(entity)?, relationship)?.id;
        let links = self.workspace.engine.links(relationship, id).await?;
        let mut labels: Vec<String> = links.iter().map(|l| self.label(if l.source == id { l.target } else { l.source })).collect();
        labels.sort();
        Ok(Answer::text(if labels.is_empty() { "none".to_owned() } else { labels.join(" ") }))
    }

    async fn impact(&mut self, labels: &[&str]) -> Answered {
        let entity = self.record(labels[0]).0;
        let impact = self.workspace.engine.delete_impact(entity, self.labels(labels)).await?;
        Ok(Answer::text(impact_text(&impact)))
    }
}

fn impact_text(impact: &Impact) -> String {
    let mut parts = Vec::new();
    for (word, counts) in [("deletes", &impact.deletes), ("unlinks", &impact.unlinks), ("links", &impact.links)] {
        let mut counts: Vec<String> = counts.iter().filter(|c| c.count > 0).map(|c| format!("{} {}", c.name, c.count)).collect();
        counts.sort();
        if !counts.is_empty() {
            parts.push(format!("{word} {}", counts.join(", ")));
        }
    }
    let mut blocked: Vec<String> =
        impact.blocked_by.iter().map(|b| format!("blocked {}.{} {}", b.entity, b.relationship, b.count)).collect();
    blocked.sort();
    parts.extend(blocked);
    parts.join("; ")
}
