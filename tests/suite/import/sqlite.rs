//! Foreign SQLite files made for the purpose: odd keys, odd values, odd names.

use serde_json::{Value, json};
use sqlx::{ConnectOptions, Connection, Executor, sqlite::SqliteConnectOptions};
use std::path::PathBuf;
use stoneware_engine::{
    ErrorCode,
    model::{FieldType, ImportReport, KeyPart, ListRequest, ReferentialAction, RelationshipType, Schema},
};
use stoneware_tests::{Workspace, data::shared, root};
use tokio_util::sync::CancellationToken;

use super::common::{data, entity, kinds, relationship};

/// Makes a SQLite file and imports it.
struct Import {
    w: Workspace,
    file: PathBuf,
    _folder: tempfile::TempDir,
}

impl Import {
    async fn of(statements: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("source.sqlite");
        let mut db = SqliteConnectOptions::new().filename(&file).create_if_missing(true).foreign_keys(false).connect().await.unwrap();
        db.execute(sqlx::raw_sql(sqlx::AssertSqlSafe(statements.to_owned()))).await.unwrap();
        db.close().await.unwrap();
        Self { w: Workspace::new().await, file, _folder: folder }
    }

    async fn run(&self) -> ImportReport {
        self.w.engine.import_sqlite(&self.file, false, &|_| (), &CancellationToken::new()).await.unwrap()
    }

    async fn schema(&self) -> std::sync::Arc<Schema> {
        self.w.engine.schema().await.unwrap()
    }

    async fn data(&self, entity: &str) -> Vec<Value> {
        data(&self.w, entity).await
    }
}

#[tokio::test]
async fn keys_of_every_shape_find_their_counterpart() {
    let import = Import::of(
        "CREATE TABLE tenant (tenant_id INT NOT NULL, code VARCHAR(8) NOT NULL, name TEXT, PRIMARY KEY (tenant_id, code));
         CREATE TABLE person (id INTEGER PRIMARY KEY, email TEXT NOT NULL UNIQUE, boss_id INT REFERENCES person ON DELETE SET NULL,
           t INT, c TEXT, FOREIGN KEY (t, c) REFERENCES tenant (tenant_id, code) ON DELETE CASCADE);
         CREATE TABLE passport (person_id INTEGER PRIMARY KEY REFERENCES person (id) ON DELETE CASCADE, number TEXT);
         CREATE TABLE letter (sender TEXT NOT NULL REFERENCES person (email) ON UPDATE CASCADE, line INT NOT NULL, PRIMARY KEY (sender, line)) WITHOUT ROWID;
         CREATE TABLE friend (left_id INT NOT NULL REFERENCES person, right_id INT NOT NULL REFERENCES person, PRIMARY KEY (left_id, right_id));
         CREATE TABLE loose (note TEXT);
         INSERT INTO tenant VALUES (1, 'a', 'one'), (1, 'b', 'two');
         INSERT INTO person VALUES (1, 'a@b.example', NULL, 1, 'a'), (2, 'c@d.example', 1, 1, 'b'), (3, 'e@f.example', 2, NULL, 'b');
         INSERT INTO passport VALUES (2, 'P2'), (1, 'P1');
         INSERT INTO letter VALUES ('c@d.example', 2), ('c@d.example', 1), ('a@b.example', 1);
         INSERT INTO friend VALUES (1, 2), (2, 1), (3, 1);
         INSERT INTO loose VALUES ('x'), ('x');",
    )
    .await;
    let report = import.run().await;
    let schema = import.schema().await;
    assert_eq!((report.entities.len(), report.relationships, report.many_to_many), (5, 4, 1));
    assert_eq!((report.records, report.links, report.kept), (12, 3, 0));

    let boss = relationship(&schema, "person", "boss");
    assert_eq!((boss.kind, boss.on_delete, boss.required), (RelationshipType::ManyToOne, ReferentialAction::SetNull, false));
    assert_eq!(boss.field.as_deref(), Some("boss_id"));
    let tenant = relationship(&schema, "person", "tenant");
    assert_eq!((tenant.kind, tenant.on_delete), (RelationshipType::ManyToOne, ReferentialAction::Cascade));
    let passport = relationship(&schema, "passport", "person");
    assert_eq!((passport.kind, passport.required), (RelationshipType::OneToOne, true), "a key that refers is one to one");
    assert_eq!(relationship(&schema, "letter", "sender").on_update, ReferentialAction::Cascade, "a key that is not the primary one");
    let friend = schema.relationships.iter().find(|r| r.is_many_to_many()).unwrap();
    assert_eq!((friend.name.as_str(), friend.inverse_name.as_deref()), ("right", Some("left")));
    let id = schema.field_named(entity(&schema, "person"), "id").unwrap();
    assert!(id.unique && id.required && id.field_type == FieldType::Integer);
    let letter = &entity(&schema, "letter").keys;
    assert!(matches!(letter[0].parts[..], [KeyPart::Relationship(_), KeyPart::Field(_)]), "{letter:?}");
    assert_eq!(entity(&schema, "tenant").keys.len(), 1);

    let people = import.w.engine.list_records(import.w.id("person").await, ListRequest::default()).await.unwrap().records;
    assert_eq!(people.iter().map(|p| p.data["id"].as_i64().unwrap()).collect::<Vec<_>>(), [1, 2, 3], "in the order of the source");
    assert_eq!(people[1].data["boss_id"], json!(people[0].id));
    assert_eq!((&people[1].data["t"], &people[1].data["c"]), (&json!(1), &json!("b")), "columns of a composite key stay");
    assert!(people[1].data["tenant_id"].is_string() && people[2].data["tenant_id"].is_null());
    let passports = import.data("passport").await;
    assert_eq!(passports[0]["person_id"], json!(people[0].id));
    let letters = import.data("letter").await;
    assert_eq!(letters[0]["sender"], json!(people[0].id), "ordered by key where there is no rowid");
    let pairs = import.w.engine.links(friend.id, people[2].id).await.unwrap();
    assert_eq!((pairs[0].source, pairs[0].target), (people[2].id, people[0].id));
}

