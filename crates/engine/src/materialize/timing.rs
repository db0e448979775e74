//! What somebody gains by a job: the same two questions are timed before it and after it, by the statements conditions and pages are read
//! with. They go over an entity's first records only, as many as are looked through in a moment: a million would hold the job up.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::time::{Duration, Instant};

use super::{
    Work,
    target::{self, Target},
};
use crate::{
    error::Result,
    model::{QueryTiming, StorageType, name, value},
    records::convert,
    sql::{
        Bind, Column, Dialect, Statement,
        list::{self, Condition, Order, Part, Start},
        records::{self, Place},
    },
    store::{Store, Tx},
};

/// Records looked at for a value.
const SAMPLE: u32 = 20;
/// Records gone over to learn how long that takes.
const FIRST: u32 = 200;
/// What going over the records once may take before the job.
const AIM: Duration = Duration::from_millis(40);
/// A question is asked again until that took so long, twice at least and [`TIMES`] at most: the
/// quickest counts, as the first warms the database up.
const ENOUGH: Duration = Duration::from_millis(60);
const TIMES: u32 = 3;
/// Records on the page asked for.
const PAGE: u32 = 50;
/// A longer text is nothing a person would look for.
const SHORT: usize = 40;

/// The questions asked before a job, so that the same ones are asked after it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Questions {
    /// Name of a field, and a value that occurs in it.
    field: String,
    value: Value,
    /// The last record gone over, and how many there are up to it.
    upto: String,
    of: u32,
    filter_ms: f64,
    sort_ms: f64,
}

/// Asks before a job. None where no field has a value to look for.
pub async fn before(store: &Store, target: &Target, total: u32) -> Result<Option<Questions>> {
    let place = target.source();
    let mut tx = store.read().await?;
    let Some((column, value)) = wanted(&mut tx, target, &place).await? else { return Ok(None) };
    let mut questions = Questions { field: column.name.clone(), value, upto: String::new(), of: 0, filter_ms: 0.0, sort_ms: 0.0 };
    questions.go_over(&mut tx, &place, FIRST).await?;
    let took = questions.asked(&mut tx, target, &place, column).await?.0;
    let most = f64::from((total / 50).clamp(1000, 20_000));
    let size = f64::from(questions.of) * AIM.as_secs_f64() * 1000.0 / took.max(0.01);
    questions.go_over(&mut tx, &place, size.clamp(f64::from(FIRST), most) as u32).await?;
    (questions.filter_ms, questions.sort_ms) = questions.asked(&mut tx, target, &place, column).await?;
    Ok(Some(questions))
}

/// Asks the same after it.
pub async fn after(store: &Store, target: &Target, before: &Questions) -> Result<Vec<QueryTiming>> {
    let Some(column) = target.columns.iter().find(|c| c.name == before.field) else { return Ok(vec![]) };
    let mut tx = store.read().await?;
    let (filter, sort) = before.asked(&mut tx, target, &target.destination(), column).await?;
    let value = before.value.as_str().map_or_else(|| before.value.to_string(), |text| format!("'{text}'"));
    let (field, of) = (&before.field, name::grouped(before.of.into()));
    let timing = |query, before_ms, after_ms| QueryTiming { query, before_ms, after_ms };
    Ok(vec![
        timing(format!("records with {field} = {value}, of {of}"), before.filter_ms, filter),
        timing(format!("the first {PAGE} by {field}, of {of}"), before.sort_ms, sort),
    ])
}

impl Questions {
    /// Sets how far they go.
    async fn go_over(&mut self, tx: &mut Tx, place: &Place, records: u32) -> Result<()> {
        if let Some((upto, of)) = target::next(tx, place, "", records).await? {
            (self.upto, self.of) = (upto, of);
        }
        Ok(())
    }

    /// How long a filter and a sort take in this place, in milliseconds.
    async fn asked(&self, tx: &mut Tx, target: &Target, place: &Place, column: &Column) -> Result<(f64, f64)> {
        let dialect = tx.dialect;
        let filter = timed(tx, &self.filter(dialect, place, column)).await?;
        let sort = timed(tx, &self.sort(dialect, target, place, column)).await?;
        Ok((filter, sort))
    }

