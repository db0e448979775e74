use crate::{
    cases,
    window::{Window, nobody},
};
use serde_json::{Value, json};
use stoneware_desktop::events::Notice;
use stoneware_engine::model::WorkspaceEvent;

/// An entity with a required name and a whole number.
fn customer(w: &Window) -> Value {
    w.open().entity("Customer", json!([{ "name": "name", "type": "string", "required": true }, { "name": "points", "type": "integer" }]))
}

/// Numbers JavaScript would round cross as the text of the whole value, there and back, and are numbers still.
#[test]
fn json_keeps_every_digit() {
    let w = Window::new();
    let thing = w.open().entity("Thing", json!([{ "name": "extra", "type": "json" }]));
    for (sent, read) in [
        (json!({ "$json": r#"{"id":9007199254740993,"tags":["a"]}"# }), r#"{"id":9007199254740993,"tags":["a"]}"#),
        (json!({ "$json": r#"{"$json":"1"}"# }), r#"{"$json":"1"}"#),
    ] {
        let id = w.record(&thing, json!({ "extra": sent }));
        let shown = w.ok("record", json!({ "entity": thing, "id": id }))["data"]["extra"].clone();
        let text = shown["$json"].as_str().expect("as text");
        assert_eq!(serde_json::from_str::<Value>(text).unwrap().to_string(), read);
        let changed = w.ok("update_record", json!({ "entity": thing, "id": id, "patch": { "extra": shown }, "version": 1 }));
        assert_eq!(changed["data"]["extra"], shown, "an edit without a change changes nothing");
    }
    let plain = w.record(&thing, json!({ "extra": { "n": 1 } }));
    assert_eq!(w.ok("record", json!({ "entity": thing, "id": plain }))["data"]["extra"], json!({ "n": 1 }));
    let refusal = w.call("insert_record", json!({ "entity": thing, "data": { "extra": { "$json": "{" } } })).unwrap_err();
    assert_eq!(refusal["code"], "invalid_input");
}

cases! {
    insert_record {
        succeeds |w| {
            let customer = customer(w);
            let data = json!({ "name": "Ada", "points": "9223372036854775807" });
            let made = w.ok("insert_record", json!({ "entity": customer, "data": data }));
            assert_eq!((&made["version"], &made["primary_value"]), (&json!(1), &json!("Ada")));
            assert_eq!(made["data"]["points"], "9223372036854775807", "a 64-bit number keeps every digit");
            w.told(|notice| matches!(notice, Notice::Workspace(WorkspaceEvent::RecordsChanged { .. })));
        };
        refused "required_missing" |w| {
            let customer = customer(w);
            w.call("insert_record", json!({ "entity": customer, "data": { "points": 1 } }))
        };
    }
    record {
        succeeds |w| {
            let customer = customer(w);
            let id = w.record(&customer, json!({ "name": "Ada", "points": 7 }));
            let read = w.ok("record", json!({ "entity": customer, "id": id }));
            assert_eq!(read["data"], json!({ "name": "Ada", "points": "7" }), "whole numbers cross as text");
        };
        refused "unknown_record" |w| {
            let customer = customer(w);
            w.call("record", json!({ "entity": customer, "id": nobody() }))
        };
    }
    update_record {
        succeeds |w| {
            let customer = customer(w);
            let id = w.record(&customer, json!({ "name": "Ada", "points": 7 }));
            let patch = json!({ "name": "Grace" });
            let changed = w.ok("update_record", json!({ "entity": customer, "id": id, "patch": patch, "version": 1 }));
            assert_eq!((&changed["version"], &changed["data"]["points"]), (&json!(2), &json!("7")));
        };
        refused "stale_version" |w| {
            let customer = customer(w);
            let id = w.record(&customer, json!({ "name": "Ada" }));
            w.ok("update_record", json!({ "entity": customer, "id": id, "patch": { "name": "Grace" }, "version": 1 }));
            w.call("update_record", json!({ "entity": customer, "id": id, "patch": { "name": "Hedy" }, "version": 1 }))
        };
    }
    delete_impact {
        succeeds |w| {
            let customer = customer(w);
            let id = w.record(&customer, json!({ "name": "Ada" }));
            let impact = w.ok("delete_impact", json!({ "entity": customer, "ids": [id] }));
            assert_eq!(impact["deletes"][0]["count"], 1);
            assert_eq!(impact["blocked_by"], json!([]));
        };
        refused "unknown_entity" |w| w.open().call("delete_impact", json!({ "entity": nobody(), "ids": [] }));
    }
    delete_records {
        succeeds |w| {
            let customer = customer(w);
            let id = w.record(&customer, json!({ "name": "Ada" }));
            w.ok("delete_records", json!({ "entity": customer, "ids": [id] }));
            assert_eq!(w.ok("count_records", json!({ "entity": customer, "request": {} })), 0);
        };
        refused "restricted" |w| {
            let customer = customer(w);
            let order = w.entity("Order", json!([]));
            let spec = json!({ "name": "customer", "type": "many_to_one", "source": order, "target": customer, "on_delete": "restrict" });
            w.ok("add_relationship", json!({ "spec": spec }));
            let id = w.record(&customer, json!({ "name": "Ada" }));
            w.record(&order, json!({ "customer_id": id }));
            w.call("delete_records", json!({ "entity": customer, "ids": [id] }))
        };
    }
    list_records {
        succeeds |w| {
            let customer = customer(w);
            for (name, points) in [("Ada", 3), ("Grace", 9), ("Hedy", 6)] {
                w.record(&customer, json!({ "name": name, "points": points }));
            }
            let request = json!({ "where": "points > 3", "sort": [{ "field": "points", "descending": true }] });
            let page = w.ok("list_records", json!({ "entity": customer, "request": request }));
            let names: Vec<_> = page["records"].as_array().expect("a list").iter().map(|r| &r["data"]["name"]).collect();
            assert_eq!(names, ["Grace", "Hedy"]);
            assert_eq!(page["records"][0]["data"]["points"], "9", "whole numbers cross as text in pages too");
        };
        refused "unknown_field" |w| {
            let customer = customer(w);
            w.call("list_records", json!({ "entity": customer, "request": { "sort": [{ "field": "size" }] } }))
        };
    }
    count_records {
        succeeds |w| {
            let customer = customer(w);
            w.record(&customer, json!({ "name": "Ada" }));
            w.record(&customer, json!({ "name": "Grace" }));
            assert_eq!(w.ok("count_records", json!({ "entity": customer, "request": { "search": "gra" } })), 1);
        };
        refused "unknown_entity" |w| w.open().call("count_records", json!({ "entity": nobody(), "request": {} }));
    }
}
