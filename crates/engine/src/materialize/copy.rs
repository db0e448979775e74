//! Copying: set-based, in batches by id, each with its checkpoint in the same transaction. No record travels through the program.

use std::time::Instant;

use futures_util::future::{try_join, try_join_all};
use tokio::sync::watch;

use super::{
    Work, ahead, inspect, links,
    pace::Pace,
    state,
    target::{self, Target},
    verify,
};
use crate::{
    error::{ErrorCode, Result},
    model::{JobKind, Phase, Schema, StorageType},
    records::{CHUNK, check},
    sql::{
        Column, Dialect, Sql, Statement,
        columns::keys,
        compare::Rows,
        moves,
        records::{self, Entry},
    },
    store::Tx,
};

/// Records in the first batch, where nothing else was asked for.
pub const FIRST_BATCH: u32 = 4000;
/// The least.
pub const SMALLEST: u32 = 200;

/// Records whose index rows a plan shows where they are written value by value.
const SHOWN: usize = 5;

/// What one batch runs, in order.
fn statements(dialect: &'static dyn Dialect, target: &Target, rows: Rows<'_>) -> Vec<Statement> {
    if target.kind != JobKind::Dematerialize {
        let mut sql = moves::into_columns(dialect, &target.entity.table, &target.columns, "kdb_records");
        sql.push("entity_id = ").bind(target.entity.id).push(" AND ");
        rows.limit(&mut sql, "id");
        return vec![sql.build()];
    }
    let mut sql = moves::into_json(dialect, &target.entity.table, &target.columns, "kdb_records", "entity_id", &target.id());
    rows.limit(&mut sql, "id");
    let mut out = vec![sql.build()];
    let mut bounded = |statement: Statement| {
        let mut sql = Sql::of(dialect, statement);
        sql.push(" AND ");
        rows.limit(&mut sql, "id");
        // A value kept aside because another record has it comes back beside that one's.
        sql.push(" ON CONFLICT DO NOTHING");
        out.push(sql.build());
    };
    for column in target.columns.iter().filter(|c| c.has_entries() && !is_float(c)) {
        bounded(moves::fill_entries(dialect, &target.id(), column));
    }
    for key in keys(&target.entity, &target.columns) {
        let parts: Vec<_> = key.columns.iter().map(|i| &target.columns[*i]).collect();
        if !parts.iter().any(|c| is_float(c)) {
            bounded(moves::fill_key_entries(dialect, &target.id(), &key.id, &parts));
        }
    }
    out
}

fn is_float(column: &Column) -> bool {
    column.storage_type() == StorageType::Float
}

/// Index rows with a float in them: the database writes one with other digits than we do.
async fn float_entries(tx: &mut Tx, target: &Target, rows: Rows<'_>) -> Result<()> {
    let keys = keys(&target.entity, &target.columns);
    let single = target.columns.iter().filter(|c| c.has_entries() && is_float(c)).map(|c| c.owner.to_string());
    let several = keys.iter().filter(|key| key.columns.iter().any(|i| is_float(&target.columns[*i]))).map(|key| key.id.clone());
    let ours: Vec<String> = single.chain(several).collect();
    if ours.is_empty() {
        return Ok(());
    }
    let mut sql = Sql::new(tx.dialect, &format!("SELECT id FROM {} WHERE ", tx.dialect.quote(&target.entity.table)));
    rows.limit(&mut sql, "id");
    let mut ids = tx.texts(sql.build()).await?;
    if tx.rehearses() {
        ids.truncate(SHOWN);
    }
    for ids in ids.chunks(CHUNK) {
        let found = inspect::read(tx, target, &target.dedicated(), ids).await?;
        let entries = found.iter().flat_map(|r| check::entries(&target.columns, &keys, &r.id, &r.values));
        let entries: Vec<Entry> = entries.filter(|e| ours.contains(&e.index)).collect();
        for chunk in entries.chunks(CHUNK) {
            tx.execute(records::add_entries(tx.dialect, chunk)).await?;
        }
    }
    Ok(())
}

/// Copies every entity of the job.
pub async fn run(work: &mut Work) -> Result<()> {
    work.tally.file = work.store.file_version().await?;
    for i in 0..work.state.parts.len() {
        let began = Instant::now();
        let schema = work.schema().await?;
        let target = work.target(&schema, i)?;
        work.step(i);
        forget_uncounted(work, &target, i).await?;
        if lanes(work, &target) > 1 {
            entity(work, &schema, &target, i, |_| ()).await?;
        } else {
            let store = work.store.clone();
            let (progress, copied_to) = watch::channel(String::new());
            let copying = async {
                let result = entity(work, &schema, &target, i, |upto| drop(progress.send_replace(upto.to_owned()))).await;
                drop(progress);
                result
            };
            let (ahead, ()) = try_join(ahead::follow(&store, &target, copied_to), copying).await?;
            work.ahead.insert(target.entity.id, ahead);
        }
        work.state.parts[i].seconds += began.elapsed().as_secs_f64();
    }
    links::carry_over(work).await
}

/// Copies one entity, and tells after each batch how far it is.
async fn entity(work: &mut Work, schema: &Schema, target: &Target, i: usize, tell: impl Fn(&str)) -> Result<()> {
    let mut pace = Pace::new(FIRST_BATCH, work.state.options.batch_size, SMALLEST);
    while !work.state.parts[i].copy_done {
        work.check_signals()?;
        let start = Instant::now();
        match batches(work, target, i, pace.size).await {
            // The table takes no record without a required value.
            Err(error) if error.code == ErrorCode::RequiredMissing => {
                verify::refuse_all(work, schema).await?;
                return Err(error);
            }
            other => other?,
        }
        pace.adapt(&work.store, start.elapsed()).await?;
        work.fault("copy: batch, after commit")?;
        tell(&work.state.parts[i].copied_to);
        work.step_and_look(i).await?;
    }
    Ok(())
}

