//! Tables outside a job that its foreign keys tie to its entities: those that refer to them, and those they refer to. Plain SQL may write a
//! reference to nothing there, or take away what a record of the job refers to, and no foreign key stops it yet. So on SQLite what is
//! written there is noted too: to know otherwise, it would read every reference while it switches over. A server holds foreign keys
//! against what is there once it has switched over.

use serde_json::Value;

use super::{
    Work,
    capture::{self, Among, Watched},
    inspect, links,
    problems::{Found, LISTED},
    state::Part,
    target,
};
use crate::{
    error::Result,
    model::{EntityId, JobKind, Problem, ProblemKind, Relationship, Schema},
    records::{CHUNK, convert},
    schema::Edit,
    sql::{
        Backend, Bind, Sql,
        columns::columns,
        records::{self, Place},
    },
    store::Tx,
};

/// References the database keeps from when these entities are dedicated, and not before.
pub fn keys_to_come<'s>(before: &'s Schema, after: &Schema) -> Vec<&'s Relationship> {
    let comes = |r: &&Relationship| !r.is_many_to_many() && after.both_dedicated(r) && !before.both_dedicated(r);
    before.relationships.iter().filter(comes).collect()
}

/// References, and pairs, that the database keeps from when it has switched over, and not before.
fn ties<'s>(before: &'s Schema, after: &'s Schema) -> impl Iterator<Item = &'s Relationship> {
    let junctions = target::moving_links(before, after).into_iter().filter(|r| after.has_junction_table(r));
    keys_to_come(before, after).into_iter().chain(junctions)
}

/// Entities outside the job at the other end of one of them.
pub fn of(before: &Schema, after: &Schema, parts: &[Part]) -> Vec<EntityId> {
    let mut out: Vec<EntityId> = vec![];
    for end in ties(before, after).flat_map(|r| [r.source, r.target]) {
        if parts.iter().all(|part| part.entity != end) && !out.contains(&end) {
            out.push(end);
        }
    }
    out
}

/// What notes writes to them; none where nothing is noted.
pub fn watched(backend: Backend, schema: &Schema, ids: &[EntityId]) -> Result<Vec<Watched>> {
    let ids = if backend == Backend::Sqlite { ids } else { &[] };
    ids.iter().map(|id| one(schema, *id)).collect()
}

fn one(schema: &Schema, id: EntityId) -> Result<Watched> {
    let entity = schema.entity(id)?;
    Ok(Watched::records(id, &Place::of(entity)).with_unique(entity, &columns(schema, entity)))
}

/// Begins to note what is written to them.
pub async fn watch(work: &mut Work, tx: &mut Tx, schema: &Schema) -> Result<()> {
    let ids = of(schema, &work.after(schema), &work.state.parts);
    for watched in watched(tx.dialect.backend(), schema, &ids)? {
        for statement in capture::create(tx.dialect, work.row.id, &watched) {
            tx.execute(statement).await?;
        }
    }
    work.state.neighbours = Some(if tx.dialect.backend() == Backend::Sqlite { ids } else { vec![] });
    Ok(())
}

/// Ends that. A table that is gone took its triggers with it.
pub async fn unwatch(work: &Work, tx: &mut Tx, schema: &Schema) -> Result<()> {
    let there: Vec<EntityId> = work.state.watched().iter().copied().filter(|id| schema.entity(*id).is_ok()).collect();
    for watched in watched(tx.dialect.backend(), schema, &there)? {
        for statement in capture::drop(tx.dialect, work.row.id, &watched) {
            tx.execute(statement).await?;
        }
    }
    Ok(())
}

/// Entities of which not everything was noted since the job began, or nothing: they have come, or have been made anew, in between. Of a job
/// an earlier version began, its own too: what referred to records that had gone was not noted.
pub async fn unwatched(work: &Work, tx: &mut Tx, schema: &Schema) -> Result<Vec<EntityId>> {
    let mut out = vec![];
    if tx.rehearses() {
        // Its triggers are none that could be found.
        return Ok(out);
    }
    if work.state.neighbours.is_none() {
        out.extend(work.state.parts.iter().map(|part| part.entity));
    }
    for id in of(schema, &work.after(schema), &work.state.parts) {
        let noted = work.state.watched().contains(&id) && capture::stands(tx, work.row.id, &one(schema, id)?).await?;
        // A record with an id that is none cannot be asked for by it.
        if !noted || capture::noted::<String>(tx, work.row.id, id.0, Among::All).await?.ids.iter().any(|id| !capture::is_id(id)) {
            out.push(id);
        }
    }
    Ok(out)
}

