//! After the switch: the old rows go, a batch at a time. Nobody reads them any more.

use std::time::Instant;

use futures_util::future::try_join;

use super::{Work, empty, foresee::AGAIN, links, pace::Pace, pages, target};
use crate::{
    error::{Error, Result},
    model::{EntityId, JobKind, Schema},
    sql::{
        Dialect, Sql, Statement,
        columns::{columns, keys},
        records::{self, Place},
    },
    store::{Store, Tx},
};

/// The fewest.
const SMALLEST: u32 = 1_000;
/// Rows deleted at first by one statement.
const STEP: u32 = 10_000;
/// The same where writers go on meanwhile: the fewer walks over what has been deleted before, the better.
const STEP_ASIDE: u32 = 100_000;

pub async fn run(work: &mut Work) -> Result<()> {
    count(work).await?;
    if work.row.kind.0 == JobKind::Dematerialize {
        return Ok(());
    }
    links::clean_up(work).await?;
    let schema = work.schema().await?;
    // A part that was made shared again by whoever has its rows back from there.
    let ours: Vec<usize> =
        (0..work.state.parts.len()).filter(|i| schema.entity(work.state.parts[*i].entity).is_ok_and(|e| e.is_dedicated())).collect();
    let began = Instant::now();
    let left: Vec<Vec<String>> = ours.iter().map(|i| indexes(&schema, work.state.parts[*i].entity)).collect::<Result<_>>()?;
    let all = left.concat();
    let whole = ours.len() == work.state.parts.len() && empty::at_once(work, &all).await?;
    if whole || work.store.writers() > 1 && pages::sweep(work, &ours, &all).await? {
        let share = began.elapsed().as_secs_f64() / ours.len().max(1) as f64;
        for i in ours {
            work.state.parts[i].seconds += share;
        }
        return Ok(());
    }
    for (i, indexes) in ours.into_iter().zip(left) {
        let began = Instant::now();
        work.step(i);
        let entity = work.state.parts[i].entity;
        let mut rows = Sweep::default();
        let mut indexes = indexes.into_iter();
        let mut entries = indexes.next().map(|index| (index, Sweep::default()));
        // Both at once, where the database has room for two who write.
        let aside = work.store.writers() > 1;
        let mut pace = Pace::new(STEP, aside.then_some(STEP_ASIDE), SMALLEST);
        while !rows.done || entries.is_some() {
            work.check_stop()?;
            let (begun, step) = (Instant::now(), pace.size);
            let going = entries.as_mut().filter(|_| aside || rows.done);
            let store = work.store.clone();
            let at_most = work.state.parts[i].records;
            let beside = async {
                match going {
                    Some((index, sweep)) => delete_entries(&store, index, sweep, step, at_most).await,
                    None => Ok(()),
                }
            };
            try_join(delete_rows(work, i, entity, &mut rows, step), beside).await?;
            pace.adapt(&work.store, begun.elapsed()).await?;
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

/// What [`run`] would do, rehearsed: the first batch of what goes batch by batch. Returns whether the shared tables can be emptied at once.
pub async fn rehearse(work: &Work, tx: &mut Tx, schema: &Schema) -> Result<bool> {
    if work.row.kind.0 == JobKind::Dematerialize {
        return Ok(false);
    }
    let from = tx.noted();
    links::rehearse_clean_up(work, tx).await?;
    tx.mark(from, AGAIN);
    let ours: Vec<usize> = (0..work.state.parts.len()).collect();
    let left: Vec<Vec<String>> = ours.iter().map(|i| indexes(schema, work.state.parts[*i].entity)).collect::<Result<_>>()?;
    let all = left.concat();
    let from = tx.noted();
    if empty::rehearse(work, tx, &all).await? {
        tx.mark(from, "-- where nobody has written other records meanwhile, else batch by batch");
        return Ok(true);
    }
    if work.store.writers() == 1 || !pages::rehearse(work, tx, &ours, &all).await? {
        let step = if work.store.writers() > 1 { STEP_ASIDE } else { STEP };
        for (part, left) in work.state.parts.iter().zip(left) {
            let end = if part.records > step { target::next(tx, &Place::Shared(part.entity), "", step).await? } else { None };
            tx.execute(deleting_rows(tx.dialect, part.entity, "", end.as_ref().map(|(id, _)| id.as_str()))).await?;
            for index in left {
                let (range, end) = next_entries(tx, &index, None, (step, part.records)).await?;
                tx.execute(deleting_entries(tx.dialect, &range, end.as_ref())).await?;
            }
        }
    }
    tx.mark(from, AGAIN);
    Ok(false)
}

/// Counts what has moved. Not while it is switched over: counting takes a while, and everybody waits for that.
async fn count(work: &mut Work) -> Result<()> {
    let schema = work.schema().await?;
    for i in 0..work.state.parts.len() {
        let place = Place::of(schema.entity(work.state.parts[i].entity)?);
        let mut tx = work.store.read().await?;
        work.state.parts[i].records = tx.count(records::count(tx.dialect, &place)).await?;
    }
    links::count(work).await
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

/// Deletes the next records, with the checkpoint in the same transaction.
async fn delete_rows(work: &mut Work, i: usize, entity: EntityId, sweep: &mut Sweep, step: u32) -> Result<()> {
    if sweep.done {
        return Ok(());
    }
    let mut tx = work.store.write_bulk().await?;
    let after = sweep.upto.take().map(|(id, _)| id).unwrap_or_default();
    // Nobody makes new ones: when the rest is small enough, there is no need to look where it ends.
    if work.state.parts[i].records.saturating_sub(work.state.parts[i].cleaned) > step {
        let next = target::next(&mut tx, &Place::Shared(entity), &after, step).await?;
        sweep.upto = next.map(|(id, _)| (id, String::new()));
    }
    sweep.done = sweep.upto.is_none();
    let statement = deleting_rows(tx.dialect, entity, &after, sweep.upto.as_ref().map(|(id, _)| id.as_str()));
    let count = u32::try_from(tx.execute(statement).await?).unwrap_or(u32::MAX);
    let checkpoint = async |work: &mut Work| {
        let part = &mut work.state.parts[i];
        part.cleaned = part.cleaned.saturating_add(count).min(part.total);
        work.save(&mut tx).await?;
        work.fault("clean up: batch, before commit")?;
        tx.commit().await
    };
    work.counted(checkpoint).await
}

/// Deletes the next index rows under `index`, of which there are `at_most` so many.
async fn delete_entries(store: &Store, index: &str, sweep: &mut Sweep, step: u32, at_most: u32) -> Result<()> {
    let mut tx = store.write_bulk().await?;
    let (range, end) = next_entries(&mut tx, index, sweep.upto.take(), (step, at_most.saturating_sub(sweep.deleted))).await?;
    sweep.upto = end;
    sweep.done = sweep.upto.is_none();
    let gone = tx.execute(deleting_entries(tx.dialect, &range, sweep.upto.as_ref())).await?;
    sweep.deleted = sweep.deleted.saturating_add(u32::try_from(gone).unwrap_or(u32::MAX));
    tx.commit().await
}

fn deleting_rows(dialect: &'static dyn Dialect, entity: EntityId, after: &str, upto: Option<&str>) -> Statement {
    let mut sql = Sql::new(dialect, "DELETE FROM kdb_records WHERE entity_id = ");
    sql.bind(entity).push(" AND id > ").bind_id(after);
    if let Some(id) = upto {
        sql.push(" AND id <= ").bind_id(id);
    }
    sql.build()
}

/// The index rows after one, without their head, and the last of the next `step` of them where more than that are `left`.
async fn next_entries(
    tx: &mut Tx,
    index: &str,
    after: Option<(String, String)>,
    (step, left): (u32, u32),
) -> Result<(Statement, Option<(String, String)>)> {
    let mut range = Sql::new(tx.dialect, "FROM kdb_index_entries WHERE index_id = ");
    range.bind_id(index);
    if let Some((value, record)) = after {
        range.push(" AND (value, record_id) > (").bind(value).push(", ").bind_id(&record).push(")");
    }
    let range = range.build();
    if left <= step {
        return Ok((range, None));
    }
    let mut sql = headed(tx.dialect, "SELECT value, record_id", &range);
    sql.push(&format!(" ORDER BY value, record_id LIMIT 1 OFFSET {step}"));
    let end = tx.row(sql.build()).await?;
    let end = end.map(|end| Ok::<_, Error>((end.text(0)?, end.text(1)?))).transpose()?;
    Ok((range, end))
}

fn deleting_entries(dialect: &'static dyn Dialect, range: &Statement, upto: Option<&(String, String)>) -> Statement {
    let mut sql = headed(dialect, "DELETE", range);
    if let Some((value, record)) = upto {
        sql.push(" AND (value, record_id) <= (").bind(value.clone()).push(", ").bind_id(record).push(")");
    }
    sql.build()
}

fn headed(dialect: &'static dyn Dialect, head: &str, range: &Statement) -> Sql {
    Sql::of(dialect, Statement { text: format!("{head} {}", range.text), binds: range.binds.clone() })
}
