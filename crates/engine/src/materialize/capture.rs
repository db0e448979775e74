//! Writes made while a job copies. Triggers note the id of every record written, whoever writes it: our own write path, or plain SQL from
//! another program. Before the job cuts over, the noted records are copied again.

use crate::{
    error::Result,
    model::{JobId, JobKind},
    sql::{Dialect, Sql, literal},
    store::Tx,
};

use super::target::Target;

fn name(job: JobId, target: &Target, what: &str) -> String {
    format!("kdb_capture_{job}_{}_{what}", target.entity.id)
}

const EVENTS: [(&str, &str, &[&str]); 3] = [("i", "INSERT", &["NEW"]), ("u", "UPDATE", &["OLD", "NEW"]), ("d", "DELETE", &["OLD"])];

/// The triggers on the table the records still lie in.
pub fn create(dialect: &dyn Dialect, job: JobId, target: &Target) -> Vec<String> {
    let entity = literal(&target.id());
    let shared = target.kind != JobKind::Dematerialize;
    let table = target.source().table(dialect);
    EVENTS
        .iter()
        .map(|(what, event, rows)| {
            let when: Vec<String> = rows.iter().map(|row| format!("{row}.entity_id = {entity}")).collect();
            let when = if shared { format!("\nWHEN {}", when.join(" OR ")) } else { String::new() };
            let notes: Vec<String> = rows
                .iter()
                .map(|row| {
                    let job = literal(&job.to_string());
                    // Not INSERT OR IGNORE: the conflict clause of the statement that fires a trigger counts, not the one within it.
                    format!(
                        "  INSERT INTO kdb_captured_writes (job_id, entity_id, record_id)\n  SELECT {job}, {entity}, {row}.id\n  \
                         WHERE NOT EXISTS (SELECT 1 FROM kdb_captured_writes c WHERE c.job_id = {job} AND c.entity_id = {entity} AND c.record_id = {row}.id);"
                    )
                })
                .collect();
            format!(
                "CREATE TRIGGER {} AFTER {event} ON {table}{when}\nBEGIN\n{}\nEND",
                dialect.quote(&name(job, target, what)),
                notes.join("\n")
            )
        })
        .collect()
}

pub fn drop(dialect: &dyn Dialect, job: JobId, target: &Target) -> Vec<String> {
    EVENTS.iter().map(|(what, _, _)| format!("DROP TRIGGER IF EXISTS {}", dialect.quote(&name(job, target, what)))).collect()
}

/// Which of these records are noted; of all, when none are named.
pub async fn noted(tx: &mut Tx, job: JobId, target: &Target, among: Option<&[String]>) -> Result<Vec<String>> {
    let mut sql = Sql::new(tx.dialect, "SELECT record_id FROM kdb_captured_writes WHERE job_id = ");
    sql.bind(job.to_string()).push(" AND entity_id = ").bind(target.id());
    if let Some(ids) = among {
        sql.push(" AND record_id IN (").bind_all(ids.iter().cloned()).push(")");
    }
    tx.rows(sql.build()).await?.iter().map(|row| row.text(0)).collect()
}

/// Forgets what was noted of an entity, or of the whole job.
pub async fn forget(tx: &mut Tx, job: JobId, target: Option<&Target>) -> Result<()> {
    let mut sql = Sql::new(tx.dialect, "DELETE FROM kdb_captured_writes WHERE job_id = ");
    sql.bind(job.to_string());
    if let Some(target) = target {
        sql.push(" AND entity_id = ").bind(target.id());
    }
    tx.execute(sql.build()).await?;
    Ok(())
}
