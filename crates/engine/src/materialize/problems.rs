//! Every value in the way of a materialize, found before anything moves.

use serde_json::Value;

use super::{
    inspect,
    target::{self, Target},
};
use crate::{
    error::Result,
    model::{OnInvalid, Problem, Schema},
    sql::{
        Column, Sql,
        columns::keys,
        compare::{self, Rows},
        records::Place,
    },
    store::{Store, Tx},
};

/// Records looked at by one statement.
const STEP: u32 = 20_000;
/// Problems that are listed; the others are counted.
pub const LISTED: usize = 1000;

/// Problems found.
#[derive(Debug, Default)]
pub struct Found {
    pub problems: Vec<Problem>,
    pub count: u32,
}

impl Found {
    pub fn add(&mut self, problems: Vec<Problem>) {
        self.count += u32::try_from(problems.len()).unwrap_or(u32::MAX);
        let room = LISTED.saturating_sub(self.problems.len());
        self.problems.extend(problems.into_iter().take(room));
    }
}

/// Looks at all of an entity's shared records, or at the first `limit`. What can be converted without loss is no problem; with `null` and
/// `keep`, only what those cannot settle is one.
pub async fn find(store: &Store, schema: &Schema, target: &Target, on_invalid: OnInvalid, limit: Option<u32>) -> Result<Found> {
    let mut found = Found::default();
    let (mut last, mut seen) = (String::new(), 0);
    loop {
        let mut tx = store.read().await?;
        let step = limit.map_or(STEP, |limit| limit.saturating_sub(seen).min(STEP));
        let Some((upto, count)) = target::next(&mut tx, &target.shared(), &last, step.max(1)).await? else { break };
        let ids = suspicious(&mut tx, schema, target, Rows::Range(&last, &upto)).await?;
        for ids in ids.chunks(crate::records::CHUNK) {
            found.add(inspect::expected(&mut tx, schema, target, ids, on_invalid).await?.problems);
        }
        seen += count;
        last = upto;
        if limit.is_some_and(|limit| seen >= limit) {
            return Ok(found);
        }
    }
    let mut tx = store.read().await?;
    let place = target.shared();
    found.add(duplicates(&mut tx, target, &place).await?);
    Ok(found)
}

/// Ids of records with a value that does not fit as it is, a required one missing, or a reference to nothing.
async fn suspicious(tx: &mut Tx, schema: &Schema, target: &Target, rows: Rows<'_>) -> Result<Vec<String>> {
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
        sql.push(&format!(" OR ({value} IS NOT NULL AND NOT EXISTS (SELECT 1 FROM {} p WHERE ", place.table(dialect)));
        if let Place::Shared(entity) = &place {
            sql.push("p.entity_id = ").bind(*entity).push(" AND ");
        }
        sql.push(&format!("p.id = {value}))"));
    }
    sql.push(")");
    tx.rows(sql.build()).await?.iter().map(|row| row.text(0)).collect()
}

/// Records whose unique value another record has too (the first of them is none), wherever they lie.
pub async fn duplicates(tx: &mut Tx, target: &Target, place: &Place) -> Result<Vec<Problem>> {
    let mut out = vec![];
    for column in target.columns.iter().filter(|c| c.unique) {
        out.extend(twice(tx, target, place, &[column]).await?);
    }
    for key in keys(&target.entity, &target.columns) {
        let parts: Vec<&Column> = key.columns.iter().map(|i| &target.columns[*i]).collect();
        out.extend(twice(tx, target, place, &parts).await?);
    }
    Ok(out)
}

async fn twice(tx: &mut Tx, target: &Target, place: &Place, columns: &[&Column]) -> Result<Vec<Problem>> {
    let dialect = tx.dialect;
    let key = |c: &&Column| match place {
        Place::Shared(_) => dialect.index_key("data", c),
        Place::Dedicated(_) => dialect.comparable(&dialect.quote(&c.storage), c),
    };
    let keys: Vec<String> = columns.iter().map(key).collect();
    let present: Vec<String> = keys.iter().map(|k| format!("({k}) IS NOT NULL")).collect();
    let mut sql = Sql::new(
        dialect,
        &format!(
            "SELECT id, value, first FROM (SELECT {0} AS id, {1} AS value, min({0}) OVER (PARTITION BY {2}) AS first FROM {3} WHERE ",
            dialect.id_text("id"),
            keys[0],
            keys.join(", "),
            place.table(dialect)
        ),
    );
    place.scope(&mut sql);
    sql.push(&format!(" AND {}) k WHERE id <> first ORDER BY id", present.join(" AND ")));
    let names: Vec<&str> = columns.iter().map(|c| c.name.as_str()).collect();
    let rows = tx.rows(sql.build()).await?;
    rows.iter()
        .map(|row| {
            Ok(Problem {
                entity: target.entity.name.clone(),
                record: row.id(0)?,
                field: names.join(", "),
                value: row.opt_text(1).map_or(Value::Null, Value::String),
                reason: format!("stands in record {} too, and must be unique", row.text(2)?),
            })
        })
        .collect()
}
