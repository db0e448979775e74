//! Every command of the window, called as the window calls it, on Tauri's mock runtime.
//!
//! Each file has the cases of one noun: what a command does, and what it refuses with which code. `coverage` fails when a
//! command has no such pair.

#![allow(clippy::unwrap_used, reason = "a test may fail loudly")]

mod bindings;
mod connection;
mod coverage;
mod entity;
mod field;
mod history;
mod interchange;
mod job;
mod link;
mod record;
mod relationship;
mod schema;
mod window;
mod workspace;

/// A pair of tests for each command, and the list of commands that have one.
///
/// `succeeds` runs the command and looks at what came of it; `refused CODE` returns the refused call.
#[macro_export]
macro_rules! cases {
    ($($command:ident { succeeds $success:expr; refused $code:literal $refusal:expr; })*) => {
        pub const COMMANDS: &[&str] = &[$(stringify!($command)),*];

        $(mod $command {
            #[allow(unused_imports, reason = "not every pair of cases needs all of what its file uses")]
            use super::*;

            #[test]
            fn succeeds() {
                let window = $crate::window::Window::new();
                let check: fn(&$crate::window::Window) = $success;
                check(&window);
                window.assert_answered(stringify!($command));
            }

            #[test]
            fn is_refused() {
                let window = $crate::window::Window::new();
                let refuse: fn(&$crate::window::Window) -> $crate::window::Answer = $refusal;
                let answer = refuse(&window);
                $crate::window::assert_refused(stringify!($command), answer, $code);
            }
        })*
    };
}
