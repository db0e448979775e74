//! Passwords, kept by the system's keyring and nowhere else.

use stoneware_engine::{Error, ErrorCode, Result};

/// Where passwords lie, by the location they open.
pub trait Secrets: Send + Sync {
    /// None when none is kept.
    ///
    /// # Errors
    /// `unsupported`, saying why, when this machine has no keyring or it is locked.
    fn get(&self, location: &str) -> Result<Option<String>>;

    /// # Errors
    /// As [`Secrets::get`].
    fn set(&self, location: &str, password: &str) -> Result<()>;

    /// Nothing is said when there was none.
    ///
    /// # Errors
    /// As [`Secrets::get`].
    fn forget(&self, location: &str) -> Result<()>;
}

/// The keyring of the desktop (Secret Service on Linux).
pub struct Keyring;

const SERVICE: &str = "Stoneware";

impl Keyring {
    fn entry(location: &str) -> Result<keyring::Entry> {
        // Tells why there is no keyring; making an entry would only say that there is none.
        keyring::Entry::store_status().as_ref().map_err(none)?;
        keyring::Entry::new(SERVICE, location).map_err(|e| none(&e))
    }
}

impl Secrets for Keyring {
    fn get(&self, location: &str) -> Result<Option<String>> {
        match Self::entry(location)?.get_password() {
            Ok(password) => Ok(Some(password)),
            Err(keyring::Error::NoEntry) => Ok(None),
            Err(error) => Err(none(&error)),
        }
    }

    fn set(&self, location: &str, password: &str) -> Result<()> {
        Self::entry(location)?.set_password(password).map_err(|e| none(&e))
    }

    fn forget(&self, location: &str) -> Result<()> {
        match Self::entry(location)?.delete_credential() {
            Ok(()) | Err(keyring::Error::NoEntry) => Ok(()),
            Err(error) => Err(none(&error)),
        }
    }
}

fn none(error: &keyring::Error) -> Error {
    let message = "No keyring answers on this machine, so the password cannot be kept: it is asked for each time.";
    Error::new(ErrorCode::Unsupported, message).with(serde_json::json!({ "keyring": error.to_string() }))
}
