//! Stoneware's own tables: made when a workspace is, and brought up to date when an older one is opened.

use serde_json::json;

use super::{
    EntityStore, Store, Tx,
    rights::Right,
    system::{JobRow, VERSION, version_of},
};
use crate::{
    error::{Error, ErrorCode, Result},
    sql::{Backend, Dialect as _, Row, Sql},
};

/// Every migration with its text for either database, oldest first.
const MIGRATIONS: [(&str, &str, &str); 2] = [
    (
        "0001_workspace",
        include_str!("../../../../migrations/sqlite/0001_workspace.sql"),
        include_str!("../../../../migrations/postgres/0001_workspace.sql"),
    ),
    (
        "0002_pairs",
        include_str!("../../../../migrations/sqlite/0002_pairs.sql"),
        include_str!("../../../../migrations/postgres/0002_pairs.sql"),
    ),
];

/// A workspace as it is found when it is opened.
#[derive(Debug)]
pub struct Found {
    /// There was none: it was made.
    pub made: bool,
    /// An error where the workspace is only half there.
    pub schema_version: Result<u32>,
    /// Number of the last change event.
    pub last_event: i64,
    /// Jobs that are said to be running.
    pub running: Vec<JobRow>,
    /// Rows of [`AHEAD`].
    pub ahead: Vec<Row>,
}

/// What has been made ahead of schema edits, see `schema::ahead`.
pub const AHEAD: &str = "SELECT key, value FROM kdb_workspace WHERE key LIKE 'ahead %'";

/// Makes or updates the system tables. `create` says whether a database without any may get them.
///
/// # Errors
/// `not_a_workspace` when there are none and `create` is not set, or when a file holds other tables; `unsupported` when it comes from a
/// newer version.
pub async fn prepare(store: &Store, create: bool) -> Result<Found> {
    let is_workspace = match store.is_workspace() {
        Some(known) => known,
        None => store.read().await?.table_exists("kdb_workspace").await?,
    };
    if !is_workspace {
        // A file is one thing; a database is shared with others as a matter of course.
        let file = store.dialect().backend() == Backend::Sqlite;
        let foreign = file && !store.read().await?.names().await?.is_empty();
        if foreign || !create {
            let message = if foreign {
                format!("{} is a SQLite database, but not a Stoneware workspace. Import it into a workspace instead.", store.location)
            } else {
                format!("{} is empty: it is not a Stoneware workspace. Make one with `stoneware init`.", store.location)
            };
            return Err(Error::new(ErrorCode::NotAWorkspace, message).with(json!({ "location": store.location })));
        }
        migrate(store).await?;
    }
    let (mut applied, mut found) = look(store).await?;
    if applied > MIGRATIONS.len() {
        return Err(Error::unsupported(format!(
            "{} was made by a newer version of Stoneware. Update Stoneware to open it.",
            store.location
        )));
    }
    // Where nothing can be written, an older one is looked at as it is.
    if applied < MIGRATIONS.len() && store.read_only().is_none() {
        migrate(store).await?;
        (applied, found) = look(store).await?;
        debug_assert_eq!(applied, MIGRATIONS.len());
    }
    Ok(Found { made: !is_workspace, ..found })
}

/// The schema's version and the number of the last change event.
pub async fn standing(store: &Store) -> Result<(u32, i64)> {
    let (_, found) = look(store).await?;
    Ok((found.schema_version?, found.last_event))
}

/// How many migrations have been applied, and what else there is to know, in one round trip.
async fn look(store: &Store) -> Result<(usize, Found)> {
    let running = EntityStore::<JobRow>::scan_by_statement(store.dialect(), "status", "running");
    let last = "SELECT coalesce(max(seq), 0) FROM kdb_change_events";
    let sets = store.batch(&[APPLIED.to_owned(), VERSION.to_owned(), last.to_owned(), running, AHEAD.to_owned()]).await?;
    let [applied, version, last, running, ahead] = sets.as_slice() else { return Err(Error::internal("a batch has lost a result")) };
    let found = Found {
        made: false,
        schema_version: version_of(version.first()),
        last_event: last.first().map_or(Ok(0), |row| row.integer(0))?,
        running: EntityStore::read(running)?,
        ahead: ahead.clone(),
    };
    Ok((number(applied.first()), found))
}

