//! What a change of storage mode would do, before anything moves: every statement in order as it will run, and every value in the way.

use futures_util::future::try_join;
use std::sync::Arc;

use super::{
    copy, foresee, links,
    locks::{self, Scene},
    neighbours, outlook, problems, profile, rights, size,
    start::Request,
    target::{self, Target},
};
use crate::{
    error::{Error, Result},
    model::{FieldProfile, JobKind, MaterializePlan},
    sql::records,
    store::{SchemaCache, Store},
};

/// # Errors
/// `unknown_entity`; `invalid_input` for an entity that is in that mode already, or where there is none.
pub async fn plan(store: &Store, cache: &Arc<SchemaCache>, request: Request) -> Result<MaterializePlan> {
    let (kind, on_invalid) = (request.kind, request.options.on_invalid);
    let mut tx = store.read().await?;
    tx.prefer_indexes().await?;
    let schema = cache.current(&mut tx).await?;
    let parts = target::parts(&mut tx, &schema, kind, &request.entities).await?;
    if parts.is_empty() {
        return Err(Error::invalid("Name at least one entity."));
    }
    let after = target::after(&schema, &parts, kind);
    let targets: Vec<Target> = parts.iter().map(|p| Target::new(&schema, p, kind)).collect::<Result<_>>()?;
    let mut plan = MaterializePlan { order: parts.iter().map(|p| p.name.clone()).collect(), ..MaterializePlan::default() };
    let mut counts = vec![];
    for target in &targets {
        counts.push(tx.count(records::count(tx.dialect, &target.source())).await?);
    }
    // One snapshot at a time: several plans at once would wait for each other's.
    drop(tx);
    let batch = request.options.batch_size.unwrap_or(copy::FIRST_BATCH);
    let foreseen = foresee::job(store, cache, (request, parts.clone()), &schema, &counts).await?;
    let mut tx = store.read().await?;
    tx.prefer_indexes().await?;
    plan.links = foreseen.moving.iter().map(|moving| moving.total).sum();
    plan.missing_rights = tx.missing_rights(&rights::needed(&schema, &parts, kind)?).await?;
    plan.records = counts.iter().sum();
    plan.disk = size::estimate(&mut tx, &after, &targets, &counts).await?;
    let copying = outlook::copying(&mut tx, &targets, plan.records).await?;
    let whole = outlook::whole(&outlook::told(&mut tx, &schema, &after, &targets, &counts).await?, copying, targets.len());
    plan.estimate_s = (whole * 100.0).round() / 100.0;
    plan.locks = locks::locks(&Scene {
        dialect: tx.dialect,
        before: &schema,
        after: &after,
        targets: &targets,
        foreseen: &foreseen,
        records: plan.records,
        batch,
        copying,
    });
    plan.statements = foreseen.statements;
    drop(tx);
    if kind == JobKind::Dematerialize {
        // The shared table takes whatever a column holds.
        return Ok(plan);
    }
    let mut found = problems::Found::default();
    for (target, count) in targets.iter().zip(counts) {
        // Both read every record: side by side where there are several processors.
        let listed = problems::find(store, &schema, target, on_invalid, None);
        let (more, fields) = try_join(listed, profile::fields(store, target, count)).await?;
        let problems = |f: &FieldProfile| more.of_field.get(&f.field).copied().unwrap_or_default();
        plan.fields.extend(fields.into_iter().map(|f| FieldProfile { problems: problems(&f), ..f }));
        found.join(more);
    }
    found.join(links::orphans::find(&mut store.read().await?, &schema, &parts, on_invalid).await?);
    found.join(neighbours::find(&mut store.read().await?, &schema, &parts).await?);
    (plan.problems, plan.problem_count, plan.by_hand) = (found.problems, found.count, found.by_hand);
    Ok(plan)
}
