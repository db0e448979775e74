//! Files into a workspace, looked at through the engine: what becomes of each part, and that a refusal leaves nothing.

mod lines;
mod sqlite;
