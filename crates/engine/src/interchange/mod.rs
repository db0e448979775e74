//! Reading and writing other formats: one file (or folder) for each.
//!
//! - [`sqlite`], [`postgres`]: the tables of another program's database become entities, relationships and records by way of [`relational`]
//! - [`ndjson`], [`csv`]: lines into one entity; [`Guess`](crate::model::infer::Guess) finds the fields where there are none, [`fill`] writes the records
//! - [`export`]: an entity's records, in id order
//!
//! An import is one transaction: refused, cancelled or killed, it leaves nothing.

pub mod csv;
pub mod export;
pub mod fill;
pub mod ndjson;
pub mod postgres;
pub mod relational;
pub mod sequence;
pub mod sqlite;

use tokio_util::sync::CancellationToken;

use crate::{
    error::{Error, ErrorCode, Result},
    model::{ImportProgress, NotCarried},
};

/// Records written with one call.
pub const BATCH: usize = 500;

/// What an import could not carry over.
#[derive(Debug, Default)]
pub struct Findings(pub Vec<NotCarried>);

impl Findings {
    pub fn add(&mut self, kind: &str, name: impl Into<String>, reason: impl Into<String>) {
        self.0.push(NotCarried { kind: kind.to_owned(), name: name.into(), reason: reason.into() });
    }
}

/// Whoever waits for an import: told how far it is, and able to stop it.
pub struct Watch<'a> {
    pub on: &'a (dyn Fn(ImportProgress) + Send + Sync),
    pub cancel: &'a CancellationToken,
}

impl Watch<'_> {
    /// # Errors
    /// `cancelled` when it is to stop.
    pub fn check(&self) -> Result<()> {
        if self.cancel.is_cancelled() {
            return Err(stopped());
        }
        Ok(())
    }

    /// Waits for `work`, but no longer than the import goes on.
    ///
    /// # Errors
    /// `cancelled` when it is to stop, and those of `work`.
    pub async fn wait<T>(&self, work: impl Future<Output = Result<T>>) -> Result<T> {
        tokio::select! {
            biased;
            done = work => done,
            () = self.cancel.cancelled() => Err(stopped()),
        }
    }

    /// Tells how far it is.
    ///
    /// # Errors
    /// `cancelled` when it is to stop.
    pub fn step(&self, entity: &str, done: usize, total: Option<usize>) -> Result<()> {
        self.check()?;
        let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        (self.on)(ImportProgress { entity: entity.to_owned(), done: count(done), total: total.map(count) });
        Ok(())
    }
}

fn stopped() -> Error {
    Error::new(ErrorCode::Cancelled, "The import was stopped. Nothing was imported.")
}
