//! What becomes of values of every type of Postgres.

use serde_json::{Value, json};
use stoneware_engine::model::FieldType;

use super::{
    common::entity,
    postgres::{Import, told},
};

#[tokio::test]
async fn values_of_every_type_come_over_whole() {
    let Some(import) = Import::of(
        "CREATE EXTENSION citext; CREATE EXTENSION hstore;
         CREATE TYPE mood AS ENUM ('sad', 'ok', 'very happy'); CREATE TYPE pair AS (a int, b text);
         CREATE DOMAIN year AS int CHECK (VALUE BETWEEN 1901 AND 2155); CREATE DOMAIN code AS varchar(5) NOT NULL DEFAULT 'none';
         CREATE TABLE v (i2 smallint, i4 int, i8 bigint, f4 real, f8 float8, n numeric, n2 numeric(10,2), neg numeric(5,-2), m money, b bool,
           d date, ts timestamp, tz timestamptz, t time, ttz timetz, iv interval, u uuid, j json, jb jsonb, x xml, by bytea,
           c char(5), vc varchar(10), tx text, ct citext, e mood, y year, dc code, ia int[], na numeric(30,2)[], ta text[], grid int[][], ea mood[],
           p pair, ip inet, mac macaddr, r int4range, mr int4multirange, tv tsvector, h hstore, bt bit(3), pt point, o oid, big text,
           gen int GENERATED ALWAYS AS (i2 * 2) STORED);
         INSERT INTO v VALUES (-32768, 2147483647, 9223372036854775807, 0.1, 0.1, 12345678901234567890.12345678901234567890, 0.5, 12300, 1234.5, true,
           '2026-01-31', '2026-01-31 10:00:00.25', '2026-01-31 10:00:00+02', '10:00', '10:00+02', '1 day 02:00', 'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11',
           '{\"b\": 1, \"a\": [1.5]}', '{\"b\":1,\"a\":[]}', '<a/>', '\\x00ff', 'ab', 'abc', E'line\\nline', 'MiXed', 'very happy', 1999, DEFAULT,
           '{1,NULL,3}', '{1.50,12345678901234567890.25}', '{\"a,b\",\"\"}', '{{1,2},{3,4}}', '{sad,ok}', (1, 'x'), '10.0.0.1/8', '08:00:2b:01:02:03', '[1,5)',
           '{[1,3),[5,7)}', 'a fat cat', 'k=>v', '101', '(1,2)', 4294967295, repeat('é', 300));
         INSERT INTO v (dc) VALUES ('b');",
    )
    .await
    else {
        return;
    };
    let report = import.run().await;
    let schema = import.schema().await;
    let field = |name: &str| schema.field_named(entity(&schema, "v"), name).unwrap();
    let data = import.data("v").await;
    use FieldType::*;
    let expected: [(&str, FieldType, Value); 45] = [
        ("i2", Integer, json!(-32768)),
        ("i4", Integer, json!(2_147_483_647)),
        ("i8", Integer, json!(i64::MAX)),
        ("f4", Float, json!(0.1)),
        ("f8", Float, json!(0.1)),
        ("n", Decimal, json!("12345678901234567890.12345678901234567890")),
        ("n2", Decimal, json!("0.50")),
        ("neg", Decimal, json!("12300")),
        ("m", Currency, json!("1234.50")),
        ("b", Bool, json!(true)),
        ("d", Date, json!("2026-01-31")),
        ("ts", Datetime, json!("2026-01-31T10:00:00.25Z")),
        ("tz", Datetime, json!("2026-01-31T08:00:00Z")),
        ("t", String, json!("10:00:00")),
        ("ttz", String, json!("10:00:00+02")),
        ("iv", String, json!("1 day 02:00:00")),
        ("u", Uuid, json!("a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11")),
        ("j", Json, json!({"a": [1.5], "b": 1})),
        ("jb", Json, json!({"a": [], "b": 1})),
        ("x", String, json!("<a/>")),
        ("by", Binary, json!("00ff")),
        ("c", String, json!("ab")),
        ("vc", String, json!("abc")),
        ("tx", Text, json!("line\nline")),
        ("ct", String, json!("MiXed")),
        ("e", Select, json!("very happy")),
        ("y", Integer, json!(1999)),
        ("dc", String, json!("none")),
        ("ia", Json, json!([1, null, 3])),
        ("na", Json, json!(["1.50", "12345678901234567890.25"])),
        ("ta", Json, json!(["a,b", ""])),
        ("grid", Json, json!([[1, 2], [3, 4]])),
        ("ea", Json, json!(["sad", "ok"])),
        ("p", Json, json!({"a": 1, "b": "x"})),
        ("ip", String, json!("10.0.0.1/8")),
        ("mac", String, json!("08:00:2b:01:02:03")),
        ("r", String, json!("[1,5)")),
        ("mr", String, json!("{[1,3),[5,7)}")),
        ("tv", String, json!("'a' 'cat' 'fat'")),
        ("h", String, json!("\"k\"=>\"v\"")),
        ("bt", String, json!("101")),
        ("pt", String, json!("(1,2)")),
        ("o", Integer, json!(4_294_967_295_u32)),
        ("big", Text, json!("é".repeat(300))),
        ("gen", Integer, json!(-65536)),
    ];
    for (name, field_type, value) in expected {
        assert_eq!((field(name).field_type, &data[0][name]), (field_type, &value), "{name}");
        assert!(name == "dc" || data[1][name].is_null(), "{name} of the second");
    }
    assert_eq!(field("e").config.options, ["sad", "ok", "very happy"]);
    assert_eq!((field("n2").config.precision, field("n2").config.scale, field("neg").config.scale), (Some(10), Some(2), None));
    assert_eq!((field("vc").config.max_length, field("c").config.max_length, field("tx").config.max_length), (Some(10), Some(5), None));
    assert!(field("dc").required && field("dc").default == Some(json!("none")), "what a domain says holds for its columns");
    assert_eq!(report.kept, 0);
    let types = ["m", "ts", "t", "ttz", "iv", "x", "ct", "p", "ip", "mac", "r", "mr", "tv", "h", "bt", "pt"].map(|c| format!("v.{c}"));
    for column in &types {
        told(&report, &[("type", column)]);
    }
    let remarked = report.not_carried.iter().filter(|n| n.kind == "type").count();
    assert_eq!(remarked, types.len(), "what is the same here needs no word: {:?}", report.not_carried);
    told(&report, &[("check", "v.y"), ("generated_column", "v.gen")]);
}

