//! A process killed at any instant leaves a workspace that opens, with every record in exactly one place.
//!
//! Twenty thousand records and ten moments in each direction by default; `STONEWARE_KILL_RECORDS=200000` for the full run,
//! `STONEWARE_KILL_MOMENTS` for more or fewer, `STONEWARE_STOP_MOMENTS` for those of a server.

use std::{
    fs::File,
    io::{BufRead, BufReader, BufWriter},
    path::Path,
    process::{Command, Stdio},
    time::{Duration, Instant},
};
use stoneware_tests::{
    Database,
    cli::{self, Ran, Terminal, stoneware},
    cluster::{self, Cluster},
    data::{CONTACT_FIELDS, contacts},
    databases, setting,
};

fn records() -> u32 {
    setting("STONEWARE_KILL_RECORDS", 20_000)
}

/// Moments in each direction.
fn moments() -> u32 {
    setting("STONEWARE_KILL_MOMENTS", 10)
}

fn export(t: &Terminal) -> String {
    let out = t.run(&["record", "export", "Contact"]);
    assert_eq!(out.status, 0, "{}", out.stderr);
    out.stdout
}

#[track_caller]
fn same(now: &str, before: &str, when: &str) {
    let difference = now.lines().zip(before.lines()).find(|(a, b)| a != b);
    assert!(now == before, "{when}: {} lines instead of {}; {difference:?}", now.lines().count(), before.lines().count());
}

/// Runs the command and strikes after `moment`. True: it was still running, and did not end well.
fn struck_after(command: Command, moment: Duration, blow: &Blow) -> bool {
    let struck = cli::struck_after(command, moment, |child| match blow {
        Blow::Client => child.kill().unwrap(),
        Blow::Server(server) => server.stop_immediately(),
    });
    if let Blow::Server(server) = blow
        && !server.is_up()
    {
        server.start_again();
    }
    struck
}

const MISSED: &str = "was done or not begun";

/// Resumes or rolls back whatever the killed process left.
fn mend(t: &Terminal, roll_back: bool) -> &'static str {
    let jobs = t.json(&["job", "list"]);
    let Some(job) = jobs.as_array().unwrap().iter().find(|j| j["status"] == "interrupted") else {
        let open = jobs.as_array().unwrap().iter().find(|j| j["status"] == "running" || j["status"] == "paused");
        assert!(open.is_none(), "its process is gone: {open:?}");
        return MISSED;
    };
    let id = job["id"].as_str().unwrap();
    if roll_back {
        let ran = t.run(&["job", "rollback", id]);
        if ran.status == 0 {
            assert_eq!(t.json(&["job", "show", id])["status"], "rolled_back");
            return "rolled back";
        }
        assert_eq!(ran.error(1), "invalid_input", "once it has cut over it can only be resumed");
    }
    t.lines(&["job", "resume", id]);
    assert_eq!(t.json(&["job", "show", id])["status"], "done");
    "resumed"
}

fn mode(t: &Terminal) -> String {
    t.json(&["entity", "show", "Contact"])["storage_mode"].as_str().unwrap().to_owned()
}

/// What is ended in the middle of the work.
enum Blow {
    /// The program, by SIGKILL.
    Client,
    /// The server, which says good-bye to nobody.
    Server(Cluster),
}

impl Blow {
    /// A server takes its time to come up again: fewer of them unless told.
    fn moments(&self) -> u32 {
        if matches!(self, Self::Server(_)) { setting("STONEWARE_STOP_MOMENTS", 2) } else { moments() }
    }

    fn copy(&self, base: &Terminal) -> Terminal {
        match self {
            Self::Client => base.copy(),
            Self::Server(server) => Terminal { location: server.database(Some(&base.location)), ..Terminal::bare() },
        }
    }
}

/// Strikes at `verb` at moments spread over the time it takes when left alone.
fn spread(base: &Terminal, verb: &str, before: &str, blow: &Blow) {
    let whole = blow.copy(base);
    let start = Instant::now();
    whole.lines(&[verb, "Contact"]);
    let time = start.elapsed();
    let mut ends = Vec::new();
    let moments = blow.moments();
    for moment in 0..moments {
        let mut at = time * (2 * moment + 1) / (2 * moments);
        let mut end = strike(base, verb, before, blow, at, moment % 2 == 0);
        // It was quicker this time: a little earlier, then.
        for _ in 0..5 {
            if end != MISSED {
                break;
            }
            at = at * 4 / 5;
            end = strike(base, verb, before, blow, at, moment % 2 == 0);
        }
        ends.push(end);
    }
    eprintln!("{verb} of {} records took {:.1} s; ends: {ends:?}", records(), time.as_secs_f64());
}

