//! Reading records by id, and all of an entity's in id order.

use super::{CHUNK, Session, convert};
use crate::{
    error::{Error, ErrorCode, Result},
    model::{Entity, RecordId},
    sql::{
        Column, Lock,
        columns::columns,
        records::{self, Place, StoredRecord},
    },
};
use serde_json::json;

/// One record with its values by column position.
///
/// # Errors
/// `unknown_record`.
pub async fn one(session: &mut Session<'_>, entity: &Entity, columns: &[Column], id: RecordId) -> Result<StoredRecord> {
    found(session, entity, columns, id, None).await
}

/// The same, and nobody else changes it until the transaction ends.
///
/// # Errors
/// `unknown_record`.
pub async fn to_change(session: &mut Session<'_>, entity: &Entity, columns: &[Column], id: RecordId) -> Result<StoredRecord> {
    found(session, entity, columns, id, Some(Lock::Change)).await
}

async fn found(session: &mut Session<'_>, entity: &Entity, columns: &[Column], id: RecordId, lock: Option<Lock>) -> Result<StoredRecord> {
    by_ids(session, entity, columns, &[id.to_string()], lock).await?.pop().ok_or_else(|| unknown(entity, &id.to_string()))
}

pub fn unknown(entity: &Entity, id: &str) -> Error {
    Error::new(ErrorCode::UnknownRecord, format!("{} has no record {id}. It may have been deleted.", entity.title()))
        .with(json!({ "entity": entity.name, "record": id }))
}

/// Those of the records that exist, in no order.
pub async fn by_ids(
    session: &mut Session<'_>,
    entity: &Entity,
    columns: &[Column],
    ids: &[String],
    lock: Option<Lock>,
) -> Result<Vec<StoredRecord>> {
    let place = Place::of(entity);
    let dialect = session.tx.dialect;
    let mut out = vec![];
    for chunk in ids.chunks(CHUNK) {
        for row in session.tx.rows(records::select_by_id(dialect, &place, columns, chunk, lock)).await? {
            out.push(convert::stored(dialect, &place, columns, &row)?);
        }
    }
    Ok(out)
}

/// The next records after `after` in id order; call again with the last id until fewer than `limit` come.
pub async fn after(session: &mut Session<'_>, entity: &Entity, after: &str, limit: u32) -> Result<Vec<StoredRecord>> {
    let place = Place::of(entity);
    let columns = columns(session.schema, entity);
    let dialect = session.tx.dialect;
    let rows = session.tx.rows(records::select_after(dialect, &place, &columns, after, limit)).await?;
    rows.iter().map(|row| convert::stored(dialect, &place, &columns, row)).collect()
}
