//! The second look, in Rust, at the few records the database could not pass: those with values that do not fit, those written meanwhile,
//! and those that differ. What is made of a record here is what its new place must hold.

use serde_json::{Map, Value, json};
use std::collections::{HashMap, HashSet};

use super::target::Target;
use crate::{
    error::{Error, ErrorCode, Result},
    model::{JobId, JobKind, OnInvalid, Problem, ProblemKind, Schema, StorageType},
    records::{CHUNK, Context, Session, check, convert},
    sql::{
        Bind, Column, Sql,
        columns::keys,
        records::{self, Entry, Place, StoredRecord},
    },
    store::Tx,
};

/// Problems an error carries.
const SHOWN: usize = 100;

/// What records come to in their new place.
#[derive(Debug, Default)]
pub struct Expected {
    pub rows: Vec<StoredRecord>,
    /// Records that are not carried over letter by letter, so that the copy may differ before it is set right.
    pub deviating: HashSet<String>,
    pub problems: Vec<Problem>,
    /// Values set to null, as a JSON object for each record.
    pub nulled: Vec<(String, Map<String, Value>)>,
}

impl Expected {
    /// Leaves out records that are looked at again later.
    pub fn forget(&mut self, ids: &[String]) {
        self.rows.retain(|row| !ids.contains(&row.id));
        self.problems.retain(|problem| !ids.contains(&problem.record.to_string()));
        self.nulled.retain(|(id, _)| !ids.contains(id));
    }
}

/// Reads records (missing ones are left out), with their values as callers see them.
pub async fn read(tx: &mut Tx, target: &Target, place: &Place, ids: &[String]) -> Result<Vec<StoredRecord>> {
    let mut out = vec![];
    for chunk in ids.chunks(CHUNK) {
        for row in tx.rows(records::select_by_id(tx.dialect, place, &target.columns, chunk, None)).await? {
            out.push(convert::stored(tx.dialect, place, &target.columns, &row)?);
        }
    }
    Ok(out)
}

/// What becomes of values in the way.
#[derive(Debug, Clone, Copy)]
pub struct Settle<'a> {
    pub on_invalid: OnInvalid,
    /// The job that settles them: what it has settled before stays so. None: nothing is settled yet.
    pub job: Option<JobId>,
    /// `(record, column)` of unique values that a record before has too.
    pub twice: &'a HashSet<(String, usize)>,
}

impl Settle<'_> {
    /// Unique values settled before, by record: good values that were kept aside or set to null because another record has them.
    async fn before(&self, tx: &mut Tx, target: &Target, ids: &[String]) -> Result<HashMap<String, Map<String, Value>>> {
        let mut out: HashMap<String, Map<String, Value>> = HashMap::new();
        let Some(job) = self.job.filter(|_| target.columns.iter().any(may_settle)) else { return Ok(out) };
        for ids in ids.chunks(CHUNK) {
            let mut sql = match self.on_invalid {
                OnInvalid::Abort => return Ok(out),
                OnInvalid::Keep => {
                    let table = tx.dialect.quote(&target.entity.table);
                    Sql::new(tx.dialect, &format!("SELECT id, kdb_kept FROM {table} WHERE kdb_kept IS NOT NULL AND id"))
                }
                OnInvalid::Null => {
                    let mut sql = Sql::new(tx.dialect, "SELECT record_id, value FROM kdb_dropped_values WHERE drop_id = ");
                    sql.bind(job).push(" AND record_id");
                    sql
                }
            };
            sql.push(" IN (").bind_all(Bind::ids(ids)).push(")");
            for row in tx.rows(sql.build()).await? {
                out.insert(row.text(0)?, convert::members(row.opt_text(1).as_deref()));
            }
        }
        Ok(out)
    }
}

/// Whether a value of this column that another record has too can be set to null or kept aside.
pub fn may_settle(column: &Column) -> bool {
    column.unique && !column.required
}

