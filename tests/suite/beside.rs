//! Edits of dedicated tables on a server: what takes long is done beside them, so nobody waits, and a crash leaves nothing.

use serde_json::json;
use sqlx::{AssertSqlSafe, Connection as _, PgConnection};
use std::time::Duration;
use stoneware_engine::{
    Engine, ErrorCode,
    model::{Connection, EntityId, Field, KeyPart, ReferentialAction, RelationshipType},
};
use stoneware_tests::{
    Database, Workspace,
    build::{entity, field, insert, many_to_one, relationship},
    cluster::cluster,
    data, materialize,
    outside::anatomy,
};

/// A dedicated entity in a database of its own, with a name and a size that is nowhere unique, indexed or required.
struct Case {
    w: Workspace,
    id: EntityId,
}

impl Case {
    async fn new() -> Option<Self> {
        cluster()?;
        let w = Workspace::to_copy(Database::Postgres).await;
        let id = entity(&w.engine, "Part", &["name:string", "size:integer"]).await;
        for i in 0..200 {
            insert(&w.engine, id, json!({ "name": format!("part {i}"), "size": i % 100 })).await;
        }
        materialize(&w.engine, vec![id]).await;
        Some(Self { w, id })
    }

    async fn field(&self, name: &str) -> Field {
        self.w.engine.schema().await.unwrap().entity(self.id).unwrap().fields.iter().find(|f| f.name == name).unwrap().clone()
    }

    /// Somebody who writes to the table and does not come to an end: an index waits for him.
    async fn in_the_way(&self) -> PgConnection {
        let mut db = PgConnection::connect(&self.w.location).await.unwrap();
        sqlx::raw_sql("BEGIN; UPDATE kdb_part SET kdb_owner = NULL WHERE false").execute(&mut db).await.unwrap();
        db
    }

