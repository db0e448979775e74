//! The workspaces opened before, newest first, in one small JSON file.

use serde::{Deserialize, Serialize};
use specta::Type;
use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
    sync::{Mutex, MutexGuard, PoisonError},
};
use stoneware_engine::{Error, ErrorCode, Result, model::WorkspaceInfo};

/// More than fits the start screen is of no use.
const KEPT: usize = 20;

/// A workspace that was opened before.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub struct RecentWorkspace {
    pub location: String,
    pub name: String,
    /// UTC, as `2026-01-31T12:00:00Z`.
    pub opened_at: String,
    /// Its file is not there any more. Looked up whenever the list is read.
    pub missing: bool,
}

/// The list. Read anew each time, because another window may have written it.
pub struct Recents {
    file: PathBuf,
    writing: Mutex<()>,
}

impl Recents {
    pub fn new(file: PathBuf) -> Self {
        Self { file, writing: Mutex::new(()) }
    }

    /// Newest first.
    ///
    /// # Errors
    /// `corrupt` when the file cannot be read as the list.
    pub fn list(&self) -> Result<Vec<RecentWorkspace>> {
        let mut recents = self.read()?;
        for recent in &mut recents {
            recent.missing = !recent.location.contains("://") && !Path::new(&recent.location).exists();
        }
        Ok(recents)
    }

    /// Puts a workspace at the top. A list that cannot be read is begun anew.
    pub fn note(&self, info: &WorkspaceInfo) -> Result<()> {
        let _writing = self.lock();
        let mut recents = self.read().unwrap_or_default();
        recents.retain(|recent| recent.location != info.location);
        let opened_at = jiff::Timestamp::now().round(jiff::Unit::Second).unwrap_or_default().to_string();
        recents.insert(0, RecentWorkspace { location: info.location.clone(), name: info.name.clone(), opened_at, missing: false });
        recents.truncate(KEPT);
        self.write(&recents)
    }

    /// # Errors
    /// `invalid_input` when it is not on the list.
    pub fn forget(&self, location: &str) -> Result<()> {
        let _writing = self.lock();
        let mut recents = self.read()?;
        let before = recents.len();
        recents.retain(|recent| recent.location != location);
        if recents.len() == before {
            return Err(Error::invalid(format!("{location} is not on the list of recent workspaces.")));
        }
        self.write(&recents)
    }

    fn lock(&self) -> MutexGuard<'_, ()> {
        self.writing.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn read(&self) -> Result<Vec<RecentWorkspace>> {
        match fs::read(&self.file) {
            Ok(bytes) => serde_json::from_slice(&bytes).map_err(|error| {
                let file = self.file.display();
                Error::new(
                    ErrorCode::Corrupt,
                    format!("The list of recent workspaces in {file} cannot be read ({error}). It is begun anew with the next workspace you open."),
                )
            }),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Vec::new()),
            Err(error) => Err(error.into()),
        }
    }

    /// Written beside the old list and put in its place, so that a reader never sees half of it.
    fn write(&self, recents: &[RecentWorkspace]) -> Result<()> {
        if let Some(folder) = self.file.parent() {
            fs::create_dir_all(folder)?;
        }
        let unfinished = self.file.with_extension(format!("{}.unfinished", std::process::id()));
        let mut file = fs::File::create(&unfinished)?;
        file.write_all(&serde_json::to_vec_pretty(recents)?)?;
        file.sync_all()?;
        fs::rename(&unfinished, &self.file)?;
        Ok(())
    }
}