/// Looks at what was written to them: records and pairs of the job at one that is gone are noted, to be looked at once more.
pub async fn catch_up(work: &Work, tx: &mut Tx, schema: &Schema) -> Result<()> {
    for id in work.state.watched() {
        let Ok(entity) = schema.entity(*id) else { continue };
        let mut noted = capture::noted::<String>(tx, work.row.id, id.0, Among::All).await?;
        noted.ids.retain(|id| capture::is_id(id));
        for ids in noted.ids.chunks(CHUNK) {
            let there = tx.texts(records::existing(tx.dialect, &Place::of(entity), ids, None)).await?;
            let gone: Vec<String> = ids.iter().filter(|id| !there.contains(id)).cloned().collect();
            look_again(work, tx, schema, *id, &gone).await?;
        }
        // Plain SQL may write what they refer to after them: those wait for it, until the job cuts over.
        let waiting = orphans(work, tx, schema, *id, &noted.ids).await?;
        capture::forget(tx, work.row.id, id.0, &noted).await?;
        capture::note(tx, work.row.id, *id, &waiting).await?;
    }
    Ok(())
}

/// These records are gone: what plain SQL has left at them is looked at once more.
pub async fn look_again(work: &Work, tx: &mut Tx, schema: &Schema, of: EntityId, gone: &[String]) -> Result<()> {
    if gone.is_empty() || work.row.kind.0 == JobKind::Dematerialize {
        return Ok(());
    }
    for relationship in schema.referring(of) {
        let holder = relationship.holder();
        let part = work.state.parts.iter().find(|part| part.entity == holder);
        let table = match part {
            Some(part) => &part.table,
            // One that was brought back meanwhile has no table.
            None if work.state.watched().contains(&holder) && schema.entity(holder)?.is_dedicated() => &schema.entity(holder)?.table,
            None => continue,
        };
        capture::note_referring(tx, work.row.id, (holder, table), &relationship.storage, gone).await?;
    }
    links::look_again(work, tx, schema, of, gone).await
}

/// In the cut-over, when nobody else writes.
///
/// # Errors
/// `invalid_values` with records outside the job that refer to nothing.
pub async fn hold(work: &Work, tx: &mut Tx, schema: &Schema) -> Result<()> {
    for id in work.state.watched() {
        if schema.entity(*id).is_ok() && !capture::noted::<String>(tx, work.row.id, id.0, Among::All).await?.ids.is_empty() {
            return refuse(tx, schema, &work.state.parts).await;
        }
    }
    Ok(())
}

/// Before the cut-over: those that have referred to nothing since before they were watched. The others are looked at again.
///
/// # Errors
/// As [`refuse`].
pub async fn compare(work: &Work, schema: &Schema) -> Result<()> {
    let mut tx = work.store.read().await?;
    for relationship in referring(schema, &work.state.parts) {
        let (mut after, holder) = (String::new(), relationship.holder().0);
        loop {
            let found = page(&mut tx, schema, relationship, &after, CHUNK as u32).await?;
            let ids: Vec<String> = found.iter().map(|problem| problem.record.to_string()).collect();
            let Some(last) = ids.last() else { break };
            if capture::noted(&mut tx, work.row.id, holder, Among::These(&ids)).await?.ids.len() < ids.len() {
                return refuse(&mut tx, schema, &work.state.parts).await;
            }
            after.clone_from(last);
        }
    }
    Ok(())
}

/// # Errors
/// `invalid_values` with records outside the job that refer to none of its records.
async fn refuse(tx: &mut Tx, schema: &Schema, parts: &[Part]) -> Result<()> {
    let found = find(tx, schema, parts).await?;
    inspect::refuse(&found.problems, found.count)
}