/// What these records should be in their new place.
pub async fn expected(tx: &mut Tx, schema: &Schema, target: &Target, ids: &[String], settle: &Settle<'_>) -> Result<Expected> {
    let mut sources = read(tx, target, &target.source(), ids).await?;
    sources.sort_by(|a, b| a.id.cmp(&b.id));
    if target.kind == JobKind::Dematerialize {
        let odd = |row: &StoredRecord| row.kept.is_some() || target.columns.iter().zip(&row.values).any(|(c, v)| is_outlying(c, v));
        let deviating = sources.iter().filter(|row| odd(row)).map(|row| row.id.clone()).collect();
        let rows = sources.into_iter().map(|row| StoredRecord { kept: None, ..row }).collect();
        return Ok(Expected { rows, deviating, ..Expected::default() });
    }
    let orphans = orphans(tx, schema, target, &sources).await?;
    let before = settle.before(tx, target, ids).await?;
    let mut out = Expected::default();
    for mut row in sources {
        let id = row.id.clone();
        let (mut kept, mut nulled) = (Map::new(), Map::new());
        for (i, column) in target.columns.iter().enumerate() {
            let value = std::mem::take(&mut row.values[i]);
            let fitted = match convert::native(column, &value) {
                Ok(fitted) if !value.is_null() && orphans.contains(&(i, fitted.as_str().unwrap_or_default().to_owned())) => {
                    Err((ProblemKind::Orphan, convert::ORPHAN.to_owned()))
                }
                Ok(_)
                    if may_settle(column)
                        && !value.is_null()
                        && (settle.twice.contains(&(id.clone(), i))
                            || before.get(&id).is_some_and(|aside| aside.get(&column.storage) == Some(&value))) =>
                {
                    Err((ProblemKind::Duplicate, convert::DOUBLE.to_owned()))
                }
                other => other.map_err(|reason| (ProblemKind::Misfit, reason)),
            };
            match fitted {
                Ok(fitted) => {
                    if fitted != value || is_outlying(column, &fitted) {
                        out.deviating.insert(id.clone());
                    }
                    if fitted.is_null() && column.required {
                        let why = (ProblemKind::Missing, "has no value, and one is required".to_owned());
                        out.problems.push(problem(target, &id, column, value, why)?);
                    }
                    row.values[i] = fitted;
                }
                Err(why) => {
                    out.deviating.insert(id.clone());
                    if settle.on_invalid == OnInvalid::Abort || column.required {
                        out.problems.push(problem(target, &id, column, value, why)?);
                    } else if settle.on_invalid == OnInvalid::Keep {
                        kept.insert(column.storage.clone(), value);
                    } else {
                        nulled.insert(column.storage.clone(), value);
                    }
                }
            }
        }
        row.kept = (!kept.is_empty()).then(|| Value::Object(kept).to_string());
        if !nulled.is_empty() {
            out.nulled.push((id, nulled));
        }
        out.rows.push(row);
    }
    Ok(out)
}

/// A float the database may read or write wrong in the last digit.
fn is_outlying(column: &Column, value: &Value) -> bool {
    let size = value.as_f64().unwrap_or_default().abs();
    column.storage_type() == StorageType::Float && size != 0.0 && !(1e-40..=1e40).contains(&size)
}

fn problem(target: &Target, id: &str, column: &Column, value: Value, (kind, reason): (ProblemKind, String)) -> Result<Problem> {
    let (entity, field) = (target.entity.name.clone(), column.name.clone());
    Ok(Problem { entity, record: id.parse()?, field, value, reason, kind, settles: !column.required })
}

/// `(column, id)` of references to records that do not exist.
async fn orphans(tx: &mut Tx, schema: &Schema, target: &Target, rows: &[StoredRecord]) -> Result<HashSet<(usize, String)>> {
    let context = Context::new("job", None);
    let mut out = HashSet::new();
    for (i, column) in target.columns.iter().enumerate() {
        let Some(referenced) = column.target else { continue };
        let wanted = rows.iter().filter_map(|row| convert::native(column, &row.values[i]).ok());
        let mut missing: HashSet<String> = wanted.filter_map(|v| v.as_str().map(str::to_owned)).collect();
        let mut session = Session { tx, schema, context: &context };
        check::exist(&mut session, schema.entity(referenced)?, &mut missing, None).await?;
        out.extend(missing.into_iter().map(|id| (i, id)));
    }
    Ok(out)
}

