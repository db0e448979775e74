//! The shell around the engine: one window, its commands and its events. It decides nothing itself.

use std::process::ExitCode;

/// Opens the window and stays until it is closed. Status 1 when the window system refuses.
pub fn run() -> ExitCode {
    match tauri::Builder::default()
        .plugin(tauri_plugin_dialog::init())
        .run(tauri::generate_context!())
    {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("The window could not be opened: {error}");
            ExitCode::FAILURE
        }
    }
}
