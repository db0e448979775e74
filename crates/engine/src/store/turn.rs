//! Whose turn it is to write to a SQLite file. SQLite lets writers wait by trying again and again, each time after a longer pause: so a job
//! that writes batch after batch, or three busy programs, let a fourth wait for seconds. Here they queue: in this program in a line, between
//! programs for a lock the system hands on. Neither keeps anybody from anything: whose turn it is does not decide what SQLite allows.

use same_file::Handle;
use sha2::{Digest as _, Sha256};
use std::{
    fs::{OpenOptions, TryLockError},
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};
use tokio::sync::{Mutex, Notify, OwnedMutexGuard};

use crate::error::{Error, ErrorCode, Result};

/// How long a writer waits for the others of this program.
const PATIENCE: Duration = Duration::from_secs(60);
/// How long it waits for other programs before it asks SQLite itself, which waits too and then says `busy`.
const PATIENCE_OUTSIDE: Duration = Duration::from_secs(15);

/// The queue to one file.
#[derive(Debug, Clone)]
pub(super) struct Turns {
    line: Arc<Mutex<Line>>,
    written: Arc<Notify>,
}

/// Held while somebody may write.
#[derive(Debug)]
pub(super) struct Turn {
    line: OwnedMutexGuard<Line>,
    written: Option<Arc<Notify>>,
}

/// An empty file in the system's temporary folder whose lock goes round among programs; none where it cannot be had. Who leaves while nobody
/// holds the lock takes the file away, and so may whoever cleans the folder: what a lock was got on counts only while it is found at its place.
#[derive(Debug)]
struct Line {
    path: PathBuf,
    file: Option<Handle>,
}

impl Turns {
    /// `database` is there already.
    pub fn to(database: &Path) -> Self {
        let name = database.canonicalize().unwrap_or_else(|_| database.to_owned());
        let digest = Sha256::digest(name.as_os_str().as_encoded_bytes());
        let digest: String = digest.iter().take(12).map(|byte| format!("{byte:02x}")).collect();
        let path = std::env::temp_dir().join(format!("stoneware-{digest}.turn"));
        let line = Line { file: open(&path), path };
        Self { line: Arc::new(Mutex::new(line)), written: Arc::default() }
    }

    /// # Errors
    /// `busy`.
    pub async fn take(&self) -> Result<Turn> {
        let mut turn = self.take_quietly().await?;
        turn.written = Some(self.written.clone());
        Ok(turn)
    }

    /// The same for whoever writes nothing that would have to be brought over into the database.
    pub async fn take_quietly(&self) -> Result<Turn> {
        let mut line = tokio::time::timeout(PATIENCE, self.line.clone().lock_owned()).await.map_err(|_| {
            Error::new(ErrorCode::Busy, "Another task of this program has been writing for a long time. Try again in a moment.")
                .with(serde_json::json!({ "held": true }))
        })?;
        line.queue().await;
        Ok(Turn { line, written: None })
    }

    /// When somebody has written since this was last asked.
    pub async fn written(&self) {
        self.written.notified().await;
    }
}

impl Line {
    /// Until this program's turn has come, or its patience has ended: then SQLite has the word.
    async fn queue(&mut self) {
        if self.file.is_none() {
            // What stood in the way may have passed.
            self.file = open(&self.path);
        }
        while let Some(file) = &self.file {
            if matches!(file.as_file().try_lock(), Err(TryLockError::WouldBlock)) {
                let Some(locked) = wait_outside(self.path.clone()).await else { return };
                self.file = Some(locked);
            }
            if self.in_place() {
                return;
            }
            self.file = open(&self.path);
        }
    }

    fn in_place(&self) -> bool {
        let there = Handle::from_path(&self.path).ok();
        there.is_some() && there == self.file
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        let locked = self.file.as_ref().is_some_and(|file| file.as_file().try_lock().is_ok());
        if locked && self.in_place() {
            // It is empty, and in the temporary folder.
            let _ = std::fs::remove_file(&self.path);
        }
    }
}

fn open(path: &Path) -> Option<Handle> {
    let file = OpenOptions::new().read(true).append(true).create(true).open(path).ok()?;
    Handle::from_file(file).ok()
}

/// The file with its lock, if that was had in time. The file is opened anew: whoever stops waiting leaves nothing behind that could take or
/// give back the lock of a later turn. The thread is none of the runtime's, which would wait for it when the program ends.
async fn wait_outside(path: PathBuf) -> Option<Handle> {
    let (got, it) = tokio::sync::oneshot::channel();
    std::thread::Builder::new()
        .name("turn".to_owned())
        .spawn(move || {
            if let Some(file) = open(&path)
                && file.as_file().lock().is_ok()
            {
                // Nobody waits any more: then it is closed, and its lock is free.
                let _ = got.send(file);
            }
        })
        .ok()?;
    tokio::time::timeout(PATIENCE_OUTSIDE, it).await.ok()?.ok()
}

impl Drop for Turn {
    fn drop(&mut self) {
        if let Some(file) = &self.line.file {
            // What was never locked cannot be given back: no harm.
            let _ = file.as_file().unlock();
        }
        if let Some(written) = &self.written {
            written.notify_one();
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::Turns;
    use futures_util::FutureExt as _;

    #[tokio::test]
    async fn two_programs_take_turns_and_leave_nothing_behind() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("w.db");
        std::fs::write(&file, "").unwrap();
        let (one, other) = (Turns::to(&file), Turns::to(&file));
        let turn = one.take().await.unwrap();
        let mut next = Box::pin(other.take());
        assert!(next.as_mut().now_or_never().is_none(), "it is not its turn");
        drop(turn);
        drop(next.await.unwrap());
        drop(one.take().await.unwrap());
        let path = one.line.lock().await.path.clone();
        drop(one);
        drop(other);
        assert!(!path.exists());
    }

    #[tokio::test]
    async fn who_gives_up_waiting_keeps_nobody_from_it() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("w.db");
        std::fs::write(&file, "").unwrap();
        let (one, other) = (Turns::to(&file), Turns::to(&file));
        let turn = one.take().await.unwrap();
        assert!(other.take().now_or_never().is_none());
        drop(turn);
        drop(one.take().await.unwrap());
        drop(other.take().await.unwrap());
    }

    #[tokio::test]
    async fn who_comes_and_goes_leaves_the_others_in_one_line() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("w.db");
        std::fs::write(&file, "").unwrap();
        let one = Turns::to(&file);
        drop(Turns::to(&file));
        let other = Turns::to(&file);
        let turn = one.take().await.unwrap();
        let mut next = Box::pin(other.take());
        assert!(next.as_mut().now_or_never().is_none(), "both wait at the same place");
        drop(Turns::to(&file));
        drop(turn);
        let turn = next.await.unwrap();
        let path = turn.line.path.clone();
        assert!(path.exists(), "nobody takes away what another one holds");
        drop((turn, one, other));
        assert!(!path.exists());
    }
}
