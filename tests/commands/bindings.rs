//! `ui/src/api/bindings.ts` is what the commands and types say now.

use specta_typescript::{Typescript, define};
use std::{env, fs, path::Path};
use stoneware_desktop::bindings::builder;
use tauri::test::MockRuntime;
use tauri_specta::{BuilderConfiguration, LanguageExt};

const FILE: &str = "ui/src/api/bindings.ts";

/// Only `ui/src/platform` talks to Tauri, so the generated calls go through it.
const CALL: &str = "import { platform } from \"../platform\";\n\n\
const __TAURI_INVOKE = <T>(command: string, args?: { [name: string]: unknown }): Promise<T> => platform().invoke<T>(command, args);\n";

/// Any JSON. Whole numbers JavaScript cannot keep come as text (`src-tauri/src/wire.rs`), so `number` is the truth.
const VALUE: &str = "null | boolean | number | string | Value[] | { [key: string]: Value }";

/// TypeScript with names of our own for the types that would hide JavaScript's.
struct Window;

impl LanguageExt for Window {
    type Error = specta_typescript::Error;

    fn export(self, configuration: &BuilderConfiguration, path: &Path) -> Result<(), Self::Error> {
        let mut configuration = configuration.clone();
        configuration.types.iter_mut(|named| match named.name.as_ref() {
            "Value" | "JsonValue" => {
                named.name = "Value".into();
                named.ty = Some(define(VALUE).into());
            }
            "Error" => named.name = "EngineError".into(),
            "Record" => named.name = "EntityRecord".into(),
            _ => {}
        });
        Typescript::default().export(&configuration, path)
    }
}

fn generate() -> String {
    let folder = tempfile::tempdir().expect("a folder for the generated file");
    let file = folder.path().join("bindings.ts");
    builder::<MockRuntime>().export(Window, &file).expect("every type of a command has a TypeScript form");
    let text = fs::read_to_string(&file).expect("the file was just written");
    let import = "import { invoke as __TAURI_INVOKE } from \"@tauri-apps/api/core\";\n";
    assert!(text.contains(import), "the generator's import has changed: adapt it here");
    text.replace(import, CALL)
}

#[test]
fn bindings_are_not_stale() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(FILE);
    let generated = generate();
    if env::var_os("UPDATE_BINDINGS").is_some() {
        fs::write(&file, generated).expect("the bindings can be written");
        return;
    }
    let committed = fs::read_to_string(&file).unwrap_or_default();
    assert!(committed == generated, "{FILE} is stale: run `make bindings`");
}
