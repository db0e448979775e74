//! One page of records, with what they are linked to.

use cursor::{decode, encode};
use serde_json::Value;

use super::convert;
use crate::{
    error::{Error, Result},
    model::{Entity, LinkedRecord, Record, RecordPage, Relationship, Schema},
    sql::{
        Cell, Column, Dialect, Row, Statement,
        columns::relationship_column,
        linked::{Shape, linked},
        list::{self, Condition, Order, Part, Start},
        records::{HEAD, Place},
    },
};

/// Records in one page at most.
pub const MAX_LIMIT: u32 = 1000;

/// What a page is made from, with names already looked up.
pub struct Page<'a> {
    pub schema: &'a Schema,
    pub entity: &'a Entity,
    pub columns: &'a [Column],
    pub place: &'a Place,
    pub dialect: &'static dyn Dialect,
    pub condition: Condition,
    pub orders: Vec<Order<'a>>,
    pub include: Vec<&'a Relationship>,
    pub start: Start,
    pub limit: u32,
}

/// # Errors
/// `invalid_input` for a cursor that is none.
pub fn start(after: Option<&str>, offset: Option<u32>, orders: usize) -> Result<Start> {
    match after {
        Some(cursor) => decode(cursor, orders),
        None => Ok(Start::Offset(offset.unwrap_or(0))),
    }
}

impl Page<'_> {
    /// The one statement of the page; its first column is the schema's version.
    pub fn statement(&self) -> Result<Statement> {
        let linked = self.linked()?.into_iter().map(|(_, subquery)| subquery).collect::<Vec<_>>();
        // One more than asked for tells whether there is a next page.
        let part = Part { start: self.start.clone(), limit: self.limit + 1 };
        Ok(list::page(self.dialect, self.place, self.columns, &self.condition, &self.orders, &linked, &part))
    }

    fn linked(&self) -> Result<Vec<(Shape, String)>> {
        self.include.iter().map(|relationship| linked(self.dialect, self.schema, self.entity, relationship)).collect()
    }

    /// The page from the statement's rows.
    pub fn read(&self, rows: Vec<Row>) -> Result<RecordPage> {
        // One row without an id says that there are none.
        let mut rows: Vec<Row> =
            rows.into_iter().map(|row| Row(row.0.into_iter().skip(1).collect())).filter(|row: &Row| *row.cell(0) != Cell::Null).collect();
        let more = rows.len() > self.limit as usize;
        rows.truncate(self.limit as usize);
        let sorted_from = HEAD.len() + if self.place.is_shared() { 1 } else { self.columns.len() + 1 };
        let linked_from = sorted_from + self.orders.len();
        let next = rows.last().filter(|_| more).map(|last| self.cursor(last, sorted_from)).transpose()?;
        let shapes = self.linked()?;
        let mut records = Vec::with_capacity(rows.len());
        for row in &rows {
            let mut record = convert::record(self.columns, convert::stored(self.dialect, self.place, self.columns, row)?)?;
            for (i, (relationship, (shape, _))) in self.include.iter().zip(&shapes).enumerate() {
                let linked = match shape {
                    Shape::Title => held(&record, relationship, row.opt_text(linked_from + i)),
                    Shape::List => listed(row.opt_text(linked_from + i))?,
                };
                record.links.insert(relationship.title_from(self.entity.id).to_owned(), linked);
            }
            records.push(record);
        }
        Ok(RecordPage { records, next })
    }

    fn cursor(&self, last: &Row, sorted_from: usize) -> Result<String> {
        let values = self.orders.iter().enumerate().map(|(i, order)| {
            let cell = last.cell(sorted_from + i);
            match (order.column, cell) {
                (_, Cell::Null) => Value::Null,
                (Some(column), cell) => self.dialect.read(column, cell),
                (None, _) => last.opt_text(sorted_from + i).into(),
            }
        });
        Ok(encode(values.collect(), &last.text(0)?))
    }
}

/// The record whose id this one holds. An id that cannot be one links to nothing.
fn held(record: &Record, relationship: &Relationship, primary_value: Option<String>) -> Vec<LinkedRecord> {
    let id = record.data.get(&relationship_column(relationship).name).and_then(Value::as_str).and_then(|id| id.parse().ok());
    id.map(|id| LinkedRecord { id, primary_value, metadata: None }).into_iter().collect()
}

fn listed(list: Option<String>) -> Result<Vec<LinkedRecord>> {
    let items: Vec<Vec<Value>> = serde_json::from_str(list.as_deref().unwrap_or("[]"))?;
    let mut out = Vec::with_capacity(items.len());
    for mut item in items {
        let metadata = (item.len() > 2).then(|| item.swap_remove(2)).filter(|metadata| !metadata.is_null());
        let [Value::String(id), title] = item.as_slice() else { return Err(Error::internal("a link has no id")) };
        out.push(LinkedRecord { id: id.parse()?, primary_value: title.as_str().map(str::to_owned), metadata });
    }
    Ok(out)
}

/// A cursor is the sort values and the id of the last record, as JSON in hexadecimal: opaque, and safe on a command line.
mod cursor {
    use super::{Result, Start, Value};
    use crate::{
        error::Error,
        sql::dialect::{hex, unhex},
    };

    pub fn encode(values: Vec<Value>, id: &str) -> String {
        hex(serde_json::json!([values, id]).to_string().as_bytes())
    }

    pub fn decode(cursor: &str, orders: usize) -> Result<Start> {
        let parsed = cursor.is_ascii().then(|| serde_json::from_slice::<(Vec<Value>, String)>(&unhex(cursor)).ok()).flatten();
        match parsed.filter(|(values, _)| values.len() == orders) {
            Some((values, id)) => Ok(Start::After(values, id)),
            None => Err(Error::invalid("This cursor does not belong to this list. Start again without one.")),
        }
    }
}
