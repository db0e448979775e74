//! Writes made while a job copies. Triggers note the id of every record written, whoever writes it: our own write path, or plain SQL from
//! another program. Before the job cuts over, the noted records are copied again.

use crate::{
    error::Result,
    model::{JobId, JobKind},
    sql::{Backend, Bind, Cell, Dialect, Sql, literal},
    store::Tx,
};

use super::target::Target;

/// Short enough for any database: the random ends of the ids tell the triggers apart.
fn name(job: JobId, target: &Target) -> String {
    let entity = target.entity.id.0.simple().to_string();
    format!("{}_{}", job.0.simple(), &entity[20..])
}

const EVENTS: [(&str, &str, &[&str]); 3] = [("i", "INSERT", &["NEW"]), ("u", "UPDATE", &["OLD", "NEW"]), ("d", "DELETE", &["OLD"])];

/// On a server the shared records are somebody's, perhaps not this user's: a function of the workspace puts the triggers there.
fn by_function(dialect: &dyn Dialect, target: &Target) -> bool {
    dialect.backend() == Backend::Postgres && target.kind != JobKind::Dematerialize
}

/// The triggers on the table the records still lie in.
pub fn create(dialect: &dyn Dialect, job: JobId, target: &Target) -> Vec<String> {
    let entity = literal(&target.id());
    let (name, job) = (name(job, target), literal(&job.to_string()));
    if by_function(dialect, target) {
        return vec![format!("SELECT kdb_capture_begin({job}, {entity}, {})", literal(&name))];
    }
    let shared = target.kind != JobKind::Dematerialize;
    let table = target.source().table(dialect);
    let trigger = |what: &str, event: &str, rows: &[&str]| {
        let when: Vec<String> = rows.iter().map(|row| format!("{row}.entity_id = {entity}")).collect();
        let when = if shared { format!("\nWHEN ({})", when.join(" OR ")) } else { String::new() };
        let name = dialect.quote(&format!("kdb_capture_{name}_{what}"));
        if dialect.backend() == Backend::Postgres {
            return format!("CREATE TRIGGER {name} AFTER {event} ON {table} FOR EACH ROW\nEXECUTE FUNCTION kdb_capture({job}, {entity})");
        }
        let note = |row: &&str| {
            // Not INSERT OR IGNORE: the conflict clause of the statement that fires a trigger counts, not the one within it.
            format!(
                "  INSERT INTO kdb_captured_writes (job_id, entity_id, record_id)\n  SELECT {job}, {entity}, {row}.id\n  \
                 WHERE NOT EXISTS (SELECT 1 FROM kdb_captured_writes c WHERE c.job_id = {job} AND c.entity_id = {entity} AND c.record_id = {row}.id);"
            )
        };
        let notes: Vec<String> = rows.iter().map(note).collect();
        format!("CREATE TRIGGER {name} AFTER {event} ON {table}{when}\nBEGIN\n{}\nEND", notes.join("\n"))
    };
    EVENTS.iter().map(|(what, event, rows)| trigger(what, event, rows)).collect()
}

pub fn drop(dialect: &dyn Dialect, job: JobId, target: &Target) -> Vec<String> {
    let name = name(job, target);
    if by_function(dialect, target) {
        return vec![format!("SELECT kdb_capture_end({})", literal(&name))];
    }
    let on = match dialect.backend() {
        Backend::Sqlite => String::new(),
        Backend::Postgres => format!(" ON {}", target.source().table(dialect)),
    };
    let drop = |what: &str| format!("DROP TRIGGER IF EXISTS {}{on}", dialect.quote(&format!("kdb_capture_{name}_{what}")));
    EVENTS.iter().map(|(what, _, _)| drop(what)).collect()
}

/// Notes as they were read.
#[derive(Debug, Default)]
pub struct Noted {
    /// Each record once.
    pub ids: Vec<String>,
    marks: Vec<Bind>,
}

/// What tells one note from another. Where others write while we look, there is a note for each write.
fn mark(dialect: &dyn Dialect) -> &'static str {
    if dialect.backend() == Backend::Postgres { "seq" } else { "record_id" }
}

/// Which of these records are noted; of all, when none are named.
pub async fn noted(tx: &mut Tx, job: JobId, target: &Target, among: Option<&[String]>) -> Result<Noted> {
    let mut sql = Sql::new(tx.dialect, &format!("SELECT record_id, {} FROM kdb_captured_writes WHERE job_id = ", mark(tx.dialect)));
    sql.bind(job).push(" AND entity_id = ").bind(target.entity.id);
    if let Some(ids) = among {
        sql.push(" AND record_id IN (").bind_all(Bind::ids(ids)).push(")");
    }
    let mut noted = Noted::default();
    for row in tx.rows(sql.build()).await? {
        noted.ids.push(row.text(0)?);
        noted.marks.push(if let Cell::Integer(seq) = row.cell(1) { (*seq).into() } else { Bind::id(&row.text(1)?) });
    }
    noted.ids.sort_unstable();
    noted.ids.dedup();
    Ok(noted)
}

/// Forgets what was noted, and only what was read of it: another note may have come since.
pub async fn forget(tx: &mut Tx, job: JobId, target: &Target, noted: &Noted) -> Result<()> {
    for marks in noted.marks.chunks(crate::records::CHUNK) {
        let mut sql = Sql::new(tx.dialect, "DELETE FROM kdb_captured_writes WHERE job_id = ");
        sql.bind(job).push(" AND entity_id = ").bind(target.entity.id);
        sql.push(&format!(" AND {} IN (", mark(tx.dialect))).bind_all(marks.iter().cloned()).push(")");
        tx.execute(sql.build()).await?;
    }
    Ok(())
}

/// Forgets what was noted for the whole job.
pub async fn forget_all(tx: &mut Tx, job: JobId) -> Result<()> {
    let mut sql = Sql::new(tx.dialect, "DELETE FROM kdb_captured_writes WHERE job_id = ");
    sql.bind(job);
    tx.execute(sql.build()).await?;
    Ok(())
}
