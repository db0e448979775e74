//! Switching over: one short transaction after which the records are read and written in their new place.

use serde_json::json;

use super::{
    Work,
    capture::{self, Among, Watched},
    catch_up, links, neighbours, state,
    target::{self, Target},
};
use crate::{
    error::{Error, Result},
    model::{ChangeId, EntityId, JobKind, OnInvalid, Phase, Relationship, StorageMode},
    records::Context,
    schema::{
        Edit, Op, Title,
        ahead::{self, Made},
        changelog,
        tables::{self, Keys},
    },
    sql::Backend,
    store::{EntityStore, Tries, Tx, system},
};

/// Returns the schema's new version.
pub async fn run(work: &mut Work) -> Result<u32> {
    let mut tries = Tries::default();
    loop {
        // Most of what was written meanwhile goes over before, so that the last step stays short.
        catch_up::most(work).await?;
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
    let (version, later) = within(work, &mut tx).await?;
    let keys = ahead::note_keys(&mut tx, later).await?;
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

/// Within that transaction, or a rehearsal of it. Returns the schema's new version, and the foreign keys to be held against what is there.
pub async fn within(work: &mut Work, tx: &mut Tx) -> Result<(u32, Vec<Made>)> {
    let schema = system::load_schema(tx).await?;
    let targets = (0..work.state.parts.len()).map(|i| work.target(&schema, i)).collect::<Result<Vec<_>>>()?;
    for target in &targets {
        tx.keep_writers_out(&target.source().table(tx.dialect)).await?;
    }
    let unwatched = neighbours::unwatched(work, tx, &schema).await?;
    neighbours::catch_up(work, tx, &schema).await?;
    // Twice: what is gone may have left references in any of them. Settling those lets nothing go.
    for (i, target) in targets.iter().enumerate().chain(targets.iter().enumerate()) {
        catch_up::records(work, tx, &schema, target, i, Among::All).await?;
    }
    neighbours::hold(work, tx, &schema).await?;
    let mut watched: Vec<Watched> = targets.iter().map(Target::watched).collect();
    for i in 0..work.state.moving.len() {
        links::catch_up_last(work, tx, &schema, i, &unwatched).await?;
        watched.push(work.state.moving[i].watched(work.row.kind.0));
    }
    // Last: from here on readers wait too.
    for watched in &watched {
        for statement in capture::drop(tx.dialect, work.row.id, watched) {
            tx.execute(statement).await?;
        }
    }
    neighbours::unwatch(work, tx, &schema).await?;
    capture::forget_all(tx, work.row.id).await?;
    let context = Context::new(&work.state.origin, work.state.author.clone());
    let mut edit = Edit::of(tx, schema, &context);
    switch(work, &mut edit, &unwatched).await?;
    log(work, &mut edit).await?;
    Ok((edit.schema.version, edit.later))
}

/// Changes modes, definitions, foreign keys and junction tables.
async fn switch(work: &mut Work, edit: &mut Edit<'_>, unwatched: &[EntityId]) -> Result<()> {
    let kind = work.row.kind.0;
    let (before, after) = (edit.schema.clone(), work.after(&edit.schema));
    let moving: Vec<Relationship> = target::moving_links(&before, &after).into_iter().cloned().collect();
    if kind == JobKind::Dematerialize {
        links::back(work, edit, &moving).await?;
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
        tables::sync(edit, *id, Keys::Sound).await?;
    }
    // Tables that were there before, and refer to one that has come or gone.
    let mut neighbours: Vec<EntityId> = vec![];
    for relationship in ours.iter().flat_map(|id| before.referring(*id)) {
        if !ours.contains(&relationship.holder()) && !neighbours.contains(&relationship.holder()) {
            neighbours.push(relationship.holder());
        }
    }
    for id in neighbours {
        tables::sync(edit, id, Keys::Sound).await?;
    }
    if kind == JobKind::Dematerialize {
        let tables: Vec<String> = work.state.parts.iter().map(|part| edit.tx.dialect.quote(&part.table)).collect();
        // They may refer to each other: Postgres drops those together, SQLite one by one and does not mind.
        let at_once = if edit.tx.dialect.backend() == Backend::Postgres { tables.len() } else { 1 };
        for tables in tables.chunks(at_once) {
            edit.tx.execute(format!("DROP TABLE {}", tables.join(", "))).await?;
        }
        return Ok(());
    }
    links::over(work, edit, &moving).await?;
    neighbours::check(edit, &before, unwatched).await
}

/// The job's entry in the changelog: a new one, or the one it goes through.
async fn log(work: &Work, edit: &mut Edit<'_>) -> Result<()> {
    let entities: Vec<EntityId> = work.state.parts.iter().map(|p| p.entity).collect();
    if let Some(step) = work.state.step {
        let row = entry(edit, step.change).await?;
        return changelog::mark(edit, row, step.direction(), None).await.map(|_| ());
    }
    let dematerialize = work.row.kind.0 == JobKind::Dematerialize;
    // What had been kept aside is back among the values: on the way over again it goes aside again.
    let on_invalid = if dematerialize { OnInvalid::Keep } else { work.state.options.on_invalid };
    let (over, back) = (Op::Materialize { entities: entities.clone(), on_invalid }, Op::Dematerialize { entities: entities.clone() });
    let description = state::title(work.row.kind.0, &work.state.parts);
    if dematerialize {
        edit.log(Title { kind: "dematerialize", description, entities }, &[back], &[over]).await
    } else {
        edit.log(Title { kind: "materialize", description, entities }, &[over], &[back]).await
    }
}

async fn entry(edit: &mut Edit<'_>, id: ChangeId) -> Result<system::ChangeRow> {
    EntityStore::get(edit.tx, &id).await?.ok_or_else(|| Error::internal("the changelog entry is gone").with(json!({ "change": id })))
}
