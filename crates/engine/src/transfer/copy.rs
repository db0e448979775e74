//! Copying: page by page in order of keys, so that memory stays the same whatever there is to copy; many pages a transaction, and the
//! checkpoint with them.

use super::{Work, rows, sum::Sum};
use crate::{
    error::Result,
    store::{Store, Tx},
};

/// Rows in a page.
const PAGE: u32 = 500;
/// What the texts of a page may come to, in bytes: one of long texts has fewer rows.
const PAGE_BYTES: usize = 4 << 20;
/// Rows in a transaction.
const BATCH: u32 = 5_000;

/// How many rows to read next.
pub struct Size(u32);

impl Size {
    pub fn new() -> Self {
        Self(PAGE)
    }

    pub fn rows(&self) -> u32 {
        self.0
    }

    /// By how long the rows just read were.
    pub fn adapt(&mut self, lines: &[String]) {
        let bytes: usize = lines.iter().map(String::len).sum();
        if let Some(each) = bytes.checked_div(lines.len()) {
            self.0 = u32::try_from(PAGE_BYTES / each.max(1)).unwrap_or(PAGE).clamp(1, PAGE);
        }
    }
}

/// The transaction many pages are written in.
struct Batch {
    store: Store,
    tx: Option<Tx>,
    rows: usize,
}

impl Batch {
    async fn tx(&mut self) -> Result<&mut Tx> {
        if self.tx.is_none() {
            self.tx = Some(self.store.write_bulk().await?);
        }
        self.tx.as_mut().ok_or_else(|| crate::Error::internal("a transaction was begun and is not there"))
    }

    async fn commit(&mut self, work: &mut Work<'_>) -> Result<()> {
        self.rows = 0;
        let Some(mut tx) = self.tx.take() else { return Ok(()) };
        work.save(&mut tx).await?;
        work.fault("copy: before commit")?;
        tx.commit().await?;
        work.fault("copy: after commit")
    }
}

pub async fn run(work: &mut Work<'_>) -> Result<()> {
    let mut batch = Batch { store: work.target.clone(), tx: None, rows: 0 };
    let most = work.batch_size.unwrap_or(BATCH).max(1);
    for i in 0..work.state.parts.len() {
        let mut size = Size::new();
        work.step(i, work.state.parts[i].done, 0);
        while !work.state.parts[i].complete {
            work.check()?;
            let what = work.state.parts[i].what;
            let limit = size.rows().min(most);
            let page = rows::page(&mut work.from, &work.schema, what, &work.state.parts[i].position, limit).await?;
            let new = u32::try_from(page.lines.len()).unwrap_or(u32::MAX);
            rows::write(batch.tx().await?, &work.schema, what, &page).await?;
            let part = &mut work.state.parts[i];
            part.complete = new < limit;
            part.done += new;
            page.lines.iter().for_each(|line| part.sum.add(line));
            size.adapt(&page.lines);
            let bytes: usize = page.lines.iter().map(String::len).sum();
            if let Some(last) = page.keys.into_iter().next_back() {
                part.position = last;
            }
            let done = part.done;
            work.step(i, done, new);
            // Long rows count for more, so that no transaction grows without end.
            batch.rows += page.lines.len() + bytes / 2_000;
            if batch.rows >= most as usize {
                batch.commit(work).await?;
            }
        }
    }
    batch.commit(work).await
}

/// Looks whether what an earlier run has copied is what the source says now; what is not is emptied, to be begun anew.
pub async fn check_earlier(work: &mut Work<'_>) -> Result<()> {
    for i in 0..work.state.parts.len() {
        let part = &work.state.parts[i];
        if part.done == 0 && !part.complete && !part.anew {
            continue;
        }
        let anew = part.anew || !still_so(work, i).await?;
        if anew {
            empty(work, i).await?;
        }
    }
    Ok(())
}

/// The first rows of the source are those that were copied, to the letter.
async fn still_so(work: &mut Work<'_>, i: usize) -> Result<bool> {
    let (what, until) = (work.state.parts[i].what, work.state.parts[i].done);
    let (mut sum, mut done, mut position, mut size) = (Sum::default(), 0, vec![], Size::new());
    while done < until {
        work.check()?;
        let page = rows::page(&mut work.from, &work.schema, what, &position, size.rows().min(until - done)).await?;
        size.adapt(&page.lines);
        let new = u32::try_from(page.lines.len()).unwrap_or(u32::MAX);
        page.lines.iter().for_each(|line| sum.add(line));
        let Some(last) = page.keys.into_iter().next_back() else { return Ok(false) };
        position = last;
        done += new;
        work.step(i, done, new);
        work.beat().await?;
    }
    let part = &mut work.state.parts[i];
    // There may be more now than there was.
    part.complete &= part.total == part.done;
    Ok(sum == part.sum && position == part.position)
}

/// Pairs go with the records they join.
async fn empty(work: &mut Work<'_>, i: usize) -> Result<()> {
    let what = work.state.parts[i].what;
    let mut gone = vec![i];
    if let rows::What::Records(entity) = what {
        let touches = |other: &rows::What| matches!(other, rows::What::Links(r) if work.schema.junctions(entity).any(|j| j.id == *r));
        gone.extend((0..work.state.parts.len()).filter(|at| touches(&work.state.parts[*at].what)));
    }
    let mut tx = work.target.write_bulk().await?;
    // The pairs first: they refer to the records.
    for at in gone.into_iter().rev() {
        rows::clear(&mut tx, &work.schema, work.state.parts[at].what).await?;
        work.state.parts[at].reset();
    }
    work.save(&mut tx).await?;
    work.fault("begin anew: before commit")?;
    tx.commit().await
}
