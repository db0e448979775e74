//! What the database itself says of its tables.

use super::{Shape, Store, Tx};
use crate::{
    error::{Error, ErrorCode, Result},
    sql::{
        Backend, Row, Sql,
        alter::{Standing, StandingKey},
    },
};

impl Store {
    /// After many records have come in: lets a server take note of it at once. It would by itself within a minute or so, and until then take
    /// a table of a million rows for one of a few.
    pub async fn note_sizes(&self) {
        if self.dialect().backend() != Backend::Postgres {
            return;
        }
        let noted = async {
            let mut tx = self.write_bulk().await?;
            tx.execute("ANALYZE (SKIP_LOCKED) kdb_records, kdb_index_entries, kdb_record_links").await?;
            tx.commit().await
        };
        if let Err(error) = noted.await {
            // What was brought in is in; reading it is slower for a while.
            tracing::warn!(%error, "the server has not taken note of the records that came in");
        }
    }
}

/// A column with a foreign key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReferringColumn {
    pub table: String,
    pub column: String,
    /// The constraint's name.
    pub key: String,
    pub target: String,
}

impl Tx {
    fn on_postgres(&self) -> bool {
        self.dialect.backend() == Backend::Postgres
    }

    /// The columns of a table as they physically stand.
    pub async fn table_columns(&mut self, table: &str) -> Result<Vec<String>> {
        let mut sql = Sql::new(self.dialect, "");
        if self.on_postgres() {
            sql.push("SELECT attname::text FROM pg_attribute WHERE attnum > 0 AND NOT attisdropped AND attrelid = to_regclass(");
            sql.bind(self.dialect.quote(table)).push(") ORDER BY attnum");
        } else {
            sql.push("SELECT name FROM pragma_table_info(").bind(table).push(") ORDER BY cid");
        }
        let mut columns = self.texts(sql.build()).await?;
        if let Some(rehearsal) = &self.rehearsal {
            rehearsal.columns(table, &mut columns);
        }
        Ok(columns)
    }

    pub async fn table_exists(&mut self, table: &str) -> Result<bool> {
        Ok(!self.table_columns(table).await?.is_empty())
    }

    /// Names of everything a new table could meet, in small letters.
    pub async fn names(&mut self) -> Result<Vec<String>> {
        if self.on_postgres() {
            return self
                .texts("SELECT lower(relname) FROM pg_class WHERE relnamespace = quote_ident(current_schema())::regnamespace")
                .await;
        }
        self.texts("SELECT lower(name) FROM sqlite_schema").await
    }

    /// Postgres: indexes of the table that were never finished. They serve nobody, and stand in the way of others of their name.
    pub async fn unfinished_indexes(&mut self, table: &str) -> Result<Vec<String>> {
        if !self.on_postgres() {
            return Ok(vec![]);
        }
        let mut sql = Sql::new(
            self.dialect,
            "SELECT c.relname::text FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid WHERE NOT i.indisvalid AND i.indrelid = to_regclass(",
        );
        sql.bind(self.dialect.quote(table)).push(")");
        let mut unfinished = self.texts(sql.build()).await?;
        if let Some(rehearsal) = &self.rehearsal {
            unfinished.retain(|index| !rehearsal.renewed(index));
        }
        Ok(unfinished)
    }

    /// Names of the table's own indexes (those made by `CREATE INDEX`).
    pub async fn table_indexes(&mut self, table: &str) -> Result<Vec<String>> {
        let mut sql = Sql::new(self.dialect, "");
        if self.on_postgres() {
            sql.push("SELECT c.relname::text FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid WHERE NOT i.indisprimary AND i.indisvalid AND i.indrelid = to_regclass(");
            sql.bind(self.dialect.quote(table)).push(")");
        } else {
            sql.push("SELECT name FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL AND tbl_name = ").bind(table);
        }
        let mut indexes = self.texts(sql.build()).await?;
        let gone = self.gone_with_columns(table).await?;
        indexes.retain(|index| !gone.contains(index));
        if let Some(rehearsal) = &self.rehearsal {
            rehearsal.indexes(table, &mut indexes);
        }
        Ok(indexes)
    }

