//! Brings a Postgres server up for whoever is not a Rust test: says how to reach it on a line of JSON, and keeps it until its standard
//! input ends. The server is the one all tests share; with `--private` it is one of its own, which the lines `stop` (at once, as if its
//! power had gone) and `start` turn off and on, each answered by `done`.

use std::io::{BufRead, Write};
use stoneware_tests::cluster::{self, Cluster};

fn main() {
    if std::env::args().nth(1).as_deref() == Some("--private") {
        let Some(server) = cluster::private() else { std::process::exit(1) };
        serve(&server, true);
    } else {
        let Some(server) = cluster::cluster() else { std::process::exit(1) };
        serve(server, false);
    }
}

fn serve(server: &Cluster, private: bool) {
    let line = serde_json::json!({
        "host": "127.0.0.1",
        "port": server.port,
        "user": "stoneware",
        "password": cluster::PASSWORD,
        "ca_file": server.folder.join("authority.crt"),
    });
    say(&line.to_string());
    for line in std::io::stdin().lock().lines().map_while(Result::ok) {
        match line.as_str() {
            "stop" if private => server.stop_immediately(),
            "start" if private => server.start_again(),
            _ => continue,
        }
        say("done");
    }
}

/// Whoever started this may be gone already: then its input has ended too.
fn say(line: &str) {
    let mut out = std::io::stdout().lock();
    let _ = writeln!(out, "{line}").and_then(|()| out.flush());
}
