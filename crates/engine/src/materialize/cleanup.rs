//! After the switch: the old rows go, a batch at a time. Nobody reads them any more.

use std::time::Instant;

use futures_util::future::try_join;

use super::{Work, target};
use crate::{
    error::{Error, Result},
    model::{EntityId, JobKind, Schema},
    sql::{
        Backend, Sql, Statement,
        columns::{columns, keys},
        records::{self, Place},
    },
    store::{Store, Tx},
};

const STEP: u32 = 10_000;
/// The same where writers go on meanwhile: the fewer walks over what has been deleted before, the better.
const STEP_ASIDE: u32 = 100_000;
/// Up to here one statement empties the whole table, when nothing else is in it: that takes milliseconds, as no row is looked at.
const AT_ONCE: u32 = 400_000;

pub async fn run(work: &mut Work) -> Result<()> {
    count(work).await?;
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
        let mut rows = Sweep::default();
        let mut indexes = indexes(&schema, entity)?.into_iter();
        let mut entries = indexes.next().map(|index| (index, Sweep::default()));
        // Both at once, where the database has room for two who write.
        let aside = work.store.writers() > 1;
        while !rows.done || entries.is_some() {
            work.check_stop()?;
            let going = entries.as_mut().filter(|_| aside || rows.done);
            let store = work.store.clone();
            let at_most = work.state.parts[i].records;
            let beside = async {
                match going {
                    Some((index, sweep)) => delete_entries(&store, index, sweep, at_most).await,
                    None => Ok(()),
                }
            };
            try_join(delete_rows(work, i, entity, &mut rows), beside).await?;
            if entries.as_ref().is_some_and(|(_, sweep)| sweep.done) {
                entries = indexes.next().map(|index| (index, Sweep::default()));
            }
            work.beat().await?;
            work.step(i);
        }
        let part = &mut work.state.parts[i];
        part.cleaned = part.total;
        part.seconds += began.elapsed().as_secs_f64();
        work.step(i);
    }
    Ok(())
}

/// Counts what has moved. Not while it is switched over: counting takes a while, and everybody waits for that.
async fn count(work: &mut Work) -> Result<()> {
    let schema = work.schema().await?;
    for i in 0..work.state.parts.len() {
        let place = Place::of(schema.entity(work.state.parts[i].entity)?);
        let mut tx = work.store.read().await?;
        work.state.parts[i].records = tx.count(records::count(tx.dialect, &place)).await?;
    }
    Ok(())
}

/// How far rows have been deleted. What is behind is not looked at again: a database passes over deleted rows one by one.
#[derive(Debug, Default)]
struct Sweep {
    /// The last key deleted: an id, or an entry's value and record.
    upto: Option<(String, String)>,
    deleted: u32,
    done: bool,
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

/// Deletes the next records, with the checkpoint in the same transaction.
async fn delete_rows(work: &mut Work, i: usize, entity: EntityId, sweep: &mut Sweep) -> Result<()> {
    if sweep.done {
        return Ok(());
    }
    let mut tx = work.store.write_bulk().await?;
    let step = step(&tx);
    let after = sweep.upto.take().map(|(id, _)| id).unwrap_or_default();
    let mut sql = Sql::new(tx.dialect, "DELETE FROM kdb_records WHERE entity_id = ");
    sql.bind(entity).push(" AND id > ").bind_id(&after);
    // Nobody makes new ones: when the rest is small enough, there is no need to look where it ends.
    if work.state.parts[i].records.saturating_sub(work.state.parts[i].cleaned) > step {
        let next = target::next(&mut tx, &Place::Shared(entity), &after, step).await?;
        sweep.upto = next.map(|(id, _)| (id, String::new()));
    }
    match &sweep.upto {
        Some((id, _)) => drop(sql.push(" AND id <= ").bind_id(id)),
        None => sweep.done = true,
    }
    let count = u32::try_from(tx.execute(sql.build()).await?).unwrap_or(u32::MAX);
    let part = &mut work.state.parts[i];
    part.cleaned = part.cleaned.saturating_add(count).min(part.total);
    work.save(&mut tx).await?;
    work.fault("clean up: batch, before commit")?;
    tx.commit().await
}

fn step(tx: &Tx) -> u32 {
    if tx.dialect.backend() == Backend::Postgres { STEP_ASIDE } else { STEP }
}

/// Deletes the next index rows under `index`, of which there are `at_most` so many.
async fn delete_entries(store: &Store, index: &str, sweep: &mut Sweep, at_most: u32) -> Result<()> {
    let mut tx = store.write_bulk().await?;
    let step = step(&tx);
    let mut range = Sql::new(tx.dialect, "FROM kdb_index_entries WHERE index_id = ");
    range.bind_id(index);
    if let Some((value, record)) = sweep.upto.take() {
        range.push(" AND (value, record_id) > (").bind(value).push(", ").bind_id(&record).push(")");
    }
    let range = range.build();
    let begun = |what: &str| Sql::of(tx.dialect, Statement { text: format!("{what} {}", range.text), binds: range.binds.clone() });
    if at_most.saturating_sub(sweep.deleted) > step {
        let mut sql = begun("SELECT value, record_id");
        sql.push(&format!(" ORDER BY value, record_id LIMIT 1 OFFSET {step}"));
        let end = tx.row(sql.build()).await?;
        sweep.upto = end.map(|end| Ok::<_, Error>((end.text(0)?, end.text(1)?))).transpose()?;
    }
    let mut sql = begun("DELETE");
    match &sweep.upto {
        Some((value, record)) => drop(sql.push(" AND (value, record_id) <= (").bind(value.clone()).push(", ").bind_id(record).push(")")),
        None => sweep.done = true,
    }
    sweep.deleted = sweep.deleted.saturating_add(u32::try_from(tx.execute(sql.build()).await?).unwrap_or(u32::MAX));
    tx.commit().await
}
