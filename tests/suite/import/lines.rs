//! NDJSON and CSV: fields found, lines refused, files of our own read again.

use serde_json::{Value, json};
use std::path::PathBuf;
use stoneware_engine::{
    Error, ErrorCode, Result,
    model::{FieldType, ImportReport, ListRequest, MaterializeOptions, OnInvalid},
};
use stoneware_tests::{Workspace, build};
use tokio_util::sync::CancellationToken;

struct Files {
    w: Workspace,
    folder: tempfile::TempDir,
}

impl Files {
    async fn new() -> Self {
        Self { w: Workspace::new().await, folder: tempfile::tempdir().unwrap() }
    }

    fn file(&self, name: &str, text: impl AsRef<[u8]>) -> PathBuf {
        let path = self.folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path
    }

    async fn ndjson(&self, entity: &str, text: impl AsRef<[u8]>) -> Result<ImportReport> {
        let file = self.file("lines.ndjson", text);
        self.w.engine.import_ndjson(&file, entity, &|_| (), &CancellationToken::new()).await
    }

    async fn csv(&self, entity: &str, text: impl AsRef<[u8]>) -> Result<ImportReport> {
        let file = self.file("lines.csv", text);
        self.w.engine.import_csv(&file, entity, &|_| (), &CancellationToken::new()).await
    }

    async fn types(&self, entity: &str) -> Vec<(String, FieldType)> {
        let schema = self.w.engine.schema().await.unwrap();
        schema.entity_named(entity).unwrap().fields.iter().map(|f| (f.name.clone(), f.field_type)).collect()
    }

    async fn export(&self, entity: &str, csv: bool) -> String {
        let (mut out, id) = (vec![], self.w.id(entity).await);
        if csv {
            self.w.engine.export_csv(id, &mut out).await.unwrap()
        } else {
            self.w.engine.export_ndjson(id, &mut out).await.unwrap()
        };
        String::from_utf8(out).unwrap()
    }

    async fn data(&self, entity: &str) -> Vec<Value> {
        self.export(entity, false).await.lines().map(|l| serde_json::from_str::<Value>(l).unwrap()["data"].take()).collect()
    }
}

fn refused(result: Result<ImportReport>) -> Error {
    result.unwrap_err()
}

#[tokio::test]
async fn ndjson_fields_are_what_every_line_fits() {
    let f = Files::new().await;
    let text = "\u{feff}{\"n\":1,\"money\":\"12.30\",\"day\":\"2026-01-31\",\"tags\":[\"a\"],\"doc\":{\"b\":1}}\r\n\n{\"n\":-2,\"money\":\"0.05\",\"late\":true}\n";
    let report = f.ndjson("Thing", text).await.unwrap();
    assert_eq!((report.records, report.kept), (2, 0));
    let expected = [
        ("n", FieldType::Integer),
        ("money", FieldType::Decimal),
        ("day", FieldType::Date),
        ("tags", FieldType::Multiselect),
        ("doc", FieldType::Json),
        ("late", FieldType::Bool),
    ];
    assert_eq!(f.types("Thing").await, expected.map(|(n, t)| (n.to_owned(), t)));
    assert_eq!(f.data("Thing").await[1], json!({"n": -2, "money": "0.05", "day": null, "tags": null, "doc": null, "late": true}));
    f.w.engine.undo().await.unwrap();
    assert!(f.w.engine.schema().await.unwrap().entities.is_empty(), "one step back");
}

#[tokio::test]
async fn csv_finds_its_separator_and_keeps_leading_zeros() {
    let f = Files::new().await;
    f.csv("P", "\u{feff}zip;price;ok;\"a;b\"\r\n007;1.50;true;\"two\r\nlines\"\r\n123;20.00;false;\r\n").await.unwrap();
    let data = f.data("P").await;
    assert_eq!(data[0], json!({"zip": "007", "price": "1.50", "ok": true, "a;b": "two\r\nlines"}));
    assert_eq!(data[1]["a;b"], json!(null));
    let error = refused(f.csv("Q", "a,b\n1,2,3\n").await);
    assert_eq!((error.code, &error.details["line"]), (ErrorCode::InvalidInput, &json!(2)));
    assert_eq!(refused(f.csv("Q", b"a\n\xff\xfe\xfd\n").await).code, ErrorCode::InvalidInput, "no UTF-8");
    assert_eq!(refused(f.csv("Q", "").await).code, ErrorCode::InvalidInput);
}

