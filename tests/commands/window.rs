//! A window without a screen, whose calls take the same way as those of the real one.

use serde_json::{Value, json};
use std::{
    collections::{HashMap, HashSet},
    fs,
    path::PathBuf,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};
use stoneware_desktop::{
    bindings,
    events::Notice,
    secrets::Secrets,
    shell::{Folders, Shell, Startup},
};
use stoneware_engine::{Error, ErrorCode};
use tauri::{
    Manager, WebviewWindow, WebviewWindowBuilder,
    ipc::{CallbackFn, InvokeBody},
    test::{INVOKE_KEY, MockRuntime, get_ipc_response, mock_builder, mock_context, noop_assets},
    webview::InvokeRequest,
};
use tempfile::TempDir;

/// What a command answered: its result, or `{code, message, details}`.
pub type Answer = Result<Value, Value>;

/// The windows a page may call from, as Tauri spells its address on each system.
const PAGE: &str = if cfg!(any(windows, target_os = "android")) { "http://tauri.localhost" } else { "tauri://localhost" };

/// A window with folders of its own and no workspace open.
pub struct Window {
    folder: TempDir,
    page: WebviewWindow<MockRuntime>,
    answered: Mutex<HashSet<String>>,
    told: Arc<Mutex<Vec<Notice>>>,
    pub keyring: Arc<Keyring>,
}

/// A keyring in memory. Locked, it answers as a machine without one does.
#[derive(Default)]
pub struct Keyring {
    pub passwords: Mutex<HashMap<String, String>>,
    pub missing: AtomicBool,
}

impl Keyring {
    fn there(&self) -> stoneware_engine::Result<std::sync::MutexGuard<'_, HashMap<String, String>>> {
        if self.missing.load(Ordering::Relaxed) {
            return Err(Error::new(ErrorCode::Unsupported, "This machine's keyring does not answer."));
        }
        Ok(self.passwords.lock().unwrap())
    }
}

impl Secrets for Keyring {
    fn get(&self, location: &str) -> stoneware_engine::Result<Option<String>> {
        Ok(self.there()?.get(location).cloned())
    }

    fn set(&self, location: &str, password: &str) -> stoneware_engine::Result<()> {
        self.there()?.insert(location.to_owned(), password.to_owned());
        Ok(())
    }

    fn forget(&self, location: &str) -> stoneware_engine::Result<()> {
        self.there()?.remove(location);
        Ok(())
    }
}

impl Window {
    pub fn new() -> Self {
        Self::starting_with(|_| Startup::Choose)
    }

    /// `startup` is told the window's folder.
    pub fn starting_with(startup: impl FnOnce(&TempDir) -> Startup) -> Self {
        let folder = tempfile::tempdir().expect("a folder for the test");
        let told = Arc::new(Mutex::new(Vec::new()));
        let hear = Arc::clone(&told);
        let commands = bindings::builder();
        let app = mock_builder()
            .invoke_handler(commands.invoke_handler())
            .build(mock_context(noop_assets()))
            .expect("the mock runtime needs no screen");
        let keyring = Arc::<Keyring>::default();
        let folders = Folders { config: folder.path().join("config"), data: folder.path().join("data") };
        app.manage(Shell::new(folders, startup(&folder), keyring.clone(), Arc::new(move |notice| hear.lock().unwrap().push(notice))));
        let page = WebviewWindowBuilder::new(&app, "main", Default::default()).build().expect("the mock runtime makes windows");
        Self { folder, page, answered: Mutex::default(), told, keyring }
    }

    /// A window with a new empty workspace open.
    pub fn open(&self) -> &Self {
        self.ok("create_workspace", json!({ "path": self.path("work.db") }));
        self
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Puts a file where `path` says.
    pub fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.path(name);
        fs::create_dir_all(path.parent().expect("inside the folder")).expect("the folder can be made");
        fs::write(&path, text).expect("the folder can be written");
        path
    }

    /// Calls a command by name with its arguments by name, as the page does.
    pub fn call(&self, command: &str, arguments: Value) -> Answer {
        let request = InvokeRequest {
            cmd: command.to_owned(),
            callback: CallbackFn(0),
            error: CallbackFn(1),
            url: PAGE.parse().expect("the page's address"),
            body: InvokeBody::Json(arguments),
            headers: Default::default(),
            invoke_key: INVOKE_KEY.to_owned(),
        };
        let answer = get_ipc_response(&self.page, request)?;
        self.answered.lock().unwrap().insert(command.to_owned());
        Ok(answer.deserialize().expect("an answer is JSON"))
    }

    /// Calls a command that must not be refused.
    #[track_caller]
    pub fn ok(&self, command: &str, arguments: Value) -> Value {
        self.call(command, arguments).unwrap_or_else(|refusal| panic!("{command} was refused: {refusal}"))
    }

    /// There is no server here to have an answer from.
    pub fn skipped(&self, command: &str) {
        self.answered.lock().unwrap().insert(command.to_owned());
    }

    #[track_caller]
    pub fn assert_answered(&self, command: &str) {
        assert!(self.answered.lock().unwrap().contains(command), "the case of {command} never had an answer from it");
    }

    /// Makes an entity and returns its id. Fields are written as the window sends them.
    pub fn entity(&self, name: &str, fields: Value) -> Value {
        self.ok("create_entity", json!({ "spec": { "name": name }, "fields": fields, "position": null }))["id"].clone()
    }

    /// Makes a record and returns its id.
    pub fn record(&self, entity: &Value, data: Value) -> Value {
        self.ok("insert_record", json!({ "entity": entity, "data": data }))["id"].clone()
    }

    /// Makes a relationship and returns its id.
    pub fn relationship(&self, kind: &str, name: &str, source: &Value, target: &Value) -> Value {
        let spec = json!({ "name": name, "type": kind, "source": source, "target": target });
        self.ok("add_relationship", json!({ "spec": spec }))["id"].clone()
    }

    /// Waits until a job is running no more and returns it.
    pub fn ended(&self, job: &Value) -> Value {
        let until = Instant::now() + Duration::from_secs(30);
        loop {
            let jobs = self.ok("jobs", json!({}));
            let found = jobs.as_array().expect("a list").iter().find(|j| &j["id"] == job).expect("the job is listed").clone();
            if found["status"] != "running" {
                return found;
            }
            assert!(Instant::now() < until, "the job does not end: {found}");
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// Waits until the window has been told something.
    pub fn told(&self, what: impl Fn(&Notice) -> bool) {
        let until = Instant::now() + Duration::from_secs(10);
        while !self.told.lock().unwrap().iter().any(&what) {
            assert!(Instant::now() < until, "the window was never told; it heard {:?}", self.told.lock().unwrap());
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}

/// An id that nothing has.
pub fn nobody() -> Value {
    json!("01900000-0000-7000-8000-000000000000")
}

#[track_caller]
pub fn assert_refused(command: &str, answer: Answer, code: &str) {
    let refusal = answer.expect_err(&format!("{command} must be refused"));
    assert_eq!(refusal["code"], code, "{command} was refused otherwise: {refusal}");
    assert!(refusal["message"].as_str().is_some_and(|text| text.len() > 8), "a refusal says what to do: {refusal}");
    assert!(refusal.get("details").is_some(), "a refusal has details: {refusal}");
}
