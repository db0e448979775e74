//! How a command ends when it does not end well.

use serde_json::json;
use std::process::ExitCode;
use stoneware_engine::{Error, ErrorCode};

/// The engine's error, and the exit status that goes with it.
#[derive(Debug)]
pub struct Failure {
    error: Error,
    status: u8,
}

pub type Outcome<T = ()> = Result<T, Failure>;

impl Failure {
    /// The command was given in a way that cannot mean anything, whatever the workspace holds.
    pub fn usage(message: impl Into<String>) -> Self {
        Self { error: Error::new(ErrorCode::InvalidInput, message), status: 2 }
    }

    /// The program itself is wrong.
    pub fn defect(what: &str) -> Self {
        Error::internal(format!("This is a defect of Stoneware, please report it: {what}")).into()
    }

    /// Writes the error to standard error and returns the exit status.
    pub fn report(self, json: bool) -> ExitCode {
        use std::io::Write;
        // A reader that went away (`… | head`) wants to hear nothing more.
        if self.error.code != ErrorCode::Io || !self.error.message.contains("Broken pipe") {
            let text = if json {
                json!({ "error": self.error }).to_string()
            } else {
                let code = serde_json::to_value(self.error.code).ok().and_then(|c| c.as_str().map(str::to_owned)).unwrap_or_default();
                format!("error[{code}]: {}", self.error.message)
            };
            let _ = writeln!(std::io::stderr(), "{text}");
        }
        ExitCode::from(self.status)
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self { error, status: 1 }
    }
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        Error::from(error).into()
    }
}

impl From<serde_json::Error> for Failure {
    fn from(error: serde_json::Error) -> Self {
        Error::from(error).into()
    }
}
