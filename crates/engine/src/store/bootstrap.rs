//! Stoneware's own tables: made when a workspace is, and brought up to date when an older one is opened.

use serde_json::json;

use super::{Store, Tx};
use crate::error::{Error, ErrorCode, Result};

/// Every migration, oldest first.
const SQLITE: [(&str, &str); 1] = [("0001_workspace", include_str!("../../../../migrations/sqlite/0001_workspace.sql"))];

/// Makes or updates the system tables. `create` says whether a database without any may get them.
///
/// # Errors
/// `not_a_workspace` when it holds other tables, or none and `create` is not set; `unsupported` when it comes from a newer version.
pub async fn prepare(store: &Store, create: bool) -> Result<()> {
    let mut tx = store.read().await?;
    let is_workspace = tx.table_exists("kdb_workspace").await?;
    let tables = tx.count("SELECT count(*) FROM sqlite_schema").await?;
    let applied = if is_workspace { applied(&mut tx).await? } else { 0 };
    drop(tx);
    if !is_workspace && (tables > 0 || !create) {
        let message = if tables > 0 {
            format!("{} is a SQLite database, but not a Stoneware workspace. Import it into a workspace instead.", store.location)
        } else {
            format!("{} is empty: it is not a Stoneware workspace. Make one with `stoneware init`.", store.location)
        };
        return Err(Error::new(ErrorCode::NotAWorkspace, message).with(json!({ "location": store.location })));
    }
    if applied > SQLITE.len() {
        return Err(Error::unsupported(format!(
            "{} was made by a newer version of Stoneware. Update Stoneware to open it.",
            store.location
        )));
    }
    if applied == SQLITE.len() {
        return Ok(());
    }
    let mut tx = store.write_tables().await?;
    for (name, text) in &SQLITE[applied..] {
        for statement in statements(text) {
            tx.execute(statement).await.map_err(|e| Error::new(e.code, format!("Migration {name} failed: {}", e.message)))?;
        }
    }
    let mut sql = crate::sql::Sql::new(tx.dialect, "INSERT INTO kdb_workspace (key, value) VALUES ('format', ");
    sql.bind(SQLITE.len().to_string()).push(") ON CONFLICT (key) DO UPDATE SET value = excluded.value");
    tx.execute(sql.build()).await?;
    tx.execute("INSERT INTO kdb_workspace (key, value) VALUES ('schema_version', '0') ON CONFLICT (key) DO NOTHING").await?;
    tx.commit().await
}

async fn applied(tx: &mut Tx) -> Result<usize> {
    let row = tx.row("SELECT value FROM kdb_workspace WHERE key = 'format'").await?;
    Ok(row.and_then(|r| r.opt_text(0)).and_then(|v| v.parse().ok()).unwrap_or(0))
}

/// The statements of a migration file: comments on lines of their own, and no semicolon but those that end a statement.
fn statements(text: &str) -> Vec<String> {
    let code: Vec<&str> = text.lines().filter(|line| !line.trim_start().starts_with("--")).collect();
    code.join("\n").split(';').map(|s| s.trim().to_owned()).filter(|s| !s.is_empty()).collect()
}
