//! One run of the command: which workspace it is about, and how it answers.

use std::path::Path;
use stoneware_engine::{Engine, Error, ErrorCode, engine::is_url};

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
    /// Wrong usage when none is named.
    pub fn location(&self) -> Outcome<&str> {
        let location =
            self.location.as_deref().filter(|location| !location.is_empty()).ok_or_else(|| {
                Failure::usage("No workspace named: give its path or address with -w FILE|URL, or set STONEWARE_WORKSPACE.")
            })?;
        Ok(location)
    }

    /// # Errors
    /// `not_a_workspace` when there is none, with what to do.
    pub async fn open(&self) -> Outcome<Engine> {
        open(self.location()?).await
    }

    /// Opens the workspace, or makes it where there is none. True: it was made.
    pub async fn open_or_create(&self) -> Outcome<(Engine, bool)> {
        open_or_create(self.location()?).await
    }
}

/// # Errors
/// `not_a_workspace` when there is none, with what to do.
pub async fn open(location: &str) -> Outcome<Engine> {
    if !is_url(location) && !Path::new(location).exists() {
        let message = format!("There is no workspace at {location}. Make one with: stoneware -w {location} init");
        return Err(Error::new(ErrorCode::NotAWorkspace, message).with(serde_json::json!({ "location": location })).into());
    }
    Ok(Engine::open(location).await?.acting_as("cli"))
}

/// Opens a workspace, or makes it where there is none. True: it was made.
pub async fn open_or_create(location: &str) -> Outcome<(Engine, bool)> {
    let (engine, made) = Engine::open_or_create(location).await?;
    Ok((engine.acting_as("cli"), made))
}
