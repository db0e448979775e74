//! Undo and redo of every edit of the schema, also after a restart; fields in use; the primary value.

use serde_json::json;
use stoneware_engine::{
    Engine, ErrorCode,
    model::{
        EntityId, EntitySpec, FieldSpec, FieldType, KeyPart, LibraryFieldSpec, NodePosition, ReferentialAction, RelationshipSpec,
        RelationshipType, Schema,
    },
};
use stoneware_tests::{
    Workspace,
    build::{entity, field, insert, many_to_many, many_to_one, relationship},
    data, dematerialize, materialize, on_each,
};

/// The schema without what grows by itself.
async fn shape(engine: &Engine) -> (Schema, Vec<NodePosition>) {
    let mut schema = (*engine.schema().await.unwrap()).clone();
    schema.version = 0;
    schema.entities.sort_by_key(|e| e.id);
    for entity in &mut schema.entities {
        entity.fields.sort_by_key(|f| f.order);
    }
    schema.relationships.sort_by_key(|r| r.id);
    let mut layout = engine.layout().await.unwrap();
    layout.sort_by_key(|n| n.entity);
    (schema, layout)
}

/// One edit of each kind, in an order in which each can be done. Returns how many were made.
async fn edit(engine: &Engine, step: usize) -> bool {
    let id = |name: &str| {
        let name = name.to_owned();
        async move { engine.schema().await.unwrap().entity_named(&name).unwrap().id }
    };
    let first = |entity: EntityId| async move { engine.schema().await.unwrap().entity(entity).unwrap().fields[0].id };
    match step {
        0 => drop(
            engine
                .create_entity(EntitySpec { name: "C".into(), ..EntitySpec::default() }, vec![field("x:string")], Some((10, 20)))
                .await
                .unwrap(),
        ),
        1 => drop(
            engine
                .update_entity(id("C").await, EntitySpec { name: "C2".into(), label: Some("Label".into()), ..EntitySpec::default() })
                .await
                .unwrap(),
        ),
        2 => drop(engine.add_field(id("A").await, field("added:integer:default=5")).await.unwrap()),
        3 => drop(engine.update_field(id("A").await, first(id("A").await).await, field("renamed:string:required,unique")).await.unwrap()),
        4 => {
            let a = id("A").await;
            let mut order: Vec<_> = engine.schema().await.unwrap().entity(a).unwrap().fields.iter().map(|f| f.id).collect();
            order.reverse();
            engine.reorder_fields(a, order).await.unwrap();
        }
        5 => {
            let a = id("A").await;
            let n = engine.schema().await.unwrap().entity(a).unwrap().fields.iter().find(|f| f.name == "n").unwrap().id;
            engine.drop_field(a, n).await.unwrap();
        }
        6 => drop(many_to_one(engine, id("C2").await, "a", id("A").await, ReferentialAction::Cascade).await),
        7 => {
            let schema = engine.schema().await.unwrap();
            let r = schema.relationships.iter().find(|r| r.name == "a" && r.source != r.target).unwrap();
            let spec = RelationshipSpec {
                inverse_name: Some("cs".into()),
                on_delete: Some(ReferentialAction::Restrict),
                ..relationship(r.source, "other", r.target, RelationshipType::ManyToOne)
            };
            engine.update_relationship(r.id, spec).await.unwrap();
        }
        8 => {
            let schema = engine.schema().await.unwrap();
            let r = schema.relationships.iter().find(|r| r.is_many_to_many()).unwrap();
            engine.drop_relationship(r.id).await.unwrap();
        }
        9 => engine
            .move_nodes(vec![NodePosition { entity: id("A").await, x: 7, y: 8 }, NodePosition { entity: id("B").await, x: 9, y: 10 }])
            .await
            .unwrap(),
        10 => {
            let spec = LibraryFieldSpec {
                name: "VAT number".into(),
                label: None,
                field_type: FieldType::String,
                config: Default::default(),
                description: None,
                category: None,
            };
            engine.create_library_field(spec).await.unwrap();
        }
        11 => {
            let a = id("A").await;
            let parts = engine.schema().await.unwrap().entity(a).unwrap().fields.iter().map(|f| KeyPart::Field(f.id)).collect();
            engine.set_keys(a, vec![parts]).await.unwrap();
        }
        12 => engine.drop_entity(id("B").await).await.unwrap(),
        13 => engine.drop_entities(&[id("A").await, id("C2").await]).await.unwrap(),
        _ => return false,
    }
    true
}

async fn start(w: &Workspace) -> Vec<EntityId> {
    let engine = &w.engine;
    let a = entity(engine, "A", &["s:string", "n:integer:unique"]).await;
    let b = entity(engine, "B", &["t:string:unique"]).await;
    many_to_one(engine, b, "up", a, ReferentialAction::SetNull).await;
    let m = many_to_many(engine, a, "bs", b).await;
    for i in 0..3 {
        let r = insert(engine, a, json!({"s": format!("s{i}"), "n": i})).await;
        let c = insert(engine, b, json!({"t": format!("t{i}"), "up_id": r.id})).await;
        engine.add_links(m.id, a, r.id, vec![c.id], Some(json!({"i": i}))).await.unwrap();
    }
    vec![a, b]
}

