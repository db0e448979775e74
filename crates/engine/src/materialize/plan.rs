//! What a materialize would do, before anything moves: every statement in order as it will run, and every value in the way.

use futures_util::future::try_join;
use std::sync::Arc;

use super::{
    capture, copy, links, locks, neighbours, outlook, problems, profile, rights, size,
    state::Part,
    target::{self, Target},
};
use crate::{
    error::Result,
    model::{EntityId, FieldProfile, JobId, JobKind, MaterializeOptions, MaterializePlan, RelationshipId, Schema},
    sql::{
        Backend,
        alter::{self, Standing},
        columns::columns,
        compare::Rows,
        pairs::{Ends, Which},
        records, shown, tables,
    },
    store::{SchemaCache, Store, Tx},
};

/// # Errors
/// `unknown_entity`; `invalid_input` for an entity that is dedicated already.
pub async fn plan(store: &Store, cache: &Arc<SchemaCache>, entities: &[EntityId], options: &MaterializeOptions) -> Result<MaterializePlan> {
    let mut tx = store.read().await?;
    tx.prefer_indexes().await?;
    let schema = cache.current(&mut tx).await?;
    let parts = target::parts(&mut tx, &schema, JobKind::Materialize, entities).await?;
    let after = target::after(&schema, &parts, JobKind::Materialize);
    let targets: Vec<Target> = parts.iter().map(|p| Target::new(&schema, p, JobKind::Materialize)).collect::<Result<_>>()?;
    let mut plan = MaterializePlan { order: parts.iter().map(|p| p.name.clone()).collect(), ..MaterializePlan::default() };
    let job = JobId::new();
    for target in &targets {
        plan.statements.extend(target.create(tx.dialect, &schema));
        plan.statements.extend(capture::create(tx.dialect, job, &target.watched()));
    }
    let moving = links::foreseen(&mut tx, &schema, &after, &parts, JobKind::Materialize, options.on_invalid).await?;
    for moving in &moving {
        plan.links += moving.total;
        plan.statements.extend(moving.create(tx.dialect, &schema, job, JobKind::Materialize)?);
    }
    let watched = neighbours::watched(tx.dialect.backend(), &schema, &neighbours::of(&schema, &after, &parts))?;
    for watched in &watched {
        plan.statements.extend(capture::create(tx.dialect, job, watched));
    }
    let size = options.batch_size.unwrap_or(copy::FIRST_BATCH);
    let mut counts = vec![];
    for target in &targets {
        counts.push(tx.count(records::count(tx.dialect, &target.shared())).await?);
        let upto = target::next(&mut tx, &target.shared(), "", size).await?.map_or_else(String::new, |(upto, _)| upto);
        for statement in copy::statements(tx.dialect, target, Rows::Range("", &upto)) {
            plan.statements.push(format!("-- again for each of the batches that follow\n{}", shown(tx.dialect.backend(), &statement)));
        }
        plan.statements.extend(tables::indexes(tx.dialect, &after, &target.entity).into_iter().map(|index| index.ddl));
    }
    for moving in &moving {
        let (from, to) = moving.places(JobKind::Materialize);
        let end = links::nth(&mut tx, &from, &Ends::default(), size.min(moving.total)).await?;
        let statement = to.filled_from(tx.dialect, &from, Which::Range(&Ends::default(), end.as_ref()));
        plan.statements.push(format!("-- again for each of the batches that follow\n{}", shown(tx.dialect.backend(), &statement)));
        plan.statements.push(tables::junction_index(tx.dialect, &moving.of(&schema)?).1);
    }
    for watched in &watched {
        plan.statements.extend(capture::drop(tx.dialect, job, watched));
    }
    for target in &targets {
        plan.statements.extend(capture::drop(tx.dialect, job, &target.watched()));
        if tx.dialect.backend() == Backend::Postgres {
            let required = target.columns.iter().filter(|c| c.required).map(|c| c.storage.clone()).collect();
            // As the table was made: its nulls it refuses already.
            let standing = Standing { required, ..Standing::default() };
            let (changes, validations) = alter::alterations(tx.dialect, &after, &target.entity, &standing);
            plan.statements.extend(changes.into_iter().chain(validations.into_iter().map(|(_, statement)| statement)));
        } else {
            plan.statements.push(format!("-- foreign keys\n{}", target.definition(tx.dialect, &after)));
        }
    }
    keys_of_neighbours(&mut plan, &mut tx, &schema, &after, &parts)?;
    for moving in &moving {
        plan.statements.extend(capture::drop(tx.dialect, job, &moving.watched(JobKind::Materialize)));
        let relationship = moving.of(&after)?;
        if tx.dialect.backend() == Backend::Postgres {
            plan.statements.extend(tables::junction_keys(tx.dialect, &after, &relationship));
        } else {
            plan.statements.push(format!("-- foreign keys\n{}", tables::junction_table(tx.dialect, &relationship, Some(&after))));
        }
    }
    for moving in &moving {
        let id = crate::sql::literal(&moving.relationship.to_string());
        plan.statements.push(format!("-- in batches\nDELETE FROM kdb_record_links WHERE relationship_id = {id}"));
    }
    for target in &targets {
        plan.statements.push(format!("-- in batches\nDELETE FROM kdb_records WHERE entity_id = {}", crate::sql::literal(&target.id())));
        let indexed: Vec<String> =
            columns(&schema, &target.entity).iter().filter(|c| c.has_entries()).map(|c| c.owner.to_string()).collect();
        for index in indexed.into_iter().chain(target.entity.keys.iter().map(|k| k.id.to_string())) {
            plan.statements.push(format!("-- in batches\nDELETE FROM kdb_index_entries WHERE index_id = {}", crate::sql::literal(&index)));
        }
    }
    plan.missing_rights = tx.missing_rights(&rights::needed(&schema, &parts, JobKind::Materialize)?).await?;
    plan.records = counts.iter().sum();
    plan.disk = size::estimate(&mut tx, &after, &targets, &counts).await?;
    let copying = outlook::copying(&mut tx, &targets, plan.records).await?;
    let whole = outlook::whole(&outlook::told(&mut tx, &schema, &after, &targets, &counts).await?, copying, targets.len());
    plan.estimate_s = (whole * 100.0).round() / 100.0;
    drop(tx);
    let mut found = problems::Found::default();
    for (target, count) in targets.iter().zip(counts) {
        // Both read every record: side by side where there are several processors.
        let listed = problems::find(store, &schema, target, options.on_invalid, None);
        let (more, fields) = try_join(listed, profile::fields(store, target, count)).await?;
        let problems = |f: &FieldProfile| more.of_field.get(&f.field).copied().unwrap_or_default();
        plan.fields.extend(fields.into_iter().map(|f| FieldProfile { problems: problems(&f), ..f }));
        found.join(more);
    }
    found.join(links::orphans::find(&mut store.read().await?, &schema, &parts, options.on_invalid).await?);
    found.join(neighbours::find(&mut store.read().await?, &schema, &parts).await?);
    plan.locks = locks::locks(store, &after, &targets, plan.records, size, copying);
    (plan.problems, plan.problem_count, plan.by_hand) = (found.problems, found.count, found.by_hand);
    Ok(plan)
}

