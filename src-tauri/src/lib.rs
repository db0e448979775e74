//! The shell around the engine: one window, its commands and its events. It decides nothing itself.
//!
//! - [`commands`]: what the window may ask for, one file per noun
//! - [`bindings`]: the one list of them; `ui/src/api/bindings.ts` is written from it
//! - [`events`]: what the window is told unasked
//! - [`shell`]: which workspace is open
//! - [`recent`]: those opened before
//! - [`secrets`]: passwords, in the system's keyring
//! - [`files`]: import and export
//! - [`copies`]: the open workspace to another place
//! - [`underway`]: that one of these runs at a time, and how it is stopped
//! - [`wire`]: how numbers cross to JavaScript without losing a digit

pub mod bindings;
pub mod commands;
pub mod copies;
pub mod events;
pub mod files;
pub mod recent;
pub mod secrets;
pub mod shell;
pub mod underway;
pub mod wire;

use clap::Parser;
use shell::{Folders, Shell, Startup};
use std::{process::ExitCode, sync::Arc};
use tauri::{AppHandle, Manager, RunEvent};

/// Stoneware: design a schema, fill it, see it, set it in stone.
#[derive(Parser)]
#[command(version)]
struct Arguments {
    /// The workspace to open: a file, or the URL of a database.
    workspace: Option<String>,
    /// Open the sample workspace, which is made the first time.
    #[arg(long, conflicts_with = "workspace")]
    sample: bool,
}

/// Opens the window and stays until it is closed. Status 1 when the window system refuses, 2 on wrong usage.
pub fn run() -> ExitCode {
    let arguments = Arguments::parse();
    tracing_subscriber::fmt().with_env_filter(tracing_subscriber::EnvFilter::from_env("STONEWARE_LOG")).with_writer(std::io::stderr).init();
    let startup = match arguments.workspace {
        Some(location) => Startup::Open(absolute(location)),
        None if arguments.sample => Startup::Sample,
        None => Startup::Choose,
    };
    let bindings = bindings::builder();
    let app = tauri::Builder::default()
        .plugin(tauri_plugin_dialog::init())
        .invoke_handler(bindings.invoke_handler())
        .setup(move |app| {
            let folders = Folders { config: app.path().app_config_dir()?, data: app.path().app_local_data_dir()? };
            app.manage(Shell::new(folders, startup, Arc::new(secrets::Keyring), events::to_window(app.handle())));
            Ok(())
        })
        .build(tauri::generate_context!());
    match app {
        Ok(app) => ExitCode::from(app.run_return(on_event) as u8),
        Err(error) => {
            eprintln!("The window could not be opened: {error}");
            ExitCode::FAILURE
        }
    }
}

/// A file is remembered by its whole path, wherever the window was started from.
fn absolute(location: String) -> String {
    if location.contains("://") {
        return location;
    }
    std::path::absolute(&location).map_or(location, |path| path.to_string_lossy().into_owned())
}

/// Before the last window goes, the workspace is closed: running jobs stop at a point from which they can be resumed.
fn on_event(handle: &AppHandle, event: RunEvent) {
    let RunEvent::ExitRequested { code: None, api, .. } = event else { return };
    api.prevent_exit();
    let handle = handle.clone();
    tauri::async_runtime::spawn(async move {
        handle.state::<Shell>().end().await;
        handle.exit(0);
    });
}
