//! Real databases: imported, materialized and brought back through the command line, every record byte for byte the same,
//! and looked at from outside with nothing but SQLite.

use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use stoneware_tests::{
    Database,
    cli::Terminal,
    data::shared,
    databases,
    outside::{anatomy, columns, foreign_keys, number, open, postgres_foreign_keys, quoted, sound, texts, unique_indexes},
};

const CHINOOK: &str = "data/chinook/Chinook_Sqlite.sqlite";
const SAKILA: &str = "data/sakila/sakila.sqlite";

fn imported(file: &std::path::Path) -> (Terminal, Value) {
    let t = Terminal::new();
    let report = t.json(&["import".as_ref(), file.as_os_str()]);
    (t, report)
}

fn rows(list: &Value) -> &Vec<Value> {
    list.as_array().unwrap()
}

fn names(t: &Terminal) -> Vec<String> {
    rows(&t.json(&["entity", "list"])).iter().map(|e| e["name"].as_str().unwrap().to_owned()).collect()
}

fn exports(t: &Terminal) -> BTreeMap<String, String> {
    names(t)
        .into_iter()
        .map(|name| {
            let out = t.run(&["record", "export", &name]);
            assert_eq!(out.status, 0, "{}", out.stderr);
            (name, out.stdout)
        })
        .collect()
}

#[track_caller]
fn same(now: &BTreeMap<String, String>, before: &BTreeMap<String, String>, when: &str) {
    assert_eq!(now.keys().collect::<Vec<_>>(), before.keys().collect::<Vec<_>>(), "{when}");
    for (name, text) in before {
        // The whole text of a big table would drown the one line that differs.
        let difference = now[name].lines().zip(text.lines()).find(|(a, b)| a != b);
        assert!(now[name] == *text, "{name} {when}: {difference:?}");
    }
}

fn modes(t: &Terminal) -> BTreeSet<String> {
    rows(&t.json(&["entity", "list"])).iter().map(|e| e["storage_mode"].as_str().unwrap().to_owned()).collect()
}

fn all(t: &Terminal, verb: &str) {
    let mut args = vec![verb.to_owned()];
    args.extend(names(t));
    let lines = t.lines(&args);
    let done = lines.iter().filter(|l| l["event"] == "done").count();
    assert_eq!(done, args.len() - 1, "one report for each entity");
    let jobs: BTreeSet<&str> = lines.iter().filter_map(|l| l["job"].as_str()).collect();
    assert_eq!(jobs.len(), 1, "all of them in one job");
}

/// Entity name to table name, and the junction tables.
fn tables(t: &Terminal) -> (BTreeMap<String, String>, Vec<String>) {
    let text = |v: &Value| v.as_str().unwrap().to_owned();
    let entities = rows(&t.json(&["entity", "list"])).iter().map(|e| (text(&e["name"]), text(&e["table"]))).collect();
    let relationships = t.json(&["relationship", "list"]);
    let junctions = rows(&relationships).iter().filter(|r| r["type"] == "many_to_many").map(|r| text(&r["storage"])).collect();
    (entities, junctions)
}

#[tokio::test(flavor = "multi_thread")]
async fn chinook() {
    let Some(file) = shared(CHINOOK) else { return };
    let (t, report) = imported(&file);
    assert_eq!((&report["records"], &report["links"]), (&json!(6_892), &json!(8_715)));
    let entities = t.json(&["entity", "list"]);
    assert_eq!(rows(&entities).len(), 10);
    assert_eq!(rows(&entities).iter().map(|e| e["records"].as_u64().unwrap()).sum::<u64>(), 6_892);
    assert_eq!(modes(&t), BTreeSet::from(["shared".to_owned()]));
    let relationships = t.json(&["relationship", "list"]);
    let kind = |kind: &str| rows(&relationships).iter().filter(|r| r["type"] == kind).count();
    assert_eq!((kind("many_to_one"), kind("many_to_many"), rows(&relationships).len()), (9, 1, 10));
    assert_eq!(rows(&relationships).iter().map(|r| r["links"].as_u64().unwrap()).sum::<u64>(), 8_715);

    let before = exports(&t);
    all(&t, "materialize");
    assert_eq!(modes(&t), BTreeSet::from(["dedicated".to_owned()]));
    same(&exports(&t), &before, "while dedicated");
    seen_from_outside(&t).await;
    all(&t, "dematerialize");
    assert_eq!(modes(&t), BTreeSet::from(["shared".to_owned()]));
    same(&exports(&t), &before, "after coming back");
    let mut db = open(&t.path()).await;
    sound(&mut db).await;
    let (entities, junctions) = tables(&t);
    for table in entities.values().chain(&junctions) {
        assert!(columns(&mut db, table).await.is_empty(), "{table} is gone");
    }
}

async fn seen_from_outside(t: &Terminal) {
    let mut db = open(&t.path()).await;
    sound(&mut db).await;
    let (entities, junctions) = tables(t);
    let mut keys = Vec::new();
    for table in entities.values().chain(&junctions) {
        keys.extend(foreign_keys(&mut db, table).await);
    }
    assert_eq!(keys.len(), 11, "{keys:?}");
    let track = &entities["Track"];
    assert_eq!(number(&mut db, format!("SELECT count(*) FROM {}", quoted(track))).await, 3_503);
    assert_eq!(number(&mut db, format!("SELECT count(*) FROM {}", quoted(&junctions[0]))).await, 8_715);
    let typed = columns(&mut db, track).await;
    assert!(typed["Milliseconds"].0.contains("INT"), "{typed:?}");
    assert!(typed["Milliseconds"].1 && typed["Name"].1, "required is NOT NULL: {typed:?}");
    assert!(typed["Name"].0.contains("TEXT") || typed["Name"].0.contains("CHAR"), "{typed:?}");
    assert!(!typed["Composer"].1, "{typed:?}");
    let unique = unique_indexes(&mut db, track).await;
    assert!(unique.contains(&vec!["TrackId".to_owned()]), "the old key stays unique: {unique:?}");
    let kinds = texts(&mut db, format!("SELECT DISTINCT typeof(\"Milliseconds\") FROM {}", quoted(track))).await;
    assert_eq!(kinds, ["integer"], "numbers are numbers to whoever looks");
}

