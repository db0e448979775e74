//! One run of the command: which workspace it is about, and how it answers.

use std::path::Path;
use stoneware_engine::{Engine, Error, ErrorCode};

use crate::{
    failure::{Failure, Outcome},
    output::Output,
};

pub struct Session {
    pub location: Option<String>,
    pub output: Output,
}

impl Session {
    /// The workspace named on the command line.
    ///
    /// # Errors
    /// Wrong usage when none is named, `unsupported` for a database this version cannot open.
    pub fn location(&self) -> Outcome<&str> {
        let location = self
            .location
            .as_deref()
            .filter(|location| !location.is_empty())
            .ok_or_else(|| Failure::usage("No workspace named: give its path with -w FILE, or set STONEWARE_WORKSPACE."))?;
        if location.starts_with("postgres://") || location.starts_with("postgresql://") {
            // The address may hold a password, so it is not repeated.
            return Err(Error::unsupported("This version cannot open a Postgres workspace yet: give the path of a file instead.").into());
        }
        Ok(location)
    }

    /// # Errors
    /// `not_a_workspace` when there is none, with what to do.
    pub async fn open(&self) -> Outcome<Engine> {
        let location = self.location()?;
        if !Path::new(location).exists() {
            let message = format!("There is no workspace at {location}. Make one with: stoneware -w {location} init");
            return Err(Error::new(ErrorCode::NotAWorkspace, message).with(serde_json::json!({ "location": location })).into());
        }
        Ok(Engine::open(location).await?.acting_as("cli"))
    }

    /// Opens the workspace, or makes it where there is no file or an empty one. True: it was made.
    pub async fn open_or_create(&self) -> Outcome<(Engine, bool)> {
        let location = self.location()?;
        let path = Path::new(location);
        if path.metadata().is_ok_and(|meta| meta.is_dir() || meta.len() > 0) {
            Ok((Engine::open(location).await?.acting_as("cli"), false))
        } else {
            Ok((Engine::create(path).await?.acting_as("cli"), true))
        }
    }
}
