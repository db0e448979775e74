//! Foreign Postgres databases made for the purpose: schemas, keys, names, rights. What becomes of values stands in `postgres_values`.

use serde_json::{Value, json};
use stoneware_engine::{
    Error, ErrorCode,
    model::{FieldType, ImportReport, KeyPart, ListRequest, ReferentialAction, RelationshipType, Schema},
};
use stoneware_tests::{
    Database, Workspace,
    cli::Terminal,
    cluster::{Cluster, cluster},
    databases,
};
use tokio_util::sync::CancellationToken;

use super::common::{data, entity, kinds, relationship};

/// A database made by a script, and the workspace it goes into.
pub struct Import {
    pub w: Workspace,
    pub cluster: &'static Cluster,
    pub address: String,
}

impl Import {
    /// None where Postgres is not installed.
    pub async fn of(script: &str) -> Option<Self> {
        let cluster = cluster()?;
        let address = cluster.database(None);
        cluster.psql(&address, script);
        Some(Self { w: Workspace::new().await, cluster, address })
    }

    pub async fn attempt(&self, address: &str, schemas: &[&str]) -> Result<ImportReport, Error> {
        let schemas: Vec<String> = schemas.iter().map(|s| (*s).to_owned()).collect();
        self.w.engine.import_postgres(address, &schemas, false, &|_| (), &CancellationToken::new()).await
    }

    pub async fn run(&self) -> ImportReport {
        self.attempt(&self.address, &[]).await.unwrap()
    }

    pub async fn schema(&self) -> std::sync::Arc<Schema> {
        self.w.engine.schema().await.unwrap()
    }

    pub async fn data(&self, entity: &str) -> Vec<Value> {
        data(&self.w, entity).await
    }
}

#[track_caller]
pub fn told(report: &ImportReport, expected: &[(&str, &str)]) {
    let said = kinds(report);
    for one in expected {
        assert!(said.contains(one), "{one:?} is missing from {said:?}");
    }
}