/// Tables that are there already and will refer to one that comes.
fn keys_of_neighbours(plan: &mut MaterializePlan, tx: &mut Tx, before: &Schema, after: &Schema, parts: &[Part]) -> Result<()> {
    let keys: Vec<RelationshipId> = neighbours::referring(before, parts).into_iter().map(|r| r.id).collect();
    let mut anew: Vec<EntityId> = vec![];
    // In the order the job takes them.
    for relationship in parts.iter().flat_map(|part| before.referring(part.entity)).filter(|r| keys.contains(&r.id)) {
        let holder = after.entity(relationship.holder())?;
        if tx.dialect.backend() == Backend::Postgres {
            let table = tx.dialect.quote(&holder.table);
            for key in tables::foreign_keys(tx.dialect, after, holder).into_iter().filter(|k| k.relationship == relationship.id) {
                let name = tx.dialect.quote(&key.name);
                plan.statements.push(format!("ALTER TABLE {table}\n  ADD CONSTRAINT {name} {} NOT VALID", key.ddl));
                plan.statements.push(format!("ALTER TABLE {table} VALIDATE CONSTRAINT {name}"));
            }
        } else if !anew.contains(&holder.id) {
            anew.push(holder.id);
            let definition = tables::create_table(tx.dialect, after, holder, &holder.table, None);
            plan.statements.push(format!("-- the definition alone is written anew: its records stay where they are\n{definition}"));
        }
    }
    Ok(())
}
