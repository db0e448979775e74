//! What a job will run, told by the code that runs it: on a snapshot, where what writes is only written down. Of what goes batch by batch
//! the first batch stands for all.

use std::sync::Arc;

use super::{
    Work, cleanup, copy, cutover,
    links::{self, Moving},
    run,
    start::{Request, rehearsed},
    state::Part,
    target::{self, Target},
    verify,
};
use crate::{
    error::Result,
    model::Schema,
    schema::ahead,
    sql::{
        compare::Rows,
        pairs::{Ends, Which},
    },
    store::{SchemaCache, Shape, Store, Tx},
};

/// What stands before a statement that runs again for other records.
pub const AGAIN: &str = "-- again for each of the batches that follow";
/// Before one that only looks.
const LOOK: &str = "-- compares both sides, again for each of the batches";

/// What a rehearsal tells.
pub struct Foreseen {
    /// In order, but for those with which the job writes down in its own row how far it is.
    pub statements: Vec<String>,
    /// Many-to-manys whose pairs move.
    pub moving: Vec<Moving>,
    /// Whether the shared tables can be emptied at once.
    pub at_once: bool,
}

/// `counts`: the parts' records.
pub async fn job(
    store: &Store,
    cache: &Arc<SchemaCache>,
    (request, parts): (Request, Vec<Part>),
    schema: &Schema,
    counts: &[u32],
) -> Result<Foreseen> {
    let mut work = rehearsed(store, cache, request, parts)?;
    for (part, count) in work.state.parts.iter_mut().zip(counts) {
        (part.total, part.records) = (*count, *count);
    }
    let targets: Vec<Target> = (0..counts.len()).map(|i| work.target(schema, i)).collect::<Result<_>>()?;
    let mut tx = store.rehearse().await?;
    let tx = &mut tx;
    run::make(&mut work, tx, schema).await?;
    for target in &targets {
        copied(&work, tx, target).await?;
    }
    pairs_copied(&work, tx).await?;
    compared(&work, tx, schema, &targets).await?;
    let (_, later) = cutover::within(&mut work, tx).await?;
    ahead::rehearse_end(tx, None, later).await?;
    let at_once = cleanup::rehearse(&work, tx, schema).await?;
    Ok(Foreseen { statements: tx.rehearsed().0, moving: work.state.moving, at_once })
}

async fn copied(work: &Work, tx: &mut Tx, target: &Target) -> Result<()> {
    for statement in copy::forgetting(tx.dialect, target, "") {
        tx.execute(statement).await?;
    }
    let size = work.state.options.batch_size.unwrap_or(copy::FIRST_BATCH);
    let Some((upto, _)) = target::next(tx, &target.source(), "", size).await? else { return Ok(()) };
    let from = tx.noted();
    copy::copy(tx, target, Rows::Range("", &upto)).await?;
    tx.mark(from, AGAIN);
    Ok(())
}

async fn pairs_copied(work: &Work, tx: &mut Tx) -> Result<()> {
    let size = work.state.options.batch_size.unwrap_or(copy::FIRST_BATCH);
    for moving in &work.state.moving {
        let (from, to) = moving.places(work.row.kind.0);
        let end = links::nth(tx, &from, &Ends::default(), size).await?;
        let noted = tx.noted();
        tx.execute(to.filled_from(tx.dialect, &from, Which::Range(&Ends::default(), end.as_ref()))).await?;
        tx.mark(noted, AGAIN);
    }
    Ok(())
}

/// Comparing, and indexes.
async fn compared(work: &Work, tx: &mut Tx, schema: &Schema, targets: &[Target]) -> Result<()> {
    for target in targets {
        if let Some((upto, _)) = target::next(tx, &target.source(), "", verify::STEP).await? {
            let statement = verify::comparison(tx.dialect, target, false, "", &upto);
            tx.note(format!("{LOOK}\n{}", crate::sql::shown(tx.dialect.backend(), &statement)));
        }
        for index in verify::indexes_of(tx.dialect, &work.after(schema), target) {
            let shape = Shape::IndexMade { table: target.entity.table.clone(), index: index.name };
            tx.alter(index.ddl, shape).await?;
        }
    }
    for moving in &work.state.moving {
        links::foresee_comparing(work, tx, moving, schema, LOOK).await?;
    }
    Ok(())
}
