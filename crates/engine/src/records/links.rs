//! Many-to-many pairs, wherever they lie.

use serde_json::{Value, json};
use std::collections::{HashMap, HashSet, hash_map::Entry};

use super::{CHUNK, Session, check, read};
use crate::{
    error::{Error, ErrorCode, Result},
    model::{Entity, EntityId, Link, LinkId, RecordId, Relationship, RelationshipId},
    sql::{Bind, Lock, Sql, Statement, linked::ends},
};

/// Begins a statement on the relationship's pairs: `head` + table + where it has to be limited to it.
fn on_pairs(session: &Session<'_>, relationship: &Relationship, head: &str) -> Sql {
    let mut sql = Sql::new(session.tx.dialect, head);
    if session.schema.has_junction_table(relationship) {
        sql.push(" ").ident(&relationship.storage).push(" WHERE 1 = 1");
    } else {
        sql.push(" kdb_record_links WHERE relationship_id = ").bind(relationship.id);
    }
    sql
}

fn many_to_many(relationship: &Relationship) -> Result<()> {
    if relationship.is_many_to_many() {
        return Ok(());
    }
    Err(Error::invalid(format!(
        "{} is not many-to-many: it is set by writing the other record's id into the field {}.",
        relationship.name,
        relationship.field.as_deref().unwrap_or_default()
    ))
    .with(json!({ "relationship": relationship.name, "field": relationship.field })))
}

/// Adds pairs of `record` (of entity `from`) with each of `others`; a pair that is there gets the metadata, when some is given.
///
/// # Errors
/// `unknown_record`, `dangling_reference`, `invalid_input` when the relationship is not many-to-many.
pub async fn add(
    session: &mut Session<'_>,
    relationship: RelationshipId,
    from: EntityId,
    record: RecordId,
    others: &[RecordId],
    metadata: Option<&Value>,
) -> Result<Vec<Link>> {
    let relationship = session.schema.relationship(relationship)?;
    many_to_many(relationship)?;
    let from_source = relationship.source == from;
    let near = session.schema.entity(from)?;
    let far = session.schema.entity(if from_source { relationship.target } else { relationship.source })?;
    require(session, near, &[record], |id| read::unknown(near, id)).await?;
    require(session, far, others, |id| {
        Error::new(ErrorCode::DanglingReference, format!("{} has no record {id} to link to.", far.name))
            .with(json!({ "entity": far.name, "value": id }))
    })
    .await?;
    let links: Vec<Link> = others
        .iter()
        .map(|other| {
            let (source, target) = if from_source { (record, *other) } else { (*other, record) };
            Link { id: LinkId::new(), source, target, metadata: metadata.cloned() }
        })
        .collect();
    insert(session, relationship, &links).await?;
    let near_column = ends(relationship, from).0;
    let wanted: HashSet<RecordId> = others.iter().copied().collect();
    let all = of(session, relationship, near_column, &[record]).await?;
    Ok(all.into_iter().filter(|l| wanted.contains(if from_source { &l.target } else { &l.source })).collect())
}

async fn require(session: &mut Session<'_>, entity: &Entity, ids: &[RecordId], error: impl Fn(&str) -> Error) -> Result<()> {
    let mut missing: HashSet<String> = ids.iter().map(ToString::to_string).collect();
    check::exist(session, entity, &mut missing, Some(Lock::Exists)).await?;
    missing.iter().min().map_or(Ok(()), |id| Err(error(id)))
}