#[tokio::test]
async fn values_that_are_none_here_are_kept_as_written() {
    let Some(import) = Import::of(
        "CREATE TABLE fine (j jsonb); INSERT INTO fine VALUES ('0.12345678901234567891'), ('0.5');
         CREATE TABLE odd (d date, ts timestamptz NOT NULL, n numeric(5,2), f float8, j json);
         INSERT INTO odd VALUES ('infinity', '-infinity', 'NaN', 'Infinity', '\"a\\u0000b\"'), ('0044-03-15 BC', '10000-01-01 00:00+00', 1, 'NaN', '1'),
           ('0001-06-01 BC', '0001-06-01 12:00+00 BC', 2, 1e300, NULL), ('9999-12-31', '9999-12-31 23:59:59.999999+00', NULL, -0.0, NULL);",
    )
    .await
    else {
        return;
    };
    let report = import.run().await;
    let data = import.data("odd").await;
    let column = |name: &str| data.iter().map(|r| r[name].clone()).collect::<Vec<_>>();
    assert_eq!(column("d"), [json!("infinity"), json!("0044-03-15 BC"), json!("0000-06-01"), json!("9999-12-31")]);
    assert_eq!(column("ts")[..3], [json!("-infinity"), json!("10000-01-01 00:00:00+00"), json!("0000-06-01T12:00:00Z")]);
    assert_eq!(column("ts")[3], "9999-12-31T23:59:59.999999Z");
    assert_eq!(column("n"), [json!("NaN"), json!("1.00"), json!("2.00"), Value::Null]);
    assert_eq!(column("f"), [json!("Infinity"), json!("NaN"), json!(1e300), json!(0.0)]);
    assert_eq!(column("j")[0], "\"a\\u0000b\"", "as the source wrote it");
    // A text is JSON too, so the last is not counted.
    assert_eq!(report.kept, 7);
    told(
        &report,
        &[("value", "odd.d"), ("value", "odd.ts"), ("value", "odd.n"), ("value", "odd.f"), ("value", "odd.j"), ("value", "fine.j")],
    );
    let schema = import.schema().await;
    let field = |name: &str| schema.field_named(entity(&schema, "odd"), name).unwrap();
    assert_eq!((field("d").field_type, field("ts").required), (FieldType::Date, true));
}

