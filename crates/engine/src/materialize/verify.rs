//! Comparing every record of both sides, before anything is switched over. The database compares, on several connections at once and
//! without keeping writers waiting; the few records it cannot pass are looked at again and, where they should differ, set right.

use std::{
    collections::{BTreeSet, HashSet},
    time::Instant,
};

use futures_util::{TryStreamExt as _, future::join_all, stream::FuturesUnordered};
use serde_json::{Map, Value, json};

use super::{
    Work,
    capture::{self, Among},
    inspect::{self, Settle},
    links, neighbours, problems,
    target::{self, Target},
};
use crate::{
    error::{Error, ErrorCode, Result},
    model::{JobKind, OnInvalid, Schema},
    records::CHUNK,
    sql::{
        Backend, Dialect, Sql, Statement,
        compare::{self, Rows},
        records::{self, Place, StoredRecord},
        tables,
    },
    store::{Store, Tx},
};

/// Records one statement compares.
pub const STEP: u32 = 10_000;
/// The same on a server, where finding the next records costs more.
const STEP_ASIDE: u32 = 25_000;

pub async fn run(work: &mut Work) -> Result<()> {
    for i in 0..work.state.parts.len() {
        if work.state.parts[i].check_done {
            continue;
        }
        let began = Instant::now();
        let schema = work.schema().await?;
        let target = work.target(&schema, i)?;
        // What was compared while it was copied counts from the first.
        let ahead = work.ahead.get(&target.entity.id).map_or(0, |ahead| ahead.seen);
        work.state.parts[i].checked = ahead.min(work.state.parts[i].total);
        work.step(i);
        records_of(work, &schema, &target, i).await?;
        counts(work, &target).await?;
        if target.kind != JobKind::Dematerialize {
            orphans(work, &schema, &target, i).await?;
            indexes(work, &schema, &target, i).await?;
        }
        let part = &mut work.state.parts[i];
        part.check_done = true;
        part.checked = part.total;
        part.seconds += began.elapsed().as_secs_f64();
        let mut tx = work.store.write_bulk().await?;
        work.save(&mut tx).await?;
        work.fault("verify: entity, before commit")?;
        tx.commit().await?;
        work.step(i);
    }
    links::compare(work).await?;
    if work.row.kind.0 != JobKind::Dematerialize {
        let schema = work.schema().await?;
        neighbours::compare(work, &schema).await?;
    }
    work.tally.alone = work.tally.file.is_some() && work.tally.file == work.store.file_version().await?;
    Ok(())
}

async fn records_of(work: &mut Work, schema: &Schema, target: &Target, i: usize) -> Result<()> {
    let readers = work.store.readers();
    let step = if work.store.dialect().backend() == Backend::Postgres { STEP_ASIDE } else { STEP };
    let sorted = keys_sorted(&work.store, target).await?;
    let ahead = work.ahead.remove(&target.entity.id).unwrap_or_default();
    for ids in ahead.differing.chunks(CHUNK) {
        settle(work, schema, target, i, ids).await?;
    }
    let (mut last, mut ended) = (ahead.upto, false);
    // As many as there are processors, each of them followed by the next: none waits for another.
    let mut running = FuturesUnordered::new();
    loop {
        while running.len() < readers && !ended {
            match next_range(&work.store, target, &last, step).await? {
                None => ended = true,
                Some((upto, count)) => {
                    let after = std::mem::replace(&mut last, upto.clone());
                    running.push(compared(work.store.clone(), target.clone(), sorted, (after, upto, count)));
                }
            }
        }
        work.check_signals()?;
        let Some((found, count)) = running.try_next().await? else { return Ok(()) };
        for ids in found.chunks(CHUNK) {
            settle(work, schema, target, i, ids).await?;
        }
        let part = &mut work.state.parts[i];
        part.checked = (part.checked + count).min(part.total);
        work.beat().await?;
        work.step_and_look(i).await?;
    }
}

async fn next_range(store: &Store, target: &Target, after: &str, step: u32) -> Result<Option<(String, u32)>> {
    let mut tx = store.read().await?;
    tx.prefer_indexes().await?;
    target::next(&mut tx, &target.shared(), after, step).await
}

/// What differs between the two ids, and how many records were looked at.
async fn compared(store: Store, target: Target, sorted: bool, range: (String, String, u32)) -> Result<(Vec<String>, u32)> {
    let (after, upto, count) = range;
    Ok((differing(&store, &target, sorted, &after, &upto).await?, count))
}

pub async fn differing(store: &Store, target: &Target, sorted: bool, after: &str, upto: &str) -> Result<Vec<String>> {
    let mut tx = store.read().await?;
    let statement = comparison(tx.dialect, target, sorted, after, upto);
    tx.rows(statement).await?.iter().map(|row| row.text(0)).collect()
}

pub fn comparison(dialect: &'static dyn Dialect, target: &Target, sorted: bool, after: &str, upto: &str) -> Statement {
    compare::differing(dialect, &target.id(), &target.entity.table, &target.columns, sorted, Rows::Range(after, upto))
}

