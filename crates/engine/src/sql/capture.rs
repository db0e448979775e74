//! Triggers that note writes while a job copies: their text, for the shared tables and for a table of its own.

use uuid::Uuid;

use super::{Backend, Column, Dialect, Sql, Statement, columns::keys, literal, pairs::Pairs, records::Place};
use crate::model::{Entity, EntityId, JobId, RelationshipId};

/// Where something is noted, and by what it is known again.
pub struct Notes {
    pub table: &'static str,
    /// What it is of: an entity, or a relationship; in the shared table too.
    pub owner: &'static str,
    shared: &'static str,
    /// Columns of a note, and of what is noted.
    pub keys: &'static [(&'static str, &'static str)],
    /// What the functions of a server begin with.
    function: &'static str,
}

pub const RECORDS: Notes = Notes {
    table: "kdb_captured_writes",
    owner: "entity_id",
    shared: "kdb_records",
    keys: &[("record_id", "id")],
    function: "kdb_capture",
};

pub const PAIRS: Notes = Notes {
    table: "kdb_captured_pairs",
    owner: "relationship_id",
    shared: "kdb_record_links",
    keys: &[("source_id", "source_id"), ("target_id", "target_id")],
    function: "kdb_capture_pair",
};

/// What is watched: the records of an entity, or the pairs of a many-to-many.
pub struct Watched {
    notes: &'static Notes,
    of: Uuid,
    /// The table of its own it lies in; none for the shared one.
    table: Option<String>,
    /// What must be unique in that table.
    unique: Vec<Vec<Column>>,
}

impl Watched {
    pub fn records(of: EntityId, lie: &Place) -> Self {
        let table = match lie {
            Place::Shared(_) => None,
            Place::Dedicated(table) => Some(table.clone()),
        };
        Self { notes: &RECORDS, of: of.0, table, unique: vec![] }
    }

    /// With these columns, as of an entity with a table of its own: `INSERT OR REPLACE` takes away whoever has the same there, and SQLite
    /// fires no trigger for that.
    pub fn with_unique(self, entity: &Entity, columns: &[Column]) -> Self {
        let single = columns.iter().filter(|c| c.unique).map(|c| vec![c.clone()]);
        let several = keys(entity, columns).into_iter().map(|key| key.columns.iter().map(|i| columns[*i].clone()).collect());
        Self { unique: single.chain(several).collect(), ..self }
    }

    pub fn pairs(relationship: RelationshipId, lie: &Pairs) -> Self {
        let table = match lie {
            Pairs::Shared(_) => None,
            Pairs::Junction(table) => Some(table.clone()),
        };
        Self { notes: &PAIRS, of: relationship.0, table, unique: vec![] }
    }

    /// The table its triggers are on, and what their names begin with.
    pub fn place(&self, job: JobId) -> (&str, String) {
        (self.table.as_deref().unwrap_or(self.notes.shared), trigger_name(&self.name(job), ""))
    }

    /// Short enough for any database: the random ends of the ids tell the triggers apart.
    fn name(&self, job: JobId) -> String {
        format!("{}_{}", job.0.simple(), &self.of.simple().to_string()[20..])
    }

    /// On a server the shared tables are somebody's, perhaps not this user's: a function of the workspace puts the triggers there.
    fn by_function(&self, dialect: &dyn Dialect) -> bool {
        dialect.backend() == Backend::Postgres && self.table.is_none()
    }

    fn on(&self, dialect: &dyn Dialect) -> String {
        self.table.as_ref().map_or_else(|| self.notes.shared.to_owned(), |table| dialect.quote(table))
    }
}

const EVENTS: [(&str, &str, &[&str]); 3] = [("i", "INSERT", &["NEW"]), ("u", "UPDATE", &["OLD", "NEW"]), ("d", "DELETE", &["OLD"])];

/// What takes rows away unseen, in a table of its own on SQLite.
const REPLACING: [(&str, &str); 2] = [("ri", "INSERT"), ("ru", "UPDATE")];

/// The names of those on a table. On SQLite.
pub fn replacing_on(dialect: &'static dyn Dialect, table: &str) -> Statement {
    let pattern = literal(&trigger_name("*", "r[iu]"));
    let mut sql =
        Sql::new(dialect, &format!("SELECT name FROM sqlite_schema WHERE type = 'trigger' AND name GLOB {pattern} AND tbl_name = "));
    sql.bind(table);
    sql.build()
}

fn trigger_name(name: &str, what: &str) -> String {
    format!("kdb_capture_{name}_{what}")
}