/// Writes the records over what their new place holds of them; `gone` are ids that are no longer there at all. In the shared table a unique
/// value may stand twice where plain SQL wrote it, with `doubles`.
///
/// # Errors
/// `unique_violation` where a unique value is another record's.
pub async fn replace(tx: &mut Tx, target: &Target, rows: &[StoredRecord], gone: &[String], doubles: bool) -> Result<()> {
    let (dialect, place) = (tx.dialect, target.destination());
    let ids: Vec<String> = rows.iter().map(|r| r.id.clone()).chain(gone.iter().cloned()).collect();
    if place.is_shared() {
        let old = read(tx, target, &place, &ids).await?;
        for entries in entries(target, &old).chunks(CHUNK) {
            tx.execute(records::delete_entries(dialect, entries)).await?;
        }
    }
    for chunk in ids.chunks(CHUNK) {
        tx.execute(records::delete(dialect, &place, chunk)).await?;
    }
    for chunk in rows.chunks(records::rows_per_insert(&target.columns)) {
        tx.execute(records::insert(dialect, &place, &target.columns, chunk)).await?;
    }
    if place.is_shared() {
        let add = if doubles { records::add_entries } else { records::insert_entries };
        for entries in entries(target, rows).chunks(CHUNK) {
            tx.execute(add(dialect, entries)).await?;
        }
    }
    Ok(())
}

fn entries(target: &Target, rows: &[StoredRecord]) -> Vec<Entry> {
    let keys = keys(&target.entity, &target.columns);
    rows.iter().flat_map(|r| check::entries(&target.columns, &keys, &r.id, &r.values)).collect()
}

/// Those of the expected records that their new place does not hold just so.
pub async fn unlike(tx: &mut Tx, target: &Target, expected: &Expected) -> Result<Vec<StoredRecord>> {
    let ids: Vec<String> = expected.rows.iter().map(|r| r.id.clone()).collect();
    let actual: HashMap<String, StoredRecord> =
        read(tx, target, &target.destination(), &ids).await?.into_iter().map(|r| (r.id.clone(), r)).collect();
    let kept = |row: &StoredRecord| convert::members(row.kept.as_deref());
    let same = |wanted: &StoredRecord| {
        actual.get(&wanted.id).is_some_and(|found| {
            let aside = kept(wanted);
            let merged = target.columns.iter().zip(&wanted.values).map(|(c, v)| aside.get(&c.storage).unwrap_or(v));
            heads(wanted) == heads(found) && kept(found) == aside && merged.eq(found.values.iter())
        })
    };
    Ok(expected.rows.iter().filter(|row| !same(row)).cloned().collect())
}

fn heads(r: &StoredRecord) -> (u32, [&Option<String>; 4], [&str; 2]) {
    (r.version, [&r.primary_value, &r.owner, &r.created_by, &r.updated_by], [&r.created_at, &r.updated_at])
}

/// # Errors
/// `invalid_values` with the problems, when there are any.
pub fn refuse(problems: &[Problem], count: u32) -> Result<()> {
    let Some(first) = problems.first() else { return Ok(()) };
    let noun = if count == 1 { "1 value does".to_owned() } else { format!("{count} values do") };
    let shown: Vec<&Problem> = problems.iter().take(SHOWN).collect();
    Err(Error::new(
        ErrorCode::InvalidValues,
        format!(
            "Nothing was moved: {noun} not fit, the first in {}.{} ({} {}). Mend them, or choose to set them to null or keep them aside.",
            first.entity,
            first.field,
            crate::model::name::shorten(&first.value.to_string(), 60),
            first.reason
        ),
    )
    .with(json!({ "problem_count": count, "problems": shown })))
}