/// In which order the JSON texts have their keys, judged by one of them.
pub async fn keys_sorted(store: &Store, target: &Target) -> Result<bool> {
    let mut tx = store.read().await?;
    let mut sql = Sql::new(tx.dialect, "SELECT data FROM kdb_records WHERE entity_id = ");
    sql.bind(target.entity.id).push(" ORDER BY id LIMIT 1");
    let text = tx.row(sql.build()).await?.and_then(|row| row.opt_text(0)).unwrap_or_default();
    let mut places: Vec<(usize, &str)> =
        target.columns.iter().filter_map(|c| Some((text.find(&format!("\"{}\":", c.storage))?, c.storage.as_str()))).collect();
    places.sort_unstable();
    Ok(places.is_sorted_by_key(|(_, storage)| *storage))
}

/// Looks at records that differ. Those that should are set right; those written meanwhile are copied again later.
///
/// # Errors
/// `invalid_values` with every value in the way; `verify_failed` with the records that differ for no reason.
async fn settle(work: &mut Work, schema: &Schema, target: &Target, i: usize, ids: &[String]) -> Result<()> {
    if ids.is_empty() {
        return Ok(());
    }
    let settle = Settle { on_invalid: work.state.options.on_invalid, job: Some(work.row.id), twice: &HashSet::new() };
    let mut tx = work.store.write_bulk().await?;
    let mut expected = inspect::expected(&mut tx, schema, target, ids, &settle).await?;
    let mut unlike = inspect::unlike(&mut tx, target, &expected).await?;
    // Asked last: where others write meanwhile, whatever of theirs was read above is noted by now.
    let noted = capture::noted(&mut tx, work.row.id, target.entity.id.0, Among::These(ids)).await?.ids;
    let ids: Vec<String> = ids.iter().filter(|id| !noted.contains(id)).cloned().collect();
    expected.forget(&noted);
    unlike.retain(|row| !noted.contains(&row.id));
    if !expected.problems.is_empty() {
        drop(tx);
        return refuse_all(work, schema).await;
    }
    if expected.rows.len() < ids.len() {
        return Err(mismatch(target, ids.iter().filter(|id| expected.rows.iter().all(|r| r.id != **id)).map(String::as_str)));
    }
    if unlike.iter().any(|row| !expected.deviating.contains(&row.id)) {
        return Err(mismatch(target, unlike.iter().filter(|r| !expected.deviating.contains(&r.id)).map(|r| r.id.as_str())));
    }
    if unlike.is_empty() && expected.nulled.is_empty() {
        return Ok(());
    }
    // Some misfits come out of the database as null already: they too are remembered.
    set_right(work, tx, target, i, (&unlike, &[]), &expected.nulled).await
}

/// Writes the records over what was copied of them, without those that are gone.
async fn set_right(
    work: &mut Work,
    mut tx: Tx,
    target: &Target,
    i: usize,
    (rows, gone): (&[StoredRecord], &[String]),
    nulled: &[(String, Map<String, Value>)],
) -> Result<()> {
    let fix = async |work: &mut Work| {
        inspect::replace(&mut tx, target, rows, gone, true).await?;
        work.remember_nulled(&mut tx, i, nulled).await?;
        work.save(&mut tx).await?;
        work.fault("verify: fix, before commit")?;
        tx.commit().await
    };
    work.counted(fix).await
}

/// Lists everything in the way of the whole job.
///
/// # Errors
/// `invalid_values` with every value in the way.
pub async fn refuse_all(work: &Work, schema: &Schema) -> Result<()> {
    let on_invalid = work.state.options.on_invalid;
    let mut all = problems::Found::default();
    for i in 0..work.state.parts.len() {
        all.join(problems::find(&work.store, schema, &work.target(schema, i)?, on_invalid, None).await?);
    }
    all.join(links::orphans::find(&mut work.store.read().await?, schema, &work.state.parts, on_invalid).await?);
    all.join(neighbours::find(&mut work.store.read().await?, schema, &work.state.parts).await?);
    inspect::refuse(&all.problems, all.count)
}

fn mismatch<'a>(target: &Target, records: impl Iterator<Item = &'a str>) -> Error {
    let records: Vec<&str> = records.collect();
    let shown: Vec<&str> = records.iter().copied().take(100).collect();
    Error::new(
        ErrorCode::VerifyFailed,
        format!(
            "{} records of {} were not copied as they are, so nothing was switched over. Try again.",
            records.len(),
            target.entity.name
        ),
    )
    .with(json!({ "entity": target.entity.name, "count": records.len(), "records": shown }))
}

/// Both sides have as many records, those written meanwhile aside.
async fn counts(work: &Work, target: &Target) -> Result<()> {
    let mut tx = work.store.read().await?;
    let noted = capture::noted::<String>(&mut tx, work.row.id, target.entity.id.0, Among::All).await?.ids;
    let (mut sides, places) = ([0i64; 2], [target.source(), target.destination()]);
    for (side, place) in sides.iter_mut().zip(&places) {
        *side = i64::from(tx.count(records::count(tx.dialect, place)).await?);
        for chunk in noted.chunks(CHUNK) {
            *side -= i64::try_from(tx.rows(records::existing(tx.dialect, place, chunk, None)).await?.len()).unwrap_or_default();
        }
    }
    let [source, copy] = sides;
    if source == copy {
        return Ok(());
    }
    Err(Error::new(
        ErrorCode::VerifyFailed,
        format!("{} has {source} records, and {copy} were copied, so nothing was switched over. Try again.", target.entity.name),
    )
    .with(json!({ "entity": target.entity.name, "records": source, "copied": copy })))
}

