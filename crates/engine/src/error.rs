//! The one error of the engine: a stable code, a message that says what to do, and details.
//!
//! The same three keys reach Rust callers, the command line's JSON and TypeScript.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use specta::Type;

/// Result of every engine operation.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Stable codes. Scripts match on them, so a code is added, never renamed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum ErrorCode {
    UnknownEntity,
    UnknownField,
    UnknownRelationship,
    UnknownRecord,
    UnknownJob,
    NameTaken,
    InvalidName,
    RequiredMissing,
    TypeMismatch,
    UniqueViolation,
    DanglingReference,
    Restricted,
    StaleVersion,
    FieldInUse,
    InvalidInput,
    Unsupported,
    NotPermitted,
    NotAWorkspace,
    UnfinishedCopy,
    NothingToUndo,
    NothingToRedo,
    InvalidValues,
    VerifyFailed,
    ConnectionFailed,
    ConnectionLost,
    Busy,
    Cancelled,
    TimedOut,
    DiskFull,
    Io,
    Corrupt,
    Internal,
}

/// What went wrong. `message` is for people and says what to do next; `details` is for
/// programs: the names that exist, the rows in the way, both values of a conflict.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type, thiserror::Error)]
#[error("{message}")]
pub struct Error {
    pub code: ErrorCode,
    pub message: String,
    pub details: Value,
}

impl Error {
    pub fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), details: json!({}) }
    }

    pub fn with(mut self, details: Value) -> Self {
        self.details = details;
        self
    }

    pub fn invalid(message: impl Into<String>) -> Self {
        Self::new(ErrorCode::InvalidInput, message)
    }

    pub fn unsupported(message: impl Into<String>) -> Self {
        Self::new(ErrorCode::Unsupported, message)
    }

    /// The connection broke off before anything was committed, so nothing of it has been done.
    pub fn lost(why: impl std::fmt::Display) -> Self {
        let message = format!("{why}. Nothing was changed by what was under way. Try again when the server is back.");
        Self::new(ErrorCode::ConnectionLost, message).with(json!({ "outcome": "not_done" }))
    }

    /// Of a commit: when the connection broke off there, nobody knows whether it was carried out.
    pub fn at_commit(mut self) -> Self {
        if self.code == ErrorCode::ConnectionLost {
            "The connection to the server was lost while the change was being committed: it may or may not be done. \
             Look before you try again."
                .clone_into(&mut self.message);
            self.details["outcome"] = "unknown".into();
        }
        self
    }

    /// The database ended one of two transactions that stood in each other's way: this one. Nothing of it has been done.
    pub fn is_collision(&self) -> bool {
        self.code == ErrorCode::Busy && matches!(self.details["sqlstate"].as_str(), Some("40001" | "40P01"))
    }

    /// Somebody else has what this takes, or one of two had to give way. Nothing of it has been done, and it may be tried again.
    pub fn is_held(&self) -> bool {
        let state = self.details["sqlstate"].as_str();
        let told = !self.details["database"].is_null() && state.is_none_or(|state| matches!(state, "40001" | "40P01" | "55P03"));
        self.code == ErrorCode::Busy && (told || self.details["held"] == true)
    }

    /// A state the engine's own code should never reach. Says so instead of panicking.
    pub fn internal(message: impl Into<String>) -> Self {
        Self::new(ErrorCode::Internal, message)
    }
}

impl From<std::io::Error> for Error {
    fn from(error: std::io::Error) -> Self {
        let code = if error.kind() == std::io::ErrorKind::StorageFull { ErrorCode::DiskFull } else { ErrorCode::Io };
        Self::new(code, error.to_string())
    }
}

impl From<serde_json::Error> for Error {
    fn from(error: serde_json::Error) -> Self {
        Self::invalid(format!("Not valid JSON: {error}"))
    }
}
