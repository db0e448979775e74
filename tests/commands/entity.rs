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
    drop_entity_impact {
        succeeds |w| {
            let id = w.open().entity("Customer", json!([]));
            w.record(&id, json!({}));
            let impact = w.ok("drop_entity_impact", json!({ "entity": id }));
            assert_eq!(impact["deletes"][0]["count"], 1);
        };
        refused "unknown_entity" |w| w.open().call("drop_entity_impact", json!({ "entity": nobody() }));
    }
    drop_entity {
        succeeds |w| {
            let id = w.open().entity("Customer", json!([]));
            w.ok("drop_entity", json!({ "entity": id }));
            assert_eq!(w.ok("overview", json!({})), json!([]));
        };
        refused "unknown_entity" |w| w.open().call("drop_entity", json!({ "entity": nobody() }));
    }
}
