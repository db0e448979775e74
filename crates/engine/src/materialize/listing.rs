//! All problems, part by part: the plan itself carries the first of them only.

use std::{collections::HashSet, str::FromStr, sync::Arc};

use super::{
    inspect::{self, Settle},
    links::orphans,
    neighbours,
    problems::{STEP, suspicious, twice, unique},
    state::Part,
    target::{self, Target},
};
use crate::{
    error::{Error, Result},
    model::{EntityId, JobKind, MaterializeOptions, OnInvalid, Problem, ProblemPage, RecordId, Schema},
    records::CHUNK,
    sql::compare::Rows,
    store::{SchemaCache, Store},
};

/// The stage of the first many-to-many; they come after the entities.
const PAIRS: usize = 1_000_000;
/// The stage of the first foreign key that a table outside the job gets; they come last.
const NEIGHBOURS: usize = 2_000_000;
/// Problems one part may have.
const MOST: u32 = 10_000;

/// Where a listing is: behind this record of the entity, among its values (0), what stands twice in its n-th unique (n), or pairs of the
/// n-th many-to-many ([`PAIRS`] + n), or what a table outside refers to by the n-th foreign key to come ([`NEIGHBOURS`] + n).
#[derive(Debug, Clone)]
struct Cursor {
    entity: EntityId,
    stage: usize,
    record: String,
}

impl std::fmt::Display for Cursor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}.{}", self.entity, self.stage, self.record)
    }
}

impl FromStr for Cursor {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let parts: Vec<&str> = text.split('.').collect();
        let read = |entity: &str, stage: &str, record: &str| {
            let sound = record.is_empty() || record.parse::<RecordId>().is_ok();
            Some(Self { entity: entity.parse().ok()?, stage: stage.parse().ok()?, record: record.to_owned() }).filter(|_| sound)
        };
        let cursor = if let [entity, stage, record] = parts.as_slice() { read(entity, stage, record) } else { None };
        cursor.ok_or_else(|| {
            Error::invalid("Not a place in the list of problems. Begin without one, and go on from the `next` of each part.")
        })
    }
}

/// The next problems, in the order of the plan: entity by entity, first the values by record, then what stands twice; at the end pairs, and references from outside.
///
/// # Errors
/// As for [`plan`](super::plan::plan); `invalid_input` for an `after` that is no `next` of such a list.
pub async fn problems(
    store: &Store,
    cache: &Arc<SchemaCache>,
    entities: &[EntityId],
    options: &MaterializeOptions,
    after: Option<&str>,
    limit: u32,
) -> Result<ProblemPage> {
    let mut tx = store.read().await?;
    let schema = cache.current(&mut tx).await?;
    let parts = target::parts(&mut tx, &schema, JobKind::Materialize, entities).await?;
    drop(tx);
    let mut page = Page { wanted: limit.clamp(1, MOST) as usize, problems: vec![], next: None };
    let mut cursor = after.map(Cursor::from_str).transpose()?;
    let at_end = cursor.take_if(|at| at.stage >= PAIRS);
    let begin = match &cursor {
        None if at_end.is_some() => parts.len(),
        None => 0,
        Some(at) => parts
            .iter()
            .position(|p| p.entity == at.entity)
            .ok_or_else(|| Error::invalid("The list of problems to go on with is one of other entities. Begin without `after`."))?,
    };
    for part in &parts[begin..] {
        let target = Target::new(&schema, part, JobKind::Materialize)?;
        let from = cursor.take().unwrap_or(Cursor { entity: part.entity, stage: 0, record: String::new() });
        if page.fill(store, &schema, &target, options.on_invalid, from).await? {
            break;
        }
    }
    let (at_neighbours, at_pairs) =
        at_end.map_or((None, None), |at| if at.stage >= NEIGHBOURS { (Some(at), None) } else { (None, Some(at)) });
    if page.next.is_none() && at_neighbours.is_none() && options.on_invalid == OnInvalid::Abort {
        page.pairs(store, &schema, &parts, at_pairs).await?;
    }
    if page.next.is_none() {
        page.neighbours(store, &schema, &parts, at_neighbours).await?;
    }
    Ok(ProblemPage { problems: page.problems, next: page.next.map(|cursor| cursor.to_string()) })
}

