//! Writes made while a job copies. Triggers note every record and every pair written, whoever writes it: our own write path, or plain SQL from
//! another program. Before the job cuts over, what is noted is copied again.

use uuid::Uuid;

use crate::{
    error::Result,
    model::{EntityId, JobId, RelationshipId},
    records::CHUNK,
    sql::{
        Backend, Bind, Cell, Dialect, Row, Sql,
        capture::{Notes, PAIRS, RECORDS},
        pairs::{Ends, Which},
    },
    store::Tx,
};

pub use crate::sql::capture::{Watched, create, drop};

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
    pub read: Read,
}

/// How many notes were read, and up to where.
#[derive(Debug, Clone, Default)]
pub struct Read {
    pub notes: u32,
    pub upto: Option<Mark>,
}

/// Where notes are gone on with: on a server they have numbers, in the order they were made; in a file they lie in the order of their keys.
#[derive(Debug, Clone)]
pub enum Mark {
    Number(i64),
    Keys(Vec<String>),
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
    /// The next ones after a mark, so many at most.
    Next(Option<&'a Mark>, u32),
}

/// What is noted of an entity's records, or a relationship's pairs.
pub async fn noted<K: Key>(tx: &mut Tx, job: JobId, of: Uuid, among: Among<'_, K>) -> Result<Noted<K>> {
    let keys: Vec<&str> = K::NOTES.keys.iter().map(|(note, _)| *note).collect();
    let columns = keys.join(", ");
    // On a server others write while we look: there a note is told from another by its number.
    let numbered = tx.dialect.backend() == Backend::Postgres;
    let mut sql = notes::<K>(tx, &format!("SELECT {columns}{}", if numbered { ", seq" } else { "" }), job, of);
    match among {
        Among::All => {}
        Among::These(these) => K::among(sql.push(" AND "), these),
        Among::Next(after, most) => {
            match after {
                None => {}
                Some(Mark::Number(number)) => {
                    sql.push(" AND seq > ").bind(*number);
                }
                Some(Mark::Keys(keys)) => {
                    sql.push(&format!(" AND ({columns}) > (")).bind_all(keys.iter().map(String::as_str)).push(")");
                }
            }
            sql.push(&format!(" ORDER BY {} LIMIT {most}", if numbered { "seq" } else { &columns }));
        }
    }
    let rows = tx.rows(sql.build()).await?;
    let mut ids = rows.iter().map(K::read).collect::<Result<Vec<K>>>()?;
    ids.sort_unstable();
    ids.dedup();
    let number = |row: &Row| if let Cell::Integer(number) = row.cell(keys.len()) { Some(*number) } else { None };
    let mark = |row: &Row| match number(row).filter(|_| numbered) {
        Some(number) => Ok(Mark::Number(number)),
        None => (0..keys.len()).map(|i| row.text(i)).collect::<Result<_>>().map(Mark::Keys),
    };
    let read = Read { notes: u32::try_from(rows.len()).unwrap_or(u32::MAX), upto: rows.last().map(mark).transpose()? };
    let numbers = rows.iter().filter(|_| numbered).filter_map(number).map(Bind::from).collect();
    Ok(Noted { ids, numbers, read })
}

/// How many notes there are.
pub async fn count<K: Key>(tx: &mut Tx, job: JobId, of: Uuid) -> Result<u32> {
    let sql = notes::<K>(tx, "SELECT count(*)", job, of);
    tx.count(sql.build()).await
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
    let (table, names) = watched.place(job);
    Ok(tx.triggers(table, &names).await? == wanted)
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
