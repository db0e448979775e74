//! What schema edits do to the values that are there: put away and brought back, indexed.

use serde_json::{Value, json};

use super::{Edit, by_hand, foreseen::Rule};
use crate::{
    error::{Error, ErrorCode, Result},
    model::{AttachmentId, Entity, EntityId, Field, FieldConfig, FieldId, FieldType, Relationship, UniqueKey, name},
    records::{CHUNK, Session, check, convert, links, read},
    sql::{
        Backend, Column, Sql, alter,
        columns::{KeyColumns, columns, keys},
        compare, moves,
        pairs::LINK,
        records::{Entry, Place, insert, insert_entries, rows_per_insert, selection},
        tables as ddl,
    },
    store::{Shape, Tx},
};

/// Rows read at a time.
const BATCH: u32 = 2000;

/// Makes room for a column and fills it: with what was put away under `restore`, else with its default.
pub async fn add_column(edit: &mut Edit<'_>, entity: EntityId, column: &Column, restore: Option<&str>) -> Result<()> {
    let entity = edit.schema.entity(entity)?.clone();
    let (dialect, place) = (edit.tx.dialect, Place::of(&entity));
    if entity.is_dedicated() {
        edit.tx.alter(ddl::add_column(dialect, &entity.table, column), added(&entity, column)).await?;
    }
    if let Some(drop) = restore {
        for statement in moves::put_back(dialect, &place, column, drop) {
            edit.tx.execute(statement).await?;
        }
        return forget(edit, "kdb_dropped_values", drop).await;
    }
    let default = check::default_value(column, &edit.context.now);
    if let Some(foreseen) = &mut edit.foreseen {
        foreseen.added.push((column.owner, default.clone()));
    }
    if default.is_null() {
        return Ok(());
    }
    edit.touch(&place, || "1 = 1".to_owned());
    let mut sql = Sql::new(dialect, &format!("UPDATE {} SET ", place.table(dialect)));
    if place.is_shared() {
        let set = dialect.json_set("data", &column.storage, &crate::sql::literal(&default.to_string()));
        sql.push(&format!("data = {set} WHERE "));
    } else {
        sql.ident(&column.storage).push(" = ").bind(dialect.bind(column, &default)).push(" WHERE ");
    }
    place.scope(&mut sql);
    edit.tx.execute(sql.build()).await?;
    Ok(())
}

pub(super) fn added(entity: &Entity, column: &Column) -> Shape {
    Shape::ColumnAdded { table: entity.table.clone(), column: column.storage.clone() }
}

/// Puts a field's values away under `drop` and takes the column out.
pub async fn drop_column(edit: &mut Edit<'_>, entity: EntityId, column: &Column, drop: &str) -> Result<()> {
    let entity = edit.schema.entity(entity)?.clone();
    by_hand::refuse_views(edit, &entity, column).await?;
    by_hand::refuse_triggers(edit, &entity, column).await?;
    put_column_away(edit, &entity, column, drop).await?;
    if entity.is_dedicated() { by_hand::drop_column(edit, &entity, column).await } else { Ok(()) }
}

/// Puts a field's values away under `drop`.
pub(super) async fn put_column_away(edit: &mut Edit<'_>, entity: &Entity, column: &Column, drop: &str) -> Result<()> {
    let (dialect, place) = (edit.tx.dialect, Place::of(entity));
    edit.touch(&place, || moves::has_value(dialect, &place, column));
    edit.tx.execute(moves::put_away(dialect, &place, column, drop)).await?;
    edit.tx.execute(moves::clear(dialect, &place, column)).await?;
    edit.tx.execute(moves::delete_index(dialect, &column.owner.to_string())).await?;
    Ok(())
}

