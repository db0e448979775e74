//! What stands on a column of a table: indexes, constraints, triggers and views, whoever made them.

use super::Tx;
use crate::{
    error::Result,
    sql::{Backend, Row, Sql, words},
};

/// Something that stands on a column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dependent {
    pub name: String,
    /// What makes it again, or its definition where that is a part of another statement.
    pub definition: String,
    pub unique: bool,
}

/// Postgres: a trigger, and whether it fires: `O` where it does as usual.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DependentTrigger {
    pub name: String,
    pub definition: String,
    pub enabled: String,
}

impl Tx {
    /// Ends a question about what depends on the column `a`.
    fn ask_of_column(&self, what: &str, table: &str, column: &str) -> Sql {
        let mut sql = Sql::new(self.dialect, what);
        sql.push(" AND a.attrelid = to_regclass(").bind(self.dialect.quote(table)).push(") AND NOT a.attisdropped AND a.attname = ");
        sql.bind(column).push(" ORDER BY 1");
        sql
    }

    /// Indexes made by `CREATE INDEX` that name the column, be it in an expression or a condition.
    pub async fn column_indexes(&mut self, table: &str, column: &str) -> Result<Vec<Dependent>> {
        let there = self.table_indexes(table).await?;
        let mut found = if self.dialect.backend() == Backend::Postgres {
            let sql = self.ask_of_column(
                "SELECT DISTINCT c.relname::text, pg_get_indexdef(i.indexrelid), i.indisunique FROM pg_depend d \
                 JOIN pg_index i ON i.indexrelid = d.objid JOIN pg_class c ON c.oid = i.indexrelid \
                 JOIN pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid \
                 WHERE d.classid = 'pg_class'::regclass AND d.refclassid = 'pg_class'::regclass AND i.indrelid = a.attrelid \
                 AND NOT EXISTS (SELECT 1 FROM pg_constraint k WHERE k.conindid = i.indexrelid AND k.contype IN ('p', 'u', 'x'))",
                table,
                column,
            );
            self.rows(sql.build()).await?.iter().map(dependent).collect::<Result<Vec<_>>>()?
        } else {
            self.file_indexes(table, column).await?
        };
        found.retain(|index| there.contains(&index.name));
        Ok(found)
    }

    /// SQLite says which columns an index is of; what its expressions and its condition name stands in its text alone.
    async fn file_indexes(&mut self, table: &str, column: &str) -> Result<Vec<Dependent>> {
        let mut sql = Sql::new(
            self.dialect,
            "SELECT s.name, s.sql, l.\"unique\", EXISTS (SELECT 1 FROM pragma_index_xinfo(s.name) x WHERE x.key = 1 AND x.name = ",
        );
        sql.bind(column).push(" COLLATE NOCASE), l.partial OR EXISTS (SELECT 1 FROM pragma_index_xinfo(s.name) x WHERE x.cid = -2)");
        sql.push(" FROM sqlite_schema s JOIN pragma_index_list(").bind(table).push(") l ON l.name = s.name");
        sql.push(" WHERE s.type = 'index' AND s.sql IS NOT NULL AND s.tbl_name = ").bind(table).push(" ORDER BY s.name");
        let mut found = vec![];
        for row in self.rows(sql.build()).await? {
            let index = dependent(&row)?;
            if row.integer(3)? == 1 || (row.integer(4)? == 1 && words::names_column(&index.definition, column)) {
                found.push(index);
            }
        }
        Ok(found)
    }

    /// Postgres: constraints of the table that go with the column: unique, exclusion, check and foreign keys. Their definitions say neither
    /// name nor table.
    pub async fn column_constraints(&mut self, table: &str, column: &str) -> Result<Vec<Dependent>> {
        if self.dialect.backend() == Backend::Sqlite {
            return Ok(vec![]);
        }
        let sql = self.ask_of_column(
            "SELECT DISTINCT k.conname::text, pg_get_constraintdef(k.oid), k.contype = 'u' FROM pg_depend d \
             JOIN pg_constraint k ON k.oid = d.objid \
             JOIN pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid \
             WHERE d.classid = 'pg_constraint'::regclass AND d.refclassid = 'pg_class'::regclass AND k.conrelid = a.attrelid \
             AND k.contype IN ('u', 'x', 'c', 'f')",
            table,
            column,
        );
        self.rows(sql.build()).await?.iter().map(dependent).collect()
    }

    /// Postgres: triggers of the table that name the column. SQLite looks at what a trigger names only when it fires, or a column goes.
    pub async fn column_triggers(&mut self, table: &str, column: &str) -> Result<Vec<DependentTrigger>> {
        if self.dialect.backend() == Backend::Sqlite {
            return Ok(vec![]);
        }
        let sql = self.ask_of_column(
            "SELECT DISTINCT t.tgname::text, pg_get_triggerdef(t.oid), t.tgenabled::text FROM pg_depend d \
             JOIN pg_trigger t ON t.oid = d.objid JOIN pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid \
             WHERE d.classid = 'pg_trigger'::regclass AND d.refclassid = 'pg_class'::regclass AND NOT t.tgisinternal \
             AND t.tgrelid = a.attrelid",
            table,
            column,
        );
        let read = |row: &Row| Ok(DependentTrigger { name: row.text(0)?, definition: row.text(1)?, enabled: row.text(2)? });
        self.rows(sql.build()).await?.iter().map(read).collect()
    }

    /// Postgres: names of the views that name the column.
    pub async fn column_views(&mut self, table: &str, column: &str) -> Result<Vec<String>> {
        if self.dialect.backend() == Backend::Sqlite {
            return Ok(vec![]);
        }
        let sql = self.ask_of_column(
            "SELECT DISTINCT c.relname::text FROM pg_depend d JOIN pg_rewrite r ON r.oid = d.objid JOIN pg_class c ON c.oid = r.ev_class \
             JOIN pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid \
             WHERE d.classid = 'pg_rewrite'::regclass AND d.refclassid = 'pg_class'::regclass AND c.oid <> a.attrelid",
            table,
            column,
        );
        self.texts(sql.build()).await
    }
}

fn dependent(row: &Row) -> Result<Dependent> {
    Ok(Dependent { name: row.text(0)?, definition: row.text(1)?, unique: row.integer(2)? == 1 })
}
