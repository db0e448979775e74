//! What each field's values are like, over all records, and which type would fit them better.

use serde_json::{Map, Value};

use super::target::Target;
use crate::{
    error::Result,
    model::{Field, FieldConfig, FieldProfile, FieldType, Proposal, StorageType, infer::Guess, name, value},
    sql::{
        Column, ColumnOwner, Row, Sql,
        profile::{self, Asked, COLUMNS, RESULTS},
    },
    store::{Store, Tx},
};

/// Records a better type is guessed from, before all are asked.
const SAMPLE: usize = 500;
/// Values there must be before another type is proposed.
const ENOUGH: u32 = 10;
/// Up to so many records, different values are counted; beyond, they are estimated from a sixteenth part of them, or a sixteenth of that.
const COUNTED: u32 = 25_000;

/// The profile of each column over all of `total` records, in order; nothing is said of problems.
pub async fn fields(store: &Store, target: &Target, total: u32) -> Result<Vec<FieldProfile>> {
    let mut tx = store.read().await?;
    let candidates = candidates(&mut tx, target).await?;
    let zeros = (0..3).find(|zeros| total >> (4 * zeros) <= COUNTED).unwrap_or(3);
    let mut out = vec![];
    for (columns, candidates) in target.columns.chunks(COLUMNS).zip(candidates.chunks(COLUMNS)) {
        let asked: Vec<Asked<'_>> =
            columns.iter().zip(candidates).map(|(column, candidate)| Asked { column, candidate: candidate.clone() }).collect();
        let Some(row) = tx.row(profile::pass(tx.dialect, target.entity.id, &asked)).await? else { continue };
        let listed: Vec<&Column> = columns.iter().collect();
        let counts = tx.rows(profile::distinct(tx.dialect, target.entity.id, &listed, zeros)).await?;
        for (i, asked) in asked.iter().enumerate() {
            let distinct = match counts.iter().find(|row| row.count(0).ok() == u32::try_from(i).ok()) {
                Some(found) => Distinct { different: found.count(1)?, alone: found.count(2)?, values: found.count(3)? },
                None => Distinct::default(),
            };
            out.push(read(target, asked, &row, i, &distinct, zeros == 0)?);
        }
    }
    Ok(out)
}

/// Values of a part of the records.
#[derive(Debug, Default)]
struct Distinct {
    different: u32,
    /// Those that one record alone has.
    alone: u32,
    values: u32,
}

impl Distinct {
    /// How many there are among `all` values: nd / (n - f + fn/N), as Haas and Stokes have it.
    fn among(&self, all: u32) -> u32 {
        let (n, d, f, all_values) = (f64::from(self.values), f64::from(self.different), f64::from(self.alone), f64::from(all));
        if self.values == 0 || all == 0 {
            return 0;
        }
        let estimate = n * d / (n - f + f * n / all_values.max(n));
        // As many as there are values at most.
        estimate.clamp(d, all_values.max(d)).round() as u32
    }
}

fn read(target: &Target, asked: &Asked<'_>, row: &Row, i: usize, distinct: &Distinct, exact: bool) -> Result<FieldProfile> {
    let column = asked.column;
    let (total, at) = (row.count(0)?, 1 + i * RESULTS);
    let values = row.count(at)?;
    let field = match column.owner {
        ColumnOwner::Field(id) => target.entity.fields.iter().find(|f| f.id == id),
        ColumnOwner::Relationship(_) => None,
    };
    let fits = asked.candidate.as_ref().filter(|_| values >= ENOUGH && row.count(at + 4).is_ok_and(|n| n == 0));
    Ok(FieldProfile {
        entity: target.entity.name.clone(),
        entity_id: target.entity.id,
        field: column.name.clone(),
        field_id: field.map(|f| f.id),
        field_type: column.field_type,
        records: total,
        nulls: total.saturating_sub(values),
        distinct: if exact { distinct.different } else { distinct.among(values) },
        distinct_exact: exact,
        problems: 0,
        longest: (column.storage_type() == StorageType::Text && values > 0).then(|| row.count(at + 1)).transpose()?,
        smallest: bound(column, row, at + 2),
        largest: bound(column, row, at + 3),
        proposal: fits.map(|c| Proposal { field_type: c.field_type, config: c.config.clone(), reason: reason(c.field_type, values) }),
    })
}

