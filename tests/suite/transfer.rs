//! Copying a whole workspace: SQLite or Postgres, either way.

mod stopped;
mod whole;

use serde_json::json;
use stoneware_engine::{
    Engine, Error,
    jobs::faults,
    model::{CopyReport, EntityId, ListRequest, MaterializeOptions, NodePosition, OnInvalid, ReferentialAction},
};
use stoneware_tests::{
    Database, Workspace,
    build::{entity, field, insert, many_to_many, many_to_one},
    databases,
};
use tokio_util::sync::CancellationToken;

/// Every way there is to copy.
fn ways() -> Vec<(Database, Database)> {
    let all = databases();
    all.iter().flat_map(|from| all.iter().map(|to| (*from, *to))).collect()
}

async fn copy(from: &Engine, to: &Engine) -> Result<CopyReport, Error> {
    from.copy_into(to, Some(60), &|_| {}, &CancellationToken::new()).await
}

/// Copies, and dies at the n-th point.
async fn die(from: &Engine, to: &Workspace, location: &str, n: u32) -> Result<CopyReport, String> {
    faults::arm(location, Some(n));
    let ended = copy(from, &to.engine).await;
    let at = faults::passed(location).last().cloned().unwrap_or_default();
    faults::arm(location, None);
    ended.map_err(|error| {
        assert!(faults::is_crash(&error), "at {at}: {error:?}");
        at
    })
}

/// Everything a workspace says of itself, in order, to be compared line by line.
async fn everything(engine: &Engine) -> Vec<String> {
    let schema = engine.schema().await.unwrap();
    let mut layout = engine.layout().await.unwrap();
    layout.sort_by_key(|p| p.entity);
    let mut all = vec![format!("{schema:?}"), format!("{layout:?}"), format!("{:?}", engine.undo_state().await.unwrap())];
    all.extend(engine.changelog(None).await.unwrap().iter().map(|change| format!("{change:?}")));
    all.extend(engine.overview().await.unwrap().iter().map(|line| format!("{line:?}")));
    for entity in &schema.entities {
        let mut out = Vec::new();
        engine.export_ndjson(entity.id, &mut out).await.unwrap();
        all.extend(String::from_utf8(out).unwrap().lines().map(str::to_owned));
        let page = engine.list_records(entity.id, ListRequest { limit: Some(200), ..ListRequest::default() }).await.unwrap();
        all.extend(page.records.iter().map(|record| format!("{record:?}")));
        for relationship in schema.junctions(entity.id) {
            for record in &page.records {
                all.push(format!("{:?}", engine.links(relationship.id, record.id).await.unwrap()));
            }
        }
    }
    all
}

#[track_caller]
fn same(now: &[String], before: &[String], when: &str) {
    let difference = now.iter().zip(before).find(|(a, b)| a != b);
    assert!(now == before, "{when}: {} lines instead of {}: {difference:#?}", now.len(), before.len());
}

/// Something of everything a workspace can hold: entities in either mode that refer to each other and to themselves, pairs with metadata,
/// values that do not fit, and what drops have put away.
async fn lived_in(database: Database) -> (Workspace, EntityId) {
    let w = Workspace::on(database).await;
    let engine = &w.engine;
    let person =
        entity(engine, "Person", &["name:string:required,unique", "age:string:indexed", "score:float:indexed", "secret:string"]).await;
    let team = entity(engine, "user\"s Größe 注文", &["select:string", "budget:decimal", "extra:json:indexed"]).await;
    let place = entity(engine, "Place", &["name:string:unique", "height:float:unique", "since:datetime", "photo:binary"]).await;
    many_to_one(engine, person, "boss", person, ReferentialAction::SetNull).await;
    many_to_one(engine, person, "team", team, ReferentialAction::Cascade).await;
    many_to_one(engine, team, "lead", person, ReferentialAction::SetNull).await;
    many_to_one(engine, person, "home", place, ReferentialAction::SetNull).await;
    let fans = many_to_many(engine, person, "fans", team).await;
    let visits = many_to_many(engine, person, "visits", place).await;
    let gone = many_to_many(engine, team, "gone", place).await;
    let lost = entity(engine, "Lost", &["name:string:unique", "much:float"]).await;
    let mut last = None;
    for i in 0..45 {
        let home = insert(
            engine,
            place,
            json!({ "name": format!("H{i}"), "height": f64::from(i) * 1e20 / 3.0, "since": "0000-01-01", "photo": "00ff" }),
        )
        .await;
        let extra = json!({ "zz": 1e300, "a": [1.0, null, "é"], "whole": 1e17, "n": i });
        let team = insert(engine, team, json!({ "select": format!("T{i}"), "budget": "1.50", "extra": extra, "lead": last })).await;
        let age = if i % 20 == 7 { "n/a".to_owned() } else { i.to_string() };
        let data = json!({ "name": format!("P{i}"), "age": age, "score": 1.5e-10 * f64::from(i), "boss": last, "team": team.id, "home": home.id, "secret": "s" });
        let made = insert(engine, person, data).await;
        engine.add_links(fans.id, person, made.id, vec![team.id], Some(json!({ "since": i, "a": 1e20 }))).await.unwrap();
        engine.add_links(visits.id, person, made.id, vec![home.id], None).await.unwrap();
        let team_id = engine.schema().await.unwrap().relationship(gone.id).unwrap().source;
        engine.add_links(gone.id, team_id, team.id, vec![home.id], Some(json!({ "b": 1, "a": 2.5 }))).await.unwrap();
        insert(engine, lost, json!({ "name": format!("L{i}"), "much": 1e19 * f64::from(i) })).await;
        last = Some(made.id);
    }
    let fields = engine.schema().await.unwrap().entity(person).unwrap().fields.clone();
    engine.update_field(person, fields[1].id, field("age:integer:indexed")).await.unwrap();
    let options = MaterializeOptions { on_invalid: OnInvalid::Keep, batch_size: None };
    let job = engine.start_materialize(vec![person, team], options).await.unwrap();
    engine.wait_job(job.id).await.unwrap();
    engine.move_nodes(vec![NodePosition { entity: person, x: -40, y: 70 }]).await.unwrap();
    engine.drop_field(person, fields[3].id).await.unwrap();
    engine.drop_relationship(gone.id).await.unwrap();
    engine.drop_entity(lost).await.unwrap();
    engine.add_field(place, field("undone:string")).await.unwrap();
    engine.undo().await.unwrap();
    (w, person)
}
