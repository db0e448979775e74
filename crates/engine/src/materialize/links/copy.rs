//! Copying pairs, copying again what was written meanwhile, and comparing both sides.

use serde_json::json;
use std::time::Instant;

use super::{super::copy::FIRST_BATCH, super::copy::SMALLEST, super::pace::Pace, super::verify, Moving, nth, orphans};
use crate::{
    error::{Error, ErrorCode, Result},
    materialize::{
        Work,
        capture::{self, Among, Read},
        inspect,
    },
    model::{EntityId, JobKind, OnInvalid, Schema},
    records::CHUNK,
    sql::{
        Sql,
        pairs::{Ends, LINK, Pairs, Which},
        records::Place,
        shown, tables,
    },
    store::Tx,
};

/// Copies them in batches, each with its checkpoint in the same transaction.
pub async fn carry_over(work: &mut Work) -> Result<()> {
    for i in 0..work.state.moving.len() {
        let mut pace = Pace::new(FIRST_BATCH, work.state.options.batch_size, SMALLEST);
        while !work.state.moving[i].copy_done {
            work.check_signals()?;
            let begun = Instant::now();
            batch(work, i, pace.size).await?;
            pace.adapt(&work.store, begun.elapsed()).await?;
            work.fault("copy: pairs, after commit")?;
            work.step_and_look(work.state.moving[i].part).await?;
        }
    }
    Ok(())
}

async fn batch(work: &mut Work, i: usize, size: u32) -> Result<()> {
    let moving = work.state.moving[i].clone();
    let (from, to) = moving.places(work.row.kind.0);
    let mut tx = work.store.write_bulk().await?;
    let end = nth(&mut tx, &from, &moving.copied_to, size).await?;
    let copied = tx.execute(to.filled_from(tx.dialect, &from, Which::Range(&moving.copied_to, end.as_ref()))).await?;
    let checkpoint = async |work: &mut Work| {
        let at = &mut work.state.moving[i];
        at.copied = at.copied.saturating_add(u32::try_from(copied).unwrap_or(u32::MAX));
        at.total = at.total.max(at.copied);
        at.copy_done = end.is_none();
        at.copied_to = end.unwrap_or_default();
        work.save(&mut tx).await?;
        work.fault("copy: pairs, before commit")?;
        tx.commit().await
    };
    work.counted(checkpoint).await
}

/// Copies pairs written meanwhile again. Within [`Work::counted`].
pub async fn catch_up(work: &mut Work, tx: &mut Tx, schema: &Schema, i: usize, among: Among<'_, Ends>) -> Result<Read> {
    let (moving, kind, dialect) = (work.state.moving[i].clone(), work.row.kind.0, tx.dialect);
    let noted = capture::noted(tx, work.row.id, moving.relationship.0, among).await?;
    let (from, to) = moving.places(kind);
    for some in noted.ids.chunks(CHUNK).map(Which::These) {
        tx.execute(to.delete(dialect, some)).await?;
        if kind != JobKind::Dematerialize {
            let mut sql = Sql::new(dialect, "DELETE FROM kdb_dropped_links WHERE drop_id = ");
            sql.bind_id(&moving.aside.to_string());
            some.limit(sql.push(" AND "), "");
            tx.execute(sql.build()).await?;
        }
        tx.execute(to.filled_from(dialect, &from, some)).await?;
        settle(work, tx, schema, &moving, some).await?;
    }
    capture::forget(tx, work.row.id, moving.relationship.0, &noted).await?;
    work.carried(moving.part, noted.ids.len());
    Ok(noted.read)
}

