use crate::{cases, window::nobody};
use serde_json::json;

cases! {
    create_entity {
        succeeds |w| {
            let made = w.open().ok("create_entity", json!({
                "spec": { "name": "Order Details", "label": "Order lines", "application": "Sales" },
                "fields": [{ "name": "quantity", "type": "integer", "required": true }],
                "position": [10, 20],
            }));
            assert_eq!(made["label"], "Order lines");
            assert_eq!(made["storage_mode"], "shared", "clay at first");
            assert_eq!(made["fields"][0]["type"], "integer");
        };
        refused "name_taken" |w| {
            w.open().entity("Customer", json!([]));
            w.call("create_entity", json!({ "spec": { "name": "Customer" }, "fields": [], "position": null }))
        };
    }
    update_entity {
        succeeds |w| {
            let id = w.open().entity("Custmer", json!([]));
            let changed = w.ok("update_entity", json!({ "entity": id, "spec": { "name": "Customer", "icon": "user" } }));
            assert_eq!((&changed["id"], &changed["name"]), (&id, &json!("Customer")));
        };
        refused "unknown_entity" |w| w.open().call("update_entity", json!({ "entity": nobody(), "spec": { "name": "X" } }));
    }
    set_keys {
        succeeds |w| {
            let id = w.open().entity("Seat", json!([{ "name": "hall", "type": "string" }, { "name": "number", "type": "integer" }]));
            let fields = w.ok("schema", json!({}))["entities"][0]["fields"].clone();
            let parts = json!([{ "kind": "field", "id": fields[0]["id"] }, { "kind": "field", "id": fields[1]["id"] }]);
            let changed = w.ok("set_keys", json!({ "entity": id, "keys": [parts] }));
            assert_eq!(changed["keys"][0]["parts"], parts);
            assert_eq!(w.ok("set_keys", json!({ "entity": id, "keys": [] }))["keys"], json!([]));
        };
        refused "invalid_input" |w| {
            let id = w.open().entity("Seat", json!([]));
            w.call("set_keys", json!({ "entity": id, "keys": [[]] }))
        };
    }
    drop_impact {
        succeeds |w| {
            let id = w.open().entity("Customer", json!([]));
            w.record(&id, json!({}));
            let impact = w.ok("drop_impact", json!({ "entities": [id] }));
            assert_eq!(impact["deletes"][0]["count"], 1);
        };
        refused "unknown_entity" |w| w.open().call("drop_impact", json!({ "entities": [nobody()] }));
    }
    drop_entities {
        succeeds |w| {
            let first = w.open().entity("Customer", json!([]));
            let second = w.entity("Order", json!([]));
            w.ok("drop_entities", json!({ "entities": [first, second] }));
            assert_eq!(w.ok("overview", json!({})), json!([]));
            w.ok("undo", json!({}));
            assert_eq!(w.ok("overview", json!({})).as_array().map(Vec::len), Some(2), "one undo brings both back");
        };
        refused "unknown_entity" |w| w.open().call("drop_entities", json!({ "entities": [nobody()] }));
    }
}
