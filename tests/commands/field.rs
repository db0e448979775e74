use crate::{cases, window::nobody};
use serde_json::json;

cases! {
    add_field {
        succeeds |w| {
            let id = w.open().entity("Customer", json!([]));
            let field = w.ok("add_field", json!({ "entity": id, "spec": { "name": "email", "type": "email", "unique": true } }));
            assert_eq!((&field["type"], &field["unique"]), (&json!("email"), &json!(true)));
        };
        refused "name_taken" |w| {
            let id = w.open().entity("Customer", json!([{ "name": "email", "type": "email" }]));
            w.call("add_field", json!({ "entity": id, "spec": { "name": "email", "type": "string" } }))
        };
    }
    update_field {
        succeeds |w| {
            let id = w.open().entity("Customer", json!([{ "name": "mail", "type": "string" }]));
            let field = w.ok("schema", json!({}))["entities"][0]["fields"][0]["id"].clone();
            let changed = w.ok("update_field", json!({ "entity": id, "field": field, "spec": { "name": "email", "type": "email" } }));
            assert_eq!((&changed["id"], &changed["name"]), (&field, &json!("email")));
        };
        refused "unknown_field" |w| {
            let id = w.open().entity("Customer", json!([]));
            w.call("update_field", json!({ "entity": id, "field": nobody(), "spec": { "name": "x", "type": "string" } }))
        };
    }
    drop_field {
        succeeds |w| {
            let id = w.open().entity("Customer", json!([{ "name": "mail", "type": "string" }]));
            let field = w.ok("schema", json!({}))["entities"][0]["fields"][0]["id"].clone();
            w.ok("drop_field", json!({ "entity": id, "field": field }));
            assert_eq!(w.ok("schema", json!({}))["entities"][0]["fields"], json!([]));
        };
        refused "unknown_field" |w| {
            let id = w.open().entity("Customer", json!([]));
            w.call("drop_field", json!({ "entity": id, "field": nobody() }))
        };
    }
    reorder_fields {
        succeeds |w| {
            let id = w.open().entity("Customer", json!([{ "name": "a", "type": "string" }, { "name": "b", "type": "string" }]));
            let second = w.ok("schema", json!({}))["entities"][0]["fields"][1]["id"].clone();
            w.ok("reorder_fields", json!({ "entity": id, "order": [second] }));
            assert_eq!(w.ok("schema", json!({}))["entities"][0]["fields"][0]["name"], "b");
        };
        refused "unknown_field" |w| {
            let id = w.open().entity("Customer", json!([]));
            w.call("reorder_fields", json!({ "entity": id, "order": [nobody()] }))
        };
    }
    create_library_field {
        succeeds |w| {
            let spec = json!({ "name": "price", "type": "currency", "config": { "currency": "EUR" } });
            let made = w.open().ok("create_library_field", json!({ "spec": spec }));
            assert_eq!(made["config"]["currency"], "EUR");
            assert_eq!(w.ok("schema", json!({}))["library"][0]["id"], made["id"]);
        };
        refused "invalid_name" |w| w.open().call("create_library_field", json!({ "spec": { "name": " ", "type": "string" } }));
    }
    delete_library_field {
        succeeds |w| {
            let made = w.open().ok("create_library_field", json!({ "spec": { "name": "price", "type": "currency" } }));
            w.ok("delete_library_field", json!({ "field": made["id"] }));
            assert_eq!(w.ok("schema", json!({}))["library"], json!([]));
        };
        refused "field_in_use" |w| {
            let made = w.open().ok("create_library_field", json!({ "spec": { "name": "price", "type": "currency" } }));
            w.entity("Product", json!([{ "library": made["id"] }]));
            w.call("delete_library_field", json!({ "field": made["id"] }))
        };
    }
}
