//! What a plan lists is what runs, statement for statement.

use regex_lite::Regex;
use sqlx::{AssertSqlSafe, Connection as _, PgConnection, Row as _};
use stoneware_engine::model::{EditStage, ReferentialAction, RelationshipSpec, RelationshipType, SchemaEdit};
use stoneware_tests::{
    Database, Workspace,
    build::{entity, field, insert, relationship},
    databases,
    outside::{anatomy, run},
};

use super::{Case, perform, witness::Witness};

/// Every kind of edit, one after the other; each is taken back before the next.
async fn edits(case: &Case) -> Vec<(&'static str, SchemaEdit)> {
    let maker = case.relationship("maker").await;
    let spec_of = |on_delete, required| {
        let spec = relationship(maker.source, "maker", maker.target, RelationshipType::ManyToOne);
        Box::new(RelationshipSpec { on_delete: Some(on_delete), required, ..spec })
    };
    let add = |target, name: &str, kind| SchemaEdit::AddRelationship { spec: Box::new(relationship(case.part, name, target, kind)) };
    let update = |spec| SchemaEdit::UpdateRelationship { relationship: maker.id, spec };
    vec![
        ("add", case.add("weight:float")),
        ("add with a default", case.add("weight:float:default=1.5,indexed")),
        ("add what is required", case.add("weight:integer:required,default=1")),
        ("rename", case.change("label", "title:string").await),
        ("text to integer", case.change("code", "code:integer").await),
        ("text to integer, indexed", case.change("colour", "colour:integer:indexed").await),
        ("text to json", case.change("label", "label:json").await),
        ("integer to text", case.change("size", "size:string").await),
        ("unique text to date", case.change("serial", "serial:date").await),
        ("the first text to another", case.change("name", "name:json").await),
        ("another scale", case.change("price", "price:decimal:precision=10,scale=1,default=1.5").await),
        ("drop", case.drop("label").await),
        ("drop the first text", case.drop("name").await),
        ("drop a unique one", case.drop("serial").await),
        ("required", case.change("code", "code:string:required").await),
        ("no longer required", case.change("name", "name:string").await),
        ("unique", case.change("code", "code:string:unique").await),
        ("no longer unique", case.change("serial", "serial:string").await),
        ("indexed", case.change("size", "size:integer:indexed").await),
        ("everything at once", case.change("code", "code:string:required,unique,default=none").await),
        ("a default", case.change("size", "size:integer:default=7").await),
        ("keys", case.keys(&[["code", "maker"], ["name", "size"]]).await),
        ("a relationship", add(case.maker, "owner", RelationshipType::ManyToOne)),
        ("a one to one", add(case.maker, "owner", RelationshipType::OneToOne)),
        ("one from the other end", add(case.maker, "owned", RelationshipType::OneToMany)),
        ("one to a shared entity", add(case.note, "remark", RelationshipType::ManyToOne)),
        ("one to itself", add(case.part, "whole", RelationshipType::ManyToOne)),
        ("pairs in a table", add(case.maker, "sellers", RelationshipType::ManyToMany)),
        ("pairs in the shared table", add(case.note, "remarks", RelationshipType::ManyToMany)),
        ("another action", update(spec_of(ReferentialAction::Cascade, false))),
        ("a required relationship", update(spec_of(ReferentialAction::Restrict, true))),
        ("drop a relationship", SchemaEdit::DropRelationship { relationship: maker.id }),
        ("drop pairs", SchemaEdit::DropRelationship { relationship: case.relationship("others").await.id }),
        ("drop shared pairs", SchemaEdit::DropRelationship { relationship: case.relationship("notes").await.id }),
    ]
}

#[tokio::test]
async fn what_is_planned_is_what_runs() {
    for database in databases() {
        let case = Case::new(database).await;
        for (what, edit) in edits(&case).await {
            same(&case.w, what, edit).await;
        }
        // With keys there, what they are made of takes them with it.
        perform(&case.w.engine, case.keys(&[["code", "maker"], ["code", "size"]]).await).await.unwrap();
        same(&case.w, "drop a part of keys", case.drop("code").await).await;
        let maker = case.relationship("maker").await.id;
        same(&case.w, "drop a relationship in a key", SchemaEdit::DropRelationship { relationship: maker }).await;
        same(&case.w, "drop keys", case.keys(&[["code", "size"]]).await).await;
    }
}