/// A smallest or largest value from its JSON text.
fn bound(column: &Column, row: &Row, at: usize) -> Option<Value> {
    let value: Value = row.opt_text(at).and_then(|text| serde_json::from_str(&text).ok())?;
    match value {
        Value::Null => None,
        // Times are compared without it.
        Value::String(text) if column.storage_type() == StorageType::Datetime && !text.ends_with('Z') => Some(format!("{text}Z").into()),
        // A database may leave the point away.
        Value::Number(n) if column.storage_type() == StorageType::Float => n.as_f64().map(Value::from),
        other => Some(other),
    }
}

fn reason(field_type: FieldType, values: u32) -> String {
    let noun = match field_type {
        FieldType::Integer => "integers",
        FieldType::Decimal => "decimal numbers",
        FieldType::Bool => "true or false",
        FieldType::Date => "dates",
        FieldType::Datetime => "times",
        FieldType::Uuid => "UUIDs",
        _ => "texts",
    };
    format!("all {} values are {noun}", name::grouped(values.into()))
}

/// For each column, the type the first records' values are of, where that is another one and changing to it could lose nothing.
async fn candidates(tx: &mut Tx, target: &Target) -> Result<Vec<Option<Column>>> {
    let mut sql = Sql::new(tx.dialect, "SELECT data FROM kdb_records WHERE entity_id = ");
    sql.bind(target.entity.id).push(&format!(" ORDER BY id LIMIT {SAMPLE}"));
    let texts = tx.texts(sql.build()).await?;
    let records: Vec<Map<String, Value>> = texts.iter().filter_map(|text| serde_json::from_str(text).ok()).collect();
    let guess = |column: &Column| {
        let ColumnOwner::Field(id) = column.owner else { return None };
        let field = target.entity.fields.iter().find(|f| f.id == id).filter(|f| changeable(f))?;
        let mut guess = Guess::new(column.storage_type() != StorageType::Json);
        records.iter().filter_map(|record| record.get(&column.storage)).for_each(|value| guess.add(value));
        better(field, guess.decide()).map(|(field_type, config)| Column { field_type, config, ..column.clone() })
    };
    Ok(target.columns.iter().map(guess).collect())
}

/// Whether nobody has said more of the field than its type. One of the library is other entities' too.
fn changeable(field: &Field) -> bool {
    let ruled = FieldConfig { precision: None, scale: None, ..field.config.clone() } != FieldConfig::default();
    let plain = matches!(field.field_type, FieldType::String | FieldType::Text | FieldType::Float | FieldType::Decimal | FieldType::Json);
    plain && !ruled && !field.shared
}

/// The type to ask all records for. A float or decimal is asked for integers whatever was guessed of its values.
fn better(field: &Field, (guessed, config): (FieldType, FieldConfig)) -> Option<(FieldType, FieldConfig)> {
    use FieldType::{Bool, Date, Datetime, Decimal, Float, Integer, Json, String, Text, Uuid};
    let config = match (field.field_type, guessed) {
        (Float | Decimal, _) => return fitting(field, Integer, FieldConfig::default()),
        // As numbers, 1.5 and 1.50 are one.
        (String | Text, Decimal) if !field.unique => config,
        (String | Text, Integer | Bool | Date | Datetime | Uuid) => FieldConfig::default(),
        (Json, Integer | Bool | String | Text | Date | Datetime | Uuid) => FieldConfig::default(),
        _ => return None,
    };
    fitting(field, guessed, config)
}

/// Its default must be one of that type too.
fn fitting(field: &Field, to: FieldType, config: FieldConfig) -> Option<(FieldType, FieldConfig)> {
    let fits = field.default.as_ref().is_none_or(|default| value::normalize(to, &config, default).is_ok());
    fits.then_some((to, config))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_number_of_different_values_is_told_from_a_part() {
        let of = |different, alone, values, all| Distinct { different, alone, values }.among(all);
        assert_eq!(of(60_000, 60_000, 60_000, 960_000), 960_000, "each is another one");
        assert_eq!(of(7, 0, 60_000, 960_000), 7, "all are known");
        assert_eq!(of(0, 0, 0, 0), 0);
        let some = of(50_000, 42_000, 60_000, 960_000);
        assert!((100_000..400_000).contains(&some), "{some}");
    }
}
