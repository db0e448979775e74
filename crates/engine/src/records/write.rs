//! Inserting and updating: the one write path of record values.

use serde_json::{Value, json};
use std::collections::HashMap;

use super::{
    CHUNK, Session,
    check::{self, Candidate},
    convert,
    events::{self, Event},
    links, read,
};
use crate::{
    error::{Error, ErrorCode, Result},
    model::{Data, Entity, RecordId, RelationshipId, Schema, name, value},
    sql::{
        Column, ColumnOwner,
        columns::{KeyColumns, columns, keys},
        records::{self, Entry, Place, StoredRecord},
    },
};

/// A record to be made.
#[derive(Debug, Clone, Default)]
pub struct NewRecord {
    /// Made when none is given.
    pub id: Option<RecordId>,
    /// By field name. A many-to-many's name may stand here too, with a list of ids to link.
    pub data: Data,
}

/// What happens to a value that does not fit its field's type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Misfit {
    /// `type_mismatch`.
    Refuse,
    /// Kept as it is, and shown with a warning (imports: nothing is lost, nothing stops).
    Keep,
}

/// An entity's columns with everything a write needs to know of them.
pub struct Layout<'a> {
    pub entity: &'a Entity,
    pub place: Place,
    pub columns: Vec<Column>,
    pub keys: Vec<KeyColumns>,
    by_name: HashMap<String, usize>,
    links: HashMap<String, RelationshipId>,
    primary: Option<usize>,
}

impl<'a> Layout<'a> {
    pub fn new(schema: &Schema, entity: &'a Entity) -> Self {
        let columns = columns(schema, entity);
        let mut by_name: HashMap<String, usize> = HashMap::new();
        for relationship in schema.columns(entity.id) {
            let own = columns.iter().position(|c| c.owner == ColumnOwner::Relationship(relationship.id));
            // Under the relationship's own name too, where that is not also a field's.
            let alias = if relationship.source == entity.id { Some(&relationship.name) } else { relationship.inverse_name.as_ref() };
            if let (Some(own), Some(alias)) = (own, alias) {
                by_name.insert(name::folded(alias), own);
            }
        }
        by_name.extend(columns.iter().enumerate().map(|(i, c)| (name::folded(&c.name), i)));
        let links = schema.junctions(entity.id).filter(|r| r.source == entity.id).map(|r| (name::folded(&r.name), r.id)).collect();
        let primary = entity.primary_field().and_then(|f| columns.iter().position(|c| c.owner == ColumnOwner::Field(f.id)));
        Self { place: Place::of(entity), keys: keys(entity, &columns), columns, by_name, links, primary, entity }
    }

    /// # Errors
    /// `unknown_field` with the names there are.
    fn position(&self, schema: &Schema, field: &str) -> Result<usize> {
        self.by_name.get(&name::folded(field)).copied().ok_or_else(|| schema.unknown_field(self.entity, field))
    }

    /// Whether a record's data may hold this key: a field, a relationship's field, or a many-to-many.
    pub fn knows(&self, key: &str) -> bool {
        let folded = name::folded(key);
        self.by_name.contains_key(&folded) || self.links.contains_key(&folded)
    }

    /// The column a key of a record's data means.
    pub fn column(&self, key: &str) -> Option<&Column> {
        self.by_name.get(&name::folded(key)).map(|i| &self.columns[*i])
    }

    fn primary_value(&self, values: &[Value]) -> Option<String> {
        values[self.primary?].as_str().map(str::to_owned)
    }
}

/// What an insert did.
#[derive(Debug, Default)]
pub struct Inserted {
    pub records: Vec<StoredRecord>,
    /// Values kept though they do not fit.
    pub misfits: u32,
}

/// A record to be made, by column position: what [`insert_rows`] takes.
#[derive(Debug, Clone, Default)]
pub struct NewRow {
    /// Made when none is given.
    pub id: Option<RecordId>,
    /// One for each column; where there is none the default applies.
    pub values: Vec<Option<Value>>,
}

/// What the caller has made sure of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trust {
    Nothing,
    /// Every record referred to is written in this same transaction, be it later: records may refer to each other in circles.
    References,
}

