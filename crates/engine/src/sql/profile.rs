//! What a field's values have in common, worked out by the database over all of an entity's records.

use super::{Column, Dialect, Sql, Statement, moves, records::Place};
use crate::model::{EntityId, StorageType};

/// Columns one statement looks at: databases limit how many results a statement has.
pub const COLUMNS: usize = 40;
/// Results of each column in [`pass`]: values, longest, smallest, largest (as JSON texts), values that are none of the candidate's type.
pub const RESULTS: usize = 5;

/// A column, and the type its values may turn out to be of.
#[derive(Debug)]
pub struct Asked<'a> {
    pub column: &'a Column,
    pub candidate: Option<Column>,
}

/// Whether the type has an order people ask for.
fn ordered(column: &Column) -> bool {
    matches!(
        column.storage_type(),
        StorageType::Integer | StorageType::Float | StorageType::Decimal | StorageType::Date | StorageType::Datetime
    )
}

/// One row: the number of records, then [`RESULTS`] for each column.
pub fn pass(dialect: &'static dyn Dialect, entity: EntityId, asked: &[Asked<'_>]) -> Statement {
    let (mut inner, mut outer) = (vec![], vec!["count(*)".to_owned()]);
    for (i, Asked { column, candidate }) in asked.iter().enumerate() {
        let text = column.storage_type() == StorageType::Text;
        let value = if text || !ordered(column) { dialect.json_member("data", &column.storage) } else { dialect.sound("data", column) };
        let value = if text { dialect.from_json("data", column) } else { value };
        inner.push(format!("{value} AS v{i}"));
        let there = if ordered(column) {
            inner.push(format!("{} AS h{i}", dialect.json_member("data", &column.storage)));
            format!("h{i}")
        } else {
            format!("v{i}")
        };
        outer.push(format!("count({there})"));
        outer.push(if text { format!("max(length(v{i}))") } else { "NULL".to_owned() });
        for end in ["min", "max"] {
            let value = format!("{end}({})", dialect.comparable(&format!("v{i}"), column));
            outer.push(if ordered(column) { dialect.json_text(&value, column) } else { "NULL".to_owned() });
        }
        outer.push(match candidate {
            None => "NULL".to_owned(),
            Some(candidate) => {
                inner.push(format!("CASE WHEN {} THEN 0 ELSE 1 END AS c{i}", dialect.becomes("data", column, candidate)));
                format!("CAST(sum(c{i}) AS bigint)")
            }
        });
    }
    inner.push("1 AS one".to_owned());
    let mut sql = Sql::new(
        dialect,
        &format!("SELECT {}\nFROM (SELECT {}\n  FROM kdb_records WHERE entity_id = ", outer.join(", "), inner.join(", ")),
    );
    sql.bind(entity);
    // With a limit, a value is worked out once and not wherever it is named.
    sql.push(&format!("\n  LIMIT {} OFFSET 0) part", i64::MAX));
    sql.build()
}

/// `(column, different values, those that one record alone has, values)` for each column, over all records or those whose id ends in as many
/// zeros: the ends of ids are random.
pub fn distinct(dialect: &'static dyn Dialect, entity: EntityId, columns: &[&Column], zeros: usize) -> Statement {
    let place = Place::Shared(entity);
    let keys: Vec<String> = columns.iter().enumerate().map(|(i, c)| format!("{} AS k{i}", place.key(dialect, c))).collect();
    let mut sql = Sql::new(dialect, &format!("WITH part AS MATERIALIZED (SELECT {} FROM kdb_records WHERE entity_id = ", keys.join(", ")));
    sql.bind(entity);
    if zeros > 0 {
        sql.push(&format!(" AND substr({}, {}) = '{}'", dialect.id_text("id"), 37 - zeros, "0".repeat(zeros)));
    }
    let counts = (0..columns.len()).map(|i| {
        format!(
            "SELECT {i}, count(*), CAST(coalesce(sum(CASE WHEN n = 1 THEN 1 ELSE 0 END), 0) AS bigint), CAST(coalesce(sum(n), 0) AS bigint)\n\
             FROM (SELECT count(*) AS n FROM part WHERE k{i} IS NOT NULL GROUP BY k{i}) g"
        )
    });
    sql.push(&format!(")\n{}", counts.collect::<Vec<_>>().join("\nUNION ALL ")));
    sql.build()
}

/// One row: records, bytes of their heads, bytes of their JSON, then the bytes of each column's values, all summed over the records of a place
/// up to an id.
pub fn sizes(dialect: &'static dyn Dialect, place: &Place, columns: &[Column], upto: &str) -> Statement {
    let bytes = |value: &str| format!("coalesce(octet_length(CAST({value} AS TEXT)), 0)");
    let heads = ["primary_value", "owner", "created_at", "created_by", "updated_at", "updated_by"].map(|head| bytes(place.head(head)));
    let (data, native): (String, &dyn Fn(&Column) -> String) = match place {
        Place::Shared(_) => ("data".to_owned(), &|c| dialect.from_json("data", c)),
        Place::Dedicated(_) => (moves::data_expression(dialect, columns), &|c| dialect.quote(&c.storage)),
    };
    let column = |c: &Column| match dialect.width(c) {
        Some(width) => format!("CASE WHEN {} IS NULL THEN 0 ELSE {width} END", native(c)),
        None => bytes(&native(c)),
    };
    let all = [heads.join(" + "), bytes(&data)].into_iter().chain(columns.iter().map(column));
    let sums: Vec<String> = all.map(|expression| format!("CAST(coalesce(sum({expression}), 0) AS bigint)")).collect();
    let mut sql = Sql::new(dialect, &format!("SELECT count(*), {} FROM {} WHERE ", sums.join(", "), place.table(dialect)));
    place.scope(&mut sql);
    sql.push(" AND id <= ").bind_id(upto);
    sql.build()
}