#[tokio::test]
async fn values_come_over_whole_or_are_reported() {
    let import = Import::of(
        "CREATE TABLE v (id INTEGER PRIMARY KEY AUTOINCREMENT, price NUMERIC(10,2) NOT NULL DEFAULT 4.99, at DATETIME DEFAULT CURRENT_TIMESTAMP,
           flag BOOLEAN, odd INT, big BIGINT, blob BLOB, f REAL, nul TEXT, doc JSON, code CHAR(3) DEFAULT 'abc', made INT DEFAULT (abs(-1)),
           twice INT AS (odd * 2) STORED, CHECK (price >= 0));
         INSERT INTO v (price, at, flag, odd, big, blob, f, nul, doc, code) VALUES
           (0.99, '2009-01-01 00:00:00', 1, 1, 9223372036854775807, x'00ff', 1e999, CAST(x'610062' AS TEXT), '{\"b\":1,\"a\":[]}', 'toolong'),
           (5, NULL, 0, 'n/a', -1, NULL, 0.1, 'plain', NULL, NULL);
         CREATE VIEW w AS SELECT 1; CREATE TRIGGER g AFTER INSERT ON v BEGIN SELECT 1; END;
         CREATE INDEX e ON v (lower(code)); CREATE UNIQUE INDEX p ON v (code) WHERE flag = 1; CREATE INDEX i ON v (big);",
    )
    .await;
    let report = import.run().await;
    let schema = import.schema().await;
    let v = entity(&schema, "v");
    let field = |name: &str| schema.field_named(v, name).unwrap();
    let of = |name: &str| field(name).field_type;
    assert_eq!(
        (of("price"), of("at"), of("flag"), of("big")),
        (FieldType::Decimal, FieldType::Datetime, FieldType::Bool, FieldType::Integer)
    );
    assert_eq!((of("odd"), of("blob"), of("doc"), of("code")), (FieldType::Json, FieldType::Binary, FieldType::Json, FieldType::String));
    assert_eq!((field("price").config.scale, field("code").config.max_length), (Some(2), None));
    assert_eq!((field("price").default.clone(), field("at").default.clone()), (Some(json!("4.99")), Some(json!("now()"))));
    assert!(field("big").indexed && field("price").required && field("made").default.is_none());

    let data = import.data("v").await;
    assert_eq!(data[0]["price"], "0.99");
    assert_eq!(data[1]["price"], "5.00");
    assert_eq!(data[0]["at"], "2009-01-01T00:00:00Z");
    assert_eq!((&data[0]["big"], &data[0]["blob"]), (&json!(i64::MAX), &json!("00ff")));
    assert_eq!((&data[0]["odd"], &data[1]["odd"]), (&json!(1), &json!("n/a")), "json holds both");
    assert_eq!((&data[0]["f"], &data[1]["f"]), (&json!(null), &json!(0.1)));
    assert_eq!(data[0]["nul"], "a\u{2400}b");
    assert_eq!(data[0]["doc"], json!({"a": [], "b": 1}));
    let said = kinds(&report);
    for expected in [
        ("type", "v.odd"),
        ("value", "v.f"),
        ("value", "v.nul"),
        ("default", "v.made"),
        ("generated_column", "v.twice"),
        ("check", "v"),
        ("view", "w"),
        ("trigger", "g"),
        ("index", "v.e"),
        ("index", "v.p"),
        ("autoincrement", "v"),
    ] {
        assert!(said.contains(&expected), "{expected:?} is missing from {said:?}");
    }
}

