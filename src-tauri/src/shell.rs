//! Which workspace is open. One at a time; opening another closes the one before it.

use crate::{
    events::{self, Notice, Tell},
    files::Imports,
    recent::Recents,
};
use std::{
    path::{Path, PathBuf},
    time::Duration,
};
use stoneware_engine::{Engine, Error, Result, model::WorkspaceInfo};
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

/// The state behind every command.
pub struct Shell {
    /// Held while workspaces are exchanged, so that two openings cannot cross. What is left to do at the start stands in it.
    startup: Mutex<Startup>,
    session: RwLock<Option<Session>>,
    recents: Recents,
    imports: Imports,
    sample: PathBuf,
    tell: Tell,
}

struct Session {
    engine: Engine,
    info: WorkspaceInfo,
    forward: JoinHandle<()>,
}

impl Shell {
    pub fn new(folders: Folders, startup: Startup, tell: Tell) -> Self {
        Self {
            startup: Mutex::new(startup),
            session: RwLock::new(None),
            recents: Recents::new(folders.config.join("recent.json")),
            imports: Imports::default(),
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

    pub fn imports(&self) -> &Imports {
        &self.imports
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
            Startup::Open(location) => return self.exchange(Engine::open(&location).await?).await.map(Some),
            Startup::Sample => return self.exchange(self.sample().await?).await.map(Some),
            Startup::Choose => {}
        }
        match self.engine().await {
            Ok(engine) => engine.info().await.map(Some),
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
            return session.engine.info().await;
        }
        self.exchange(Engine::open(location).await?).await
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
        let info = engine.info().await?;
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
