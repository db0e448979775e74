//! Names that hurt: as entity, field and relationship, in both storage modes, renamed, dropped and used again.

use serde_json::{Map, Value, json};
use stoneware_engine::{
    Engine, ErrorCode,
    model::{EntitySpec, FieldSpec, FieldType, ListRequest, RelationshipSpec, RelationshipType, SortKey},
};
use stoneware_tests::{dematerialize, materialize, on_each};

fn names() -> Vec<String> {
    let mut names: Vec<String> = [
        "select",
        "Order Details",
        "user\"s",
        "Größe",
        "注文",
        "it's",
        "a.b",
        "a:b",
        "$1",
        "%",
        "id",
        "rowid",
        "kdb_records",
        "🙂",
        "[x]",
        "a\\b",
        "null",
        "_",
        "group by",
        "table\u{301}",
    ]
    .iter()
    .map(|s| (*s).to_owned())
    .collect();
    names.push("n".repeat(200));
    names.push("ö".repeat(200));
    names
}

fn data(value: Value) -> Map<String, Value> {
    value.as_object().unwrap().clone()
}

async fn create(engine: &Engine, name: &str, fields: Vec<FieldSpec>) -> stoneware_engine::model::EntityId {
    let spec = EntitySpec { name: name.to_owned(), ..EntitySpec::default() };
    engine.create_entity(spec, fields, None).await.unwrap_or_else(|e| panic!("{name}: {e}")).id
}

