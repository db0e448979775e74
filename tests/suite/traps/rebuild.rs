//! Changing a table that others refer to must not touch the others: a table rebuilt the naive way deletes the children.

use serde_json::json;
use stoneware_engine::model::{EntityId, FieldSpec, FieldType, ReferentialAction, RelationshipSpec};
use stoneware_tests::{
    Workspace,
    build::{entity, field, insert, many_to_many, many_to_one, relationship},
    dematerialize, materialize, on_each,
    outside::{foreign_keys, open, sound},
};

/// Ten artists with ten albums each, which would go with their artist, and tags.
async fn shop(w: &Workspace) -> Vec<EntityId> {
    let engine = &w.engine;
    let artist = entity(engine, "Artist", &["name:string:unique", "born:string"]).await;
    let album = entity(engine, "Album", &["title:string", "year:string"]).await;
    let tag = entity(engine, "Tag", &["word:string"]).await;
    many_to_one(engine, album, "artist", artist, ReferentialAction::Cascade).await;
    let tags = many_to_many(engine, artist, "tags", tag).await;
    for i in 0..10 {
        let a = insert(engine, artist, json!({"name": format!("a{i}"), "born": format!("{}", 1900 + i)})).await;
        for j in 0..10 {
            insert(engine, album, json!({"title": format!("t{i}{j}"), "year": format!("{}", 1950 + j), "artist_id": a.id})).await;
        }
        let t = insert(engine, tag, json!({"word": format!("w{i}")})).await;
        engine.add_links(tags.id, artist, a.id, vec![t.id], None).await.unwrap();
    }
    vec![artist, album, tag]
}

/// Tables of Artist and Album, and the junction table of their tags.
async fn tables(w: &Workspace) -> (String, String, String) {
    let schema = w.engine.schema().await.unwrap();
    let table = |name: &str| schema.entity_named(name).unwrap().table.clone();
    (table("Artist"), table("Album"), schema.relationships.iter().find(|r| r.is_many_to_many()).unwrap().storage.clone())
}

async fn counts(w: &Workspace) -> (Vec<u32>, Vec<u32>) {
    let records = w.engine.overview().await.unwrap().iter().map(|e| e.records).collect();
    (records, w.engine.link_counts().await.unwrap().into_values().collect())
}

#[tokio::test(flavor = "multi_thread")]
async fn changing_a_referred_table_keeps_the_referring_records() {
    on_each(async |w| {
        let engine = &w.engine;
        let entities = shop(&w).await;
        let (artist, album) = (entities[0], entities[1]);
        materialize(engine, entities.clone()).await;
        let whole = (vec![10, 100, 10], vec![10]);
        let born = engine.schema().await.unwrap().entity(artist).unwrap().fields[1].id;

        engine.update_field(artist, born, field("born:integer:indexed,required")).await.unwrap();
        assert_eq!(counts(&w).await, whole, "a changed type");
        engine.add_field(artist, FieldSpec { required: false, unique: true, ..FieldSpec::new("code", FieldType::String) }).await.unwrap();
        assert_eq!(counts(&w).await, whole, "a new unique field");
        engine.drop_field(artist, born).await.unwrap();
        assert_eq!(counts(&w).await, whole, "a dropped field");
        engine.undo().await.unwrap();
        assert_eq!(counts(&w).await, whole, "the field back");
        let label = entity(engine, "Label", &["name:string"]).await;
        materialize(engine, vec![label]).await;
        many_to_one(engine, artist, "label", label, ReferentialAction::Restrict).await;
        assert_eq!(counts(&w).await, (vec![10, 100, 10, 0], vec![10]), "a new foreign key");
        let artist_of = engine.schema().await.unwrap().relationships[0].clone();
        let spec = RelationshipSpec {
            required: true,
            on_delete: Some(ReferentialAction::Restrict),
            ..relationship(album, "artist", artist, artist_of.kind)
        };
        engine.update_relationship(artist_of.id, spec).await.unwrap();
        assert_eq!(counts(&w).await, (vec![10, 100, 10, 0], vec![10]), "another action");
        dematerialize(engine, vec![artist]).await;
        assert_eq!(counts(&w).await, (vec![10, 100, 10, 0], vec![10]), "the referred one back in the shared table");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn either_order_of_materializing_keeps_everything() {
    for order in [[0, 1, 2], [2, 1, 0], [1, 0, 2], [1, 2, 0]] {
        let w = Workspace::new().await;
        let entities = shop(&w).await;
        let before = w.exports().await;
        for i in order {
            materialize(&w.engine, vec![entities[i]]).await;
            assert_eq!(w.exports().await, before, "{order:?} at {i}");
        }
        let (_, album, junction) = tables(&w).await;
        let mut db = open(&w.path).await;
        assert_eq!(foreign_keys(&mut db, &album).await.len(), 1, "{order:?}: the key is real whichever end came first");
        assert_eq!(foreign_keys(&mut db, &junction).await.len(), 2, "{order:?}: both keys of the junction table are real");
        sound(&mut db).await;
        drop(db);
        for i in order {
            dematerialize(&w.engine, vec![entities[i]]).await;
            assert_eq!(w.exports().await, before, "{order:?} back at {i}");
        }
        assert_eq!(counts(&w).await, (vec![10, 100, 10], vec![10]), "{order:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rename_is_no_drop_and_add() {
    for dedicated in [false, true] {
        let w = Workspace::new().await;
        let engine = &w.engine;
        let artist = entity(engine, "Artist", &["name:string:unique", "born:integer"]).await;
        let a = insert(engine, artist, json!({"name": "Ada", "born": 1815})).await;
        if dedicated {
            materialize(engine, vec![artist]).await;
        }
        let fields = engine.schema().await.unwrap().entity(artist).unwrap().fields.clone();
        engine.update_field(artist, fields[1].id, field("year of birth:integer")).await.unwrap();
        engine.update_field(artist, fields[0].id, field("full name:string:unique")).await.unwrap();
        let record = engine.record(artist, a.id).await.unwrap();
        assert_eq!(record.data, stoneware_tests::data(json!({"full name": "Ada", "year of birth": 1815})));
        assert_eq!(record.primary_value.as_deref(), Some("Ada"));
        // The old name is free, and is another field.
        engine.add_field(artist, field("born:integer")).await.unwrap();
        let record = engine.record(artist, a.id).await.unwrap();
        assert_eq!(record.data["born"], json!(null));
        assert_eq!(record.data["year of birth"], 1815);
    }
}
