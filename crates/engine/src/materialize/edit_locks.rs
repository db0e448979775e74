//! The locks an edit holds, and the rights it takes, as its statements tell.

use super::edit_cost::Cost;
use crate::{
    model::{EditLock, EditStage},
    schema::ahead::{AFTER, BEFORE},
    sql::Backend,
    store::{Shape, rights::Right},
};

/// Locks on a table of Postgres, weakest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Mode {
    ShareUpdateExclusive,
    Share,
    ShareRowExclusive,
    AccessExclusive,
}

impl Mode {
    fn word(self) -> &'static str {
        match self {
            Self::ShareUpdateExclusive => "SHARE UPDATE EXCLUSIVE",
            Self::Share => "SHARE",
            Self::ShareRowExclusive => "SHARE ROW EXCLUSIVE",
            Self::AccessExclusive => "ACCESS EXCLUSIVE",
        }
    }

    fn waits(self) -> &'static str {
        match self {
            Self::ShareUpdateExclusive => "nobody who reads or writes",
            Self::Share | Self::ShareRowExclusive => "whoever writes to it; nobody who reads",
            Self::AccessExclusive => "whoever reads it or writes to it",
        }
    }
}

/// A table under a lock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    pub stage: EditStage,
    pub table: String,
    pub mode: Mode,
    /// Somebody refers to it; else it is changed itself.
    pub referred: bool,
}

/// When a statement of a plan runs, and the statement.
pub fn staged(statement: &str) -> (EditStage, &str) {
    let after = |mark: &str| statement.strip_prefix(mark).map(str::trim_start);
    match (after(BEFORE), after(AFTER)) {
        (Some(rest), _) => (EditStage::Before, rest),
        (_, Some(rest)) => (EditStage::After, rest),
        _ => (EditStage::Within, statement),
    }
}

/// Each table once in each stage, under the strongest lock it comes to. On SQLite the one lock is on the file.
pub fn held(backend: Backend, statements: &[String], shapes: &[Shape]) -> Vec<Held> {
    let mut out: Vec<Held> = vec![];
    if backend == Backend::Sqlite {
        return out;
    }
    for (stage, statement) in statements.iter().map(|s| staged(s)) {
        for (table, mode, referred) in of(statement, shapes) {
            match out.iter_mut().find(|held| (held.stage, held.table.as_str()) == (stage, table.as_str())) {
                Some(held) => {
                    held.mode = held.mode.max(mode);
                    held.referred &= referred;
                }
                None => out.push(Held { stage, table, mode, referred }),
            }
        }
    }
    out
}

fn of(statement: &str, shapes: &[Shape]) -> Vec<(String, Mode, bool)> {
    let first = |text: &str| quoted(text).map(|(name, _)| name);
    let own = |table: Option<String>, mode| table.map(|table| (table, mode, false)).into_iter().collect::<Vec<_>>();
    if statement.starts_with("ALTER TABLE") {
        if statement.contains(" VALIDATE CONSTRAINT ") {
            return own(first(statement), Mode::ShareUpdateExclusive);
        }
        let mut out = own(first(statement), Mode::AccessExclusive);
        out.extend(referred(statement));
        return out;
    }
    if statement.starts_with("CREATE TABLE") {
        return referred(statement);
    }
    if statement.starts_with("DROP TABLE") {
        return own(first(statement), Mode::AccessExclusive);
    }
    if statement.starts_with("CREATE INDEX") || statement.starts_with("CREATE UNIQUE INDEX") {
        let mode = if statement.contains("INDEX CONCURRENTLY") { Mode::ShareUpdateExclusive } else { Mode::Share };
        let table = quoted(statement).and_then(|(_, rest)| first(rest));
        return own(table, mode);
    }
    if statement.starts_with("DROP INDEX") {
        let name = first(statement);
        let table = shapes.iter().find_map(|shape| match shape {
            Shape::IndexDropped { table, index } if Some(index) == name.as_ref() => Some(table.clone()),
            _ => None,
        });
        let mode = if statement.contains("INDEX CONCURRENTLY") { Mode::ShareUpdateExclusive } else { Mode::AccessExclusive };
        return own(table, mode);
    }
    vec![]
}

/// Tables a new foreign key refers to.
fn referred(statement: &str) -> Vec<(String, Mode, bool)> {
    let ends = statement.split(" REFERENCES ").skip(1).filter_map(quoted);
    ends.map(|(table, _)| (table, Mode::ShareRowExclusive, true)).collect()
}

/// The first quoted name in a text, and what follows it.
fn quoted(text: &str) -> Option<(String, &str)> {
    let mut rest = &text[text.find('"')? + 1..];
    let mut name = String::new();
    loop {
        let end = rest.find('"')?;
        name.push_str(&rest[..end]);
        rest = &rest[end + 1..];
        match rest.strip_prefix('"') {
            // A quote in the name.
            Some(more) => {
                name.push('"');
                rest = more;
            }
            None => return Some((name, rest)),
        }
    }
}

/// What it takes on a server beyond the rights on rows.
pub fn rights(held: &[Held], statements: &[String]) -> Vec<Right> {
    let makes = |(_, s): (EditStage, &str)| s.starts_with("CREATE ");
    let mut rights: Vec<Right> = statements.iter().any(|s| makes(staged(s))).then_some(Right::CreateTables).into_iter().collect();
    for held in held {
        rights.push(if held.referred { Right::References(held.table.clone()) } else { Right::Own(held.table.clone()) });
    }
    rights
}

/// In the order they are taken, with how long they are held and who waits for them.
pub fn locks(backend: Backend, held: &[Held], cost: &Cost) -> Vec<EditLock> {
    if cost.whole() == 0.0 {
        return vec![];
    }
    let lock = |stage, lock: &str, on: &str, waits: &str| EditLock {
        stage,
        lock: lock.to_owned(),
        on: on.to_owned(),
        seconds: cost.of(stage),
        waits: waits.to_owned(),
    };
    if backend == Backend::Sqlite {
        return vec![lock(EditStage::Within, "RESERVED", "the whole file", "whoever writes; nobody who reads")];
    }
    let at = |stage| held.iter().filter(move |h| h.stage == stage).map(move |h| lock(stage, h.mode.word(), &h.table, h.mode.waits()));
    let whole = lock(EditStage::Within, "EXCLUSIVE", "kdb_workspace", "whoever writes records or edits the schema; nobody who reads");
    at(EditStage::Before).chain([whole]).chain(at(EditStage::Within)).chain(at(EditStage::After)).collect()
}
