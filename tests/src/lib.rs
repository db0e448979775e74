//! Fixtures: workspaces that vanish with the test, the command line as a child process, and the
//! conformance scripts (see [`script`]).

// A fixture that fails is a failed test; there is nobody to hand an error to.
#![allow(clippy::unwrap_used)]

pub mod build;
pub mod cli;
pub mod cluster;
pub mod data;
pub mod dying;
pub mod outside;
pub mod proxy;
pub mod script;

use std::path::{Path, PathBuf};
use stoneware_engine::{
    Engine,
    model::{EntityId, Job, JobStatus, MaterializeOptions},
};

/// Where a workspace lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Database {
    Sqlite,
    Postgres,
}

/// The databases there are to test on: Postgres where it is installed.
pub fn databases() -> Vec<Database> {
    if cluster::cluster().is_some() { vec![Database::Sqlite, Database::Postgres] } else { vec![Database::Sqlite] }
}

/// A workspace in a folder or schema of its own, gone when it is dropped or with the server.
pub struct Workspace {
    pub engine: Engine,
    /// Of the file; of none on Postgres.
    pub path: PathBuf,
    /// Path or address.
    pub location: String,
    _folder: tempfile::TempDir,
}

impl Workspace {
    pub async fn new() -> Self {
        Self::on(Database::Sqlite).await
    }

    /// One on Postgres; none where it is not installed.
    pub async fn on_postgres() -> Option<Self> {
        cluster::cluster()?;
        Some(Self::on(Database::Postgres).await)
    }

    /// A new location that [`copy`] can take copies of.
    pub async fn to_copy(database: Database) -> Self {
        let mut workspace = Self::on(Database::Sqlite).await;
        if database == Database::Postgres {
            workspace.location = cluster::cluster().expect("Postgres is installed").database(None);
            workspace.engine.close().await;
            workspace.engine = Engine::open_or_create(&workspace.location).await.unwrap().0;
        }
        workspace
    }

    /// # Panics
    /// On Postgres, where it is not installed: see [`databases`].
    pub async fn on(database: Database) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("workspace.db");
        let location = match database {
            Database::Sqlite => path.display().to_string(),
            Database::Postgres => cluster::cluster().expect("Postgres is installed").workspace(),
        };
        let (engine, made) = Engine::open_or_create(&location).await.unwrap();
        assert!(made);
        Self { engine, path, location, _folder: folder }
    }

    /// Closes the workspace and opens it again, as a restart does.
    pub async fn reopen(&mut self) {
        self.engine.close().await;
        self.engine = Engine::open(&self.location).await.unwrap();
    }

    pub async fn id(&self, entity: &str) -> EntityId {
        self.engine.schema().await.unwrap().entity_named(entity).unwrap().id
    }

    pub async fn ids(&self, entities: &[&str]) -> Vec<EntityId> {
        let schema = self.engine.schema().await.unwrap();
        entities.iter().map(|name| schema.entity_named(name).unwrap().id).collect()
    }

    /// Every record of every entity as exported, by entity name: what must never change.
    pub async fn exports(&self) -> Vec<(String, String)> {
        exports_of(&self.engine).await
    }
}

/// Every record of every entity as exported, by entity name.
pub async fn exports_of(engine: &Engine) -> Vec<(String, String)> {
    let mut all = Vec::new();
    for entity in &engine.schema().await.unwrap().entities {
        let mut out = Vec::new();
        engine.export_ndjson(entity.id, &mut out).await.unwrap();
        all.push((entity.name.clone(), String::from_utf8(out).unwrap()));
    }
    all
}

/// A copy of a closed workspace, made where a new one would be made (`path`, or a new database); returns its location.
pub fn copy(from: &str, path: &Path) -> String {
    if stoneware_engine::engine::is_url(from) {
        return cluster::cluster().expect("Postgres is installed").database(Some(from));
    }
    for ending in ["", "-wal", "-shm"] {
        let (from, to) = (format!("{from}{ending}"), format!("{}{ending}", path.display()));
        // One of an older copy, perhaps.
        let _ = std::fs::remove_file(&to);
        if Path::new(&from).exists() {
            std::fs::copy(from, to).unwrap();
        }
    }
    path.display().to_string()
}

/// Runs a test on a new workspace in each database.
pub async fn on_each(test: impl AsyncFn(Workspace)) {
    for database in databases() {
        eprintln!("on {database:?}");
        test(Workspace::on(database).await).await;
    }
}

/// Materializes and waits; a job that does not end well fails the test.
pub async fn materialize(engine: &Engine, entities: Vec<EntityId>) -> Job {
    let job = engine.start_materialize(entities, MaterializeOptions::default()).await.unwrap();
    done(engine.wait_job(job.id).await.unwrap())
}

pub async fn dematerialize(engine: &Engine, entities: Vec<EntityId>) -> Job {
    let job = engine.start_dematerialize(entities, MaterializeOptions::default()).await.unwrap();
    done(engine.wait_job(job.id).await.unwrap())
}

#[track_caller]
fn done(job: Job) -> Job {
    assert_eq!(job.status, JobStatus::Done, "the job ended with {:?}", job.error);
    job
}

/// A number from the environment, for longer runs than the usual one.
pub fn setting(name: &str, default: u32) -> u32 {
    std::env::var(name).ok().and_then(|n| n.parse().ok()).unwrap_or(default)
}

/// The repository's root folder.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

/// A JSON object as record data.
pub fn data(value: serde_json::Value) -> stoneware_engine::model::Data {
    value.as_object().unwrap().clone()
}
