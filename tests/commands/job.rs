use crate::{
    cases,
    window::{Window, nobody},
};
use serde_json::{Value, json};
use stoneware_desktop::events::Notice;
use stoneware_engine::model::WorkspaceEvent;

/// An entity with a hundred records.
fn customer(w: &Window) -> Value {
    let id = w.open().entity("Customer", json!([{ "name": "name", "type": "string" }]));
    for number in 0..100 {
        w.record(&id, json!({ "name": format!("Number {number}") }));
    }
    id
}

fn mode(w: &Window) -> Value {
    w.ok("overview", json!({}))[0]["storage_mode"].clone()
}

cases! {
    materialize_plan {
        succeeds |w| {
            let id = customer(w);
            let plan = w.ok("materialize_plan", json!({ "entities": [id], "options": {} }));
            assert_eq!((&plan["records"], &plan["problem_count"]), (&json!(100), &json!(0)));
            let sql = plan["statements"].to_string();
            assert!(sql.contains("CREATE TABLE"), "the exact SQL is shown: {sql}");
        };
        refused "unknown_entity" |w| w.open().call("materialize_plan", json!({ "entities": [nobody()], "options": {} }));
    }
    dematerialize_plan {
        succeeds |w| {
            let id = customer(w);
            let there = w.ok("start_materialize", json!({ "entities": [id], "options": {} }));
            w.ended(&there["id"]);
            let plan = w.ok("dematerialize_plan", json!({ "entities": [id], "options": {} }));
            assert_eq!((&plan["records"], &plan["fields"]), (&json!(100), &json!([])));
            assert!(plan["statements"].to_string().contains("DROP TABLE"), "the exact SQL is shown: {plan}");
        };
        refused "invalid_input" |w| {
            let id = customer(w);
            w.call("dematerialize_plan", json!({ "entities": [id], "options": {} }))
        };
    }
    materialize_problems {
        succeeds |w| {
            let id = customer(w);
            let page = w.ok("materialize_problems", json!({ "entities": [id], "options": {}, "after": null, "limit": 10 }));
            assert_eq!(page, json!({ "problems": [], "next": null }));
        };
        refused "invalid_input" |w| {
            let id = customer(w);
            w.call("materialize_problems", json!({ "entities": [id], "options": {}, "after": "nowhere", "limit": 10 }))
        };
    }
    start_materialize {
        succeeds |w| {
            let id = customer(w);
            let job = w.ok("start_materialize", json!({ "entities": [id], "options": {} }));
            let ended = w.ended(&job["id"]);
            assert_eq!(ended["status"], "done", "{ended}");
            assert_eq!(ended["reports"][0]["records"], 100);
            assert_eq!(mode(w), "dedicated");
            w.told(|notice| matches!(notice, Notice::Workspace(WorkspaceEvent::JobEnded { .. })));
        };
        refused "unknown_entity" |w| w.open().call("start_materialize", json!({ "entities": [nobody()], "options": {} }));
    }
    start_dematerialize {
        succeeds |w| {
            let id = customer(w);
            let there = w.ok("start_materialize", json!({ "entities": [id], "options": {} }));
            w.ended(&there["id"]);
            let back = w.ok("start_dematerialize", json!({ "entities": [id], "options": {} }));
            assert_eq!(w.ended(&back["id"])["status"], "done");
            assert_eq!(mode(w), "shared");
        };
        refused "unknown_entity" |w| w.open().call("start_dematerialize", json!({ "entities": [nobody()], "options": {} }));
    }
    jobs {
        succeeds |w| {
            let id = customer(w);
            let job = w.ok("start_materialize", json!({ "entities": [id], "options": {} }));
            w.ended(&job["id"]);
            assert_eq!(w.ok("jobs", json!({}))[0]["entities"], json!(["Customer"]));
        };
        refused "invalid_input" |w| w.call("jobs", json!({}));
    }
    cancel_job {
        succeeds |w| {
            let id = customer(w);
            let job = w.ok("start_materialize", json!({ "entities": [id], "options": { "batch_size": 1 } }));
            w.ok("cancel_job", json!({ "id": job["id"] }));
            let ended = w.ended(&job["id"]);
            let (status, mode) = (ended["status"].as_str(), mode(w));
            // Cancelling races with the end of the job; either way nothing is left half-done.
            assert!(
                matches!((status, mode.as_str()), (Some("cancelled"), Some("shared")) | (Some("done"), Some("dedicated"))),
                "{ended} {mode}"
            );
        };
        refused "unknown_job" |w| w.open().call("cancel_job", json!({ "id": nobody() }));
    }
    pause_job {
        succeeds |w| {
            let id = customer(w);
            let job = w.ok("start_materialize", json!({ "entities": [id], "options": { "batch_size": 1 } }));
            let paused = w.call("pause_job", json!({ "id": job["id"] }));
            let ended = w.ended(&job["id"]);
            // It may be over before it hears of it.
            assert!(paused.is_err() || matches!(ended["status"].as_str(), Some("paused" | "done")), "{ended}");
            if ended["status"] == "paused" {
                w.ok("resume_job", json!({ "id": job["id"] }));
            }
            assert_eq!(w.ended(&job["id"])["status"], "done");
            assert_eq!(mode(w), "dedicated");
        };
        refused "unknown_job" |w| w.open().call("pause_job", json!({ "id": nobody() }));
    }
    resume_job {
        succeeds |w| {
            let job = interrupted(w);
            let resumed = w.ok("resume_job", json!({ "id": job }));
            assert_eq!(w.ended(&resumed["id"])["status"], "done");
            assert_eq!(mode(w), "dedicated");
        };
        refused "unknown_job" |w| w.open().call("resume_job", json!({ "id": nobody() }));
    }
    rollback_job {
        succeeds |w| {
            let job = interrupted(w);
            w.ok("rollback_job", json!({ "id": job }));
            assert_eq!(w.ended(&job)["status"], "rolled_back");
            assert_eq!(mode(w), "shared");
        };
        refused "unknown_job" |w| w.open().call("rollback_job", json!({ "id": nobody() }));
    }
}

/// A materialize that was under way when its workspace was closed.
fn interrupted(w: &Window) -> Value {
    let id = customer(w);
    let job = w.ok("start_materialize", json!({ "entities": [id], "options": { "batch_size": 1 } }))["id"].clone();
    w.ok("close_workspace", json!({}));
    w.ok("open_workspace", json!({ "location": w.path("work.db") }));
    let jobs = w.ok("jobs", json!({}));
    assert_eq!((&jobs[0]["id"], &jobs[0]["status"]), (&job, &json!("interrupted")), "closing stops the job at a safe point");
    job
}