    fn condition(&self) -> Condition {
        let mut condition = Condition::default();
        // Both ends: of a table it knows nothing of yet, a database takes one end alone for a third of all.
        condition.text(" AND id > ").bind(Bind::id("")).text(" AND id <= ").bind(Bind::id(&self.upto));
        condition
    }

    fn filter(&self, dialect: &'static dyn Dialect, place: &Place, column: &Column) -> Statement {
        let mut condition = self.condition();
        condition.text(format!(" AND ({} = ", expression(dialect, place, column)));
        condition.bind(dialect.bind_comparable(column, &self.value)).text(")");
        list::count(dialect, place, &condition)
    }

    fn sort(&self, dialect: &'static dyn Dialect, target: &Target, place: &Place, column: &Column) -> Statement {
        let order = Order { expression: expression(dialect, place, column), descending: false, column: Some(column) };
        let part = Part { start: Start::Offset(0), limit: PAGE };
        list::page(dialect, place, &target.columns, &self.condition(), &[order], &[], &part)
    }
}

fn expression(dialect: &dyn Dialect, place: &Place, column: &Column) -> String {
    dialect.comparable(&place.native(dialect, column), column)
}

/// The quickest of a few times, in milliseconds to a hundredth.
async fn timed(tx: &mut Tx, statement: &Statement) -> Result<f64> {
    let begun = Instant::now();
    let mut best = Duration::MAX;
    for again in 0..TIMES {
        if again > 1 && begun.elapsed() > ENOUGH {
            break;
        }
        let now = Instant::now();
        tx.rows(statement.clone()).await?;
        best = best.min(now.elapsed());
    }
    Ok((best.as_secs_f64() * 100_000.0).round() / 100.0)
}

/// What an analyst looks for first: a number or a day nobody thought of when the indexes were made. With a value from the middle of those
/// looked at.
async fn wanted<'t>(tx: &mut Tx, target: &'t Target, place: &Place) -> Result<Option<(&'t Column, Value)>> {
    let statement = records::select_after(tx.dialect, place, &target.columns, "", SAMPLE);
    let rows =
        tx.rows(statement).await?.iter().map(|r| convert::stored(tx.dialect, place, &target.columns, r)).collect::<Result<Vec<_>>>()?;
    let mut columns: Vec<(usize, &Column)> = target.columns.iter().enumerate().filter(|(_, c)| rank(c) < NEVER).collect();
    columns.sort_by_key(|(_, c)| (c.has_entries(), rank(c)));
    for (i, column) in columns {
        let fits = |v: &&Value| {
            let short = v.as_str().is_none_or(|text| text.chars().count() <= SHORT);
            !v.is_null() && short && value::normalize(column.field_type, &column.config, v).is_ok_and(|canonical| canonical == **v)
        };
        let mut values: Vec<&Value> = rows.iter().map(|row| &row.values[i]).filter(fits).collect();
        if !values.is_empty() {
            let middle = values.len() / 2;
            return Ok(Some((column, values.swap_remove(middle).clone())));
        }
    }
    Ok(None)
}

const NEVER: u8 = u8::MAX;

fn rank(column: &Column) -> u8 {
    match column.storage_type() {
        StorageType::Integer => 0,
        StorageType::Decimal => 1,
        StorageType::Date => 2,
        StorageType::Datetime => 3,
        StorageType::Float => 4,
        StorageType::Text => 5,
        StorageType::Bool => 6,
        StorageType::Uuid => 7,
        StorageType::Json | StorageType::Binary => NEVER,
    }
}

impl Work {
    /// Asks before the job. What cannot be measured stands in nobody's way.
    pub(super) async fn time_before(&mut self, i: usize, target: &Target) {
        match before(&self.store, target, self.state.parts[i].total).await {
            Ok(questions) => self.state.parts[i].questions = questions,
            Err(error) => tracing::debug!(%error, "queries could not be timed before a job"),
        }
    }

    /// And after it.
    pub(super) async fn time_after(&self, i: usize, target: &Target) -> Vec<QueryTiming> {
        let Some(questions) = &self.state.parts[i].questions else { return vec![] };
        after(&self.store, target, questions).await.unwrap_or_else(|error| {
            tracing::debug!(%error, "queries could not be timed after a job");
            vec![]
        })
    }
}
