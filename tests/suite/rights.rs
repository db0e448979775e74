//! A server's roles: whoever may only read and write rows does everything in shared mode, whoever may only read looks, and each is told
//! exactly what is missing for more.

use serde_json::{Value, json};
use sqlx::{AssertSqlSafe, Connection as _, PgConnection};
use stoneware_engine::{
    Engine, ErrorCode,
    model::{Connection, EntityId, ListRequest, MaterializeOptions, SchemaEdit, StorageMode, WorkspaceEvent},
};
use stoneware_tests::{
    build::{entity, field, insert, many_to_many},
    cli::{Ran, stoneware},
    cluster::cluster,
    dematerialize, materialize,
};

/// A database an administrator has prepared by the printed SQL, in a schema whose name hurts.
struct Prepared {
    database: String,
    worker: String,
    colleague: String,
    reader: String,
}

const SCHEMA: &str = "Team's \"data\"";

impl Prepared {
    async fn new() -> Option<Self> {
        let database = cluster()?.database(None);
        let role = |what: &str| format!("{what}_{}", uuid::Uuid::now_v7().simple());
        let prepared = Self { database, worker: role("worker"), colleague: role("colleague"), reader: role("reader") };
        for role in [&prepared.worker, &prepared.colleague, &prepared.reader] {
            prepared.admin(&format!("CREATE ROLE {role} LOGIN")).await;
        }
        for role in [&prepared.worker, &prepared.colleague] {
            // The second time only the rights are new.
            let sql = prepared.printed(role);
            let rights = sql.find("\nGRANT").unwrap();
            if role == &prepared.worker {
                prepared.admin(&sql).await;
            } else {
                prepared.admin(&format!("SET search_path TO \"Team's \"\"data\"\"\"; {}", &sql[rights..].replace("COMMIT;", ""))).await;
            }
        }
        let reader = &prepared.reader;
        let schema = "\"Team's \"\"data\"\"\"";
        prepared
            .admin(&format!("GRANT USAGE ON SCHEMA {schema} TO {reader}; GRANT SELECT ON ALL TABLES IN SCHEMA {schema} TO {reader}"))
            .await;
        Some(prepared)
    }

    async fn admin(&self, sql: &str) {
        let mut db = PgConnection::connect(&self.database).await.unwrap();
        sqlx::raw_sql(AssertSqlSafe(sql.to_owned())).execute(&mut db).await.unwrap_or_else(|e| panic!("{e}: {sql}"));
        db.close().await.unwrap();
    }

    /// The SQL an administrator is given.
    fn printed(&self, role: &str) -> String {
        let ran = Ran::of(stoneware().args(["-w", &self.location(role), "init", "--print-sql", "--role", role]));
        assert_eq!(ran.status, 0, "{}", ran.stderr);
        ran.stdout
    }

    fn location(&self, role: &str) -> String {
        let database = Connection::parse(&self.database).unwrap().connection;
        Connection { user: role.to_owned(), schema: SCHEMA.to_owned(), ..database }.location().unwrap()
    }