/// Inserts records into one entity: all or none.
///
/// # Errors
/// `unknown_field`, `type_mismatch`, `required_missing`, `dangling_reference`, `unique_violation`.
pub async fn insert(session: &mut Session<'_>, layout: &Layout<'_>, rows: Vec<NewRecord>, misfit: Misfit) -> Result<Inserted> {
    let mut to_link: Vec<(RelationshipId, RecordId, Value)> = vec![];
    let mut by_position = Vec::with_capacity(rows.len());
    for row in rows {
        let id = row.id.unwrap_or_default();
        let mut values: Vec<Option<Value>> = vec![None; layout.columns.len()];
        for (field, value) in row.data {
            match layout.position(session.schema, &field) {
                Ok(i) => values[i] = Some(value),
                Err(unknown) => match layout.links.get(&name::folded(&field)) {
                    Some(relationship) => to_link.push((*relationship, id, value)),
                    None => return Err(unknown),
                },
            }
        }
        by_position.push(NewRow { id: Some(id), values });
    }
    let inserted = insert_rows(session, layout, by_position, misfit, Trust::Nothing).await?;
    for (relationship, record, others) in to_link {
        let others: Vec<RecordId> = serde_json::from_value(others.clone()).map_err(|_| {
            Error::new(ErrorCode::TypeMismatch, format!("{others} is not a list of record ids.")).with(json!({ "value": others }))
        })?;
        links::add(session, relationship, layout.entity.id, record, &others, None).await?;
    }
    Ok(inserted)
}

/// [`insert`] for many: values by position, and no question asked that the caller has answered.
///
/// # Errors
/// As [`insert`].
pub async fn insert_rows(
    session: &mut Session<'_>,
    layout: &Layout<'_>,
    rows: Vec<NewRow>,
    misfit: Misfit,
    trust: Trust,
) -> Result<Inserted> {
    let mut inserted = Inserted { records: Vec::with_capacity(rows.len()), misfits: 0 };
    for row in rows {
        let mut values = Vec::with_capacity(layout.columns.len());
        for (i, value) in row.values.into_iter().enumerate() {
            values.push(match value {
                Some(value) => fit(layout, i, value, misfit, &mut inserted.misfits)?,
                None => check::default_value(&layout.columns[i], &session.context.now),
            });
        }
        check::required(layout.entity, &layout.columns, &values)?;
        inserted.records.push(StoredRecord {
            id: row.id.unwrap_or_default().to_string(),
            version: 1,
            primary_value: layout.primary_value(&values),
            owner: session.context.author.clone(),
            created_at: session.context.now.clone(),
            created_by: session.context.author.clone(),
            updated_at: session.context.now.clone(),
            updated_by: session.context.author.clone(),
            values,
            kept: None,
        });
    }
    let candidates: Vec<Candidate<'_>> =
        inserted.records.iter().map(|r| Candidate { id: &r.id, values: &r.values, before: None }).collect();
    if trust != Trust::References {
        check::references(session, layout.entity, &layout.columns, &candidates).await?;
    }
    check::unique(session, layout.entity, &layout.columns, &layout.keys, &candidates).await?;
    let all: Vec<Event<'_>> = inserted.records.iter().map(|r| Event { record: &r.id, before: None, after: Some(&r.values) }).collect();
    events::write(session, layout.entity.id, &layout.columns, &all).await?;
    store(session, layout, &inserted.records).await?;
    Ok(inserted)
}

fn fit(layout: &Layout<'_>, column: usize, value: Value, misfit: Misfit, misfits: &mut u32) -> Result<Value> {
    let column = &layout.columns[column];
    match check::normalize(layout.entity, column, &value) {
        // A reference that is none could never be followed: it is refused whoever writes it.
        Err(_) if misfit == Misfit::Keep && column.target.is_none() && !holds_nul(&value) => {
            *misfits += 1;
            // In one form, as some databases keep JSON by its meaning.
            value::canonical_json(&value).map_err(Error::invalid)
        }
        other => other,
    }
}

fn holds_nul(value: &Value) -> bool {
    match value {
        Value::String(s) => s.contains('\0'),
        Value::Array(items) => items.iter().any(holds_nul),
        Value::Object(map) => map.iter().any(|(k, v)| k.contains('\0') || holds_nul(v)),
        _ => false,
    }
}

