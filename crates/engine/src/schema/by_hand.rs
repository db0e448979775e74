//! What a person has made by hand over a column of a dedicated table: an edit that has to make the column anew makes these again, and one
//! that cannot says what is in its way.

use serde_json::json;

use super::{
    Edit,
    data::added,
    tables::{self, is_ours},
};
use crate::{
    error::{Error, ErrorCode, Result},
    model::{Entity, EntityId},
    sql::{Backend, Column, alter, tables as ddl},
    store::Shape,
};

/// Something that goes with a column, and what makes it again.
#[derive(Debug, Clone)]
pub struct ByHand {
    /// In words.
    what: &'static str,
    name: String,
    make: Vec<String>,
}

/// # Errors
/// `unsupported` with the views that name the column: Postgres drops none from under them.
pub async fn refuse_views(edit: &mut Edit<'_>, entity: &Entity, column: &Column) -> Result<()> {
    if !entity.is_dedicated() {
        return Ok(());
    }
    let views = edit.tx.column_views(&entity.table, &column.storage).await?;
    views.first().map_or(Ok(()), |view| Err(in_the_way(entity, column, "view", view)))
}

/// # Errors
/// `unsupported` with a trigger that names the column. Only of one that goes for good: see [`replace_column`].
pub async fn refuse_triggers(edit: &mut Edit<'_>, entity: &Entity, column: &Column) -> Result<()> {
    if !entity.is_dedicated() {
        return Ok(());
    }
    let triggers = edit.tx.column_triggers(&entity.table, &column.storage).await?;
    triggers.first().map_or(Ok(()), |trigger| Err(in_the_way(entity, column, "trigger", &trigger.name)))
}

fn in_the_way(entity: &Entity, column: &Column, what: &str, name: &str) -> Error {
    let message = format!(
        "The {what} {name:?} uses {}.{}, whose column has to go for this. Drop the {what}, make the change, and make it again as it then fits.",
        entity.name, column.name
    );
    Error::unsupported(message).with(json!({ "entity": entity.name, "field": column.name, what: name }))
}

/// Drops a column with the indexes on it.
///
/// # Errors
/// `unsupported` with what else needs it.
pub async fn drop_column(edit: &mut Edit<'_>, entity: &Entity, column: &Column) -> Result<()> {
    tables::drop_column_indexes(edit, &entity.table, &column.storage).await?;
    let shape = Shape::ColumnDropped { table: entity.table.clone(), column: column.storage.clone() };
    let dropped = edit.tx.alter(ddl::drop_column(edit.tx.dialect, &entity.table, &column.storage), shape).await;
    dropped.map_err(|error| explained(error, entity, column))
}

/// SQLite names what would no longer make sense without the column in its message alone; Postgres only says that there is something.
fn explained(error: Error, entity: &Entity, column: &Column) -> Error {
    let told = error.details["database"].as_str().and_then(|text| text.strip_prefix("error in "));
    let named = told.and_then(|text| text.split_once(" after drop column")).and_then(|(what, _)| what.split_once(' '));
    match named {
        Some((what @ ("view" | "trigger" | "index"), name)) => in_the_way(entity, column, what, name),
        _ if error.details["sqlstate"] == "2BP01" => {
            let message =
                format!("Something in the database needs the column of {}.{} ({error}). Drop that first.", entity.name, column.name);
            Error { code: ErrorCode::Unsupported, message, details: error.details }
        }
        _ => error,
    }
}

/// Makes a column anew, for values of another type. Returns what is to be made again once they are there.
pub async fn replace_column(edit: &mut Edit<'_>, entity: &Entity, column: &Column) -> Result<Vec<ByHand>> {
    let by_hand = found(edit, entity, column).await?;
    let on_file = edit.tx.dialect.backend() == Backend::Sqlite;
    // Views and triggers make sense again as soon as the column is back: so SQLite is kept from looking at them in between.
    if on_file {
        edit.tx.execute("PRAGMA writable_schema = ON").await?;
    }
    let replaced = drop_and_add(edit, entity, column).await;
    if on_file {
        edit.tx.execute("PRAGMA writable_schema = OFF").await?;
    }
    replaced.map(|()| by_hand)
}