    async fn as_role(&self, role: &str) -> Engine {
        Engine::open(&self.location(role)).await.unwrap()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_alone_are_enough_for_shared_mode() {
    let Some(prepared) = Prepared::new().await else { return };
    let engine = prepared.as_role(&prepared.worker).await;
    let info = engine.info().unwrap();
    assert_eq!((info.read_only, info.read_only_reason), (false, None));

    let a = entity(&engine, "A", &["name:string:required,unique", "size:integer:indexed"]).await;
    let b = entity(&engine, "B", &["name:string"]).await;
    let tags = many_to_many(&engine, a, "tags", b).await;
    let one = insert(&engine, a, json!({ "name": "one", "size": 1 })).await;
    let two = insert(&engine, b, json!({ "name": "two" })).await;
    engine.add_links(tags.id, a, one.id, vec![two.id], Some(json!({ "since": 2020 }))).await.unwrap();
    engine.update_record(a, one.id, stoneware_tests::data(json!({ "size": 2 })), Some(1)).await.unwrap();
    engine.add_field(a, field("note:text")).await.unwrap();
    engine.drop_entities(&[b]).await.unwrap();
    engine.undo().await.unwrap();
    assert_eq!(engine.links(tags.id, one.id).await.unwrap().len(), 1, "the undo brings the links back");
    engine.redo().await.unwrap();
    engine.undo().await.unwrap();
    engine.delete_records(b, vec![two.id]).await.unwrap();
    assert_eq!(engine.list_records(a, ListRequest::default()).await.unwrap().records.len(), 1);
    assert!(engine.jobs().await.unwrap().is_empty());
    engine.close().await;
}

fn missing(details: &Value) -> Vec<String> {
    details["missing"].as_array().unwrap().iter().map(|text| text.as_str().unwrap().to_owned()).collect()
}

async fn mode(engine: &Engine, entity: EntityId) -> StorageMode {
    engine.schema().await.unwrap().entity(entity).unwrap().storage_mode
}

#[tokio::test(flavor = "multi_thread")]
async fn materialize_says_which_right_is_missing_and_shares_the_table() {
    let Some(prepared) = Prepared::new().await else { return };
    let worker = prepared.as_role(&prepared.worker).await;
    let a = entity(&worker, "A", &["name:string"]).await;
    let b = entity(&worker, "B", &["name:string"]).await;
    let tags = many_to_many(&worker, a, "tags", b).await;
    let one = insert(&worker, a, json!({ "name": "one" })).await;
    let two = insert(&worker, b, json!({ "name": "two" })).await;
    worker.add_links(tags.id, a, one.id, vec![two.id], None).await.unwrap();

    let plan = worker.materialize_plan(vec![a, b], MaterializeOptions::default()).await.unwrap();
    let refused = worker.start_materialize(vec![a, b], MaterializeOptions::default()).await.unwrap_err();
    assert_eq!(refused.code, ErrorCode::NotPermitted);
    assert_eq!(missing(&refused.details), plan.missing_rights);
    assert_eq!(plan.missing_rights.len(), 1, "{:?}", plan.missing_rights);
    assert!(refused.message.contains("GRANT CREATE ON SCHEMA"), "{}", refused.message);
    assert!(worker.jobs().await.unwrap().is_empty(), "nothing was begun");

    // What was named is all it takes.
    for right in &plan.missing_rights {
        prepared.admin(&format!("SET search_path TO \"Team's \"\"data\"\"\"; {right}")).await;
    }
    materialize(&worker, vec![a, b]).await;

    // Somebody else with the rows' rights goes on as before…
    let colleague = prepared.as_role(&prepared.colleague).await;
    assert_eq!(mode(&colleague, a).await, StorageMode::Dedicated);
    let three = insert(&colleague, a, json!({ "name": "three" })).await;
    colleague.add_links(tags.id, a, three.id, vec![two.id], None).await.unwrap();
    assert_eq!(colleague.list_records(a, ListRequest::default()).await.unwrap().records.len(), 2);
    // …but the table is its owner's.
    let refused = colleague.start_dematerialize(vec![a, b], MaterializeOptions::default()).await.unwrap_err();
    assert_eq!(refused.code, ErrorCode::NotPermitted);
    assert!(missing(&refused.details).iter().all(|right| right.contains("OWNER TO")), "{refused:?}");
    assert_eq!(missing(&refused.details).len(), 3, "two tables and the junction: {refused:?}");
    let edit = SchemaEdit::AddField { entity: a, spec: Box::new(field("more:string:indexed")) };
    let plan = colleague.edit_plan(edit).await.unwrap();
    assert_eq!(plan.missing_rights.len(), 2, "to make an index, and the table: {:?}", plan.missing_rights);
    assert!(plan.missing_rights[0].contains("GRANT CREATE ON SCHEMA") && plan.missing_rights[1].contains("OWNER TO"), "{plan:?}");
    let error = colleague.add_field(a, field("more:string")).await.unwrap_err();
    assert_eq!(error.code, ErrorCode::NotPermitted, "{error:?}");

    let reader = prepared.as_role(&prepared.reader).await;
    assert_eq!(reader.list_records(a, ListRequest::default()).await.unwrap().records.len(), 2);

    dematerialize(&worker, vec![a, b]).await;
    assert_eq!(colleague.links(tags.id, three.id).await.unwrap().len(), 1);
    for engine in [worker, colleague, reader] {
        engine.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_may_only_read_looks_on() {
    let Some(prepared) = Prepared::new().await else { return };
    let worker = prepared.as_role(&prepared.worker).await;
    let reader = prepared.as_role(&prepared.reader).await;
    let info = reader.info().unwrap();
    assert!(info.read_only);
    assert!(info.read_only_reason.unwrap().contains(&prepared.reader));
    let mut events = reader.subscribe();
    reader.watch().await.unwrap();

    let a = entity(&worker, "A", &["name:string"]).await;
    let one = insert(&worker, a, json!({ "name": "one" })).await;
    let told = async {
        loop {
            if matches!(events.recv().await.unwrap(), WorkspaceEvent::RecordsChanged { entities } if entities == [a]) {
                return;
            }
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(30), told).await.expect("it sees what others do");

    assert_eq!(reader.record(a, one.id).await.unwrap().primary_value.as_deref(), Some("one"));
    let mut out = vec![];
    assert_eq!(reader.export_ndjson(a, &mut out).await.unwrap(), 1);
    reader.materialize_plan(vec![a], MaterializeOptions::default()).await.unwrap();
    for refused in [
        reader.insert_record(a, stoneware_tests::data(json!({ "name": "two" }))).await.err(),
        reader.delete_records(a, vec![one.id]).await.err(),
        reader.add_field(a, field("more:string")).await.err(),
        reader.undo().await.err(),
        reader.start_materialize(vec![a], MaterializeOptions::default()).await.err(),
    ] {
        let refused = refused.expect("nothing can be written");
        assert_eq!((refused.code, &refused.details["read_only"]), (ErrorCode::NotPermitted, &json!(true)), "{refused:?}");
    }
    reader.close().await;
    worker.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_may_nothing_is_told_so() {
    let Some(prepared) = Prepared::new().await else { return };
    prepared.admin(&format!("REVOKE ALL ON ALL TABLES IN SCHEMA \"Team's \"\"data\"\"\" FROM {}", prepared.reader)).await;
    let refused = Engine::open(&prepared.location(&prepared.reader)).await.err().expect("it cannot even be read");
    assert_eq!(refused.code, ErrorCode::NotPermitted, "{refused:?}");
    assert!(refused.message.contains("kdb_"), "{refused:?}");
}

/// Copies with the command line.
fn copied(from: &str, to: &str) -> Ran {
    Ran::of(stoneware().args(["--json", "copy", from, to]))
}

fn refusal(ran: &Ran) -> Value {
    assert_eq!(ran.error(1), "not_permitted", "{ran:?}");
    serde_json::from_str::<Value>(&ran.stderr).unwrap()["error"].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn who_may_only_read_can_copy_from_here() {
    let Some(prepared) = Prepared::new().await else { return };
    let worker = prepared.as_role(&prepared.worker).await;
    prepared.admin(&format!("GRANT CREATE ON SCHEMA \"Team's \"\"data\"\"\" TO {}", prepared.worker)).await;
    let a = entity(&worker, "A", &["name:string:unique"]).await;
    let b = entity(&worker, "B", &["name:string"]).await;
    many_to_many(&worker, a, "tags", b).await;
    insert(&worker, a, json!({ "name": "one" })).await;
    insert(&worker, b, json!({ "name": "two" })).await;
    materialize(&worker, vec![a]).await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("copy.db").display().to_string();
    let report = copied(&prepared.location(&prepared.reader), &file).lines().pop().unwrap();
    assert_eq!((&report["records"], &report["entities"]), (&json!(2), &json!(2)), "{report}");
    let copy = Engine::open(&file).await.unwrap();
    assert_eq!((mode(&copy, a).await, mode(&copy, b).await), (StorageMode::Dedicated, StorageMode::Shared));
    // And not to here.
    let refused = refusal(&copied(&file, &prepared.location(&prepared.reader)));
    assert!(refused["message"].as_str().unwrap().contains(&prepared.reader), "{refused}");
    copy.close().await;
    worker.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_into_a_place_where_tables_may_not_be_made_names_the_right() {
    let Some(prepared) = Prepared::new().await else { return };
    let source = stoneware_tests::Workspace::new().await;
    let a = entity(&source.engine, "A", &["name:string:unique"]).await;
    insert(&source.engine, a, json!({ "name": "one" })).await;
    materialize(&source.engine, vec![a]).await;
    let target = prepared.location(&prepared.worker);
    let refused = refusal(&copied(&source.location, &target));
    let grant = format!("GRANT CREATE ON SCHEMA \"Team's \"\"data\"\"\" TO {}", prepared.worker);
    assert_eq!(refused["details"]["missing"], json!([grant]), "{refused}");
    // Nothing was begun: the place is as it was, and shared records may go there.
    let there = prepared.as_role(&prepared.worker).await;
    assert!(there.jobs().await.unwrap().is_empty());
    there.close().await;
    prepared.admin(&grant).await;
    assert_eq!(copied(&source.location, &target).lines().pop().unwrap()["records"], 1);

    // Where there is no workspace yet, and where there is not even a schema.
    prepared.admin(&format!("CREATE SCHEMA bare; GRANT USAGE ON SCHEMA bare TO {}", prepared.worker)).await;
    let database = Connection::parse(&prepared.database).unwrap().connection;
    let place =
        |schema: &str| Connection { user: prepared.worker.clone(), schema: schema.to_owned(), ..database.clone() }.location().unwrap();
    let bare = refusal(&copied(&source.location, &place("bare")));
    assert_eq!(bare["details"]["missing"], json!([format!("GRANT CREATE ON SCHEMA bare TO {}", prepared.worker)]), "{bare}");
    let none = refusal(&copied(&source.location, &place("none")));
    assert!(none["details"]["missing"][0].as_str().unwrap().starts_with("GRANT CREATE ON DATABASE"), "{none}");
}

#[tokio::test(flavor = "multi_thread")]
async fn shared_records_are_copied_with_the_rights_to_rows_alone() {
    let Some(prepared) = Prepared::new().await else { return };
    let source = stoneware_tests::Workspace::new().await;
    let a = entity(&source.engine, "A", &["name:string:unique"]).await;
    let b = entity(&source.engine, "B", &["name:string"]).await;
    let tags = many_to_many(&source.engine, a, "tags", b).await;
    let one = insert(&source.engine, a, json!({ "name": "one" })).await;
    let two = insert(&source.engine, b, json!({ "name": "two" })).await;
    source.engine.add_links(tags.id, a, one.id, vec![two.id], None).await.unwrap();
    let report = copied(&source.location, &prepared.location(&prepared.worker)).lines().pop().unwrap();
    assert_eq!((&report["records"], &report["links"]), (&json!(2), &json!(1)), "{report}");
}
