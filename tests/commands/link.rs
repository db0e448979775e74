use crate::{
    cases,
    window::{Window, nobody},
};
use serde_json::{Value, json};

/// Films, actors, who plays where, and one record of each.
struct Cast {
    film: Value,
    relationship: Value,
    one_film: Value,
    one_actor: Value,
}

fn cast(w: &Window) -> Cast {
    let film = w.open().entity("Film", json!([{ "name": "title", "type": "string" }]));
    let actor = w.entity("Actor", json!([{ "name": "name", "type": "string" }]));
    let relationship = w.relationship("many_to_many", "cast", &film, &actor);
    let one_film = w.record(&film, json!({ "title": "Stone" }));
    let one_actor = w.record(&actor, json!({ "name": "Clay" }));
    Cast { film, relationship, one_film, one_actor }
}

fn add(w: &Window, c: &Cast, other: &Value) -> crate::window::Answer {
    w.call(
        "add_links",
        json!({
            "relationship": c.relationship, "from": c.film, "record": c.one_film, "others": [other],
            "metadata": { "role": "the vase" },
        }),
    )
}

cases! {
    links {
        succeeds |w| {
            let c = cast(w);
            add(w, &c, &c.one_actor).expect("the link is made");
            let links = w.ok("links", json!({ "relationship": c.relationship, "record": c.one_film }));
            assert_eq!(links[0]["target"], c.one_actor);
            assert_eq!(links[0]["metadata"]["role"], "the vase");
        };
        refused "unknown_relationship" |w| {
            let c = cast(w);
            w.call("links", json!({ "relationship": nobody(), "record": c.one_film }))
        };
    }
    add_links {
        succeeds |w| {
            let c = cast(w);
            let made = add(w, &c, &c.one_actor).expect("the link is made");
            assert_eq!((&made[0]["source"], &made[0]["target"]), (&c.one_film, &c.one_actor));
        };
        refused "dangling_reference" |w| {
            let c = cast(w);
            add(w, &c, &nobody())
        };
    }
    remove_links {
        succeeds |w| {
            let c = cast(w);
            add(w, &c, &c.one_actor).expect("the link is made");
            let gone = w.ok("remove_links", json!({
                "relationship": c.relationship, "from": c.film, "record": c.one_film, "others": [c.one_actor],
            }));
            assert_eq!(gone, 1);
        };
        refused "unknown_relationship" |w| {
            let c = cast(w);
            w.call("remove_links", json!({ "relationship": nobody(), "from": c.film, "record": c.one_film, "others": [] }))
        };
    }
}
