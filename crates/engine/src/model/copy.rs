//! Copying a whole workspace: how far it is, and what came of it.

use serde::{Deserialize, Serialize};
use specta::Type;

use super::{ids::JobId, job::Phase};

/// A step of a copy. The phases: `validate` (counting, and looking at what an earlier run has copied), `create`, `copy`, `verify`, and
/// `cut_over` (indexes and foreign keys; then the copy can be opened).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub struct CopyProgress {
    /// What it is at: an entity, `Entity.relationship` for the pairs of a many-to-many, or `change events` and the like.
    pub entity: String,
    pub phase: Phase,
    /// Rows of it, done in this phase.
    pub done: u32,
    pub total: u32,
    /// Rows of everything, in all phases.
    pub overall_done: u32,
    pub overall_total: u32,
    /// Rows a second, over the last moments.
    pub rate: u32,
    /// Seconds left for everything, where it can be told.
    pub eta_s: Option<u32>,
}

/// What a copy has carried over; every row of it was compared.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub struct CopyReport {
    pub entities: u32,
    pub relationships: u32,
    pub records: u32,
    pub links: u32,
    /// It went on with what an earlier run had begun.
    pub resumed: bool,
    /// In the list of jobs of the copy.
    pub job: JobId,
    #[specta(type = u32)]
    pub seconds: f64,
}
