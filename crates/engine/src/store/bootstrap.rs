//! Stoneware's own tables: made when a workspace is, and brought up to date when an older one is opened.

use serde_json::json;

use super::{Store, Tx};
use crate::{
    error::{Error, ErrorCode, Result},
    sql::{Backend, Sql},
};

/// Every migration with its text for either database, oldest first.
const MIGRATIONS: [(&str, &str, &str); 1] = [(
    "0001_workspace",
    include_str!("../../../../migrations/sqlite/0001_workspace.sql"),
    include_str!("../../../../migrations/postgres/0001_workspace.sql"),
)];

/// Makes or updates the system tables; returns whether there were none. `create` says whether a database without any may get them.
///
/// # Errors
/// `not_a_workspace` when there are none and `create` is not set, or when a file holds other tables; `unsupported` when it comes from a
/// newer version.
pub async fn prepare(store: &Store, create: bool) -> Result<bool> {
    let mut tx = store.read().await?;
    let backend = tx.dialect.backend();
    let is_workspace = tx.table_exists("kdb_workspace").await?;
    // A file is one thing; a database is shared with others as a matter of course.
    let foreign = backend == Backend::Sqlite && !tx.names().await?.is_empty();
    let applied = if is_workspace { applied(&mut tx).await? } else { 0 };
    drop(tx);
    if !is_workspace && (foreign || !create) {
        let message = if foreign {
            format!("{} is a SQLite database, but not a Stoneware workspace. Import it into a workspace instead.", store.location)
        } else {
            format!("{} is empty: it is not a Stoneware workspace. Make one with `stoneware init`.", store.location)
        };
        return Err(Error::new(ErrorCode::NotAWorkspace, message).with(json!({ "location": store.location })));
    }
    if applied > MIGRATIONS.len() {
        return Err(Error::unsupported(format!(
            "{} was made by a newer version of Stoneware. Update Stoneware to open it.",
            store.location
        )));
    }
    if applied < MIGRATIONS.len() {
        migrate(store).await?;
    }
    Ok(!is_workspace)
}

async fn migrate(store: &Store) -> Result<()> {
    let mut tx = store.prepare().await?;
    // Somebody else may have done it while we waited for our turn.
    let applied = if tx.table_exists("kdb_workspace").await? { applied(&mut tx).await? } else { 0 };
    for (name, sqlite, postgres) in MIGRATIONS.iter().skip(applied) {
        let text = if tx.dialect.backend() == Backend::Sqlite { sqlite } else { postgres };
        tx.script(text).await.map_err(|e| Error { message: format!("Migration {name} failed: {}", e.message), ..e })?;
    }
    let mut sql = Sql::new(tx.dialect, "INSERT INTO kdb_workspace (key, value) VALUES ('format', ");
    sql.bind(MIGRATIONS.len().to_string()).push(") ON CONFLICT (key) DO UPDATE SET value = excluded.value");
    tx.execute(sql.build()).await?;
    tx.execute("INSERT INTO kdb_workspace (key, value) VALUES ('schema_version', '0') ON CONFLICT (key) DO NOTHING").await?;
    tx.commit().await
}

async fn applied(tx: &mut Tx) -> Result<usize> {
    let row = tx.row("SELECT value FROM kdb_workspace WHERE key = 'format'").await?;
    Ok(row.and_then(|r| r.opt_text(0)).and_then(|v| v.parse().ok()).unwrap_or(0))
}
