//! Which workspace is open. One at a time; opening another closes the one before it.

use crate::{
    events::{self, Notice, Tell},
    recent::Recents,
    secrets::Secrets,
    underway::Underway,
};
use serde::Serialize;
use specta::Type;
use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};
use stoneware_engine::{
    Engine, Error, Result,
    engine::is_url,
    model::{Connection, WorkspaceInfo},
};
use tauri::async_runtime::{JoinHandle, Mutex, RwLock};

/// How long closing the window waits for a job to reach a safe point. A job cut off is resumed or rolled back later.
const PATIENCE: Duration = Duration::from_secs(10);

/// Where the shell keeps its own files.
pub struct Folders {
    /// The list of recent workspaces.
    pub config: PathBuf,
    /// The sample workspace.
    pub data: PathBuf,
}

/// What the window opens with.
pub enum Startup {
    /// The start screen.
    Choose,
    Open(String),
    Sample,
}

/// Whether a password lies in the keyring, and why none can.
#[derive(Debug, Clone, PartialEq, Serialize, Type)]
pub struct PasswordKept {
    pub kept: bool,
    pub reason: Option<String>,
}

/// The state behind every command.
pub struct Shell {
    /// Held while workspaces are exchanged, so that two openings cannot cross. What is left to do at the start stands in it.
    startup: Mutex<Startup>,
    session: RwLock<Option<Session>>,
    recents: Recents,
    imports: Underway,
    copies: Underway,
    secrets: Arc<dyn Secrets>,
    sample: PathBuf,
    tell: Tell,
}

struct Session {
    engine: Engine,
    info: WorkspaceInfo,
    forward: JoinHandle<()>,
}

impl Shell {
    pub fn new(folders: Folders, startup: Startup, secrets: Arc<dyn Secrets>, tell: Tell) -> Self {
        Self {
            startup: Mutex::new(startup),
            session: RwLock::new(None),
            recents: Recents::new(folders.config.join("recent.json")),
            imports: Underway::new("import"),
            copies: Underway::new("copy"),
            secrets,
            sample: folders.data.join("Roastery.db"),
            tell,
        }
    }

    /// # Errors `invalid_input` when no workspace is open.
    pub async fn engine(&self) -> Result<Engine> {
        self.session.read().await.as_ref().map(|session| session.engine.clone()).ok_or_else(none_open)
    }

    pub fn recents(&self) -> &Recents {
        &self.recents
    }

    pub fn imports(&self) -> &Underway {
        &self.imports
    }

    pub fn copies(&self) -> &Underway {
        &self.copies
    }

    pub fn tell(&self, notice: Notice) {
        (self.tell)(notice);
    }

    /// The same for work that goes on elsewhere.
    pub fn teller(&self) -> Tell {
        self.tell.clone()
    }

    /// The open workspace, after what is left to do at the start has been done.
    pub async fn current(&self) -> Result<Option<WorkspaceInfo>> {
        let mut startup = self.startup.lock().await;
        match std::mem::replace(&mut *startup, Startup::Choose) {
            Startup::Open(location) => return self.exchange(self.engine_at(&location).await?).await.map(Some),
            Startup::Sample => return self.exchange(self.sample().await?).await.map(Some),
            Startup::Choose => {}
        }
        match self.engine().await {
            Ok(engine) => engine.info().map(Some),
            Err(_) => Ok(None),
        }
    }

    pub async fn create(&self, path: &Path) -> Result<WorkspaceInfo> {
        let _exchanging = self.startup.lock().await;
        self.exchange(Engine::create(path).await?).await
    }

    pub async fn open(&self, location: &str) -> Result<WorkspaceInfo> {
        let _exchanging = self.startup.lock().await;
        if let Some(session) = &*self.session.read().await
            && same_place(location, &session.info.location)
        {
            // Opening it a second time would stop its jobs for nothing.
            return session.engine.info();
        }
        self.exchange(self.engine_at(location).await?).await
    }

    /// Opens a workspace on a server, and keeps the password when that is asked for and possible.
    pub async fn connect(
        &self,
        connection: Connection,
        password: Option<String>,
        remember: bool,
        create: bool,
    ) -> Result<(WorkspaceInfo, PasswordKept)> {
        let location = connection.location()?;
        let _exchanging = self.startup.lock().await;
        let url = self.address(&connection, password.clone()).await?;
        let engine = if create { Engine::open_or_create(&url).await?.0 } else { Engine::open(&url).await? };
        let info = self.exchange(engine).await?;
        if let Some(password) = password {
            let kept = self.with_secrets(location.clone(), move |secrets, location| match remember {
                true => secrets.set(location, &password),
                false => secrets.forget(location),
            });
            if let Err(error) = kept.await {
                return Ok((info, PasswordKept { kept: false, reason: remember.then_some(error.message) }));
            }
        }
        Ok((info, self.kept(location).await))
    }

