//! Every value in the way of a materialize, found before anything moves.

use futures_util::future::try_join;
use serde_json::Value;
use std::collections::{HashMap, HashSet};

use super::{
    inspect::{self, Settle, may_settle},
    target::{self, Target},
};
use crate::{
    error::Result,
    model::{OnInvalid, Problem, ProblemKind, Schema, StorageType},
    sql::{
        Column, Dialect, Sql,
        columns::keys,
        compare::{self, Rows},
        moves,
        records::Place,
    },
    store::{Store, Tx},
};

/// Records looked at by one statement.
pub const STEP: u32 = 20_000;
/// Problems that are listed; the others are counted.
pub const LISTED: usize = 1000;

/// Problems found.
#[derive(Debug, Default)]
pub struct Found {
    pub problems: Vec<Problem>,
    pub count: u32,
    /// Those that neither null nor keep settles.
    pub by_hand: u32,
    /// How many there are of a field, by its name.
    pub of_field: HashMap<String, u32>,
}

impl Found {
    pub fn add(&mut self, problems: Vec<Problem>) {
        self.count += u32::try_from(problems.len()).unwrap_or(u32::MAX);
        for problem in &problems {
            self.by_hand += u32::from(!problem.settles);
            *self.of_field.entry(problem.field.clone()).or_default() += 1;
        }
        self.list(problems);
    }

    /// The first of `count` that are alike in all but their record and value.
    pub fn add_first(&mut self, first: Vec<Problem>, count: u32) {
        let more = count.saturating_sub(u32::try_from(first.len()).unwrap_or(u32::MAX));
        if let Some(problem) = first.last() {
            self.count += more;
            self.by_hand += if problem.settles { 0 } else { more };
            *self.of_field.entry(problem.field.clone()).or_default() += more;
        }
        self.add(first);
    }

    /// Takes those of another place, or of another kind.
    pub fn join(&mut self, more: Self) {
        self.count += more.count;
        self.by_hand += more.by_hand;
        for (field, count) in more.of_field {
            *self.of_field.entry(field).or_default() += count;
        }
        self.list(more.problems);
    }

    fn list(&mut self, problems: Vec<Problem>) {
        let room = LISTED.saturating_sub(self.problems.len());
        self.problems.extend(problems.into_iter().take(room));
    }
}

/// Looks at all of an entity's shared records, or at the first `limit`. What can be converted without loss is no problem; with `null` and
/// `keep`, only what those cannot settle is one.
pub async fn find(store: &Store, schema: &Schema, target: &Target, on_invalid: OnInvalid, limit: Option<u32>) -> Result<Found> {
    let values = misfits(store, schema, target, on_invalid, limit);
    if limit.is_some() {
        return values.await;
    }
    let twice = async { duplicates(&mut store.read().await?, target, &target.shared(), on_invalid).await };
    let (mut found, twice) = try_join(values, twice).await?;
    found.join(twice);
    Ok(found)
}

async fn misfits(store: &Store, schema: &Schema, target: &Target, on_invalid: OnInvalid, limit: Option<u32>) -> Result<Found> {
    let mut found = Found::default();
    let settle = Settle { on_invalid, job: None, twice: &HashSet::new() };
    let (mut last, mut seen) = (String::new(), 0);
    loop {
        let mut tx = store.read().await?;
        tx.prefer_indexes().await?;
        let step = limit.map_or(STEP, |limit| limit.saturating_sub(seen).min(STEP));
        let Some((upto, count)) = target::next(&mut tx, &target.shared(), &last, step.max(1)).await? else { return Ok(found) };
        let ids = suspicious(&mut tx, schema, target, Rows::Range(&last, &upto)).await?;
        for ids in ids.chunks(crate::records::CHUNK) {
            found.add(inspect::expected(&mut tx, schema, target, ids, &settle).await?.problems);
        }
        seen += count;
        last = upto;
        if limit.is_some_and(|limit| seen >= limit) {
            return Ok(found);
        }
    }
}

/// Ids of records with a value that does not fit as it is, a required one missing, or a reference to nothing.
pub async fn suspicious(tx: &mut Tx, schema: &Schema, target: &Target, rows: Rows<'_>) -> Result<Vec<String>> {
    let dialect = tx.dialect;
    let fit: Vec<String> = target.columns.iter().map(|c| dialect.fits("data", c)).collect();
    let required = target.columns.iter().filter(|c| c.required);
    let present: Vec<String> = required.map(|c| format!("{} IS NOT NULL", dialect.json_member("data", &c.storage))).collect();
    let mut sql = Sql::new(dialect, "SELECT id FROM kdb_records WHERE entity_id = ");
    sql.bind(target.entity.id).push(" AND ");
    rows.limit(&mut sql, "id");
    sql.push(&format!(" AND (NOT coalesce({} AND {}, 1 = 0)", compare::all(&fit), compare::all(&present)));
    for column in &target.columns {
        let Some(referenced) = column.target else { continue };
        let value = dialect.from_json("kdb_records.data", column);
        let place = Place::of(schema.entity(referenced)?);
        sql.push(&format!(" OR ({value} IS NOT NULL AND NOT "));
        place.has(&mut sql, dialect, &value);
        sql.push(")");
    }
    sql.push(") ORDER BY id");
    tx.rows(sql.build()).await?.iter().map(|row| row.text(0)).collect()
}

