//! Writes made while a job copies. Triggers note every record and every pair written, whoever writes it: our own write path, or plain SQL from
//! another program. Before the job cuts over, what is noted is copied again.

use uuid::Uuid;

use crate::{
    error::Result,
    model::{Entity, EntityId, JobId, RelationshipId},
    records::CHUNK,
    sql::{
        Backend, Bind, Cell, Column, Dialect, Row, Sql,
        columns::keys,
        literal,
        pairs::{Ends, Pairs, Which},
        records::Place,
    },
    store::Tx,
};

/// Where something is noted, and by what it is known again.
pub struct Notes {
    table: &'static str,
    /// What it is of: an entity, or a relationship; in the shared table too.
    owner: &'static str,
    shared: &'static str,
    /// Columns of a note, and of what is noted.
    keys: &'static [(&'static str, &'static str)],
    /// What the functions of a server begin with.
    function: &'static str,
}

const RECORDS: Notes = Notes {
    table: "kdb_captured_writes",
    owner: "entity_id",
    shared: "kdb_records",
    keys: &[("record_id", "id")],
    function: "kdb_capture",
};

const PAIRS: Notes = Notes {
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

/// What a note is about: a record, by its id, or a pair, by its ends.
pub trait Key: Ord + Clone {
    #[doc(hidden)]
    const NOTES: &'static Notes;

    fn read(row: &Row) -> Result<Self>;

    /// Appends the condition that a note is about one of these.
    fn among(sql: &mut Sql, keys: &[Self]);
}

impl Key for String {
    const NOTES: &'static Notes = &RECORDS;

    fn read(row: &Row) -> Result<Self> {
        row.text(0)
    }

    fn among(sql: &mut Sql, keys: &[Self]) {
        sql.push("record_id IN (");
        // What plain SQL wrote into a file may be any text.
        if sql.dialect().backend() == Backend::Sqlite {
            sql.bind_all(keys.iter().map(String::as_str))
        } else {
            sql.bind_all(Bind::ids(keys))
        };
        sql.push(")");
    }
}

impl Key for Ends {
    const NOTES: &'static Notes = &PAIRS;

    fn read(row: &Row) -> Result<Self> {
        Ok([row.text(0)?, row.text(1)?])
    }

    fn among(sql: &mut Sql, keys: &[Self]) {
        Which::These(keys).limit(sql, "");
    }
}

/// Notes as they were read, each record or pair once.
#[derive(Debug)]
pub struct Noted<K> {
    pub ids: Vec<K>,
    /// Of each note, where there is one for each write.
    numbers: Vec<Bind>,
}

/// Begins a statement on what is noted.
fn notes<K: Key>(tx: &Tx, head: &str, job: JobId, of: Uuid) -> Sql {
    let mut sql = Sql::new(tx.dialect, &format!("{head} FROM {} WHERE job_id = ", K::NOTES.table));
    sql.bind(job).push(&format!(" AND {} = ", K::NOTES.owner)).bind(Bind::Id(Some(of)));
    sql
}

/// Which notes are asked for.
#[derive(Debug, Clone, Copy)]
pub enum Among<'a, K> {
    All,
    /// Those about these.
    These(&'a [K]),
    /// All about so many records or pairs, whichever come first.
    First(u32),
}

/// What is noted of an entity's records, or a relationship's pairs.
pub async fn noted<K: Key>(tx: &mut Tx, job: JobId, of: Uuid, among: Among<'_, K>) -> Result<Noted<K>> {
    let columns = K::NOTES.keys.iter().map(|(note, _)| *note).collect::<Vec<_>>().join(", ");
    // On a server others write while we look: there a note is told from another by its number, and one record may have many.
    let numbered = tx.dialect.backend() == Backend::Postgres;
    let mut keys = vec![];
    if let Among::First(most) = among {
        let mut sql = notes::<K>(tx, &format!("SELECT DISTINCT {columns}"), job, of);
        sql.push(&format!(" LIMIT {most}"));
        keys = tx.rows(sql.build()).await?.iter().map(K::read).collect::<Result<Vec<K>>>()?;
        if !numbered {
            keys.sort_unstable();
            return Ok(Noted { ids: keys, numbers: vec![] });
        }
    }
    let lots: Vec<Option<&[K]>> = match among {
        Among::All => vec![None],
        Among::These(these) => vec![Some(these)],
        Among::First(_) => keys.chunks(CHUNK).map(Some).collect(),
    };
    let (mut ids, mut numbers) = (vec![], vec![]);
    for lot in lots {
        let mut sql = notes::<K>(tx, &format!("SELECT {columns}{}", if numbered { ", seq" } else { "" }), job, of);
        if let Some(keys) = lot {
            K::among(sql.push(" AND "), keys);
        }
        for row in tx.rows(sql.build()).await? {
            ids.push(K::read(&row)?);
            if let (true, Cell::Integer(number)) = (numbered, row.cell(K::NOTES.keys.len())) {
                numbers.push((*number).into());
            }
        }
    }
    ids.sort_unstable();
    ids.dedup();
    Ok(Noted { ids, numbers })
}

/// Forgets what was noted, and only what was read of it: another note may have come since.
pub async fn forget<K: Key>(tx: &mut Tx, job: JobId, of: Uuid, noted: &Noted<K>) -> Result<()> {
    if tx.dialect.backend() == Backend::Postgres {
        for numbers in noted.numbers.chunks(CHUNK) {
            let mut sql = notes::<K>(tx, "DELETE", job, of);
            sql.push(" AND seq IN (").bind_all(numbers.iter().cloned()).push(")");
            tx.execute(sql.build()).await?;
        }
        return Ok(());
    }
    for keys in noted.ids.chunks(CHUNK) {
        let mut sql = notes::<K>(tx, "DELETE", job, of);
        K::among(sql.push(" AND "), keys);
        tx.execute(sql.build()).await?;
    }
    Ok(())
}

/// Notes these records to be looked at once more.
pub async fn note(tx: &mut Tx, job: JobId, of: EntityId, records: &[String]) -> Result<()> {
    for records in records.chunks(CHUNK) {
        let mut sql = Sql::new(tx.dialect, "INSERT INTO kdb_captured_writes (job_id, entity_id, record_id) VALUES ");
        for (i, record) in records.iter().enumerate() {
            sql.push(if i == 0 { "(" } else { ", (" }).bind(job).push(", ").bind(of).push(", ").bind_id(record).push(")");
        }
        sql.push(" ON CONFLICT DO NOTHING");
        tx.execute(sql.build()).await?;
    }
    Ok(())
}

/// Notes the records in an entity's table whose `column` holds one of these ids.
pub async fn note_referring(tx: &mut Tx, job: JobId, (of, table): (EntityId, &str), column: &str, ids: &[String]) -> Result<()> {
    for ids in ids.chunks(CHUNK) {
        let mut sql = Sql::new(tx.dialect, "INSERT INTO kdb_captured_writes (job_id, entity_id, record_id) SELECT ");
        sql.bind(job).push(", ").bind(of).push(", id FROM ").ident(table).push(" WHERE ").ident(column);
        sql.push(" IN (").bind_all(Bind::ids(ids)).push(") ON CONFLICT DO NOTHING");
        tx.execute(sql.build()).await?;
    }
    Ok(())
}

/// Whether its triggers note what is written there, and have since they were made. On SQLite.
pub async fn stands(tx: &mut Tx, job: JobId, watched: &Watched) -> Result<bool> {
    let mut wanted = create(tx.dialect, job, watched);
    wanted.sort_unstable();
    let names = trigger_name(&watched.name(job), "");
    Ok(tx.triggers(watched.table.as_deref().unwrap_or(watched.notes.shared), &names).await? == wanted)
}

/// Whether a text is an id as we write them: plain SQL may write any text into a file.
pub fn is_id(text: &str) -> bool {
    Uuid::parse_str(text).is_ok_and(|id| id.to_string() == text)
}

/// Begins a statement that notes pairs to be looked at once more; a table and a condition follow, and that what is noted stays so.
pub fn noting_pairs(dialect: &'static dyn Dialect, job: JobId, relationship: RelationshipId) -> Sql {
    let mut sql = Sql::new(dialect, "INSERT INTO kdb_captured_pairs (job_id, relationship_id, source_id, target_id) SELECT ");
    sql.bind(job).push(", ").bind(relationship).push(", source_id, target_id FROM ");
    sql
}

/// Notes all pairs at these records.
pub async fn note_pairs(tx: &mut Tx, job: JobId, relationship: RelationshipId, column: &str, records: &[String]) -> Result<()> {
    for records in records.chunks(CHUNK) {
        let mut sql = noting_pairs(tx.dialect, job, relationship);
        sql.push("kdb_record_links WHERE relationship_id = ").bind(relationship);
        sql.push(&format!(" AND {column} IN (")).bind_all(Bind::ids(records)).push(") ON CONFLICT DO NOTHING");
        tx.execute(sql.build()).await?;
    }
    Ok(())
}

/// Forgets what was noted for the whole job.
pub async fn forget_all(tx: &mut Tx, job: JobId) -> Result<()> {
    for notes in [&RECORDS, &PAIRS] {
        let mut sql = Sql::new(tx.dialect, &format!("DELETE FROM {} WHERE job_id = ", notes.table));
        sql.bind(job);
        tx.execute(sql.build()).await?;
    }
    Ok(())
}
