//! The only place that talks to a database, and the only one that names sqlx.

pub mod alone;
mod batch;
pub mod bootstrap;
pub mod busy;
mod catalogue;
mod checkpoint;
mod dependents;
pub mod entity_store;
pub mod errors;
pub mod foreign;
mod line;
mod patience;
mod postgres;
mod postgres_cells;
pub mod reach;
pub mod rehearsal;
pub mod rights;
pub mod schema_cache;
mod sqlite;
pub mod system;
mod turn;
mod tx;
pub mod watcher;

pub use catalogue::ReferringColumn;
pub use dependents::{Dependent, DependentTrigger};
pub use entity_store::{EntityStore, SystemRow};
pub use foreign::Foreign;
pub use patience::{Patience, Tries, Waiter};
pub use rehearsal::Shape;
pub use schema_cache::SchemaCache;
pub use tx::{Store, Tx};
pub use watcher::{News, Watcher};
