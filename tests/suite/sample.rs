//! The sample workspace: the same every time, with everything in it that Stoneware can do.

use std::collections::BTreeSet;
use stoneware_engine::model::{FieldType, ReferentialAction, RelationshipType};
use stoneware_tests::Workspace;

/// Width of a card on the diagram, and the heights of its head and of each line.
const CARD: (i32, i32, i32) = (210, 34, 26);

#[tokio::test]
async fn the_sample_shows_everything_and_is_the_same_each_time() {
    let w = Workspace::new().await;
    w.engine.fill_sample().await.unwrap();
    let schema = w.engine.schema().await.unwrap();
    let types: BTreeSet<&str> = schema.entities.iter().flat_map(|e| &e.fields).map(|f| f.field_type.word()).collect();
    let missing: Vec<&str> = FieldType::ALL.iter().map(|t| t.word()).filter(|t| !types.contains(t)).collect();
    assert!(missing.is_empty(), "types nobody sees: {missing:?}");
    for kind in [RelationshipType::ManyToOne, RelationshipType::OneToMany, RelationshipType::OneToOne, RelationshipType::ManyToMany] {
        assert!(schema.relationships.iter().any(|r| r.kind == kind), "{kind:?}");
    }
    for action in [ReferentialAction::Cascade, ReferentialAction::SetNull, ReferentialAction::Restrict, ReferentialAction::NoAction] {
        assert!(schema.relationships.iter().any(|r| r.on_delete == action), "{action:?}");
    }
    assert!(schema.relationships.iter().any(|r| r.source == r.target && !r.is_many_to_many()), "a hierarchy");
    let records: u32 = w.engine.overview().await.unwrap().iter().map(|e| e.records).sum();
    assert!((15_000..30_000).contains(&records), "{records} records");

    let again = Workspace::new().await;
    again.engine.fill_sample().await.unwrap();
    assert!(w.exports().await == again.exports().await, "the same to the byte");
    assert!(w.engine.fill_sample().await.is_err(), "it goes into an empty workspace");

    let layout = w.engine.layout().await.unwrap();
    assert_eq!(layout.len(), schema.entities.len(), "every card has its place");
    let boxes: Vec<(i32, i32, i32, &str)> = layout
        .iter()
        .map(|p| {
            let entity = schema.entity(p.entity).unwrap();
            let lines = entity.fields.len() + schema.columns(entity.id).count();
            (p.x, p.y, CARD.1 + CARD.2 * i32::try_from(lines).unwrap(), entity.name.as_str())
        })
        .collect();
    for (i, a) in boxes.iter().enumerate() {
        for b in &boxes[i + 1..] {
            let apart = (a.0 - b.0).abs() >= CARD.0 + 20 || if a.1 < b.1 { b.1 - a.1 >= a.2 + 20 } else { a.1 - b.1 >= b.2 + 20 };
            assert!(apart, "{} covers {}", a.3, b.3);
        }
    }
}
