//! What somebody has made by hand on a dedicated table is theirs: a change of type makes it again, or says what is in its way.

use serde_json::{Value, json};
use stoneware_engine::{
    Engine, Error, ErrorCode,
    model::{EntityId, ListRequest, SchemaEdit},
};
use stoneware_tests::{
    Database, Workspace,
    build::{entity, field, insert},
    data, databases, materialize,
    outside::{self, anatomy, run},
};

/// A dedicated entity with these values in its field `code`.
async fn table(database: Database, spec: &str, values: &[Value]) -> (Workspace, EntityId) {
    let w = Workspace::to_copy(database).await;
    let t = entity(&w.engine, "Thing", &[spec, "name:string:indexed"]).await;
    for (i, value) in values.iter().enumerate() {
        insert(&w.engine, t, json!({ "code": value, "name": format!("n{i}") })).await;
    }
    materialize(&w.engine, vec![t]).await;
    assert_eq!(w.engine.schema().await.unwrap().entity(t).unwrap().table, "kdb_thing");
    (w, t)
}

async fn change(engine: &Engine, t: EntityId, spec: &str) -> SchemaEdit {
    let id = engine.schema().await.unwrap().entity(t).unwrap().fields[0].id;
    SchemaEdit::UpdateField { entity: t, field: id, spec: Box::new(field(spec)) }
}

async fn perform(engine: &Engine, edit: SchemaEdit) -> Result<(), Error> {
    match edit {
        SchemaEdit::UpdateField { entity, field, spec } => engine.update_field(entity, field, *spec).await.map(drop),
        SchemaEdit::DropField { entity, field } => engine.drop_field(entity, field).await,
        other => panic!("{other:?}"),
    }
}

async fn codes(engine: &Engine, t: EntityId) -> Vec<Value> {
    let page = engine.list_records(t, ListRequest::default()).await.unwrap();
    page.records.iter().map(|r| r.data["code"].clone()).collect()
}

/// What was made by hand, as the database says it.
async fn made(w: &Workspace) -> Vec<String> {
    if !stoneware_engine::engine::is_url(&w.location) {
        let query = "SELECT type || name || sql FROM sqlite_schema WHERE name LIKE 'my%' ORDER BY 1";
        return outside::texts(&mut outside::open(&w.path).await, query.to_owned()).await;
    }
    let mut db = <sqlx::PgConnection as sqlx::Connection>::connect(&w.location).await.unwrap();
    let query = "SELECT pg_get_indexdef(oid) FROM pg_class WHERE relname LIKE 'my%' AND relkind = 'i'
                 UNION ALL SELECT pg_get_triggerdef(oid) || tgenabled::text FROM pg_trigger WHERE tgname LIKE 'my%'
                 UNION ALL SELECT conname || pg_get_constraintdef(oid) FROM pg_constraint WHERE conname LIKE 'my%' ORDER BY 1";
    sqlx::query_scalar(query).fetch_all(&mut db).await.unwrap()
}

/// Names in every way of writing them.
const ON_BOTH: [&str; 5] = [
    "CREATE TABLE my_notes (code TEXT)",
    "CREATE UNIQUE INDEX my_codes ON kdb_thing (code)",
    "CREATE INDEX my_names ON kdb_thing (name, \"code\" DESC)",
    "CREATE INDEX my_some ON kdb_thing (name) WHERE code IS NOT NULL",
    "CREATE INDEX my_expression ON kdb_thing ((coalesce(code, code)))",
];
const ON_SQLITE: [&str; 2] = [
    "CREATE TRIGGER my_trigger AFTER UPDATE OF code ON kdb_thing WHEN new.code <> old.code BEGIN INSERT INTO my_notes VALUES (new.code); END",
    "CREATE VIEW my_view AS SELECT code, name FROM kdb_thing",
];
const ON_POSTGRES: [&str; 6] = [
    "CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN INSERT INTO my_notes VALUES (new.code::text); RETURN NULL; END'",
    "CREATE TRIGGER my_trigger AFTER UPDATE OF code ON kdb_thing FOR EACH ROW WHEN (new.code <> old.code) EXECUTE FUNCTION note()",
    "CREATE TRIGGER my_other AFTER UPDATE OF code ON kdb_thing FOR EACH ROW EXECUTE FUNCTION note()",
    "ALTER TABLE kdb_thing DISABLE TRIGGER my_other",
    "ALTER TABLE kdb_thing ADD CONSTRAINT my_key UNIQUE (code)",
    "ALTER TABLE kdb_thing ADD CONSTRAINT my_check CHECK (code IS NOT NULL) NOT VALID",
];