struct Page {
    wanted: usize,
    problems: Vec<Problem>,
    next: Option<Cursor>,
}

impl Page {
    /// Adds the problems of one entity. True when there is no room for more.
    async fn fill(&mut self, store: &Store, schema: &Schema, target: &Target, on_invalid: OnInvalid, from: Cursor) -> Result<bool> {
        let settle = Settle { on_invalid, job: None, twice: &HashSet::new() };
        let mut last = from.record;
        if from.stage == 0 {
            loop {
                let mut tx = store.read().await?;
                tx.prefer_indexes().await?;
                let Some((upto, _)) = target::next(&mut tx, &target.shared(), &last, STEP).await? else { break };
                let ids = suspicious(&mut tx, schema, target, Rows::Range(&last, &upto)).await?;
                for ids in ids.chunks(CHUNK) {
                    let found = inspect::expected(&mut tx, schema, target, ids, &settle).await?.problems;
                    if self.add(target, 0, found) {
                        return Ok(true);
                    }
                }
                last = upto;
            }
            last = String::new();
        }
        for (i, columns) in unique(target, on_invalid).iter().enumerate().skip(from.stage.saturating_sub(1)) {
            let mut tx = store.read().await?;
            let room = u32::try_from(self.wanted - self.problems.len()).unwrap_or(MOST);
            let found = twice(&mut tx, target, &target.shared(), columns, Some((&last, room))).await?;
            if self.add(target, i + 1, found) {
                return Ok(true);
            }
            last = String::new();
        }
        Ok(false)
    }

    /// Adds pairs that refer to nothing.
    async fn pairs(&mut self, store: &Store, schema: &Schema, parts: &[Part], from: Option<Cursor>) -> Result<()> {
        let begin = from.as_ref().map_or(0, |at| at.stage - PAIRS);
        let mut last = from.map_or_else(String::new, |at| at.record);
        for (i, relationship) in orphans::moving(schema, parts).iter().enumerate().skip(begin) {
            let room = u32::try_from(self.wanted - self.problems.len()).unwrap_or(MOST);
            let found = orphans::page(&mut store.read().await?, schema, relationship, &last, room).await?;
            let end = found.last().map(|(first, _)| first.clone()).filter(|_| found.len() >= room as usize);
            self.problems.extend(found.into_iter().map(|(_, problem)| problem));
            if let Some(record) = end {
                self.next = Some(Cursor { entity: relationship.source, stage: PAIRS + i, record });
                return Ok(());
            }
            last = String::new();
        }
        Ok(())
    }

    /// Adds references to nothing from outside the job.
    async fn neighbours(&mut self, store: &Store, schema: &Schema, parts: &[Part], from: Option<Cursor>) -> Result<()> {
        let begin = from.as_ref().map_or(0, |at| at.stage - NEIGHBOURS);
        let mut last = from.map_or_else(String::new, |at| at.record);
        for (i, relationship) in neighbours::referring(schema, parts).iter().enumerate().skip(begin) {
            let room = u32::try_from(self.wanted - self.problems.len()).unwrap_or(MOST);
            let found = neighbours::page(&mut store.read().await?, schema, relationship, &last, room).await?;
            let end = found.last().map(|problem| problem.record.to_string()).filter(|_| found.len() >= room as usize);
            self.problems.extend(found);
            if let Some(record) = end {
                self.next = Some(Cursor { entity: relationship.holder(), stage: NEIGHBOURS + i, record });
                return Ok(());
            }
            last = String::new();
        }
        Ok(())
    }

    /// Takes what there is room for, and all of a record. True when there is no room for more.
    fn add(&mut self, target: &Target, stage: usize, mut found: Vec<Problem>) -> bool {
        let room = self.wanted - self.problems.len();
        if found.len() < room {
            self.problems.extend(found);
            return false;
        }
        let record = found[room - 1].record;
        let end = found.iter().rposition(|p| p.record == record).map_or(found.len(), |at| at + 1);
        found.truncate(end);
        self.problems.extend(found);
        self.next = Some(Cursor { entity: target.entity.id, stage, record: record.to_string() });
        true
    }
}
