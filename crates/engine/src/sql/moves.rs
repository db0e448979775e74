//! Set-based statements that move values and whole records between JSON and columns. No row travels through the client.

use super::{
    Column, Dialect, Sql, Statement,
    records::{HEAD, Place},
};

/// `INSERT INTO table (…) SELECT … FROM source` for records that lie as JSON (`kdb_records`, `kdb_dropped_records`); the caller appends the
/// condition. Values that do not fit come out as the database converts them: whoever calls this has them listed and sets them right.
pub fn into_columns(dialect: &'static dyn Dialect, table: &str, columns: &[Column], source: &str) -> Sql {
    copied(dialect, table, columns, source, |c| dialect.from_json("data", c))
}

/// The same by [`Dialect::cast_json`]: an error where a value does not fit. None where there is no such way.
pub fn cast_into_columns(dialect: &'static dyn Dialect, table: &str, columns: &[Column], source: &str) -> Option<Sql> {
    let casts: Option<Vec<String>> = columns.iter().map(|c| dialect.cast_json("data", c)).collect();
    let mut casts = casts?.into_iter();
    Some(copied(dialect, table, columns, source, |_| casts.next().unwrap_or_default()))
}

fn copied(dialect: &'static dyn Dialect, table: &str, columns: &[Column], source: &str, value: impl FnMut(&Column) -> String) -> Sql {
    let head = Place::Dedicated(String::new());
    let names: Vec<String> = ["id"]
        .map(str::to_owned)
        .into_iter()
        .chain(columns.iter().map(|c| dialect.quote(&c.storage)))
        .chain(HEAD[1..].iter().map(|h| head.head(h).to_owned()))
        .collect();
    let values: Vec<String> =
        ["id"].map(str::to_owned).into_iter().chain(columns.iter().map(value)).chain(HEAD[1..].iter().map(|h| (*h).to_owned())).collect();
    Sql::new(
        dialect,
        &format!("INSERT INTO {} ({})\nSELECT {}\nFROM {source}\nWHERE ", dialect.quote(table), names.join(", "), values.join(", ")),
    )
}

/// A dedicated record's values as the JSON object of a shared record, values kept aside put back in their place.
pub fn data_expression(dialect: &dyn Dialect, columns: &[Column]) -> String {
    let plain: Vec<(String, String)> =
        columns.iter().map(|c| (c.storage.clone(), dialect.to_json(&dialect.quote(&c.storage), c))).collect();
    let kept: Vec<(String, String)> = columns
        .iter()
        .zip(&plain)
        .map(|(c, (key, value))| {
            (key.clone(), format!("coalesce({}, {value})", dialect.json_value(&dialect.json_member("kdb_kept", &c.storage))))
        })
        .collect();
    format!("CASE WHEN kdb_kept IS NULL THEN {} ELSE {} END", dialect.json_object(&plain), dialect.json_object(&kept))
}

/// `INSERT INTO target (key, head…, data) SELECT … FROM table`; the caller appends the condition.
pub fn into_json(dialect: &'static dyn Dialect, table: &str, columns: &[Column], target: &str, key_column: &str, key: &str) -> Sql {
    let place = Place::Dedicated(table.to_owned());
    let heads: Vec<&str> = HEAD.iter().map(|h| place.head(h)).collect();
    let mut sql = Sql::new(dialect, &format!("INSERT INTO {target} ({key_column}, {}, data)\nSELECT ", HEAD.join(", ")));
    sql.bind_id(key).push(&format!(", {}, {}\nFROM {}\nWHERE ", heads.join(", "), data_expression(dialect, columns), dialect.quote(table)));
    sql
}

/// Index rows of a shared column, made from the records themselves.
pub fn fill_entries(dialect: &'static dyn Dialect, entity: &str, column: &Column) -> Statement {
    let key = dialect.index_key("data", column);
    let mut sql = Sql::new(dialect, "INSERT INTO kdb_index_entries (index_id, value, record_id, is_unique)\nSELECT ");
    sql.bind(column.owner)
        .push(&format!(", {}, id, {}\nFROM kdb_records\nWHERE entity_id = ", dialect.entry(&key), u8::from(column.unique)))
        .bind_id(entity);
    sql.push(&format!(" AND {key} IS NOT NULL"));
    sql.build()
}