#[tokio::test]
async fn keys_of_every_shape_find_their_counterpart() {
    let Some(import) = Import::of(
        "CREATE TABLE tenant (tenant_id int NOT NULL, code varchar(8) NOT NULL, name text, PRIMARY KEY (tenant_id, code));
         CREATE TABLE person (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, email text NOT NULL UNIQUE,
           boss_id bigint REFERENCES person ON DELETE SET NULL, t int, c varchar(8),
           FOREIGN KEY (t, c) REFERENCES tenant ON DELETE CASCADE, UNIQUE (t, email) INCLUDE (boss_id));
         CREATE TABLE passport (person_id numeric PRIMARY KEY, number text);
         CREATE TABLE badge (person_id int PRIMARY KEY REFERENCES person ON DELETE CASCADE, number text);
         CREATE TABLE letter (sender text NOT NULL REFERENCES person (email) ON UPDATE CASCADE ON DELETE RESTRICT, line int NOT NULL,
           PRIMARY KEY (sender, line));
         CREATE TABLE friend (left_id int NOT NULL REFERENCES person ON DELETE CASCADE, right_id int NOT NULL REFERENCES person ON DELETE CASCADE,
           PRIMARY KEY (left_id, right_id));
         CREATE TABLE lost (id int PRIMARY KEY, person_id int REFERENCES person ON DELETE SET DEFAULT);
         CREATE TABLE empty ();
         INSERT INTO tenant VALUES (1, 'a', 'one'), (1, 'b', 'two');
         INSERT INTO person (email, boss_id, t, c) VALUES ('a@b.example', NULL, 1, 'a'), ('c@d.example', 1, 1, 'b'), ('e@f.example', 2, NULL, 'b');
         INSERT INTO badge VALUES (2, 'P2'), (1, 'P1');
         INSERT INTO letter VALUES ('c@d.example', 2), ('c@d.example', 1), ('a@b.example', 1);
         INSERT INTO friend VALUES (1, 2), (2, 1), (3, 1);
         -- Past the server's own check, as replication and restoring may do.
         SET session_replication_role = replica; INSERT INTO lost VALUES (1, 99), (2, 1); RESET session_replication_role;",
    )
    .await
    else {
        return;
    };
    let report = import.run().await;
    let schema = import.schema().await;
    assert_eq!((report.entities.len(), report.relationships, report.many_to_many), (7, 5, 1), "{:?}", report.not_carried);
    assert_eq!((report.links, report.kept), (3, 0));

    let boss = relationship(&schema, "person", "boss");
    assert_eq!((boss.kind, boss.on_delete, boss.required), (RelationshipType::ManyToOne, ReferentialAction::SetNull, false));
    assert_eq!(relationship(&schema, "person", "tenant").on_delete, ReferentialAction::Cascade);
    assert_eq!(relationship(&schema, "badge", "person").kind, RelationshipType::OneToOne);
    let sender = relationship(&schema, "letter", "sender");
    assert_eq!((sender.on_update, sender.on_delete), (ReferentialAction::Cascade, ReferentialAction::Restrict));
    let friend = schema.relationships.iter().find(|r| r.is_many_to_many()).unwrap();
    assert_eq!((friend.name.as_str(), friend.inverse_name.as_deref()), ("right", Some("left")));
    assert!(matches!(entity(&schema, "letter").keys[0].parts[..], [KeyPart::Relationship(_), KeyPart::Field(_)]));
    assert_eq!(entity(&schema, "person").keys[0].parts.len(), 2, "a column that is only included is no part of the key");
    let id = schema.field_named(entity(&schema, "person"), "id").unwrap();
    assert!(id.unique && id.required && id.field_type == FieldType::Integer && id.default.is_none());

    let people = import.w.engine.list_records(import.w.id("person").await, ListRequest::default()).await.unwrap().records;
    assert_eq!(people.iter().map(|p| p.data["id"].as_i64().unwrap()).collect::<Vec<_>>(), [1, 2, 3], "in the order of the key");
    assert_eq!(people[1].data["boss_id"], json!(people[0].id));
    assert!(people[1].data["tenant_id"].is_string() && people[2].data["tenant_id"].is_null());
    assert_eq!((&people[1].data["t"], &people[1].data["c"]), (&json!(1), &json!("b")), "columns of a composite key stay");
    assert_eq!(import.data("badge").await[0], json!({"person_id": people[0].id, "number": "P1"}));
    let pairs = import.w.engine.links(friend.id, people[2].id).await.unwrap();
    assert_eq!((pairs[0].source, pairs[0].target), (people[2].id, people[0].id));
    let lost = import.data("lost").await;
    assert!(lost[0]["person_id"].is_null() && lost[1]["person_id"].is_string());
    told(&report, &[("autoincrement", "person.id"), ("action", "lost.person_id"), ("reference", "lost.person_id")]);
}

#[tokio::test]
async fn schemas_are_told_apart() {
    let Some(import) = Import::of(
        "CREATE SCHEMA sales; CREATE SCHEMA \"Stock & more\"; CREATE SCHEMA unused;
         CREATE TABLE item (id int PRIMARY KEY); CREATE TABLE sales.item (id int PRIMARY KEY); CREATE TABLE sales.orders (id int, item_id int REFERENCES sales.item);
         CREATE TABLE \"Stock & more\".shelf (id int, item_id int REFERENCES public.item);
         INSERT INTO item VALUES (1); INSERT INTO sales.item VALUES (7), (8); INSERT INTO sales.orders VALUES (1, 8); INSERT INTO \"Stock & more\".shelf VALUES (1, 1);",
    )
    .await
    else {
        return;
    };
    let report = import.run().await;
    assert_eq!(report.entities, ["item", "sales_item", "orders", "shelf"]);
    told(&report, &[("name", "sales.item")]);
    let items = import.data("sales_item").await;
    assert_eq!(items.len(), 2);
    assert!(import.data("orders").await[0]["item_id"].is_string() && import.data("shelf").await[0]["item_id"].is_string());

    let other = Workspace::new().await;
    let only = Import { w: other, ..import };
    let report = only.attempt(&only.address, &["Stock & more"]).await.unwrap();
    assert_eq!(report.entities, ["shelf"]);
    told(&report, &[("foreign_key", "shelf.item_id")]);
    assert_eq!(only.data("shelf").await[0]["item_id"], 1, "what refers out of the import stays as it is");
    let report = only.attempt(&format!("{}?schema=sales", only.address), &[]).await.unwrap();
    assert_eq!(report.entities, ["item", "orders"], "the only schema's tables keep their names");
    let error = only.attempt(&only.address, &["nowhere"]).await.unwrap_err();
    assert_eq!((error.code, &error.details["schemas"]), (ErrorCode::InvalidInput, &json!(["public", "Stock & more", "sales", "unused"])));
    let error = only.attempt(&only.address, &["unused"]).await.unwrap_err();
    assert_eq!(error.code, ErrorCode::InvalidInput);
}

