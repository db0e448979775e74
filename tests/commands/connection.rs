use crate::{
    cases,
    window::{Window, assert_refused},
};
use serde_json::{Value, json};
use std::sync::atomic::Ordering;
use stoneware_tests::cluster::{Cluster, cluster};

/// A new schema on the tests' server: how to reach it, and the password.
fn place(w: &Window, server: &Cluster) -> (Value, Value) {
    let schema = w.ok("parse_connection", json!({ "address": server.workspace() }))["connection"]["schema"].clone();
    let mut parsed = w.ok("parse_connection", json!({ "address": server.url("postgres") }));
    parsed["connection"]["schema"] = schema;
    (parsed["connection"].clone(), parsed["password"].clone())
}

fn asked(connection: &Value, password: &Value, create: bool) -> Value {
    json!({ "connection": connection, "password": password, "remember": true, "create": create })
}

/// A place nobody listens at.
fn nowhere() -> Value {
    json!({ "host": "127.0.0.1", "port": 1, "database": "d", "user": "u" })
}

cases! {
    parse_connection {
        succeeds |w| {
            let parsed = w.ok("parse_connection", json!({ "address": "postgres://ann:s%40fe@db.example.org/shop?sslmode=require" }));
            assert_eq!(parsed["password"], "s@fe");
            assert_eq!(parsed["connection"]["host"], "db.example.org");
            assert_eq!(parsed["connection"]["ssl_mode"], "require");
        };
        refused "invalid_input" |w| w.call("parse_connection", json!({ "address": "mysql://ann@db/shop" }));
    }
    test_connection {
        succeeds |w| {
            let Some(server) = cluster() else { return w.skipped("test_connection") };
            let (connection, password) = place(w, server);
            let info = w.ok("test_connection", json!({ "connection": connection, "password": password }));
            assert_eq!((&info["encrypted"], &info["workspace"], &info["may_create"]), (&json!(true), &json!(false), &json!(true)));
        };
        refused "connection_failed" |w| w.call("test_connection", json!({ "connection": nowhere(), "password": null }));
    }
    connect {
        succeeds |w| {
            let Some(server) = cluster() else { return w.skipped("connect") };
            let (connection, password) = place(w, server);
            assert_refused("connect", w.call("connect", asked(&connection, &password, false)), "not_a_workspace");
            let answer = w.ok("connect", asked(&connection, &password, true));
            assert_eq!(answer[0]["kind"], "postgres");
            assert_eq!(answer[1], json!({ "kept": true, "reason": null }));
            let location = answer[0]["location"].as_str().expect("a location").to_owned();
            let secret = password.as_str().expect("a password");
            assert!(!location.contains("p%40ss") && !location.contains(secret), "a location holds no password");
            w.entity("Customer", json!([]));
            w.ok("close_workspace", json!({}));
            let recents = std::fs::read_to_string(w.path("config/recent.json")).expect("the list is written");
            assert!(!recents.contains("p%40ss") && !recents.contains(secret), "nor does the list");
            w.ok("open_workspace", json!({ "location": location }));
            assert_eq!(w.ok("overview", json!({}))[0]["name"], "Customer", "opened again with the password of the keyring");
        };
        refused "connection_failed" |w| w.call("connect", asked(&nowhere(), &json!(null), false));
    }
    kept_password {
        succeeds |w| {
            assert_eq!(w.ok("kept_password", json!({ "connection": nowhere() })), json!({ "kept": false, "reason": null }));
            w.keyring.missing.store(true, Ordering::Relaxed);
            assert!(w.ok("kept_password", json!({ "connection": nowhere() }))["reason"].is_string(), "it says why");
        };
        refused "invalid_input" |w| w.call("kept_password", json!({ "connection": { "host": "" } }));
    }
}

#[test]
fn without_a_keyring_the_password_is_asked_for_each_time() {
    let Some(server) = cluster() else { return };
    let w = Window::new();
    w.keyring.missing.store(true, Ordering::Relaxed);
    let (connection, password) = place(&w, server);
    let answer = w.ok("connect", asked(&connection, &password, true));
    assert_eq!(answer[1]["kept"], false);
    assert!(answer[1]["reason"].is_string(), "it says why: {answer}");
    w.ok("close_workspace", json!({}));
    let refusal = w.call("open_workspace", json!({ "location": answer[0]["location"] })).expect_err("no password is known");
    assert_eq!((&refusal["code"], &refusal["details"]["reason"]), (&json!("connection_failed"), &json!("password_needed")));
}

#[test]
fn each_way_to_fail_is_told_apart() {
    let Some(server) = cluster() else { return };
    let w = Window::new();
    let (connection, password) = place(&w, server);
    let with = |key: &str, value: Value| {
        let mut changed = connection.clone();
        changed[key] = value;
        changed
    };
    let cases = [
        ("refused", with("port", json!(1)), password.clone()),
        ("unknown_host", with("host", json!("nowhere.invalid")), password.clone()),
        ("bad_password", connection.clone(), json!("wrong")),
        ("no_such_database", with("database", json!("nothing")), password.clone()),
        ("certificate", with("ssl_mode", json!("verify-full")), password.clone()),
    ];
    for (reason, connection, password) in cases {
        let refusal = w.call("test_connection", json!({ "connection": connection, "password": password })).expect_err(reason);
        assert_eq!((&refusal["code"], &refusal["details"]["reason"]), (&json!("connection_failed"), &json!(reason)), "{refusal}");
        assert!(!refusal.to_string().contains("p@ss"), "no refusal repeats the password");
    }
    let mut trusted = with("ssl_mode", json!("verify-full"));
    trusted["ca_file"] = json!(server.folder.join("authority.crt"));
    let info = w.ok("test_connection", json!({ "connection": trusted, "password": password }));
    assert_eq!(info["encrypted"], true);
}
