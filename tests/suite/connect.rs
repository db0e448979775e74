//! Connections to a Postgres server: encrypted, with a password, and a useful answer for each way they can fail.

use serde_json::json;
use sqlx::{Connection as _, PgConnection};
use std::time::Duration;
use stoneware_engine::{
    Engine, Error, ErrorCode,
    model::{ListRequest, WorkspaceEvent},
};
use stoneware_tests::{
    build::{entity, field, insert},
    cluster::{Cluster, cluster, leading},
    data, materialize,
    proxy::Proxy,
};

async fn refused(url: &str) -> Error {
    match Engine::open_or_create(url).await {
        Ok(_) => panic!("it must not be opened: {url}"),
        Err(error) => error,
    }
}

fn schema(cluster: &Cluster, more: &str) -> String {
    format!("{}&schema=s_{}{more}", cluster.url("postgres"), uuid::Uuid::now_v7().simple())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_encrypted_connection_with_a_password() {
    let Some(cluster) = cluster() else { return };
    let certificate = cluster.folder.join("authority.crt");
    for more in [String::new(), format!("&sslmode=verify-full&sslrootcert={}", certificate.display())] {
        let url = schema(cluster, &more);
        let (engine, made) = Engine::open_or_create(&url).await.unwrap();
        assert!(made);
        let a = entity(&engine, "A", &["name:string"]).await;
        insert(&engine, a, json!({ "name": "x" })).await;
        let info = engine.info().unwrap();
        assert_eq!(info.kind, "postgres");
        assert!(!info.location.contains("p%40ss"), "the password is not shown: {}", info.location);
        engine.close().await;
        assert_eq!(Engine::open(&url).await.unwrap().overview().await.unwrap()[0].records, 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_failure_says_what_to_look_at() {
    let Some(cluster) = cluster() else { return };
    let good = schema(cluster, "");
    let wrong = refused(&good.replace("p%40ss", "guess")).await;
    assert_eq!((wrong.code, wrong.message.contains("password")), (ErrorCode::ConnectionFailed, true), "{wrong:?}");
    assert!(!format!("{wrong:?}").contains("guess"), "not even a wrong password is repeated");
    let nowhere = refused(&good.replace("/postgres?", "/nowhere?")).await;
    assert_eq!((nowhere.code, nowhere.message.contains("no database")), (ErrorCode::ConnectionFailed, true), "{nowhere:?}");
    let silent = refused("postgres://ada@127.0.0.1:1/db").await;
    assert_eq!((silent.code, silent.message.contains("Nobody answers")), (ErrorCode::ConnectionFailed, true), "{silent:?}");
    let unknown = refused("postgres://ada@no-such-host.invalid/db").await;
    assert_eq!(unknown.code, ErrorCode::ConnectionFailed, "{unknown:?}");
    let strange = refused(&format!("{good}&sslmode=verify-full")).await;
    assert_eq!((strange.code, strange.message.contains("certificate")), (ErrorCode::ConnectionFailed, true), "{strange:?}");
    assert_eq!(refused("postgres://ada@[host/db").await.code, ErrorCode::InvalidInput);
    // Opening is not making.
    assert_eq!(Engine::open(&good).await.err().map(|e| e.code), Some(ErrorCode::NotAWorkspace));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_too_old_is_told_so() {
    let Some(cluster) = cluster() else { return };
    let location = cluster.workspace();
    let (engine, _) = Engine::open_or_create(&location).await.unwrap();
    engine.close().await;
    let proxy = Proxy::to(cluster, Duration::ZERO).await;
    let through = proxy.location(&location);
    let mut db = PgConnection::connect(&cluster.url("postgres")).await.unwrap();
    let version: String = sqlx::query_scalar("SELECT current_setting('server_version_num')").fetch_one(&mut db).await.unwrap();
    db.close().await.unwrap();
    assert!(Engine::probe(&through).await.is_ok());
    proxy.tell(&version, "140012");
    let old =
        [Engine::probe(&through).await.map(drop), Engine::open(&through).await.map(drop), Engine::open_or_create(&through).await.map(drop)];
    for old in old.map(Result::unwrap_err) {
        assert_eq!((old.code, &old.details["reason"]), (ErrorCode::Unsupported, &json!("server_too_old")), "{old:?}");
        assert!(old.message.contains("Postgres 14") && old.message.contains("15 or newer"), "{}", old.message);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_standby_is_for_reading_and_shows_what_comes() {
    let Some(leader) = leading() else { return };
    let location = leader.workspace();
    let (writer, _) = Engine::open_or_create(&location).await.unwrap();
    let a = entity(&writer, "A", &["name:string:unique"]).await;
    let first = insert(&writer, a, json!({ "name": "first" })).await;
    materialize(&writer, vec![a]).await;
    let standby = leader.standby();
    let there = standby.instead_of(&leader, &location);
    // What was written before it was copied is there; the rest comes.
    let reader = Engine::open(&there).await.unwrap();
    let info = reader.info().unwrap();
    assert!(info.read_only && info.read_only_reason.as_ref().is_some_and(|why| why.contains("standby")), "{info:?}");
    assert_eq!(reader.opening().await.unwrap().overview[0].records, 1);
    assert_eq!(reader.record(a, first.id).await.unwrap().primary_value.as_deref(), Some("first"));
    let field_id = reader.schema().await.unwrap().entity(a).unwrap().fields[0].id;
    let refused = [
        reader.insert_record(a, data(json!({ "name": "x" }))).await.map(drop),
        reader.delete_records(a, vec![first.id]).await.map(drop),
        reader.update_field(a, field_id, field("name:string:indexed")).await.map(drop),
        reader.undo().await.map(drop),
        reader.start_dematerialize(vec![a], Default::default()).await.map(drop),
    ];
    for refused in refused.map(Result::unwrap_err) {
        assert_eq!(refused.code, ErrorCode::NotPermitted, "{refused:?}");
        assert!(refused.message.contains("standby"), "{}", refused.message);
    }

    // Nobody can listen there: it looks from time to time.
    let mut events = reader.subscribe();
    reader.watch().await.unwrap();
    insert(&writer, a, json!({ "name": "second" })).await;
    let told =
        async { while !matches!(events.recv().await.unwrap(), WorkspaceEvent::RecordsChanged { entities } if entities.contains(&a)) {} };
    tokio::time::timeout(Duration::from_secs(60), told).await.expect("never told");
    assert_eq!(reader.count_records(a, ListRequest::default()).await.unwrap(), 2);
    reader.close().await;
    writer.close().await;
}
