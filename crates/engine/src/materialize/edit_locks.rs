//! The locks an edit holds, and the rights it takes, as its statements tell.

use super::edit_cost::Cost;
use crate::{
    model::{EditLock, EditStage},
    schema::ahead::{AFTER, BEFORE},
    sql::Backend,
    store::{ReferringColumn, Shape, rights::Right},
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

/// Why a table is locked, the least first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Why {
    /// A foreign key that refers to it goes.
    Released,
    /// One that refers to it comes.
    Referred,
    Changed,
}

/// A table under a lock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    pub stage: EditStage,
    pub table: String,
    pub mode: Mode,
    pub why: Why,
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
pub fn held(backend: Backend, statements: &[String], shapes: &[Shape], keys: &[ReferringColumn]) -> Vec<Held> {
    let mut out: Vec<Held> = vec![];
    if backend == Backend::Sqlite {
        return out;
    }
    for (stage, statement) in statements.iter().map(|s| staged(s)) {
        for (table, mode, why) in of(statement, shapes, keys) {
            match out.iter_mut().find(|held| (held.stage, held.table.as_str()) == (stage, table.as_str())) {
                Some(held) => {
                    held.mode = held.mode.max(mode);
                    held.why = held.why.max(why);
                }
                None => out.push(Held { stage, table, mode, why }),
            }
        }
    }
    out
}

fn of(statement: &str, shapes: &[Shape], keys: &[ReferringColumn]) -> Vec<(String, Mode, Why)> {
    let Some((name, rest)) = quoted(statement) else { return vec![] };
    let begins = |word: &str| statement.starts_with(word);
    let beside = statement.contains("INDEX CONCURRENTLY");
    let changed = |table: String, mode| vec![(table, mode, Why::Changed)];
    if begins("ALTER TABLE") && statement.contains(" VALIDATE CONSTRAINT ") {
        return changed(name, Mode::ShareUpdateExclusive);
    }
    if begins("ALTER TABLE") || begins("DROP TABLE") {
        let goes = |key: &&ReferringColumn| {
            key.table == name
                && (begins("DROP TABLE")
                    || dropped(rest, "DROP COLUMN ").any(|column| column == key.column)
                    || dropped(rest, "DROP CONSTRAINT ").any(|constraint| constraint == key.key))
        };
        let released: Vec<_> = keys.iter().filter(goes).map(|key| (key.target.clone(), Mode::AccessExclusive, Why::Released)).collect();
        return changed(name, Mode::AccessExclusive).into_iter().chain(released).chain(referred(rest)).collect();
    }
    if begins("CREATE TABLE") {
        return referred(rest).collect();
    }
    if begins("CREATE INDEX") || begins("CREATE UNIQUE INDEX") {
        let mode = if beside { Mode::ShareUpdateExclusive } else { Mode::Share };
        return quoted(rest).map_or_else(Vec::new, |(table, _)| changed(table, mode));
    }
    if begins("DROP INDEX") {
        let table = shapes.iter().find_map(|shape| match shape {
            Shape::IndexDropped { table, index } if *index == name => Some(table.clone()),
            _ => None,
        });
        let mode = if beside { Mode::ShareUpdateExclusive } else { Mode::AccessExclusive };
        return table.map_or_else(Vec::new, |table| changed(table, mode));
    }
    vec![]
}

/// Tables a new foreign key refers to.
fn referred(statement: &str) -> impl Iterator<Item = (String, Mode, Why)> {
    let ends = statement.split(" REFERENCES ").skip(1).filter_map(quoted);
    ends.map(|(table, _)| (table, Mode::ShareRowExclusive, Why::Referred))
}

/// What a statement drops by these words.
fn dropped<'s>(statement: &'s str, words: &'static str) -> impl Iterator<Item = String> + 's {
    statement.split(words).skip(1).filter_map(|rest| quoted(rest).map(|(name, _)| name))
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
    rights.extend(held.iter().filter_map(|held| match held.why {
        Why::Changed => Some(Right::Own(held.table.clone())),
        Why::Referred => Some(Right::References(held.table.clone())),
        Why::Released => None,
    }));
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