#[tokio::test]
async fn defaults_are_carried_where_they_are_constants() {
    let Some(import) = Import::of(
        "CREATE TYPE mood AS ENUM ('sad', 'ok'); CREATE DOMAIN small AS int DEFAULT 7 CHECK (VALUE < 10);
         CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1';
         CREATE TABLE v (a varchar(5) DEFAULT 'it''s', b int DEFAULT -3, c numeric(5,2) DEFAULT 4.5, d bool DEFAULT true, e mood DEFAULT 'ok',
           f text[] DEFAULT '{a,b}', g timestamptz DEFAULT now(), h date DEFAULT CURRENT_DATE, i uuid DEFAULT gen_random_uuid(), j text DEFAULT NULL,
           k int DEFAULT f(), l text DEFAULT upper('x'), m small, n smallint DEFAULT 100000, o jsonb DEFAULT '{\"a\": 1}', p bytea DEFAULT '\\x0a',
           q timestamp DEFAULT '2026-01-31 10:00', r int[] DEFAULT ARRAY[1, 2], s timestamp(3) DEFAULT (now() AT TIME ZONE 'utc'), t text DEFAULT CURRENT_USER,
           u varchar(2) DEFAULT 'long', w interval DEFAULT '1 day');
         COMMENT ON TABLE v IS 'Of every kind'; COMMENT ON COLUMN v.a IS 'A word';",
    )
    .await
    else {
        return;
    };
    let report = import.run().await;
    let schema = import.schema().await;
    let v = entity(&schema, "v");
    assert_eq!(v.description.as_deref(), Some("Of every kind"));
    assert_eq!(schema.field_named(v, "a").unwrap().description.as_deref(), Some("A word"));
    let expected = [
        ("a", json!("it's")),
        ("b", json!(-3)),
        ("c", json!("4.50")),
        ("d", json!(true)),
        ("e", json!("ok")),
        ("f", json!(["a", "b"])),
        ("g", json!("now()")),
        ("h", json!("now()")),
        ("i", json!("uuid()")),
        ("m", json!(7)),
        ("o", json!({"a": 1})),
        ("p", json!("0a")),
        ("q", json!("2026-01-31T10:00:00Z")),
        ("r", json!([1, 2])),
        ("s", json!("now()")),
        ("w", json!("1 day")),
    ];
    for (name, default) in expected {
        assert_eq!(schema.field_named(v, name).unwrap().default, Some(default), "{name}");
    }
    for name in ["j", "k", "l", "n", "t", "u"] {
        assert_eq!(schema.field_named(v, name).unwrap().default, None, "{name}");
    }
    told(&report, &["k", "l", "n", "t", "u"].map(|c| ("default", format!("v.{c}"))).each_ref().map(|(k, n)| (*k, n.as_str())));
}

#[tokio::test]
async fn texts_without_an_encoding_are_mended_and_told() {
    let name = format!("t_{}", uuid::Uuid::now_v7().simple());
    let Some(mut import) = Import::of(&format!("CREATE DATABASE {name} ENCODING 'SQL_ASCII' LOCALE 'C' TEMPLATE template0;")).await else {
        return;
    };
    import.address = format!("{}/{name}", import.address.rsplit_once('/').unwrap().0);
    import.cluster.psql(&import.address, "CREATE TABLE a (t text); INSERT INTO a VALUES (E'caf\\351'), ('plain');");
    let report = import.run().await;
    assert_eq!(import.data("a").await, [json!({"t": "caf\u{FFFD}"}), json!({"t": "plain"})]);
    told(&report, &[("value", "a.t")]);
}
