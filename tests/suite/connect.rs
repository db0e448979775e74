//! Connections to a Postgres server: encrypted, with a password, and a useful answer for each way they can fail.

use serde_json::json;
use stoneware_engine::{Engine, Error, ErrorCode};
use stoneware_tests::{
    build::{entity, insert},
    cluster::{Cluster, cluster},
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
