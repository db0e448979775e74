//! Many-to-many pairs that refer to records that are not there, which plain SQL can leave behind: the junction table of their own, with its
//! foreign keys, takes none of them.

use serde_json::Value;

use crate::materialize::{
    problems::{Found, LISTED},
    state::Part,
    target,
};
use crate::{
    error::Result,
    model::{JobKind, OnInvalid, Problem, ProblemKind, Relationship, Schema},
    records::convert,
    sql::{Dialect, Sql, records::Place},
    store::Tx,
};

/// A problem, and the first id of its pair.
pub type Bad = (String, Problem);

/// The many-to-manys that get a table of their own with this job.
pub fn moving(schema: &Schema, parts: &[Part]) -> Vec<Relationship> {
    let after = target::after(schema, parts, JobKind::Materialize);
    target::moving_links(schema, &after).into_iter().filter(|r| after.has_junction_table(r)).cloned().collect()
}

/// Where the records of both ends lie.
fn places(schema: &Schema, relationship: &Relationship) -> Result<[Place; 2]> {
    Ok([Place::of(schema.entity(relationship.source)?), Place::of(schema.entity(relationship.target)?)])
}

/// Appends the condition for pairs of a relationship one of whose ends is missing.
pub fn missing(sql: &mut Sql, dialect: &dyn Dialect, schema: &Schema, relationship: &Relationship) -> Result<()> {
    sql.push("relationship_id = ").bind(relationship.id).push(" AND NOT ");
    whole(sql, dialect, schema, relationship, "kdb_record_links")
}

/// Appends the condition that both ends of a pair in `table` are there.
pub fn whole(sql: &mut Sql, dialect: &dyn Dialect, schema: &Schema, relationship: &Relationship, table: &str) -> Result<()> {
    let [source, target] = places(schema, relationship)?;
    source.has(sql.push("("), dialect, &format!("{table}.source_id"));
    target.has(sql.push(" AND "), dialect, &format!("{table}.target_id"));
    sql.push(")");
    Ok(())
}

/// All of them in the way of a job; the first are listed, the others counted. With `null` and `keep` none is.
pub async fn find(tx: &mut Tx, schema: &Schema, parts: &[Part], on_invalid: OnInvalid) -> Result<Found> {
    let mut found = Found::default();
    if on_invalid != OnInvalid::Abort {
        return Ok(found);
    }
    for relationship in moving(schema, parts) {
        let mut sql = Sql::new(tx.dialect, "SELECT count(*) FROM kdb_record_links WHERE ");
        missing(&mut sql, tx.dialect, schema, &relationship)?;
        let count = tx.count(sql.build()).await?;
        let room = u32::try_from(LISTED.saturating_sub(found.problems.len())).unwrap_or_default();
        if count > 0 && room > 0 {
            let listed = list(tx, schema, &relationship, ("", ">"), Some(room)).await?;
            found.problems.extend(listed.into_iter().map(|(_, problem)| problem));
        }
        found.count += count;
    }
    Ok(found)
}

/// The next pairs whose first id compares so with another, in order.
async fn list(
    tx: &mut Tx,
    schema: &Schema,
    relationship: &Relationship,
    (id, compares): (&str, &str),
    limit: Option<u32>,
) -> Result<Vec<Bad>> {
    let dialect = tx.dialect;
    let [source, target] = places(schema, relationship)?;
    let mut sql = Sql::new(dialect, "SELECT source_id, target_id, CASE WHEN ");
    source.has(&mut sql, dialect, "kdb_record_links.source_id");
    sql.push(" THEN 1 ELSE 0 END, CASE WHEN ");
    target.has(&mut sql, dialect, "kdb_record_links.target_id");
    sql.push(" THEN 1 ELSE 0 END FROM kdb_record_links WHERE ");
    missing(&mut sql, dialect, schema, relationship)?;
    if !id.is_empty() {
        sql.push(&format!(" AND source_id {compares} ")).bind_id(id);
    }
    sql.push(" ORDER BY source_id, target_id");
    if let Some(limit) = limit {
        sql.push(&format!(" LIMIT {limit}"));
    }
    let rows = tx.rows(sql.build()).await?;
    rows.iter()
        .map(|row| {
            let (first, second) = (row.text(0)?, row.text(1)?);
            // Named by the record that is there, so that it can be looked at.
            let from_target = row.integer(2)? == 0 && row.integer(3)? == 1;
            let (entity, record, value) =
                if from_target { (relationship.target, row.id(1)?, first.clone()) } else { (relationship.source, row.id(0)?, second) };
            let problem = Problem {
                entity: schema.entity(entity)?.name.clone(),
                record,
                field: relationship.name.clone(),
                value: Value::String(value),
                reason: convert::ORPHAN.to_owned(),
                kind: ProblemKind::Orphan,
                settles: true,
            };
            Ok((first, problem))
        })
        .collect()
}

/// The next ones after those of a record, all of each record: `limit` or a few more, fewer when that was all.
pub async fn page(tx: &mut Tx, schema: &Schema, relationship: &Relationship, after: &str, limit: u32) -> Result<Vec<Bad>> {
    let mut found = list(tx, schema, relationship, (after, ">"), Some(limit)).await?;
    if let Some((last, _)) = found.last().cloned()
        && found.len() >= limit as usize
    {
        found.retain(|(first, _)| *first != last);
        found.extend(list(tx, schema, relationship, (&last, "="), None).await?);
    }
    Ok(found)
}
