//! What this user may not do: asked before a job begins, so that none stops in the middle for want of a right.

use serde_json::json;

use super::Tx;
use crate::{
    error::{Error, ErrorCode, Result},
    sql::{Backend, Sql},
};

/// A right on Postgres beyond reading and writing rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Right {
    /// To make tables in the workspace's schema.
    CreateTables,
    /// To refer to a table by foreign keys.
    References(String),
    /// To alter or drop a table: its owner's.
    Own(String),
}

impl Tx {
    /// Those of the rights this user lacks, each as the statement by which somebody else gives it. A file asks for none.
    pub async fn missing_rights(&mut self, rights: &[Right]) -> Result<Vec<String>> {
        let mut missing = vec![];
        if self.dialect.backend() == Backend::Sqlite {
            return Ok(missing);
        }
        let role = self.text_of("SELECT quote_ident(current_user)").await?;
        for right in rights {
            let (grant, held) = self.held(right, &role).await?;
            if !held && !missing.contains(&grant) {
                missing.push(grant);
            }
        }
        Ok(missing)
    }

    async fn held(&mut self, right: &Right, role: &str) -> Result<(String, bool)> {
        let dialect = self.dialect;
        let (grant, asked) = match right {
            Right::CreateTables => {
                let schema = self.text_of("SELECT quote_ident(current_schema())").await?;
                let asked = Sql::new(dialect, "SELECT has_schema_privilege(current_schema(), 'CREATE')").build();
                (format!("GRANT CREATE ON SCHEMA {schema} TO {role}"), asked)
            }
            Right::References(table) => {
                let mut sql = Sql::new(dialect, "SELECT has_table_privilege(to_regclass(");
                sql.bind(dialect.quote(table)).push("), 'REFERENCES')");
                (format!("GRANT REFERENCES ON TABLE {} TO {role}", dialect.quote(table)), sql.build())
            }
            Right::Own(table) => {
                let mut sql = Sql::new(dialect, "SELECT pg_has_role(relowner, 'USAGE') FROM pg_class WHERE oid = to_regclass(");
                sql.bind(dialect.quote(table)).push(")");
                (format!("ALTER TABLE {} OWNER TO {role}", dialect.quote(table)), sql.build())
            }
        };
        // A table that is not there yet asks for nothing.
        let held = self.row(asked).await?.is_none_or(|row| row.integer(0).is_ok_and(|held| held == 1));
        Ok((grant, held))
    }

    async fn text_of(&mut self, statement: &str) -> Result<String> {
        Ok(self.row(statement).await?.and_then(|row| row.opt_text(0)).unwrap_or_default())
    }

    /// # Errors
    /// `not_permitted`, naming every right that is missing, when there is any.
    pub async fn require_rights(&mut self, rights: &[Right]) -> Result<()> {
        let missing = self.missing_rights(rights).await?;
        if missing.is_empty() {
            return Ok(());
        }
        let message = format!("This user lacks a right for it. Ask whoever runs the database for: {}.", missing.join("; "));
        Err(Error::new(ErrorCode::NotPermitted, message).with(json!({ "missing": missing })))
    }
}
