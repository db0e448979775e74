//! What an edit of the schema would do, before it does anything: the edit itself, rehearsed on a snapshot. Nobody waits for it.

use super::{edit_cost, edit_locks, edit_problems};
use crate::{
    error::Result,
    model::{EditPlan, SchemaEdit},
    records::Context,
    schema::{Edit, ahead, edits},
    sql::{Sql, records::Place},
    store::{Store, Tx, system},
};

/// # Errors
/// Those of the edit, but for values in the way, which are listed.
pub async fn edit_plan(store: &Store, context: &Context, wanted: SchemaEdit) -> Result<EditPlan> {
    let mut tx = store.rehearse().await?;
    let schema = system::load_schema(&mut tx).await?;
    let fresh = edits::fresh_keys(&wanted);
    let (mut made, mut rights) = (None, vec![]);
    if edits::has_beside(&wanted) {
        let work = async |edit: &mut Edit<'_>| edits::perform(edit, wanted.clone(), &fresh).await;
        let ops = Edit::rehearse(&mut tx, schema.clone(), context, work).await;
        if let Some((ahead, needed)) = ahead::rehearse(store, &mut tx, &schema, &ops).await? {
            rights.extend(needed);
            made = Some(ahead);
        }
    }
    let mut edit = Edit::of(&mut tx, schema, context);
    edits::perform(&mut edit, wanted, &fresh).await?;
    let (foreseen, later) = (edit.foreseen.take().unwrap_or_default(), std::mem::take(&mut edit.later));
    ahead::rehearse_end(&mut tx, made, later).await?;

    let found = edit_problems::find(&mut tx, &foreseen).await?;
    let records = touched(&mut tx, &foreseen.touched).await?;
    let (statements, shapes) = tx.rehearsed();
    let keys = tx.referring_columns().await?;
    let held = edit_locks::held(tx.dialect.backend(), &statements, &shapes, &keys);
    rights.extend(edit_locks::rights(&held, &statements));
    let cost = edit_cost::estimate(&mut tx, &foreseen, &statements, records).await?;
    Ok(EditPlan {
        records,
        links: foreseen.links,
        problems: found.problems,
        problem_count: found.count,
        by_hand: found.by_hand,
        estimate_s: cost.whole(),
        locks: edit_locks::locks(tx.dialect.backend(), &held, &cost),
        missing_rights: tx.missing_rights(&rights).await?,
        statements,
    })
}

/// How many records change, each counted once.
async fn touched(tx: &mut Tx, touched: &[(Place, String)]) -> Result<u32> {
    let mut places: Vec<(&Place, Vec<&str>)> = vec![];
    for (place, condition) in touched {
        match places.iter_mut().find(|(there, _)| *there == place) {
            Some((_, conditions)) => conditions.push(condition),
            None => places.push((place, vec![condition])),
        }
    }
    let mut records = 0;
    for (place, conditions) in places {
        let mut sql = Sql::new(tx.dialect, &format!("SELECT count(*) FROM {} WHERE ", place.table(tx.dialect)));
        place.scope(&mut sql);
        sql.push(&format!(" AND (({}))", conditions.join(") OR (")));
        records += tx.count(sql.build()).await?;
    }
    Ok(records)
}
