use crate::{cases, window::nobody};
use serde_json::json;

cases! {
    add_relationship {
        succeeds |w| {
            let order = w.open().entity("Order", json!([]));
            let customer = w.entity("Customer", json!([]));
            let spec = json!({
                "name": "customer", "type": "many_to_one", "source": order, "target": customer, "on_delete": "cascade",
            });
            let made = w.ok("add_relationship", json!({ "spec": spec }));
            assert_eq!((&made["on_delete"], &made["field"]), (&json!("cascade"), &json!("customer_id")));
        };
        refused "unknown_entity" |w| {
            let order = w.open().entity("Order", json!([]));
            let spec = json!({ "name": "customer", "type": "many_to_one", "source": order, "target": nobody() });
            w.call("add_relationship", json!({ "spec": spec }))
        };
    }
    update_relationship {
        succeeds |w| {
            let order = w.open().entity("Order", json!([]));
            let customer = w.entity("Customer", json!([]));
            let id = w.relationship("many_to_one", "customer", &order, &customer);
            let spec = json!({ "name": "buyer", "type": "many_to_one", "source": order, "target": customer });
            assert_eq!(w.ok("update_relationship", json!({ "relationship": id, "spec": spec }))["name"], "buyer");
        };
        refused "unknown_relationship" |w| {
            let order = w.open().entity("Order", json!([]));
            let spec = json!({ "name": "x", "type": "many_to_one", "source": order, "target": order });
            w.call("update_relationship", json!({ "relationship": nobody(), "spec": spec }))
        };
    }
    drop_relationship {
        succeeds |w| {
            let order = w.open().entity("Order", json!([]));
            let id = w.relationship("many_to_many", "similar", &order, &order);
            w.ok("drop_relationship", json!({ "relationship": id }));
            assert_eq!(w.ok("schema", json!({}))["relationships"], json!([]));
        };
        refused "unknown_relationship" |w| w.open().call("drop_relationship", json!({ "relationship": nobody() }));
    }
}
