//! Whether a shared record and its dedicated row say the same: asked of the database, which answers with the ids of those that do not.

use super::{
    Backend, Bind, Column, Dialect, Sql, Statement,
    records::{HEAD, Place},
};

/// Which records a statement is about.
#[derive(Debug, Clone, Copy)]
pub enum Rows<'a> {
    /// Ids after the first, up to the second.
    Range(&'a str, &'a str),
    Ids(&'a [String]),
}

impl Rows<'_> {
    /// Appends the condition, where `id` is the id's expression.
    pub fn limit(&self, sql: &mut Sql, id: &str) {
        match self {
            Self::Range(after, upto) => {
                sql.push(&format!("{id} > ")).bind_id(after).push(&format!(" AND {id} <= ")).bind_id(upto);
            }
            Self::Ids(ids) => {
                sql.push(&format!("{id} IN (")).bind_all(Bind::ids(*ids)).push(")");
            }
        }
    }
}

/// All of them true. A tree, not a list: a database limits how deep an expression may be, and a list is as deep as it is long.
pub fn all(conditions: &[String]) -> String {
    match conditions {
        [] => "1 = 1".to_owned(),
        [one] => one.clone(),
        more => {
            let (a, b) = more.split_at(more.len() / 2);
            format!("({} AND {})", all(a), all(b))
        }
    }
}

/// Ids of shared records whose dedicated row is missing, says something else, or lacks a required value. Every row with a value that does
/// not fit or was kept aside is among them: whoever asks looks at those again, one by one.
///
/// `sorted`: the JSON texts have their keys in alphabetical order, not in column order.
pub fn differing(dialect: &'static dyn Dialect, entity: &str, table: &str, columns: &[Column], sorted: bool, rows: Rows<'_>) -> Statement {
    let dedicated = Place::Dedicated(table.to_owned());
    let native = |c: &Column| format!("t.{}", dialect.quote(&c.storage));
    let heads: Vec<String> = HEAD[1..].iter().map(|h| format!("r.{h} IS NOT DISTINCT FROM t.{}", dedicated.head(h))).collect();
    let mut ordered: Vec<&Column> = columns.iter().collect();
    if sorted {
        ordered.sort_by(|a, b| a.storage.cmp(&b.storage));
    }
    let exact = all(&columns.iter().map(|c| dialect.same("r.data", &native(c), c)).collect::<Vec<_>>());
    let present: Vec<String> = columns.iter().filter(|c| c.required).map(|c| format!("{} IS NOT NULL", native(c))).collect();
    let mut sql = Sql::new(dialect, &format!("SELECT r.id\nFROM kdb_records r LEFT JOIN {} t ON t.id = r.id", dialect.quote(table)));
    if dialect.backend() == Backend::Postgres {
        // It would read the whole table for each part of it.
        sql.push(" AND ");
        rows.limit(&mut sql, "t.id");
    }
    sql.push("\nWHERE r.entity_id = ");
    sql.bind_id(entity).push(" AND ");
    rows.limit(&mut sql, "r.id");
    // CASE stops at the first condition that settles it; AND and OR work out both their sides.
    let plain = format!("t.kdb_kept IS NULL AND {} AND {}", all(&heads), all(&present));
    // Text against text first, where there is such a way: it needs no JSON parsed, and holds for nearly every record.
    let verbatim =
        dialect.verbatim("r.data", &ordered, &native).map(|same| format!("WHEN {plain} AND {same} THEN 0\n")).unwrap_or_default();
    sql.push(&format!("\nAND CASE {verbatim}WHEN {plain} AND {exact} THEN 0 ELSE 1 END = 1"));
    sql.build()
}

/// `(last id, number of records)` of the next `limit` records after `after`, in id order; the id is null when there are none.
pub fn range(dialect: &'static dyn Dialect, place: &Place, after: &str, limit: u32) -> Statement {
    let mut sql =
        Sql::new(dialect, &format!("SELECT {}, count(*) FROM (SELECT id FROM {} WHERE ", dialect.last_id("id"), place.table(dialect)));
    place.scope(&mut sql);
    sql.push(" AND id > ").bind_id(after).push(&format!(" ORDER BY id LIMIT {limit}) part"));
    sql.build()
}
