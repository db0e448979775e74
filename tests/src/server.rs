//! Brings the tests' Postgres server up for whoever is not a Rust test: says how to reach it on a line of JSON, and keeps it until its
//! standard input ends.

use std::io::{Read, Write};
use stoneware_tests::cluster;

fn main() {
    let Some(server) = cluster::cluster() else { std::process::exit(1) };
    let line = serde_json::json!({
        "host": "127.0.0.1",
        "port": server.port,
        "user": "stoneware",
        "password": cluster::PASSWORD,
        "ca_file": server.folder.join("authority.crt"),
    });
    println!("{line}");
    // Whoever started this may be gone already: then it ends at once.
    let _ = std::io::stdout().flush();
    let _ = std::io::stdin().read_to_end(&mut Vec::new());
}
