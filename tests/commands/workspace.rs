use crate::{
    cases,
    window::{Window, assert_refused},
};
use serde_json::json;
use stoneware_desktop::{events::Notice, shell::Startup};

cases! {
    current_workspace {
        succeeds |w| {
            assert!(w.ok("current_workspace", json!({})).is_null(), "nothing is open at first");
            w.open();
            assert_eq!(w.ok("current_workspace", json!({}))["name"], "work");
        };
        refused "not_a_workspace" |_| {
            let w = Window::starting_with(|folder| {
                let path = folder.path().join("letter.txt");
                std::fs::write(&path, "Dear reader, this is no database at all.").expect("the folder can be written");
                Startup::Open(path.to_string_lossy().into_owned())
            });
            let refusal = w.call("current_workspace", json!({}));
            assert!(w.ok("current_workspace", json!({})).is_null(), "it is said once, then the start screen shows");
            refusal
        };
    }
    opening {
        succeeds |w| {
            assert!(w.ok("opening", json!({})).is_null(), "nothing is open at first");
            let w = w.open();
            let opening = w.ok("opening", json!({}));
            assert_eq!(opening["info"], w.ok("current_workspace", json!({})));
            for part in ["schema", "layout", "jobs", "undo_state", "overview", "link_counts"] {
                assert_eq!(opening[part.trim_end_matches("_state")], w.ok(part, json!({})), "{part}");
            }
        };
        refused "not_a_workspace" |_| {
            Window::starting_with(|folder| Startup::Open(folder.path().join("nowhere.db").to_string_lossy().into_owned()))
                .call("opening", json!({}))
        };
    }
    create_workspace {
        succeeds |w| {
            let info = w.ok("create_workspace", json!({ "path": w.path("orders.db") }));
            assert_eq!(info["name"], "orders");
            assert_eq!(info["kind"], "sqlite");
            w.told(|notice| matches!(notice, Notice::Opened(Some(info)) if info.name == "orders"));
        };
        refused "invalid_input" |w| {
            let path = w.write("taken.db", "something else");
            w.call("create_workspace", json!({ "path": path }))
        };
    }
    open_workspace {
        succeeds |w| {
            w.open().entity("Customer", json!([]));
            w.ok("create_workspace", json!({ "path": w.path("other.db") }));
            assert_eq!(w.ok("overview", json!({})), json!([]), "the other workspace is empty");
            let info = w.ok("open_workspace", json!({ "location": w.path("work.db") }));
            assert_eq!(info["name"], "work");
            assert_eq!(w.ok("overview", json!({}))[0]["name"], "Customer", "what was made is there again");
        };
        refused "not_a_workspace" |w| {
            let path = w.write("letter.txt", "Dear reader, this is no database at all.");
            w.call("open_workspace", json!({ "location": path }))
        };
    }
    open_sample {
        succeeds |w| {
            let made = w.ok("open_sample", json!({}));
            assert!(w.ok("overview", json!({})).as_array().is_some_and(|entities| entities.len() >= 10));
            w.ok("close_workspace", json!({}));
            assert_eq!(w.ok("open_sample", json!({}))["location"], made["location"], "it is made once");
        };
        refused "io" |w| {
            w.write("data", "a file where the folder should be");
            w.call("open_sample", json!({}))
        };
    }
    close_workspace {
        succeeds |w| {
            w.open().ok("close_workspace", json!({}));
            assert!(w.ok("current_workspace", json!({})).is_null());
            w.told(|notice| matches!(notice, Notice::Opened(None)));
        };
        refused "invalid_input" |w| w.call("close_workspace", json!({}));
    }
    recent_workspaces {
        succeeds |w| {
            w.open();
            w.ok("create_workspace", json!({ "path": w.path("second.db") }));
            w.ok("open_workspace", json!({ "location": w.path("work.db") }));
            let names: Vec<_> = w.ok("recent_workspaces", json!({})).as_array().expect("a list").iter().map(|r| r["name"].clone()).collect();
            assert_eq!(names, ["work", "second"], "each once, the last opened first");
            w.ok("close_workspace", json!({}));
            std::fs::remove_file(w.path("second.db")).expect("the file is there");
            assert_eq!(w.ok("recent_workspaces", json!({}))[1]["missing"], true);
        };
        refused "corrupt" |w| {
            w.write("config/recent.json", "[{");
            w.call("recent_workspaces", json!({}))
        };
    }
    forget_workspace {
        succeeds |w| {
            let info = w.open().ok("current_workspace", json!({}));
            w.ok("forget_workspace", json!({ "location": info["location"] }));
            assert_eq!(w.ok("recent_workspaces", json!({})), json!([]));
            assert!(w.path("work.db").exists(), "the file stays");
        };
        refused "invalid_input" |w| w.call("forget_workspace", json!({ "location": "/nowhere.db" }));
    }
    copy_workspace {
        succeeds |w| {
            let id = w.open().entity("Customer", json!([{ "name": "name", "type": "string" }]));
            w.record(&id, json!({ "name": "Ann" }));
            let report = w.ok("copy_workspace", json!({ "to": w.path("copy.db"), "password": null }));
            assert_eq!((&report["entities"], &report["records"], &report["resumed"]), (&json!(1), &json!(1), &json!(false)));
            w.told(|notice| matches!(notice, Notice::Copy(step) if step.entity == "Customer" && (step.done, step.total) == (1, 1)));
            assert_eq!(w.ok("current_workspace", json!({}))["name"], "work", "the workspace that was copied stays open");
            w.ok("open_workspace", json!({ "location": w.path("copy.db") }));
            assert_eq!(w.ok("overview", json!({}))[0]["records"], 1);
        };
        refused "invalid_input" |w| {
            w.open();
            w.ok("create_workspace", json!({ "path": w.path("filled.db") }));
            w.entity("Mine", json!([]));
            w.ok("open_workspace", json!({ "location": w.path("work.db") }));
            let answer = w.call("copy_workspace", json!({ "to": w.path("filled.db"), "password": null }));
            assert_eq!(answer.as_ref().expect_err("it holds something else")["details"]["reason"], "not_empty");
            answer
        };
    }
    cancel_copy {
        succeeds |w| {
            w.ok("open_sample", json!({}));
            std::thread::scope(|scope| {
                let copying = scope.spawn(|| w.call("copy_workspace", json!({ "to": w.path("copy.db"), "password": null })));
                while w.call("cancel_copy", json!({})).is_err() && !copying.is_finished() {
                    std::thread::yield_now();
                }
                let refusal = copying.join().expect("the copy's thread").expect_err("the copy was cancelled");
                assert_eq!(refusal["code"], "cancelled");
            });
            assert_refused("open_workspace", w.call("open_workspace", json!({ "location": w.path("copy.db") })), "unfinished_copy");
            let report = w.ok("copy_workspace", json!({ "to": w.path("copy.db"), "password": null }));
            assert_eq!(report["resumed"], true, "{report}");
        };
        refused "invalid_input" |w| w.open().call("cancel_copy", json!({}));
    }
}

#[test]
fn a_refused_opening_leaves_the_open_workspace_open() {
    let w = Window::new();
    let path = w.open().write("letter.txt", "Dear reader, this is no database at all.");
    assert_refused("open_workspace", w.call("open_workspace", json!({ "location": path })), "not_a_workspace");
    assert_eq!(w.ok("current_workspace", json!({}))["name"], "work");
    w.entity("Still", json!([]));
}

#[test]
fn a_corrupt_list_of_recent_workspaces_is_begun_anew() {
    let w = Window::new();
    w.write("config/recent.json", "no list");
    w.open();
    assert_eq!(w.ok("recent_workspaces", json!({})).as_array().map(Vec::len), Some(1));
}
