//! Ctrl-C while records move, or a word from another process: the job stops at a safe point and undoes what it made.

use serde_json::Value;
use std::{
    io::{BufRead, BufReader, Lines, Read},
    process::{Child, ChildStdout, Command, Stdio},
};
use stoneware_tests::cli::Terminal;

/// Twenty thousand people, and what they are as text.
fn people() -> (Terminal, String) {
    let t = Terminal::new();
    let lines: String = (0..20_000).map(|i| format!("{{\"name\":\"name {i}\",\"n\":{i}}}\n")).collect();
    let file = t.file("people.ndjson", &lines);
    t.json(&["import".as_ref(), file.as_os_str(), "--entity".as_ref(), "Person".as_ref()]);
    let before = t.run(&["record", "export", "Person"]).stdout;
    (t, before)
}

/// Begins to materialize them, and returns with the first line of progress.
fn begun(t: &Terminal) -> (Child, Lines<BufReader<ChildStdout>>, Value) {
    let mut child =
        t.command(&["materialize", "Person", "--batch-size", "20"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut progress = BufReader::new(child.stdout.take().unwrap()).lines();
    let first = serde_json::from_str(&progress.next().unwrap().unwrap()).unwrap();
    (child, progress, first)
}

/// The code of the error it ends with.
fn ended(mut child: Child, progress: Lines<BufReader<ChildStdout>>) -> Value {
    progress.for_each(|line| drop(line.unwrap()));
    let mut error = String::new();
    child.stderr.take().unwrap().read_to_string(&mut error).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(1), "{error}");
    let error: Value = serde_json::from_str(&error).unwrap();
    error["error"]["code"].clone()
}

#[test]
fn an_interrupted_materialize_leaves_everything_as_it_was() {
    let (t, before) = people();
    let (child, progress, _) = begun(&t);
    // The polite signal, not the last one.
    assert!(Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap().success());
    assert_eq!(ended(child, progress), "cancelled");

    assert_eq!(t.json(&["entity", "show", "Person"])["storage_mode"], "shared");
    assert!(t.run(&["record", "export", "Person"]).stdout == before, "every record is where it was");
    assert_eq!(t.json(&["job", "list"])[0]["status"], "cancelled");
    t.lines(&["materialize", "Person"]);
    assert!(t.run(&["record", "export", "Person"]).stdout == before);
}

#[test]
fn a_materialize_of_another_process_is_cancelled_and_leaves_everything_as_it_was() {
    let (t, before) = people();
    let (child, progress, first) = begun(&t);
    let id = first["job"].as_str().unwrap();
    let job = t.json(&["job", "cancel", id]);
    assert_eq!((&job["id"], &job["status"]), (&first["job"], &"cancelled".into()), "it is told once it has ended");
    assert_eq!(ended(child, progress), "cancelled");

    assert_eq!(t.json(&["entity", "show", "Person"])["storage_mode"], "shared");
    assert!(t.run(&["record", "export", "Person"]).stdout == before, "every record is where it was");
    assert_eq!(t.refused(&["job", "cancel", id]), "invalid_input", "it has ended");
    t.lines(&["materialize", "Person"]);
}

#[test]
fn a_paused_job_is_cancelled_too() {
    let (t, before) = people();
    let (child, progress, first) = begun(&t);
    let id = first["job"].as_str().unwrap();
    assert_eq!(t.json(&["job", "pause", id])["status"], "paused");
    assert_eq!(ended(child, progress), "cancelled", "whoever followed it is told that it did not finish");
    assert_eq!(t.json(&["job", "cancel", id])["status"], "cancelled");
    assert!(t.run(&["record", "export", "Person"]).stdout == before, "every record is where it was");
    t.lines(&["materialize", "Person"]);
}