#[tokio::test]
async fn values_that_do_not_fit_are_kept_and_counted_in_both_modes() {
    let f = Files::new().await;
    let id = build::entity(&f.w.engine, "C", &["name:string:required", "age:integer"]).await;
    let text = "{\"name\":\"a\",\"age\":1}\n{\"name\":\"b\",\"age\":\"n/a\"}\n";
    assert_eq!(f.ndjson("C", text).await.unwrap().kept, 1);
    let keep = MaterializeOptions { on_invalid: OnInvalid::Keep, ..MaterializeOptions::default() };
    let job = f.w.engine.start_materialize(vec![id], keep).await.unwrap();
    assert_eq!(f.w.engine.wait_job(job.id).await.unwrap().reports[0].kept_aside, 1);
    assert_eq!(f.ndjson("C", text).await.unwrap().kept, 1);
    let ages: Vec<Value> = f.data("C").await.iter().map(|d| d["age"].clone()).collect();
    assert_eq!(ages, [json!(1), json!("n/a"), json!(1), json!("n/a")]);
    let page = f.w.engine.list_records(id, ListRequest::default()).await.unwrap();
    assert!(page.records[3].problems.contains_key("age"));
}

#[tokio::test]
async fn a_refused_file_names_its_lines_and_leaves_nothing() {
    let f = Files::new().await;
    let a = build::entity(&f.w.engine, "A", &["name:string:required", "code:string:unique"]).await;
    let good: String = (0..700).map(|n| format!("{{\"name\":\"x\",\"code\":\"c{n}\"}}\n")).collect();
    let error = refused(f.ndjson("A", format!("{good}{{\"name\":\"x\",\"code\":\"c3\"}}\n{{\"code\":\"new\"}}\n")).await);
    assert_eq!(error.code, ErrorCode::UniqueViolation);
    let lines = error.details["lines"].as_array().unwrap();
    assert_eq!((lines.len(), &lines[0]["line"], &lines[0]["field"], &lines[0]["value"]), (2, &json!(701), &json!("code"), &json!("c3")));
    assert_eq!((&lines[1]["line"], &lines[1]["code"]), (&json!(702), &json!("required_missing")));
    assert!(error.message.starts_with("Line 701: "), "{}", error.message);
    let error = refused(f.ndjson("A", "{\"name\":\"x\",\"colour\":1}\n{\"name\":\"x\",\"size\":2}\n").await);
    assert_eq!((error.code, &error.details["unknown"]), (ErrorCode::UnknownField, &json!(["colour", "size"])));
    build::many_to_one(&f.w.engine, a, "parent", a, stoneware_engine::model::ReferentialAction::SetNull).await;
    let error = refused(f.ndjson("A", "{\"name\":\"x\",\"parent_id\":\"0192f0c1-7d2e-7abc-8def-0123456789ab\"}\n").await);
    assert_eq!(error.code, ErrorCode::DanglingReference);
    assert_eq!(f.w.engine.count_records(a, ListRequest::default()).await.unwrap(), 0);
}

#[tokio::test]
async fn lines_that_are_no_records_are_told_by_number() {
    let f = Files::new().await;
    let long = "1".repeat(30);
    let cases = [
        "{\"a\":1}\n{\"a\":".to_owned(),
        "{\"a\":1}\n[1]".to_owned(),
        "{\"a\":1}\n\"x\"".to_owned(),
        "{\"a\":1}\n{\"a\":1,\"a\":2}".to_owned(),
        "{\"a\":1}\n{\"a\":\"\\ud800\"}".to_owned(),
        format!("{{\"a\":1}}\n{{\"a\":{long}}}"),
        format!("{{\"a\":1}}\n{{\"a\":[{{\"b\":{long}}}]}}"),
    ];
    for text in cases {
        let error = refused(f.ndjson("N", &text).await);
        assert_eq!((error.code, &error.details["line"]), (ErrorCode::InvalidInput, &json!(2)), "{text}: {}", error.message);
    }
    let error = refused(f.ndjson("N", "{\"a\":\"x\"}\n{\"a\":\"\\u0000\"}\n").await);
    assert_eq!((error.code, &error.details["line"]), (ErrorCode::TypeMismatch, &json!(2)));
    assert!(f.w.engine.schema().await.unwrap().entities.is_empty());
    let big = "x".repeat(1 << 20);
    f.ndjson("N", format!("{{\"a\":\"{big}\"}}\n")).await.unwrap();
    assert_eq!(f.data("N").await[0]["a"].as_str().map(str::len), Some(1 << 20));
}

#[tokio::test]
async fn an_export_can_be_read_again() {
    let f = Files::new().await;
    f.ndjson(
        "A",
        "{\"s\":\"a, \\\"b\\\"\\n\",\"n\":1,\"doc\":{\"x\":[1]},\"tags\":[\"a\",\"b\"],\"f\":0.1}\n{\"s\":\"=1+1\",\"n\":null}\n",
    )
    .await
    .unwrap();
    let (lines, csv) = (f.export("A", false).await, f.export("A", true).await);
    assert!(csv.starts_with("id,"), "{csv}");
    assert!(csv.contains("\r\n"), "{csv}");
    let again = Files::new().await;
    again.ndjson("A", &lines).await.unwrap();
    assert_eq!(again.export("A", false).await, lines, "ids and all");
    assert_eq!(refused(again.ndjson("A", &lines).await).code, ErrorCode::UniqueViolation, "they are there already");
    let third = Files::new().await;
    third.csv("A", &csv).await.unwrap();
    assert_eq!(third.export("A", true).await, csv);
}
