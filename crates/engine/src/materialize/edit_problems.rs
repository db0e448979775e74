//! Every value in the way of an edit, as the edit would find it: of columns that stand, that come, and that are converted.

use serde_json::Value;
use std::{
    collections::HashMap,
    hash::{BuildHasher, RandomState},
};

use super::{
    problems::{Found, LISTED, first_twice},
    target::Target,
};
use crate::{
    error::Result,
    model::{Entity, JobKind, Problem, ProblemKind, RecordId, value},
    records::{
        check::key_value,
        convert::{members, native, stored},
    },
    schema::{
        Foreseen,
        convert::{BATCH, converted, values_after},
        foreseen::{Conversion, Look, Rule},
    },
    sql::{
        Column, Sql, moves,
        records::{Place, select_after},
    },
    store::Tx,
};

pub async fn find(tx: &mut Tx, foreseen: &Foreseen) -> Result<Found> {
    let mut found = Found::default();
    for conversion in &foreseen.conversions {
        let held =
            |rule| foreseen.looks.iter().any(|l| l.rule == rule && l.columns.len() == 1 && l.columns[0].owner == conversion.new.owner);
        convert(tx, &mut found, conversion, held(Rule::Required), held(Rule::Unique)).await?;
    }
    for look in &foreseen.looks {
        let Some(column) = look.columns.first() else { continue };
        let place = Place::of(&look.entity);
        let added = foreseen.added.iter().find(|(owner, _)| *owner == column.owner);
        match (look.rule, added) {
            (Rule::Required, Some((_, Value::Null))) => missing(tx, &mut found, look, "1 = 1").await?,
            (Rule::Required, Some(_)) => {}
            (Rule::Required, None) if foreseen.stands(column.owner) => {
                let none = match &place {
                    Place::Shared(_) => tx.dialect.json_member("data", &column.storage),
                    Place::Dedicated(_) => place.native(tx.dialect, column),
                };
                missing(tx, &mut found, look, &format!("{none} IS NULL")).await?;
            }
            // Those that have one were looked at with the conversion.
            (Rule::Required, None) => {
                let Some(conversion) = foreseen.conversions.iter().find(|c| c.new.owner == column.owner) else { continue };
                let condition = format!("NOT ({})", moves::has_value(tx.dialect, &place, &conversion.old));
                missing(tx, &mut found, look, &condition).await?;
            }
            (Rule::Unique, Some((_, Value::Null))) => {}
            (Rule::Unique, Some((_, default))) => everywhere(tx, &mut found, look, default).await?,
            (Rule::Unique, None) if look.columns.iter().all(|c| foreseen.stands(c.owner)) => {
                let target = Target { entity: look.entity.clone(), columns: vec![], kind: JobKind::Materialize };
                let parts: Vec<&Column> = look.columns.iter().collect();
                let mut twice = first_twice(tx, &target, &place, &parts).await?;
                // An edit settles none of them.
                twice.by_hand = twice.count;
                twice.problems.iter_mut().for_each(|problem| problem.settles = false);
                found.join(twice);
            }
            (Rule::Unique, None) if look.columns.len() > 1 => together(tx, &mut found, foreseen, look).await?,
            (Rule::Unique, None) => {}
        }
    }
    Ok(found)
}

/// Records without a value; those whose value is kept aside count too.
async fn missing(tx: &mut Tx, found: &mut Found, look: &Look, condition: &str) -> Result<()> {
    let (dialect, place, column) = (tx.dialect, Place::of(&look.entity), &look.columns[0]);
    let from = |what: &str| {
        let mut sql = Sql::new(dialect, &format!("SELECT {what} FROM {} WHERE ", place.table(dialect)));
        place.scope(&mut sql);
        sql.push(&format!(" AND {condition}"));
        sql
    };
    let count = tx.count(from("count(*)").build()).await?;
    let room = LISTED.saturating_sub(found.problems.len());
    let aside = if place.is_shared() { "NULL".to_owned() } else { dialect.json_member("kdb_kept", &column.storage) };
    let mut sql = from(&format!("{}, {aside}", dialect.id_text("id")));
    sql.push(&format!(" ORDER BY id LIMIT {room}"));
    let mut listed = vec![];
    for row in tx.rows(sql.build()).await? {
        let value = row.opt_text(1).map_or(Ok(Value::Null), |text| serde_json::from_str(&text))?;
        let reason = if value.is_null() { "has no value, and one is required" } else { "is kept aside, and a value that fits is required" };
        listed.push(problem(&look.entity, column, row.id(0)?, value, reason.to_owned(), ProblemKind::Missing)?);
    }
    found.add_first(listed, count);
    Ok(())
}

