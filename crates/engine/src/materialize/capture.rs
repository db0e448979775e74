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
