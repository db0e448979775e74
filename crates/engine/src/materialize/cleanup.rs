//! After the switch: the old rows go, a batch at a time. Nobody reads them any more.

use std::time::Instant;

use super::Work;
use crate::{
    error::Result,
    model::{EntityId, JobKind, Schema},
    sql::{
        Backend, Sql,
        columns::{columns, keys},
        compare,
        records::Place,
    },
    store::Tx,
};

const STEP: u32 = 10_000;
/// The same where writers go on meanwhile: the fewer walks over what has been deleted before, the better.
const STEP_ASIDE: u32 = 100_000;
/// Up to here one statement empties the whole table, when nothing else is in it: that takes milliseconds, as no row is looked at.
const AT_ONCE: u32 = 400_000;

pub async fn run(work: &mut Work) -> Result<()> {
    if work.row.kind.0 == JobKind::Dematerialize {
        return Ok(());
    }
    let schema = work.schema().await?;
    // A part that was made shared again by whoever has its rows back from there.
    let ours: Vec<usize> =
        (0..work.state.parts.len()).filter(|i| schema.entity(work.state.parts[*i].entity).is_ok_and(|e| e.is_dedicated())).collect();
    let began = Instant::now();
    if ours.len() == work.state.parts.len() && at_once(work, &schema).await? {
        work.state.parts[0].seconds += began.elapsed().as_secs_f64();
        return Ok(());
    }
    for i in ours {
        let began = Instant::now();
        work.step(i);
        let entity = work.state.parts[i].entity;
        while rows(work, i, entity).await? {
            work.check_stop()?;
            work.step(i);
        }
        for index in indexes(&schema, entity)? {
            while entries(work, &index).await? {
                work.check_stop()?;
            }
        }
        let part = &mut work.state.parts[i];
        part.cleaned = part.total;
        part.seconds += began.elapsed().as_secs_f64();
        work.step(i);
    }
    Ok(())
}

/// What an entity's index rows are under.
fn indexes(schema: &Schema, entity: EntityId) -> Result<Vec<String>> {
    let entity = schema.entity(entity)?;
    let columns = columns(schema, entity);
    let keys = keys(entity, &columns).into_iter().map(|k| k.id);
    Ok(columns.iter().filter(|c| c.has_entries()).map(|c| c.owner.to_string()).chain(keys).collect())
}

/// Empties the shared table when all that is left in it is what this job left.
async fn at_once(work: &mut Work, schema: &Schema) -> Result<bool> {
    if work.state.parts.iter().map(|p| p.records).sum::<u32>() > AT_ONCE {
        return Ok(false);
    }
    let mut tx = work.store.write_bulk().await?;
    // Postgres looks at every row, and others write between two looks. With a trigger SQLite would look at every row too.
    if tx.dialect.backend() == Backend::Postgres || tx.has_triggers(&["kdb_records", "kdb_index_entries"]).await? {
        return Ok(false);
    }
    let entities: Vec<String> = work.state.parts.iter().map(|p| p.entity.to_string()).collect();
    let mut owners = vec![];
    for part in &work.state.parts {
        owners.extend(indexes(schema, part.entity)?);
    }
    for (table, column, ours) in [("kdb_records", "entity_id", &entities), ("kdb_index_entries", "index_id", &owners)] {
        if !holds_only(&mut tx, table, column, ours).await? {
            return Ok(false);
        }
    }
    tx.execute("DELETE FROM kdb_records").await?;
    tx.execute("DELETE FROM kdb_index_entries").await?;
    for part in &mut work.state.parts {
        part.cleaned = part.total;
    }
    work.save(&mut tx).await?;
    work.fault("clean up: at once, before commit")?;
    tx.commit().await?;
    for i in 0..work.state.parts.len() {
        work.step(i);
    }
    Ok(true)
}

/// Whether each value of an index's first column is one of these: hops from value to value, whatever the number of rows.
async fn holds_only(tx: &mut Tx, table: &str, column: &str, ours: &[String]) -> Result<bool> {
    let mut last = String::new();
    loop {
        let mut sql = Sql::new(tx.dialect, &format!("SELECT min({column}) FROM {table} WHERE {column} > "));
        sql.bind_id(&last);
        match tx.row(sql.build()).await?.and_then(|row| row.opt_text(0)) {
            None => return Ok(true),
            Some(found) if !ours.contains(&found) => return Ok(false),
            Some(found) => last = found,
        }
    }
}

async fn rows(work: &mut Work, i: usize, entity: EntityId) -> Result<bool> {
    let mut tx = work.store.write_bulk().await?;
    let step = step(&tx);
    let row = tx.row(compare::range(tx.dialect, &Place::Shared(entity), "", step)).await?;
    let Some((upto, count)) = row.and_then(|row| Some((row.opt_text(0)?, row.count(1).ok()?))) else { return Ok(false) };
    let mut sql = Sql::new(tx.dialect, "DELETE FROM kdb_records WHERE entity_id = ");
    sql.bind(entity).push(" AND id <= ").bind_id(&upto);
    tx.execute(sql.build()).await?;
    let part = &mut work.state.parts[i];
    part.cleaned = (part.cleaned + count).min(part.total);
    work.save(&mut tx).await?;
    work.fault("clean up: batch, before commit")?;
    tx.commit().await?;
    Ok(count == step)
}

fn step(tx: &Tx) -> u32 {
    if tx.dialect.backend() == Backend::Postgres { STEP_ASIDE } else { STEP }
}

async fn entries(work: &mut Work, index: &str) -> Result<bool> {
    let mut tx = work.store.write_bulk().await?;
    let mut sql = Sql::new(tx.dialect, "SELECT value, record_id FROM kdb_index_entries WHERE index_id = ");
    sql.bind_id(index).push(&format!(" ORDER BY value, record_id LIMIT 1 OFFSET {}", step(&tx)));
    let end = tx.row(sql.build()).await?;
    let mut sql = Sql::new(tx.dialect, "DELETE FROM kdb_index_entries WHERE index_id = ");
    sql.bind_id(index);
    if let Some(end) = &end {
        sql.push(" AND (value, record_id) <= (").bind(end.text(0)?).push(", ").bind_id(&end.text(1)?).push(")");
    }
    tx.execute(sql.build()).await?;
    work.save(&mut tx).await?;
    tx.commit().await?;
    Ok(end.is_some())
}