/// A default of a unique field that comes: all records would have it.
async fn everywhere(tx: &mut Tx, found: &mut Found, look: &Look, default: &Value) -> Result<()> {
    let (dialect, place) = (tx.dialect, Place::of(&look.entity));
    let count = tx.count(crate::sql::records::count(dialect, &place)).await?.saturating_sub(1);
    let mut sql = Sql::new(dialect, &format!("SELECT {} FROM {} WHERE ", dialect.id_text("id"), place.table(dialect)));
    place.scope(&mut sql);
    sql.push(&format!(" ORDER BY id LIMIT {LISTED} OFFSET 1"));
    let mut listed = vec![];
    for row in tx.rows(sql.build()).await? {
        let reason = "would stand in every record, and must be unique".to_owned();
        listed.push(problem(&look.entity, &look.columns[0], row.id(0)?, default.clone(), reason, ProblemKind::Duplicate)?);
    }
    found.add_first(listed, count);
    Ok(())
}

/// Values that do not convert: they are kept aside, unless one is required in a column. And those that come to the same.
async fn convert(tx: &mut Tx, found: &mut Found, conversion: &Conversion, required: bool, unique: bool) -> Result<()> {
    let Conversion { entity, old, new } = conversion;
    let aside = !(required && entity.is_dedicated());
    let mut seen = Seen::default();
    let mut last = String::new();
    loop {
        let page = values_after(tx, entity, old, &last, BATCH).await?;
        let Some((end, _)) = page.last() else { return Ok(()) };
        last.clone_from(end);
        let mut problems = vec![];
        for (id, before) in page {
            let after = converted(new, &before);
            let record: RecordId = id.parse()?;
            if let Err(reason) = native(new, &after) {
                let found = problem(entity, new, record, before, reason, ProblemKind::Misfit)?;
                problems.push(Problem { settles: aside, ..found });
                continue;
            }
            let Some(key) = value::index_key(&after, new.storage_type()).filter(|_| unique) else { continue };
            if let Some(reason) = seen.before(&key, record) {
                problems.push(problem(entity, new, record, before, reason, ProblemKind::Duplicate)?);
            }
        }
        found.add(problems);
    }
}

/// Records that come to the same in a key over several columns, of which some are converted. As in [`convert`], what has no value of a
/// column's type stands in nobody's way.
async fn together(tx: &mut Tx, found: &mut Found, foreseen: &Foreseen, look: &Look) -> Result<()> {
    let place = Place::of(&look.entity);
    let conversion = |column: &Column| foreseen.conversions.iter().find(|c| c.new.owner == column.owner);
    let old: Vec<Column> = look.columns.iter().map(|new| conversion(new).map_or(new, |c| &c.old).clone()).collect();
    let parts: Vec<&Column> = look.columns.iter().collect();
    let names: Vec<&str> = parts.iter().map(|c| c.name.as_str()).collect();
    let mut seen = Seen::default();
    let mut last = String::new();
    loop {
        let rows = tx.rows(select_after(tx.dialect, &place, &old, &last, BATCH)).await?;
        if rows.is_empty() {
            return Ok(());
        }
        let mut problems = vec![];
        for row in &rows {
            let row = stored(tx.dialect, &place, &old, row)?;
            last.clone_from(&row.id);
            let (record, aside): (RecordId, _) = (row.id.parse()?, members(row.kept.as_deref()));
            let after = parts.iter().zip(&row.values).map(|(part, value)| match conversion(part) {
                Some(_) => native(part, &converted(part, value)).ok(),
                None if aside.contains_key(&part.storage) => None,
                None => native(part, value).ok(),
            });
            let Some(after) = after.collect::<Option<Vec<Value>>>() else { continue };
            let Some(key) = key_value(&parts, &after.iter().collect::<Vec<_>>()) else { continue };
            if let Some(reason) = seen.before(&key, record) {
                let entity = look.entity.name.clone();
                let (field, value) = (names.join(", "), Value::Array(row.values));
                problems.push(Problem { entity, record, field, value, reason, kind: ProblemKind::Duplicate, settles: false });
            }
        }
        found.add(problems);
    }
}

/// Which record had a key first. Of each key two hashes, so that a million of them do not have to be kept.
#[derive(Debug, Default)]
struct Seen {
    hashes: (RandomState, RandomState),
    first: HashMap<(u64, u64), RecordId>,
}

impl Seen {
    /// Why this record cannot have the key, where one before has it.
    fn before(&mut self, key: &str, record: RecordId) -> Option<String> {
        let first = *self.first.entry((self.hashes.0.hash_one(key), self.hashes.1.hash_one(key))).or_insert(record);
        (first != record).then(|| format!("would stand in record {first} too, and must be unique"))
    }
}

fn problem(entity: &Entity, column: &Column, record: RecordId, value: Value, reason: String, kind: ProblemKind) -> Result<Problem> {
    Ok(Problem { entity: entity.name.clone(), record, field: column.name.clone(), value, reason, kind, settles: false })
}
