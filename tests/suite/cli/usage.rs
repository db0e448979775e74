//! Wrong usage, missing workspaces, help.

use stoneware_tests::cli::{Ran, Terminal, stoneware};

#[test]
fn help_and_version_are_answers() {
    for args in [&["--help"][..], &["--version"], &["record", "--help"], &["--json", "materialize", "--help"]] {
        let ran = Ran::of(stoneware().args(args));
        assert_eq!(ran.status, 0, "{args:?}: {}", ran.stderr);
        assert!(ran.stdout.contains("stoneware"), "{args:?}: {}", ran.stdout);
    }
}

#[test]
fn wrong_usage_ends_with_two() {
    let terminal = Terminal::new();
    for args in [
        &["nosuch"][..],
        &["entity"],
        &["entity", "create"],
        &["entity", "create", "A", "--field", "x"],
        &["entity", "create", "A", "--field", "x:nosuch"],
        &["entity", "create", "A", "--field", "x:string:nosuch"],
        &["relationship", "add", "A", "b", "B"],
        &["relationship", "add", "A", "b", "B", "--type", "some_to_some"],
        &["relationship", "add", "A", "b", "B", "--type", "many_to_one", "--on-delete", "explode"],
        &["record", "get", "A", "no-id"],
        &["record", "list", "A", "--limit", "0"],
        &["record", "list", "A", "--limit", "many"],
        &["materialize"],
        &["materialize", "A", "--all"],
        &["materialize", "A", "--application", "Sales"],
        &["materialize", "--all", "--application", "Sales"],
        &["dematerialize"],
        &["dematerialize", "A", "--all"],
        &["materialize", "A", "--on-invalid", "shrug"],
        &["job", "show", "no-id"],
        &["job", "cancel"],
        &["import", "somewhere.xyz"],
    ] {
        assert_eq!(terminal.run(args).error(2), "invalid_input", "{args:?}");
    }
}

#[test]
fn for_people_an_error_is_a_sentence() {
    let terminal = Terminal::new();
    let ran = Ran::of(stoneware().arg("-w").arg(terminal.path()).args(["entity", "show", "Nobody"]));
    assert_eq!((ran.status, ran.stdout.as_str()), (1, ""));
    assert!(ran.stderr.starts_with("error[unknown_entity]: "), "{}", ran.stderr);
}

#[test]
fn no_workspace_named() {
    assert_eq!(Ran::of(stoneware().args(["--json", "entity", "list"])).error(2), "invalid_input");
    let ran = Ran::of(stoneware().args(["--json", "-w", "", "entity", "list"]));
    assert_eq!(ran.error(2), "invalid_input");
}

#[test]
fn the_workspace_may_be_named_by_the_environment() {
    let terminal = Terminal::new();
    let ran = Ran::of(stoneware().env("STONEWARE_WORKSPACE", terminal.path()).args(["--json", "entity", "list"]));
    assert_eq!(ran.json(), serde_json::json!([]));
}

#[test]
fn a_workspace_that_is_not_there_is_not_made() {
    let terminal = Terminal::bare();
    assert_eq!(terminal.refused(&["entity", "list"]), "not_a_workspace");
    assert!(!terminal.path().exists(), "reading makes no file");
}

#[test]
fn init_may_be_said_twice_but_takes_over_no_other_file() {
    let terminal = Terminal::bare();
    assert_eq!(terminal.json(&["init"])["created"], true);
    terminal.json(&["entity", "create", "A"]);
    assert_eq!(terminal.json(&["init"])["created"], false);
    assert_eq!(terminal.json(&["entity", "list"])[0]["name"], "A", "the second init left it as it was");

    let other = Terminal::bare();
    std::fs::write(other.path(), "a shopping list, long enough to be no database at all").unwrap();
    assert_eq!(other.refused(&["init"]), "not_a_workspace");
    assert_eq!(other.refused(&["entity", "list"]), "not_a_workspace");
    assert!(std::fs::read_to_string(other.path()).unwrap().starts_with("a shopping list"), "the file is as it was");
}

#[test]
fn a_server_that_is_not_there_is_told_without_repeating_the_password() {
    // Nobody listens on port 1.
    let ran = Ran::of(stoneware().args(["--json", "-w", "postgres://ada:secret@127.0.0.1:1/db", "entity", "list"]));
    assert!(!ran.stderr.contains("secret"), "{}", ran.stderr);
    assert_eq!(ran.error(1), "connection_failed");
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let terminal = Terminal::new();
    terminal.json(&["entity", "create", "A", "--field", "name:string"]);
    let rows: String = (0..5_000).map(|i| format!("{{\"name\":\"row {i}\"}}\n")).collect();
    let file = terminal.file("a.ndjson", &rows);
    terminal.json(&["import".as_ref(), file.as_os_str(), "--entity".as_ref(), "A".as_ref()]);
    let mut child = terminal
        .command(&["record", "export", "A"])
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!(String::from_utf8(output.stderr).unwrap(), "");
}
