//! Deleting, with everything that follows from it: worked out first, so that it can be shown, then done.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use serde_json::{Value, json};

use super::{
    CHUNK, Session, check,
    events::{self, Event},
    links, read,
    write::{self, Layout},
};
use crate::{
    error::{Error, ErrorCode, Result},
    model::{Blocker, Entity, EntityCount, EntityId, Impact, RecordId, ReferentialAction, Relationship, RelationshipId},
    sql::{
        Lock,
        columns::relationship_column,
        records::{self, Place},
    },
};

/// What a delete comes to.
#[derive(Debug, Default)]
struct Chain {
    /// In the order found: what refers comes after what it refers to.
    deletes: Vec<(EntityId, Vec<String>)>,
    gone: HashMap<EntityId, HashSet<String>>,
    /// Records that lose a reference.
    nulls: BTreeMap<(RelationshipId, EntityId), BTreeSet<String>>,
    /// Many-to-many pairs at an end of a deleted record, by the entity at the other end.
    links: BTreeMap<EntityId, u32>,
    blockers: BTreeMap<(String, String), BTreeSet<String>>,
}

impl Chain {
    fn is_gone(&self, entity: EntityId, id: &str) -> bool {
        self.gone.get(&entity).is_some_and(|ids| ids.contains(id))
    }
}

/// What deleting these records would do.
///
/// # Errors
/// `unknown_record` when one of them is not there.
pub async fn impact(session: &mut Session<'_>, entity: &Entity, ids: &[RecordId]) -> Result<Impact> {
    let chain = work_out(session, entity, ids, false).await?;
    summary(session, &chain)
}

/// Deletes the records and what follows from it, or nothing.
///
/// # Errors
/// `unknown_record`; `restricted` with what is in the way.
pub async fn delete(session: &mut Session<'_>, entity: &Entity, ids: &[RecordId]) -> Result<(Impact, Vec<EntityId>)> {
    let chain = work_out(session, entity, ids, true).await?;
    let impact = summary(session, &chain)?;
    if let Some(first) = impact.blocked_by.first() {
        let noun = if first.count == 1 { "record refers" } else { "records refer" };
        return Err(Error::new(
            ErrorCode::Restricted,
            format!(
                "Not deleted: {} {noun} to it through {}.{}. Delete or change those first.",
                first.count, first.entity, first.relationship
            ),
        )
        .with(json!({ "entity": entity.name, "blocked_by": impact.blocked_by })));
    }
    for ((relationship, holder), ids) in &chain.nulls {
        let ids: Vec<String> = ids.iter().filter(|id| !chain.is_gone(*holder, id)).cloned().collect();
        set_null(session, &chain, *relationship, *holder, &ids).await?;
    }
    for (id, gone) in &chain.deletes {
        for relationship in junctions(session, *id) {
            for column in at_ends(&relationship, *id) {
                links::remove_all(session, &relationship, column, gone).await?;
            }
        }
    }
    // Last found first: what refers goes before what it refers to.
    for (id, gone) in chain.deletes.iter().rev() {
        remove(session, *id, gone).await?;
    }
    let touched: BTreeSet<EntityId> =
        chain.deletes.iter().map(|(e, _)| *e).chain(chain.nulls.keys().map(|(_, e)| *e)).chain(chain.links.keys().copied()).collect();
    Ok((impact, touched.into_iter().collect()))
}

fn junctions(session: &Session<'_>, entity: EntityId) -> Vec<Relationship> {
    session.schema.junctions(entity).cloned().collect()
}

/// The columns at which the entity stands: both, for a relationship with itself.
fn at_ends(relationship: &Relationship, entity: EntityId) -> Vec<&'static str> {
    let ends = [(relationship.source, "source_id"), (relationship.target, "target_id")];
    ends.into_iter().filter(|(e, _)| *e == entity).map(|(_, column)| column).collect()
}

