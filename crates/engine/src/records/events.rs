//! Change events: one for each record a transaction makes, changes or deletes.

use serde_json::Value;

use super::{CHUNK, Session};
use crate::{
    error::Result,
    model::EntityId,
    sql::{Bind, Column, Sql, records::json_object},
};

/// A mutation: both images by column position; none before a create, none after a delete.
pub struct Event<'a> {
    pub record: &'a str,
    pub before: Option<&'a [Value]>,
    pub after: Option<&'a [Value]>,
}

/// Writes the events. An update's images hold only what differs.
pub async fn write(session: &mut Session<'_>, entity: EntityId, columns: &[Column], events: &[Event<'_>]) -> Result<()> {
    for chunk in events.chunks(CHUNK) {
        let mut sql = Sql::new(
            session.tx.dialect,
            "INSERT INTO kdb_change_events (transaction_id, op, entity_id, record_id, before, after, origin, author, at) VALUES ",
        );
        for (i, event) in chunk.iter().enumerate() {
            let (op, before, after) = images(columns, event);
            sql.push(if i == 0 { "(" } else { ", (" });
            sql.bind_all([
                Bind::id(&session.context.transaction),
                op.into(),
                entity.into(),
                Bind::id(event.record),
                Bind::Json(before),
                Bind::Json(after),
                session.context.origin.clone().into(),
                session.context.author.clone().into(),
                session.context.now.clone().into(),
            ]);
            sql.push(")");
        }
        session.tx.execute(sql.build()).await?;
    }
    Ok(())
}

fn images(columns: &[Column], event: &Event<'_>) -> (&'static str, Option<String>, Option<String>) {
    // From where the values stand, without a copy: an import writes one of these a record.
    let text = |values: &[Value], keep: &dyn Fn(usize) -> bool| {
        let members = columns.iter().zip(values).enumerate().filter(|(i, _)| keep(*i));
        Some(json_object(members.map(|(_, (column, value))| (column.name.as_str(), value))))
    };
    match (event.before, event.after) {
        (Some(before), Some(after)) => {
            let differs = |i: usize| before.get(i) != after.get(i);
            ("u", text(before, &differs), text(after, &differs))
        }
        (None, Some(after)) => ("c", None, text(after, &|i| !after[i].is_null())),
        (before, None) => ("d", before.and_then(|b| text(b, &|i| !b[i].is_null())), None),
    }
}
