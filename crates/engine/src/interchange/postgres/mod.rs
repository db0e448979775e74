//! Another program's Postgres database: its tables become entities, whichever schemas they stand in.
//!
//! It is read in one snapshot that the server itself holds read-only. [`catalogue`] asks which tables there are and what they are made
//! of, [`keys`] which columns identify and refer, [`types`] what each type becomes, [`remarks`] names what has no counterpart here.

mod catalogue;
mod defaults;
mod keys;
mod remarks;
mod tables;
mod types;

use super::{Findings, Watch, relational};
use crate::{
    error::{Error, Result},
    model::{Connection, ParsedConnection},
    store::Foreign,
};

/// Reads the database once and decides what becomes of it. `schemas` names those to take; none: every one but the system's.
///
/// # Errors
/// `connection_failed` with a `reason`, `invalid_input` (no address, no such schema, no tables), `not_permitted` when no table may be read,
/// `unsupported` for a server that is too old, `cancelled`.
pub async fn read(address: &str, schemas: &[String], watch: &Watch<'_>) -> Result<relational::Source> {
    let ParsedConnection { connection, password } = Connection::parse(address)?;
    // What is wrong with an address is said before anybody is asked.
    connection.location()?;
    let mut schemas = schemas.to_vec();
    if schemas.is_empty() && connection.schema != Connection::default().schema {
        schemas.push(connection.schema.clone());
    }
    let mut source = watch.wait(Foreign::connect(&connection, password.as_deref())).await?;
    let mut findings = Findings::default();
    let tables = watch.wait(describe(&mut source, &schemas, &mut findings)).await?;
    relational::Source::read(connection.database, source, tables, findings, watch).await
}

async fn describe(source: &mut Foreign, schemas: &[String], findings: &mut Findings) -> Result<Vec<relational::Table>> {
    let found = catalogue::read(source, schemas, findings).await?;
    if found.tables.is_empty() {
        let unreadable = findings.0.iter().any(|f| f.kind == catalogue::UNREADABLE);
        return Err(if unreadable {
            let tables: Vec<&str> = findings.0.iter().filter(|f| f.kind == catalogue::UNREADABLE).map(|f| f.name.as_str()).collect();
            let message = "This user may read none of the tables. Ask whoever runs the database for the right to SELECT from them.";
            Error::new(crate::ErrorCode::NotPermitted, message).with(serde_json::json!({ "tables": tables }))
        } else {
            Error::invalid("There are no tables to import in this database.").with(serde_json::json!({ "schemas": found.schemas }))
        });
    }
    let mut tables = tables::describe(source, &found, findings).await?;
    keys::read(source, &found, &mut tables, findings).await?;
    remarks::read(source, &found, findings).await?;
    Ok(tables)
}