const FORMAT: &str = "INSERT INTO kdb_workspace (key, value) VALUES ('format', ";
const FIRST_VERSION: &str = "INSERT INTO kdb_workspace (key, value) VALUES ('schema_version', '0') ON CONFLICT (key) DO NOTHING";

/// What an administrator runs to prepare a Postgres database for people who may make nothing themselves: the schema, the system tables,
/// and the rights of a role, where one is named.
pub fn script(schema: &str, role: Option<&str>) -> String {
    let dialect = &crate::sql::postgres::Postgres;
    let schema = dialect.quote(schema);
    // Without a role they are lines to fill in.
    let (begin, role) = role.map_or(("-- ", "ROLE".to_owned()), |role| ("", dialect.quote(role)));
    let mut out = format!("BEGIN;\nCREATE SCHEMA IF NOT EXISTS {schema};\nSET LOCAL search_path TO {schema};\n\n");
    for (_, _, postgres) in MIGRATIONS {
        out.push_str(postgres);
    }
    let tables = tables().join(", ");
    out.push_str(&format!("\n{FORMAT}'{}');\n{FIRST_VERSION};\n", MIGRATIONS.len()));
    out.push_str(&format!(
        "\n-- For whoever works with the workspace; SELECT alone lets people look at it.\n\
         {begin}GRANT USAGE ON SCHEMA {schema} TO {role};\n\
         {begin}GRANT SELECT, INSERT, UPDATE, DELETE ON TABLE {tables} TO {role};\n\
         -- For whoever may give entities tables of their own, too:\n\
         -- GRANT CREATE ON SCHEMA {schema} TO {role};\nCOMMIT;\n"
    ));
    out
}

/// The names of Stoneware's own tables, the same in either database.
pub fn tables() -> Vec<&'static str> {
    let lines = MIGRATIONS.iter().flat_map(|(_, sqlite, _)| sqlite.lines());
    lines.filter_map(|line| line.strip_prefix("CREATE TABLE ")?.split([' ', '(']).next()).collect()
}

async fn migrate(store: &Store) -> Result<()> {
    let mut tx = store.prepare().await?;
    tx.require_rights(&[Right::CreateTables]).await?;
    // Somebody else may have done it while we waited for our turn.
    let applied = if tx.table_exists("kdb_workspace").await? { applied(&mut tx).await? } else { 0 };
    if (1..MIGRATIONS.len()).contains(&applied) {
        // Functions that act on the tables for others act as whoever makes them.
        tx.require_rights(&[Right::Own("kdb_record_links".to_owned())]).await?;
    }
    for (name, sqlite, postgres) in MIGRATIONS.iter().skip(applied) {
        let text = if tx.dialect.backend() == Backend::Sqlite { sqlite } else { postgres };
        tx.script(text).await.map_err(|e| Error { message: format!("Migration {name} failed: {}", e.message), ..e })?;
    }
    let mut sql = Sql::new(tx.dialect, FORMAT);
    sql.bind(MIGRATIONS.len().to_string()).push(") ON CONFLICT (key) DO UPDATE SET value = excluded.value");
    tx.execute(sql.build()).await?;
    tx.execute(FIRST_VERSION).await?;
    tx.commit().await
}

const APPLIED: &str = "SELECT value FROM kdb_workspace WHERE key = 'format'";

async fn applied(tx: &mut Tx) -> Result<usize> {
    Ok(number(tx.row(APPLIED).await?.as_ref()))
}

fn number(row: Option<&Row>) -> usize {
    row.and_then(|r| r.opt_text(0)).and_then(|v| v.parse().ok()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    #[test]
    fn its_own_tables_are_those_of_the_migrations() {
        let tables = super::tables();
        assert!(tables.contains(&"kdb_workspace") && tables.contains(&"kdb_change_events"), "{tables:?}");
        assert!(tables.iter().all(|t| t.starts_with("kdb_") && !t.contains('(')), "{tables:?}");
    }
}