/// The same for a relationship's column. SQLite drops no column with a foreign key: the key goes first, by a definition without it.
pub async fn drop_reference(edit: &mut Edit<'_>, entity: EntityId, column: &Column, drop: &str) -> Result<()> {
    let entity = edit.schema.entity(entity)?.clone();
    if entity.is_dedicated() && edit.tx.dialect.backend() == Backend::Sqlite {
        let dialect = edit.tx.dialect;
        let order = edit.tx.table_columns(&entity.table).await?;
        // The schema no longer knows the column, the table still has it: a plain field stands for it where it is.
        let mut plain = entity.clone();
        plain.fields.push(stand_in(column));
        let definition = ddl::create_table(dialect, &edit.schema, &plain, &entity.table, Some(&order));
        edit.tx.rewrite_definition(&entity.table, &definition).await?;
    }
    drop_column(edit, entity.id, column, drop).await
}

/// A field that holds ids and asks nothing of them.
fn stand_in(column: &Column) -> Field {
    Field {
        id: AttachmentId::new(),
        field_id: FieldId::new(),
        name: column.storage.clone(),
        label: None,
        field_type: FieldType::Uuid,
        config: FieldConfig::default(),
        description: None,
        storage: column.storage.clone(),
        order: 0,
        required: false,
        unique: false,
        indexed: false,
        default: None,
        visible: true,
        read_only: false,
        shared: false,
    }
}

/// # Errors
/// `required_missing` with how many records have no value.
pub async fn check_required(edit: &mut Edit<'_>, entity: EntityId, column: &Column) -> Result<()> {
    if !column.required {
        return Ok(());
    }
    let entity = edit.schema.entity(entity)?.clone();
    if let Some(foreseen) = &mut edit.foreseen {
        foreseen.look(&entity, &[column], Rule::Required);
        return Ok(());
    }
    if entity.is_dedicated() && edit.tx.dialect.backend() == Backend::Postgres {
        // It was looked at ahead of the edit.
        let check = alter::required_check(&entity.table, column);
        if edit.tx.checks(&entity.table).await?.contains(&check) {
            return Ok(());
        }
    }
    refuse_missing(edit.tx, &entity, column).await
}

/// # Errors
/// As [`check_required`].
pub async fn refuse_missing(tx: &mut Tx, entity: &Entity, column: &Column) -> Result<()> {
    let (dialect, place) = (tx.dialect, Place::of(entity));
    let mut sql = Sql::new(dialect, &format!("SELECT count(*), min({}) FROM {} WHERE ", dialect.id_text("id"), place.table(dialect)));
    place.scope(&mut sql);
    let missing = match &place {
        Place::Shared(_) => dialect.json_member("data", &column.storage),
        Place::Dedicated(_) => place.native(dialect, column),
    };
    sql.push(&format!(" AND {missing} IS NULL"));
    let row = tx.row(sql.build()).await?;
    let count = row.as_ref().map_or(Ok(0), |r| r.count(0))?;
    if count == 0 {
        return Ok(());
    }
    Err(Error::new(
        ErrorCode::RequiredMissing,
        format!(
            "{}.{} cannot be required: {count} records have no value for it. Give it a default, or fill them in first.",
            entity.name, column.name
        ),
    )
    .with(json!({ "entity": entity.name, "field": column.name, "count": count, "record": row.and_then(|r| r.opt_text(1)) })))
}

/// Index rows of a shared column as its flags say, after making sure that unique values are.
///
/// # Errors
/// `unique_violation` with the values that stand twice.
pub async fn index(edit: &mut Edit<'_>, entity: EntityId, column: &Column) -> Result<()> {
    let entity = edit.schema.entity(entity)?.clone();
    let (dialect, place) = (edit.tx.dialect, Place::of(&entity));
    if column.unique {
        hold_unique(edit, &entity, &column.owner.to_string(), &[column]).await?;
    }
    if place.is_shared() {
        edit.tx.execute(moves::delete_index(dialect, &column.owner.to_string())).await?;
        if column.has_entries() && dialect.makes_index_key(column) {
            edit.tx.execute(moves::fill_entries(dialect, &entity.id.to_string(), column)).await?;
        } else if column.has_entries() {
            write_entries(edit, &entity, &column.owner.to_string()).await?;
        }
    }
    Ok(())
}

