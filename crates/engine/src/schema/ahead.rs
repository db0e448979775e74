//! What takes long in an edit of a dedicated table on Postgres, and is done beside it so that others go on writing: indexes and the look
//! whether a value is missing before the edit, the look at foreign keys after it.
//!
//! What is made stands in `kdb_workspace` until the edit is done or undone, under a key that the connection at work holds a lock on. So a
//! crash leaves nothing for good: whoever comes next sees that nobody holds the lock, and clears away.

use serde::{Deserialize, Serialize};

use super::{Op, convert, data};
use crate::{
    error::{ErrorCode, Result},
    jobs::faults,
    model::{Entity, EntityId, Schema},
    sql::{
        Backend, Column, Dialect, Row, Sql, alter,
        columns::{columns, field_column, keys},
        literal, tables,
    },
    store::{Shape, Store, Tx, alone::Alone, bootstrap::AHEAD, rights::Right},
};

/// Marks the keys in `kdb_workspace`.
const MARK: &str = "ahead ";
/// Of the locks on keys; any number that is ours.
const LOCK_SPACE: u32 = 7_077_742;
/// Long: an index waits for every transaction that writes to its table, and those wait for nothing.
const PATIENCE: &str = "SET lock_timeout = '10min'";
/// Short: what cannot be cleared away now is left to whoever comes next.
const IMPATIENCE: &str = "SET lock_timeout = '2s'";

/// How a plan marks the statements that do not run in the edit's own transaction.
pub const BEFORE: &str = "-- ahead of the edit, while others write";
pub const AFTER: &str = "-- once the edit is committed, while others write";

/// Something made for an edit that has not been done yet.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Made {
    Index {
        name: String,
    },
    Check {
        table: String,
        name: String,
    },
    /// The other way round: a foreign key of an edit that is done, not yet held against every row.
    Key {
        table: String,
        name: String,
    },
}

/// What was made ahead of one edit.
pub struct Ahead {
    key: String,
    made: Vec<Made>,
    alone: Alone,
}

/// What an edit will want of one table.
struct Wanted {
    entity: Entity,
    columns: Vec<Column>,
    indexes: Vec<tables::Index>,
    required: Vec<Column>,
}

/// Makes what these ops will ask for. None where that is nothing.
///
/// # Errors
/// `not_permitted` with what is missing; `unique_violation` and `required_missing` as the edit itself says them.
pub async fn prepare(store: &Store, schema: &Schema, ops: &[Op]) -> Result<Option<Ahead>> {
    if store.dialect().backend() == Backend::Sqlite || store.read_only().is_some() {
        return Ok(None);
    }
    let mut tx = store.read().await?;
    let wanted = wanted(&mut tx, schema, ops).await?;
    if wanted.is_empty() {
        return Ok(None);
    }
    tx.require_rights(&rights(&wanted)).await?;
    drop(tx);
    tidy(store, left(&mut store.read().await?).await?).await;
    let Some(mut alone) = store.alone().await? else { return Ok(None) };
    alone.run(PATIENCE).await?;
    let mut ahead = Ahead::new(alone);
    let made = ahead.make(store, &wanted).await;
    match made {
        Ok(()) => Ok(Some(ahead)),
        Err(error) if faults::is_crash(&error) => Err(error),
        Err(error) => {
            ahead.take_back(store).await;
            Err(error)
        }
    }
}

/// The same for an edit that is rehearsed in `tx`: what would be made is noted there, and taken for made. Returns what to give to
/// [`rehearse_end`], and the rights it takes.
pub async fn rehearse(store: &Store, tx: &mut Tx, schema: &Schema, ops: &[Op]) -> Result<Option<(Ahead, Vec<Right>)>> {
    if tx.dialect.backend() == Backend::Sqlite {
        return Ok(None);
    }
    let wanted = wanted(tx, schema, ops).await?;
    if wanted.is_empty() {
        return Ok(None);
    }
    let mut ahead = Ahead::new(Alone::Rehearsed(vec![]));
    ahead.make(store, &wanted).await?;
    if let Alone::Rehearsed(statements) = &ahead.alone {
        statements.iter().for_each(|statement| tx.note(format!("{BEFORE}\n{statement}")));
    }
    for part in &wanted {
        let table = &part.entity.table;
        for column in &part.required {
            tx.pretend(Shape::CheckMade { table: table.clone(), check: alter::required_check(table, column) });
        }
        for index in &part.indexes {
            tx.pretend(Shape::IndexMade { table: table.clone(), index: index.name.clone() });
        }
    }
    Ok(Some((ahead, rights(&wanted))))
}

/// The end of an edit that is rehearsed: what is noted in its transaction, and done once it is committed.
pub async fn rehearse_end(tx: &mut Tx, ahead: Option<Ahead>, later: Vec<Made>) -> Result<()> {
    if let Some(ahead) = ahead {
        ahead.adopt(tx).await?;
    }
    for (key, made) in note_keys(tx, later).await? {
        for statement in made.iter().map(|made| settling(tx.dialect, made)).chain([forgetting(&literal(&key))]) {
            tx.note(format!("{AFTER}\n{statement}"));
        }
    }
    Ok(())
}

