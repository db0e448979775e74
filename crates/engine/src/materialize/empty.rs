//! Emptying the shared tables at once, when all that is left in them is what this job left. That looks at no row, or at none of them singly.

use std::time::Duration;

use super::Work;
use crate::{
    error::{ErrorCode, Result},
    sql::{Backend, Sql},
    store::Tx,
};

/// So many records go in the time of a batch where one writes at a time: pages are given back one by one.
const RECORDS: u32 = 400_000;
/// The same where nobody has written anything while the job was at it. Should somebody begin just then, they wait for two seconds at most.
const RECORDS_ALONE: u32 = 2_000_000;
/// How long transactions that are older than the cut-over are waited for.
const PATIENCE: Duration = Duration::from_secs(2);
const LOOK: Duration = Duration::from_millis(50);
/// Who waits for a whole table keeps everybody behind them waiting.
const LOCK_TIMEOUT: &str = "SET LOCAL lock_timeout = '60ms'";
const TABLES: [&str; 2] = ["kdb_records", "kdb_index_entries"];

/// `indexes` is what the entities' index rows are under. Returns whether it was possible.
pub async fn at_once(work: &mut Work, indexes: &[String]) -> Result<bool> {
    // Asked first while others write: beside their records there is no need to keep anybody waiting.
    if !holds_only_ours(work, &mut work.store.read().await?, indexes).await? {
        return Ok(false);
    }
    let tx = if work.store.dialect().backend() == Backend::Postgres { on_server(work).await? } else { in_file(work).await? };
    let Some(mut tx) = tx else { return Ok(false) };
    if !holds_only_ours(work, &mut tx, indexes).await? {
        return Ok(false);
    }
    take_all(&mut tx).await?;
    let checkpoint = async |work: &mut Work| {
        for part in &mut work.state.parts {
            part.cleaned = part.total;
        }
        work.save(&mut tx).await?;
        work.fault("clean up: at once, before commit")?;
        tx.commit().await
    };
    work.counted(checkpoint).await?;
    for i in 0..work.state.parts.len() {
        work.step(i);
    }
    Ok(true)
}

/// The same rehearsed, for a job nobody else writes beside. Returns whether it would be possible.
pub async fn rehearse(work: &Work, tx: &mut Tx, indexes: &[String]) -> Result<bool> {
    let possible = if tx.dialect.backend() == Backend::Postgres {
        tx.may_truncate(&TABLES).await?
    } else {
        few_enough(work, RECORDS_ALONE) && !tx.has_triggers(&TABLES).await?
    };
    if !possible || !holds_only_ours(work, tx, indexes).await? {
        return Ok(false);
    }
    if tx.dialect.backend() == Backend::Postgres {
        lock(tx).await?;
    }
    take_all(tx).await?;
    Ok(true)
}

async fn take_all(tx: &mut Tx) -> Result<()> {
    if tx.dialect.backend() == Backend::Postgres {
        tx.execute(format!("TRUNCATE {}", TABLES.join(", "))).await?;
        return Ok(());
    }
    for table in TABLES {
        tx.execute(format!("DELETE FROM {table}")).await?;
    }
    Ok(())
}

async fn holds_only_ours(work: &Work, tx: &mut Tx, indexes: &[String]) -> Result<bool> {
    let entities: Vec<String> = work.state.parts.iter().map(|p| p.entity.to_string()).collect();
    Ok(holds_only(tx, TABLES[0], "entity_id", &entities).await? && holds_only(tx, TABLES[1], "index_id", indexes).await?)
}

fn few_enough(work: &Work, limit: u32) -> bool {
    work.state.parts.iter().map(|p| p.records).sum::<u32>() <= limit
}

async fn in_file(work: &Work) -> Result<Option<Tx>> {
    if !few_enough(work, if work.tally.alone { RECORDS_ALONE } else { RECORDS }) {
        return Ok(None);
    }
    let mut tx = work.store.write_bulk().await?;
    // With a trigger SQLite would look at every row.
    Ok((!tx.has_triggers(&TABLES).await?).then_some(tx))
}

/// A truncated table is empty for everybody, also for a snapshot from before the cut-over, which looks for its records there.
async fn on_server(work: &Work) -> Result<Option<Tx>> {
    let mut tx = work.store.read().await?;
    if !tx.may_truncate(&TABLES).await? {
        return Ok(None);
    }
    let mut older = tx.others().await?;
    drop(tx);
    let begun = std::time::Instant::now();
    while !older.is_empty() {
        if begun.elapsed() > PATIENCE {
            return Ok(None);
        }
        tokio::time::sleep(LOOK).await;
        work.check_stop()?;
        let now = work.store.read().await?.others().await?;
        older.retain(|transaction| now.contains(transaction));
    }
    let mut tx = work.store.write_tables().await?;
    match lock(&mut tx).await {
        Ok(()) => Ok(Some(tx)),
        Err(error) if error.code == ErrorCode::Busy => Ok(None),
        Err(error) => Err(error),
    }
}

async fn lock(tx: &mut Tx) -> Result<()> {
    tx.execute(LOCK_TIMEOUT).await?;
    tx.execute(format!("LOCK TABLE {} IN ACCESS EXCLUSIVE MODE", TABLES.join(", "))).await.map(|_| ())
}

/// Whether each value of an index's first column is one of these: hops from value to value, whatever the number of rows.
async fn holds_only(tx: &mut Tx, table: &str, column: &str, ours: &[String]) -> Result<bool> {
    let mut last = String::new();
    loop {
        let mut sql = Sql::new(tx.dialect, &format!("SELECT {column} FROM {table} WHERE {column} > "));
        sql.bind_id(&last).push(&format!(" ORDER BY {column} LIMIT 1"));
        match tx.row(sql.build()).await?.and_then(|row| row.opt_text(0)) {
            None => return Ok(true),
            Some(found) if !ours.contains(&found) => return Ok(false),
            Some(found) => last = found,
        }
    }
}
