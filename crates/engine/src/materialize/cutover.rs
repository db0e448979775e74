//! Switching over: one short transaction after which the records are read and written in their new place.

use serde_json::json;

use super::{Work, capture, copy, pairs, state, target};
use crate::{
    error::{Error, Result},
    model::{ChangeId, EntityId, JobKind, OnInvalid, Phase, Relationship, StorageMode},
    records::Context,
    schema::{Edit, Op, Title, ahead, changelog, tables},
    sql::{Backend, Sql},
    store::{EntityStore, Tries, system},
};

/// Returns the schema's new version.
pub async fn run(work: &mut Work) -> Result<u32> {
    let mut tries = Tries::default();
    loop {
        // Most of what was written meanwhile goes over before, so that the last step stays short.
        copy::catch_up_all(work).await?;
        work.check_signals()?;
        match work.counted(once).await {
            Err(error) if error.is_held() => work.store.give_way(error, &mut tries).await?,
            other => return other,
        }
    }
}

async fn once(work: &mut Work) -> Result<u32> {
    let store = work.store.clone();
    let mut tx = store.write_tables().await?;
    let schema = system::load_schema(&mut tx).await?;
    for i in 0..work.state.parts.len() {
        let target = work.target(&schema, i)?;
        tx.keep_writers_out(&target.source().table(tx.dialect)).await?;
        copy::catch_up(work, &mut tx, &schema, &target, i).await?;
        for statement in capture::drop(tx.dialect, work.row.id, &target) {
            tx.execute(statement).await?;
        }
    }
    capture::forget_all(&mut tx, work.row.id).await?;
    let context = Context::new(&work.state.origin, work.state.author.clone());
    let mut edit = Edit::of(&mut tx, schema, &context);
    switch(work, &mut edit).await?;
    log(work, &mut edit).await?;
    let version = edit.schema.version;
    let keys = ahead::note_keys(edit.tx, std::mem::take(&mut edit.later)).await?;
    work.state.cut_over = true;
    (work.state.waiting, work.state.waiting_for) = (0, None);
    work.row.phase.0 = Phase::CleanUp;
    let saved = state::save(&mut tx, &mut work.row, &work.state).await;
    let committed = match saved.and_then(|()| work.fault("cut over: before commit")) {
        Ok(()) => tx.commit().await,
        Err(error) => Err(error),
    };
    if let Err(error) = committed {
        // It has not happened: the job can still go back.
        work.state.cut_over = false;
        work.row.phase.0 = Phase::CutOver;
        return Err(error);
    }
    // New foreign keys hold from now on; what was there is held against them while others write. It was looked at when it was compared.
    Box::pin(ahead::tidy(&store, keys)).await;
    Ok(version)
}

/// Changes modes, definitions, foreign keys and junction tables.
async fn switch(work: &mut Work, edit: &mut Edit<'_>) -> Result<()> {
    let kind = work.row.kind.0;
    let (before, after) = (edit.schema.clone(), work.after(&edit.schema));
    let moving: Vec<Relationship> = target::moving_links(&before, &after).into_iter().cloned().collect();
    if kind == JobKind::Dematerialize {
        for relationship in &moving {
            links_back(work, edit, relationship).await?;
        }
    }
    let ours: Vec<EntityId> = work.state.parts.iter().map(|p| p.entity).collect();
    for entity in &mut edit.schema.entities {
        if let Some(part) = work.state.parts.iter().find(|p| p.entity == entity.id) {
            entity.storage_mode = if kind == JobKind::Dematerialize { StorageMode::Shared } else { StorageMode::Dedicated };
            entity.table.clone_from(&part.table);
            EntityStore::put(edit.tx, &system::entity_row(entity)).await?;
        }
    }
    for id in &ours {
        tables::sync_but_keys(edit, *id).await?;
    }
    // Tables that were there before, and refer to one that has come or gone.
    let mut neighbours: Vec<EntityId> = vec![];
    for relationship in ours.iter().flat_map(|id| before.referring(*id)) {
        if !ours.contains(&relationship.holder()) && !neighbours.contains(&relationship.holder()) {
            neighbours.push(relationship.holder());
        }
    }
    for id in neighbours {
        tables::sync_but_keys(edit, id).await?;
    }
    if kind == JobKind::Dematerialize {
        let tables: Vec<String> = work.state.parts.iter().map(|part| edit.tx.dialect.quote(&part.table)).collect();
        // They may refer to each other: Postgres drops those together, SQLite one by one and does not mind.
        let at_once = if edit.tx.dialect.backend() == Backend::Postgres { tables.len() } else { 1 };
        for tables in tables.chunks(at_once) {
            edit.tx.execute(format!("DROP TABLE {}", tables.join(", "))).await?;
        }
    } else {
        for relationship in &moving {
            links_over(work, edit, relationship.clone()).await?;
        }
    }
    Ok(())
}

const LINK: &str = "id, source_id, target_id, metadata, created_at, created_by";