    /// SQLite: what made the triggers of a table whose names begin so, in order. None on Postgres.
    pub async fn triggers(&mut self, table: &str, names: &str) -> Result<Vec<String>> {
        if self.on_postgres() {
            return Ok(vec![]);
        }
        let mut sql = Sql::new(self.dialect, "SELECT sql FROM sqlite_schema WHERE type = 'trigger' AND tbl_name = ");
        sql.bind(table).push(" AND substr(name, 1, length(").bind(names).push(")) = ").bind(names).push(" ORDER BY sql");
        self.texts(sql.build()).await
    }

    /// SQLite: whether somebody's trigger watches one of these tables.
    pub async fn has_triggers(&mut self, tables: &[&str]) -> Result<bool> {
        let mut sql = Sql::new(self.dialect, "SELECT count(*) FROM sqlite_schema WHERE type = 'trigger' AND tbl_name IN (");
        sql.bind_all(tables.iter().copied()).push(")");
        Ok(self.count(sql.build()).await? > 0)
    }

    /// Postgres: constraints and defaults of a table.
    pub async fn standing(&mut self, table: &str) -> Result<Standing> {
        let quoted = self.dialect.quote(table);
        let mut sql = Sql::new(
            self.dialect,
            "SELECT attname::text, attnotnull, atthasdef FROM pg_attribute WHERE attnum > 0 AND NOT attisdropped AND attrelid = to_regclass(",
        );
        sql.bind(quoted.clone()).push(")");
        let mut standing = Standing::default();
        for row in self.rows(sql.build()).await? {
            if row.integer(1)? == 1 {
                standing.required.push(row.text(0)?);
            }
            if row.integer(2)? == 1 {
                standing.defaults.push(row.text(0)?);
            }
        }
        let mut sql = Sql::new(
            self.dialect,
            "SELECT k.conname::text, t.relname::text, k.confdeltype::text || k.confupdtype::text, k.convalidated \
             FROM pg_constraint k JOIN pg_class t ON t.oid = k.confrelid WHERE k.contype = 'f' AND k.conrelid = to_regclass(",
        );
        sql.bind(quoted).push(") ORDER BY k.conname");
        for row in self.rows(sql.build()).await? {
            standing.foreign_keys.push(StandingKey {
                name: row.text(0)?,
                target: row.text(1)?,
                actions: row.text(2)?,
                validated: row.integer(3)? == 1,
            });
        }
        standing.checks = self.checks(table).await?;
        if let Some(rehearsal) = &self.rehearsal {
            rehearsal.required(table, &mut standing.required);
            let (columns, gone) = (rehearsal.gone(table), self.gone_with_columns(table).await?);
            standing.required.retain(|column| !columns.contains(column));
            standing.defaults.retain(|column| !columns.contains(column));
            standing.foreign_keys.retain(|key| !gone.contains(&key.name));
        }
        Ok(standing)
    }

    /// Postgres: every foreign key as it stands in the snapshot. On SQLite none is asked for.
    pub async fn referring_columns(&mut self) -> Result<Vec<ReferringColumn>> {
        if !self.on_postgres() {
            return Ok(vec![]);
        }
        let rows = self
            .rows(
                "SELECT t.relname::text, a.attname::text, k.conname::text, r.relname::text FROM pg_constraint k \
                 JOIN pg_class t ON t.oid = k.conrelid JOIN pg_class r ON r.oid = k.confrelid \
                 JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = ANY (k.conkey) \
                 WHERE k.contype = 'f' AND t.relnamespace = quote_ident(current_schema())::regnamespace",
            )
            .await?;
        let read = |row: &Row| Ok(ReferringColumn { table: row.text(0)?, column: row.text(1)?, key: row.text(2)?, target: row.text(3)? });
        rows.iter().map(read).collect()
    }

    /// Postgres: names of the table's checks that every row has been held against.
    pub async fn checks(&mut self, table: &str) -> Result<Vec<String>> {
        let mut sql = Sql::new(
            self.dialect,
            "SELECT conname::text FROM pg_constraint WHERE contype = 'c' AND convalidated AND conrelid = to_regclass(",
        );
        sql.bind(self.dialect.quote(table)).push(")");
        let mut checks = self.texts(sql.build()).await?;
        let gone = self.gone_with_columns(table).await?;
        checks.retain(|check| !gone.contains(check));
        if let Some(rehearsal) = &self.rehearsal {
            rehearsal.checks(table, &mut checks);
        }
        Ok(checks)
    }

