//! Every command's JSON shape.

use serde_json::{Value, json};
use stoneware_tests::cli::Terminal;

/// `value` has every one of `keys` (null counts as there).
#[track_caller]
fn has(value: &Value, keys: &[&str]) {
    let object = value.as_object().unwrap_or_else(|| panic!("{value} is no object"));
    for key in keys {
        assert!(object.contains_key(*key), "{key} is missing in {value}");
    }
}

fn id(record: &Value) -> String {
    record["id"].as_str().unwrap().to_owned()
}

/// Artists, albums and tags, with two artists and an album.
fn shop() -> (Terminal, String, String) {
    let t = Terminal::new();
    t.json(&["entity", "create", "Artist", "--field", "name:string:required,unique", "--field", "born:date"]);
    t.json(&[
        "entity",
        "create",
        "Album",
        "--field",
        "title:string:required",
        "--field",
        "price:currency:precision=10,scale=2,default=9.90",
    ]);
    t.json(&["entity", "create", "Tag", "--field", "word:string:unique"]);
    t.json(&["relationship", "add", "Album", "artist", "Artist", "--type", "many_to_one", "--on-delete", "cascade", "--inverse", "albums"]);
    t.json(&["relationship", "add", "Album", "tags", "Tag", "--type", "many_to_many", "--inverse", "albums"]);
    let artist = id(&t.json(&["record", "insert", "Artist", r#"{"name":"Ada"}"#]));
    let album = id(&t.json(&["record", "insert", "Album", &json!({"title": "One", "artist_id": artist}).to_string()]));
    (t, artist, album)
}

#[test]
fn plans_of_edits() {
    let (t, artist, _) = shop();
    let before = t.json(&["changelog"]);
    for edit in [
        vec!["field", "add", "Artist", "rank:integer:default=1"],
        vec!["field", "rename", "Artist", "born", "birthday"],
        vec!["field", "change", "Artist", "name", "integer:required,unique"],
        vec!["field", "drop", "Artist", "name"],
        vec!["relationship", "add", "Album", "producer", "Artist", "--type", "many_to_one"],
        vec!["relationship", "drop", "Album", "artist"],
        vec!["entity", "set-keys", "Album", "--key", "title,artist"],
    ] {
        let plan = t.json(&[&edit[..], &["--plan"]].concat());
        has(&plan, &["statements", "records", "links", "problems", "problem_count", "by_hand", "estimate_s", "locks", "missing_rights"]);
        assert!(!plan["statements"].as_array().unwrap().is_empty(), "{edit:?}: {plan}");
        has(&plan["locks"][0], &["stage", "lock", "on", "seconds", "waits"]);
    }
    assert_eq!(t.json(&["changelog"]), before, "nothing was done");
    let plan = t.json(&["field", "change", "Artist", "name", "integer:required,unique", "--plan"]);
    assert_eq!(plan["problem_count"], 1);
    has(&plan["problems"][0], &["entity", "record", "field", "value", "reason", "kind", "settles"]);
    assert_eq!((&plan["problems"][0]["record"], &plan["problems"][0]["value"]), (&json!(artist), &json!("Ada")));
}

#[test]
fn entities() {
    let t = Terminal::new();
    assert_eq!(t.json(&["entity", "list"]), json!([]));
    let made = t.json(&[
        "entity",
        "create",
        "Order Details",
        "--field",
        "total:decimal:required,indexed,default=1.50",
        "--label",
        "Details",
        "--application",
        "Sales",
    ]);
    has(&made, &["id", "name", "fields", "relationships"]);
    let list = t.json(&["entity", "list"]);
    has(&list[0], &["id", "name", "label", "storage_mode", "table", "records", "fields", "application"]);
    assert_eq!((&list[0]["name"], &list[0]["storage_mode"]), (&json!("Order Details"), &json!("shared")));
    assert_eq!((&list[0]["records"], &list[0]["fields"], &list[0]["application"]), (&json!(0), &json!(1), &json!("Sales")));

    let shown = t.json(&["entity", "show", "Order Details"]);
    has(&shown["fields"][0], &["name", "type", "required", "unique", "indexed", "default"]);
    let field = &shown["fields"][0];
    assert_eq!((&field["name"], &field["type"], &field["default"]), (&json!("total"), &json!("decimal"), &json!("1.50")));
    assert_eq!((&field["required"], &field["unique"], &field["indexed"]), (&json!(true), &json!(false), &json!(true)));

    assert_eq!(t.json(&["entity", "rename", "Order Details", "Line"])["name"], "Line");
    assert_eq!(t.refused(&["entity", "show", "Order Details"]), "unknown_entity");
    assert_eq!(t.json(&["entity", "show", "Line"])["id"], made["id"]);
    assert_eq!(t.refused(&["entity", "create", "Line"]), "name_taken");
    assert_eq!(t.refused(&["entity", "create", "line"]), "name_taken");
    assert_eq!(t.refused(&["entity", "create", "  "]), "invalid_name");
    assert_eq!(t.refused(&["entity", "rename", "Nobody", "X"]), "unknown_entity");

    t.json(&["record", "insert", "Line", "{}"]);
    let plan = t.json(&["entity", "drop", "Line", "--plan"]);
    assert_eq!(plan["deletes"][0]["count"], 1);
    assert_eq!(t.json(&["entity", "list"])[0]["name"], "Line", "a plan does nothing");
    t.json(&["entity", "drop", "Line"]);
    assert_eq!(t.json(&["entity", "list"]), json!([]));
    assert_eq!(t.refused(&["entity", "drop", "Line"]), "unknown_entity");
}

#[test]
fn fields() {
    let t = Terminal::new();
    t.json(&["entity", "create", "A", "--field", "name:string"]);
    let field = t.json(&["field", "add", "A", "age:integer:required,default=1"]);
    has(&field, &["id", "name", "type", "required", "unique", "indexed", "default"]);
    let id = id(&t.json(&["record", "insert", "A", r#"{"name":"x","age":7}"#]));

    assert_eq!(t.json(&["field", "rename", "A", "age", "years"])["name"], "years");
    assert_eq!(t.json(&["record", "get", "A", &id])["data"]["years"], 7);
    let changed = t.json(&["field", "change", "A", "years", "years:decimal"]);
    assert_eq!((&changed["type"], &changed["required"]), (&json!("decimal"), &json!(false)));
    assert_eq!(t.json(&["record", "get", "A", &id])["data"]["years"], "7");
    assert_eq!(t.json(&["field", "change", "A", "years", "integer:indexed"])["indexed"], true, "the name may be left out");
    assert_eq!(t.json(&["record", "get", "A", &id])["data"]["years"], 7);

    assert_eq!(t.refused(&["field", "add", "A", "NAME:string"]), "name_taken");
    assert_eq!(t.refused(&["field", "add", "B", "x:string"]), "unknown_entity");
    assert_eq!(t.refused(&["field", "rename", "A", "nosuch", "x"]), "unknown_field");
    assert_eq!(t.refused(&["field", "drop", "A", "nosuch"]), "unknown_field");
    t.json(&["field", "drop", "A", "years"]);
    assert_eq!(t.json(&["record", "get", "A", &id])["data"], json!({"name": "x"}));
}

#[test]
fn relationships() {
    let (t, artist, _) = shop();
    let list = t.json(&["relationship", "list"]);
    assert_eq!(list.as_array().unwrap().len(), 2);
    for relationship in list.as_array().unwrap() {
        has(relationship, &["name", "type", "source", "target", "field", "on_delete", "on_update", "required", "links"]);
    }
    let artist_of = list.as_array().unwrap().iter().find(|r| r["name"] == "artist").unwrap();
    assert_eq!(
        (&artist_of["type"], &artist_of["source"], &artist_of["target"], &artist_of["field"], &artist_of["on_delete"]),
        (&json!("many_to_one"), &json!("Album"), &json!("Artist"), &json!("artist_id"), &json!("cascade"))
    );
    assert_eq!(t.json(&["relationship", "list", "Artist"]).as_array().unwrap().len(), 1);
    let shown = t.json(&["entity", "show", "Album"]);
    has(&shown["relationships"][0], &["name", "type", "source", "target", "on_delete", "required"]);

    let add = |args: &[&str]| t.refused(&[&["relationship", "add"], args].concat());
    assert_eq!(add(&["Album", "artist", "Tag", "--type", "many_to_one"]), "name_taken");
    assert_eq!(add(&["Album", "x", "Nobody", "--type", "many_to_one"]), "unknown_entity");
    assert_eq!(t.refused(&["relationship", "drop", "Album", "nosuch"]), "unknown_relationship");
    t.json(&["relationship", "drop", "Album", "artist"]);
    assert_eq!(t.json(&["record", "get", "Artist", &artist])["data"]["name"], "Ada", "records stay");
    assert_eq!(t.json(&["relationship", "list"]).as_array().unwrap().len(), 1);
}

#[test]
fn records() {
    let (t, artist, album) = shop();
    let record = t.json(&["record", "get", "Album", &album]);
    has(&record, &["id", "version", "primary_value", "data"]);
    assert_eq!((&record["version"], &record["primary_value"]), (&json!(1), &json!("One")));
    assert_eq!(record["data"], json!({"title": "One", "price": "9.90", "artist_id": artist}));

    let changed = t.json(&["record", "update", "Album", &album, r#"{"title":"Two"}"#, "--version", "1"]);
    assert_eq!((&changed["version"], &changed["data"]["title"]), (&json!(2), &json!("Two")));
    assert_eq!(t.refused(&["record", "update", "Album", &album, r#"{"title":"X"}"#, "--version", "1"]), "stale_version");
    assert_eq!(t.refused(&["record", "update", "Album", &album, r#"{"nosuch":1}"#]), "unknown_field");
    assert_eq!(t.refused(&["record", "insert", "Album", r#"{"title":7}"#]), "type_mismatch");
    assert_eq!(t.refused(&["record", "insert", "Album", "{}"]), "required_missing");
    assert_eq!(t.refused(&["record", "insert", "Artist", r#"{"name":"Ada"}"#]), "unique_violation");
    assert_eq!(
        t.refused(&["record", "insert", "Album", r#"{"title":"X","artist_id":"0192f0c1-7d2e-7abc-8def-0123456789ab"}"#]),
        "dangling_reference"
    );
    assert_eq!(t.refused(&["record", "insert", "Album", "not json"]), "invalid_input");
    assert_eq!(t.refused(&["record", "insert", "Album", "[1]"]), "invalid_input");
    assert_eq!(t.refused(&["record", "insert", "Album", r#"{"title":{"n":123456789012345678901}}"#]), "invalid_input", "no digit is lost");
    assert_eq!(t.refused(&["record", "insert", "Album", r#"{"title":"\ud800"}"#]), "invalid_input");
    assert_eq!(t.refused(&["record", "insert", "Album", "@/no/such/file"]), "io");
    assert_eq!(t.refused(&["record", "get", "Album", &artist]), "unknown_record");

    let file = t.file("record.json", r#"{"title": "From a file"}"#);
    let from_file = t.json(&["record", "insert", "Album", &format!("@{}", file.display())]);
    assert_eq!(from_file["data"]["title"], "From a file");
    let from_input = t.with_input(&["record", "insert", "Album", "-"], r#"{"title": "From input"}"#).json();
    assert_eq!(from_input["data"]["title"], "From input");

    let plan = t.json(&["record", "delete", "Artist", &artist, "--plan"]);
    has(&plan, &["deletes", "unlinks", "links", "blocked_by"]);
    assert_eq!(t.json(&["record", "get", "Artist", &artist])["id"], json!(artist), "a plan does nothing");
    t.json(&["record", "delete", "Artist", &artist]);
    assert_eq!(t.refused(&["record", "get", "Album", &album]), "unknown_record");
}

#[test]
fn record_lists() {
    let (t, artist, album) = shop();
    for title in ["b", "a", "c"] {
        t.json(&["record", "insert", "Album", &json!({"title": title}).to_string()]);
    }
    let tag = id(&t.json(&["record", "insert", "Tag", r#"{"word":"new"}"#]));
    t.json(&["link", "add", "Album", &album, "tags", &tag]);

    let titles = |page: &Value| -> Vec<String> {
        page["records"].as_array().unwrap().iter().map(|r| r["data"]["title"].as_str().unwrap().to_owned()).collect()
    };
    let all = t.json(&["record", "list", "Album"]);
    assert_eq!((titles(&all), &all["next"]), (vec!["One".into(), "b".into(), "a".into(), "c".into()], &Value::Null));
    has(&all["records"][0], &["id", "version", "primary_value", "data", "links"]);
    assert_eq!(titles(&t.json(&["record", "list", "Album", "--sort", "title:desc"])), ["c", "b", "a", "One"]);
    assert_eq!(titles(&t.json(&["record", "list", "Album", "--where", "title in ('a', 'b')", "--sort", "title"])), ["a", "b"]);
    assert_eq!(titles(&t.json(&["record", "list", "Album", "--search", "ON"])), ["One"]);

    let first = t.json(&["record", "list", "Album", "--sort", "title", "--limit", "3"]);
    let cursor = first["next"].as_str().expect("there is more");
    let rest = t.json(&["record", "list", "Album", "--sort", "title", "--limit", "3", "--after", cursor]);
    assert_eq!(
        (titles(&first), titles(&rest), &rest["next"]),
        (vec!["One".into(), "a".into(), "b".into()], vec!["c".into()], &Value::Null)
    );

    let included = t.json(&["record", "list", "Album", "--include", "artist,tags", "--limit", "1"]);
    let links = &included["records"][0]["links"];
    assert_eq!((&links["artist"][0]["id"], &links["artist"][0]["primary_value"]), (&json!(artist), &json!("Ada")));
    assert_eq!((&links["tags"][0]["id"], &links["tags"][0]["primary_value"]), (&json!(tag), &json!("new")));
    let inverse = t.json(&["record", "list", "Artist", "--include", "albums"]);
    assert_eq!(inverse["records"][0]["links"]["albums"][0]["id"], json!(album));

    assert_eq!(t.refused(&["record", "list", "Album", "--sort", "nosuch"]), "unknown_field");
    assert_eq!(t.refused(&["record", "list", "Album", "--where", "nosuch = 1"]), "unknown_field");
    assert_eq!(t.refused(&["record", "list", "Album", "--where", "title = "]), "invalid_input");
    assert_eq!(t.refused(&["record", "list", "Album", "--include", "nosuch"]), "unknown_relationship");
    assert_eq!(t.refused(&["record", "list", "Album", "--after", "nonsense"]), "invalid_input");
}

#[test]
fn links() {
    let (t, _, album) = shop();
    let tags: Vec<String> =
        ["x", "y"].iter().map(|word| id(&t.json(&["record", "insert", "Tag", &json!({"word": word}).to_string()]))).collect();
    let added = t.json(&["link", "add", "Album", &album, "tags", &tags[0], &tags[1], "--metadata", r#"{"by":"hand"}"#]);
    assert_eq!(added.as_array().unwrap().len(), 2);
    has(&added[0], &["id", "source", "target", "metadata"]);
    let list = t.json(&["link", "list", "Album", &album, "tags"]);
    assert_eq!(list[0]["metadata"], json!({"by": "hand"}));
    let from_there = t.json(&["link", "list", "Tag", &tags[0], "albums"]);
    assert_eq!(from_there[0]["record"], json!(album), "the inverse name works from the other end");
    assert_eq!(t.json(&["link", "remove", "Tag", &tags[0], "albums", &album]), json!({"removed": 1}));
    assert_eq!(t.json(&["link", "list", "Album", &album, "tags"]).as_array().unwrap().len(), 1);
    let counted = t.json(&["relationship", "list"]);
    assert_eq!(counted.as_array().unwrap().iter().find(|r| r["name"] == "tags").unwrap()["links"], 1);

    assert_eq!(t.refused(&["link", "add", "Album", &album, "nosuch", &tags[0]]), "unknown_relationship");
    assert_eq!(t.refused(&["link", "add", "Album", &album, "tags", &album]), "dangling_reference");
    assert_eq!(t.refused(&["link", "add", "Album", &album, "tags", &tags[0], "--metadata", "{"]), "invalid_input");
}

#[test]
fn materialize_and_back() {
    let (t, _, album) = shop();
    let plan = t.json(&["materialize", "Album", "Artist", "--plan"]);
    has(&plan, &["statements", "records", "problems", "problem_count", "by_hand", "order", "estimate_s", "fields", "locks", "disk"]);
    has(
        &plan["fields"][0],
        &["entity", "field", "type", "records", "nulls", "distinct", "distinct_exact", "problems", "longest", "proposal"],
    );
    has(&plan["locks"][0], &["phase", "lock", "on", "seconds", "repeated", "waits"]);
    has(&plan["disk"], &["table_bytes", "index_bytes", "peak_bytes", "freed_bytes"]);
    assert_eq!(t.run(&["materialize", "Album", "--problems"]).stdout, "", "nothing is in the way");
    assert_eq!((&plan["records"], &plan["problem_count"]), (&json!(2), &json!(0)));
    assert!(plan["statements"].as_array().unwrap().iter().any(|s| s.as_str().unwrap().to_uppercase().contains("CREATE TABLE")));
    assert_eq!(t.json(&["entity", "show", "Album"])["storage_mode"], "shared", "a plan does nothing");

    let before = t.run(&["record", "export", "Album"]).stdout;
    let lines = t.lines(&["materialize", "Album", "Artist"]);
    let (done, progress): (Vec<_>, Vec<_>) = lines.iter().partition(|l| l["event"] == "done");
    assert!(!progress.is_empty(), "there is progress to see");
    for line in progress {
        assert_eq!(line["event"], "progress");
        has(line, &["entity", "phase", "done", "total", "rate", "eta_s", "captured", "waiting"]);
    }
    assert_eq!(done.len(), 2, "one report for each entity");
    has(done[0], &["entity", "table", "records", "kept_aside", "seconds", "job", "timings"]);
    assert_eq!(lines.last().unwrap()["event"], "done", "the last line is the report");
    let shown = t.json(&["entity", "list"]);
    assert_eq!(shown.as_array().unwrap().iter().find(|e| e["name"] == "Album").unwrap()["storage_mode"], "dedicated");
    assert_eq!(t.run(&["record", "export", "Album"]).stdout, before);

    let job = done[0]["job"].as_str().unwrap();
    let jobs = t.json(&["job", "list"]);
    has(&jobs[0], &["id", "kind", "entities", "status", "phase", "done", "total"]);
    assert_eq!((&jobs[0]["id"], &jobs[0]["kind"], &jobs[0]["status"]), (&json!(job), &json!("materialize"), &json!("done")));
    assert_eq!(t.json(&["job", "show", job])["id"], json!(job));
    assert_eq!(t.refused(&["job", "show", "0192f0c1-7d2e-7abc-8def-0123456789ab"]), "unknown_job");
    assert_eq!(t.refused(&["job", "resume", job]), "invalid_input");
    assert_eq!(t.refused(&["job", "rollback", job]), "invalid_input");
    assert_eq!(t.refused(&["job", "cancel", job]), "invalid_input");
    assert_eq!(t.refused(&["materialize", "Nobody"]), "unknown_entity");

    t.lines(&["dematerialize", "Album", "Artist"]);
    assert_eq!(t.json(&["entity", "show", "Album"])["storage_mode"], "shared");
    assert_eq!(t.json(&["record", "get", "Album", &album])["data"]["title"], "One");
    assert_eq!(t.run(&["record", "export", "Album"]).stdout, before);
}

#[test]
fn an_application_or_all_as_one_job() {
    let t = Terminal::new();
    for (name, application) in [("Order", "Sales"), ("Line", "Sales"), ("Customer", "Sales"), ("Product", "Stock")] {
        t.json(&["entity", "create", name, "--application", application, "--field", "name:string"]);
    }
    t.json(&["entity", "create", "Note", "--field", "name:string"]);
    t.lines(&["materialize", "Customer"]);

    let plan = t.json(&["materialize", "--application", "sales", "--plan"]);
    assert_eq!(plan["order"].as_array().unwrap().len(), 2, "without regard to case, and only what is still shared: {plan}");
    assert_eq!(t.run(&["materialize", "--application", "Sales", "--problems"]).stdout, "", "nothing is in the way");
    let job = one_job(&t, &["materialize", "--application", "Sales"], &["Line", "Order"]);
    assert_eq!(t.json(&["job", "list"]).as_array().unwrap().len(), 2, "one job for both: {job}");
    one_job(&t, &["materialize", "--all"], &["Note", "Product"]);
    for args in [&["materialize", "--application", "Sales"][..], &["materialize", "--all"]] {
        let ran = t.run(args);
        assert!(ran.stderr.contains("has no shared entity"), "{}", ran.stderr);
        assert_eq!(ran.error(1), "invalid_input");
    }

    one_job(&t, &["dematerialize", "--application", "Sales"], &["Customer", "Line", "Order"]);
    assert_eq!(t.refused(&["dematerialize", "--application", "Sales"]), "invalid_input");
    one_job(&t, &["dematerialize", "--all"], &["Note", "Product"]);

    let ran = t.run(&["materialize", "--application", "Nobody's"]);
    assert!(ran.stderr.contains("There are: Sales, Stock."), "{}", ran.stderr);
    assert_eq!(ran.error(1), "invalid_input");
}

/// Runs it, and returns the one job that did it all.
#[track_caller]
fn one_job(t: &Terminal, args: &[&str], entities: &[&str]) -> Value {
    let lines = t.lines(args);
    let done: Vec<&Value> = lines.iter().filter(|l| l["event"] == "done").collect();
    let mut names: Vec<&str> = done.iter().map(|l| l["entity"].as_str().unwrap()).collect();
    names.sort_unstable();
    assert_eq!(names, entities, "{args:?}");
    let job = done[0]["job"].clone();
    assert!(done.iter().all(|l| l["job"] == job), "{args:?}: {done:?}");
    job
}

#[test]
fn history() {
    let t = Terminal::new();
    assert_eq!(t.json(&["changelog"]), json!([]));
    assert_eq!(t.refused(&["undo"]), "nothing_to_undo");
    assert_eq!(t.refused(&["redo"]), "nothing_to_redo");
    t.json(&["entity", "create", "A"]);
    t.json(&["entity", "create", "B"]);
    t.json(&["field", "add", "A", "x:string"]);
    let log = t.json(&["changelog"]);
    has(&log[0], &["id", "version", "kind", "description", "entities", "at", "undone"]);
    assert_eq!(log.as_array().unwrap().len(), 3);
    assert_eq!(t.json(&["changelog", "B"]).as_array().unwrap().len(), 1);
    assert_eq!(t.refused(&["changelog", "Nobody"]), "unknown_entity");

    let undone = t.json(&["undo"]);
    has(&undone, &["id", "version", "kind", "description"]);
    assert_eq!(t.json(&["entity", "show", "A"])["fields"], json!([]));
    t.json(&["redo"]);
    assert_eq!(t.json(&["entity", "show", "A"])["fields"][0]["name"], "x");
    assert_eq!(t.refused(&["redo"]), "nothing_to_redo");
}

#[test]
fn the_sample_has_every_kind_of_thing() {
    let t = Terminal::bare();
    let made = t.json(&["sample"]);
    has(&made, &["location", "created", "entities", "records"]);
    let entities = t.json(&["entity", "list"]);
    assert!(entities.as_array().unwrap().len() >= 10);
    assert!(made["records"].as_u64().unwrap() >= 10_000);
    let relationships = t.json(&["relationship", "list"]);
    for kind in ["many_to_one", "one_to_one", "many_to_many"] {
        assert!(relationships.as_array().unwrap().iter().any(|r| r["type"] == kind), "the sample has no {kind}");
    }
    assert_eq!(t.refused(&["sample"]), "invalid_input", "a workspace with something in it is left alone");
}
