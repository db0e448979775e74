//! The second reading: rows become records, pairs become links.

use futures_util::TryStreamExt;
use serde_json::Value;

use super::{Made, Source, count, keys::KeyIndex, scan::Scanned, shape, source::Table, types};
use crate::{
    error::{Error, Result},
    interchange::{BATCH, Watch, sequence::Sequence},
    model::{FieldType, ImportReport, Link, LinkId, RecordId},
    records::{
        Session, links as pairs,
        write::{self, Layout, Misfit, NewRow, Trust},
    },
    schema::Edit,
    sql::{Cell, ColumnOwner},
};

/// Where a record's value comes from.
enum Origin<'a> {
    Column { at: usize, field_type: FieldType, mixed: bool },
    Reference { columns: &'a [usize], key: &'a KeyIndex, ids: Sequence },
}

impl Origin<'_> {
    fn value(&self, row: &mut [Cell]) -> Value {
        match self {
            Self::Column { at, field_type, mixed } => types::to_value(*field_type, *mixed, std::mem::replace(&mut row[*at], Cell::Null)),
            Self::Reference { columns, key, ids } => match key.find(columns.iter().map(|c| &row[*c])) {
                Some(Some(n)) => ids.id(n).to_string().into(),
                // Null, or a row that is not there: the report says which.
                Some(None) | None => Value::Null,
            },
        }
    }
}

pub async fn records(
    edit: &mut Edit<'_>,
    source: &mut Source,
    made: &Made,
    sequences: &[Sequence],
    watch: &Watch<'_>,
    report: &mut ImportReport,
) -> Result<()> {
    let Source { foreign, tables, scanned, plan, .. } = source;
    for plan in &plan.entities {
        let table = &tables[plan.table];
        let total = scanned.rows[plan.table];
        let entity = edit.schema.entity(made.entities[&plan.table])?.clone();
        let layout = Layout::new(&edit.schema, &entity);
        let mut origins = vec![];
        for column in &layout.columns {
            origins.push(origin((tables, scanned), made, sequences, plan.table, column.owner)?);
        }
        // References are read before the cells of plain columns are taken out of the row: a composite key's columns are both.
        let mut order: Vec<usize> = (0..origins.len()).collect();
        order.sort_by_key(|i| matches!(origins[*i], Origin::Column { .. }));
        let all: Vec<usize> = (0..table.columns.len()).collect();
        let mut rows = foreign.stream(table.select(&all));
        let mut batch = Vec::with_capacity(BATCH);
        let mut n = 0;
        loop {
            let next = watch.wait(rows.try_next()).await?;
            let ended = next.is_none();
            if let Some(mut row) = next {
                let mut values = vec![None; origins.len()];
                for i in &order {
                    values[*i] = Some(origins[*i].value(&mut row.cells.0));
                }
                batch.push(NewRow { id: Some(RecordId(sequences[plan.table].id(n))), values });
                n += 1;
            }
            if batch.len() == BATCH || (ended && !batch.is_empty()) {
                let mut session = Session { tx: &mut *edit.tx, schema: &edit.schema, context: edit.context };
                let inserted =
                    write::insert_rows(&mut session, &layout, std::mem::take(&mut batch), Misfit::Keep, Trust::References).await?;
                report.kept += inserted.misfits;
                watch.step(&entity.name, n, Some(total))?;
            }
            if ended {
                break;
            }
        }
        report.records += count(n);
    }
    Ok(())
}

fn origin<'a>(
    (tables, scanned): (&'a [Table], &'a Scanned),
    made: &Made,
    sequences: &[Sequence],
    table: usize,
    owner: ColumnOwner,
) -> Result<Origin<'a>> {
    let lost = || Error::internal("an imported column has lost its origin");
    match owner {
        ColumnOwner::Field(id) => {
            let found = made.fields.iter().find(|((t, _), (field, ..))| *t == table && *field == id);
            let ((_, at), (_, field_type, mixed)) = found.ok_or_else(lost)?;
            Ok(Origin::Column { at: *at, field_type: *field_type, mixed: *mixed })
        }
        ColumnOwner::Relationship(id) => {
            let ((_, foreign), _) = made.relationships.iter().find(|(_, r)| **r == id).ok_or_else(lost)?;
            let foreign = &tables[table].foreign_keys[*foreign];
            let key = scanned.key(foreign.parent, &foreign.parent_columns).ok_or_else(lost)?;
            Ok(Origin::Reference { columns: &foreign.columns, key, ids: sequences[foreign.parent] })
        }
    }
}

pub async fn links(
    edit: &mut Edit<'_>,
    source: &mut Source,
    made: &Made,
    sequences: &[Sequence],
    watch: &Watch<'_>,
    report: &mut ImportReport,
) -> Result<()> {
    let Source { foreign, tables, scanned, plan, .. } = source;
    for (plan, relationship) in plan.junctions.iter().zip(&made.junctions) {
        let table = &tables[plan.table];
        let total = scanned.rows[plan.table];
        let relationship = edit.schema.relationship(*relationship)?.clone();
        let ends = shape::ends(table);
        let mut keys = vec![];
        for end in ends {
            keys.push(scanned.key(end.parent, &end.parent_columns).ok_or_else(|| Error::internal("a junction has lost an end"))?);
        }
        let all: Vec<usize> = (0..table.columns.len()).collect();
        let mut rows = foreign.stream(table.select(&all));
        let mut batch: Vec<Link> = Vec::with_capacity(BATCH);
        let mut n = 0;
        loop {
            let next = watch.wait(rows.try_next()).await?;
            let ended = next.is_none();
            if let Some(row) = next {
                let end = |i: usize| {
                    let found = keys[i].find(ends[i].columns.iter().map(|c| &row.cells.0[*c])).flatten()?;
                    Some(RecordId(sequences[ends[i].parent].id(found)))
                };
                if let (Some(from), Some(to)) = (end(0), end(1)) {
                    let id = LinkId(sequences[plan.table].id(n));
                    batch.push(Link { id, source: from, target: to, metadata: None });
                    report.links += 1;
                }
                n += 1;
            }
            if batch.len() == BATCH || (ended && !batch.is_empty()) {
                let mut session = Session { tx: &mut *edit.tx, schema: &edit.schema, context: edit.context };
                pairs::insert(&mut session, &relationship, &std::mem::take(&mut batch)).await?;
                watch.step(&table.name, n, Some(total))?;
            }
            if ended {
                break;
            }
        }
    }
    Ok(())
}
