//! Long work of the shell's own, of which one at a time may be under way: an import, a copy.

use std::sync::{Mutex, PoisonError};
use stoneware_engine::{Error, ErrorCode, Result};
use tokio_util::sync::CancellationToken;

/// The one that is under way, if one is.
pub struct Underway {
    /// In the singular, for people.
    what: &'static str,
    token: Mutex<Option<CancellationToken>>,
}

impl Underway {
    pub fn new(what: &'static str) -> Self {
        Self { what, token: Mutex::default() }
    }

    /// # Errors
    /// `invalid_input` when none is running.
    pub fn cancel(&self) -> Result<()> {
        let running = self.token.lock().unwrap_or_else(PoisonError::into_inner);
        let token = running.as_ref().ok_or_else(|| Error::invalid(format!("No {} is running.", self.what)))?;
        token.cancel();
        Ok(())
    }

    /// # Errors
    /// `busy` while another one runs.
    pub fn begin(&self) -> Result<Running<'_>> {
        let mut running = self.token.lock().unwrap_or_else(PoisonError::into_inner);
        if running.is_some() {
            let message = format!("Another {} is running. Wait for it to end, or cancel it.", self.what);
            return Err(Error::new(ErrorCode::Busy, message));
        }
        let token = CancellationToken::new();
        *running = Some(token.clone());
        Ok(Running { underway: self, token })
    }
}

/// Ends with the work, however it ends.
pub struct Running<'a> {
    underway: &'a Underway,
    pub token: CancellationToken,
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        *self.underway.token.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }
}
