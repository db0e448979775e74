//! Keeps a dedicated table's definition and indexes as the schema says.

use super::{Edit, ahead::Made};
use crate::{
    error::Result,
    model::{EntityId, Relationship},
    sql::{Backend, alter, capture, tables},
    store::Shape,
};

/// When the database holds new foreign keys against the rows that are there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keys {
    Now,
    /// On Postgres once the edit is committed.
    Later,
    /// The same, and on SQLite, which would read all of them to tell, not at all: the rows are known to refer to nothing that is not there.
    Sound,
}

/// Rewrites the definition of an entity's table (constraints, defaults, foreign keys) and makes or drops indexes, where they differ. Columns
/// must have been added and dropped before. Does nothing for a shared entity.
///
/// # Errors
/// `unique_violation` when a unique index meets duplicates; `dangling_reference` when a foreign key does.
pub async fn sync(edit: &mut Edit<'_>, entity: EntityId, keys: Keys) -> Result<()> {
    let entity = edit.schema.entity(entity)?.clone();
    if !entity.is_dedicated() {
        return Ok(());
    }
    let dialect = edit.tx.dialect;
    if dialect.backend() == Backend::Postgres {
        let standing = edit.tx.standing(&entity.table).await?;
        let (changes, validations) = alter::alterations(dialect, &edit.schema, &entity, &standing);
        for statement in changes {
            edit.tx.execute(statement).await?;
        }
        for (name, statement) in validations {
            if keys == Keys::Now {
                edit.tx.execute(statement).await?;
            } else {
                edit.later.push(Made::Key { table: entity.table.clone(), name });
            }
        }
        return sync_indexes(edit, entity.id).await;
    }
    let order = edit.tx.table_columns(&entity.table).await?;
    let definition = tables::create_table(dialect, &edit.schema, &entity, &entity.table, Some(&order));
    edit.tx.rewrite_definition(&entity.table, &definition).await?;
    sync_indexes(edit, entity.id).await?;
    if keys == Keys::Sound { Ok(()) } else { edit.tx.check_foreign_keys(&entity.table).await }
}

/// Makes the indexes that are missing and drops those of ours that are no longer wanted.
pub async fn sync_indexes(edit: &mut Edit<'_>, entity: EntityId) -> Result<()> {
    let entity = edit.schema.entity(entity)?.clone();
    let dialect = edit.tx.dialect;
    let wanted = tables::indexes(dialect, &edit.schema, &entity);
    for name in edit.tx.unfinished_indexes(&entity.table).await?.iter().filter(|name| is_ours(name)) {
        edit.tx.alter(format!("DROP INDEX {}", dialect.quote(name)), dropped(&entity.table, name)).await?;
    }
    let there = edit.tx.table_indexes(&entity.table).await?;
    for name in there.iter().filter(|name| is_ours(name) && !wanted.iter().any(|w| w.name == **name)) {
        unwatch_unique(edit, &entity.table).await?;
        edit.tx.alter(format!("DROP INDEX {}", dialect.quote(name)), dropped(&entity.table, name)).await?;
    }
    for index in wanted.iter().filter(|w| !there.contains(&w.name)) {
        let shape = Shape::IndexMade { table: entity.table.clone(), index: index.name.clone() };
        edit.tx.alter(index.ddl.as_str(), shape).await?;
    }
    Ok(())
}

fn dropped(table: &str, index: &str) -> Shape {
    Shape::IndexDropped { table: table.to_owned(), index: index.to_owned() }
}

/// An index a person made by hand is left alone.
pub fn is_ours(name: &str) -> bool {
    let Some((head, tail)) = name.rsplit_once('_') else { return false };
    (head.ends_with("_key") || head.ends_with("_idx")) && tail.len() == 6 && tail.bytes().all(|b| b.is_ascii_hexdigit())
}

/// Drops what a job has put on a table to see rows replaced by what is unique in it, where that changes. The job reads the whole table then.
async fn unwatch_unique(edit: &mut Edit<'_>, table: &str) -> Result<()> {
    let dialect = edit.tx.dialect;
    if dialect.backend() == Backend::Postgres {
        return Ok(());
    }
    for trigger in edit.tx.texts(capture::replacing_on(dialect, table)).await? {
        edit.tx.execute(format!("DROP TRIGGER {}", dialect.quote(&trigger))).await?;
    }
    Ok(())
}

/// Drops the indexes on one column, before the column goes. Postgres does that itself.
pub async fn drop_column_indexes(edit: &mut Edit<'_>, table: &str, storage: &str) -> Result<()> {
    let dialect = edit.tx.dialect;
    if dialect.backend() == Backend::Postgres {
        return Ok(());
    }
    unwatch_unique(edit, table).await?;
    for index in edit.tx.column_indexes(table, storage).await? {
        edit.tx.alter(format!("DROP INDEX {}", dialect.quote(&index.name)), dropped(table, &index.name)).await?;
    }
    Ok(())
}

/// Makes the junction table of a many-to-many whose ends are both dedicated.
pub async fn create_junction(edit: &mut Edit<'_>, relationship: &Relationship) -> Result<()> {
    for ddl in tables::create_junction(edit.tx.dialect, &edit.schema, relationship) {
        edit.tx.execute(ddl).await?;
    }
    Ok(())
}