#[tokio::test]
async fn references_to_nothing_are_told() {
    let import = Import::of(
        "CREATE TABLE a (id INTEGER PRIMARY KEY);
         CREATE TABLE b (id INTEGER PRIMARY KEY, a_id INT NOT NULL REFERENCES a, gone INT REFERENCES nowhere (id), half INT REFERENCES a (lost));
         CREATE TABLE ab (a INT REFERENCES a, b INT REFERENCES b, PRIMARY KEY (a, b));
         INSERT INTO a VALUES (1); INSERT INTO b VALUES (1, 1, 7, 8), (2, 99, NULL, NULL); INSERT INTO ab VALUES (1, 1), (1, 3);",
    )
    .await;
    let report = import.run().await;
    let schema = import.schema().await;
    assert!(!relationship(&schema, "b", "a").required, "one value cannot be carried over, so it cannot be required");
    let data = import.data("b").await;
    assert!(data[0]["a_id"].is_string() && data[1]["a_id"].is_null());
    assert_eq!((&data[0]["gone"], &data[0]["half"]), (&json!(7), &json!(8)), "columns that refer to nothing stay as they are");
    assert_eq!((report.links, report.records), (1, 3));
    let reasons: Vec<&str> = report.not_carried.iter().filter(|n| n.kind == "reference").map(|n| n.reason.as_str()).collect();
    assert_eq!(reasons.len(), 2);
    assert!(reasons[0].contains("99"), "{reasons:?}");
    assert_eq!(kinds(&report).iter().filter(|(kind, _)| *kind == "foreign_key").count(), 2);
}

#[tokio::test]
async fn an_import_is_one_step_back_and_all_or_nothing() {
    let import = Import::of("CREATE TABLE a (id INTEGER PRIMARY KEY); CREATE TABLE b (a_id INT REFERENCES a); INSERT INTO a VALUES (1), (2); INSERT INTO b VALUES (1);").await;
    let engine = &import.w.engine;
    import.run().await;
    let before = import.w.exports().await;
    let log = engine.changelog(None).await.unwrap();
    assert_eq!(log.len(), 1);
    assert_eq!(log[0].description, "Import source.sqlite");
    let error = engine.import_sqlite(&import.file, false, &|_| (), &CancellationToken::new()).await.unwrap_err();
    assert_eq!((error.code, &error.details["names"]), (ErrorCode::NameTaken, &json!(["a", "b"])));
    engine.undo().await.unwrap();
    assert!(import.schema().await.entities.is_empty());
    engine.redo().await.unwrap();
    assert_eq!(import.w.exports().await, before, "undo put the records away, redo brought them back");

    engine.undo().await.unwrap();
    let cancel = CancellationToken::new();
    let error =
        engine.import_sqlite(&import.file, false, &|p| p.total.into_iter().for_each(|_| cancel.cancel()), &cancel).await.unwrap_err();
    assert_eq!(error.code, ErrorCode::Cancelled);
    assert!(import.schema().await.entities.is_empty(), "a cancelled import leaves nothing");
}

#[tokio::test]
async fn names_that_hurt_survive() {
    let import = Import::of(
        "CREATE TABLE \"select\" (\"from\" INTEGER PRIMARY KEY, \"a\"\"b\" TEXT, [Größe] TEXT);
         CREATE TABLE \"Order Details\" (\"Order ID\" INT REFERENCES \"select\", \"注文\" TEXT, id TEXT, version INT);
         INSERT INTO \"select\" VALUES (1, 'x', 'y'); INSERT INTO \"Order Details\" VALUES (1, 'z', 'own', 3);",
    )
    .await;
    import.run().await;
    let schema = import.schema().await;
    assert_eq!(relationship(&schema, "Order Details", "Order").field.as_deref(), Some("Order ID"));
    let data = import.data("Order Details").await;
    assert_eq!((&data[0]["注文"], &data[0]["id"], &data[0]["version"]), (&json!("z"), &json!("own"), &json!(3)));
    assert_eq!(import.data("select").await[0], json!({"from": 1, "a\"b": "x", "Größe": "y"}));
}

#[tokio::test]
async fn a_schema_of_two_hundred_tables_comes_over() {
    let tool = root().join("../shared/tools/make_schema.py");
    if shared("tools/make_schema.py").is_none() {
        return;
    }
    let ddl = std::process::Command::new("python3").arg(tool).args(["200", "--dialect", "sqlite"]).output().unwrap();
    let ddl = String::from_utf8(ddl.stdout).unwrap();
    let import = Import::of(&ddl).await;
    let report = import.run().await;
    let junctions = usize::try_from(report.many_to_many).unwrap();
    assert_eq!(report.entities.len() + junctions, 200);
    let keys: usize = ddl.rsplit("-- ").next().unwrap().split(' ').next().unwrap().parse().unwrap();
    let lost = report.not_carried.iter().filter(|n| n.kind == "foreign_key").count();
    let told: Vec<_> = report.not_carried.iter().filter(|n| n.kind == "foreign_key").collect();
    assert_eq!(usize::try_from(report.relationships).unwrap() + 2 * junctions + lost, keys, "every foreign key is somewhere: {told:?}");
}
