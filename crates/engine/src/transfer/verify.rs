//! Every copied row is read back and compared with what was read from the source.

use serde_json::json;
use std::collections::VecDeque;

use super::{
    Work,
    copy::Size,
    rows::{self, What},
    sum::Sum,
    system::System,
};
use crate::{
    error::{Error, ErrorCode, Result},
    model::Schema,
    store::Tx,
};

/// Differing rows an error names.
pub const LISTED: usize = 10;

pub async fn run(work: &mut Work<'_>) -> Result<()> {
    let source = System::read(&mut work.from).await?;
    let mut copied = work.target.read().await?;
    let compared = match System::read(&mut copied).await {
        Ok(copy) => source.compare(&copy),
        Err(error) => Err(error),
    };
    drop(copied);
    if let Err(error) = compared {
        work.state.schema = Sum::default();
        return failed(work, error).await;
    }
    for i in 0..work.state.parts.len() {
        if let Err(error) = part(work, i).await {
            if error.code == ErrorCode::Corrupt {
                work.state.parts[i].anew = true;
                return failed(work, error).await;
            }
            return Err(error);
        }
        work.beat().await?;
    }
    work.fault("verify: done")
}

/// Notes down what is to be begun anew by the next run.
async fn failed(work: &mut Work<'_>, error: Error) -> Result<()> {
    let mut tx = work.target.write_bulk().await?;
    work.save(&mut tx).await?;
    tx.commit().await?;
    Err(error)
}

async fn part(work: &mut Work<'_>, i: usize) -> Result<()> {
    let what = work.state.parts[i].what;
    let (mut sum, mut done, mut entries, mut position, mut size) = (Sum::default(), 0, 0, vec![], Size::new());
    // One snapshot, so that the index rows are those of these records.
    let mut tx = work.target.read().await?;
    work.step(i, 0, 0);
    loop {
        work.check()?;
        let page = rows::page(&mut tx, &work.schema, what, &position, size.rows()).await?;
        size.adapt(&page.lines);
        page.lines.iter().for_each(|line| sum.add(line));
        entries += rows::entries(&work.schema, what, &page)?;
        let Some(last) = page.keys.into_iter().next_back() else { break };
        position = last;
        let new = u32::try_from(page.lines.len()).unwrap_or(u32::MAX);
        done += new;
        work.step(i, done, new);
        work.beat().await?;
    }
    let part = &work.state.parts[i];
    if (sum, done) != (part.sum, part.done) {
        return Err(differs(work, i, done).await?);
    }
    let there = rows::count_entries(&mut tx, &work.schema, what).await?;
    if there != entries {
        let message = format!(
            "The copy of {} has {there} index rows and should have {entries}. Run the same copy again: it begins {} anew.",
            part.name, part.name
        );
        return Err(Error::new(ErrorCode::Corrupt, message).with(json!({ "entity": part.name, "count": entries, "copied": there })));
    }
    Ok(())
}

async fn differs(work: &mut Work<'_>, i: usize, copied: u32) -> Result<Error> {
    let mut to = work.target.read().await?;
    let what = work.state.parts[i].what;
    let ids = differing(&mut work.from, &mut to, &work.schema, what).await?;
    let part = &work.state.parts[i];
    let message = format!(
        "The copy of {} differs from the source: {} rows there, {copied} here; the first that differ: {}. Run the same copy again: it begins {} anew.",
        part.name,
        part.done,
        ids.join(", "),
        part.name
    );
    Ok(Error::new(ErrorCode::Corrupt, message).with(json!({ "entity": part.name, "records": ids, "count": part.done, "copied": copied })))
}

/// Keys of the first rows that are not the same on both sides.
async fn differing(from: &mut Tx, to: &mut Tx, schema: &Schema, what: What) -> Result<Vec<String>> {
    let (mut source, mut copy) = (Side::new(from), Side::new(to));
    let mut found = vec![];
    while found.len() < LISTED {
        source.fill(schema, what).await?;
        copy.fill(schema, what).await?;
        let order = match (source.rows.front(), copy.rows.front()) {
            (None, None) => break,
            (Some(_), None) => std::cmp::Ordering::Less,
            (None, Some(_)) => std::cmp::Ordering::Greater,
            // Keys the database made are others in the copy: their order is what counts.
            _ if what == What::Events => std::cmp::Ordering::Equal,
            (Some(a), Some(b)) => a.0.cmp(&b.0),
        };
        let mine = if order.is_le() { source.rows.pop_front() } else { None };
        let theirs = if order.is_ge() { copy.rows.pop_front() } else { None };
        if mine.as_ref().map(|row| &row.1) != theirs.as_ref().map(|row| &row.1)
            && let Some((key, _)) = mine.or(theirs)
        {
            found.push(key.join(" "));
        }
    }
    Ok(found)
}

/// One side's rows, a page at a time.
struct Side<'a> {
    tx: &'a mut Tx,
    rows: VecDeque<(Vec<String>, String)>,
    position: Vec<String>,
    size: Size,
}

impl<'a> Side<'a> {
    fn new(tx: &'a mut Tx) -> Self {
        Self { tx, rows: VecDeque::new(), position: vec![], size: Size::new() }
    }

    async fn fill(&mut self, schema: &Schema, what: What) -> Result<()> {
        if self.rows.is_empty() {
            let page = rows::page(self.tx, schema, what, &self.position, self.size.rows()).await?;
            self.size.adapt(&page.lines);
            self.rows = page.keys.into_iter().zip(page.lines).collect();
            if let Some((key, _)) = self.rows.back() {
                self.position.clone_from(key);
            }
        }
        Ok(())
    }
}
