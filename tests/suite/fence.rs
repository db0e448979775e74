//! Who may know whom, kept by a test: `model ← sql ← store ← schema, records ← materialize, query, interchange ← transfer ← engine ← shells`.

use std::{
    fs,
    path::{Path, PathBuf},
};
use stoneware_tests::root;

/// A file's longest length, in lines.
const MAX_LINES: usize = 450;

/// Each part of the engine and the parts it may name. `error` is everybody's.
const MAY_KNOW: [(&str, &[&str]); 12] = [
    ("error", &[]),
    ("model", &[]),
    ("sql", &["model"]),
    ("store", &["model", "sql"]),
    // Conditions on records are parsed in `query`, which knows nothing of records itself.
    ("query", &["model", "sql", "store"]),
    ("records", &["model", "sql", "store", "query"]),
    ("jobs", &["model", "sql", "store"]),
    // An edit of the schema moves and checks the values it touches, and can be made to die like a job.
    ("schema", &["model", "sql", "store", "records", "jobs"]),
    ("materialize", &["model", "sql", "store", "schema", "records", "jobs"]),
    ("interchange", &["model", "sql", "store", "schema", "records", "query", "jobs", "materialize"]),
    // A copy's rows are read, stored and compared as those of an export are.
    ("transfer", &["model", "sql", "store", "schema", "records", "jobs", "interchange"]),
    ("sample", &["model", "sql", "store", "schema", "records", "jobs", "interchange"]),
];

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let Ok(entries) = fs::read_dir(folder) else { return files };
    for entry in entries {
        let path = entry.unwrap().path();
        if path.is_dir() {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            if !matches!(name.as_str(), "target" | "node_modules" | "gen") {
                files.extend(rust_files(&path));
            }
        } else if path.extension().is_some_and(|e| e == "rs") {
            files.push(path);
        }
    }
    files
}

fn relative(path: &Path) -> String {
    path.strip_prefix(root()).unwrap().to_string_lossy().into_owned()
}

/// Source with comments and string contents out of the way, so that words in prose are no dependencies.
fn code(text: &str) -> String {
    text.lines().map(|line| line.split("//").next().unwrap_or_default()).collect::<Vec<_>>().join("\n")
}

/// The parts named as `crate::part` or inside `use crate::{part::…, other}`.
fn named(code: &str) -> Vec<String> {
    let mut parts = Vec::new();
    for (at, _) in code.match_indices("crate::") {
        let rest = &code[at + "crate::".len()..];
        if let Some(group) = rest.strip_prefix('{') {
            let mut depth = 0;
            let mut word = String::new();
            let mut words = Vec::new();
            for c in group.chars() {
                match c {
                    '{' => depth += 1,
                    '}' if depth == 0 => break,
                    '}' => depth -= 1,
                    ',' if depth == 0 => words.push(std::mem::take(&mut word)),
                    _ if depth == 0 => word.push(c),
                    _ => {}
                }
            }
            words.push(word);
            parts.extend(words.iter().map(|w| w.trim().split("::").next().unwrap_or_default().to_owned()));
        } else {
            parts.push(rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect());
        }
    }
    parts.retain(|part| !part.is_empty());
    parts
}

#[test]
fn parts_know_only_what_stands_below_them() {
    let source = root().join("crates/engine/src");
    let mut wrong = Vec::new();
    for file in rust_files(&source) {
        let inside = file.strip_prefix(&source).unwrap().to_string_lossy().replace('\\', "/");
        let part = inside.split('/').next().unwrap().trim_end_matches(".rs");
        if matches!(part, "lib" | "engine") {
            continue;
        }
        let Some((_, allowed)) = MAY_KNOW.iter().find(|(name, _)| *name == part) else {
            wrong.push(format!("{inside}: the part {part} has no rule; give it one here"));
            continue;
        };
        for other in named(&code(&fs::read_to_string(&file).unwrap())) {
            let everybodys = matches!(other.as_str(), "error" | "Error" | "ErrorCode" | "Result");
            if !everybodys && other != part && !allowed.contains(&other.as_str()) {
                wrong.push(format!("{inside} names crate::{other}; {part} may know {allowed:?}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn only_the_store_names_the_database_library() {
    let mut wrong = Vec::new();
    for folder in ["crates", "src-tauri/src"] {
        for file in rust_files(&root().join(folder)) {
            let name = relative(&file);
            if !name.starts_with("crates/engine/src/store")
                && !name.contains("/benches/")
                && code(&fs::read_to_string(&file).unwrap()).contains("sqlx::")
            {
                wrong.push(name);
            }
        }
    }
    assert!(wrong.is_empty(), "these name sqlx, which only crates/engine/src/store may: {wrong:?}");
}

#[test]
fn the_engine_knows_no_window() {
    for manifest in ["crates/engine/Cargo.toml", "crates/cli/Cargo.toml", "tests/Cargo.toml"] {
        let text = fs::read_to_string(root().join(manifest)).unwrap();
        assert!(!text.contains("tauri"), "{manifest} must build without a window system");
    }
}

#[test]
fn files_stay_short() {
    let mut long = Vec::new();
    for folder in ["crates", "src-tauri", "tests"] {
        for file in rust_files(&root().join(folder)) {
            let lines = fs::read_to_string(&file).unwrap().lines().count();
            if lines > MAX_LINES {
                long.push(format!("{} has {lines} lines", relative(&file)));
            }
        }
    }
    assert!(long.is_empty(), "a file does one thing; split these: {long:?}");
}

#[test]
fn names_in_a_use_group_are_seen() {
    assert_eq!(named("use crate::{error::Result, model::{A, B}, sql};"), ["error", "model", "sql"]);
    assert_eq!(named("crate::store::pool::open()"), ["store"]);
}