#[tokio::test]
async fn names_that_hurt_survive() {
    let long = "ö".repeat(31);
    let Some(import) = Import::of(&format!(
        "CREATE TABLE \"select\" (\"from\" int PRIMARY KEY, \"a\"\"b\" text, \"Größe\" text, \"it's\" text, \"back\\slash\" text, \"{{a,b}}\" text, t text);
         CREATE TABLE \"Order Details\" (\"Order ID\" int REFERENCES \"select\", \"注文\" text, id text, version int, \"{long}a\" int, \"{long}b\" int);
         CREATE TABLE orders (id int); CREATE TABLE \"Orders\" (\"ID\" int, id int);
         INSERT INTO \"select\" VALUES (1, 'x', 'y', 'z', 'b', 'c', 'd'); INSERT INTO \"Order Details\" VALUES (1, 'z', 'own', 3, 4, 5);
         INSERT INTO \"Orders\" VALUES (1, 2);"
    ))
    .await
    else {
        return;
    };
    let report = import.run().await;
    let schema = import.schema().await;
    assert_eq!(relationship(&schema, "Order Details", "Order").field.as_deref(), Some("Order ID"));
    let details = import.data("Order Details").await;
    assert_eq!((&details[0]["注文"], &details[0]["id"], &details[0]["version"]), (&json!("z"), &json!("own"), &json!(3)));
    assert_eq!((&details[0][format!("{long}a")], &details[0][format!("{long}b")]), (&json!(4), &json!(5)));
    let expected = json!({"from": 1, "a\"b": "x", "Größe": "y", "it's": "z", "back\\slash": "b", "{a,b}": "c", "t": "d"});
    assert_eq!(import.data("select").await[0], expected);
    assert_eq!(import.data("Orders_2").await[0], json!({"ID": 1, "id_2": 2}), "two names that differ by case alone");
    told(&report, &[("name", "Orders"), ("name", "Orders.id")]);
}