async fn there_and_back(dedicated: bool) {
    let mut w = Workspace::new().await;
    let entities = start(&w).await;
    if dedicated {
        materialize(&w.engine, entities).await;
    }
    let base = w.engine.changelog(None).await.unwrap().len();
    let mut states = vec![(shape(&w.engine).await, w.exports().await, w.engine.link_counts().await.unwrap())];
    let mut steps = 0;
    while edit(&w.engine, steps).await {
        steps += 1;
        states.push((shape(&w.engine).await, w.exports().await, w.engine.link_counts().await.unwrap()));
        assert_eq!(w.engine.changelog(None).await.unwrap().len(), base + steps, "edit {steps} is one entry");
    }
    for round in 0..2 {
        for at in (0..steps).rev() {
            let change = w.engine.undo().await.unwrap_or_else(|e| panic!("undo of edit {at}: {e}"));
            let state = (shape(&w.engine).await, w.exports().await, w.engine.link_counts().await.unwrap());
            assert_eq!(state, states[at], "undoing {} (edit {at}, round {round}, dedicated {dedicated})", change.description);
            if at % 3 == 0 {
                w.reopen().await;
            }
        }
        for (at, state) in states.iter().enumerate().skip(1) {
            let change = w.engine.redo().await.unwrap_or_else(|e| panic!("redo of edit {at}: {e}"));
            let (now, exports, links) = (shape(&w.engine).await, w.exports().await, w.engine.link_counts().await.unwrap());
            assert_eq!(now, state.0, "redoing {} (edit {at}, round {round})", change.description);
            assert_eq!((exports, links), (state.1.clone(), state.2.clone()), "redoing {}", change.description);
            if at % 4 == 0 {
                w.reopen().await;
            }
        }
        assert_eq!(w.engine.redo().await.unwrap_err().code, ErrorCode::NothingToRedo);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_edit_can_be_undone_and_redone_over_restarts() {
    there_and_back(false).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_edit_can_be_undone_and_redone_over_restarts_while_dedicated() {
    there_and_back(true).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_edit_ends_redo() {
    on_each(async |w| {
        entity(&w.engine, "A", &[]).await;
        entity(&w.engine, "B", &[]).await;
        w.engine.undo().await.unwrap();
        let state = w.engine.undo_state().await.unwrap();
        assert!(state.undo.is_some() && state.redo.is_some());
        entity(&w.engine, "C", &[]).await;
        assert_eq!(w.engine.redo().await.unwrap_err().code, ErrorCode::NothingToRedo);
        let names: Vec<String> = w.engine.schema().await.unwrap().entities.iter().map(|e| e.name.clone()).collect();
        assert_eq!(names, ["A", "C"]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn undoing_a_drop_brings_the_records_back_but_not_over_a_taken_name() {
    on_each(async |w| {
        let engine = &w.engine;
        let a = entity(engine, "A", &["s:string"]).await;
        insert(engine, a, json!({"s": "x"})).await;
        let before = w.exports().await;
        engine.drop_entity(a).await.unwrap();
        engine.undo().await.unwrap();
        assert_eq!(w.exports().await, before);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_library_field_in_use_stays() {
    on_each(async |w| {
        let engine = &w.engine;
        let spec = LibraryFieldSpec {
            name: "Country".into(),
            label: None,
            field_type: FieldType::Select,
            config: stoneware_engine::model::FieldConfig { options: vec!["NO".into(), "SE".into()], ..Default::default() },
            description: None,
            category: Some("Place".into()),
        };
        let country = engine.create_library_field(spec).await.unwrap();
        let a = entity(engine, "A", &[]).await;
        let b = entity(engine, "B", &[]).await;
        let mut attached = Vec::new();
        for entity in [a, b] {
            attached.push(engine.add_field(entity, FieldSpec { library: Some(country.id), ..FieldSpec::default() }).await.unwrap());
        }
        assert_eq!((attached[0].name.as_str(), attached[0].field_type), ("Country", FieldType::Select));
        assert_eq!(engine.insert_record(a, data(json!({"Country": "XX"}))).await.unwrap_err().code, ErrorCode::TypeMismatch);
        let error = engine.delete_library_field(country.id).await.unwrap_err();
        assert_eq!(error.code, ErrorCode::FieldInUse);
        assert!(error.details.to_string().contains("\"A\"") && error.details.to_string().contains("\"B\""), "{}", error.details);
        engine.drop_field(a, attached[0].id).await.unwrap();
        assert_eq!(engine.delete_library_field(country.id).await.unwrap_err().code, ErrorCode::FieldInUse);
        engine.drop_field(b, attached[1].id).await.unwrap();
        engine.delete_library_field(country.id).await.unwrap();
        assert!(engine.schema().await.unwrap().library.is_empty());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_primary_value_follows_the_order_of_fields() {
    for dedicated in [false, true] {
        let w = Workspace::new().await;
        let engine = &w.engine;
        let a = entity(engine, "A", &["n:integer", "first:string", "second:string"]).await;
        if dedicated {
            materialize(engine, vec![a]).await;
        }
        let r = insert(engine, a, json!({"n": 1, "first": "f", "second": "s"})).await;
        let primary = || async { engine.record(a, r.id).await.unwrap().primary_value };
        assert_eq!(primary().await.as_deref(), Some("f"));
        let fields = engine.schema().await.unwrap().entity(a).unwrap().fields.clone();
        engine.reorder_fields(a, vec![fields[2].id]).await.unwrap();
        assert_eq!(primary().await.as_deref(), Some("s"), "the second field stands first now");
        engine.drop_field(a, fields[2].id).await.unwrap();
        assert_eq!(primary().await.as_deref(), Some("f"));
        engine.update_field(a, fields[1].id, field("first:json")).await.ok();
        engine.undo().await.ok();
        assert_eq!(primary().await.as_deref(), Some("f"));
        if dedicated {
            dematerialize(engine, vec![a]).await;
            assert_eq!(primary().await.as_deref(), Some("f"));
        }
    }
}