/// # Errors
/// As [`refuse_duplicates`], where no unique index says it already.
async fn hold_unique(edit: &mut Edit<'_>, entity: &Entity, owner: &str, parts: &[&Column]) -> Result<()> {
    if let Some(foreseen) = &mut edit.foreseen {
        foreseen.look(entity, parts, Rule::Unique);
        return Ok(());
    }
    if stands(edit, entity, owner).await? { Ok(()) } else { refuse_duplicates(edit.tx, entity, parts).await }
}

/// Whether the unique index of this column or key stands already, so that nothing has to be looked at.
async fn stands(edit: &mut Edit<'_>, entity: &Entity, owner: &str) -> Result<bool> {
    if !entity.is_dedicated() || edit.tx.dialect.backend() == Backend::Sqlite {
        return Ok(false);
    }
    let there = edit.tx.table_indexes(&entity.table).await?;
    let wanted = ddl::indexes(edit.tx.dialect, &edit.schema, entity);
    Ok(wanted.iter().any(|index| index.unique && index.owner == owner && there.contains(&index.name)))
}

/// # Errors
/// `unique_violation` with the values that stand twice.
pub async fn refuse_duplicates(tx: &mut Tx, entity: &Entity, parts: &[&Column]) -> Result<()> {
    let statement = moves::duplicates(tx.dialect, &Place::of(entity), parts);
    let rows = tx.rows(statement).await?;
    let Some(first) = rows.first() else { return Ok(()) };
    let names: Vec<&str> = parts.iter().map(|c| c.name.as_str()).collect();
    let values: Vec<Value> =
        rows.iter().map(|r| json!({ "value": r.opt_text(0), "count": r.count(1).unwrap_or(0), "record": r.opt_text(2) })).collect();
    let shown = name::shorten(&first.opt_text(0).unwrap_or_default(), 80);
    Err(Error::new(
        ErrorCode::UniqueViolation,
        format!(
            "{}.{} cannot be unique: {shown:?} stands {} times. Change the others first.",
            entity.name,
            names.join(", "),
            first.count(1)?
        ),
    )
    .with(json!({ "entity": entity.name, "field": names.first(), "fields": names, "duplicates": values })))
}

/// Index rows of an entity's keys over several columns, after `before` was replaced.
pub async fn index_keys(edit: &mut Edit<'_>, entity: EntityId, before: &[UniqueKey]) -> Result<()> {
    let entity = edit.schema.entity(entity)?.clone();
    let dialect = edit.tx.dialect;
    for gone in before {
        edit.tx.execute(moves::delete_index(dialect, &gone.id.to_string())).await?;
    }
    let columns = columns(&edit.schema, &entity);
    for key in keys(&entity, &columns) {
        index_key(edit, &entity, &columns, &key).await?;
    }
    Ok(())
}

/// The same of the keys a column is part of whose values have become others.
pub async fn index_keys_with(edit: &mut Edit<'_>, entity: EntityId, column: &Column) -> Result<()> {
    let entity = edit.schema.entity(entity)?.clone();
    let columns = columns(&edit.schema, &entity);
    for key in keys(&entity, &columns).iter().filter(|key| key.columns.iter().any(|i| columns[*i].owner == column.owner)) {
        if !entity.is_dedicated() {
            edit.tx.execute(moves::delete_index(edit.tx.dialect, &key.id)).await?;
        }
        index_key(edit, &entity, &columns, key).await?;
    }
    Ok(())
}

async fn index_key(edit: &mut Edit<'_>, entity: &Entity, columns: &[Column], key: &KeyColumns) -> Result<()> {
    let dialect = edit.tx.dialect;
    let parts: Vec<&Column> = key.columns.iter().map(|i| &columns[*i]).collect();
    hold_unique(edit, entity, &key.id, &parts).await?;
    if entity.is_dedicated() {
        return Ok(());
    }
    if parts.iter().all(|column| dialect.makes_index_key(column)) {
        edit.tx.execute(moves::fill_key_entries(dialect, &entity.id.to_string(), &key.id, &parts)).await?;
        Ok(())
    } else {
        write_entries(edit, entity, &key.id).await
    }
}