/// How many batches are copied at once. Going back is one after the other: unique values could make two of them wait for each other.
fn lanes(work: &Work, target: &Target) -> usize {
    if target.kind == JobKind::Dematerialize { 1 } else { work.store.writers() }
}

/// Takes away what was copied after the last checkpoint: by lanes of a process that died, or by a commit whose answer was lost.
async fn forget_uncounted(work: &Work, target: &Target, i: usize) -> Result<()> {
    let copied_to = &work.state.parts[i].copied_to;
    let mut tx = work.store.write_bulk().await?;
    for statement in forgetting(tx.dialect, target, copied_to) {
        tx.execute(statement).await?;
    }
    tx.commit().await
}

/// What takes away the copies of records after this one.
pub fn forgetting(dialect: &'static dyn Dialect, target: &Target, after: &str) -> Vec<Statement> {
    let place = target.destination();
    let mut sql = Sql::new(dialect, &format!("DELETE FROM {} WHERE ", place.table(dialect)));
    place.scope(&mut sql);
    sql.push(" AND id > ").bind_id(after);
    let mut out = vec![sql.build()];
    if target.kind == JobKind::Dematerialize {
        for index in target.indexes() {
            let mut sql = Sql::of(dialect, moves::delete_index(dialect, &index));
            sql.push(" AND record_id > ").bind_id(after);
            out.push(sql.build());
        }
    }
    out
}

/// A batch and the transaction it is copied in.
struct Batch {
    tx: Tx,
    after: String,
    upto: String,
    count: u32,
}

/// Copies the next batches of about `size` records, side by side where the database can. The checkpoint is committed last, so that whatever
/// comes before it has been copied.
async fn batches(work: &mut Work, target: &Target, i: usize, size: u32) -> Result<()> {
    let part = &work.state.parts[i];
    let lanes = lanes(work, target);
    // The last ones are of one size, so that no lane waits for another.
    let rest = part.total.saturating_sub(part.copied).div_ceil(u32::try_from(lanes).unwrap_or(1));
    let size = if lanes > 1 { size.min(rest.max(FIRST_BATCH)) } else { size };
    let mut after = part.copied_to.clone();
    let (mut found, mut last) = (vec![], false);
    while found.len() < lanes && !last {
        let mut tx = work.store.write_bulk().await?;
        let next = target::next(&mut tx, &target.source(), &after, size).await?;
        // A batch that was not full was the last.
        last = next.as_ref().is_none_or(|(_, count)| *count < size);
        let (upto, count) = next.unwrap_or_else(|| (after.clone(), 0));
        found.push(Batch { tx, after: std::mem::replace(&mut after, upto.clone()), upto, count });
    }
    let copies = found.iter_mut().filter(|batch| batch.count > 0);
    try_join_all(copies.map(|batch| copy(&mut batch.tx, target, Rows::Range(&batch.after, &batch.upto)))).await?;
    work.fault("copy: batch, half-way")?;
    let checkpoint = async |work: &mut Work| {
        let part = &mut work.state.parts[i];
        part.copied += found.iter().map(|batch| batch.count).sum::<u32>();
        // Records made meanwhile count too.
        part.total = part.total.max(part.copied);
        part.copied_to = after;
        part.copy_done = last;
        commit(work, found.into_iter().map(|batch| batch.tx)).await
    };
    work.counted(checkpoint).await
}

async fn commit(work: &mut Work, mut found: impl Iterator<Item = Tx>) -> Result<()> {
    let Some(mut first) = found.next() else { return Ok(()) };
    // Before the others commit: whoever has lost the job to another process must not add to the table.
    work.save(&mut first).await?;
    work.fault("copy: batch, before commit")?;
    for beside in found {
        beside.commit().await?;
        work.fault("copy: batch, beside")?;
    }
    first.commit().await
}

/// Copies these records.
pub async fn copy(tx: &mut Tx, target: &Target, rows: Rows<'_>) -> Result<()> {
    if !cast(tx, target, rows).await? {
        for statement in statements(tx.dialect, target, rows) {
            tx.execute(statement).await?;
        }
    }
    if target.kind == JobKind::Dematerialize {
        float_entries(tx, target, rows).await?;
    }
    Ok(())
}

/// Copies without a look at each value, where the database has such a way and all of them fit. Verifying finds what it took wrongly.
async fn cast(tx: &mut Tx, target: &Target, rows: Rows<'_>) -> Result<bool> {
    if target.kind == JobKind::Dematerialize {
        return Ok(false);
    }
    let Some(mut sql) = moves::cast_into_columns(tx.dialect, &target.entity.table, &target.columns, "kdb_records") else {
        return Ok(false);
    };
    sql.push("entity_id = ").bind(target.entity.id).push(" AND ");
    rows.limit(&mut sql, "id");
    tx.execute("SAVEPOINT batch").await?;
    match tx.execute(sql.build()).await {
        Ok(_) => {
            tx.execute("RELEASE SAVEPOINT batch").await?;
            Ok(true)
        }
        // Class 22: a value is not of the type.
        Err(error) if error.details["sqlstate"].as_str().is_some_and(|state| state.starts_with("22")) => {
            tx.execute("ROLLBACK TO SAVEPOINT batch").await?;
            Ok(false)
        }
        Err(error) => Err(error),
    }
}

/// Says in the job's row which phase comes next, before it begins.
pub async fn enter(work: &mut Work, phase: Phase) -> Result<()> {
    let mut tx = work.store.write_bulk().await?;
    work.row.phase.0 = phase;
    state::save(&mut tx, &mut work.row, &work.state).await?;
    tx.commit().await
}