/// Writes pairs whose ends are known to exist: the bulk door, for imports.
pub async fn insert(session: &mut Session<'_>, relationship: &Relationship, links: &[Link]) -> Result<()> {
    let junction = session.schema.has_junction_table(relationship);
    let links = distinct(links);
    for chunk in links.chunks(CHUNK) {
        let mut sql = Sql::new(session.tx.dialect, "INSERT INTO ");
        if junction {
            sql.ident(&relationship.storage).push(" (");
        } else {
            sql.push("kdb_record_links (relationship_id, ");
        }
        sql.push("id, source_id, target_id, metadata, created_at, created_by) VALUES ");
        for (i, link) in chunk.iter().enumerate() {
            sql.push(if i == 0 { "(" } else { ", (" });
            if !junction {
                sql.bind(relationship.id).push(", ");
            }
            sql.bind_all([
                Bind::from(link.id),
                link.source.into(),
                link.target.into(),
                Bind::Json(link.metadata.as_ref().map(ToString::to_string)),
                session.context.now.clone().into(),
                session.context.author.clone().into(),
            ])
            .push(")");
        }
        // The table's own metadata where none is given: linking again never wipes it.
        let table = if junction { session.tx.dialect.quote(&relationship.storage) } else { "kdb_record_links".to_owned() };
        let key = if junction { "source_id, target_id" } else { "relationship_id, source_id, target_id" };
        sql.push(&format!(" ON CONFLICT ({key}) DO UPDATE SET metadata = coalesce(excluded.metadata, {table}.metadata)"));
        session.tx.execute(sql.build()).await?;
    }
    Ok(())
}

/// Each pair once, as no statement may write a row twice: with the last metadata given for it.
fn distinct(links: &[Link]) -> Vec<&Link> {
    let mut places: HashMap<(RecordId, RecordId), usize> = HashMap::new();
    let mut out: Vec<&Link> = Vec::with_capacity(links.len());
    for link in links {
        match places.entry((link.source, link.target)) {
            Entry::Occupied(place) if link.metadata.is_some() => out[*place.get()] = link,
            Entry::Occupied(_) => {}
            Entry::Vacant(place) => {
                place.insert(out.len());
                out.push(link);
            }
        }
    }
    out
}

/// Takes away the pairs of `record` with `others`; returns how many there were.
///
/// # Errors
/// `invalid_input` when the relationship is not many-to-many.
pub async fn remove(
    session: &mut Session<'_>,
    relationship: RelationshipId,
    from: EntityId,
    record: RecordId,
    others: &[RecordId],
) -> Result<u32> {
    let relationship = session.schema.relationship(relationship)?;
    many_to_many(relationship)?;
    let (near, far) = ends(relationship, from);
    let mut gone = 0;
    for chunk in others.chunks(CHUNK) {
        let mut sql = on_pairs(session, relationship, "DELETE FROM");
        sql.push(&format!(" AND {near} = ")).bind(record);
        sql.push(&format!(" AND {far} IN (")).bind_all(chunk.iter().copied()).push(")");
        gone += session.tx.execute(sql.build()).await?;
    }
    Ok(u32::try_from(gone).unwrap_or(u32::MAX))
}

/// Takes away every pair with one of the records at the end `column`.
pub async fn remove_all(session: &mut Session<'_>, relationship: &Relationship, column: &str, ids: &[String]) -> Result<u64> {
    let mut gone = 0;
    for chunk in ids.chunks(CHUNK) {
        let mut sql = on_pairs(session, relationship, "DELETE FROM");
        sql.push(&format!(" AND {column} IN (")).bind_all(Bind::ids(chunk)).push(")");
        gone += session.tx.execute(sql.build()).await?;
    }
    Ok(gone)
}

/// The pairs with one of the records at the end `column`, in order of that record, then of making.
pub async fn of(session: &mut Session<'_>, relationship: &Relationship, column: &str, ids: &[RecordId]) -> Result<Vec<Link>> {
    let mut out = vec![];
    for chunk in ids.chunks(CHUNK) {
        let mut sql = on_pairs(session, relationship, "SELECT id, source_id, target_id, metadata FROM");
        sql.push(&format!(" AND {column} IN (")).bind_all(chunk.iter().copied()).push(&format!(") ORDER BY {column}, id"));
        for row in session.tx.rows(sql.build()).await? {
            let metadata = row.opt_text(3).map(|text| serde_json::from_str(&text)).transpose()?;
            out.push(Link { id: row.text(0)?.parse()?, source: row.id(1)?, target: row.id(2)?, metadata });
        }
    }
    Ok(out)
}

/// Number of pairs.
pub fn count(session: &Session<'_>, relationship: &Relationship) -> Statement {
    on_pairs(session, relationship, "SELECT count(*) FROM").build()
}