fn strike(base: &Terminal, verb: &str, before: &str, blow: &Blow, at: Duration, roll_back: bool) -> &'static str {
    let t = blow.copy(base);
    let from = mode(&t);
    let struck = struck_after(t.command(&[verb, "Contact"]), at, blow);
    let when = format!("{verb}, after {at:?}, struck {struck}");
    same(&export(&t), before, &format!("{when}, before mending"));
    let end = mend(&t, roll_back);
    same(&export(&t), before, &format!("{when}, {end}"));
    match end {
        "rolled back" => assert_eq!(mode(&t), from, "{when}"),
        "resumed" => assert_ne!(mode(&t), from, "{when}"),
        _ => {}
    }
    // Not only readable: the next materialize and the next write go well too.
    t.json(&["record", "insert", "Contact", r#"{"email":"new@example.com","name":"New"}"#]);
    assert_eq!(t.refused(&["record", "insert", "Contact", r#"{"email":"new@example.com","name":"New"}"#]), "unique_violation");
    let next = if mode(&t) == "shared" { "materialize" } else { "dematerialize" };
    t.lines(&[next, "Contact"]);
    end
}

#[test]
fn killed_at_any_moment() {
    struck_on(Terminal::on(Database::Sqlite), &Blow::Client);
}

#[test]
fn killed_at_any_moment_on_postgres() {
    if databases().contains(&Database::Postgres) {
        struck_on(Terminal::on(Database::Postgres), &Blow::Client);
    }
}

/// `pg_ctl stop -m immediate`, and up again.
#[test]
fn a_server_that_stops_at_any_moment() {
    let Some(server) = cluster::private() else { return };
    let base = Terminal { location: server.database(None), ..Terminal::bare() };
    base.json(&["init"]);
    struck_on(base, &Blow::Server(server));
}

fn struck_on(base: Terminal, blow: &Blow) {
    let mut create = vec!["entity", "create", "Contact"];
    for field in CONTACT_FIELDS {
        create.extend(["--field", field]);
    }
    base.json(&create);
    let file = base.folder.path().join("contacts.ndjson");
    contacts(records(), &mut BufWriter::new(File::create(&file).unwrap())).unwrap();
    import(&base, &file);
    let before = export(&base);
    assert_eq!(before.lines().count(), records() as usize);
    spread(&base, "materialize", &before, blow);
    base.lines(&["materialize", "Contact"]);
    spread(&base, "dematerialize", &before, blow);
}

fn import(t: &Terminal, file: &Path) {
    let args = ["import".as_ref(), file.as_os_str(), "--entity".as_ref(), "Contact".as_ref()];
    assert_eq!(t.json(&args)["records"], records());
}

/// A copy killed in the middle of its work is no workspace to anybody, and the same command goes on with it.
#[test]
fn a_copy_killed_half_way_is_gone_on_with() {
    let base = Terminal::new();
    base.json(&["entity", "create", "Contact", "--field", "email:email:required,unique"]);
    let lines: String = (0..5_000).map(|i| format!("{{\"email\":\"user{i}@example.com\"}}\n")).collect();
    let file = base.file("contacts.ndjson", &lines);
    let args = ["import".as_ref(), file.as_os_str(), "--entity".as_ref(), "Contact".as_ref()];
    base.json(&args);
    let before = export(&base);
    for database in databases() {
        let target = match database {
            Database::Sqlite => Terminal::bare(),
            Database::Postgres => Terminal { location: cluster::cluster().unwrap().database(None), ..Terminal::bare() },
        };
        // There, and from there back into a file.
        let back = Terminal::bare();
        for (from, to) in [(&base, &target), (&target, &back)] {
            let copy = || {
                let mut command = stoneware();
                command.args(["--json", "copy", &from.location, &to.location, "--batch-size", "100"]);
                command
            };
            let mut child = copy().stdout(Stdio::piped()).spawn().unwrap();
            let mut said = BufReader::new(child.stdout.take().unwrap()).lines();
            // In the middle by what it says itself.
            let middle = said.find(|line| {
                let line: serde_json::Value = serde_json::from_str(line.as_ref().unwrap()).unwrap();
                line["phase"] == "copy" && line["done"].as_u64().is_some_and(|done| done > 0)
            });
            child.kill().unwrap();
            assert!(!child.wait().unwrap().success() && middle.is_some());
            assert_eq!(to.run(&["entity", "list"]).error(1), "unfinished_copy");
            let report = Ran::of(&mut copy()).lines().pop().unwrap();
            assert_eq!((&report["resumed"], &report["records"]), (&true.into(), &5_000.into()), "{report}");
            same(&export(to), &before, "copied");
        }
    }
}

/// An import killed half-way has brought in everything or nothing.
#[test]
fn an_import_killed_half_way_leaves_whole_records() {
    let base = Terminal::new();
    base.json(&["entity", "create", "Contact", "--field", "email:email:required,unique"]);
    let lines: String = (0..5_000).map(|i| format!("{{\"email\":\"user{i}@example.com\"}}\n")).collect();
    let file = base.file("contacts.ndjson", &lines);
    let args = ["import".as_ref(), file.as_os_str(), "--entity".as_ref(), "Contact".as_ref()];
    let whole = base.copy();
    let start = Instant::now();
    whole.json(&args);
    let time = start.elapsed();
    for part in 1..4 {
        let t = base.copy();
        struck_after(t.command(&args), time * part / 4, &Blow::Client);
        let count = export(&t).lines().count();
        assert_eq!(t.json(&["entity", "list"])[0]["records"], count);
        assert!(count == 0 || count == 5_000, "{count} records");
    }
}
