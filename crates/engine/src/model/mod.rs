//! Pure nouns. Knows neither SQL nor any database.

pub mod change;
pub mod connection;
pub mod copy;
pub mod digits;
pub mod edit;
pub mod entity;
pub mod field;
pub mod ids;
pub mod infer;
pub mod job;
pub mod name;
pub mod plan;
pub mod record;
pub mod relationship;
pub mod schema;
pub mod value;
pub mod wire;
pub mod workspace;

pub use change::*;
pub use connection::*;
pub use copy::*;
pub use edit::*;
pub use entity::*;
pub use field::*;
pub use ids::*;
pub use job::*;
pub use plan::*;
pub use record::*;
pub use relationship::*;
pub use schema::Schema;
pub use workspace::*;