#[tokio::test]
async fn parts_of_a_table_are_one_entity_and_children_with_more_are_not() {
    let Some(import) = Import::of(
        "CREATE TABLE reading (id int, at date NOT NULL, value float8, PRIMARY KEY (id, at)) PARTITION BY RANGE (at);
         CREATE TABLE reading_1 PARTITION OF reading FOR VALUES FROM ('2026-01-01') TO ('2026-02-01');
         CREATE TABLE reading_2 PARTITION OF reading FOR VALUES FROM ('2026-02-01') TO ('2026-03-01') PARTITION BY LIST (id);
         CREATE TABLE reading_2a PARTITION OF reading_2 FOR VALUES IN (1); CREATE TABLE reading_2b PARTITION OF reading_2 DEFAULT;
         CREATE TABLE note (id int, reading_id int, reading_at date, FOREIGN KEY (reading_id, reading_at) REFERENCES reading);
         CREATE TABLE city (name text PRIMARY KEY); CREATE TABLE capital (state text) INHERITS (city);
         CREATE TABLE city_old () INHERITS (city); CREATE TABLE city_older () INHERITS (city_old);
         CREATE TABLE log (n int UNIQUE, m int UNIQUE); CREATE TABLE log_1 (CHECK (n < 10)) INHERITS (log);
         INSERT INTO reading VALUES (1, '2026-01-05', 1.5), (1, '2026-02-05', 2.5), (2, '2026-02-06', 3.5); INSERT INTO note VALUES (1, 2, '2026-02-06');
         INSERT INTO city VALUES ('Oslo'); INSERT INTO capital VALUES ('Wien', 'Wien'); INSERT INTO city_old VALUES ('Ur'); INSERT INTO city_older VALUES ('Uruk');
         INSERT INTO log VALUES (20, 1); INSERT INTO log_1 VALUES (1, 1), (2, 2);",
    )
    .await
    else {
        return;
    };
    let report = import.run().await;
    assert_eq!(report.entities, ["reading", "note", "city", "capital", "log"]);
    assert_eq!(import.data("reading").await.len(), 3);
    assert!(
        import.data("note").await[0]["reading"].is_null() && import.data("note").await[0]["reading_id_2"].is_string(),
        "{:?}",
        import.data("note").await
    );
    let names = async |entity: &str| import.data(entity).await.iter().map(|c| c["name"].as_str().unwrap().to_owned()).collect::<Vec<_>>();
    assert_eq!(names("city").await, ["Oslo", "Ur", "Uruk"]);
    assert_eq!(names("capital").await, ["Wien"]);
    let schema = import.schema().await;
    let log = entity(&schema, "log");
    let is_unique = |name: &str| schema.field_named(log, name).unwrap().unique;
    assert!(is_unique("n") && !is_unique("m"), "a key holds where no two rows of all the parts have the same");
    told(&report, &[("inheritance", "city"), ("inheritance", "log"), ("index", "log.m")]);
}

#[tokio::test]
async fn what_cannot_be_carried_is_named() {
    let Some(import) = Import::of(
        "CREATE EXTENSION btree_gist; CREATE SEQUENCE free_numbers; CREATE SEQUENCE numbers; CREATE TYPE span AS (a int, b text);
         CREATE TABLE v (id serial PRIMARY KEY, code text, room int, during tsrange, note text COLLATE \"en-x-icu\", CHECK (length(code) < 5),
           EXCLUDE USING gist (room WITH =, during WITH &&), UNIQUE NULLS NOT DISTINCT (note));
         CREATE TABLE w (id int DEFAULT nextval('numbers'));
         CREATE VIEW seen AS SELECT 1 AS one; CREATE MATERIALIZED VIEW kept AS SELECT 1 AS one;
         CREATE FUNCTION noted() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
         CREATE TRIGGER g AFTER INSERT ON v FOR EACH ROW EXECUTE FUNCTION noted();
         CREATE RULE r AS ON DELETE TO w DO INSTEAD NOTHING;
         ALTER TABLE v ENABLE ROW LEVEL SECURITY; CREATE POLICY p ON v USING (room > 1);
         CREATE INDEX e ON v (lower(code)); CREATE UNIQUE INDEX part ON v (code) WHERE room = 1; CREATE INDEX two ON v (code, room);
         CREATE INDEX gin ON v USING gin (to_tsvector('simple', code)); CREATE INDEX one ON v (code); CREATE INDEX spatial ON v USING gist (during);",
    )
    .await
    else {
        return;
    };
    let report = import.run().await;
    told(
        &report,
        &[
            ("view", "seen"),
            ("materialized_view", "kept"),
            ("function", "noted()"),
            ("trigger", "v.g"),
            ("rule", "w.r"),
            ("policy", "v.p"),
            ("check", "v"),
            ("exclusion", "v"),
            ("index", "v.e"),
            ("index", "v.part"),
            ("index", "v.two"),
            ("index", "v.gin"),
            ("index", "v.spatial"),
            ("index", "v.note"),
            ("collation", "v.note"),
            ("sequence", "free_numbers"),
            ("autoincrement", "v.id"),
            ("autoincrement", "w.id"),
            ("type", "v.during"),
        ],
    );
    assert_eq!(report.not_carried.iter().filter(|n| n.kind == "sequence").count(), 1, "one that numbers a column is told of with it");
    let functions = report.not_carried.iter().filter(|n| n.kind == "function").count();
    assert_eq!(functions, 1, "what an extension brings is not the database's own");
    let schema = import.schema().await;
    assert!(schema.field_named(entity(&schema, "v"), "code").unwrap().indexed);
}

