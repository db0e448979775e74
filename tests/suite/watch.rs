//! What others change in a workspace is told without being asked for.

use serde_json::json;
use std::time::Duration;
use stoneware_engine::{
    Engine, ErrorCode,
    model::{MaterializeOptions, Phase, WorkspaceEvent},
};
use stoneware_tests::{
    Workspace,
    build::{entity, field, insert},
    cli, on_each, outside,
};
use tokio::sync::broadcast::Receiver;

/// The next event that says so; none in half a minute fails the test.
async fn told(events: &mut Receiver<WorkspaceEvent>, what: &str, is: impl Fn(&WorkspaceEvent) -> bool) -> WorkspaceEvent {
    let next = async {
        loop {
            match events.recv().await.unwrap() {
                event if is(&event) => return event,
                _ => {}
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(30), next).await.unwrap_or_else(|_| panic!("never told of {what}"))
}

async fn other(w: &Workspace) -> Engine {
    Engine::open(&w.location).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn changes_of_another_program_are_told() {
    on_each(async |w| {
        let a = entity(&w.engine, "A", &["name:string"]).await;
        let b = entity(&w.engine, "B", &["name:string"]).await;
        let mut events = w.engine.subscribe();
        w.engine.watch().await.unwrap();
        let other = other(&w).await;

        insert(&other, b, json!({ "name": "theirs" })).await;
        let event = told(&mut events, "the record", |e| matches!(e, WorkspaceEvent::RecordsChanged { .. })).await;
        assert!(matches!(event, WorkspaceEvent::RecordsChanged { entities } if entities == [b]), "only what changed");

        other.add_field(a, field("more:integer")).await.unwrap();
        let version = other.schema().await.unwrap().version;
        told(&mut events, "the field", |e| matches!(e, WorkspaceEvent::SchemaChanged { version: v } if *v == version)).await;
        assert_eq!(w.engine.schema().await.unwrap().entity(a).unwrap().fields.len(), 2);
        other.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn changes_by_plain_sql_are_told() {
    let w = Workspace::new().await;
    let a = entity(&w.engine, "A", &["name:string"]).await;
    insert(&w.engine, a, json!({ "name": "x" })).await;
    let mut events = w.engine.subscribe();
    w.engine.watch().await.unwrap();
    outside::change(&w.path, "UPDATE kdb_records SET data = json_set(data, '$.name', 'y')", &[]).await;
    told(&mut events, "it", |e| matches!(e, WorkspaceEvent::RecordsChanged { entities } if entities.contains(&a))).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_s_own_records_are_told_once() {
    on_each(async |w| {
        let (a, b) = (entity(&w.engine, "A", &["name:string"]).await, entity(&w.engine, "B", &["name:string"]).await);
        w.engine.watch().await.unwrap();
        let other = other(&w).await;
        let mut events = w.engine.subscribe();
        for i in 0..20 {
            insert(&w.engine, a, json!({ "name": i.to_string() })).await;
        }
        insert(&other, b, json!({ "name": "theirs" })).await;
        let mut own = 0;
        loop {
            match told(&mut events, "theirs", |e| matches!(e, WorkspaceEvent::RecordsChanged { .. })).await {
                WorkspaceEvent::RecordsChanged { entities } if entities == [a] => own += 1,
                WorkspaceEvent::RecordsChanged { entities } => {
                    assert_eq!(entities, [b]);
                    break;
                }
                _ => {}
            }
        }
        assert_eq!(own, 20);
        other.close().await;
    })
    .await;
}

/// The job of another process shows with its progress, and its end.
#[tokio::test(flavor = "multi_thread")]
async fn another_program_s_job_is_told() {
    let w = Workspace::new().await;
    entity(&w.engine, "Contact", &stoneware_tests::data::CONTACT_FIELDS).await;
    let file = w.path.with_file_name("contacts.ndjson");
    stoneware_tests::data::contacts(20_000, &mut std::io::BufWriter::new(std::fs::File::create(&file).unwrap())).unwrap();
    w.engine.import_ndjson(&file, "Contact", &|_| {}, &tokio_util::sync::CancellationToken::new()).await.unwrap();
    let mut events = w.engine.subscribe();
    w.engine.watch().await.unwrap();
    let mut command = cli::stoneware();
    command.arg("-w").arg(&w.path).args(["--json", "materialize", "Contact", "--batch-size", "5"]);
    // Batches this small keep it busy for longer than the time between two looks.
    let run = std::thread::spawn(move || cli::Ran::of(&mut command).lines());
    let WorkspaceEvent::JobProgress(step) = told(&mut events, "progress", |e| matches!(e, WorkspaceEvent::JobProgress(_))).await else {
        unreachable!()
    };
    assert!(step.entity == "Contact" && Phase::ALL.contains(&step.phase), "{step:?}");
    let job = w.engine.job(step.job).await.unwrap();
    assert!(job.by.ends_with("(in the command line)") && !job.here, "{job:?}");
    let second = w.engine.start_materialize(vec![step.entity_id], MaterializeOptions::default()).await.unwrap_err();
    assert_eq!((second.code, &second.details["by"]), (ErrorCode::Busy, &serde_json::json!(job.by)));
    assert!(second.message.starts_with(&format!("{} is materializing Contact.", job.by)), "{second:?}");
    told(&mut events, "the end", |e| matches!(e, WorkspaceEvent::JobEnded { job } if *job == step.job)).await;
    run.join().unwrap();
    assert!(w.engine.schema().await.unwrap().entity_named("Contact").unwrap().is_dedicated());
}
