//! Files and databases into a workspace, looked at through the engine: what becomes of each part, and that a refusal leaves nothing.

mod common;
mod lines;
mod postgres;
mod postgres_values;
mod sources;
mod sqlite;
mod twins;
