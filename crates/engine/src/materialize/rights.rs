//! The rights on a server that a change of storage mode takes, beyond those on the shared tables' rows.

use super::{
    state::Part,
    target::{self, moving_links},
};
use crate::{
    error::Result,
    model::{JobKind, Schema},
    store::rights::Right,
};

/// Every right it takes to carry out the job on these parts.
pub fn needed(schema: &Schema, parts: &[Part], kind: JobKind) -> Result<Vec<Right>> {
    let mut rights = vec![];
    let dematerialize = kind == JobKind::Dematerialize;
    let after = target::after(schema, parts, kind);
    if !dematerialize {
        rights.push(Right::CreateTables);
    }
    for part in parts {
        if dematerialize {
            rights.push(Right::Own(part.table.clone()));
        }
        // Tables that are there already get or lose a foreign key, or are referred to by a new one.
        for relationship in schema.referring(part.entity) {
            let holder = schema.entity(relationship.holder())?;
            if holder.is_dedicated() {
                rights.push(Right::Own(holder.table.clone()));
            }
        }
        for relationship in schema.columns(part.entity).filter(|_| !dematerialize) {
            let referenced = schema.entity(relationship.referenced())?;
            if referenced.is_dedicated() {
                rights.push(Right::References(referenced.table.clone()));
            }
        }
    }
    for relationship in moving_links(schema, &after) {
        if dematerialize {
            rights.push(Right::Own(relationship.storage.clone()));
            continue;
        }
        for end in [relationship.source, relationship.target] {
            let end = schema.entity(end)?;
            if end.is_dedicated() {
                rights.push(Right::References(end.table.clone()));
            }
        }
    }
    Ok(rights)
}
