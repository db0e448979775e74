use crate::{cases, window::nobody};
use serde_json::json;
use stoneware_desktop::events::Notice;
use stoneware_engine::model::WorkspaceEvent;

cases! {
    schema {
        succeeds |w| {
            w.open().entity("Customer", json!([{ "name": "points", "type": "integer", "default": "9007199254740993" }]));
            let schema = w.ok("schema", json!({}));
            assert_eq!(schema["entities"][0]["name"], "Customer");
            let default = &schema["entities"][0]["fields"][0]["default"];
            assert_eq!(default, "9007199254740993", "a default keeps every digit");
            w.told(|notice| matches!(notice, Notice::Workspace(WorkspaceEvent::SchemaChanged { .. })));
        };
        refused "invalid_input" |w| w.call("schema", json!({}));
    }
    overview {
        succeeds |w| {
            let customer = w.open().entity("Customer", json!([{ "name": "name", "type": "string" }]));
            w.record(&customer, json!({ "name": "Ada" }));
            let line = &w.ok("overview", json!({}))[0];
            assert_eq!((&line["records"], &line["fields"]), (&json!(1), &json!(1)));
        };
        refused "invalid_input" |w| w.call("overview", json!({}));
    }
    edit_plan {
        succeeds |w| {
            let customer = w.open().entity("Customer", json!([{ "name": "points", "type": "string" }]));
            w.record(&customer, json!({ "points": "many" }));
            let field = w.ok("schema", json!({}))["entities"][0]["fields"][0]["id"].clone();
            let spec = json!({ "name": "points", "type": "integer" });
            let edit = json!({ "edit": "update_field", "entity": customer, "field": field, "spec": spec });
            let plan = w.ok("edit_plan", json!({ "edit": edit }));
            assert_eq!((&plan["problem_count"], &plan["problems"][0]["value"]), (&json!(1), &json!("many")));
            assert_eq!(w.ok("schema", json!({}))["entities"][0]["fields"][0]["type"], "string");
        };
        refused "unknown_entity" |w| {
            w.open().call("edit_plan", json!({ "edit": { "edit": "drop_field", "entity": nobody(), "field": nobody() } }))
        };
    }
    link_counts {
        succeeds |w| {
            let film = w.open().entity("Film", json!([]));
            let actor = w.entity("Actor", json!([]));
            let cast = w.relationship("many_to_many", "cast", &film, &actor);
            let (one, other) = (w.record(&film, json!({})), w.record(&actor, json!({})));
            w.ok("add_links", json!({ "relationship": cast, "from": film, "record": one, "others": [other], "metadata": null }));
            assert_eq!(w.ok("link_counts", json!({}))[cast.as_str().expect("an id")], 1);
        };
        refused "invalid_input" |w| w.call("link_counts", json!({}));
    }
    layout {
        succeeds |w| {
            w.open().ok("create_entity", json!({ "spec": { "name": "Here" }, "fields": [], "position": [40, -8] }));
            let place = &w.ok("layout", json!({}))[0];
            assert_eq!((&place["x"], &place["y"]), (&json!(40), &json!(-8)));
        };
        refused "invalid_input" |w| w.call("layout", json!({}));
    }
    move_nodes {
        succeeds |w| {
            let one = w.open().entity("One", json!([]));
            w.ok("move_nodes", json!({ "positions": [{ "entity": one, "x": 7, "y": 9 }] }));
            assert_eq!(w.ok("layout", json!({})), json!([{ "entity": one, "x": 7, "y": 9 }]));
        };
        refused "unknown_entity" |w| w.open().call("move_nodes", json!({ "positions": [{ "entity": nobody(), "x": 0, "y": 0 }] }));
    }
    place_nodes {
        succeeds |w| {
            let one = w.open().entity("One", json!([]));
            let undo = w.ok("undo_state", json!({}));
            w.ok("place_nodes", json!({ "positions": [{ "entity": one, "x": 7, "y": 9 }] }));
            w.ok("place_nodes", json!({ "positions": [{ "entity": one, "x": 1, "y": 2 }] }));
            assert_eq!(w.ok("layout", json!({})), json!([{ "entity": one, "x": 7, "y": 9 }]), "what has a place stays there");
            assert_eq!(w.ok("undo_state", json!({})), undo, "nobody did anything that could be undone");
        };
        refused "unknown_entity" |w| w.open().call("place_nodes", json!({ "positions": [{ "entity": nobody(), "x": 0, "y": 0 }] }));
    }
}
