//! Copying again what was written while the job copied. Most of it goes over before the job switches over, a share at a time, so that nobody
//! waits for long and little is held in memory; the rest within that step, when nobody else writes.

use serde_json::json;
use std::{collections::HashSet, time::Instant};

use super::{
    Work,
    capture::{self, Among},
    copy::SMALLEST,
    inspect::{self, Settle},
    links, neighbours,
    pace::Pace,
    target::Target,
    verify,
};
use crate::{
    error::{Error, ErrorCode, Result},
    jobs,
    model::Schema,
    sql::Sql,
    store::Tx,
};

/// So many passes are made at most: each leaves what was written during it.
const PASSES: usize = 8;
/// With fewer it is time for the last step.
const FEW: usize = 50;
/// Records or pairs in the first share, where no other size was asked for.
const FIRST: u32 = 500;
/// The most. They are held in memory.
const MOST: u32 = 4000;

/// What there is to catch up with: the records of a part, or the pairs of a many-to-many.
#[derive(Debug, Clone, Copy)]
enum Of {
    Part(usize),
    Pairs(usize),
}

impl Of {
    /// The part it counts for.
    fn part(self, work: &Work) -> usize {
        match self {
            Self::Part(i) => i,
            Self::Pairs(i) => work.state.moving[i].part,
        }
    }
}

/// Until little is left for the last step.
pub async fn most(work: &mut Work) -> Result<()> {
    for _ in 0..PASSES {
        if !work.state.watched().is_empty() {
            let schema = work.schema().await?;
            let mut tx = work.store.write_bulk().await?;
            neighbours::catch_up(work, &mut tx, &schema).await?;
            work.save(&mut tx).await?;
            tx.commit().await?;
        }
        let mut found = 0;
        for i in 0..work.state.parts.len() {
            found = found.max(pass(work, Of::Part(i)).await?);
        }
        for i in 0..work.state.moving.len() {
            found = found.max(pass(work, Of::Pairs(i)).await?);
        }
        if found < FEW {
            return Ok(());
        }
    }
    Ok(())
}

/// About as much of one as waits by now, share after share. Returns how much that was.
async fn pass(work: &mut Work, of: Of) -> Result<usize> {
    let mut pace = Pace::new(FIRST, work.state.options.batch_size, SMALLEST);
    let waiting = jobs::waiting(&mut work.store.read().await?, work.row.id).await? as usize;
    let (mut seen, mut whole) = (0, false);
    loop {
        work.check_signals()?;
        let (begun, size) = (Instant::now(), pace.size.min(MOST));
        let found = match work.counted(async |work| share(work, of, (!whole).then_some(size)).await).await {
            // Two records have swapped a unique value: they only go together.
            Err(error) if error.code == ErrorCode::UniqueViolation && !whole => {
                whole = true;
                continue;
            }
            Err(error) if error.code == ErrorCode::InvalidValues => {
                // All of them, not those of this share.
                let schema = work.schema().await?;
                verify::refuse_all(work, &schema).await?;
                return Err(error);
            }
            found => found?,
        };
        work.step_and_look(of.part(work)).await?;
        seen += found;
        if whole || found < size as usize || seen >= waiting {
            return Ok(seen);
        }
        pace.adapt(&work.store, begun.elapsed()).await?;
    }
}

async fn share(work: &mut Work, of: Of, first: Option<u32>) -> Result<usize> {
    let schema = work.schema().await?;
    let mut tx = work.store.write_bulk().await?;
    let found = match of {
        Of::Part(i) => records(work, &mut tx, &schema, &work.target(&schema, i)?, i, first).await?,
        Of::Pairs(i) => links::catch_up(work, &mut tx, &schema, i, first).await?,
    };
    if found > 0 {
        work.save(&mut tx).await?;
        work.fault("cut over: share, before commit")?;
    }
    tx.commit().await?;
    Ok(found)
}

/// Copies records written meanwhile again, the `first` of them or all. Returns how many there were. Within [`Work::counted`].
///
/// # Errors
/// `unique_violation` where one of the first has a unique value that another gave up, and that one is still to be copied again.
pub async fn records(work: &mut Work, tx: &mut Tx, schema: &Schema, target: &Target, i: usize, first: Option<u32>) -> Result<usize> {
    let among = first.map_or(Among::All, Among::First);
    let noted = capture::noted::<String>(tx, work.row.id, target.entity.id.0, among).await?;
    let ids = &noted.ids;
    if ids.is_empty() {
        return Ok(0);
    }
    refuse_odd(tx, target, ids).await?;
    let settle = Settle { on_invalid: work.state.options.on_invalid, job: Some(work.row.id), twice: &HashSet::new() };
    let expected = inspect::expected(tx, schema, target, ids, &settle).await?;
    inspect::refuse(&expected.problems, u32::try_from(expected.problems.len()).unwrap_or(u32::MAX))?;
    let there: HashSet<&str> = expected.rows.iter().map(|r| r.id.as_str()).collect();
    let gone: Vec<String> = ids.iter().filter(|id| !there.contains(id.as_str())).cloned().collect();
    inspect::replace(tx, target, &expected.rows, &gone, first.is_none()).await?;
    work.remember_nulled(tx, i, &expected.nulled).await?;
    capture::forget(tx, work.row.id, target.entity.id.0, &noted).await?;
    neighbours::look_again(work, tx, schema, target.entity.id, &gone).await?;
    work.carried(i, ids.len());
    Ok(ids.len())
}

/// # Errors
/// `corrupt` with a record written meanwhile that has an id which is none: it cannot be asked for by it, and would be lost.
async fn refuse_odd(tx: &mut Tx, target: &Target, noted: &[String]) -> Result<()> {
    for id in noted.iter().filter(|id| !capture::is_id(id)) {
        let place = target.source();
        let mut sql = Sql::new(tx.dialect, &format!("SELECT count(*) FROM {} WHERE ", place.table(tx.dialect)));
        place.scope(&mut sql);
        sql.push(" AND id = ").bind(id.as_str());
        if tx.count(sql.build()).await? > 0 {
            let message =
                format!("{} has a record with the id {id:?}, which is no UUID. Give it one, and start again.", target.entity.name);
            return Err(Error::new(ErrorCode::Corrupt, message).with(json!({ "entity": target.entity.name, "id": id })));
        }
    }
    Ok(())
}