/// `to_delete` locks what goes as it is found: nobody can begin to refer to it, and where others write at the same time, whatever refers to
/// it has been committed and is seen.
async fn work_out(session: &mut Session<'_>, entity: &Entity, ids: &[RecordId], to_delete: bool) -> Result<Chain> {
    let lock = to_delete.then_some(Lock::Delete);
    let asked: BTreeSet<String> = ids.iter().map(ToString::to_string).collect();
    let mut missing: HashSet<String> = asked.iter().cloned().collect();
    check::exist(session, entity, &mut missing, lock).await?;
    if let Some(id) = missing.iter().min() {
        return Err(read::unknown(entity, id));
    }
    let mut chain = Chain::default();
    let mut queue = vec![(entity.id, asked.into_iter().collect::<Vec<_>>(), None::<(Relationship, Vec<String>)>)];
    // Holders to be looked at once it is known what all goes.
    let mut no_action: Vec<(Relationship, String, String)> = vec![];
    while let Some((id, mut ids, cascade)) = queue.pop() {
        if let (Some((relationship, gone)), true) = (cascade, to_delete) {
            still_held(session, &relationship, &gone, &mut ids).await?;
        }
        let fresh: Vec<String> = ids.into_iter().filter(|r| chain.gone.entry(id).or_default().insert(r.clone())).collect();
        if fresh.is_empty() {
            continue;
        }
        chain.deletes.push((id, fresh.clone()));
        let referring: Vec<Relationship> = session.schema.referring(id).cloned().collect();
        for relationship in referring {
            let holder = relationship.holder();
            let holders = holders(session, &relationship, &fresh).await?;
            // Required and set null contradict each other: then it is in the way.
            match relationship.on_delete {
                ReferentialAction::Cascade => {
                    let records = holders.into_iter().map(|(record, _)| record).collect();
                    queue.push((holder, records, Some((relationship, fresh.clone()))));
                }
                ReferentialAction::SetNull if !relationship.required => {
                    chain.nulls.entry((relationship.id, holder)).or_default().extend(holders.into_iter().map(|(record, _)| record));
                }
                ReferentialAction::Restrict => {
                    let others = holders.into_iter().filter(|(record, to)| !(holder == id && record == to)).map(|(record, _)| record);
                    block(session, &mut chain, &relationship, others)?;
                }
                ReferentialAction::NoAction | ReferentialAction::SetNull => {
                    no_action.extend(holders.into_iter().map(|(record, to)| (relationship.clone(), record, to)));
                }
            }
        }
        for relationship in junctions(session, id) {
            for column in at_ends(&relationship, id) {
                pairs(session, &mut chain, &relationship, id, column, &fresh).await?;
            }
        }
    }
    for (relationship, record, _) in no_action {
        if !chain.is_gone(relationship.holder(), &record) {
            block(session, &mut chain, &relationship, [record].into_iter())?;
        }
    }
    for ((_, holder), ids) in &mut chain.nulls {
        let gone = chain.gone.get(holder);
        ids.retain(|id| !gone.is_some_and(|g| g.contains(id)));
    }
    Ok(chain)
}

/// Locks records that are to go because they refer to some that do, and leaves out those that somebody has meanwhile deleted, or made refer
/// to others.
async fn still_held(session: &mut Session<'_>, relationship: &Relationship, gone: &[String], ids: &mut Vec<String>) -> Result<()> {
    let dialect = session.tx.dialect;
    if ids.is_empty() || dialect.lock(Lock::Delete).is_empty() {
        return Ok(()); // There is one writer at a time.
    }
    let place = Place::of(session.schema.entity(relationship.holder())?);
    for chunk in ids.chunks(CHUNK) {
        session.tx.rows(records::existing(dialect, &place, chunk, Some(Lock::Delete))).await?;
    }
    let now: HashSet<String> = holders(session, relationship, gone).await?.into_iter().map(|(record, _)| record).collect();
    ids.retain(|id| now.contains(id));
    Ok(())
}

fn block(session: &Session<'_>, chain: &mut Chain, relationship: &Relationship, records: impl Iterator<Item = String>) -> Result<()> {
    let key = (session.schema.entity(relationship.holder())?.name.clone(), relationship.name.clone());
    let records: Vec<String> = records.collect();
    if !records.is_empty() {
        chain.blockers.entry(key).or_default().extend(records);
    }
    Ok(())
}

/// Pairs of a many-to-many that go along; or that are in the way, where it says restrict.
async fn pairs(
    session: &mut Session<'_>,
    chain: &mut Chain,
    relationship: &Relationship,
    entity: EntityId,
    column: &'static str,
    ids: &[String],
) -> Result<()> {
    let ids: Vec<RecordId> = ids.iter().map(|id| id.parse()).collect::<Result<_>>()?;
    let links = links::of(session, relationship, column, &ids).await?;
    if links.is_empty() {
        return Ok(());
    }
    let from_source = column == "source_id";
    if relationship.on_delete == ReferentialAction::Restrict {
        let others = links.iter().map(|l| if from_source { l.target } else { l.source }.to_string());
        return block(session, chain, relationship, others);
    }
    let other = if relationship.source == relationship.target {
        entity
    } else if from_source {
        relationship.target
    } else {
        relationship.source
    };
    *chain.links.entry(other).or_default() += u32::try_from(links.len()).unwrap_or(u32::MAX);
    Ok(())
}

