//! What is copied in one go, as it is never much: the schema, its history, positions, and the jobs that have ended.

use serde_json::json;

use super::sum::Sum;
use crate::{
    error::{Error, ErrorCode, Result},
    model::{JobKind, JobStatus},
    store::{
        EntityStore, SystemRow, Tx,
        system::{AttachmentRow, ChangeRow, EntityRow, FieldRow, JobRow, PositionRow, RelationshipRow},
    },
};

#[derive(Debug)]
pub struct System {
    entities: Vec<EntityRow>,
    fields: Vec<FieldRow>,
    attachments: Vec<AttachmentRow>,
    relationships: Vec<RelationshipRow>,
    positions: Vec<PositionRow>,
    changes: Vec<ChangeRow>,
    jobs: Vec<JobRow>,
}

impl System {
    pub async fn read(tx: &mut Tx) -> Result<Self> {
        let ended = |row: &JobRow| !matches!(row.status.0, JobStatus::Running | JobStatus::Paused | JobStatus::Interrupted);
        let mut jobs = EntityStore::<JobRow>::scan_all(tx).await?;
        // How a workspace came to be where it is says nothing of its copy.
        jobs.retain(|row| ended(row) && row.kind.0 != JobKind::Copy);
        Ok(Self {
            entities: EntityStore::scan_all(tx).await?,
            fields: EntityStore::scan_all(tx).await?,
            attachments: EntityStore::scan_all(tx).await?,
            relationships: EntityStore::scan_all(tx).await?,
            positions: EntityStore::scan_all(tx).await?,
            changes: EntityStore::scan_all(tx).await?,
            jobs,
        })
    }

    /// In an order in which each row finds what it refers to.
    pub async fn write(&self, tx: &mut Tx) -> Result<()> {
        EntityStore::insert_all(tx, &self.entities).await?;
        EntityStore::insert_all(tx, &self.fields).await?;
        EntityStore::insert_all(tx, &self.attachments).await?;
        EntityStore::insert_all(tx, &self.relationships).await?;
        EntityStore::insert_all(tx, &self.positions).await?;
        EntityStore::insert_all(tx, &self.changes).await?;
        EntityStore::insert_all(tx, &self.jobs).await
    }

    /// The same for the same rows, on either database.
    pub fn sum(&self) -> Sum {
        Sum::of(&format!("{self:?}"))
    }

    /// # Errors
    /// `corrupt` with the table and the first rows that differ.
    pub fn compare(&self, copy: &Self) -> Result<()> {
        same(&self.entities, &copy.entities)?;
        same(&self.fields, &copy.fields)?;
        same(&self.attachments, &copy.attachments)?;
        same(&self.relationships, &copy.relationships)?;
        same(&self.positions, &copy.positions)?;
        same(&self.changes, &copy.changes)?;
        same(&self.jobs, &copy.jobs)
    }
}

fn same<R: SystemRow + PartialEq>(source: &[R], copy: &[R]) -> Result<()>
where
    R::Key: std::fmt::Display,
{
    if source == copy {
        return Ok(());
    }
    let missing = source.iter().filter(|row| !copy.contains(row));
    let strange = copy.iter().filter(|row| !source.contains(row));
    let mut rows: Vec<String> = missing.chain(strange).map(|row| row.key().to_string()).collect();
    rows.dedup();
    rows.truncate(super::verify::LISTED);
    Err(Error::new(
        ErrorCode::Corrupt,
        format!("What was copied of {} differs from the source. Run the same copy again: it is begun anew.", R::TABLE),
    )
    .with(json!({ "table": R::TABLE, "rows": rows, "count": source.len(), "copied": copy.len() })))
}