/// What was made by hand over a column is made again, and its plan says so.
#[tokio::test]
async fn so_it_is_with_what_was_made_by_hand() {
    for database in databases() {
        let case = Case::new(database).await;
        for statement in [
            "CREATE INDEX mine ON kdb_part (code, name)",
            "CREATE UNIQUE INDEX \"Mine too\" ON kdb_part (\"serial\")",
            "CREATE INDEX partly ON kdb_part (name) WHERE size > 2",
        ] {
            run(&case.w, statement).await;
        }
        if database == Database::Postgres {
            run(&case.w, "CREATE FUNCTION nothing() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'").await;
            run(&case.w, "CREATE TRIGGER of_code AFTER UPDATE OF code ON kdb_part FOR EACH ROW EXECUTE FUNCTION nothing()").await;
            run(&case.w, "ALTER TABLE kdb_part ADD CONSTRAINT no_two UNIQUE (serial, size)").await;
        }
        same(&case.w, "text to integer", case.change("code", "code:integer").await).await;
        same(&case.w, "text to another", case.change("serial", "serial:json").await).await;
        same(&case.w, "integer to float", case.change("size", "size:float").await).await;
        same(&case.w, "a column goes", case.drop("size").await).await;
    }
}

#[tokio::test]
async fn so_it_is_in_shared_mode() {
    for database in databases() {
        let w = Workspace::to_copy(database).await;
        let engine = &w.engine;
        let id = entity(engine, "Part", &["name:string", "code:string", "size:integer:indexed", "day:date"]).await;
        for i in 0..7 {
            let record = serde_json::json!({ "name": format!("part {i}"), "code": format!("0{i}"), "size": i, "day": "2024-02-29" });
            insert(engine, id, record).await;
        }
        let schema = engine.schema().await.unwrap();
        let of = |name: &str| schema.entity(id).unwrap().fields.iter().find(|f| f.name == name).unwrap().id;
        let change = |name, spec| SchemaEdit::UpdateField { entity: id, field: of(name), spec: Box::new(field(spec)) };
        for (what, edit) in [
            ("unique", change("code", "code:string:unique")),
            ("unique, by the engine", change("size", "size:float:unique")),
            ("text to integer", change("code", "code:integer:indexed")),
            ("required", change("name", "name:string:required")),
            ("drop", SchemaEdit::DropField { entity: id, field: of("name") }),
        ] {
            same(&w, what, edit).await;
        }
    }
}

/// Plans the edit, does it, and takes it back. Nothing changes by the plan; what it listed is what ran.
async fn same(w: &Workspace, what: &str, edit: SchemaEdit) {
    let before = anatomy(&w.location).await;
    let plan = w.engine.edit_plan(edit.clone()).await.unwrap_or_else(|e| panic!("{what}: {e:?}"));
    assert_eq!(anatomy(&w.location).await, before, "{what}: the plan changed something");
    assert_eq!((plan.by_hand, &plan.missing_rights), (0, &vec![]), "{what}: {:?}", plan.problems);

    let witness = Witness::default();
    let guard = witness.listen();
    perform(&w.engine, edit).await.unwrap_or_else(|e| panic!("{what}: {e:?}"));
    drop(guard);
    let ran: Vec<(bool, String)> = witness.heard().into_iter().map(|h| (h.beside, h.statement)).collect();
    let planned = plan.statements.iter().map(|text| match text.strip_prefix("-- ") {
        Some(marked) if !marked.starts_with("again") => (true, text.split_once('\n').unwrap().1.to_owned()),
        _ => (false, text.clone()),
    });
    assert_eq!(alike(planned), alike(ran.into_iter()), "{what}");
    assert!(plan.locks.iter().any(|l| l.stage == EditStage::Within), "{what}: {:?}", plan.locks);
    w.engine.undo().await.unwrap_or_else(|e| panic!("{what}: {e:?}"));
}

