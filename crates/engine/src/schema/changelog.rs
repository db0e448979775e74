//! The changelog, and going back and forth in it.

use super::{Edit, Op};
use crate::{
    error::{Error, ErrorCode, Result},
    model::{EntityId, SchemaChange, UndoState},
    sql::Row,
    store::{
        EntityStore, Tx,
        entity_store::Json,
        system::{self, ChangeRow},
    },
};

fn change(row: &ChangeRow) -> SchemaChange {
    SchemaChange {
        id: row.id,
        version: row.version,
        kind: row.kind.clone(),
        description: row.description.clone(),
        entities: row.entities.0.clone(),
        at: row.at.clone(),
        author: row.author.clone(),
        undone: row.state == "undone",
    }
}

/// Entries that still count, newest first; only those that touch `entity`, where one is given.
pub async fn list(tx: &mut Tx, entity: Option<EntityId>) -> Result<Vec<SchemaChange>> {
    let mut rows = EntityStore::<ChangeRow>::scan_all(tx).await?;
    rows.sort_by_key(|r| std::cmp::Reverse(r.version));
    Ok(rows.iter().filter(|r| r.state != "discarded" && entity.is_none_or(|e| r.entities.0.contains(&e))).map(change).collect())
}

/// What a workspace was made with: nobody's edit, and nothing to take back.
pub const BASELINE: &str = "sample";

/// The entry undo would take back: the newest that is applied, as far back as the baseline.
async fn undoable(tx: &mut Tx) -> Result<Option<ChangeRow>> {
    let newest = EntityStore::<ChangeRow>::scan_by(tx, "state", "applied").await?.into_iter().max_by_key(|r| r.version);
    Ok(newest.filter(|r| r.kind != BASELINE))
}

/// The entry redo would bring back: the oldest that is undone.
async fn redoable(tx: &mut Tx) -> Result<Option<ChangeRow>> {
    Ok(EntityStore::<ChangeRow>::scan_by(tx, "state", "undone").await?.into_iter().min_by_key(|r| r.version))
}

/// What to run for [`read_state`]: the same entries as [`undoable`] and [`redoable`], without all that is in them.
pub const STATE: [&str; 2] = [
    "SELECT description, kind FROM kdb_schema_changelog WHERE state = 'applied' ORDER BY version DESC LIMIT 1",
    "SELECT description FROM kdb_schema_changelog WHERE state = 'undone' ORDER BY version LIMIT 1",
];

pub fn read_state(undo: &[Row], redo: &[Row], version: u32) -> UndoState {
    let undo = undo.first().filter(|row| row.opt_text(1).as_deref() != Some(BASELINE)).and_then(|row| row.opt_text(0));
    UndoState { undo, redo: redo.first().and_then(|row| row.opt_text(0)), version }
}

/// Which way through the changelog.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    Undo,
    Redo,
}

/// The next entry in that direction with the ops to apply.
///
/// # Errors
/// `nothing_to_undo`, `nothing_to_redo`.
pub async fn next(tx: &mut Tx, direction: Direction) -> Result<(ChangeRow, Vec<Op>)> {
    let (row, code, nothing) = match direction {
        Direction::Undo => (undoable(tx).await?, ErrorCode::NothingToUndo, "There is nothing to undo."),
        Direction::Redo => (redoable(tx).await?, ErrorCode::NothingToRedo, "There is nothing to redo."),
    };
    let row = row.ok_or_else(|| Error::new(code, nothing))?;
    let ops = if direction == Direction::Undo { &row.down } else { &row.up };
    let ops = serde_json::from_value(ops.0.clone())?;
    Ok((row, ops))
}

/// Applies the next entry's way back (or forth) and marks it. The way again, which may name data put away just now, is written beside it.
///
/// # Errors
/// `nothing_to_undo`, `nothing_to_redo`; whatever the ops meet, such as `unique_violation`, and then nothing has changed.
pub async fn step(edit: &mut Edit<'_>, direction: Direction) -> Result<SchemaChange> {
    let (row, ops) = next(edit.tx, direction).await?;
    edit.refuse_busy(&ops).await?;
    let back = edit.apply_all(ops).await?;
    mark(edit, row, direction, Some(back)).await
}

/// Marks an entry as gone through. `back` replaces its way in the other direction.
pub async fn mark(edit: &mut Edit<'_>, mut row: ChangeRow, direction: Direction, back: Option<Vec<Op>>) -> Result<SchemaChange> {
    let undone = direction == Direction::Undo;
    row.state = if undone { "undone" } else { "applied" }.to_owned();
    if let Some(back) = back {
        let back = Json(serde_json::to_value(back)?);
        if undone {
            row.up = back;
        } else {
            row.down = back;
        }
    }
    EntityStore::put(edit.tx, &row).await?;
    edit.schema.version += 1;
    system::set_schema_version(edit.tx, edit.schema.version).await?;
    Ok(change(&row))
}