#[tokio::test(flavor = "multi_thread")]
async fn a_change_of_type_makes_again_what_was_made_by_hand() {
    for database in databases() {
        let (w, t) = table(database, "code:string", &[json!("1"), json!("2"), json!("03")]).await;
        let more: &[&str] = if database == Database::Sqlite { &ON_SQLITE } else { &ON_POSTGRES };
        for statement in ON_BOTH.iter().chain(more) {
            run(&w, statement).await;
        }
        let (before, parts) = (made(&w).await, anatomy(&w.location).await);
        let edit = change(&w.engine, t, "code:integer").await;
        let plan = w.engine.edit_plan(edit.clone()).await.unwrap();
        let again = |name: &str| plan.statements.iter().any(|s| s.starts_with("CREATE") && s.contains(name));
        assert!(["my_codes", "my_names", "my_some", "my_expression"].into_iter().all(again), "{:#?}", plan.statements);
        assert_eq!(anatomy(&w.location).await, parts);
        perform(&w.engine, edit).await.unwrap();
        for whole in [true, false, true] {
            if !whole {
                w.engine.undo().await.unwrap();
            } else if codes(&w.engine, t).await[0] == "1" {
                w.engine.redo().await.unwrap();
            }
            let expected = if whole { [json!(1), json!(2), json!(3)] } else { [json!("1"), json!("2"), json!("03")] };
            assert_eq!(codes(&w.engine, t).await, expected, "{database:?}");
            assert_eq!(made(&w).await, before, "{database:?}");
        }
        // They serve as before.
        let notes = outside::count(&w, "SELECT count(*) FROM my_notes").await;
        let first = w.engine.list_records(t, ListRequest::default()).await.unwrap().records[0].id;
        w.engine.update_record(t, first, data(json!({ "code": 7 })), None).await.unwrap();
        assert_eq!(outside::count(&w, "SELECT count(*) FROM my_notes").await, notes + 1, "{database:?}");
        let twice = w.engine.insert_record(t, data(json!({ "code": 7 }))).await.unwrap_err();
        assert_eq!(twice.code, ErrorCode::UniqueViolation, "{database:?}: {twice:?}");
        if database == Database::Sqlite {
            assert_eq!(outside::count(&w, "SELECT sum(code) FROM my_view").await, 12);
        }
    }
}

/// Constraints that name the column in a way of their own.
#[tokio::test(flavor = "multi_thread")]
async fn no_constraint_of_a_server_is_lost() {
    for database in databases().into_iter().filter(|database| *database == Database::Postgres) {
        let (w, t) = table(database, "code:decimal:precision=10,scale=2", &[json!("1.50"), json!("2.50")]).await;
        for statement in [
            "CREATE TABLE my_lookup (code NUMERIC PRIMARY KEY)",
            "INSERT INTO my_lookup VALUES (1.5), (2.5)",
            "ALTER TABLE kdb_thing ADD CONSTRAINT my_reference FOREIGN KEY (code) REFERENCES my_lookup (code)",
            "ALTER TABLE kdb_thing ADD CONSTRAINT my_including UNIQUE (name) INCLUDE (code)",
            "ALTER TABLE kdb_thing ADD CONSTRAINT my_excluding EXCLUDE USING btree (code WITH =) WHERE (code IS NOT NULL)",
        ] {
            run(&w, statement).await;
        }
        let before = made(&w).await;
        assert_eq!(before.len(), 7, "with the indexes of two of them and of the other table: {before:?}");
        let edit = change(&w.engine, t, "code:decimal:precision=10,scale=1").await;
        perform(&w.engine, edit).await.unwrap();
        assert_eq!(made(&w).await, before);
    }
}

