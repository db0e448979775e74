//! What the window may ask for, one file per noun. Each command only hands on to the engine or the [`Shell`](crate::shell::Shell).

pub mod connection;
pub mod entity;
pub mod field;
pub mod history;
pub mod interchange;
pub mod job;
pub mod link;
pub mod record;
pub mod relationship;
pub mod schema;
pub mod workspace;

use crate::shell::Shell;
use stoneware_engine::Result;

/// The shell, as every command gets it.
type App<'a> = tauri::State<'a, Shell>;