/// `(referring record, record referred to)`.
async fn holders(session: &mut Session<'_>, relationship: &Relationship, ids: &[String]) -> Result<Vec<(String, String)>> {
    let holder = session.schema.entity(relationship.holder())?;
    let column = relationship_column(relationship);
    let mut out = vec![];
    for chunk in ids.chunks(CHUNK) {
        let values: Vec<Value> = chunk.iter().cloned().map(Value::from).collect();
        for row in session.tx.rows(records::holders(session.tx.dialect, &Place::of(holder), &column, &values)).await? {
            out.push((row.text(1)?, row.text(0)?));
        }
    }
    out.sort();
    Ok(out)
}

async fn set_null(session: &mut Session<'_>, chain: &Chain, relationship: RelationshipId, holder: EntityId, ids: &[String]) -> Result<()> {
    let schema = session.schema;
    let layout = Layout::new(schema, schema.entity(holder)?);
    let referenced = schema.relationship(relationship)?.referenced();
    let owner = crate::sql::ColumnOwner::Relationship(relationship);
    let Some(position) = layout.columns.iter().position(|c| c.owner == owner) else { return Ok(()) };
    for chunk in ids.chunks(CHUNK) {
        for before in read::by_ids(session, layout.entity, &layout.columns, chunk, Some(Lock::Change)).await? {
            // Somebody may have made it refer to another meanwhile.
            if !before.values[position].as_str().is_some_and(|id| chain.is_gone(referenced, id)) {
                continue;
            }
            let mut values = before.values.clone();
            values[position] = Value::Null;
            let after = write::revised(session, &layout, &before, values);
            write::overwrite(session, &layout, &before, &after).await?;
        }
    }
    Ok(())
}

/// Takes the records out of their table, with their index rows, and says so in events.
async fn remove(session: &mut Session<'_>, entity: EntityId, ids: &[String]) -> Result<()> {
    let schema = session.schema;
    let layout = Layout::new(schema, schema.entity(entity)?);
    for chunk in ids.chunks(CHUNK) {
        let before = read::by_ids(session, layout.entity, &layout.columns, chunk, Some(Lock::Delete)).await?;
        let all: Vec<Event<'_>> = before.iter().map(|r| Event { record: &r.id, before: Some(&r.values), after: None }).collect();
        events::write(session, entity, &layout.columns, &all).await?;
        if layout.place.is_shared() {
            let entries: Vec<_> = before.iter().flat_map(|r| check::entries(&layout.columns, &layout.keys, &r.id, &r.values)).collect();
            for entries in entries.chunks(CHUNK * 4) {
                session.tx.execute(records::delete_entries(session.tx.dialect, entries)).await?;
            }
        }
        session.tx.execute(records::delete(session.tx.dialect, &layout.place, chunk)).await?;
    }
    Ok(())
}

fn summary(session: &Session<'_>, chain: &Chain) -> Result<Impact> {
    let count = |entity: EntityId, count: usize| -> Result<EntityCount> {
        Ok(EntityCount { entity, name: session.schema.entity(entity)?.title().to_owned(), count: u32::try_from(count).unwrap_or(u32::MAX) })
    };
    let mut deletes: Vec<EntityCount> = vec![];
    for (entity, ids) in &chain.deletes {
        match deletes.iter_mut().find(|d| d.entity == *entity) {
            Some(there) => there.count += u32::try_from(ids.len()).unwrap_or(u32::MAX),
            None => deletes.push(count(*entity, ids.len())?),
        }
    }
    let mut unlinks: BTreeMap<EntityId, usize> = BTreeMap::new();
    for ((_, holder), ids) in &chain.nulls {
        *unlinks.entry(*holder).or_default() += ids.len();
    }
    let unlinks = unlinks.into_iter().filter(|(_, n)| *n > 0).map(|(e, n)| count(e, n)).collect::<Result<_>>()?;
    let links = chain.links.iter().map(|(e, n)| count(*e, *n as usize)).collect::<Result<_>>()?;
    let blocked_by = chain
        .blockers
        .iter()
        .map(|((entity, relationship), ids)| Blocker {
            entity: entity.clone(),
            relationship: relationship.clone(),
            count: u32::try_from(ids.len()).unwrap_or(u32::MAX),
            records: ids.iter().take(20).filter_map(|id| id.parse().ok()).collect(),
        })
        .collect();
    Ok(Impact { deletes, unlinks, links, blocked_by })
}