/// Index rows that the database cannot make as the engine would, made by the engine.
async fn write_entries(edit: &mut Edit<'_>, entity: &Entity, index: &str) -> Result<()> {
    let columns = columns(&edit.schema, entity);
    let keys = keys(entity, &columns);
    let mut last = String::new();
    loop {
        let mut session = Session { tx: &mut *edit.tx, schema: &edit.schema, context: edit.context };
        let page = read::after(&mut session, entity, &last, BATCH).await?;
        let Some(end) = page.last() else { return Ok(()) };
        last.clone_from(&end.id);
        let entries = page.iter().flat_map(|r| check::entries(&columns, &keys, &r.id, &r.values));
        let entries: Vec<Entry> = entries.filter(|e| e.index == index).collect();
        for chunk in entries.chunks(CHUNK) {
            edit.batch(insert_entries(edit.tx.dialect, chunk)).await?;
            if edit.tx.rehearses() {
                return Ok(());
            }
        }
    }
}

/// Puts an entity's records away under `drop` and takes them out of the shared table (a dedicated one is dropped by the caller).
pub async fn put_records_away(edit: &mut Edit<'_>, entity: &Entity, drop: &str) -> Result<()> {
    let dialect = edit.tx.dialect;
    let columns: Vec<Column> = entity.fields.iter().map(crate::sql::columns::field_column).collect();
    if entity.is_dedicated() {
        let mut sql = moves::into_json(dialect, &entity.table, &columns, "kdb_dropped_records", "drop_id", drop);
        sql.push("1 = 1");
        edit.tx.execute(sql.build()).await?;
        return Ok(());
    }
    let heads = crate::sql::records::HEAD.join(", ");
    let mut sql = Sql::new(dialect, &format!("INSERT INTO kdb_dropped_records (drop_id, {heads}, data) SELECT "));
    sql.bind_id(drop).push(&format!(", {heads}, data FROM kdb_records WHERE entity_id = ")).bind(entity.id);
    edit.tx.execute(sql.build()).await?;
    let mut sql = Sql::new(dialect, "DELETE FROM kdb_records WHERE entity_id = ");
    sql.bind(entity.id);
    edit.tx.execute(sql.build()).await?;
    for index in columns.iter().map(|c| c.owner.to_string()).chain(entity.keys.iter().map(|k| k.id.to_string())) {
        edit.tx.execute(moves::delete_index(dialect, &index)).await?;
    }
    Ok(())
}

/// Brings an entity's records back from `drop`.
pub async fn restore_records(edit: &mut Edit<'_>, entity: EntityId, drop: &str) -> Result<()> {
    let dialect = edit.tx.dialect;
    let entity = edit.schema.entity(entity)?.clone();
    let columns: Vec<Column> = entity.fields.iter().map(crate::sql::columns::field_column).collect();
    if entity.is_dedicated() {
        restore_columns(edit, &entity, &columns, drop).await?;
    } else {
        let heads = crate::sql::records::HEAD.join(", ");
        let mut sql = Sql::new(dialect, &format!("INSERT INTO kdb_records (entity_id, {heads}, data) SELECT "));
        sql.bind(entity.id).push(&format!(", {heads}, data FROM kdb_dropped_records WHERE drop_id = ")).bind_id(drop);
        edit.tx.execute(sql.build()).await?;
        for column in &columns {
            index(edit, entity.id, column).await?;
        }
        index_keys(edit, entity.id, &[]).await?;
    }
    forget(edit, "kdb_dropped_records", drop).await
}

