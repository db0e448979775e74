//! Undoing what a job made before it cut over. Nothing of it stays.

use super::{Work, capture, links, neighbours, target};
use crate::{
    error::{Error, Result},
    model::{JobKind, JobStatus},
    sql::{Sql, moves, records::Place},
};

/// Rows deleted by one transaction.
const STEP: u32 = 10_000;

/// Leaves the job in `status`, with everything as it was before it began.
///
/// # Errors
/// When the job has switched over, though the answer to that commit was lost: then [`State::cut_over`](super::state::State) says so.
pub async fn run(work: &mut Work, status: JobStatus) -> Result<()> {
    let schema = work.schema().await?;
    // Nobody else writes from here on, so that a commit whose answer was lost has happened by now, or never will.
    let mut tx = work.store.write_tables().await?;
    if work.recall(&mut tx).await? {
        return Ok(());
    }
    if work.state.cut_over {
        return Err(Error::internal("The job has switched over already."));
    }
    // As it will be left only with the commit that leaves it so: after an attempt that failed it is at work again.
    work.row.status.0 = JobStatus::Running;
    if work.state.created && !work.state.rolling_back {
        work.state.rolling_back = true;
        work.state.waiting = 0;
        let begun = match work.save(&mut tx).await.and_then(|()| work.fault("roll back: begun, before commit")) {
            Ok(()) => tx.commit().await,
            Err(error) => Err(error),
        };
        if begun.as_ref().is_err_and(Error::is_held) {
            // It has to be written down before anything is taken away.
            work.state.rolling_back = false;
        }
        begun?;
    } else {
        drop(tx);
    }
    if work.state.created {
        going_back(work, 0).await?;
    }
    if work.state.created && work.row.kind.0 == JobKind::Dematerialize {
        for i in 0..work.state.parts.len() {
            while copied_rows(work, i).await? {
                going_back(work, i).await?;
            }
        }
        links::take_back(work).await?;
    }
    let mut tx = work.store.write_tables().await?;
    if work.state.created {
        let dialect = tx.dialect;
        for i in 0..work.state.parts.len() {
            let target = work.target(&schema, i)?;
            for statement in capture::drop(dialect, work.row.id, &target.watched()) {
                tx.execute(statement).await?;
            }
            if work.row.kind.0 == JobKind::Dematerialize {
                for index in target.indexes() {
                    tx.execute(moves::delete_index(dialect, &index)).await?;
                }
            } else {
                tx.execute(format!("DROP TABLE IF EXISTS {}", dialect.quote(&target.entity.table))).await?;
            }
        }
        neighbours::unwatch(work, &mut tx, &schema).await?;
        links::discard(work, &mut tx).await?;
        capture::forget_all(&mut tx, work.row.id).await?;
        let mut sql = Sql::new(dialect, "DELETE FROM kdb_dropped_values WHERE drop_id = ");
        sql.bind(work.row.id);
        tx.execute(sql.build()).await?;
    }
    work.state.created = false;
    work.row.status.0 = status;
    work.save(&mut tx).await?;
    work.fault("roll back: before commit")?;
    tx.commit().await
}

/// Lives on for those who look from elsewhere, and tells that it is on its way back.
async fn going_back(work: &mut Work, i: usize) -> Result<()> {
    work.step(i);
    work.beat().await
}

async fn copied_rows(work: &mut Work, i: usize) -> Result<bool> {
    let entity = work.state.parts[i].entity;
    let mut tx = work.store.write_bulk().await?;
    let Some((upto, _)) = target::next(&mut tx, &Place::Shared(entity), "", STEP).await? else { return Ok(false) };
    let mut sql = Sql::new(tx.dialect, "DELETE FROM kdb_records WHERE entity_id = ");
    sql.bind(entity).push(" AND id <= ").bind_id(&upto);
    tx.execute(sql.build()).await?;
    tx.commit().await?;
    Ok(true)
}