/// Records whose unique value another record has too (the first of them is none), wherever they lie; less what is settled.
pub async fn duplicates(tx: &mut Tx, target: &Target, place: &Place, on_invalid: OnInvalid) -> Result<Found> {
    let mut found = Found::default();
    for columns in unique(target, on_invalid) {
        found.join(first_twice(tx, target, place, &columns).await?);
    }
    Ok(found)
}

/// As [`twice`], the first of them listed and the others counted.
pub async fn first_twice(tx: &mut Tx, target: &Target, place: &Place, columns: &[&Column]) -> Result<Found> {
    let mut found = Found::default();
    // There are seldom any, and that is told in half the time.
    if tx.row(moves::duplicates(tx.dialect, place, columns)).await?.is_none() {
        return Ok(found);
    }
    let count = tx.count(all_but_first(tx.dialect, place, columns, "count(*)").build()).await?;
    let first = twice(tx, target, place, columns, Some(("", u32::try_from(LISTED).unwrap_or(u32::MAX)))).await?;
    found.add_first(first, count);
    Ok(found)
}

/// The columns of everything that must be unique, less where every value that stands twice is settled.
pub fn unique(target: &Target, on_invalid: OnInvalid) -> Vec<Vec<&Column>> {
    let stands = |c: &&Column| c.unique && (on_invalid == OnInvalid::Abort || !may_settle(c));
    let single = target.columns.iter().filter(stands).map(|column| vec![column]);
    let several = keys(&target.entity, &target.columns).into_iter();
    single.chain(several.map(|key| key.columns.iter().map(|i| &target.columns[*i]).collect())).collect()
}

/// Records that have in these columns what one before them has too; of all, or the first `limit` after an id.
pub async fn twice(tx: &mut Tx, target: &Target, place: &Place, columns: &[&Column], part: Option<(&str, u32)>) -> Result<Vec<Problem>> {
    let mut sql = all_but_first(tx.dialect, place, columns, "*");
    if let Some((after, limit)) = part {
        sql.push(" AND id > ").bind(after).push(&format!(" ORDER BY id LIMIT {limit}"));
    } else {
        sql.push(" ORDER BY id");
    }
    let names: Vec<&str> = columns.iter().map(|c| c.name.as_str()).collect();
    let rows = tx.rows(sql.build()).await?;
    rows.iter()
        .map(|row| {
            let values: Vec<Value> = columns.iter().enumerate().map(|(i, c)| value_of(c, row.opt_text(i + 2))).collect();
            Ok(Problem {
                entity: target.entity.name.clone(),
                record: row.id(0)?,
                field: names.join(", "),
                value: if let [one] = values.as_slice() { one.clone() } else { Value::Array(values) },
                reason: format!("stands in record {} too, and must be unique", row.text(1)?),
                kind: ProblemKind::Duplicate,
                settles: matches!(columns, [one] if may_settle(one)),
            })
        })
        .collect()
}

/// `what` of the records that have in these columns what one before them has too: `id`, the id of that one as `first`, and the values as texts.
fn all_but_first(dialect: &'static dyn Dialect, place: &Place, columns: &[&Column], what: &str) -> Sql {
    let keys: Vec<String> = columns.iter().map(|c| place.key(dialect, c)).collect();
    let present: Vec<String> = keys.iter().map(|k| format!("({k}) IS NOT NULL")).collect();
    let text = |(column, key): (&&Column, &String)| match place {
        // Bytes are no text.
        Place::Dedicated(_) if column.storage_type() == StorageType::Binary => dialect.json_text(&place.native(dialect, column), column),
        _ => format!("CAST({key} AS TEXT)"),
    };
    let values: Vec<String> = columns.iter().zip(&keys).map(text).enumerate().map(|(i, text)| format!("{text} AS v{i}")).collect();
    let mut sql = Sql::new(
        dialect,
        &format!(
            "SELECT {what} FROM (SELECT {0} AS id, min({0}) OVER (PARTITION BY {1}) AS first, {2} FROM {3} WHERE ",
            dialect.id_text("id"),
            keys.join(", "),
            values.join(", "),
            place.table(dialect)
        ),
    );
    place.scope(&mut sql);
    sql.push(&format!(" AND {}) k WHERE id <> first", present.join(" AND ")));
    sql
}

/// A value from the text it is compared by.
fn value_of(column: &Column, text: Option<String>) -> Value {
    let Some(text) = text else { return Value::Null };
    match column.storage_type() {
        StorageType::Integer | StorageType::Float | StorageType::Bool | StorageType::Json => {
            serde_json::from_str(&text).unwrap_or(Value::String(text))
        }
        StorageType::Binary => Value::String(text.trim_matches('"').to_owned()),
        _ => Value::String(text),
    }
}