/// Fills a dedicated table from `drop`: whole where every value fits its column, one by one where some go aside again.
async fn restore_columns(edit: &mut Edit<'_>, entity: &Entity, columns: &[Column], drop: &str) -> Result<()> {
    let dialect = edit.tx.dialect;
    let fit = compare::all(&columns.iter().map(|c| dialect.fits("data", c)).collect::<Vec<_>>());
    let mut sql = moves::into_columns(dialect, &entity.table, columns, "kdb_dropped_records");
    sql.push("drop_id = ").bind_id(drop).push(&format!(" AND {fit}"));
    edit.tx.execute(sql.build()).await?;
    let (shared, place) = (Place::Shared(entity.id), Place::of(entity));
    let mut last = String::new();
    loop {
        let selected = selection(dialect, &shared, columns);
        let mut sql = Sql::new(dialect, &format!("SELECT {selected} FROM kdb_dropped_records WHERE drop_id = "));
        sql.bind_id(drop).push(&format!(" AND NOT ({fit}) AND id > ")).bind_id(&last).push(&format!(" ORDER BY id LIMIT {BATCH}"));
        let rows = edit.tx.rows(sql.build()).await?;
        let Some(end) = rows.last() else { return Ok(()) };
        last = end.text(0)?;
        let mut records = rows.iter().map(|row| convert::stored(dialect, &shared, columns, row)).collect::<Result<Vec<_>>>()?;
        for record in &mut records {
            record.kept = convert::split_kept(columns, &mut record.values, None);
        }
        for chunk in records.chunks(rows_per_insert(columns)) {
            edit.tx.execute(insert(dialect, &place, columns, chunk)).await?;
        }
    }
}

/// Puts a many-to-many's pairs away under `drop` and takes them, or their table, out.
pub async fn put_links_away(edit: &mut Edit<'_>, relationship: &Relationship, drop: &str) -> Result<()> {
    let dialect = edit.tx.dialect;
    let junction = edit.schema.has_junction_table(relationship);
    if edit.tx.rehearses() {
        let session = Session { tx: &mut *edit.tx, schema: &edit.schema, context: edit.context };
        let count = links::count(&session, relationship);
        let links = session.tx.count(count).await?;
        edit.foreseen.iter_mut().for_each(|foreseen| foreseen.links += links);
    }
    let mut sql = Sql::new(dialect, &format!("INSERT INTO kdb_dropped_links (drop_id, {LINK}) SELECT "));
    sql.bind_id(drop).push(&format!(", {LINK} FROM "));
    if junction {
        sql.ident(&relationship.storage);
    } else {
        sql.push("kdb_record_links WHERE relationship_id = ").bind(relationship.id);
    }
    edit.tx.execute(sql.build()).await?;
    let mut sql = Sql::new(dialect, if junction { "DROP TABLE " } else { "DELETE FROM kdb_record_links WHERE relationship_id = " });
    if junction {
        sql.ident(&relationship.storage);
    } else {
        sql.bind(relationship.id);
    }
    edit.tx.execute(sql.build()).await?;
    Ok(())
}

pub async fn restore_links(edit: &mut Edit<'_>, relationship: &Relationship, drop: &str) -> Result<()> {
    let dialect = edit.tx.dialect;
    let mut sql = if edit.schema.has_junction_table(relationship) {
        let mut sql = Sql::new(dialect, "INSERT INTO ");
        sql.ident(&relationship.storage).push(&format!(" ({LINK}) SELECT {LINK} FROM kdb_dropped_links WHERE drop_id = "));
        sql
    } else {
        let mut sql = Sql::new(dialect, &format!("INSERT INTO kdb_record_links (relationship_id, {LINK}) SELECT "));
        sql.bind(relationship.id).push(&format!(", {LINK} FROM kdb_dropped_links WHERE drop_id = "));
        sql
    };
    sql.bind_id(drop);
    edit.tx.execute(sql.build()).await?;
    forget(edit, "kdb_dropped_links", drop).await
}

pub(super) async fn forget(edit: &mut Edit<'_>, table: &str, drop: &str) -> Result<()> {
    let mut sql = Sql::new(edit.tx.dialect, &format!("DELETE FROM {table} WHERE drop_id = "));
    sql.bind_id(drop);
    edit.tx.execute(sql.build()).await?;
    Ok(())
}