/// Looks at every record of those of which not everything was noted.
///
/// # Errors
/// `dangling_reference` with the table, when a row refers to one that does not exist.
pub async fn check(edit: &mut Edit<'_>, before: &Schema, unwatched: &[EntityId]) -> Result<()> {
    let after = edit.schema.clone();
    for relationship in ties(before, &after) {
        if unwatched.contains(&relationship.source) || unwatched.contains(&relationship.target) {
            let table = if relationship.is_many_to_many() {
                &after.relationship(relationship.id)?.storage
            } else {
                &after.entity(relationship.holder())?.table
            };
            edit.tx.check_foreign_keys(table).await?;
        }
    }
    Ok(())
}

/// References of records outside the job to records of it that are not there; the first are listed, the others counted. What is there
/// already is not the job's to change: they are for somebody to mend.
pub async fn find(tx: &mut Tx, schema: &Schema, parts: &[Part]) -> Result<Found> {
    let mut found = Found::default();
    for relationship in referring(schema, parts) {
        let mut sql = Sql::new(tx.dialect, "SELECT count(*)");
        dangling(&mut sql, schema, relationship)?;
        let count = tx.count(sql.build()).await?;
        let room = u32::try_from(LISTED).unwrap_or(u32::MAX);
        let first = if count > 0 { page(tx, schema, relationship, "", room).await? } else { vec![] };
        found.add_first(first, count);
    }
    Ok(found)
}

/// Foreign keys that tables outside the job get with it.
pub fn referring<'s>(schema: &'s Schema, parts: &[Part]) -> Vec<&'s Relationship> {
    let after = target::after(schema, parts, JobKind::Materialize);
    let outside = |r: &&Relationship| parts.iter().all(|part| part.entity != r.holder());
    keys_to_come(schema, &after).into_iter().filter(outside).collect()
}

/// The next of them by record.
pub async fn page(tx: &mut Tx, schema: &Schema, relationship: &Relationship, after: &str, limit: u32) -> Result<Vec<Problem>> {
    let mut sql = Sql::new(tx.dialect, "SELECT t.id, ");
    sql.push(&format!("t.{}", tx.dialect.quote(&relationship.storage)));
    dangling(&mut sql, schema, relationship)?;
    if !after.is_empty() {
        sql.push(" AND t.id > ").bind_id(after);
    }
    sql.push(&format!(" ORDER BY t.id LIMIT {limit}"));
    let name = &schema.entity(relationship.holder())?.name;
    let problem = |row: &crate::sql::Row| {
        Ok(Problem {
            entity: name.clone(),
            record: row.id(0)?,
            field: relationship.name.clone(),
            value: Value::String(row.text(1)?),
            reason: convert::ORPHAN.to_owned(),
            kind: ProblemKind::Orphan,
            settles: false,
        })
    };
    tx.rows(sql.build()).await?.iter().map(problem).collect()
}

/// Appends where they are, as `t`.
fn dangling(sql: &mut Sql, schema: &Schema, relationship: &Relationship) -> Result<()> {
    let dialect = sql.dialect();
    let held = format!("t.{}", dialect.quote(&relationship.storage));
    let holder = dialect.quote(&schema.entity(relationship.holder())?.table);
    sql.push(&format!(" FROM {holder} t WHERE {held} IS NOT NULL AND NOT "));
    Place::of(schema.entity(relationship.referenced())?).has(sql, dialect, &held);
    Ok(())
}

/// Which of these records of an entity outside the job refer to nothing.
async fn orphans(work: &Work, tx: &mut Tx, schema: &Schema, of: EntityId, ids: &[String]) -> Result<Vec<String>> {
    let mut out = vec![];
    for relationship in referring(schema, &work.state.parts).into_iter().filter(|r| r.holder() == of) {
        for ids in ids.chunks(CHUNK) {
            let mut sql = Sql::new(tx.dialect, "SELECT t.id");
            dangling(&mut sql, schema, relationship)?;
            sql.push(" AND t.id IN (").bind_all(Bind::ids(ids)).push(")");
            out.extend(tx.texts(sql.build()).await?);
        }
    }
    Ok(out)
}