#[tokio::test(flavor = "multi_thread")]
async fn sakila() {
    let Some(file) = shared(SAKILA) else { return };
    let (t, report) = imported(&file);
    let total = report["records"].as_u64().unwrap() + report["links"].as_u64().unwrap();
    assert_eq!(total, 46_273);
    let entities = t.json(&["entity", "list"]);
    assert_eq!(rows(&entities).len(), 16, "film_actor and film_category carry a date, so they are entities");
    let relationships = t.json(&["relationship", "list"]);
    assert_eq!(rows(&relationships).len(), 22);
    let to_rental = rows(&relationships).iter().find(|r| r["target"] == "rental").unwrap();
    assert_eq!((&to_rental["on_delete"], &to_rental["on_update"]), (&json!("set_null"), &json!("cascade")));
    let kinds: BTreeSet<&str> = rows(&report["not_carried"]).iter().map(|n| n["kind"].as_str().unwrap()).collect();
    assert!(kinds.contains("trigger") && kinds.contains("view"), "what cannot be carried is listed: {kinds:?}");

    let (before, parts) = (exports(&t), anatomy(&t.location).await);
    all(&t, "materialize");
    assert_eq!(modes(&t), BTreeSet::from(["dedicated".to_owned()]));
    same(&exports(&t), &before, "while dedicated");
    let mut db = open(&t.path()).await;
    sound(&mut db).await;
    let (entities, _) = tables(&t);
    let mut keys = Vec::new();
    for table in entities.values() {
        keys.extend(foreign_keys(&mut db, table).await);
    }
    assert_eq!(keys.len(), 22, "store and staff refer to each other, and both keys are real");
    assert!(
        unique_indexes(&mut db, &entities["rental"]).await.iter().any(|columns| columns.len() == 3),
        "a unique index over three columns"
    );
    assert!(
        unique_indexes(&mut db, &entities["film_actor"]).await.iter().any(|columns| columns.len() == 2),
        "a composite key stays unique"
    );
    drop(db);
    all(&t, "dematerialize");
    same(&exports(&t), &before, "after coming back");
    assert_eq!(anatomy(&t.location).await, parts, "nothing stray is left");
}

/// The same on Postgres, where the tables refer to each other by real keys too.
#[tokio::test(flavor = "multi_thread")]
async fn chinook_and_sakila_on_postgres() {
    if !databases().contains(&Database::Postgres) {
        return;
    }
    for (file, total) in [(CHINOOK, 6_892 + 8_715), (SAKILA, 46_273)] {
        let Some(file) = shared(file) else { return };
        let t = Terminal::on(Database::Postgres);
        let report = t.json(&["import".as_ref(), file.as_os_str()]);
        assert_eq!(report["records"].as_u64().unwrap() + report["links"].as_u64().unwrap(), total);
        let (before, parts) = (exports(&t), anatomy(&t.location).await);
        let none = postgres_foreign_keys(&t.location).await;
        all(&t, "materialize");
        assert_eq!(modes(&t), BTreeSet::from(["dedicated".to_owned()]));
        same(&exports(&t), &before, "while dedicated");
        let mut keys = postgres_foreign_keys(&t.location).await;
        keys.retain(|key| !none.contains(key));
        assert_eq!(keys, wanted_keys(&t), "each relationship by a key that was held against every row, and none beside them");
        all(&t, "dematerialize");
        same(&exports(&t), &before, "after coming back");
        assert_eq!(anatomy(&t.location).await, parts, "nothing stray is left");
    }
}

/// The foreign keys that the relationships come to, from table to table.
fn wanted_keys(t: &Terminal) -> Vec<(String, String, bool)> {
    let (entities, _) = tables(t);
    let relationships = t.json(&["relationship", "list"]);
    let table = |end: &Value| entities[end.as_str().unwrap()].clone();
    let mut keys = vec![];
    for r in rows(&relationships) {
        if r["type"] == "many_to_many" {
            keys.extend([&r["source"], &r["target"]].map(|end| (r["storage"].as_str().unwrap().to_owned(), table(end), true)));
        } else {
            keys.push((table(&r["source"]), table(&r["target"]), true));
        }
    }
    keys.sort();
    keys
}

#[test]
fn importing_the_schema_alone_brings_no_records() {
    let Some(file) = shared(CHINOOK) else { return };
    let t = Terminal::new();
    let report = t.json(&["import".as_ref(), file.as_os_str(), "--schema-only".as_ref()]);
    assert_eq!((&report["records"], &report["links"]), (&json!(0), &json!(0)));
    assert_eq!(rows(&t.json(&["relationship", "list"])).len(), 10);
}

#[test]
fn importing_straight_into_tables() {
    let Some(file) = shared(CHINOOK) else { return };
    let t = Terminal::new();
    t.json(&["import".as_ref(), file.as_os_str(), "--storage".as_ref(), "dedicated".as_ref()]);
    assert_eq!(modes(&t), BTreeSet::from(["dedicated".to_owned()]));
    let (plain, _) = imported(&file);
    let data = |text: &str| -> BTreeSet<String> {
        text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap()["data"]["Title"].to_string()).collect()
    };
    assert_eq!(data(&exports(&t)["Album"]), data(&exports(&plain)["Album"]));
}