/// Ids, moments and the random ends of names are others each time; of a batch the plan shows the first few values.
fn alike(statements: impl Iterator<Item = (bool, String)>) -> Vec<(bool, String)> {
    let differing = [
        (r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", "ID"),
        (r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+Z", "NOW"),
        (r"_(key|idx|fkey|required|target)_[0-9a-f]{6}", "_${1}_END"),
    ]
    .map(|(pattern, to)| (Regex::new(pattern).unwrap(), to));
    let mut out: Vec<(bool, String)> = vec![];
    for (beside, text) in statements {
        let text = text.strip_prefix("-- again for each of the batches that follow\n").unwrap_or(&text);
        let text = match text.split_once("(drop_id, record_id, value) VALUES") {
            Some((head, _)) => head.to_owned(),
            None => differing.iter().fold(text.to_owned(), |text, (pattern, to)| pattern.replace_all(&text, *to).into_owned()),
        };
        if out.last() != Some(&(beside, text.clone())) {
            out.push((beside, text));
        }
    }
    out
}

/// Somebody else writes, and does not come to an end: a plan does not wait, and nobody waits for it.
#[tokio::test(flavor = "multi_thread")]
async fn nobody_waits_for_a_plan_nor_it_for_anybody() {
    for database in databases() {
        let case = Case::new(database).await;
        let edit = case.change("code", "code:integer:unique").await;
        let (take, location) = ("CREATE TABLE in_the_way (id INTEGER)", case.w.location.clone());
        let outside: Box<dyn std::any::Any> = match database {
            Database::Sqlite => {
                let options = sqlx::sqlite::SqliteConnectOptions::new().filename(&case.w.path);
                let mut db = sqlx::ConnectOptions::connect(&options).await.unwrap();
                sqlx::raw_sql(AssertSqlSafe(format!("BEGIN IMMEDIATE; {take}"))).execute(&mut db).await.unwrap();
                Box::new(db)
            }
            Database::Postgres => {
                let mut db = PgConnection::connect(&location).await.unwrap();
                let lock = "LOCK TABLE kdb_workspace IN EXCLUSIVE MODE; LOCK TABLE kdb_part IN EXCLUSIVE MODE";
                sqlx::raw_sql(AssertSqlSafe(format!("BEGIN; {take}; {lock}"))).execute(&mut db).await.unwrap();
                Box::new(db)
            }
        };
        let planned = case.w.engine.edit_plan(edit);
        let plan = tokio::time::timeout(std::time::Duration::from_secs(20), planned).await.expect("the plan waited").unwrap();
        assert_eq!(plan.problem_count, 3, "{:?}", plan.problems);
        drop(outside);
    }
}

/// The statements are whole: run by hand they make the table what the edit makes it, and hold the locks the plan says.
#[tokio::test]
async fn the_statements_can_be_run_by_hand() {
    for database in databases() {
        let case = Case::new(database).await;
        let edits = [
            case.change("code", "code:string:required,unique").await,
            case.drop("serial").await,
            SchemaEdit::DropRelationship { relationship: case.relationship("maker").await.id },
            SchemaEdit::AddRelationship { spec: Box::new(relationship(case.part, "owner", case.maker, RelationshipType::ManyToOne)) },
        ];
        for edit in edits {
            let plan = case.w.engine.edit_plan(edit.clone()).await.unwrap();
            let staged = |at: &str| plan.statements.iter().filter(|s| s.starts_with(at)).cloned().collect::<Vec<_>>();
            let (before, after) = (staged("-- ahead"), staged("-- once"));
            let within: Vec<String> = plan.statements.iter().filter(|s| !before.contains(s) && !after.contains(s)).cloned().collect();
            let location = &case.w.location;
            if database == Database::Sqlite {
                let script = format!("PRAGMA foreign_keys = OFF; BEGIN IMMEDIATE; {}; COMMIT", within.join(";\n"));
                run(&case.w, &script).await;
            } else {
                for statement in &before {
                    run(&case.w, statement).await;
                }
                let taken = locks_of(location, &within).await;
                let told = plan.locks.iter().filter(|l| l.stage == EditStage::Within && l.on != "kdb_workspace");
                let mut told: Vec<(String, String)> = told.map(|l| (l.on.clone(), l.lock.clone())).collect();
                told.sort();
                assert_eq!(told, taken, "{edit:?}");
                for statement in &after {
                    run(&case.w, statement).await;
                }
            }
            let by_hand = anatomy(location).await;
            case.w.engine.undo().await.unwrap();
            perform(&case.w.engine, edit.clone()).await.unwrap();
            // A column that was dropped leaves its number behind.
            let ends = Regex::new(r"_(key|idx|fkey)_[0-9a-f]{6}|,\.+pg\.dropped[^,]*").unwrap();
            let alike = |lines: Vec<String>| lines.iter().map(|l| ends.replace_all(l, "").into_owned()).collect::<Vec<_>>();
            assert_eq!(alike(by_hand), alike(anatomy(location).await), "{edit:?}");
            case.w.engine.undo().await.unwrap();
        }
    }
}

/// Runs the statements as one transaction; returns the strongest lock on each table of an entity.
pub async fn locks_of(location: &str, statements: &[String]) -> Vec<(String, String)> {
    const MODES: [&str; 4] = ["ShareUpdateExclusiveLock", "ShareLock", "ShareRowExclusiveLock", "AccessExclusiveLock"];
    let mut db = PgConnection::connect(location).await.unwrap();
    sqlx::raw_sql(AssertSqlSafe(format!("BEGIN; {}", statements.join(";\n")))).execute(&mut db).await.unwrap();
    let query = "SELECT c.relname::text, l.mode FROM pg_locks l JOIN pg_class c ON c.oid = l.relation AND c.relkind = 'r'
                 WHERE l.pid = pg_backend_pid() AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
                 AND c.relnamespace = 'public'::regnamespace";
    let mut held: std::collections::BTreeMap<String, usize> = Default::default();
    for row in sqlx::query(query).fetch_all(&mut db).await.unwrap() {
        let (table, mode): (String, String) = (row.get(0), row.get(1));
        if let Some(strength) = MODES.iter().position(|m| *m == mode) {
            let slot = held.entry(table).or_default();
            *slot = strength.max(*slot);
        }
    }
    sqlx::raw_sql("COMMIT").execute(&mut db).await.unwrap();
    db.close().await.unwrap();
    let words = ["SHARE UPDATE EXCLUSIVE", "SHARE", "SHARE ROW EXCLUSIVE", "ACCESS EXCLUSIVE"];
    held.into_iter().map(|(table, mode)| (table, words[mode].to_owned())).collect()
}