    /// The address with the password that was given, else with the one in the keyring: for opening a connection and nothing else.
    pub async fn address(&self, connection: &Connection, password: Option<String>) -> Result<String> {
        let known = match password {
            Some(password) => Some(password),
            None => self.password(connection.location()?).await.unwrap_or_default(),
        };
        connection.secret_url(known.as_deref())
    }

    /// The password kept for a location.
    ///
    /// # Errors
    /// `unsupported` where there is no keyring.
    pub async fn password(&self, location: String) -> Result<Option<String>> {
        self.with_secrets(location, |secrets, location| secrets.get(location)).await
    }

    pub async fn kept(&self, location: String) -> PasswordKept {
        match self.password(location).await {
            Ok(password) => PasswordKept { kept: password.is_some(), reason: None },
            Err(error) => PasswordKept { kept: false, reason: Some(error.message) },
        }
    }

    /// A keyring may ask the person to unlock it: that takes as long as it takes, beside everything else.
    async fn with_secrets<T: Send + 'static>(
        &self,
        location: String,
        work: impl FnOnce(&dyn Secrets, &str) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let secrets = self.secrets.clone();
        tauri::async_runtime::spawn_blocking(move || work(secrets.as_ref(), &location)).await.map_err(|e| Error::internal(e.to_string()))?
    }

    /// Opens a file, or a server's workspace with the password kept for it.
    async fn engine_at(&self, location: &str) -> Result<Engine> {
        Engine::open(&self.reachable(location, None).await?).await
    }

    /// A path as it is; a server's address with its password: the one given, else the address's own, else the one kept.
    pub async fn reachable(&self, location: &str, password: Option<String>) -> Result<String> {
        if !is_url(location) {
            return Ok(location.to_owned());
        }
        let parsed = Connection::parse(location)?;
        self.address(&parsed.connection, password.or(parsed.password)).await
    }

    pub async fn open_sample(&self) -> Result<WorkspaceInfo> {
        if self.sample.exists() {
            return self.open(&self.sample.to_string_lossy()).await;
        }
        let _exchanging = self.startup.lock().await;
        self.exchange(self.sample().await?).await
    }

    /// # Errors `invalid_input` when no workspace is open.
    pub async fn close(&self) -> Result<()> {
        let _exchanging = self.startup.lock().await;
        let session = self.session.write().await.take().ok_or_else(none_open)?;
        self.tell(Notice::Opened(None));
        self.finish(session).await;
        Ok(())
    }

    /// Closes what is open before the process ends, but does not wait for ever.
    pub async fn end(&self) {
        if tokio::time::timeout(PATIENCE, self.close()).await.is_err() {
            tracing::warn!("a job did not stop in time; it can be resumed when the workspace is opened again");
        }
    }

    /// Puts a newly opened workspace in the place of the one before it, which stays open when this fails.
    async fn exchange(&self, engine: Engine) -> Result<WorkspaceInfo> {
        let info = engine.info()?;
        if let Err(error) = engine.watch().await {
            tracing::warn!(%error, "what other programs change will show after a reload only");
        }
        let forward = events::forward(&engine, self.tell.clone());
        let before = self.session.write().await.replace(Session { engine, info: info.clone(), forward });
        if let Some(before) = before {
            self.finish(before).await;
        }
        if let Err(error) = self.recents.note(&info) {
            tracing::warn!(%error, "the list of recent workspaces could not be written");
        }
        self.tell(Notice::Opened(Some(info.clone())));
        Ok(info)
    }

    async fn finish(&self, session: Session) {
        session.forward.abort();
        self.imports.cancel().ok();
        self.copies.cancel().ok();
        session.engine.close().await;
    }

    /// The sample is filled under another name first: one that was cut off half-way is never taken for whole.
    async fn sample(&self) -> Result<Engine> {
        if !self.sample.exists() {
            if let Some(folder) = self.sample.parent() {
                std::fs::create_dir_all(folder)?;
            }
            let unfinished = self.sample.with_extension(format!("{}.unfinished", std::process::id()));
            let engine = Engine::create(&unfinished).await?;
            let filled = engine.fill_sample().await;
            engine.close().await;
            filled?;
            std::fs::rename(&unfinished, &self.sample)?;
        }
        Engine::open(&self.sample.to_string_lossy()).await
    }
}

fn none_open() -> Error {
    Error::invalid("No workspace is open. Open one or create one first.")
}

fn same_place(one: &str, other: &str) -> bool {
    one == other || matches!((Path::new(one).canonicalize(), Path::new(other).canonicalize()), (Ok(a), Ok(b)) if a == b)
}
