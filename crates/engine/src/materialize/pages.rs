//! On a server the old rows go by the pages they lie on, where they are most of a table: a row is met where it lies, without an index that
//! would have to be asked for each, and all the job's entities go in one walk.

use futures_util::future::try_join_all;
use std::time::{Duration, Instant};

use super::{
    Work,
    pace::{AIM_ASIDE, adapted},
};
use crate::{
    error::Result,
    sql::{Bind, Dialect, Sql, Statement},
    store::{Store, Tx},
};

/// Pages walked at first by one statement.
const FIRST: u32 = 2_000;
/// The least.
const SMALLEST: u32 = 100;
/// So many of our rows on a page make the walk worth it; fewer are found quicker one by one.
const ROWS: u32 = 2;

/// A walk through one table.
struct Walk {
    table: &'static str,
    column: &'static str,
    ours: Vec<String>,
    next: u32,
    end: u32,
    step: u32,
}

/// Takes away what the job's `parts` and `indexes` have left; returns false, and does nothing, where it is not worth it.
pub async fn sweep(work: &mut Work, parts: &[usize], indexes: &[String]) -> Result<bool> {
    let mut tx = work.store.read().await?;
    let Some(mut walks) = walks(work, &mut tx, parts, indexes).await? else { return Ok(false) };
    drop(tx);
    let pages: u32 = walks.iter().map(|walk| walk.end).sum();
    while walks.iter().any(|walk| walk.next < walk.end) {
        work.check_stop()?;
        let (mut batches, lanes) = (vec![], work.store.writers());
        // At the end the lanes share what is left, so that none waits long for another.
        let left: u32 = walks.iter().map(|walk| walk.end - walk.next).sum();
        let share = left.div_ceil(u32::try_from(lanes).unwrap_or(1));
        for _ in 0..lanes {
            let Some((i, walk)) = walks.iter_mut().enumerate().max_by_key(|(_, walk)| walk.end - walk.next) else { break };
            if walk.next < walk.end {
                let from = walk.next;
                walk.next = walk.end.min(from + walk.step.min(share));
                batches.push((i, from, walk.next));
            }
        }
        let took = try_join_all(batches.iter().map(|(i, from, to)| delete(&work.store, &walks[*i], *from, *to))).await?;
        // Before the checkpoint all have committed: it might wait for who waits for them.
        for ((i, from, to), took) in batches.iter().zip(took) {
            walks[*i].step = adapted(to - from, took, AIM_ASIDE, SMALLEST);
        }
        let walked = f64::from(walks.iter().map(|walk| walk.next).sum::<u32>()) / f64::from(pages);
        let checkpoint = async |work: &mut Work| {
            for i in parts {
                let part = &mut work.state.parts[*i];
                part.cleaned = (f64::from(part.total) * walked) as u32;
            }
            let mut tx = work.store.write_bulk().await?;
            work.save(&mut tx).await?;
            work.fault("clean up: batch, before commit")?;
            tx.commit().await
        };
        work.counted(checkpoint).await?;
        for i in parts {
            work.step(*i);
        }
    }
    Ok(true)
}

/// None where it is not worth it.
async fn walks(work: &Work, tx: &mut Tx, parts: &[usize], indexes: &[String]) -> Result<Option<Vec<Walk>>> {
    let entities: Vec<String> = parts.iter().map(|i| work.state.parts[*i].entity.to_string()).collect();
    let records: u32 = parts.iter().map(|i| work.state.parts[*i].records).sum();
    let entries = records.saturating_mul(u32::try_from(indexes.len()).unwrap_or(u32::MAX));
    let mut walks = vec![];
    for (table, column, ours, rows) in
        [("kdb_records", "entity_id", entities.as_slice(), records), ("kdb_index_entries", "index_id", indexes, entries)]
    {
        let end = tx.pages(table).await?;
        if ours.is_empty() {
            continue;
        }
        if rows / ROWS < end {
            return Ok(None);
        }
        walks.push(Walk { table, column, ours: ours.to_vec(), next: 0, end, step: FIRST });
    }
    Ok(Some(walks))
}

/// The first batches of a [`sweep`] rehearsed; returns whether it is worth it.
pub async fn rehearse(work: &Work, tx: &mut Tx, parts: &[usize], indexes: &[String]) -> Result<bool> {
    let Some(walks) = walks(work, tx, parts, indexes).await? else { return Ok(false) };
    for walk in walks {
        tx.execute(deleting(tx.dialect, &walk, 0, walk.end.min(FIRST))).await?;
    }
    Ok(true)
}

fn deleting(dialect: &'static dyn Dialect, walk: &Walk, from: u32, to: u32) -> Statement {
    let mut sql = Sql::new(dialect, &format!("DELETE FROM {} WHERE ctid >= '({from},0)' AND ctid < '({to},0)' AND ", walk.table));
    sql.push(&format!("{} IN (", walk.column)).bind_all(Bind::ids(&walk.ours)).push(")");
    sql.build()
}

async fn delete(store: &Store, walk: &Walk, from: u32, to: u32) -> Result<Duration> {
    let begun = Instant::now();
    let mut tx = store.write_bulk().await?;
    tx.execute(deleting(tx.dialect, walk, from, to)).await?;
    tx.commit().await?;
    Ok(begun.elapsed())
}
