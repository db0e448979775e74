//! Chinook and Sakila as their makers publish them for SQLite and for Postgres: two scripts, which differ in what is written down here
//! and in nothing else.

use serde_json::{Map, Value, json};
use std::{
    collections::{BTreeMap, HashMap},
    path::Path,
};
use stoneware_engine::model::{Field, Relationship, RelationshipType, Schema};
use stoneware_tests::{Workspace, cluster::cluster, data::shared};
use tokio_util::sync::CancellationToken;

/// Names of the two differ in their case and underscores: `AlbumId`, `album_id`.
fn folded(name: &str) -> String {
    name.replace('_', "").to_lowercase()
}

/// A source once it has been imported.
struct Imported {
    schema: std::sync::Arc<Schema>,
    /// Of each entity, in id order; references say which record of which entity they mean.
    records: BTreeMap<String, Vec<Map<String, Value>>>,
}

impl Imported {
    async fn of(w: &Workspace) -> Self {
        let mut places: HashMap<String, String> = HashMap::new();
        let mut records = BTreeMap::new();
        for (name, text) in w.exports().await {
            let rows: Vec<Value> = text.lines().map(|l| serde_json::from_str(l).unwrap()).collect();
            for (n, row) in rows.iter().enumerate() {
                places.insert(row["id"].as_str().unwrap().to_owned(), format!("{}#{n}", folded(&name)));
            }
            records.insert(folded(&name), rows);
        }
        let plain = |row: &Value| {
            let value = |v: &Value| v.as_str().and_then(|id| places.get(id)).map_or_else(|| v.clone(), |place| json!(place));
            row["data"].as_object().unwrap().iter().map(|(name, v)| (folded(name), value(v))).collect()
        };
        let records = records.into_iter().map(|(name, rows)| (name, rows.iter().map(plain).collect())).collect();
        Self { schema: w.engine.schema().await.unwrap(), records }
    }

    fn fields(&self) -> BTreeMap<(String, String), &Field> {
        let entities = self.schema.entities.iter();
        entities.flat_map(|e| e.fields.iter().map(|f| ((folded(&e.name), folded(&f.name)), f))).collect()
    }

    fn relationships(&self, say: impl Fn(&Relationship) -> Value) -> Vec<String> {
        let name = |id| folded(&self.schema.entity(id).unwrap().name);
        let one =
            |r: &Relationship| json!([name(r.source), folded(&r.name), name(r.target), r.field.as_deref().map(folded), say(r)]).to_string();
        let mut all: Vec<String> = self.schema.relationships.iter().map(one).collect();
        all.sort();
        all
    }
}

/// The file, and the scripts (less who owns what), both imported. None where one of them is missing.
async fn both(file: &str, scripts: &[&str]) -> Option<(Imported, Imported)> {
    let (file, cluster) = (shared(file)?, cluster()?);
    let database = cluster.database(None);
    for script in scripts {
        let text = std::fs::read_to_string(shared(script)?).unwrap();
        let kept = |line: &&str| !line.contains("OWNER TO") && !line.contains("TO postgres;") && !line.starts_with("SET default_with_oids");
        let text: Vec<&str> = text.lines().filter(kept).collect();
        cluster.psql(&database, &(text.join("\n") + "\n"));
    }
    let (a, b) = (Workspace::new().await, Workspace::new().await);
    let cancel = CancellationToken::new();
    let of_file = a.engine.import_sqlite(Path::new(&file), false, &|_| (), &cancel).await.unwrap();
    let of_server = b.engine.import_postgres(&database, &[], false, &|_| (), &cancel).await.unwrap();
    assert_eq!((of_file.records, of_file.links, of_file.many_to_many), (of_server.records, of_server.links, of_server.many_to_many));
    assert_eq!((of_file.kept, of_server.kept), (0, 0));
    Some((Imported::of(&a).await, Imported::of(&b).await))
}

/// Every field is in both, with the same type and rules but for those listed: entity, field, and what each says.
#[track_caller]
fn same_fields(a: &Imported, b: &Imported, ours: &[&str], expected: &[(&str, &str, &str, &str)]) {
    let (a, b) = (a.fields(), b.fields());
    let say = |f: Option<&&Field>| {
        f.map_or("none".to_owned(), |f| format!("{} {}{}", f.field_type.word(), u8::from(f.required), u8::from(f.unique)))
    };
    let mut differ = vec![];
    for at in a.keys().chain(b.keys().filter(|k| !a.contains_key(k))) {
        let (x, y) = (say(a.get(at)), say(b.get(at)));
        if x != y && !ours.contains(&at.0.as_str()) {
            differ.push((at.0.clone(), at.1.clone(), x, y));
        }
    }
    let expected: Vec<_> =
        expected.iter().map(|(e, f, x, y)| ((*e).to_owned(), (*f).to_owned(), (*x).to_owned(), (*y).to_owned())).collect();
    differ.sort();
    assert_eq!(differ, expected);
}