/// Puts pairs that refer to nothing aside, as the job's options say.
///
/// # Errors
/// `invalid_values` with all of them, where they are to stop the job.
async fn settle(work: &Work, tx: &mut Tx, schema: &Schema, moving: &Moving, some: Which<'_>) -> Result<()> {
    if work.row.kind.0 == JobKind::Dematerialize {
        return Ok(());
    }
    let (dialect, relationship) = (tx.dialect, schema.relationship(moving.relationship)?);
    if !any_missing(tx, schema, moving, some).await? {
        return Ok(());
    }
    if work.state.options.on_invalid == OnInvalid::Abort {
        let found = orphans::find(tx, schema, &work.state.parts, OnInvalid::Abort).await?;
        return inspect::refuse(&found.problems, found.count);
    }
    let mut sql = Sql::new(dialect, &format!("INSERT INTO kdb_dropped_links (drop_id, {LINK}) SELECT "));
    sql.bind_id(&moving.aside.to_string()).push(&format!(", {LINK} FROM kdb_record_links WHERE "));
    orphans::missing(&mut sql, dialect, schema, relationship)?;
    some.limit(sql.push(" AND "), "");
    sql.push(" ON CONFLICT DO NOTHING");
    tx.execute(sql.build()).await?;
    let mut sql = Sql::new(dialect, &format!("DELETE FROM {} WHERE (source_id, target_id) IN (", dialect.quote(&moving.table)));
    sql.push("SELECT source_id, target_id FROM kdb_dropped_links WHERE drop_id = ").bind_id(&moving.aside.to_string()).push(")");
    some.limit(sql.push(" AND "), "");
    tx.execute(sql.build()).await?;
    Ok(())
}

/// The same in the cut-over, when nobody else writes: first what nobody noted is found. A pair put aside may have got the end it lacked,
/// and plain SQL may have taken an end from an entity that has its table already.
///
/// `unwatched`: entities outside the job of which not everything written was noted.
pub async fn catch_up_last(work: &mut Work, tx: &mut Tx, schema: &Schema, i: usize, unwatched: &[EntityId]) -> Result<()> {
    let (moving, kind, dialect) = (work.state.moving[i].clone(), work.row.kind.0, tx.dialect);
    tx.keep_writers_out(&moving.places(kind).0.table(dialect)).await?;
    if kind != JobKind::Dematerialize {
        let relationship = schema.relationship(moving.relationship)?;
        let note = || capture::noting_pairs(dialect, work.row.id, relationship.id);
        let mut sql = note();
        sql.push("kdb_dropped_links WHERE drop_id = ").bind_id(&moving.aside.to_string()).push(" AND ");
        orphans::whole(&mut sql, dialect, schema, relationship, "kdb_dropped_links")?;
        sql.push(" ON CONFLICT DO NOTHING");
        tx.execute(sql.build()).await?;
        if let Some(other) = [relationship.source, relationship.target].into_iter().find(|id| unwatched.contains(id)) {
            tx.keep_writers_out(&Place::of(schema.entity(other)?).table(dialect)).await?;
            let mut sql = note();
            orphans::missing(sql.push("kdb_record_links WHERE "), dialect, schema, relationship)?;
            sql.push(" ON CONFLICT DO NOTHING");
            tx.execute(sql.build()).await?;
        }
    }
    catch_up(work, tx, schema, i, Among::All).await.map(|_| ())
}

/// Compares every pair of both sides, and makes the index for the way back.
///
/// # Errors
/// `verify_failed` with the pairs that differ for no reason; as [`settle`].
pub async fn compare(work: &mut Work) -> Result<()> {
    let (kind, schema) = (work.row.kind.0, work.schema().await?);
    for i in 0..work.state.moving.len() {
        let moving = work.state.moving[i].clone();
        let (from, to) = moving.places(kind);
        work.state.moving[i].checked = 0;
        for (one, other, forth) in [(&from, &to, true), (&to, &from, false)] {
            let (mut after, mut more) = (Ends::default(), true);
            while more {
                work.check_signals()?;
                let end = nth(&mut work.store.read().await?, one, &after, verify::STEP).await?;
                let some = Which::Range(&after, end.as_ref());
                if forth {
                    range(work, &schema, &moving, some).await?;
                    let at = &mut work.state.moving[i];
                    at.checked = (at.checked + verify::STEP).min(at.total);
                }
                same(work, &schema, &moving, (one, other), some).await?;
                more = end.is_some();
                after = end.unwrap_or_default();
                work.beat().await?;
                work.step_and_look(moving.part).await?;
            }
        }
        if kind != JobKind::Dematerialize {
            index(work, &schema, &moving).await?;
        }
        work.state.moving[i].checked = moving.total;
    }
    Ok(())
}