/// Stores records as they are, with their index rows. The rules have been checked, and events are written by whoever calls it.
pub async fn store(session: &mut Session<'_>, layout: &Layout<'_>, rows: &[StoredRecord]) -> Result<()> {
    let dialect = session.tx.dialect;
    for chunk in rows.chunks(records::rows_per_insert(&layout.columns)) {
        if layout.place.is_shared() {
            session.tx.execute(records::insert(dialect, &layout.place, &layout.columns, chunk)).await?;
            let entries: Vec<Entry> = chunk.iter().flat_map(|r| check::entries(&layout.columns, &layout.keys, &r.id, &r.values)).collect();
            for entries in entries.chunks(CHUNK * 4) {
                session.tx.execute(records::insert_entries(dialect, entries)).await?;
            }
        } else {
            let mut chunk = chunk.to_vec();
            for row in &mut chunk {
                row.kept = convert::split_kept(&layout.columns, &mut row.values, row.kept.as_deref());
            }
            session.tx.execute(records::insert(dialect, &layout.place, &layout.columns, &chunk)).await?;
        }
    }
    Ok(())
}

/// Changes the values named in `patch`. `version` is the one the caller read; none checks nothing.
///
/// # Errors
/// `unknown_record`, `stale_version` (with the record as it is now), and those of [`insert`].
pub async fn update(
    session: &mut Session<'_>,
    layout: &Layout<'_>,
    id: RecordId,
    patch: Data,
    version: Option<u32>,
) -> Result<StoredRecord> {
    let before = read::to_change(session, layout.entity, &layout.columns, id).await?;
    if let Some(version) = version.filter(|v| *v != before.version) {
        let now = convert::data(&layout.columns, &before.values);
        return Err(Error::new(
            ErrorCode::StaleVersion,
            format!("Somebody changed this record of {} meanwhile. Look at both values and choose.", layout.entity.title()),
        )
        .with(json!({ "entity": layout.entity.name, "record": id, "yours": patch, "current": now, "read_version": version, "version": before.version })));
    }
    let mut values = before.values.clone();
    for (field, value) in patch {
        let i = layout.position(session.schema, &field)?;
        values[i] = check::normalize(layout.entity, &layout.columns[i], &value)?;
    }
    if values == before.values {
        return Ok(before);
    }
    check::required(layout.entity, &layout.columns, &values)?;
    let after = revised(session, layout, &before, values);
    let candidate = [Candidate { id: &after.id, values: &after.values, before: Some(&before.values) }];
    check::references(session, layout.entity, &layout.columns, &candidate).await?;
    check::unique(session, layout.entity, &layout.columns, &layout.keys, &candidate).await?;
    overwrite(session, layout, &before, &after).await?;
    Ok(after)
}

/// The next version of a record, with these values.
pub fn revised(session: &Session<'_>, layout: &Layout<'_>, before: &StoredRecord, values: Vec<Value>) -> StoredRecord {
    StoredRecord {
        version: before.version + 1,
        primary_value: layout.primary_value(&values),
        updated_at: session.context.now.clone(),
        updated_by: session.context.author.clone(),
        values,
        ..before.clone()
    }
}

/// Writes a new version over the old one, with its index rows and its event. The rules have been checked.
pub async fn overwrite(session: &mut Session<'_>, layout: &Layout<'_>, before: &StoredRecord, after: &StoredRecord) -> Result<()> {
    let dialect = session.tx.dialect;
    let mut row = after.clone();
    if !layout.place.is_shared() {
        row.kept = convert::split_kept(&layout.columns, &mut row.values, row.kept.as_deref());
    }
    if session.tx.execute(records::update(dialect, &layout.place, &layout.columns, &row)).await? != 1 {
        return Err(read::unknown(layout.entity, &after.id));
    }
    if layout.place.is_shared() {
        let old = check::entries(&layout.columns, &layout.keys, &before.id, &before.values);
        let new = check::entries(&layout.columns, &layout.keys, &after.id, &after.values);
        let gone: Vec<Entry> = old.iter().filter(|e| !new.contains(e)).cloned().collect();
        let come: Vec<Entry> = new.into_iter().filter(|e| !old.contains(e)).collect();
        if !gone.is_empty() {
            session.tx.execute(records::delete_entries(dialect, &gone)).await?;
        }
        if !come.is_empty() {
            session.tx.execute(records::insert_entries(dialect, &come)).await?;
        }
    }
    let event = [Event { record: &after.id, before: Some(&before.values), after: Some(&after.values) }];
    events::write(session, layout.entity.id, &layout.columns, &event).await
}