async fn links_over(work: &mut Work, edit: &mut Edit<'_>, mut relationship: Relationship) -> Result<()> {
    let free = target::free_table(edit.tx, &edit.schema, &relationship.storage, &[]).await?;
    if free != relationship.storage {
        relationship.storage = free;
        EntityStore::put(edit.tx, &system::relationship_row(&relationship)).await?;
        for slot in edit.schema.relationships.iter_mut().filter(|r| r.id == relationship.id) {
            slot.storage.clone_from(&relationship.storage);
        }
    }
    tables::create_junction(edit, &relationship).await?;
    put_aside(work, edit, &relationship).await?;
    let mut sql = Sql::new(edit.tx.dialect, "INSERT INTO ");
    sql.ident(&relationship.storage).push(&format!(" ({LINK}) SELECT {LINK} FROM kdb_record_links WHERE relationship_id = "));
    sql.bind(relationship.id).push(" ORDER BY source_id, target_id");
    let moved = edit.tx.execute(sql.build()).await?;
    let mut sql = Sql::new(edit.tx.dialect, "DELETE FROM kdb_record_links WHERE relationship_id = ");
    sql.bind(relationship.id);
    edit.tx.execute(sql.build()).await?;
    edit.tx.check_foreign_keys(&relationship.storage).await?;
    count_links(work, &relationship, moved)
}

/// Pairs that refer to nothing: those to be kept wait under their relationship for the way back, the others are remembered with the job.
async fn put_aside(work: &mut Work, edit: &mut Edit<'_>, relationship: &Relationship) -> Result<()> {
    let on_invalid = work.state.options.on_invalid;
    if on_invalid == OnInvalid::Abort {
        return Ok(());
    }
    let dialect = edit.tx.dialect;
    let mut sql = Sql::new(dialect, &format!("INSERT INTO kdb_dropped_links (drop_id, {LINK}) SELECT "));
    if on_invalid == OnInvalid::Keep {
        sql.bind(relationship.id);
    } else {
        sql.bind(work.row.id);
    }
    sql.push(&format!(", {LINK} FROM kdb_record_links WHERE "));
    pairs::missing(&mut sql, dialect, &edit.schema, relationship)?;
    sql.push(" ON CONFLICT DO NOTHING");
    if edit.tx.execute(sql.build()).await? == 0 {
        return Ok(());
    }
    let mut sql = Sql::new(dialect, "DELETE FROM kdb_record_links WHERE ");
    pairs::missing(&mut sql, dialect, &edit.schema, relationship)?;
    let gone = u32::try_from(edit.tx.execute(sql.build()).await?).unwrap_or(u32::MAX);
    let at = owner(work, relationship)?;
    let part = &mut work.state.parts[at];
    *(if on_invalid == OnInvalid::Keep { &mut part.kept } else { &mut part.nulled }) += gone;
    Ok(())
}

async fn links_back(work: &mut Work, edit: &mut Edit<'_>, relationship: &Relationship) -> Result<()> {
    let mut sql = Sql::new(edit.tx.dialect, &format!("INSERT INTO kdb_record_links (relationship_id, {LINK}) SELECT "));
    sql.bind(relationship.id).push(&format!(", {LINK} FROM ")).ident(&relationship.storage);
    sql.push(" ORDER BY source_id, target_id");
    let moved = edit.tx.execute(sql.build()).await?;
    edit.tx.execute(format!("DROP TABLE {}", edit.tx.dialect.quote(&relationship.storage))).await?;
    let mut sql = Sql::new(edit.tx.dialect, &format!("INSERT INTO kdb_record_links (relationship_id, {LINK}) SELECT "));
    sql.bind(relationship.id).push(&format!(", {LINK} FROM kdb_dropped_links WHERE drop_id = ")).bind(relationship.id);
    sql.push(" ON CONFLICT DO NOTHING");
    edit.tx.execute(sql.build()).await?;
    let mut sql = Sql::new(edit.tx.dialect, "DELETE FROM kdb_dropped_links WHERE drop_id = ");
    sql.bind(relationship.id);
    edit.tx.execute(sql.build()).await?;
    count_links(work, relationship, moved)
}

fn count_links(work: &mut Work, relationship: &Relationship, moved: u64) -> Result<()> {
    let at = owner(work, relationship)?;
    work.state.parts[at].links += u32::try_from(moved).unwrap_or(u32::MAX);
    Ok(())
}

/// Pairs count for the entity they start at, or for the one that is of this job.
fn owner(work: &Work, relationship: &Relationship) -> Result<usize> {
    let at = |id: EntityId| work.state.parts.iter().position(|p| p.entity == id);
    at(relationship.source).or_else(|| at(relationship.target)).ok_or_else(|| Error::internal("pairs of no entity of this job"))
}

/// The job's entry in the changelog: a new one, or the one it goes through.
async fn log(work: &Work, edit: &mut Edit<'_>) -> Result<()> {
    let entities: Vec<EntityId> = work.state.parts.iter().map(|p| p.entity).collect();
    if let Some(step) = work.state.step {
        let row = entry(edit, step.change).await?;
        return changelog::mark(edit, row, step.direction(), None).await.map(|_| ());
    }
    let (over, back) = (Op::Materialize { entities: entities.clone() }, Op::Dematerialize { entities: entities.clone() });
    let description = state::title(work.row.kind.0, &work.state.parts);
    if work.row.kind.0 == JobKind::Dematerialize {
        edit.log(Title { kind: "dematerialize", description, entities }, &[back], &[over]).await
    } else {
        edit.log(Title { kind: "materialize", description, entities }, &[over], &[back]).await
    }
}

async fn entry(edit: &mut Edit<'_>, id: ChangeId) -> Result<system::ChangeRow> {
    EntityStore::get(edit.tx, &id).await?.ok_or_else(|| Error::internal("the changelog entry is gone").with(json!({ "change": id })))
}
