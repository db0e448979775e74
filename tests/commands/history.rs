use crate::cases;
use serde_json::json;

cases! {
    changelog {
        succeeds |w| {
            let customer = w.open().entity("Customer", json!([]));
            w.entity("Order", json!([]));
            assert!(w.ok("changelog", json!({ "entity": null })).as_array().is_some_and(|log| log.len() >= 2));
            let log = w.ok("changelog", json!({ "entity": customer }));
            assert_eq!(log[0]["entities"], json!([customer]));
        };
        refused "invalid_input" |w| w.call("changelog", json!({ "entity": null }));
    }
    undo_state {
        succeeds |w| {
            assert!(w.open().ok("undo_state", json!({}))["undo"].is_null());
            w.entity("Customer", json!([]));
            assert!(w.ok("undo_state", json!({}))["undo"].as_str().is_some_and(|text| text.contains("Customer")));
        };
        refused "invalid_input" |w| w.call("undo_state", json!({}));
    }
    undo {
        succeeds |w| {
            w.open().entity("Customer", json!([]));
            assert_eq!(w.ok("undo", json!({}))["undone"], true);
            assert_eq!(w.ok("overview", json!({})), json!([]));
        };
        refused "nothing_to_undo" |w| w.open().call("undo", json!({}));
    }
    redo {
        succeeds |w| {
            w.open().entity("Customer", json!([]));
            w.ok("undo", json!({}));
            assert_eq!(w.ok("redo", json!({}))["undone"], false);
            assert_eq!(w.ok("overview", json!({}))[0]["name"], "Customer");
        };
        refused "nothing_to_redo" |w| w.open().call("redo", json!({}));
    }
}
