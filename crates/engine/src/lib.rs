//! Stoneware's engine: everything that is not a screen.
//!
//! Who may know whom: `model ← sql ← store ← schema, records ← materialize, query, interchange ← transfer ← engine`.
//!
//! - [`model`]: pure nouns, and what counts as a value
//! - [`sql`]: model in, SQL text and binds out; one algorithm, a short file for each database
//! - [`store`]: the only place that talks to a database; system tables under typed keys
//! - `schema`, `records`: the verbs; the one write path is in `records`
//! - `materialize`: from the shared table to a table of its own and back, in phases a crash cannot break
//! - `query`: conditions people write
//! - `interchange`: one file for each format read or written
//! - `transfer`: a whole workspace into another one, whatever database each lies on
//! - `jobs`: progress, cancel, resume
//! - [`Engine`]: the operations every shell calls
pub mod engine;
pub mod error;
pub mod interchange;
pub mod jobs;
pub mod materialize;
pub mod model;
pub mod query;
pub mod records;
pub mod sample;
pub mod schema;
pub mod sql;
pub mod store;
pub mod transfer;

pub use engine::Engine;
pub use error::{Error, ErrorCode, Result};