async fn wanted(tx: &mut Tx, schema: &Schema, ops: &[Op]) -> Result<Vec<Wanted>> {
    let (future, touched) = future(schema, ops);
    let dialect = tx.dialect;
    let mut all = vec![];
    for id in touched {
        let (Ok(entity), Ok(before)) = (future.entity(id), schema.entity(id)) else { continue };
        if !entity.is_dedicated() {
            continue;
        }
        let (there, standing) = (tx.table_indexes(&entity.table).await?, tx.standing(&entity.table).await?);
        let known: Vec<_> = columns(schema, before).iter().map(|c| c.owner).collect();
        let columns = columns(&future, entity);
        let mut required = columns.clone();
        required.retain(|c| c.required && known.contains(&c.owner) && !standing.required.contains(&c.storage));
        let mut indexes = tables::indexes(dialect, &future, entity);
        indexes.retain(|index| !there.contains(&index.name));
        if required.is_empty() && indexes.is_empty() {
            continue;
        }
        all.push(Wanted { entity: entity.clone(), columns, indexes, required });
    }
    Ok(all)
}

fn rights(wanted: &[Wanted]) -> Vec<Right> {
    let mut rights: Vec<Right> = wanted.iter().map(|part| Right::Own(part.entity.table.clone())).collect();
    rights.extend(wanted.iter().any(|part| !part.indexes.is_empty()).then_some(Right::CreateTables));
    rights
}

/// The schema as the ops will make it, as far as columns that stand already are concerned, and the entities concerned.
fn future(schema: &Schema, ops: &[Op]) -> (Schema, Vec<EntityId>) {
    let (mut future, mut touched) = (schema.clone(), vec![]);
    for op in ops {
        match op {
            Op::SetField { entity, field, .. } => {
                let Some(slot) = future
                    .entities
                    .iter_mut()
                    .find(|e| e.id == *entity)
                    .and_then(|e| e.fields.iter_mut().find(|f| f.id == field.id))
                    .filter(|before| convert::keeps_values(&field_column(before), &field_column(field)))
                else {
                    continue;
                };
                slot.clone_from(field);
                touched.push(*entity);
            }
            Op::SetKeys { entity, keys } => {
                if let Some(slot) = future.entities.iter_mut().find(|e| e.id == *entity) {
                    slot.keys.clone_from(keys);
                    touched.push(*entity);
                }
            }
            Op::SetRelationship { relationship } => {
                if let Some(slot) = future.relationships.iter_mut().find(|r| r.id == relationship.id && !r.is_many_to_many()) {
                    slot.clone_from(relationship);
                    touched.push(relationship.holder());
                }
            }
            _ => {}
        }
    }
    touched.sort();
    touched.dedup();
    (future, touched)
}

impl Ahead {
    fn new(alone: Alone) -> Self {
        Self { key: format!("{MARK}{}", uuid::Uuid::now_v7()), made: vec![], alone }
    }

    async fn make(&mut self, store: &Store, wanted: &[Wanted]) -> Result<()> {
        for part in wanted {
            let table = part.entity.table.clone();
            let check = |c: &Column| Made::Check { table: table.clone(), name: alter::required_check(&table, c) };
            self.made.extend(part.required.iter().map(check));
            self.made.extend(part.indexes.iter().map(|index| Made::Index { name: index.name.clone() }));
        }
        self.alone.run(&format!("SELECT pg_advisory_lock({})", lock(&self.key))).await?;
        let (key, made) = (literal(&self.key), literal(&serde_json::to_string(&self.made)?));
        self.alone.run(&format!("INSERT INTO kdb_workspace (key, value) VALUES ({key}, {made})")).await?;
        faults::point(&store.location, "ahead: noted")?;
        for part in wanted {
            for column in &part.required {
                self.require(store, part, column).await?;
                faults::point(&store.location, "ahead: held against a check")?;
            }
            for index in &part.indexes {
                self.index(store, part, index).await?;
                faults::point(&store.location, "ahead: index made")?;
            }
        }
        Ok(())
    }

    async fn require(&mut self, store: &Store, part: &Wanted, column: &Column) -> Result<()> {
        if !self.alone.rehearses() {
            data::refuse_missing(&mut store.read().await?, &part.entity, column).await?;
        }
        for statement in alter::check_required(store.dialect(), &part.entity.table, column) {
            if let Err(error) = self.alone.run(&statement).await {
                data::refuse_missing(&mut store.read().await?, &part.entity, column).await?;
                return Err(error);
            }
        }
        Ok(())
    }

    async fn index(&mut self, store: &Store, part: &Wanted, index: &tables::Index) -> Result<()> {
        // A crash may have left one that is not whole.
        if store.read().await?.unfinished_indexes(&part.entity.table).await?.contains(&index.name) {
            self.alone.run(&drop_index(store.dialect(), &index.name)).await?;
        }
        let Err(error) = self.alone.run(&index.ddl.replacen("INDEX", "INDEX CONCURRENTLY", 1)).await else { return Ok(()) };
        if error.code == ErrorCode::UniqueViolation {
            let columns = &part.columns;
            let several = keys(&part.entity, columns).into_iter().find(|key| key.id == index.owner);
            let parts: Vec<&Column> = match &several {
                Some(key) => key.columns.iter().map(|i| &columns[*i]).collect(),
                None => columns.iter().filter(|c| c.owner.to_string() == index.owner).collect(),
            };
            data::refuse_duplicates(&mut store.read().await?, &part.entity, &parts).await?;
        }
        Err(error)
    }

