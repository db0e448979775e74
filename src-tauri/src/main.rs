//! `stoneware-desktop [WORKSPACE]`: opens the window, on a workspace when one is named.

// On Windows a release build must not open a console beside the window.
#![cfg_attr(not(debug_assertions), windows_subsystem = "windows")]

fn main() -> std::process::ExitCode {
    stoneware_desktop::run()
}