/// Whether one of them refers to nothing.
async fn any_missing(tx: &mut Tx, schema: &Schema, moving: &Moving, some: Which<'_>) -> Result<bool> {
    let mut sql = Sql::new(tx.dialect, "SELECT 1 FROM kdb_record_links WHERE ");
    orphans::missing(&mut sql, tx.dialect, schema, schema.relationship(moving.relationship)?)?;
    some.limit(sql.push(" AND "), "");
    sql.push(" LIMIT 1");
    Ok(tx.row(sql.build()).await?.is_some())
}

/// Looks first without keeping writers waiting, and settles where there is something to settle.
async fn range(work: &Work, schema: &Schema, moving: &Moving, some: Which<'_>) -> Result<()> {
    if work.row.kind.0 == JobKind::Dematerialize || !any_missing(&mut work.store.read().await?, schema, moving, some).await? {
        return Ok(());
    }
    let mut tx = work.store.write_bulk().await?;
    settle(work, &mut tx, schema, moving, some).await?;
    tx.commit().await
}

async fn same(work: &Work, schema: &Schema, moving: &Moving, (one, other): (&Pairs, &Pairs), some: Which<'_>) -> Result<()> {
    let mut tx = work.store.read().await?;
    let rows = tx.rows(one.unlike(tx.dialect, other, some, &moving.aside.to_string())).await?;
    let mut unlike = rows.iter().map(|row| Ok([row.text(0)?, row.text(1)?])).collect::<Result<Vec<Ends>>>()?;
    for pairs in unlike.clone().chunks(CHUNK) {
        // Asked last: whatever others wrote and was read above is noted by now.
        let noted = capture::noted(&mut tx, work.row.id, moving.relationship.0, Among::These(pairs)).await?;
        unlike.retain(|pair| noted.ids.binary_search(pair).is_err());
    }
    if unlike.is_empty() {
        return Ok(());
    }
    let name = &schema.relationship(moving.relationship)?.name;
    let shown: Vec<&Ends> = unlike.iter().take(100).collect();
    Err(Error::new(
        ErrorCode::VerifyFailed,
        format!("{} pairs of {name} were not copied as they are, so nothing was switched over. Try again.", unlike.len()),
    )
    .with(json!({ "relationship": name, "count": unlike.len(), "pairs": shown })))
}

/// Notes in a rehearsal what [`compare`] runs; `mark` stands before what only looks.
pub async fn foresee_comparing(work: &Work, tx: &mut Tx, moving: &Moving, schema: &Schema, mark: &str) -> Result<()> {
    let (dialect, (from, to)) = (tx.dialect, moving.places(work.row.kind.0));
    let end = nth(tx, &from, &Ends::default(), verify::STEP).await?;
    for (one, other) in [(&from, &to), (&to, &from)] {
        let looks = one.unlike(dialect, other, Which::Range(&Ends::default(), end.as_ref()), &moving.aside.to_string());
        tx.note(format!("{mark}\n{}", shown(dialect.backend(), &looks)));
    }
    if work.row.kind.0 != JobKind::Dematerialize {
        tx.execute(tables::junction_index(dialect, &moving.of(schema)?).1).await?;
    }
    Ok(())
}

async fn index(work: &Work, schema: &Schema, moving: &Moving) -> Result<()> {
    let (name, ddl) = tables::junction_index(work.store.dialect(), &moving.of(schema)?);
    if work.store.read().await?.table_indexes(&moving.table).await?.contains(&name) {
        return Ok(());
    }
    let mut tx = work.store.write_bulk().await?;
    tx.execute(ddl).await?;
    work.fault("verify: pairs' index, before commit")?;
    tx.commit().await
}
