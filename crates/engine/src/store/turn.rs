//! Whose turn it is to write to a SQLite file. SQLite lets writers wait by trying again and again, each time after a longer pause: so a job
//! that writes batch after batch, or three busy programs, let a fourth wait for seconds. Here they queue: in this program in a line, between
//! programs for a lock the system hands on. Neither keeps anybody from anything: whose turn it is does not decide what SQLite allows.

use sha2::{Digest as _, Sha256};
use std::{
    fs::{File, OpenOptions, TryLockError},
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
    /// An empty file in the system's temporary folder whose lock goes round among programs; none where it cannot be had.
    line: Arc<Mutex<Option<File>>>,
    path: PathBuf,
    written: Arc<Notify>,
}

/// Held while somebody may write.
#[derive(Debug)]
pub(super) struct Turn {
    line: OwnedMutexGuard<Option<File>>,
    written: Option<Arc<Notify>>,
}

impl Turns {
    /// `database` is there already.
    pub fn to(database: &Path) -> Self {
        let name = database.canonicalize().unwrap_or_else(|_| database.to_owned());
        let digest = Sha256::digest(name.as_os_str().as_encoded_bytes());
        let digest: String = digest.iter().take(12).map(|byte| format!("{byte:02x}")).collect();
        let path = std::env::temp_dir().join(format!("stoneware-{digest}.turn"));
        let file = OpenOptions::new().read(true).append(true).create(true).open(&path).ok();
        Self { line: Arc::new(Mutex::new(file)), path, written: Arc::default() }
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
        let line = tokio::time::timeout(PATIENCE, self.line.clone().lock_owned()).await.map_err(|_| {
            Error::new(ErrorCode::Busy, "Another task of this program has been writing for a long time. Try again in a moment.")
                .with(serde_json::json!({ "held": true }))
        })?;
        if let Some(file) = &*line
            && matches!(file.try_lock(), Err(TryLockError::WouldBlock))
        {
            wait_outside(file).await;
        }
        Ok(Turn { line, written: None })
    }

    /// When somebody has written since this was last asked.
    pub async fn written(&self) {
        self.written.notified().await;
    }

    /// Takes the lock's file away when nobody else is there to use it. Who should come in between queues elsewhere, and waits as SQLite does.
    pub async fn close(&self) {
        if let Some(file) = self.line.lock().await.take()
            && file.try_lock().is_ok()
        {
            // It is empty, and in the temporary folder.
            let _ = std::fs::remove_file(&self.path);
        }
    }
}

async fn wait_outside(file: &File) {
    let Ok(waiting) = file.try_clone() else { return };
    let (got, it) = tokio::sync::oneshot::channel();
    tokio::task::spawn_blocking(move || {
        if waiting.lock().is_ok() && got.send(()).is_err() {
            // Nobody waits any more.
            let _ = waiting.unlock();
        }
    });
    // Not in time: then SQLite has the word.
    let _ = tokio::time::timeout(PATIENCE_OUTSIDE, it).await;
}

impl Drop for Turn {
    fn drop(&mut self) {
        if let Some(file) = &*self.line {
            // What was never locked cannot be given back: no harm.
            let _ = file.unlock();
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
        // Who gives up waiting keeps nobody from it.
        let turn = one.take().await.unwrap();
        assert!(other.take().now_or_never().is_none());
        drop(turn);
        drop(one.take().await.unwrap());
        drop(other.take().await.unwrap());
        one.close().await;
        other.close().await;
        assert!(!one.path.exists());
    }
}
