use crate::{cases, window::nobody};
use serde_json::json;
use std::fs;
use stoneware_tests::cluster::cluster;

cases! {
    import_file {
        succeeds |w| {
            let path = w.open().write("Contact.csv", "name,age\nAda,36\nGrace,85\n");
            let report = w.ok("import_file", json!({ "path": path, "format": null, "entity": null, "schemaOnly": false }));
            assert_eq!(report["records"], 2);
            assert_eq!(w.ok("overview", json!({}))[0]["name"], "Contact", "the file gives the entity its name");
        };
        refused "invalid_input" |w| {
            let path = w.open().write("letter.docx", "");
            w.call("import_file", json!({ "path": path, "format": null, "entity": null, "schemaOnly": false }))
        };
    }
    import_database {
        succeeds |w| {
            let Some(server) = cluster() else { return w.skipped("import_database") };
            let database = server.database(None);
            server.psql(&database, "CREATE SCHEMA shop; CREATE TABLE shop.item (id int PRIMARY KEY, name text); INSERT INTO shop.item VALUES (1, 'a'), (2, 'b'); CREATE TABLE other (id int);");
            let address = server.url(database.rsplit('/').next().expect("a name"));
            let parsed = w.ok("parse_connection", json!({ "address": address }));
            let info = w.ok("test_connection", json!({ "connection": parsed["connection"], "password": parsed["password"] }));
            assert_eq!(info["schemas"], json!(["public", "shop"]), "what there is to choose among");
            let arguments = json!({ "connection": parsed["connection"], "password": parsed["password"], "schemas": ["shop"], "schemaOnly": false });
            let report = w.open().ok("import_database", arguments);
            assert_eq!((&report["entities"], &report["records"]), (&json!(["item"]), &json!(2)));
            w.ok("undo", json!({}));
            let report = w.ok("import_file", json!({ "path": address, "format": null, "entity": null, "schemaOnly": true }));
            assert_eq!((&report["entities"], &report["records"]), (&json!(["item", "other"]), &json!(0)), "a pasted address will do");
            let recents = fs::read_to_string(w.path("config/recent.json")).expect("the list is written");
            let said = format!("{recents}{report}{}", w.ok("changelog", json!({ "entity": null })));
            assert!(!said.contains("p%40ss") && !said.contains("p@ss"), "the password is nowhere: {said}");
            let refusal = w.call("import_file", json!({ "path": "postgres://u:hunter2@h:99999/d", "format": null, "entity": null, "schemaOnly": false }));
            assert!(!refusal.expect_err("no such port").to_string().contains("hunter2"));
        };
        refused "connection_failed" |w| {
            let nowhere = json!({ "host": "127.0.0.1", "port": 1, "database": "d", "user": "u" });
            w.open().call("import_database", json!({ "connection": nowhere, "password": "hunter2", "schemas": [], "schemaOnly": false }))
        };
    }
    cancel_import {
        succeeds |w| {
            let lines: String = (0..200_000).map(|n| format!("{{\"name\":\"Number {n}\"}}\n")).collect();
            let path = w.open().write("many.ndjson", &lines);
            std::thread::scope(|scope| {
                let arguments = json!({ "path": path, "format": null, "entity": null, "schemaOnly": false });
                let importing = scope.spawn(|| w.call("import_file", arguments));
                while w.call("cancel_import", json!({})).is_err() && !importing.is_finished() {
                    std::thread::yield_now();
                }
                let refusal = importing.join().expect("the import's thread").expect_err("the import was cancelled");
                assert_eq!(refusal["code"], "cancelled");
            });
        };
        refused "invalid_input" |w| w.open().call("cancel_import", json!({}));
    }
    export_records {
        succeeds |w| {
            let id = w.open().entity("Contact", json!([{ "name": "points", "type": "integer" }]));
            w.record(&id, json!({ "points": "9007199254740993" }));
            let path = w.path("contacts.ndjson");
            assert_eq!(w.ok("export_records", json!({ "entity": id, "format": "ndjson", "path": path })), 1);
            let text = fs::read_to_string(&path).expect("the file was written");
            assert!(text.contains("\"points\":9007199254740993"), "a file holds plain JSON: {text}");
        };
        refused "unknown_entity" |w| {
            let path = w.open().path("none.ndjson");
            let answer = w.call("export_records", json!({ "entity": nobody(), "format": "ndjson", "path": path }));
            assert!(!path.exists(), "a refused export leaves no file");
            answer
        };
    }
}
