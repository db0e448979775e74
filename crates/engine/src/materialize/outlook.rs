//! How long the phases after the copy take, as parts of its time. Measured on contacts (see `tests/benches/progress.rs`): a job's own pace
//! takes their place as it goes on.

use super::{Work, state::Part};
use crate::{
    error::Result,
    jobs::Outlook,
    model::{EntityId, JobKind, Schema},
    sql::{Backend, Sql, tables},
};

pub async fn of(work: &Work, schema: &Schema) -> Result<Outlook> {
    let (backend, kind) = (work.store.dialect().backend(), work.row.kind.0);
    let in_one_go = kind == JobKind::Materialize && alone(work, schema).await?;
    Ok(typical(backend, kind, indexes(work, schema)?, in_one_go))
}

/// As measured, with so many indexes on average; old rows go in one go or batch by batch.
fn typical(backend: Backend, kind: JobKind, indexes: f64, in_one_go: bool) -> Outlook {
    match (kind, backend) {
        (JobKind::Dematerialize, Backend::Sqlite) => Outlook { bend: 1.4, compare: 0.01, index: 0.0, cut_over: 0.04, clean_up: 0.005 },
        (JobKind::Dematerialize, Backend::Postgres) => Outlook { bend: 1.0, compare: 0.02, index: 0.0, cut_over: 0.015, clean_up: 0.01 },
        (_, Backend::Sqlite) => {
            let clean_up = if in_one_go { 0.08 } else { 0.9 };
            Outlook { bend: 1.0, compare: 0.1, index: 0.13 * indexes, cut_over: 0.04, clean_up }
        }
        (_, Backend::Postgres) => {
            let clean_up = if in_one_go { 0.05 } else { 0.7 };
            Outlook { bend: 1.0, compare: 0.55, index: 0.15 * indexes, cut_over: 0.02, clean_up }
        }
    }
}

/// Indexes a record goes into, on average.
fn indexes(work: &Work, schema: &Schema) -> Result<f64> {
    let after = work.after(schema);
    let (mut entries, mut records) = (0.0, 0.0);
    for i in 0..work.state.parts.len() {
        let target = work.target(schema, i)?;
        let total = f64::from(work.state.parts[i].total);
        entries += total * tables::indexes(work.store.dialect(), &after, &target.entity).len() as f64;
        records += total;
    }
    Ok(if records > 0.0 { entries / records } else { 0.0 })
}

/// Whether nothing but this job's records lies in the shared table: then that is emptied in one go.
async fn alone(work: &Work, schema: &Schema) -> Result<bool> {
    let ours = |id: EntityId| work.state.parts.iter().any(|part: &Part| part.entity == id);
    let others: Vec<EntityId> = schema.entities.iter().filter(|e| !e.is_dedicated() && !ours(e.id)).map(|e| e.id).collect();
    let mut tx = work.store.read().await?;
    for others in others.chunks(crate::records::CHUNK) {
        let mut sql = Sql::new(tx.dialect, "SELECT id FROM kdb_records WHERE entity_id IN (");
        sql.bind_all(others.iter().copied()).push(") LIMIT 1");
        if tx.row(sql.build()).await?.is_some() {
            return Ok(false);
        }
    }
    Ok(true)
}
