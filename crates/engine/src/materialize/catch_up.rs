//! Copying again what was written while the job copied. Most of it goes over before the job switches over, a share at a time, so that nobody
//! waits for long and little is held in memory; the rest within that step, when nobody else writes.

use serde_json::json;
use std::{collections::HashSet, time::Instant};

use super::{
    Work,
    capture::{self, Among, Mark, Read},
    copy::SMALLEST,
    inspect::{self, Settle},
    links, neighbours,
    pace::Pace,
    target::Target,
    verify,
};
use crate::{
    error::{Error, ErrorCode, Result},
    model::Schema,
    sql::{Sql, pairs::Ends},
    store::Tx,
};

/// So many passes are made at most: each leaves what was written during it.
const PASSES: usize = 8;
/// With fewer it is time for the last step.
const FEW: u32 = 50;
/// Notes in the first share, where no other size was asked for.
const FIRST: u32 = 500;
/// The most. What they are about is held in memory.
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

    /// Notes of it.
    async fn waiting(self, work: &Work) -> Result<u32> {
        let mut tx = work.store.read().await?;
        match self {
            Self::Part(i) => capture::count::<String>(&mut tx, work.row.id, work.state.parts[i].entity.0).await,
            Self::Pairs(i) => capture::count::<Ends>(&mut tx, work.row.id, work.state.moving[i].relationship.0).await,
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

/// What is noted of one by now, share after share. Returns how many notes that were.
async fn pass(work: &mut Work, of: Of) -> Result<u32> {
    let mut pace = Pace::new(FIRST, work.state.options.batch_size, SMALLEST);
    let waiting = of.waiting(work).await?;
    let (mut seen, mut whole, mut mark) = (0, false, None);
    loop {
        work.check_signals()?;
        let (begun, size) = (Instant::now(), pace.size.min(MOST));
        let next = (!whole).then_some((mark.as_ref(), size));
        let Read { notes, upto } = match work.counted(async |work| share(work, of, next).await).await {
            Err(error) if error.code == ErrorCode::UniqueViolation => {
                if whole {
                    // Somebody has written between two looks at a server: with nobody writing it is settled.
                    return Ok(seen);
                }
                // Two records have swapped a unique value: they only go together.
                whole = true;
                continue;
            }
            Err(error) if error.code == ErrorCode::InvalidValues => {
                // All of them, not those of this share.
                let schema = work.schema().await?;
                verify::refuse_all(work, &schema).await?;
                return Err(error);
            }
            read => read?,
        };
        work.step_and_look(of.part(work)).await?;
        seen += notes;
        if whole || notes < size || seen >= waiting {
            return Ok(seen);
        }
        mark = upto;
        pace.adapt(&work.store, begun.elapsed()).await?;
    }
}

/// The next notes after a mark, so many at most; all of them where none is given.
async fn share(work: &mut Work, of: Of, next: Option<(Option<&Mark>, u32)>) -> Result<Read> {
    let schema = work.schema().await?;
    let mut tx = work.store.write_bulk().await?;
    let read = match of {
        Of::Part(i) => records(work, &mut tx, &schema, &work.target(&schema, i)?, i, among(next)).await?,
        Of::Pairs(i) => links::catch_up(work, &mut tx, &schema, i, among(next)).await?,
    };
    if read.notes > 0 {
        work.save(&mut tx).await?;
        work.fault("cut over: share, before commit")?;
    }
    tx.commit().await?;
    Ok(read)
}

fn among<K>(next: Option<(Option<&Mark>, u32)>) -> Among<'_, K> {
    next.map_or(Among::All, |(after, most)| Among::Next(after, most))
}

/// Copies records written meanwhile again. Within [`Work::counted`].
///
/// # Errors
/// `unique_violation` where one of them has a unique value that another gave up, and that one is still to be copied again.
pub async fn records(work: &mut Work, tx: &mut Tx, schema: &Schema, target: &Target, i: usize, among: Among<'_, String>) -> Result<Read> {
    let all = matches!(among, Among::All);
    let noted = capture::noted(tx, work.row.id, target.entity.id.0, among).await?;
    let ids = &noted.ids;
    if ids.is_empty() {
        return Ok(noted.read);
    }
    refuse_odd(tx, target, ids).await?;
    let settle = Settle { on_invalid: work.state.options.on_invalid, job: Some(work.row.id), twice: &HashSet::new() };
    let expected = inspect::expected(tx, schema, target, ids, &settle).await?;
    inspect::refuse(&expected.problems, u32::try_from(expected.problems.len()).unwrap_or(u32::MAX))?;
    let there: HashSet<&str> = expected.rows.iter().map(|r| r.id.as_str()).collect();
    let gone: Vec<String> = ids.iter().filter(|id| !there.contains(id.as_str())).cloned().collect();
    inspect::replace(tx, target, &expected.rows, &gone, all).await?;
    work.remember_nulled(tx, i, &expected.nulled).await?;
    capture::forget(tx, work.row.id, target.entity.id.0, &noted).await?;
    neighbours::look_again(work, tx, schema, target.entity.id, &gone).await?;
    work.carried(i, ids.len());
    Ok(noted.read)
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
