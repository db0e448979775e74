//! The statement of one page of records: filter, search, sort, and where to go on.

use serde_json::Value;

use super::{Bind, Column, Dialect, Sql, Statement, records::Place, records::selection};

/// An expression to sort by, with how a cursor's value is bound to it.
#[derive(Debug, Clone)]
pub struct Order<'a> {
    pub expression: String,
    pub descending: bool,
    /// None for the head columns.
    pub column: Option<&'a Column>,
}

impl Order<'_> {
    fn bind(&self, dialect: &dyn Dialect, value: &Value) -> Bind {
        // The head columns are texts, but for these.
        match (self.expression.as_str(), value) {
            ("id", Value::String(id)) => return Bind::id(id),
            ("version" | "kdb_version", Value::String(n)) => return n.parse::<i64>().map_or_else(|_| n.clone().into(), Into::into),
            _ => {}
        }
        match (self.column, value) {
            (_, Value::Null) => Bind::Text(None),
            (Some(column), value) => dialect.bind_comparable(column, value),
            (None, Value::String(s)) => s.clone().into(),
            (None, other) => other.to_string().into(),
        }
    }
}

/// A condition as SQL text with its binds, written for [`Sql::bind`] order: `?` marks where each bind goes.
#[derive(Debug, Clone, Default)]
pub struct Condition {
    pub parts: Vec<Piece>,
}

#[derive(Debug, Clone)]
pub enum Piece {
    Text(String),
    Bind(Bind),
}

impl Condition {
    pub fn text(&mut self, text: impl Into<String>) -> &mut Self {
        self.parts.push(Piece::Text(text.into()));
        self
    }

    pub fn bind(&mut self, value: impl Into<Bind>) -> &mut Self {
        self.parts.push(Piece::Bind(value.into()));
        self
    }

    pub fn write(&self, sql: &mut Sql) {
        for part in &self.parts {
            match part {
                Piece::Text(text) => sql.push(text),
                Piece::Bind(value) => sql.bind(value.clone()),
            };
        }
    }
}

/// Where a page starts.
#[derive(Debug, Clone)]
pub enum Start {
    Offset(u32),
    /// After the record with these sort values and this id.
    After(Vec<Value>, String),
}

/// Which part of all the records a page is.
#[derive(Debug, Clone)]
pub struct Part {
    pub start: Start,
    pub limit: u32,
}

/// The statement that gives the schema's version, as a table of one row.
const VERSION: &str = "(SELECT value FROM kdb_workspace WHERE key = 'schema_version') workspace";

/// The schema's version, then head, values, the sort expressions (for the cursor), and a column for each of `linked`, a subquery on `page`.
/// Where there are no records there is one row all the same, with no id: the version is always told.
pub fn page(
    dialect: &'static dyn Dialect,
    place: &Place,
    columns: &[Column],
    condition: &Condition,
    orders: &[Order<'_>],
    linked: &[String],
    part: &Part,
) -> Statement {
    let mut selected = selection(dialect, place, columns);
    for (i, order) in orders.iter().enumerate() {
        selected.push_str(&format!(", {} AS kdb_sort_{i}", order.expression));
    }
    let mut head = "SELECT workspace.value, page.*".to_owned();
    for subquery in linked {
        head.push_str(&format!(", {subquery}"));
    }
    let mut sql = Sql::new(dialect, &format!("{head} FROM {VERSION} LEFT JOIN (SELECT {selected} FROM {} WHERE ", place.table(dialect)));
    place.scope(&mut sql);
    condition.write(&mut sql);
    if let Start::After(values, id) = &part.start {
        after(dialect, &mut sql, orders, values, id);
    }
    let within: Vec<String> = orders.iter().map(|order| order.expression.clone()).collect();
    sql.push(&order_by(orders, &within, "id")).push(&format!(" LIMIT {}", part.limit));
    if let Start::Offset(offset) = part.start {
        sql.push(&format!(" OFFSET {offset}"));
    }
    let outside: Vec<String> = (0..orders.len()).map(|i| format!("page.kdb_sort_{i}")).collect();
    sql.push(") page ON 1 = 1").push(&order_by(orders, &outside, "page.id"));
    sql.build()
}

fn order_by(orders: &[Order<'_>], expressions: &[String], id: &str) -> String {
    let mut out = " ORDER BY ".to_owned();
    for (order, expression) in orders.iter().zip(expressions) {
        // Nulls last whichever way: no database does that by itself both ways.
        out.push_str(&format!("({expression} IS NULL), {expression}{}, ", if order.descending { " DESC" } else { "" }));
    }
    // The id makes the order total: without it a page could lose or repeat rows of equal value.
    out + id
}

/// `AND` the record comes after the one given: first by the sort values in turn, then by id.
fn after(dialect: &'static dyn Dialect, sql: &mut Sql, orders: &[Order<'_>], values: &[Value], id: &str) {
    sql.push(" AND (");
    for (i, (order, value)) in orders.iter().zip(values).enumerate() {
        if value.is_null() {
            continue; // Nulls are last: nothing lies after them but by the next sort value.
        }
        equal(dialect, sql, &orders[..i], values);
        let sign = if order.descending { "<" } else { ">" };
        sql.push(&format!("({0} {sign} ", order.expression)).bind(order.bind(dialect, value));
        sql.push(&format!(" OR {} IS NULL) OR ", order.expression));
    }
    equal(dialect, sql, orders, values);
    sql.push("id > ").bind_id(id).push(")");
}

fn equal(dialect: &'static dyn Dialect, sql: &mut Sql, orders: &[Order<'_>], values: &[Value]) {
    for (order, value) in orders.iter().zip(values) {
        if value.is_null() {
            sql.push(&format!("{} IS NULL AND ", order.expression));
        } else {
            sql.push(&format!("{} = ", order.expression)).bind(order.bind(dialect, value)).push(" AND ");
        }
    }
}

/// The schema's version, then how many records there are.
pub fn count(dialect: &'static dyn Dialect, place: &Place, condition: &Condition) -> Statement {
    let mut sql = Sql::new(dialect, &format!("SELECT workspace.value, (SELECT count(*) FROM {} WHERE ", place.table(dialect)));
    place.scope(&mut sql);
    condition.write(&mut sql);
    sql.push(&format!(") FROM {VERSION}"));
    sql.build()
}
