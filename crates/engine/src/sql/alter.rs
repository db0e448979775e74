//! Postgres: the statements that bring a dedicated table to its definition. What takes a look at every row is done so that others can go on
//! writing: a foreign key is first made for new rows only, and then validated.

use super::{
    Column, Dialect,
    columns::columns,
    tables::{default_literal, foreign_keys, tail},
};
use crate::model::{Entity, ReferentialAction, Schema, name};

/// A table as it stands.
#[derive(Debug, Clone, Default)]
pub struct Standing {
    /// Storage names of columns that take no null, and of those with a default.
    pub required: Vec<String>,
    pub defaults: Vec<String>,
    pub foreign_keys: Vec<StandingKey>,
    /// Names of checks that every row has been held against.
    pub checks: Vec<String>,
}

/// The name of the check that holds every row against being required, until the column itself says so.
pub fn required_check(table: &str, column: &Column) -> String {
    let owner = column.owner.to_string();
    format!("{}_{}", name::identifier(&[table, &column.storage, "required"]), tail(&owner))
}

/// The statements that make this check and hold every row against it: a column then becomes required at once.
pub fn check_required(dialect: &dyn Dialect, table: &str, column: &Column) -> [String; 2] {
    let (table, check) = (dialect.quote(table), dialect.quote(&required_check(table, column)));
    [
        format!("ALTER TABLE {table} ADD CONSTRAINT {check} CHECK ({} IS NOT NULL) NOT VALID", dialect.quote(&column.storage)),
        format!("ALTER TABLE {table} VALIDATE CONSTRAINT {check}"),
    ]
}

/// A foreign key as it stands: `actions` are Postgres's letters for on delete and on update.
#[derive(Debug, Clone, PartialEq)]
pub struct StandingKey {
    pub name: String,
    pub target: String,
    pub actions: String,
    pub validated: bool,
}

fn letter(action: ReferentialAction) -> char {
    match action {
        ReferentialAction::Cascade => 'c',
        ReferentialAction::SetNull => 'n',
        ReferentialAction::Restrict => 'r',
        ReferentialAction::NoAction => 'a',
    }
}

/// Whether a key was made by us: others are left alone.
fn is_ours(name: &str) -> bool {
    name.rsplit_once('_').is_some_and(|(head, tail)| head.ends_with("_fkey") && tail.len() == 6)
}

/// The statements in order, then those that validate, each with its constraint: they can wait until after a commit.
pub fn alterations(dialect: &dyn Dialect, schema: &Schema, entity: &Entity, standing: &Standing) -> (Vec<String>, Vec<(String, String)>) {
    let table = dialect.quote(&entity.table);
    let mut changes = vec![];
    for column in columns(schema, entity) {
        let name = dialect.quote(&column.storage);
        let required = standing.required.contains(&column.storage);
        if column.required != required {
            changes.push(format!("ALTER COLUMN {name} {} NOT NULL", if column.required { "SET" } else { "DROP" }));
        }
        match column.default.as_ref().and_then(|d| default_literal(dialect, &column, d)) {
            Some(default) => changes.push(format!("ALTER COLUMN {name} SET DEFAULT {default}")),
            None if standing.defaults.contains(&column.storage) => changes.push(format!("ALTER COLUMN {name} DROP DEFAULT")),
            None => {}
        }
    }
    // After the column says it itself: until then the check spares it a look at every row.
    let spent = columns(schema, entity).into_iter().map(|column| required_check(&entity.table, &column));
    let spent: Vec<String> = spent.filter(|check| standing.checks.contains(check)).collect();
    let mut validations = vec![];
    let wanted = foreign_keys(dialect, schema, entity);
    let holds = |key: &StandingKey| {
        let Some(wanted) = wanted.iter().find(|w| w.name == key.name) else { return false };
        let Ok(relationship) = schema.relationship(wanted.relationship) else { return false };
        let actions = [letter(relationship.on_delete), letter(relationship.on_update)].iter().collect::<String>();
        schema.entity(relationship.referenced()).is_ok_and(|target| target.table == key.target) && actions == key.actions
    };
    for gone in standing.foreign_keys.iter().filter(|key| is_ours(&key.name) && !holds(key)) {
        changes.push(format!("DROP CONSTRAINT {}", dialect.quote(&gone.name)));
    }
    for key in &wanted {
        let name = dialect.quote(&key.name);
        let there = standing.foreign_keys.iter().find(|there| there.name == key.name && holds(there));
        if there.is_none() {
            changes.push(format!("ADD CONSTRAINT {name} {} NOT VALID", key.ddl));
        }
        if there.is_none_or(|there| !there.validated) {
            validations.push((key.name.clone(), format!("ALTER TABLE {table} VALIDATE CONSTRAINT {name}")));
        }
    }
    let mut alter = if changes.is_empty() { vec![] } else { vec![format!("ALTER TABLE {table}\n  {}", changes.join(",\n  "))] };
    alter.extend(spent.iter().map(|check| format!("ALTER TABLE {table} DROP CONSTRAINT {}", dialect.quote(check))));
    (alter, validations)
}
