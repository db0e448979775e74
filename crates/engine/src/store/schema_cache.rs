//! The schema as of its version: read once, kept until someone (this process or another) edits it.

use std::sync::{Arc, Mutex, PoisonError};

use super::{Tx, system};
use crate::{error::Result, model::Schema};

#[derive(Debug, Default)]
pub struct SchemaCache(Mutex<Arc<Schema>>);

impl SchemaCache {
    /// The schema as this transaction sees it. Inside a write transaction nobody can change it until the commit.
    pub async fn current(&self, tx: &mut Tx) -> Result<Arc<Schema>> {
        let version = system::schema_version(tx).await?;
        tx.knows_schema(version);
        let cached = self.known();
        if cached.version == version && version > 0 {
            return Ok(cached);
        }
        let fresh = Arc::new(system::load_schema(tx).await?);
        self.keep(fresh.clone());
        Ok(fresh)
    }

    /// The schema as it was last seen; of version 0 when it never was.
    pub fn known(&self) -> Arc<Schema> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub fn keep(&self, schema: Arc<Schema>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = schema;
    }
}