#[tokio::test]
async fn what_may_not_be_read_is_named_and_nothing_is_written() {
    let role = format!("r_{}", uuid::Uuid::now_v7().simple());
    let Some(import) = Import::of(&format!(
        "CREATE ROLE {role} LOGIN; CREATE SCHEMA closed; CREATE TABLE closed.secret (id int);
         CREATE TABLE open (id int PRIMARY KEY, hidden text); CREATE TABLE shut (id int PRIMARY KEY); CREATE TABLE child (id int, shut_id int REFERENCES shut);
         CREATE TABLE rows (id int); ALTER TABLE rows ENABLE ROW LEVEL SECURITY; CREATE POLICY few ON rows USING (id < 2);
         INSERT INTO open VALUES (1, 'x'); INSERT INTO shut VALUES (1); INSERT INTO child VALUES (1, 1); INSERT INTO rows VALUES (1), (2);
         GRANT SELECT (id) ON open TO {role}; GRANT SELECT ON child, rows TO {role};"
    ))
    .await
    else {
        return;
    };
    let address = import.cluster.address_of(&import.address, &role);
    let report = import.attempt(&address, &[]).await.unwrap();
    assert_eq!(report.entities, ["open", "child", "rows"]);
    told(
        &report,
        &[
            ("unreadable", "shut"),
            ("unreadable", "closed"),
            ("unreadable", "open.hidden"),
            ("foreign_key", "child.shut_id"),
            ("row_security", "rows"),
        ],
    );
    assert_eq!((import.data("open").await, import.data("child").await[0]["shut_id"].clone()), (vec![json!({"id": 1})], json!(1)));
    assert_eq!(import.data("rows").await.len(), 1);
    let error = import.attempt(&address, &["closed"]).await.unwrap_err();
    assert_eq!((error.code, &error.details["tables"]), (ErrorCode::NotPermitted, &json!(["closed"])));
    import.cluster.psql(&import.address, &format!("DROP OWNED BY {role}; DROP ROLE {role};"));
}

#[tokio::test]
async fn no_connection_says_why_and_no_password_is_repeated() {
    let Some(import) = Import::of("CREATE TABLE a (id int);").await else { return };
    let name = import.address.rsplit('/').next().unwrap();
    let good = import.cluster.url(name);
    assert_eq!(import.attempt(&good, &[]).await.unwrap().entities, ["a"], "encrypted, with a password");
    let wrong = import.attempt(&good.replace("p%40ss", "guess"), &[]).await.unwrap_err();
    assert_eq!((wrong.code, &wrong.details["reason"]), (ErrorCode::ConnectionFailed, &json!("bad_password")));
    let nowhere = import.attempt(&good.replace(name, "nowhere"), &[]).await.unwrap_err();
    assert_eq!(nowhere.details["reason"], "no_such_database");
    let empty = import.attempt(&import.cluster.database(None), &[]).await.unwrap_err();
    assert_eq!((empty.code, empty.message.contains("no tables")), (ErrorCode::InvalidInput, true));
    let log = import.w.engine.changelog(None).await.unwrap();
    assert_eq!(log[0].description, format!("Import {name}"));

    let t = Terminal::new();
    for (arguments, status, code) in [
        (vec!["import", "--format", "sqlite", "postgres://ada:hunter2@127.0.0.1/db"], 2, "invalid_input"),
        (vec!["import", "--entity", "a", "postgres://ada:hunter2@127.0.0.1/db"], 2, "invalid_input"),
        (vec!["import", "postgre://ada:hunter2@127.0.0.1/db"], 2, "invalid_input"),
        (vec!["import", "--format", "postgres", "postgre://ada:hunter2@127.0.0.1/db"], 1, "invalid_input"),
        (vec!["import", "postgres://ada:hunter2@127.0.0.1:1/db"], 1, "connection_failed"),
        (vec!["import", "postgres://ada:hunter2@127.0.0.1"], 1, "invalid_input"),
    ] {
        let ran = t.run(&arguments);
        assert_eq!(ran.error(status), code, "{arguments:?}");
        assert!(!format!("{}{}", ran.stdout, ran.stderr).contains("hunter2"), "{}", ran.stderr);
    }
    let report = t.json(&["import", &good, "--schema", "public", "--schema-only"]);
    assert_eq!((&report["entities"], &report["records"]), (&json!(["a"]), &json!(0)));
}

