//! The pairs of many-to-manys that get, or lose, a junction table of their own with a job. They move as records do: copied in batches while
//! others write, what is written meanwhile noted and copied again, compared, and switched over with the records.

mod copy;
pub mod orphans;
mod switch;

pub use copy::{carry_over, catch_up, catch_up_last, compare, foresee_comparing};
pub use switch::{back, over};

use serde::{Deserialize, Serialize};

use super::{
    Work, capture,
    capture::Watched,
    state::{Part, done},
    target::{free_table, moving_links},
};
use crate::{
    error::{Error, Result},
    model::{EntityId, JobId, JobKind, OnInvalid, Phase, Relationship, RelationshipId, Schema},
    sql::{
        Dialect, Sql,
        pairs::{Ends, Pairs, Which},
        tables,
    },
    store::{Store, Tx},
};

/// Pairs deleted at first by one transaction.
const STEP: u32 = 10_000;

/// A many-to-many whose pairs move.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Moving {
    pub relationship: RelationshipId,
    /// Its junction table: the one to come, or the one to go.
    pub table: String,
    /// Number of the part its pairs count for.
    pub part: usize,
    /// What those put aside or taken away are kept under.
    pub aside: uuid::Uuid,
    pub total: u32,
    /// The last pair copied; empty before the first.
    pub copied_to: Ends,
    pub copied: u32,
    pub copy_done: bool,
    pub checked: u32,
    pub cleaned: u32,
}

impl Moving {
    /// Pairs done in a phase.
    pub fn done(&self, phase: Phase) -> u32 {
        done(phase, self.copied, self.checked, self.cleaned)
    }

    fn shared(&self) -> Pairs {
        Pairs::Shared(self.relationship)
    }

    fn junction(&self) -> Pairs {
        Pairs::Junction(self.table.clone())
    }

    /// Where they lie until the job cuts over, and where they will.
    pub fn places(&self, kind: JobKind) -> (Pairs, Pairs) {
        if kind == JobKind::Dematerialize { (self.junction(), self.shared()) } else { (self.shared(), self.junction()) }
    }

    pub fn watched(&self, kind: JobKind) -> Watched {
        Watched::pairs(self.relationship, &self.places(kind).0)
    }

    /// As the schema has it, with the junction table the job uses.
    pub fn of(&self, schema: &Schema) -> Result<Relationship> {
        Ok(Relationship { storage: self.table.clone(), ..schema.relationship(self.relationship)?.clone() })
    }

    /// What makes the table and the triggers. It gets its foreign keys when the job cuts over, as the records' tables do.
    pub fn create(&self, dialect: &dyn Dialect, schema: &Schema, job: JobId, kind: JobKind) -> Result<Vec<String>> {
        let mut out = vec![];
        if kind != JobKind::Dematerialize {
            out.push(tables::junction_table(dialect, &self.of(schema)?, None));
            out.extend(tables::share_rights(dialect, &self.table, "kdb_record_links"));
        }
        out.extend(capture::create(dialect, job, &self.watched(kind)));
        Ok(out)
    }
}

/// The entities a job must have to itself: its own, and those at the other end of their many-to-manys, as two jobs cannot move the same pairs.
pub fn held(schema: &Schema, parts: &[Part]) -> Vec<EntityId> {
    let ours: Vec<EntityId> = parts.iter().map(|part| part.entity).collect();
    let ends = ours.iter().flat_map(|id| schema.junctions(*id)).flat_map(|r| [r.source, r.target]);
    let others: Vec<EntityId> = ends.filter(|id| !ours.contains(id)).collect();
    ours.into_iter().chain(others).collect()
}

/// What moves when these parts change their mode.
pub async fn foreseen(
    tx: &mut Tx,
    before: &Schema,
    after: &Schema,
    parts: &[Part],
    kind: JobKind,
    on_invalid: OnInvalid,
) -> Result<Vec<Moving>> {
    let mut out: Vec<Moving> = vec![];
    for relationship in moving_links(before, after) {
        let taken: Vec<String> = parts.iter().map(|p| p.table.clone()).chain(out.iter().map(|m| m.table.clone())).collect();
        out.push(one(tx, before, relationship, (parts, &taken), kind, on_invalid).await?);
    }
    Ok(out)
}

async fn one(
    tx: &mut Tx,
    schema: &Schema,
    relationship: &Relationship,
    (parts, taken): (&[Part], &[String]),
    kind: JobKind,
    on_invalid: OnInvalid,
) -> Result<Moving> {
    let table = if kind == JobKind::Dematerialize {
        relationship.storage.clone()
    } else {
        free_table(tx, schema, &relationship.storage, taken).await?
    };
    // They count for the entity they start at, or for the one that is of this job.
    let at = |id: EntityId| parts.iter().position(|p| p.entity == id);
    let part = at(relationship.source).or_else(|| at(relationship.target));
    let mut moving = Moving {
        relationship: relationship.id,
        table,
        part: part.ok_or_else(|| Error::internal("pairs of no entity of this job"))?,
        // What is kept waits under its relationship for the way back.
        aside: if on_invalid == OnInvalid::Keep { relationship.id.0 } else { uuid::Uuid::now_v7() },
        total: 0,
        copied_to: Ends::default(),
        copied: 0,
        copy_done: false,
        checked: 0,
        cleaned: 0,
    };
    let source = moving.places(kind).0;
    moving.total = tx.count(source.count(tx.dialect)).await?;
    Ok(moving)
}