/// Refused with this code, naming what is in the way, and everything is as it was.
async fn refused(w: &Workspace, edit: SchemaEdit, code: ErrorCode, what: &str, name: &str) -> Error {
    let (parts, exports) = (anatomy(&w.location).await, w.exports().await);
    let error = perform(&w.engine, edit).await.unwrap_err();
    assert_eq!((error.code, &error.details[what]), (code, &json!(name)), "{error:?}");
    assert!(error.message.contains(name) && error.message.contains("Thing.code"), "{error}");
    assert_eq!((anatomy(&w.location).await, w.exports().await), (parts, exports));
    error
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_made_again_is_named() {
    for database in databases() {
        let (w, t) = table(database, "code:string", &[json!("1"), json!("01"), json!("x")]).await;
        run(&w, "CREATE UNIQUE INDEX my_codes ON kdb_thing (code)").await;
        let edit = change(&w.engine, t, "code:integer").await;
        refused(&w, edit, ErrorCode::UniqueViolation, "index", "my_codes").await;

        let (spec, expression, to) = match database {
            Database::Sqlite => ("code:json", "json_extract(code, '$.a')", "code:string"),
            Database::Postgres => ("code:string", "lower(code)", "code:integer"),
        };
        let (w, t) = table(database, spec, &[json!("1"), json!("x")]).await;
        run(&w, &format!("CREATE INDEX my_expression ON kdb_thing ({expression})")).await;
        let edit = change(&w.engine, t, to).await;
        refused(&w, edit, ErrorCode::Unsupported, "index", "my_expression").await;
        run(&w, "DROP INDEX my_expression").await;
        let edit = change(&w.engine, t, to).await;
        perform(&w.engine, edit).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_view_and_a_trigger_in_the_way_are_named() {
    for database in databases() {
        let (w, t) = table(database, "code:string", &[json!("1")]).await;
        let id = w.engine.schema().await.unwrap().entity(t).unwrap().fields[0].id;
        let gone = || SchemaEdit::DropField { entity: t, field: id };
        run(&w, "CREATE VIEW my_view AS SELECT code FROM kdb_thing").await;
        refused(&w, gone(), ErrorCode::Unsupported, "view", "my_view").await;
        let edit = change(&w.engine, t, "code:integer").await;
        if database == Database::Postgres {
            let error = refused(&w, edit.clone(), ErrorCode::Unsupported, "view", "my_view").await;
            assert_eq!(w.engine.edit_plan(edit).await.unwrap_err(), error, "its plan says the same");
        }
        run(&w, "DROP VIEW my_view").await;
        if database == Database::Postgres {
            run(&w, "CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'").await;
            run(&w, "CREATE TRIGGER my_trigger AFTER UPDATE OF code ON kdb_thing FOR EACH ROW EXECUTE FUNCTION note()").await;
        } else {
            run(&w, "CREATE TRIGGER my_trigger AFTER UPDATE OF name ON kdb_thing BEGIN SELECT new.code; END").await;
        }
        refused(&w, gone(), ErrorCode::Unsupported, "trigger", "my_trigger").await;
    }
}

/// A field that goes takes the indexes made by hand over it along, however they name it, and no others.
#[tokio::test(flavor = "multi_thread")]
async fn a_dropped_field_takes_its_indexes_along() {
    for database in databases() {
        let (w, t) = table(database, "code:string", &[json!("1")]).await;
        for statement in ON_BOTH.iter().chain(&["CREATE INDEX my_code ON kdb_thing (lower(name))"]) {
            run(&w, statement).await;
        }
        let id = w.engine.schema().await.unwrap().entity(t).unwrap().fields[0].id;
        w.engine.drop_field(t, id).await.unwrap();
        let left = made(&w).await;
        let indexes: Vec<&String> = left.iter().filter(|text| text.contains("INDEX")).collect();
        assert!(indexes.len() == 1 && indexes[0].contains("my_code "), "{database:?}: {left:?}");
        w.engine.undo().await.unwrap();
        assert_eq!(codes(&w.engine, t).await, [json!("1")]);
    }
}