    /// Returns when somebody waits for the transaction in the way.
    async fn held_up(&self, statement: &str) -> i32 {
        let mut db = PgConnection::connect(&self.w.location).await.unwrap();
        let asked = format!(
            "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock' AND query LIKE '{statement}%'"
        );
        let look = async {
            loop {
                if let Some(pid) = sqlx::query_scalar::<_, i32>(AssertSqlSafe(asked.clone())).fetch_optional(&mut db).await.unwrap() {
                    return pid;
                }
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(Duration::from_secs(60), look).await.expect("nobody waits")
    }

    async fn anatomy(&self) -> Vec<String> {
        anatomy(&self.w.location).await
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn others_write_while_an_index_is_made() {
    let Some(case) = Case::new().await else { return };
    let name = case.field("name").await;
    let mut slow = case.in_the_way().await;
    let (engine, id) = (case.w.engine.clone(), case.id);
    let edit = tokio::spawn(async move { engine.update_field(id, name.id, field("name:string:unique")).await });
    case.held_up("CREATE UNIQUE INDEX CONCURRENTLY").await;

    let other = Engine::open(&case.w.location).await.unwrap();
    let writes = async {
        insert(&other, id, json!({ "name": "meanwhile" })).await;
        // The field is not unique yet.
        insert(&other, id, json!({ "name": "meanwhile too" })).await;
    };
    tokio::time::timeout(Duration::from_secs(10), writes).await.expect("a writer waited for the index");
    assert!(!edit.is_finished());

    sqlx::raw_sql("COMMIT").execute(&mut slow).await.unwrap();
    edit.await.unwrap().unwrap();
    let twice = other.insert_record(id, data(json!({ "name": "meanwhile" }))).await.unwrap_err();
    assert_eq!(twice.code, ErrorCode::UniqueViolation);
    let made = case.anatomy().await;
    assert!(made.iter().any(|line| line.starts_with("i kdb_part_name_key_")), "{made:?}");

    // Undo and redo go the same way.
    case.w.engine.undo().await.unwrap();
    insert(&other, id, json!({ "name": "after" })).await;
    let mut slow = case.in_the_way().await;
    let engine = case.w.engine.clone();
    let redo = tokio::spawn(async move { engine.redo().await });
    case.held_up("CREATE UNIQUE INDEX CONCURRENTLY").await;
    tokio::time::timeout(Duration::from_secs(10), insert(&other, id, json!({ "name": "again" }))).await.expect("a writer waited");
    sqlx::raw_sql("COMMIT").execute(&mut slow).await.unwrap();
    redo.await.unwrap().unwrap();
    assert_eq!(other.insert_record(id, data(json!({ "name": "again" }))).await.unwrap_err().code, ErrorCode::UniqueViolation);
    other.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_refused_leaves_nothing() {
    let Some(case) = Case::new().await else { return };
    let (engine, id) = (&case.w.engine, case.id);
    let (name, size) = (case.field("name").await, case.field("size").await);
    let before = case.anatomy().await;
    let twice = engine.update_field(id, size.id, field("size:integer:unique")).await.unwrap_err();
    assert_eq!((twice.code, twice.details["duplicates"][0]["count"].as_i64()), (ErrorCode::UniqueViolation, Some(2)), "{twice:?}");
    let empty = insert(engine, id, json!({ "name": null, "size": 1000 })).await;
    let missing = engine.update_field(id, name.id, field("name:string:required")).await.unwrap_err();
    assert_eq!((missing.code, &missing.details["count"]), (ErrorCode::RequiredMissing, &json!(1)), "{missing:?}");
    // A name that is taken is found out in the edit, after the index was made.
    engine.delete_records(id, vec![empty.id]).await.unwrap();
    let parts = |a: &Field, b: &Field| vec![KeyPart::Field(a.id), KeyPart::Field(b.id)];
    engine.set_keys(id, vec![parts(&name, &size)]).await.unwrap();
    engine.undo().await.unwrap();
    assert_eq!(case.anatomy().await, before);
    engine.redo().await.unwrap();
    assert_eq!(engine.insert_record(id, data(json!({ "name": "part 1", "size": 1 }))).await.unwrap_err().code, ErrorCode::UniqueViolation);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_crash_leaves_is_cleared_away() {
    let Some(case) = Case::new().await else { return };
    let name = case.field("name").await;
    let before = case.anatomy().await;
    for killed in [true, false] {
        let mut slow = case.in_the_way().await;
        let dying = Engine::open(&case.w.location).await.unwrap();
        let id = case.id;
        let edit = {
            let dying = dying.clone();
            tokio::spawn(async move { dying.update_field(id, name.id, field("name:string:unique")).await })
        };
        let builder = case.held_up("CREATE UNIQUE INDEX CONCURRENTLY").await;
        if killed {
            // Nobody is there any more to say what became of it.
            edit.abort();
        }
        let mut db = PgConnection::connect(&case.w.location).await.unwrap();
        sqlx::query("SELECT pg_terminate_backend($1, 10000)").bind(builder).execute(&mut db).await.unwrap();
        sqlx::raw_sql("ROLLBACK").execute(&mut slow).await.unwrap();
        if !killed {
            let lost = edit.await.unwrap().unwrap_err();
            assert_eq!((lost.code, &lost.details["outcome"]), (ErrorCode::ConnectionLost, &json!("not_done")), "{lost:?}");
        }
        if killed {
            assert_ne!(case.anatomy().await, before, "an index that is not whole");
            Engine::open(&case.w.location).await.unwrap().close().await;
        }
        assert_eq!(case.anatomy().await, before);
        dying.close().await;
    }
    case.w.engine.update_field(case.id, name.id, field("name:string:unique")).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_column_becomes_required_and_a_key_valid_beside_the_writers() {
    let Some(case) = Case::new().await else { return };
    let (engine, id) = (&case.w.engine, case.id);
    let name = case.field("name").await;
    engine.update_field(id, name.id, field("name:string:required")).await.unwrap();
    let there = case.anatomy().await;
    assert!(there.iter().any(|line| line.starts_with("r kdb_part ") && line.contains("texttrue")), "{there:?}");
    assert!(!there.iter().any(|line| line.contains("_required_")), "the check has gone: {there:?}");
    let maker = entity(engine, "Maker", &["name:string"]).await;
    materialize(engine, vec![maker]).await;
    let made = many_to_one(engine, id, "maker", maker, ReferentialAction::Restrict).await;
    let key = |lines: &[String]| lines.iter().find(|line| line.starts_with("constraint kdb_part_maker_id_fkey")).cloned().unwrap();
    let there = case.anatomy().await;
    assert!(key(&there).contains("RESTRICT") && key(&there).ends_with("true"), "{there:?}");
    let mut spec = relationship(id, "maker", maker, RelationshipType::ManyToOne);
    spec.on_delete = Some(ReferentialAction::Cascade);
    engine.update_relationship(made.id, spec).await.unwrap();
    let there = case.anatomy().await;
    assert!(key(&there).contains("CASCADE") && key(&there).ends_with("true"), "{there:?}");

    // A crash between the edit and the look at every row: the next who opens the workspace looks.
    let mut db = PgConnection::connect(&case.w.location).await.unwrap();
    let (constraint, _) = key(&there)["constraint ".len()..].split_once("FOREIGN").map(|(a, b)| (a.to_owned(), b.to_owned())).unwrap();
    let undo = format!(
        "ALTER TABLE kdb_part DROP CONSTRAINT {constraint}; \
         ALTER TABLE kdb_part ADD CONSTRAINT {constraint} FOREIGN KEY (maker_id) REFERENCES kdb_maker (id) ON DELETE CASCADE ON UPDATE CASCADE DEFERRABLE INITIALLY DEFERRED NOT VALID; \
         INSERT INTO kdb_workspace VALUES ('ahead x', '[{{\"key\":{{\"table\":\"kdb_part\",\"name\":\"{constraint}\"}}}}]')"
    );
    sqlx::raw_sql(AssertSqlSafe(undo)).execute(&mut db).await.unwrap();
    assert!(key(&case.anatomy().await).ends_with("false"));
    Engine::open(&case.w.location).await.unwrap().close().await;
    assert!(key(&case.anatomy().await).ends_with("true"));
    let left: i64 = sqlx::query_scalar("SELECT count(*) FROM kdb_workspace WHERE key LIKE 'ahead %'").fetch_one(&mut db).await.unwrap();
    assert_eq!(left, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_does_not_own_the_table_is_told_what_is_missing() {
    let Some(case) = Case::new().await else { return };
    let role = format!("editor_{}", uuid::Uuid::now_v7().simple());
    let mut db = PgConnection::connect(&case.w.location).await.unwrap();
    let grant = format!(
        "CREATE ROLE {role} LOGIN; GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {role}; GRANT USAGE ON SCHEMA public TO {role}"
    );
    sqlx::raw_sql(AssertSqlSafe(grant)).execute(&mut db).await.unwrap();
    let location = cluster().unwrap().address_of(&case.w.location, &role);
    assert_eq!(Connection::parse(&location).unwrap().connection.user, role);
    let engine = Engine::open(&location).await.unwrap();
    let name = case.field("name").await;
    let refused = engine.update_field(case.id, name.id, field("name:string:indexed")).await.unwrap_err();
    assert_eq!(refused.code, ErrorCode::NotPermitted, "{refused:?}");
    let missing = refused.details["missing"].to_string();
    assert!(missing.contains("ALTER TABLE \\\"kdb_part\\\" OWNER TO") && missing.contains("GRANT CREATE ON SCHEMA public TO"), "{missing}");
    // What touches no table is no matter of ownership.
    engine.update_field(case.id, name.id, field("title:string")).await.unwrap();
    engine.close().await;
}
