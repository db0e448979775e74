//! Ctrl-C while records move: the job stops at a safe point and undoes what it made.

use std::{
    io::{BufRead, BufReader, Read},
    process::{Command, Stdio},
};
use stoneware_tests::cli::Terminal;

#[test]
fn an_interrupted_materialize_leaves_everything_as_it_was() {
    let t = Terminal::new();
    let lines: String = (0..20_000).map(|i| format!("{{\"name\":\"name {i}\",\"n\":{i}}}\n")).collect();
    let file = t.file("people.ndjson", &lines);
    t.json(&["import".as_ref(), file.as_os_str(), "--entity".as_ref(), "Person".as_ref()]);
    let before = t.run(&["record", "export", "Person"]).stdout;

    let mut child =
        t.command(&["materialize", "Person", "--batch-size", "20"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut progress = BufReader::new(child.stdout.take().unwrap()).lines();
    progress.next().unwrap().unwrap();
    // The polite signal, not the last one.
    assert!(Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap().success());
    progress.for_each(|line| drop(line.unwrap()));
    let mut error = String::new();
    child.stderr.take().unwrap().read_to_string(&mut error).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(1), "{error}");
    let error: serde_json::Value = serde_json::from_str(&error).unwrap();
    assert_eq!(error["error"]["code"], "cancelled");

    assert_eq!(t.json(&["entity", "show", "Person"])["storage_mode"], "shared");
    assert!(t.run(&["record", "export", "Person"]).stdout == before, "every record is where it was");
    assert_eq!(t.json(&["job", "list"])[0]["status"], "cancelled");
    t.lines(&["materialize", "Person"]);
    assert!(t.run(&["record", "export", "Person"]).stdout == before);
}