    /// Part of the edit: what was made is its own from now on.
    pub async fn adopt(&self, tx: &mut Tx) -> Result<()> {
        forget(tx, &self.key).await
    }

    /// After an edit that failed. What cannot be taken away now is so when the workspace is opened next.
    pub async fn take_back(self, store: &Store) {
        let Self { key, made, mut alone } = self;
        if let Err(error) = clear(store, &mut alone, &key, &made).await {
            tracing::warn!(%error, "what was made ahead of an edit is still there");
            // Its lock goes with a connection that is lost.
            drop(alone);
            tidy(store, vec![(key, made)]).await;
        }
    }
}

fn lock(key: &str) -> String {
    format!("{LOCK_SPACE}, hashtext({})", literal(key))
}

fn drop_index(dialect: &dyn Dialect, name: &str) -> String {
    format!("DROP INDEX CONCURRENTLY IF EXISTS {}", dialect.quote(name))
}

async fn forget(tx: &mut Tx, key: &str) -> Result<()> {
    let mut sql = Sql::new(tx.dialect, "DELETE FROM kdb_workspace WHERE key = ");
    sql.bind(key);
    tx.execute(sql.build()).await?;
    Ok(())
}

/// Clears away what crashes have left, and finishes what they have left undone. What cannot be done now is for whoever comes next.
pub async fn tidy(store: &Store, left: Vec<(String, Vec<Made>)>) {
    for (key, made) in left {
        if let Err(error) = settle(store, &key, &made).await {
            tracing::warn!(%error, "what was made ahead of an edit is still there");
        }
    }
}

async fn settle(store: &Store, key: &str, made: &[Made]) -> Result<()> {
    let Some(mut alone) = store.alone().await? else { return Ok(()) };
    let free = alone.run(&format!("SELECT pg_try_advisory_lock({})", lock(key))).await?;
    // Somebody is at it.
    if free.first().is_none_or(|row| row.integer(0).is_ok_and(|free| free == 0)) {
        return Ok(());
    }
    clear(store, &mut alone, key, made).await
}

/// Under the key's lock. The edit that makes these things its own takes the key away with its commit.
async fn clear(store: &Store, alone: &mut Alone, key: &str, made: &[Made]) -> Result<()> {
    let key = literal(key);
    alone.run(IMPATIENCE).await?;
    // Locked: where the answer to the edit's commit was lost, it may still be under way.
    if alone.run(&format!("SELECT 1 FROM kdb_workspace WHERE key = {key} FOR UPDATE")).await?.is_empty() {
        return Ok(());
    }
    for made in made {
        let statement = settling(store.dialect(), made);
        match alone.run(&statement).await {
            // The key is gone by now.
            Err(error) if error.details["sqlstate"] == "42704" => {}
            other => drop(other?),
        }
    }
    alone.run(&forgetting(&key)).await?;
    Ok(())
}

/// What clears away something made, or finishes it.
fn settling(dialect: &dyn Dialect, made: &Made) -> String {
    match made {
        Made::Index { name } => drop_index(dialect, name),
        Made::Check { table, name } => {
            format!("ALTER TABLE IF EXISTS {} DROP CONSTRAINT IF EXISTS {}", dialect.quote(table), dialect.quote(name))
        }
        Made::Key { table, name } => {
            format!("ALTER TABLE IF EXISTS {} VALIDATE CONSTRAINT {}", dialect.quote(table), dialect.quote(name))
        }
    }
}

/// `key`: as a literal.
fn forgetting(key: &str) -> String {
    format!("DELETE FROM kdb_workspace WHERE key = {key}")
}

/// Part of an edit: foreign keys it has made, to be held against every row once it is committed. Returns what to give to [`tidy`] then.
pub async fn note_keys(tx: &mut Tx, made: Vec<Made>) -> Result<Vec<(String, Vec<Made>)>> {
    if made.is_empty() {
        return Ok(vec![]);
    }
    let key = format!("{MARK}{}", uuid::Uuid::now_v7());
    let mut sql = Sql::new(tx.dialect, "INSERT INTO kdb_workspace (key, value) VALUES (");
    sql.bind(key.clone()).push(", ").bind(serde_json::to_string(&made)?).push(")");
    tx.execute(sql.build()).await?;
    Ok(vec![(key, made)])
}

async fn left(tx: &mut Tx) -> Result<Vec<(String, Vec<Made>)>> {
    read(&tx.rows(AHEAD).await?)
}

/// From the rows of [`AHEAD`].
pub fn read(rows: &[Row]) -> Result<Vec<(String, Vec<Made>)>> {
    rows.iter().map(|row| Ok((row.text(0)?, serde_json::from_str(&row.text(1)?)?))).collect()
}
