//! Switching pairs over, with the records.

use super::Moving;
use crate::{
    error::{Error, Result},
    materialize::Work,
    model::{OnInvalid, Relationship},
    schema::{Edit, ahead::Made},
    sql::{Backend, Sql, pairs::LINK, tables},
    store::{EntityStore, system},
};

/// Into junction tables, when the entities have their new modes.
pub async fn over(work: &mut Work, edit: &mut Edit<'_>, moving: &[Relationship]) -> Result<()> {
    for relationship in moving {
        let at = prepared(work, relationship)?;
        name(edit, &at).await?;
        refer(edit, &at).await?;
        let mut sql = Sql::new(edit.tx.dialect, "SELECT count(*) FROM kdb_dropped_links WHERE drop_id = ");
        sql.bind_id(&at.aside.to_string());
        let aside = edit.tx.count(sql.build()).await?;
        let part = &mut work.state.parts[at.part];
        *(if work.state.options.on_invalid == OnInvalid::Keep { &mut part.kept } else { &mut part.nulled }) += aside;
    }
    Ok(())
}

/// Out of their junction tables, before the entities have their new modes.
pub async fn back(work: &Work, edit: &mut Edit<'_>, moving: &[Relationship]) -> Result<()> {
    for relationship in moving {
        let at = prepared(work, relationship)?;
        edit.tx.execute(format!("DROP TABLE {}", edit.tx.dialect.quote(&at.table))).await?;
        let mut sql = Sql::new(edit.tx.dialect, &format!("INSERT INTO kdb_record_links (relationship_id, {LINK}) SELECT "));
        sql.bind(relationship.id).push(&format!(", {LINK} FROM kdb_dropped_links WHERE drop_id = ")).bind(relationship.id);
        sql.push(" ON CONFLICT DO NOTHING");
        edit.tx.execute(sql.build()).await?;
        let mut sql = Sql::new(edit.tx.dialect, "DELETE FROM kdb_dropped_links WHERE drop_id = ");
        sql.bind(relationship.id);
        edit.tx.execute(sql.build()).await?;
    }
    Ok(())
}

/// # Errors
/// `unsupported` where it was not copied: by a version that copied pairs while it switched over. The job is undone then.
fn prepared(work: &Work, relationship: &Relationship) -> Result<Moving> {
    work.state.moving.iter().find(|moving| moving.relationship == relationship.id).cloned().ok_or_else(|| {
        let name = &relationship.name;
        Error::unsupported(format!("The pairs of {name} were not copied: an earlier version of Stoneware began this. Start it again."))
    })
}

/// Writes down what the table is called, where that is not what was wished for.
async fn name(edit: &mut Edit<'_>, at: &Moving) -> Result<()> {
    let relationship = at.of(&edit.schema)?;
    for slot in edit.schema.relationships.iter_mut().filter(|r| r.id == relationship.id && r.storage != relationship.storage) {
        slot.storage.clone_from(&relationship.storage);
        EntityStore::put(edit.tx, &system::relationship_row(&relationship)).await?;
    }
    Ok(())
}

/// Foreign keys. What is there was compared, and what came since was looked at. On a server it is held against them afterwards, while
/// others write.
async fn refer(edit: &mut Edit<'_>, at: &Moving) -> Result<()> {
    let (dialect, relationship) = (edit.tx.dialect, at.of(&edit.schema)?);
    if dialect.backend() == Backend::Sqlite {
        let definition = tables::junction_table(dialect, &relationship, Some(&edit.schema));
        return edit.tx.rewrite_definition(&at.table, &definition).await;
    }
    for statement in tables::junction_keys(dialect, &edit.schema, &relationship) {
        edit.tx.execute(statement).await?;
    }
    let names: Vec<String> = if edit.tx.rehearses() {
        // As the server will call them.
        ["source_id", "target_id"].map(|column| format!("{}_{column}_fkey", at.table)).into()
    } else {
        edit.tx.standing(&at.table).await?.foreign_keys.into_iter().map(|key| key.name).collect()
    };
    edit.later.extend(names.into_iter().map(|name| Made::Key { table: at.table.clone(), name }));
    Ok(())
}
