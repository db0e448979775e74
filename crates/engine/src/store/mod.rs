//! The only place that talks to a database, and the only one that names sqlx.

pub mod bootstrap;
pub mod busy;
pub mod entity_store;
pub mod errors;
pub mod foreign;
pub mod pool;
pub mod schema_cache;
pub mod system;
pub mod watcher;

pub use entity_store::{EntityStore, SystemRow};
pub use foreign::Foreign;
pub use pool::{Store, Tx};
pub use schema_cache::SchemaCache;
pub use watcher::Watcher;
