//! Verbs on records. Everything that writes one goes through [`write`], [`delete`] or [`links`]: the rules (types, required, unique,
//! references, primary value, version, change event) stand there and nowhere else.

pub mod check;
pub mod convert;
pub mod delete;
pub mod events;
pub mod links;
pub mod list;
pub mod read;
pub mod write;

use crate::{model::Schema, store::Tx};

/// Ids one statement looks up at a time.
pub const CHUNK: usize = 500;

/// Who writes, from where, as part of what: goes into versions and change events.
#[derive(Debug, Clone)]
pub struct Context {
    /// `window`, `cli`, `import`, `sample`, `cascade`.
    pub origin: String,
    pub author: Option<String>,
    /// The same for all events of one transaction.
    pub transaction: String,
    /// RFC 3339, UTC, to the microsecond.
    pub now: String,
}

impl Context {
    pub fn new(origin: &str, author: Option<String>) -> Self {
        Self { origin: origin.to_owned(), author, transaction: uuid::Uuid::now_v7().to_string(), now: now() }
    }
}

/// This moment as records keep it.
pub fn now() -> String {
    format!("{:.6}", jiff::Timestamp::now())
}

/// What every verb works on: one transaction, the schema as it stands in it, and who is asking.
pub struct Session<'a> {
    pub tx: &'a mut Tx,
    pub schema: &'a Schema,
    pub context: &'a Context,
}
