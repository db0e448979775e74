//! Files in and out: NDJSON, CSV, and the formats that are not there yet.

use serde_json::json;
use std::path::Path;
use stoneware_tests::{
    cli::Terminal,
    data::{CONTACT_FIELDS, contacts},
};

fn import(t: &Terminal, file: &Path, more: &[&str]) -> stoneware_tests::cli::Ran {
    let mut args = vec!["import".to_owned(), file.display().to_string()];
    args.extend(more.iter().map(|s| (*s).to_owned()));
    t.run(&args)
}

#[test]
fn ndjson_makes_the_entity_it_needs() {
    let t = Terminal::new();
    let file = t.file("people.ndjson", "{\"name\":\"a\",\"age\":1}\n{\"name\":\"b\",\"age\":2,\"note\":\"x\"}\n");
    let report = import(&t, &file, &["--entity", "Person"]).json();
    assert_eq!((&report["records"], &report["entities"]), (&json!(2), &json!(["Person"])));
    let page = t.json(&["record", "list", "Person", "--sort", "age"]);
    assert_eq!(page["records"][1]["data"], json!({"name": "b", "age": 2, "note": "x"}));
}

#[test]
fn csv_makes_the_entity_it_needs() {
    let t = Terminal::new();
    let file = t.file("people.csv", "name,age,note\na,1,\n\"b, c\",2,\"line\none\"\n");
    let report = import(&t, &file, &[]).json();
    assert_eq!((&report["records"], &report["entities"]), (&json!(2), &json!(["people"])));
    let page = t.json(&["record", "list", "people", "--sort", "age"]);
    assert_eq!(page["records"][1]["data"], json!({"name": "b, c", "age": 2, "note": "line\none"}));
    assert_eq!(page["records"][0]["data"]["note"], json!(null));
}

#[test]
fn records_go_into_an_entity_that_is_there() {
    let t = Terminal::new();
    let mut create = vec!["entity", "create", "Contact"];
    for field in CONTACT_FIELDS {
        create.extend(["--field", field]);
    }
    t.json(&create);
    let mut text = Vec::new();
    contacts(500, &mut text).unwrap();
    let file = t.file("contacts.ndjson", std::str::from_utf8(&text).unwrap());
    assert_eq!(import(&t, &file, &["--entity", "Contact"]).json()["records"], 500);
    assert_eq!(t.json(&["entity", "list"])[0]["records"], 500);
    assert_eq!(import(&t, &file, &["--entity", "Contact"]).error(1), "unique_violation", "the same contacts again");
    assert_eq!(t.json(&["entity", "list"])[0]["records"], 500, "a refused import leaves nothing behind");
}

#[test]
fn storage_dedicated_materializes_what_came_in() {
    let t = Terminal::new();
    let file = t.file("people.ndjson", "{\"name\":\"a\"}\n{\"name\":\"b\"}\n");
    let report = import(&t, &file, &["--entity", "Person", "--storage", "dedicated"]).json();
    assert_eq!(report["materialized"][0]["records"], 2);
    assert_eq!(t.json(&["entity", "show", "Person"])["storage_mode"], "dedicated");
}

#[test]
fn exports_are_ordered_and_complete() {
    let t = Terminal::new();
    t.json(&["entity", "create", "A", "--field", "name:string", "--field", "n:integer"]);
    for n in 0..5 {
        t.json(&["record", "insert", "A", &json!({"name": format!("r{n}, \"q\""), "n": n}).to_string()]);
    }
    let lines = t.lines(&["record", "export", "A"]);
    assert_eq!(lines.len(), 5);
    assert_eq!((&lines[3]["data"], &lines[3]["version"]), (&json!({"name": "r3, \"q\"", "n": 3}), &json!(1)));
    let ids: Vec<&str> = lines.iter().map(|l| l["id"].as_str().unwrap()).collect();
    assert!(ids.is_sorted(), "ordered by id");

    let file = t.folder.path().join("out.csv");
    let said = t.json(&["record", "export", "A", "--format", "csv", "-o", file.to_str().unwrap()]);
    assert_eq!(said["records"], 5);
    let csv = std::fs::read_to_string(file).unwrap();
    assert_eq!(csv.lines().count(), 6, "{csv}");
    assert!(csv.lines().next().unwrap().contains("name"), "{csv}");
}

#[test]
fn what_is_not_there_yet_says_so() {
    let t = Terminal::new();
    for name in ["schema.sql", "schema.dbml"] {
        let file = t.file(name, "x");
        assert_eq!(import(&t, &file, &[]).error(1), "unsupported", "{name}");
    }
}

#[test]
fn broken_files_are_refused_and_leave_nothing() {
    let t = Terminal::new();
    assert_eq!(import(&t, Path::new("/no/such/file.csv"), &[]).error(1), "io");
    let file = t.file("bad.ndjson", "{\"a\":1}\n{\"a\":\n");
    assert_eq!(import(&t, &file, &[]).error(1), "invalid_input");
    let file = t.file("list.ndjson", "[1]\n");
    assert_eq!(import(&t, &file, &[]).error(1), "invalid_input");
    let file = t.file("fake.sqlite", "this is no database, whatever its name says; it is long enough to be read");
    let code = import(&t, &file, &[]).error(1);
    assert!(matches!(code.as_str(), "invalid_input" | "corrupt"), "{code}");
    assert_eq!(t.json(&["entity", "list"]), json!([]));
}