fn relationship(name: &str, source: stoneware_engine::model::EntityId, kind: RelationshipType) -> RelationshipSpec {
    RelationshipSpec {
        name: name.to_owned(),
        kind,
        source,
        target: source,
        inverse_name: Some(format!("{name} back")),
        description: None,
        field: Some(format!("{name} ref")),
        required: false,
        on_delete: None,
        on_update: None,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_name_works_as_entity_field_and_relationship_in_both_modes() {
    on_each(async |w| {
        let engine = &w.engine;
        let mut ids = Vec::new();
        for name in names() {
            let mut text = FieldSpec::new(&name, FieldType::String);
            text.unique = true;
            let mut number = FieldSpec::new(&format!("{name} 2"), FieldType::Integer);
            number.indexed = true;
            let entity = create(engine, &name, vec![text, number]).await;
            let one = RelationshipSpec { field: Some(format!("{name} ref")), ..relationship(&name, entity, RelationshipType::ManyToOne) };
            engine.add_relationship(one).await.unwrap_or_else(|e| panic!("{name}: {e}"));
            let many = RelationshipSpec { field: None, ..relationship(&format!("{name} many"), entity, RelationshipType::ManyToMany) };
            let many = engine.add_relationship(many).await.unwrap_or_else(|e| panic!("{name}: {e}"));
            let a = engine
                .insert_record(entity, data(json!({ &name: "a'\"", format!("{name} 2"): 2 })))
                .await
                .unwrap_or_else(|e| panic!("{name}: {e}"));
            let b = engine
                .insert_record(entity, data(json!({ &name: "b", format!("{name} 2"): 1, format!("{name} ref"): a.id })))
                .await
                .unwrap_or_else(|e| panic!("{name}: {e}"));
            engine.add_links(many.id, entity, a.id, vec![b.id], Some(json!({ &name: 1 }))).await.unwrap();
            ids.push((name, entity, a.id, b.id, many.id));
        }
        let before = w.exports().await;
        let entities: Vec<_> = ids.iter().map(|(_, entity, ..)| *entity).collect();
        for round in 0..3 {
            for (name, entity, a, b, many) in &ids {
                let refused = engine.insert_record(*entity, data(json!({ name: "b" }))).await.unwrap_err();
                assert_eq!(refused.code, ErrorCode::UniqueViolation, "{name}, round {round}");
                let sort = vec![SortKey { field: format!("{name} 2"), descending: false }];
                let include = vec![name.clone(), format!("{name} many")];
                let page = engine.list_records(*entity, ListRequest { sort, include, ..ListRequest::default() }).await.unwrap();
                assert_eq!(page.records.iter().map(|r| r.id).collect::<Vec<_>>(), [*b, *a], "{name}, round {round}");
                assert_eq!(page.records[0].data[name], "b", "{name}");
                assert_eq!(page.records[0].links[name][0].id, *a, "{name}");
                assert_eq!(page.records[1].links[&format!("{name} many")][0].id, *b, "{name}");
                assert_eq!(engine.links(*many, *a).await.unwrap()[0].metadata, Some(json!({ name: 1 })), "{name}");
                let quoted = format!("\"{} 2\" = 2", name.replace('"', "\"\""));
                let page = engine.list_records(*entity, ListRequest { filter: Some(quoted), ..ListRequest::default() }).await;
                assert_eq!(page.unwrap_or_else(|e| panic!("{name}: {e}")).records.len(), 1, "{name}");
            }
            match round {
                0 => materialize(engine, entities.clone()).await,
                1 => dematerialize(engine, entities.clone()).await,
                _ => break,
            };
            assert_eq!(w.exports().await, before, "after round {round}");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn renaming_moves_no_data_in_either_mode() {
    on_each(async |w| {
        let engine = &w.engine;
        let names = names();
        let entity = create(engine, "Start", vec![FieldSpec::new("start", FieldType::String)]).await;
        let relationship = engine.add_relationship(relationship("start rel", entity, RelationshipType::ManyToOne)).await.unwrap();
        let a = engine.insert_record(entity, data(json!({"start": "value"}))).await.unwrap();
        engine.update_record(entity, a.id, data(json!({"start rel ref": a.id})), None).await.unwrap();
        for (i, name) in names.iter().enumerate() {
            if i == names.len() / 2 {
                materialize(engine, vec![entity]).await;
            }
            engine.update_entity(entity, EntitySpec { name: name.clone(), ..EntitySpec::default() }).await.unwrap();
            let field = engine.schema().await.unwrap().entity(entity).unwrap().fields[0].clone();
            engine.update_field(entity, field.id, FieldSpec::new(name, FieldType::String)).await.unwrap();
            let mut spec = self::relationship(&format!("{name} rel"), entity, RelationshipType::ManyToOne);
            spec.inverse_name = None;
            engine.update_relationship(relationship.id, spec).await.unwrap();
            let record = engine.record(entity, a.id).await.unwrap();
            assert_eq!(record.data, data(json!({ name: "value", format!("{name} rel ref"): a.id })), "{name}");
            let schema = engine.schema().await.unwrap();
            assert_eq!(schema.entity_named(name).unwrap().id, entity);
            assert_eq!(schema.entity(entity).unwrap().fields[0].storage, "start", "the storage name stays");
        }
        dematerialize(engine, vec![entity]).await;
        let last = names.last().unwrap();
        assert_eq!(engine.record(entity, a.id).await.unwrap().data[last], "value");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dropped_name_can_be_used_again() {
    on_each(async |w| {
        let engine = &w.engine;
        for dedicated in [false, true] {
            for name in names() {
                for round in 0..2 {
                    let entity = create(engine, &name, vec![FieldSpec::new(&name, FieldType::String)]).await;
                    let made =
                        engine.add_relationship(relationship(&format!("{name} r"), entity, RelationshipType::ManyToMany)).await.unwrap();
                    if dedicated {
                        materialize(engine, vec![entity]).await;
                    }
                    let record = engine.insert_record(entity, data(json!({ &name: "x" }))).await.unwrap();
                    // The field, dropped and made again with another type: the old values do not come back.
                    let field = engine.schema().await.unwrap().entity(entity).unwrap().fields[0].id;
                    engine.drop_field(entity, field).await.unwrap();
                    engine.add_field(entity, FieldSpec::new(&name, FieldType::Integer)).await.unwrap();
                    assert_eq!(engine.record(entity, record.id).await.unwrap().data[&name], Value::Null, "{name}");
                    engine.update_record(entity, record.id, data(json!({ &name: 5 })), None).await.unwrap();
                    // The relationship likewise.
                    engine.add_links(made.id, entity, record.id, vec![record.id], None).await.unwrap();
                    engine.drop_relationship(made.id).await.unwrap();
                    let again =
                        engine.add_relationship(relationship(&format!("{name} r"), entity, RelationshipType::ManyToMany)).await.unwrap();
                    assert!(engine.links(again.id, record.id).await.unwrap().is_empty(), "{name}");
                    engine.drop_entity(entity).await.unwrap_or_else(|e| panic!("{name}, {round}: {e}"));
                }
            }
        }
        assert!(engine.schema().await.unwrap().entities.is_empty());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_long_names_do_not_become_one() {
    on_each(async |w| {
        let engine = &w.engine;
        let mut ids = Vec::new();
        for end in ["a", "b", "c"] {
            let name = format!("{}{end}", "x".repeat(199));
            let fields = ["a", "b"]
                .iter()
                .map(|f| FieldSpec { unique: true, ..FieldSpec::new(&format!("{}{f}", "y".repeat(199)), FieldType::String) });
            let id = create(engine, &name, fields.collect()).await;
            for relationship_end in ["a", "b"] {
                engine
                    .add_relationship(relationship(&format!("{}{relationship_end}", "z".repeat(199)), id, RelationshipType::ManyToMany))
                    .await
                    .unwrap();
            }
            engine
                .insert_record(id, data(json!({ format!("{}a", "y".repeat(199)): end, format!("{}b", "y".repeat(199)): "b" })))
                .await
                .unwrap();
            ids.push(id);
        }
        let before = w.exports().await;
        materialize(engine, ids.clone()).await;
        assert_eq!(w.exports().await, before);
        dematerialize(engine, ids).await;
        assert_eq!(w.exports().await, before);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_name_is_refused() {
    on_each(async |w| {
        let engine = &w.engine;
        let entity = create(engine, "A", vec![FieldSpec::new("x", FieldType::String)]).await;
        for bad in ["", "   ", "a\nb", "a\0b", "\u{7}", &"n".repeat(256)] {
            let spec = EntitySpec { name: bad.to_owned(), ..EntitySpec::default() };
            assert_eq!(engine.create_entity(spec.clone(), vec![], None).await.unwrap_err().code, ErrorCode::InvalidName, "{bad:?}");
            assert_eq!(engine.update_entity(entity, spec).await.unwrap_err().code, ErrorCode::InvalidName, "{bad:?}");
            let field = FieldSpec::new(bad, FieldType::String);
            assert_eq!(engine.add_field(entity, field).await.unwrap_err().code, ErrorCode::InvalidName, "{bad:?}");
            let spec = relationship(bad, entity, RelationshipType::ManyToOne);
            assert_eq!(engine.add_relationship(spec).await.unwrap_err().code, ErrorCode::InvalidName, "{bad:?}");
        }
        for taken in ["x", "X"] {
            assert_eq!(engine.add_field(entity, FieldSpec::new(taken, FieldType::String)).await.unwrap_err().code, ErrorCode::NameTaken);
        }
        let mut spec = relationship("r", entity, RelationshipType::ManyToOne);
        spec.field = Some("X".to_owned());
        assert_eq!(engine.add_relationship(spec).await.unwrap_err().code, ErrorCode::NameTaken, "a field has that name");
    })
    .await;
}