/// Every record of every entity, after `plain` has made one value of what the scripts write in two ways. Those of `unordered` entities are
/// compared without their order, which is the key's in one and the making's in the other.
#[track_caller]
fn same_records(a: &Imported, b: &Imported, unordered: &[&str], plain: impl Fn(&str, &str, Value) -> Option<Value>) {
    for (entity, rows) in &b.records {
        let lines = |rows: &[Map<String, Value>]| {
            let one = |row: &Map<String, Value>| -> Map<String, Value> {
                row.iter().filter_map(|(name, v)| Some((name.clone(), plain(entity, name, v.clone())?))).collect()
            };
            let mut lines: Vec<String> = rows.iter().map(|row| Value::Object(one(row)).to_string()).collect();
            if unordered.contains(&entity.as_str()) {
                lines.sort();
            }
            lines
        };
        let (x, y) = (lines(&a.records[entity]), lines(rows));
        let difference = x.iter().zip(&y).find(|(x, y)| x != y);
        assert!(x == y, "{entity}: {} and {} records, {difference:?}", x.len(), y.len());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn chinook_is_the_same_from_both() {
    let Some((a, b)) = both("data/chinook/Chinook_Sqlite.sqlite", &["data/chinook/Chinook_PostgreSql.nocreate.sql"]).await else { return };
    assert_eq!(a.records.keys().collect::<Vec<_>>(), b.records.keys().collect::<Vec<_>>());
    let say = |r: &Relationship| json!([r.kind, r.required, r.on_delete, r.on_update, r.inverse_name.as_deref().map(folded)]);
    assert_eq!(a.relationships(say), b.relationships(say));
    same_fields(&a, &b, &[], &[]);
    // The script writes its texts as N'…', of which Postgres drops the spaces at the end: there is one such city.
    same_records(&a, &b, &[], |_, _, value| Some(value.as_str().map_or_else(|| value.clone(), |text| json!(text.trim_end()))));
}

#[tokio::test(flavor = "multi_thread")]
async fn sakila_is_the_same_from_both() {
    let scripts = ["data/sakila/postgres-sakila-schema.sql", "data/sakila/postgres-sakila-insert-data-using-copy.sql"];
    let Some((a, b)) = both("data/sakila/sakila.sqlite", &scripts).await else { return };
    // A table that stays empty in SQLite's version, where Postgres has a column for searching.
    let mut expected: Vec<&String> = b.records.keys().collect();
    let film_text = "filmtext".to_owned();
    expected.push(&film_text);
    expected.sort();
    assert_eq!(a.records.keys().collect::<Vec<_>>(), expected);
    assert!(a.records["filmtext"].is_empty());
    // What is done on delete and update the scripts say each in their way. A payment's rental may be missing in the one, and a manager has
    // one store in the other.
    let say = |r: &Relationship| match r.name.as_str() {
        "rental" | "manager_staff" => Value::Null,
        _ => json!([r.kind == RelationshipType::ManyToOne, r.required]),
    };
    assert_eq!(a.relationships(say), b.relationships(say));
    same_fields(
        &a,
        &b,
        &["filmtext"],
        &[
            ("country", "lastupdate", "datetime 00", "datetime 10"),
            ("customer", "active", "string 10", "integer 00"),
            ("customer", "activebool", "none", "bool 10"),
            ("customer", "createdate", "datetime 10", "date 10"),
            ("customer", "lastupdate", "datetime 10", "datetime 00"),
            ("film", "fulltext", "none", "string 10"),
            ("film", "rating", "string 00", "select 00"),
            ("film", "releaseyear", "string 00", "integer 00"),
            ("film", "specialfeatures", "string 00", "json 00"),
            ("payment", "lastupdate", "datetime 10", "none"),
            ("staff", "active", "integer 10", "bool 10"),
        ],
    );
    let ordered_by_key = ["filmactor", "filmcategory"];
    same_records(&a, &b, &ordered_by_key, |entity, field, value| {
        Some(match (entity, field) {
            ("customer", "activebool") | ("film", "fulltext") => return None,
            // The moment at which the scripts were written.
            (_, "lastupdate") => return None,
            ("customer", "active") | ("film", "releaseyear") => json!(value.as_str().map_or_else(|| value.to_string(), str::to_owned)),
            ("customer", "createdate") => json!(value.as_str().unwrap().get(..10)),
            ("film", "specialfeatures") => match value {
                Value::Array(features) => json!(features.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(",")),
                other => other,
            },
            ("language", "name") => json!(value.as_str().unwrap().trim_end()),
            ("staff", "active") => json!(value == json!(true) || value == json!(1)),
            _ => value,
        })
    });
}
