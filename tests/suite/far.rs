//! A server far away: few round trips, whatever there is to show, and a line that breaks.

use serde_json::json;
use sqlx::{ConnectOptions, Connection as _, sqlite::SqliteConnectOptions};
use std::time::Duration;
use stoneware_engine::{
    Engine, ErrorCode,
    model::{ListRequest, RecordPage, ReferentialAction, WorkspaceEvent},
};
use stoneware_tests::{
    Workspace,
    build::{entity, insert, many_to_many, many_to_one},
    cli::{Ran, stoneware},
    cluster::cluster,
    data, materialize,
    proxy::Proxy,
};

/// 50 ms each way.
const FAR: Duration = Duration::from_millis(50);

async fn through(delay: Duration) -> Option<(Workspace, Proxy)> {
    let workspace = Workspace::on_postgres().await?;
    Some((workspace, Proxy::to(cluster()?, delay).await))
}

/// What the window does when it is opened. Returns the round trips.
async fn open(workspace: &Workspace, proxy: &Proxy) -> (Engine, u32) {
    proxy.trips();
    let engine = Engine::open(&proxy.location(&workspace.location)).await.unwrap();
    engine.watch().await.unwrap();
    engine.opening().await.unwrap();
    (engine, proxy.trips())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_entities_are_opened_in_five_round_trips() {
    let Some((w, proxy)) = through(Duration::ZERO).await else { return };
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("many.sqlite");
    let mut db = SqliteConnectOptions::new().filename(&file).create_if_missing(true).connect().await.unwrap();
    let tables: Vec<String> = (0..1000).map(|i| format!("CREATE TABLE t{i} (id INTEGER PRIMARY KEY, name TEXT, size INTEGER)")).collect();
    sqlx::raw_sql(sqlx::AssertSqlSafe(tables.join(";"))).execute(&mut db).await.unwrap();
    db.close().await.unwrap();
    let file = file.display().to_string();
    let imported = Ran::of(stoneware().args(["-w", &w.location, "--json", "import", &file, "--schema-only"])).json();
    assert_eq!(imported["entities"].as_array().unwrap().len(), 1000);

    let (engine, trips) = open(&w, &proxy).await;
    eprintln!("opening {} entities took {trips} round trips", engine.schema().await.unwrap().entities.len());
    assert_eq!(engine.schema().await.unwrap().entities.len(), 1000);
    assert!(trips <= 5, "{trips} round trips");
    engine.close().await;
}

/// A page with everything an order is linked to. Returns the round trips.
async fn page(engine: &Engine, proxy: &Proxy, request: ListRequest) -> (RecordPage, u32) {
    let order = engine.schema().await.unwrap().entity_named("Order").unwrap().id;
    proxy.trips();
    let page = engine.list_records(order, request).await.unwrap();
    (page, proxy.trips())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_sample_is_opened_and_paged_within_few_round_trips() {
    let Some((w, proxy)) = through(FAR).await else { return };
    w.engine.fill_sample().await.unwrap();
    let schema = w.engine.schema().await.unwrap();
    for dedicated in [false, true] {
        if dedicated {
            materialize(&w.engine, schema.entities.iter().map(|e| e.id).collect()).await;
        }
        let (engine, trips) = open(&w, &proxy).await;
        eprintln!("opening the sample took {trips} round trips");
        assert!(trips <= 5, "{trips} round trips");

        // The entity with the most kinds of links, all of them included. Nobody else's changes are looked for: that is not the page's.
        let watching = engine;
        let engine = Engine::open(&proxy.location(&w.location)).await.unwrap();
        watching.close().await;
        let schema = engine.opening().await.unwrap().schema;
        let ends = |id| schema.relationships.iter().filter(move |r| r.source == id || r.target == id);
        let busiest = schema.entities.iter().max_by_key(|e| ends(e.id).count()).unwrap();
        let include: Vec<String> = ends(busiest.id).map(|r| r.title_from(busiest.id).to_owned()).collect();
        let mut after = None;
        for (limit, most) in [(10, 2), (1000, 2), (1000, 2)] {
            let request = ListRequest { limit: Some(limit), include: include.clone(), after: after.clone(), ..ListRequest::default() };
            proxy.trips();
            let page = engine.list_records(busiest.id, request.clone()).await.unwrap();
            let trips = proxy.trips();
            eprintln!("{} of {}, with {include:?}: {trips} round trips", page.records.len(), busiest.name);
            assert!(trips <= most, "{trips} round trips");
            let again = engine.list_records(busiest.id, request).await.unwrap();
            assert_eq!(proxy.trips(), 1, "a statement that is known");
            assert_eq!(serde_json::to_value(&again).unwrap(), serde_json::to_value(&page).unwrap());
            after = page.next.or(after);
        }
        engine.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_knows_of_an_edit_by_somebody_else() {
    let Some((w, proxy)) = through(Duration::ZERO).await else { return };
    let a = entity(&w.engine, "Order", &["name:string"]).await;
    let b = entity(&w.engine, "Customer", &["name:string"]).await;
    let customer = many_to_one(&w.engine, a, "customer", b, ReferentialAction::Restrict).await;
    let tags = many_to_many(&w.engine, a, "tags", b).await;
    let ann = insert(&w.engine, b, json!({ "name": "Ann" })).await;
    let order = insert(&w.engine, a, json!({ "name": "1", "customer": ann.id })).await;
    w.engine.add_links(tags.id, a, order.id, vec![ann.id], Some(json!({ "since": 2020 }))).await.unwrap();
    let (engine, _) = open(&w, &proxy).await;
    let include = vec!["customer".to_owned(), "tags".to_owned()];
    let request = ListRequest { include, ..ListRequest::default() };
    let (before, _) = page(&engine, &proxy, request.clone()).await;
    assert_eq!(before.records[0].links["customer"][0].primary_value.as_deref(), Some("Ann"));
    assert_eq!(before.records[0].links["tags"][0].metadata, Some(json!({ "since": 2020 })));

    // The tables have moved, and the columns have changed: what was known of them holds no more.
    materialize(&w.engine, vec![a, b]).await;
    let (moved, _) = page(&engine, &proxy, request.clone()).await;
    assert_eq!(serde_json::to_value(&moved).unwrap(), serde_json::to_value(&before).unwrap());
    w.engine.drop_relationship(customer.id).await.unwrap();
    let refused = engine.list_records(a, request).await.unwrap_err();
    assert_eq!(refused.code, ErrorCode::UnknownRelationship);
    engine.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_line_that_breaks_is_noticed_told_and_made_anew() {
    let Some((w, proxy)) = through(Duration::ZERO).await else { return };
    let a = entity(&w.engine, "A", &["name:string:unique"]).await;
    let (engine, _) = open(&w, &proxy).await;
    let mut events = engine.subscribe();
    insert(&engine, a, json!({ "name": "before" })).await;

    proxy.cut();
    wait(&mut events, |e| matches!(e, WorkspaceEvent::ConnectionLost)).await;
    let refused = engine.insert_record(a, data(json!({ "name": "meanwhile" }))).await.unwrap_err();
    assert_eq!((refused.code, &refused.details["outcome"]), (ErrorCode::ConnectionLost, &json!("not_done")), "{refused:?}");
    let refused = engine.list_records(a, ListRequest::default()).await.unwrap_err();
    assert_eq!(refused.code, ErrorCode::ConnectionLost, "{refused:?}");
    // Somebody else goes on.
    insert(&w.engine, a, json!({ "name": "theirs" })).await;

    proxy.mend();
    wait(&mut events, |e| matches!(e, WorkspaceEvent::ConnectionBack)).await;
    wait(&mut events, |e| matches!(e, WorkspaceEvent::RecordsChanged { entities } if entities.contains(&a))).await;
    insert(&engine, a, json!({ "name": "after" })).await;
    let names: Vec<String> =
        engine.list_records(a, ListRequest::default()).await.unwrap().records.into_iter().filter_map(|r| r.primary_value).collect();
    assert_eq!(names, ["before", "theirs", "after"]);
    engine.close().await;
}

async fn wait(events: &mut tokio::sync::broadcast::Receiver<WorkspaceEvent>, is: impl Fn(&WorkspaceEvent) -> bool) {
    let next = async { while !is(&events.recv().await.unwrap()) {} };
    tokio::time::timeout(Duration::from_secs(60), next).await.expect("never told");
}

#[tokio::test(flavor = "multi_thread")]
async fn dead_connections_are_met_by_nobody() {
    let Some((w, proxy)) = through(Duration::ZERO).await else { return };
    let a = entity(&w.engine, "A", &["name:string"]).await;
    let engine = Engine::open(&proxy.location(&w.location)).await.unwrap();
    // As many connections as there are tasks at once.
    let tasks: Vec<_> = (0..8)
        .map(|i| {
            let engine = engine.clone();
            tokio::spawn(async move { insert(&engine, a, json!({ "name": format!("{i}") })).await })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    // All of them go while nobody looks; nobody watches either.
    proxy.cut();
    proxy.mend();
    insert(&engine, a, json!({ "name": "after" })).await;
    assert_eq!(engine.count_records(a, ListRequest::default()).await.unwrap(), 9);
    engine.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_network_that_falls_silent_ends_what_waits_for_it() {
    falls_silent(false).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_network_that_falls_silent_is_found_again_by_whoever_listens() {
    falls_silent(true).await;
}

async fn falls_silent(watching: bool) {
    let Some((w, proxy)) = through(Duration::ZERO).await else { return };
    let a = entity(&w.engine, "A", &["name:string:unique"]).await;
    let engine = Engine::open(&proxy.location(&w.location)).await.unwrap();
    let mut events = engine.subscribe();
    if watching {
        engine.watch().await.unwrap();
    }
    insert(&engine, a, json!({ "name": format!("before, {watching}") })).await;
    engine.list_records(a, ListRequest::default()).await.unwrap();
    // A long statement on a server that lives: it waits for somebody who has locked the record.
    let location = w.location.replacen("?schema=", "?options[search_path]=", 1);
    let mut slow = sqlx::PgConnection::connect(&location).await.unwrap();
    sqlx::raw_sql("BEGIN; LOCK TABLE kdb_index_entries IN EXCLUSIVE MODE").execute(&mut slow).await.unwrap();
    let long = {
        let engine = engine.clone();
        tokio::spawn(async move { engine.insert_record(a, data(json!({ "name": format!("long, {watching}") }))).await })
    };
    // On a connection of its own: within a transaction the view stays as it was.
    let mut look = sqlx::PgConnection::connect(&location).await.unwrap();
    let waits = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE 'INSERT INTO kdb_index_entries%' \
                     AND clock_timestamp() - query_start > interval '11 seconds'";
    while sqlx::query_scalar::<_, i64>(waits).fetch_one(&mut look).await.unwrap() == 0 {
        tokio::task::yield_now().await;
    }
    sqlx::raw_sql("COMMIT").execute(&mut slow).await.unwrap();
    long.await.unwrap().unwrap();

    proxy.go_dark();
    let list = engine.list_records(a, ListRequest::default());
    let write = engine.insert_record(a, data(json!({ "name": format!("dark, {watching}") })));
    let ended = async { tokio::join!(list, write) };
    let (list, write) = tokio::time::timeout(Duration::from_secs(60), ended).await.expect("they wait still");
    assert_eq!(list.unwrap_err().code, ErrorCode::ConnectionLost);
    let write = write.unwrap_err();
    assert_eq!((write.code, &write.details["outcome"]), (ErrorCode::ConnectionLost, &json!("not_done")), "{write:?}");

    // What was connected before leads nowhere, and nobody has to find that out.
    proxy.mend();
    if watching {
        wait(&mut events, |e| matches!(e, WorkspaceEvent::ConnectionBack)).await;
    }
    insert(&engine, a, json!({ "name": format!("after, {watching}") })).await;
    assert!(engine.count_records(a, ListRequest::default()).await.unwrap() > 0);
    engine.close().await;
    slow.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_commit_nobody_answers_may_be_done() {
    let Some((w, proxy)) = through(Duration::ZERO).await else { return };
    let a = entity(&w.engine, "A", &["name:string"]).await;
    let location = w.location.replacen("?schema=", "?options[search_path]=", 1);
    let mut slow = sqlx::PgConnection::connect(&location).await.unwrap();
    sqlx::raw_sql(
        "CREATE FUNCTION hold() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_advisory_xact_lock(4242); RETURN NULL; END'; \
         CREATE CONSTRAINT TRIGGER hold AFTER INSERT ON kdb_records DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION hold(); \
         SELECT pg_advisory_lock(4242)",
    )
    .execute(&mut slow)
    .await
    .unwrap();
    let engine = Engine::open(&proxy.location(&w.location)).await.unwrap();
    let write = {
        let engine = engine.clone();
        tokio::spawn(async move { engine.insert_record(a, data(json!({ "name": "perhaps" }))).await })
    };
    let waits =
        "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query = 'COMMIT' AND datname = current_database()";
    while sqlx::query_scalar::<_, i64>(waits).fetch_one(&mut slow).await.unwrap() == 0 {
        tokio::task::yield_now().await;
    }
    proxy.go_dark();
    sqlx::raw_sql("SELECT pg_advisory_unlock(4242)").execute(&mut slow).await.unwrap();
    let lost = tokio::time::timeout(Duration::from_secs(60), write).await.expect("it waits still").unwrap().unwrap_err();
    assert_eq!((lost.code, &lost.details["outcome"]), (ErrorCode::ConnectionLost, &json!("unknown")), "{lost:?}");
    // It was done.
    assert_eq!(w.engine.count_records(a, ListRequest::default()).await.unwrap(), 1);
    slow.close().await.unwrap();
}