/// Makes the tables, and the triggers that note every write from now on. Part of what makes those of the records.
pub async fn begin(work: &mut Work, tx: &mut Tx, schema: &Schema) -> Result<()> {
    let (kind, job) = (work.row.kind.0, work.row.id);
    let moving = foreseen(tx, schema, &work.after(schema), &work.state.parts, kind, work.state.options.on_invalid).await?;
    for moving in &moving {
        if kind == JobKind::Dematerialize {
            let all = Which::Range(&Ends::default(), None);
            tx.execute(moving.shared().delete(tx.dialect, all)).await?;
        }
        for statement in moving.create(tx.dialect, schema, job, kind)? {
            tx.execute(statement).await?;
        }
    }
    work.state.moving = moving;
    Ok(())
}

/// These records are gone: pairs that plain SQL has left at them are looked at once more.
pub async fn look_again(work: &Work, tx: &mut Tx, schema: &Schema, of: EntityId, gone: &[String]) -> Result<()> {
    for moving in &work.state.moving {
        let relationship = schema.relationship(moving.relationship)?;
        for (end, column) in [(relationship.source, "source_id"), (relationship.target, "target_id")] {
            if end == of {
                capture::note_pairs(tx, work.row.id, moving.relationship, column, gone).await?;
            }
        }
    }
    Ok(())
}

/// Takes away what was made and copied of all of them, within the transaction that does so for the records.
pub async fn discard(work: &Work, tx: &mut Tx) -> Result<()> {
    let (kind, dialect) = (work.row.kind.0, tx.dialect);
    for moving in &work.state.moving {
        for statement in capture::drop(dialect, work.row.id, &moving.watched(kind)) {
            tx.execute(statement).await?;
        }
        if kind == JobKind::Dematerialize {
            tx.execute(moving.shared().delete(dialect, Which::Range(&Ends::default(), None))).await?;
            continue;
        }
        tx.execute(format!("DROP TABLE IF EXISTS {}", dialect.quote(&moving.table))).await?;
        let mut sql = Sql::new(dialect, "DELETE FROM kdb_dropped_links WHERE drop_id = ");
        sql.bind_id(&moving.aside.to_string());
        tx.execute(sql.build()).await?;
    }
    Ok(())
}

/// Before [`discard`]: most of what was copied back into the shared table, batch by batch.
pub async fn take_back(work: &mut Work) -> Result<()> {
    for i in 0..work.state.moving.len() {
        while delete_batch(&work.store, &work.state.moving[i], &mut Ends::default(), STEP).await?.1 {
            work.beat().await?;
        }
    }
    Ok(())
}

/// The first batch of [`clean_up`], rehearsed.
pub async fn rehearse_clean_up(work: &Work, tx: &mut Tx) -> Result<()> {
    for moving in &work.state.moving {
        let end = nth(tx, &moving.shared(), &Ends::default(), STEP).await?;
        tx.execute(moving.shared().delete(tx.dialect, Which::Range(&Ends::default(), end.as_ref()))).await?;
    }
    Ok(())
}

/// Deletes the next `step` shared pairs after one, and moves that on. Returns how many went, and whether more may follow.
async fn delete_batch(store: &Store, moving: &Moving, after: &mut Ends, step: u32) -> Result<(u32, bool)> {
    let mut tx = store.write_bulk().await?;
    let (pairs, dialect) = (moving.shared(), tx.dialect);
    let end = nth(&mut tx, &pairs, after, step).await?;
    let gone = tx.execute(pairs.delete(dialect, Which::Range(after, end.as_ref()))).await?;
    tx.commit().await?;
    let more = end.is_some();
    *after = end.unwrap_or_default();
    Ok((u32::try_from(gone).unwrap_or(u32::MAX), more))
}

/// The ends of the `number`th pair after one; none where there are fewer.
pub async fn nth(tx: &mut Tx, pairs: &Pairs, after: &Ends, number: u32) -> Result<Option<Ends>> {
    let row = tx.row(pairs.nth(tx.dialect, after, number)).await?;
    row.map(|row| Ok([row.text(0)?, row.text(1)?])).transpose()
}

/// After the switch: counts what has moved, and not before, as counting takes a while.
pub async fn count(work: &mut Work) -> Result<()> {
    if work.state.moving.is_empty() {
        return Ok(());
    }
    let kind = work.row.kind.0;
    let mut links = vec![0u32; work.state.parts.len()];
    for moving in &work.state.moving {
        let mut tx = work.store.read().await?;
        let there = moving.places(kind).1;
        links[moving.part] += tx.count(there.count(tx.dialect)).await?;
    }
    for (part, links) in work.state.parts.iter_mut().zip(links) {
        part.links = links;
    }
    Ok(())
}

/// After the switch: the old pairs go, a batch at a time. Nobody reads them any more.
pub async fn clean_up(work: &mut Work) -> Result<()> {
    let schema = work.schema().await?;
    for i in 0..work.state.moving.len() {
        let moving = work.state.moving[i].clone();
        // Those that were made shared again lie there by right.
        if !schema.relationship(moving.relationship).is_ok_and(|r| schema.has_junction_table(r)) {
            continue;
        }
        let (mut after, mut more) = (Ends::default(), true);
        let mut pace = super::pace::Pace::new(STEP, None, super::copy::SMALLEST);
        while more {
            work.check_stop()?;
            let begun = std::time::Instant::now();
            let (gone, rest) = delete_batch(&work.store, &moving, &mut after, pace.size).await?;
            more = rest;
            pace.adapt(&work.store, begun.elapsed()).await?;
            let at = &mut work.state.moving[i];
            at.cleaned = at.cleaned.saturating_add(gone).min(at.total);
            work.fault("clean up: pairs, after commit")?;
            work.beat().await?;
            work.step(moving.part);
        }
    }
    Ok(())
}