/// The triggers on the table it still lies in.
pub fn create(dialect: &dyn Dialect, job: JobId, watched: &Watched) -> Vec<String> {
    let Notes { table: notes, owner, keys, function, .. } = watched.notes;
    let of = literal(&watched.of.to_string());
    let (name, job) = (watched.name(job), literal(&job.to_string()));
    if watched.by_function(dialect) {
        return vec![format!("SELECT {function}_begin({job}, {of}, {})", literal(&name))];
    }
    let table = watched.on(dialect);
    let trigger = |what: &str, event: &str, rows: &[&str]| {
        let when: Vec<String> = rows.iter().map(|row| format!("{row}.{owner} = {of}")).collect();
        let when = if watched.table.is_none() { format!("\nWHEN ({})", when.join(" OR ")) } else { String::new() };
        let name = dialect.quote(&trigger_name(&name, what));
        if dialect.backend() == Backend::Postgres {
            return format!("CREATE TRIGGER {name} AFTER {event} ON {table} FOR EACH ROW\nEXECUTE FUNCTION {function}({job}, {of})");
        }
        let note = |row: &&str| {
            let columns: Vec<&str> = keys.iter().map(|(note, _)| *note).collect();
            let values: Vec<String> = keys.iter().map(|(_, key)| format!("{row}.{key}")).collect();
            let same: Vec<String> = keys.iter().map(|(note, key)| format!("c.{note} = {row}.{key}")).collect();
            // Not INSERT OR IGNORE: the conflict clause of the statement that fires a trigger counts, not the one within it.
            format!(
                "  INSERT INTO {notes} (job_id, {owner}, {})\n  SELECT {job}, {of}, {}\n  \
                 WHERE NOT EXISTS (SELECT 1 FROM {notes} c WHERE c.job_id = {job} AND c.{owner} = {of} AND {});",
                columns.join(", "),
                values.join(", "),
                same.join(" AND ")
            )
        };
        let notes: Vec<String> = rows.iter().map(note).collect();
        format!("CREATE TRIGGER {name} AFTER {event} ON {table}{when}\nBEGIN\n{}\nEND", notes.join("\n"))
    };
    let seen = EVENTS.iter().map(|(what, event, rows)| trigger(what, event, rows));
    seen.chain(replacing(dialect, watched, &name, &job, &of)).collect()
}

/// Triggers that note, before a row is written, those it would take away.
fn replacing(dialect: &dyn Dialect, watched: &Watched, name: &str, job: &str, of: &str) -> Vec<String> {
    if dialect.backend() == Backend::Postgres || watched.table.is_none() || watched.unique.is_empty() {
        return vec![];
    }
    // As the index has it, or each write would read the whole table.
    let indexed = |row: &str, column: &Column, parts: usize| {
        let native = format!("{row}.{}", dialect.quote(&column.storage));
        dialect.indexed(&native, column, true, parts).map_or(native, |expression| format!("({expression})"))
    };
    let all = |columns: &Vec<Column>| {
        let same = columns.iter().map(|c| format!("{} = {}", indexed("t", c, columns.len()), indexed("NEW", c, columns.len())));
        format!("({})", same.collect::<Vec<_>>().join(" AND "))
    };
    let any: Vec<String> = watched.unique.iter().map(all).collect();
    let (table, any) = (watched.on(dialect), any.join(" OR "));
    let trigger = |(what, event): &(&str, &str)| {
        let name = dialect.quote(&trigger_name(name, what));
        format!(
            "CREATE TRIGGER {name} BEFORE {event} ON {table}\nBEGIN\n  INSERT INTO kdb_captured_writes (job_id, entity_id, record_id)\n  \
             SELECT {job}, {of}, t.id FROM {table} t WHERE ({any}) AND NOT EXISTS (SELECT 1 FROM kdb_captured_writes c \
             WHERE c.job_id = {job} AND c.entity_id = {of} AND c.record_id = t.id);\nEND"
        )
    };
    REPLACING.iter().map(trigger).collect()
}

pub fn drop(dialect: &dyn Dialect, job: JobId, watched: &Watched) -> Vec<String> {
    let name = watched.name(job);
    if watched.by_function(dialect) {
        return vec![format!("SELECT {}_end({})", watched.notes.function, literal(&name))];
    }
    let on = match dialect.backend() {
        Backend::Sqlite => String::new(),
        Backend::Postgres => format!(" ON {}", watched.on(dialect)),
    };
    let drop = |what: &str| format!("DROP TRIGGER IF EXISTS {}{on}", dialect.quote(&trigger_name(&name, what)));
    // Whatever is unique by now.
    let replacing = dialect.backend() == Backend::Sqlite && watched.table.is_some() && watched.notes.table == RECORDS.table;
    let replacing = REPLACING.iter().filter(|_| replacing).map(|(what, _)| *what);
    EVENTS.iter().map(|(what, _, _)| *what).chain(replacing).map(drop).collect()
}