async fn drop_and_add(edit: &mut Edit<'_>, entity: &Entity, column: &Column) -> Result<()> {
    for trigger in edit.tx.column_triggers(&entity.table, &column.storage).await? {
        let dialect = edit.tx.dialect;
        edit.tx.execute(format!("DROP TRIGGER {} ON {}", dialect.quote(&trigger.name), dialect.quote(&entity.table))).await?;
    }
    drop_column(edit, entity, column).await?;
    edit.tx.alter(ddl::add_column(edit.tx.dialect, &entity.table, column), added(entity, column)).await
}

/// What goes with the column and is not the engine's to make.
async fn found(edit: &mut Edit<'_>, entity: &Entity, column: &Column) -> Result<Vec<ByHand>> {
    let (dialect, storage) = (edit.tx.dialect, &column.storage);
    let table = dialect.quote(&entity.table);
    let mut out = vec![];
    for index in edit.tx.column_indexes(&entity.table, storage).await?.into_iter().filter(|index| !is_ours(&index.name)) {
        // Postgres writes the names as it likes; plans tell tables by their quotes.
        let make = match index.definition.split_once(" USING ") {
            Some((_, how)) if dialect.backend() == Backend::Postgres => {
                let unique = if index.unique { "UNIQUE " } else { "" };
                format!("CREATE {unique}INDEX {} ON {table} USING {how}", dialect.quote(&index.name))
            }
            _ => index.definition,
        };
        out.push(ByHand { what: "index", name: index.name, make: vec![make] });
    }
    let required = alter::required_check(&entity.table, column);
    for constraint in edit.tx.column_constraints(&entity.table, storage).await?.into_iter().filter(|c| c.name != required) {
        let make = format!("ALTER TABLE {table} ADD CONSTRAINT {} {}", dialect.quote(&constraint.name), constraint.definition);
        out.push(ByHand { what: "constraint", name: constraint.name, make: vec![make] });
    }
    for trigger in edit.tx.column_triggers(&entity.table, storage).await? {
        let fires = match trigger.enabled.as_str() {
            "D" => Some("DISABLE"),
            "R" => Some("ENABLE REPLICA"),
            "A" => Some("ENABLE ALWAYS"),
            _ => None,
        };
        let mut make = vec![trigger.definition];
        make.extend(fires.map(|fires| format!("ALTER TABLE {table} {fires} TRIGGER {}", dialect.quote(&trigger.name))));
        out.push(ByHand { what: "trigger", name: trigger.name, make });
    }
    Ok(out)
}

/// Makes again what went with a column that has been made anew.
///
/// # Errors
/// `unique_violation` with an index or a constraint that its values do not go together with; `unsupported` with what does not fit its type.
pub async fn make_again(edit: &mut Edit<'_>, entity: EntityId, column: &Column, by_hand: Vec<ByHand>) -> Result<()> {
    let entity = edit.schema.entity(entity)?.clone();
    for ByHand { what, name, make } in by_hand {
        for statement in make {
            let made = match what {
                "index" => edit.tx.alter(statement, Shape::IndexMade { table: entity.table.clone(), index: name.clone() }).await,
                _ => edit.tx.execute(statement).await.map(drop),
            };
            made.map_err(|error| not_again(error, &entity, column, what, &name))?;
        }
    }
    Ok(())
}

fn not_again(error: Error, entity: &Entity, column: &Column, what: &str, name: &str) -> Error {
    let code = match error.code {
        ErrorCode::UniqueViolation => ErrorCode::UniqueViolation,
        // What the statement itself meets; all else has nothing to do with it.
        ErrorCode::Internal | ErrorCode::InvalidInput | ErrorCode::RequiredMissing => ErrorCode::Unsupported,
        _ => return error,
    };
    let (field, why) = (format!("{}.{}", entity.name, column.name), error.details["database"].as_str().unwrap_or(&error.message));
    let message = format!(
        "The {what} {name:?}, made by hand, does not go together with what {field} becomes ({why}). Drop it, or change the values, and try again."
    );
    Error::new(code, message).with(json!({ "entity": entity.name, "field": column.name, what: name, "database": why }))
}