/// Index rows of a shared key over several columns: a JSON list of their texts, null where any is null.
pub fn fill_key_entries(dialect: &'static dyn Dialect, entity: &str, key: &str, columns: &[&Column]) -> Statement {
    let keys: Vec<String> = columns.iter().map(|c| dialect.index_key("data", c)).collect();
    let present: Vec<String> = keys.iter().map(|k| format!("{k} IS NOT NULL")).collect();
    let mut sql = Sql::new(dialect, "INSERT INTO kdb_index_entries (index_id, value, record_id, is_unique)\nSELECT ");
    sql.bind_id(key)
        .push(&format!(", {}, id, 1\nFROM kdb_records\nWHERE entity_id = ", dialect.entry(&dialect.json_list(&keys))))
        .bind_id(entity);
    sql.push(&format!(" AND {}", present.join(" AND ")));
    sql.build()
}

/// `(value, records)` of values that more than one record has.
pub fn duplicates(dialect: &'static dyn Dialect, place: &Place, columns: &[&Column]) -> Statement {
    let keys: Vec<String> = columns.iter().map(|c| place.key(dialect, c)).collect();
    let present: Vec<String> = keys.iter().map(|k| format!("({k}) IS NOT NULL")).collect();
    let mut sql =
        Sql::new(dialect, &format!("SELECT {}, count(*), min({}) FROM {} WHERE ", keys[0], dialect.id_text("id"), place.table(dialect)));
    place.scope(&mut sql);
    sql.push(&format!(" AND {} GROUP BY {} HAVING count(*) > 1 LIMIT 10", present.join(" AND "), keys.join(", ")));
    sql.build()
}

pub fn delete_index(dialect: &'static dyn Dialect, index: &str) -> Statement {
    let mut sql = Sql::new(dialect, "DELETE FROM kdb_index_entries WHERE index_id = ");
    sql.bind_id(index);
    sql.build()
}

/// A column's value as JSON text, be it kept aside; null where there is none.
fn value_text(dialect: &dyn Dialect, place: &Place, column: &Column) -> String {
    match place {
        Place::Shared(_) => dialect.json_member("data", &column.storage),
        Place::Dedicated(_) => {
            let native = dialect.quote(&column.storage);
            let kept = dialect.json_member("kdb_kept", &column.storage);
            format!("coalesce({kept}, CASE WHEN {native} IS NOT NULL THEN {} END)", dialect.json_text(&native, column))
        }
    }
}

/// The condition that a record has a value in the column, be it kept aside.
pub fn has_value(dialect: &dyn Dialect, place: &Place, column: &Column) -> String {
    format!("{} IS NOT NULL", value_text(dialect, place, column))
}

/// Puts every value of a column away under `drop`, as JSON text.
pub fn put_away(dialect: &'static dyn Dialect, place: &Place, column: &Column, drop: &str) -> Statement {
    let value = value_text(dialect, place, column);
    let mut sql = Sql::new(dialect, "INSERT INTO kdb_dropped_values (drop_id, record_id, value)\nSELECT ");
    sql.bind_id(drop).push(&format!(", id, {value} FROM {} WHERE ", place.table(dialect)));
    place.scope(&mut sql);
    sql.push(&format!(" AND {value} IS NOT NULL"));
    sql.build()
}

/// `(id, value)` of the next records after `after` that have a value in the column, as [`put_away`] would put it away.
pub fn values_after(dialect: &'static dyn Dialect, place: &Place, column: &Column, after: &str, limit: u32) -> Statement {
    let value = value_text(dialect, place, column);
    let mut sql = Sql::new(dialect, &format!("SELECT {}, {value} FROM {} WHERE ", dialect.id_text("id"), place.table(dialect)));
    place.scope(&mut sql);
    sql.push(&format!(" AND {value} IS NOT NULL AND id > ")).bind_id(after).push(&format!(" ORDER BY id LIMIT {limit}"));
    sql.build()
}