/// References to nothing, which plain SQL can leave behind: they are settled like any value that does not fit.
async fn orphans(work: &mut Work, schema: &Schema, target: &Target, i: usize) -> Result<()> {
    for column in &target.columns {
        let Some(referenced) = column.target else { continue };
        let mut tx = work.store.read().await?;
        let dialect = tx.dialect;
        let place = Place::of(schema.entity(referenced)?);
        let native = format!("t.{}", dialect.quote(&column.storage));
        let mut sql = Sql::new(dialect, &format!("SELECT t.id FROM {} t WHERE {native} IS NOT NULL", dialect.quote(&target.entity.table)));
        sql.push(" AND NOT ");
        place.has(&mut sql, dialect, &native);
        let ids: Vec<String> = tx.rows(sql.build()).await?.iter().map(|row| row.text(0)).collect::<Result<_>>()?;
        drop(tx);
        for ids in ids.chunks(CHUNK) {
            settle(work, schema, target, i, ids).await?;
        }
    }
    Ok(())
}

/// Makes the indexes the table should have: after the copy, as filling one row by row takes longer. Where values that must be unique stand
/// twice, which plain SQL can leave behind, they are settled like any that does not fit.
async fn indexes(work: &mut Work, schema: &Schema, target: &Target, i: usize) -> Result<()> {
    let violated = |made: &Result<()>| made.as_ref().is_err_and(|error| error.code == ErrorCode::UniqueViolation);
    let mut made = make_indexes(work, schema, target, i).await;
    if violated(&made) && work.state.options.on_invalid != OnInvalid::Abort {
        doubles(work, schema, target, i).await?;
        made = make_indexes(work, schema, target, i).await;
    }
    if violated(&made) {
        let mut tx = work.store.read().await?;
        let found = problems::duplicates(&mut tx, target, &target.dedicated(), OnInvalid::Abort).await?;
        inspect::refuse(&found.problems, found.count)?;
    }
    made
}

/// Settles unique values that stand twice: all but the first of each are kept aside or set to null.
async fn doubles(work: &mut Work, schema: &Schema, target: &Target, i: usize) -> Result<()> {
    let (mut twice, mut ids) = (HashSet::new(), BTreeSet::new());
    let mut tx = work.store.read().await?;
    for (c, column) in target.columns.iter().enumerate().filter(|(_, c)| inspect::may_settle(c)) {
        for problem in problems::twice(&mut tx, target, &target.dedicated(), &[column], None).await? {
            twice.insert((problem.record.to_string(), c));
            ids.insert(problem.record.to_string());
        }
    }
    drop(tx);
    let settle = Settle { on_invalid: work.state.options.on_invalid, job: Some(work.row.id), twice: &twice };
    let ids: Vec<String> = ids.into_iter().collect();
    for ids in ids.chunks(CHUNK) {
        work.check_signals()?;
        let mut tx = work.store.write_bulk().await?;
        // Those written meanwhile too, as they would keep the index from being made; they are copied again later.
        let expected = inspect::expected(&mut tx, schema, target, ids, &settle).await?;
        let gone: Vec<String> = ids.iter().filter(|id| expected.rows.iter().all(|row| row.id != **id)).cloned().collect();
        set_right(work, tx, target, i, (&expected.rows, &gone), &expected.nulled).await?;
    }
    Ok(())
}

async fn make_indexes(work: &mut Work, schema: &Schema, target: &Target, i: usize) -> Result<()> {
    let there = work.store.read().await?.table_indexes(&target.entity.table).await?;
    let wanted = indexes_of(work.store.dialect(), &work.after(schema), target);
    let missing = wanted.into_iter().filter(|index| !there.contains(&index.name));
    for lot in missing.collect::<Vec<_>>().chunks(work.store.writers()) {
        work.check_signals()?;
        work.step_and_look(i).await?;
        // All of them end before one's error is told: an index that is still being made would be in the way of the next attempt.
        let made = join_all(lot.iter().map(|index| make_index(work, &index.ddl)));
        work.waiting.living(made).await.into_iter().collect::<Result<()>>()?;
        work.beat().await?;
    }
    Ok(())
}

/// Indexes the table gets. `after`: the schema as it will be.
pub fn indexes_of(dialect: &dyn Dialect, after: &Schema, target: &Target) -> Vec<tables::Index> {
    if target.kind == JobKind::Dematerialize { vec![] } else { tables::indexes(dialect, after, &target.entity) }
}

async fn make_index(work: &Work, ddl: &str) -> Result<()> {
    let mut tx = work.store.write_bulk().await?;
    tx.execute(ddl).await?;
    work.fault("verify: index, before commit")?;
    tx.commit().await
}