    /// Postgres: whether this user may empty these tables at once.
    pub async fn may_truncate(&mut self, tables: &[&str]) -> Result<bool> {
        let asked: Vec<String> = tables.iter().map(|table| format!("has_table_privilege('{table}', 'TRUNCATE')")).collect();
        Ok(self.row(format!("SELECT {}", asked.join(" AND "))).await?.is_some_and(|row| row.integer(0).is_ok_and(|may| may == 1)))
    }

    /// Postgres: the transactions others have open in this database. Not those of its own housekeeping, which look at no record.
    pub async fn others(&mut self) -> Result<Vec<String>> {
        self.texts(
            "SELECT l.virtualtransaction FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid WHERE l.locktype = 'virtualxid' \
             AND a.datname = current_database() AND a.usesysid IS NOT NULL AND l.pid <> pg_backend_pid()",
        )
        .await
    }

    /// Postgres: the pages of a table.
    pub async fn pages(&mut self, table: &str) -> Result<u32> {
        self.count(format!("SELECT pg_relation_size('{table}') / current_setting('block_size')::bigint")).await
    }

    /// Postgres: from here on the next thousand records are read in the order of their index. Of a table that has just been filled the planner
    /// knows nothing: it takes them for few, and sorts all there are for every thousand.
    pub async fn prefer_indexes(&mut self) -> Result<()> {
        if self.on_postgres() {
            self.execute("SET LOCAL enable_sort = off").await?;
        }
        Ok(())
    }

    /// Lets nobody write to the table (quoted) until the transaction ends, not even programs that know nothing of us. On SQLite nobody
    /// can anyway.
    pub async fn keep_writers_out(&mut self, table: &str) -> Result<()> {
        if self.on_postgres() {
            self.execute(format!("LOCK TABLE {table} IN SHARE ROW EXCLUSIVE MODE")).await?;
        }
        Ok(())
    }

    /// SQLite: replaces a table's definition where only constraints, defaults and declared types differ: the documented procedure for
    /// changes that leave the content on disk as it is, so a foreign key is added to a table of any size without copying it.
    pub async fn rewrite_definition(&mut self, table: &str, create: &str) -> Result<()> {
        self.execute("PRAGMA writable_schema = ON").await?;
        let mut sql = Sql::new(self.dialect, "UPDATE sqlite_schema SET sql = ");
        sql.bind(create).push(" WHERE type = 'table' AND name = ").bind(table);
        let touched = self.execute(sql.build()).await;
        // RESET reads the definitions again, so that this connection too goes by the new ones.
        let version = self.row("PRAGMA schema_version").await?.map_or(Ok(0), |row| row.integer(0))?;
        let version = version + self.rehearsal.as_ref().map_or(0, |rehearsal| rehearsal.changes());
        self.execute(format!("PRAGMA schema_version = {}", version + 1)).await?;
        self.execute("PRAGMA writable_schema = RESET").await?;
        self.pretend(Shape::Redefined { table: table.to_owned() });
        match touched? {
            1 => Ok(()),
            _ if self.rehearses() => Ok(()),
            _ => Err(Error::new(ErrorCode::Corrupt, format!("The table {table} is gone from the workspace file. Restore it from a copy."))),
        }
    }

    /// SQLite does not look at foreign keys while tables are changed; Postgres does at the commit, or when a key is made.
    ///
    /// # Errors
    /// `dangling_reference` with the table, when a row refers to one that does not exist.
    pub async fn check_foreign_keys(&mut self, table: &str) -> Result<()> {
        if self.on_postgres() || self.rehearses() {
            return Ok(());
        }
        let check = format!("PRAGMA foreign_key_check({})", self.dialect.quote(table));
        match self.row(check).await? {
            None => Ok(()),
            Some(row) => Err(Error::new(
                ErrorCode::DanglingReference,
                format!("{table} refers to a record of {} that does not exist.", row.opt_text(2).unwrap_or_default()),
            )
            .with(serde_json::json!({ "table": table, "referenced": row.opt_text(2) }))),
        }
    }
}