/// Takes a column's values out of the JSON they lie in: all of a shared record's, or what was kept aside of a dedicated one's.
pub fn clear(dialect: &'static dyn Dialect, place: &Place, column: &Column) -> Statement {
    let data = if place.is_shared() { "data" } else { "kdb_kept" };
    let removed = dialect.json_remove(data, &column.storage);
    let removed = if place.is_shared() { removed } else { format!("nullif({removed}, '{{}}')") };
    let mut sql = Sql::new(dialect, &format!("UPDATE {} SET {data} = {removed} WHERE ", place.table(dialect)));
    place.scope(&mut sql);
    sql.push(&format!(" AND {} IS NOT NULL", dialect.json_member(data, &column.storage)));
    sql.build()
}

/// Puts the values of `drop` back into a column. In a dedicated table, those that do not fit are kept aside.
pub fn put_back(dialect: &'static dyn Dialect, place: &Place, column: &Column, drop: &str) -> Vec<Statement> {
    let table = place.table(dialect);
    let value = "(SELECT v.value FROM kdb_dropped_values v WHERE v.drop_id = ";
    let bind = |sql: &mut Sql| {
        sql.bind_id(drop).push(&format!(" AND v.record_id = {table}.id)"));
    };
    let within = |sql: &mut Sql| {
        sql.push(" WHERE ");
        place.scope(sql);
        sql.push(" AND id IN (SELECT record_id FROM kdb_dropped_values WHERE drop_id = ").bind_id(drop).push(")");
    };
    if place.is_shared() {
        // The value is bound in the middle of an expression, so the text around it is split at a marker.
        let set = dialect.json_set("data", &column.storage, "\u{1}");
        let (head, tail) = set.split_once('\u{1}').unwrap_or((&set, ""));
        let mut sql = Sql::new(dialect, &format!("UPDATE {table} SET data = {head}{value}"));
        bind(&mut sql);
        sql.push(tail);
        within(&mut sql);
        return vec![sql.build()];
    }
    let object = dialect.json_object(&[(column.storage.clone(), dialect.json_value("v.value"))]);
    let native = dialect.quote(&column.storage);
    let fits = dialect.fits(&object, column);
    let mut fill = Sql::new(
        dialect,
        &format!(
            "UPDATE {table} SET {native} = (SELECT {} FROM kdb_dropped_values v WHERE {fits} AND v.drop_id = ",
            dialect.from_json(&object, column)
        ),
    );
    bind(&mut fill);
    within(&mut fill);
    let set = dialect.json_set("coalesce(kdb_kept, '{}')", &column.storage, "\u{1}");
    let (head, tail) = set.split_once('\u{1}').unwrap_or((&set, ""));
    let mut keep = Sql::new(dialect, &format!("UPDATE {table} SET kdb_kept = {head}{value}"));
    bind(&mut keep);
    keep.push(tail)
        .push(&format!(" WHERE {native} IS NULL AND id IN (SELECT record_id FROM kdb_dropped_values WHERE drop_id = "))
        .bind_id(drop)
        .push(")");
    vec![fill.build(), keep.build()]
}

/// Recomputes every record's primary value from a column, or to null.
pub fn refresh_primary(dialect: &'static dyn Dialect, place: &Place, column: Option<&Column>) -> Statement {
    let value = primary(dialect, place, column);
    let head = place.head("primary_value");
    let mut sql = Sql::new(dialect, &format!("UPDATE {} SET {head} = {value} WHERE ", place.table(dialect)));
    place.scope(&mut sql);
    sql.push(&format!(" AND {}", has_other_primary(dialect, place, column)));
    sql.build()
}

/// The condition that a record's primary value is not what the column makes it.
pub fn has_other_primary(dialect: &dyn Dialect, place: &Place, column: Option<&Column>) -> String {
    dialect.is_distinct(place.head("primary_value"), &format!("({})", primary(dialect, place, column)))
}

fn primary(dialect: &dyn Dialect, place: &Place, column: Option<&Column>) -> String {
    match (column, place) {
        (None, _) => "NULL".to_owned(),
        (Some(c), Place::Shared(_)) => format!("CASE WHEN {} THEN {} END", dialect.fits("data", c), dialect.from_json("data", c)),
        (Some(c), Place::Dedicated(_)) => dialect.quote(&c.storage),
    }
}
