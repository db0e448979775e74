//! Every command of the window, called as the window calls it, on Tauri's mock runtime.

mod bindings;
