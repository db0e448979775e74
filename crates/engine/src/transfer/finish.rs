//! The last step of a copy, and taking away one that will not be gone on with.

use super::Work;
use crate::{
    error::{Error, ErrorCode, Result},
    jobs,
    model::{EntityId, Job, JobId, JobKind, JobStatus, Schema},
    records::Context,
    schema::{Edit, tables},
    sql::Backend,
    store::{Store, Tx, entity_store::Word, rights::Right, system},
};
use serde_json::json;

/// Indexes, one entity a transaction; then everything else in one, after which the copy is a workspace.
pub async fn run(work: &mut Work<'_>) -> Result<()> {
    let context = Context::new("copy", None);
    let dedicated: Vec<EntityId> = work.schema.entities.iter().filter(|e| e.is_dedicated()).map(|e| e.id).collect();
    let mut schema = work.schema.clone();
    for id in &dedicated {
        work.check()?;
        let mut tx = work.target.write_tables().await?;
        let mut edit = Edit::of(&mut tx, schema, &context);
        tables::sync_indexes(&mut edit, *id).await?;
        schema = edit.schema;
        work.save(&mut tx).await?;
        work.fault("finish: indexes, before commit")?;
        tx.commit().await?;
    }
    let mut tx = work.target.write_tables().await?;
    let mut edit = Edit::of(&mut tx, schema, &context);
    for id in &dedicated {
        tables::sync(&mut edit, *id, tables::Keys::Now).await?;
    }
    for relationship in work.schema.relationships.iter().filter(|r| work.schema.has_junction_table(r)) {
        tx.check_foreign_keys(&relationship.storage).await?;
    }
    system::set_schema_version(&mut tx, work.state.version).await?;
    work.row.status = Word(JobStatus::Done);
    let saved = work.save(&mut tx).await.and_then(|()| work.fault("finish: before commit"));
    let committed = match saved {
        Ok(()) => tx.commit().await,
        Err(error) => Err(error),
    };
    if committed.is_err() {
        work.row.status = Word(JobStatus::Running);
        return committed;
    }
    work.target.note_sizes().await;
    Ok(())
}

/// Empties the target of a copy that was interrupted. Its job stays in the list, in this status.
///
/// # Errors
/// `unknown_job`; `invalid_input` when it is running or has ended.
pub async fn discard(target: &Store, id: JobId, status: JobStatus) -> Result<Job> {
    jobs::mark_interrupted(target).await?;
    let mut tx = target.write_tables().await?;
    let mut row = jobs::row_to_write(&mut tx, id).await?;
    if row.kind.0 != JobKind::Copy || row.status.0 != JobStatus::Interrupted || !system::is_unfinished(&mut tx).await? {
        return Err(jobs::ended(&jobs::job(&row), "rolled back"));
    }
    empty(&mut tx).await?;
    row.status = Word(status);
    row.updated_at = crate::records::now();
    crate::store::EntityStore::put(&mut tx, &row).await?;
    system::set_schema_version(&mut tx, 0).await?;
    tx.commit().await?;
    Ok(jobs::job(&row))
}

/// Takes away everything a copy has brought, its job too.
pub async fn empty(tx: &mut Tx) -> Result<()> {
    let schema = system::read_schema(tx, 0).await?;
    let junctions = schema.relationships.iter().filter(|r| schema.has_junction_table(r)).map(|r| r.storage.as_str());
    // They refer to the tables, which do not refer to each other yet.
    for table in junctions.chain(schema.entities.iter().filter(|e| e.is_dedicated()).map(|e| e.table.as_str())) {
        let cascade = if tx.dialect.backend() == Backend::Postgres { " CASCADE" } else { "" };
        tx.execute(format!("DROP TABLE IF EXISTS {}{cascade}", tx.dialect.quote(table))).await?;
    }
    for table in [
        "kdb_record_links",
        "kdb_index_entries",
        "kdb_records",
        "kdb_dropped_values",
        "kdb_dropped_records",
        "kdb_dropped_links",
        "kdb_change_events",
        "kdb_captured_writes",
        "kdb_captured_pairs",
        "kdb_layout",
        "kdb_relationship_definitions",
        "kdb_entity_fields",
        "kdb_field_definitions",
        "kdb_entity_definitions",
        "kdb_schema_changelog",
        "kdb_jobs",
    ] {
        tx.execute(format!("DELETE FROM {table}")).await?;
    }
    Ok(())
}

/// Makes the tables of dedicated entities, and of the pairs between them.
///
/// # Errors
/// `not_permitted` where a role may make no tables; `name_taken` when another program's table has the name of one.
pub async fn make_tables(tx: &mut Tx, schema: &Schema) -> Result<()> {
    if !schema.entities.iter().any(|e| e.is_dedicated()) {
        return Ok(());
    }
    tx.require_rights(&[Right::CreateTables]).await?;
    let there = tx.names().await?;
    let free = |name: &str| {
        // Names are compared without regard to case, as SQLite does.
        if !there.contains(&name.to_lowercase()) && !there.contains(&name.to_ascii_lowercase()) {
            return Ok(());
        }
        let message =
            format!("The target has a table {name:?} that is not Stoneware's. Rename it there, or copy into another database or schema.");
        Err(Error::new(ErrorCode::NameTaken, message).with(json!({ "name": name, "taken": name })))
    };
    let bare = crate::sql::tables::bare(schema.clone());
    for entity in schema.entities.iter().filter(|e| e.is_dedicated()) {
        free(&entity.table)?;
        let ddl = crate::sql::tables::create_table(tx.dialect, &bare, bare.entity(entity.id)?, &entity.table, None);
        tx.execute(ddl).await?;
        if let Some(statement) = crate::sql::tables::share_rights(tx.dialect, &entity.table, "kdb_records") {
            tx.execute(statement).await?;
        }
    }
    for relationship in schema.relationships.iter().filter(|r| schema.has_junction_table(r)) {
        free(&relationship.storage)?;
        for ddl in crate::sql::tables::create_junction(tx.dialect, schema, relationship) {
            tx.execute(ddl).await?;
        }
    }
    Ok(())
}