#[tokio::test]
async fn an_import_is_one_step_back_and_all_or_nothing_on_both() {
    for database in databases() {
        let Some(mut import) = Import::of(
            "CREATE TABLE a (id int PRIMARY KEY); CREATE TABLE b (a_id int NOT NULL REFERENCES a); CREATE TABLE big (n int);
             INSERT INTO a VALUES (1), (2); INSERT INTO b VALUES (1); INSERT INTO big SELECT generate_series(1, 3000);",
        )
        .await
        else {
            return;
        };
        if database == Database::Postgres {
            import.w = Workspace::on(database).await;
        }
        let engine = &import.w.engine;
        assert_eq!(import.run().await.records, 3003);
        let before = import.w.exports().await;
        let error = import.attempt(&import.address, &[]).await.unwrap_err();
        assert_eq!((error.code, &error.details["names"]), (ErrorCode::NameTaken, &json!(["a", "b", "big"])));
        engine.undo().await.unwrap();
        assert!(import.schema().await.entities.is_empty());
        engine.redo().await.unwrap();
        assert_eq!(import.w.exports().await, before, "undo put the records away, redo brought them back");
        engine.undo().await.unwrap();
        let cancel = CancellationToken::new();
        let error = engine
            .import_postgres(&import.address, &[], false, &|p| p.total.into_iter().for_each(|_| cancel.cancel()), &cancel)
            .await
            .unwrap_err();
        assert_eq!(error.code, ErrorCode::Cancelled);
        assert!(import.schema().await.entities.is_empty(), "a cancelled import leaves nothing");
    }
}

#[tokio::test]
async fn a_workspace_beside_the_tables_is_left_out_unless_it_is_named() {
    let Some(mut import) = Import::of("CREATE TABLE a (id int PRIMARY KEY); INSERT INTO a VALUES (1);").await else { return };
    let address = format!("{}?schema=mine", import.address);
    import.w.engine.close().await;
    import.w.engine = stoneware_engine::Engine::open_or_create(&address).await.unwrap().0;
    let report = import.run().await;
    assert_eq!(report.entities, ["a"]);
    told(&report, &[("workspace", "mine")]);
    let error = import.attempt(&address, &[]).await.unwrap_err();
    assert_eq!((error.code, error.message.contains("stoneware copy")), (ErrorCode::InvalidInput, true), "{error:?}");
    stoneware_tests::materialize(&import.w.engine, import.w.ids(&["a"]).await).await;
    assert_eq!(import.attempt(&address, &[]).await.unwrap().entities, ["kdb_a"]);
}

#[tokio::test]
async fn a_source_that_goes_away_leaves_nothing() {
    let Some(import) = Import::of("CREATE TABLE a (t text); INSERT INTO a SELECT repeat('x', 1000) FROM generate_series(1, 20000);").await
    else {
        return;
    };
    let end = std::sync::Once::new();
    let on = |p: stoneware_engine::model::ImportProgress| {
        if p.total.is_some() {
            let others =
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()";
            end.call_once(|| import.cluster.psql(&import.address, others));
        }
    };
    let error = import.w.engine.import_postgres(&import.address, &[], false, &on, &CancellationToken::new()).await.unwrap_err();
    assert_eq!((error.code, error.message.contains("Nothing was imported")), (ErrorCode::ConnectionLost, true), "{error:?}");
    assert!(import.schema().await.entities.is_empty());
}
