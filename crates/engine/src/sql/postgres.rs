//! What is particular to Postgres.

use serde_json::Value;

use super::{
    Backend, Bind, Cell, Column, Dialect,
    compare::all,
    dialect::{Lock, Words, hex, letter_forms, unhex},
    literal, long,
    postgres_shape::shape,
};
use crate::model::StorageType;

#[derive(Debug)]
pub struct Postgres;

/// A year before the first is written otherwise: year 0 is 1 BC.
const YEAR_ZERO: &str = "0000";
/// Days and times of year 0 as Postgres reads them.
fn written(text: &str) -> String {
    match text.strip_prefix(YEAR_ZERO) {
        Some(rest) => format!("0001{rest} BC"),
        None => text.to_owned(),
    }
}

fn cast_moment(text: &str, to: &str) -> String {
    format!("CASE WHEN {text} LIKE '{YEAR_ZERO}%' THEN ('0001' || substr({text}, 5) || ' BC')::{to} ELSE ({text})::{to} END")
}

fn text_of(data: &str, column: &Column) -> String {
    format!("({data} ->> {})", literal(&column.storage))
}

fn json_of(data: &str, storage: &str) -> String {
    format!("({data} -> {})", literal(storage))
}

/// The condition that a JSON number is one the column's type holds.
fn number_fits(json: &str, column: &Column) -> String {
    let number = format!("{json}::numeric");
    let range = if column.storage_type() == StorageType::Integer {
        format!("scale({number}) = 0 AND {number} BETWEEN {} AND {}", i64::MIN, i64::MAX)
    } else {
        format!("({number} = 0 OR abs({number}) BETWEEN 5e-324 AND 1.7976931348623157e308)")
    };
    format!("CASE WHEN jsonb_typeof({json}) = 'number' THEN {range} ELSE false END")
}

/// The canonical text of a column's value as the session's settings have it: made quicker than one of ours, and another only in years
/// before the first. None where the value itself is its text, or JSON is no string there.
fn session_text(native: &str, column: &Column) -> Option<String> {
    Some(match column.storage_type() {
        StorageType::Decimal | StorageType::Uuid | StorageType::Date => format!("({native})::text"),
        StorageType::Datetime => format!("translate(left(({native})::text, -3), ' ', 'T') || 'Z'"),
        StorageType::Binary => format!("encode({native}, 'hex')"),
        _ => return None,
    })
}

/// The condition that a value the database knows is one of ours: its numbers know some that are none, its days some without end.
fn sound(native: &str, column: &Column) -> Option<String> {
    Some(match column.storage_type() {
        StorageType::Decimal | StorageType::Float => format!("{native} > '-Infinity' AND {native} < 'Infinity'"),
        StorageType::Date => format!("{native} BETWEEN '0001-01-01 BC' AND '9999-12-31'"),
        StorageType::Datetime => format!("{native} >= '0001-01-01T00:00:00Z BC' AND {native} < '10000-01-01T00:00:00Z'"),
        _ => return None,
    })
}

impl Dialect for Postgres {
    fn backend(&self) -> Backend {
        Backend::Postgres
    }

    fn words(&self) -> Words {
        Words {
            id: "uuid",
            text: "text COLLATE \"C\"",
            json: "jsonb",
            // As records keep it.
            now: "to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')",
        }
    }

    fn placeholder(&self, n: usize, bind: &Bind) -> String {
        match bind {
            Bind::Json(_) => format!("${n}::jsonb"),
            Bind::Cast(to, _) => format!("${n}::{to}"),
            _ => format!("${n}"),
        }
    }

    /// Texts have no length here: a length is a rule of the field's, which may change and be broken by what was there before.
    fn column_type(&self, column: &Column) -> String {
        match column.storage_type() {
            StorageType::Text => "text COLLATE \"C\"".to_owned(),
            StorageType::Integer => "bigint".to_owned(),
            StorageType::Float => "double precision".to_owned(),
            StorageType::Decimal => match (column.config.precision, column.config.scale) {
                (Some(precision @ 1..=1000), Some(scale)) if scale <= precision => format!("numeric({precision},{scale})"),
                _ => "numeric".to_owned(),
            },
            StorageType::Bool => "boolean".to_owned(),
            StorageType::Date => "date".to_owned(),
            StorageType::Datetime => "timestamptz".to_owned(),
            StorageType::Uuid => "uuid".to_owned(),
            StorageType::Json => "jsonb".to_owned(),
            StorageType::Binary => "bytea".to_owned(),
        }
    }

    fn literal(&self, column: &Column, value: &Value) -> Option<String> {
        match (column.storage_type(), value) {
            (StorageType::Binary, Value::String(s)) => Some(literal(&format!("\\x{s}"))),
            (StorageType::Date | StorageType::Datetime, Value::String(s)) => Some(literal(&written(s))),
            (_, Value::Bool(b)) => Some(b.to_string()),
            _ => None,
        }
    }

    fn from_json(&self, data: &str, column: &Column) -> String {
        let (text, json) = (text_of(data, column), json_of(data, &column.storage));
        let shaped = |cast: String| match shape(&text, column) {
            Some(shape) => format!("CASE WHEN {shape} THEN {cast} END"),
            None => cast,
        };
        match column.storage_type() {
            StorageType::Text => text,
            StorageType::Integer => format!("CASE WHEN {} THEN {json}::bigint END", number_fits(&json, column)),
            StorageType::Float => format!("CASE WHEN {} THEN {json}::double precision END", number_fits(&json, column)),
            StorageType::Bool => format!("CASE {json} WHEN 'true' THEN true WHEN 'false' THEN false END"),
            StorageType::Decimal => shaped(format!("{text}::numeric")),
            StorageType::Date => shaped(cast_moment(&text, "date")),
            StorageType::Datetime => shaped(cast_moment(&text, "timestamptz")),
            StorageType::Uuid => shaped(format!("{text}::uuid")),
            StorageType::Json => format!("nullif({json}, 'null')"),
            StorageType::Binary => shaped(format!("decode({text}, 'hex')")),
        }
    }

    fn cast_json(&self, data: &str, column: &Column) -> Option<String> {
        let text = text_of(data, column);
        Some(match column.storage_type() {
            StorageType::Text | StorageType::Json => self.from_json(data, column),
            StorageType::Integer => format!("{text}::bigint"),
            StorageType::Float => format!("{text}::double precision"),
            StorageType::Bool => format!("{text}::boolean"),
            StorageType::Decimal => format!("{text}::numeric"),
            StorageType::Date => format!("{text}::date"),
            StorageType::Datetime => format!("{text}::timestamptz"),
            StorageType::Uuid => format!("{text}::uuid"),
            StorageType::Binary => format!("decode({text}, 'hex')"),
        })
    }

    fn to_json(&self, native: &str, column: &Column) -> String {
        let moment = |utc: &str, pattern: &str, first: &str| {
            format!(
                "CASE WHEN {native} < {} THEN '{YEAR_ZERO}' || to_char({utc}, {}) ELSE to_char({utc}, {}) END",
                literal(first),
                literal(pattern.trim_start_matches("YYYY")),
                literal(pattern)
            )
        };
        match column.storage_type() {
            StorageType::Json => native.to_owned(),
            StorageType::Text | StorageType::Integer | StorageType::Float | StorageType::Bool => format!("to_jsonb({native})"),
            StorageType::Decimal | StorageType::Uuid => format!("to_jsonb(({native})::text)"),
            StorageType::Binary => format!("to_jsonb(encode({native}, 'hex'))"),
            StorageType::Date => format!("to_jsonb({})", moment(native, "YYYY-MM-DD", "0001-01-01")),
            StorageType::Datetime => {
                let utc = format!("({native} AT TIME ZONE 'UTC')");
                let long = moment(&utc, "YYYY-MM-DD\"T\"HH24:MI:SS.US", "0001-01-01T00:00:00Z");
                format!("to_jsonb(rtrim(rtrim({long}, '0'), '.') || 'Z')")
            }
        }
    }

    fn json_object(&self, members: &[(String, String)]) -> String {
        let members: Vec<String> = members.iter().map(|(key, value)| format!("{}, {value}", literal(key))).collect();
        // A function takes at most 100 arguments.
        let parts: Vec<String> = members.chunks(45).map(|part| format!("jsonb_build_object({})", part.join(", "))).collect();
        if parts.is_empty() { "'{}'::jsonb".to_owned() } else { format!("({})", parts.join(" || ")) }
    }

    fn fits(&self, data: &str, column: &Column) -> String {
        let json = json_of(data, &column.storage);
        let fits = match column.storage_type() {
            StorageType::Json => return "true".to_owned(),
            StorageType::Integer | StorageType::Float => number_fits(&json, column),
            StorageType::Bool => format!("jsonb_typeof({json}) = 'boolean'"),
            _ => {
                let shape = shape(&text_of(data, column), column).map(|s| format!(" AND {s}")).unwrap_or_default();
                format!("jsonb_typeof({json}) = 'string'{shape}")
            }
        };
        format!("({} IS NULL OR ({fits}))", text_of(data, column))
    }

    /// What does not fit is null already.
    fn sound(&self, data: &str, column: &Column) -> String {
        self.from_json(data, column)
    }

    fn becomes(&self, data: &str, column: &Column, other: &Column) -> String {
        let text = text_of(data, column);
        let whole = format!("{text} ~ '^(0|-?[1-9][0-9]{{0,18}})$'");
        let becomes = match (column.storage_type(), other.storage_type()) {
            (StorageType::Text | StorageType::Decimal, StorageType::Integer) => {
                format!("CASE WHEN {whole} THEN {text}::numeric BETWEEN {} AND {} ELSE false END", i64::MIN, i64::MAX)
            }
            (StorageType::Float, StorageType::Integer) => {
                let value = self.from_json(data, column);
                format!("{value} = trunc({value}) AND abs({value}) <= 9007199254740992")
            }
            (StorageType::Text, StorageType::Bool) => format!("{text} IN ('true', 'false')"),
            (StorageType::Json, _) => return self.fits(data, other),
            _ => shape(&text, other).unwrap_or_else(|| "false".to_owned()),
        };
        format!("({text} IS NULL OR ({becomes}))")
    }

    fn width(&self, column: &Column) -> Option<u32> {
        match column.storage_type() {
            StorageType::Integer | StorageType::Float | StorageType::Datetime => Some(8),
            StorageType::Decimal => Some(9),
            StorageType::Bool => Some(1),
            StorageType::Date => Some(4),
            StorageType::Uuid => Some(16),
            StorageType::Text | StorageType::Json | StorageType::Binary => None,
        }
    }

    /// JSON against JSON: whatever is read back the same is the same. No value has to be taken apart for it.
    fn same(&self, data: &str, native: &str, column: &Column) -> String {
        let json = match session_text(native, column) {
            Some(text) => format!("to_jsonb({text})"),
            None => self.to_json(native, column),
        };
        let same = format!("nullif({}, 'null') IS NOT DISTINCT FROM {json}", json_of(data, &column.storage));
        match sound(native, column) {
            Some(sound) => format!("({same} AND ({native} IS NULL OR {sound}))"),
            None => same,
        }
    }

    /// Texts are compared in a third of the time JSON is; what kind of JSON they are the texts of has to be asked besides.
    fn verbatim(&self, data: &str, columns: &[&Column], native: &dyn Fn(&Column) -> String) -> Option<String> {
        let conditions = columns.iter().map(|column| {
            let (json, native) = (json_of(data, &column.storage), native(column));
            let (kind, text) = match column.storage_type() {
                StorageType::Float | StorageType::Json => return self.same(data, &native, column),
                StorageType::Integer => ("number", format!("{native}::text")),
                StorageType::Bool => ("boolean", format!("{native}::text")),
                _ => ("string", session_text(&native, column).unwrap_or_else(|| native.clone())),
            };
            let sound = sound(&native, column).map(|s| format!(" AND {s}")).unwrap_or_default();
            format!(
                "({} IS NOT DISTINCT FROM {text} AND ({native} IS NULL OR jsonb_typeof({json}) = '{kind}'{sound}))",
                text_of(data, column)
            )
        });
        Some(all(&conditions.collect::<Vec<_>>()))
    }

    fn index_key(&self, data: &str, column: &Column) -> String {
        let text = text_of(data, column);
        match column.storage_type() {
            StorageType::Decimal => format!("CASE WHEN strpos({text}, '.') > 0 THEN rtrim(rtrim({text}, '0'), '.') ELSE {text} END"),
            StorageType::Json => format!("kdb_json_text(nullif({}, 'null'))", json_of(data, &column.storage)),
            _ => text,
        }
    }

    /// Floats: the text Postgres keeps of one has other digits than ours.
    fn makes_index_key(&self, column: &Column) -> bool {
        column.storage_type() != StorageType::Float
    }

    fn entry(&self, key: &str) -> String {
        long::cut_text_sql(key, long::KEPT)
    }

    fn entry_value(&self, key: String) -> String {
        if key.len() > long::KEPT { long::cut(&key, long::KEPT) } else { key }
    }

    fn indexed(&self, native: &str, column: &Column, _unique: bool, parts: usize) -> Option<String> {
        let kept = long::kept(parts);
        match column.storage_type() {
            StorageType::Text => Some(long::cut_text_sql(native, kept)),
            StorageType::Json => Some(long::cut_text_sql(&self.comparable(native, column), kept)),
            StorageType::Binary => Some(long::cut_bytes_sql(native, kept)),
            _ => None,
        }
    }

    fn found_by(&self, native: &str, column: &Column, value: &Bind, parts: usize) -> Option<(String, Bind)> {
        let kept = long::kept(parts);
        let bind = match value {
            Bind::Text(Some(text)) => long::cut(text, kept).into(),
            Bind::Bytes(Some(bytes)) => long::cut_bytes(bytes, kept).into(),
            _ => return None,
        };
        Some((self.indexed(native, column, false, parts)?, bind))
    }

    fn comparable(&self, native: &str, column: &Column) -> String {
        match column.storage_type() {
            StorageType::Text => format!("{native} COLLATE \"C\""),
            StorageType::Json => format!("kdb_json_text({native})"),
            _ => native.to_owned(),
        }
    }

    fn json_set(&self, data: &str, storage: &str, json: &str) -> String {
        format!("({data} || jsonb_build_object({}, ({json})::jsonb))", literal(storage))
    }

    fn json_remove(&self, data: &str, storage: &str) -> String {
        format!("({data} - {})", literal(storage))
    }

    fn json_member(&self, data: &str, storage: &str) -> String {
        format!("nullif({}, 'null')::text", json_of(data, storage))
    }

    fn json_value(&self, text: &str) -> String {
        format!("({text})::jsonb")
    }

    fn json_array(&self, members: &[&str]) -> String {
        format!("json_build_array({})", members.join(", "))
    }

    fn json_group(&self, item: &str, order: &str) -> String {
        format!("json_agg({item} ORDER BY {order})::text")
    }

    fn json_text(&self, native: &str, column: &Column) -> String {
        format!("({})::text", self.to_json(native, column))
    }

    fn json_list(&self, texts: &[String]) -> String {
        let items: Vec<String> = texts.iter().map(|text| format!("to_json({text})::text")).collect();
        format!("'[' || {} || ']'", items.join(" || ',' || "))
    }

    /// Ids have no `min` and `max` before Postgres 18; their texts are in the same order.
    fn id_text(&self, id: &str) -> String {
        format!("{id}::text COLLATE \"C\"")
    }

    /// Putting them in a list takes a third of the time it takes to write each as a text and compare it.
    fn last_id(&self, id: &str) -> String {
        format!("(array_agg({id}))[count(*)]::text")
    }

    /// A pattern of our own making: the database folds letters as its locale says.
    fn contains(&self, needle: &str) -> (&'static str, String) {
        let mut pattern = String::new();
        for c in needle.chars() {
            match letter_forms(c).as_slice() {
                [one] if one.is_ascii_punctuation() => pattern.extend(['\\', *one]),
                [one] => pattern.push(*one),
                forms => pattern.extend(['['].iter().chain(forms).chain([&']'])),
            }
        }
        ("~", pattern)
    }

    /// Folds the letters a-z only, as SQLite's LIKE does.
    fn like(&self, native: &str, column: Option<&Column>) -> (String, &'static str) {
        let text = column.map_or_else(|| format!("{native}::text"), |column| format!("({} #>> '{{}}')", self.to_json(native, column)));
        (format!("{text} COLLATE \"C\""), "ILIKE")
    }

    fn is_distinct(&self, a: &str, b: &str) -> String {
        format!("{a} IS DISTINCT FROM {b}")
    }

    fn lock(&self, lock: Lock) -> &'static str {
        match lock {
            Lock::Exists => " FOR KEY SHARE",
            Lock::Change => " FOR NO KEY UPDATE",
            Lock::Delete => " FOR UPDATE",
        }
    }

    fn bind(&self, column: &Column, value: &Value) -> Bind {
        let text = value.as_str().map(str::to_owned);
        match (column.storage_type(), value) {
            (StorageType::Text, Value::String(_) | Value::Null) => Bind::Text(text),
            (StorageType::Integer, Value::Number(_) | Value::Null) => Bind::Integer(value.as_i64()),
            (StorageType::Float, Value::Number(_) | Value::Null) => Bind::Real(value.as_f64()),
            (StorageType::Bool, Value::Bool(_) | Value::Null) => Bind::Bool(value.as_bool()),
            (StorageType::Decimal, Value::String(_) | Value::Null) => Bind::Cast("numeric", text),
            (StorageType::Date, Value::String(_) | Value::Null) => Bind::Cast("date", text.as_deref().map(written)),
            (StorageType::Datetime, Value::String(_) | Value::Null) => Bind::Cast("timestamptz", text.as_deref().map(written)),
            (StorageType::Uuid, Value::String(_) | Value::Null) => Bind::Cast("uuid", text),
            (StorageType::Binary, Value::String(_) | Value::Null) => Bind::Bytes(text.as_deref().map(unhex)),
            (StorageType::Json, Value::Null) => Bind::Json(None),
            (StorageType::Json, other) => Bind::Json(Some(other.to_string())),
            // The database refuses it: nobody should have come here with it.
            (_, other) => Bind::Text(Some(other.to_string())),
        }
    }

    fn bind_comparable(&self, column: &Column, value: &Value) -> Bind {
        match (column.storage_type(), value) {
            (StorageType::Json, Value::Null) => Bind::Text(None),
            (StorageType::Json, other) => Bind::Text(Some(other.to_string())),
            _ => self.bind(column, value),
        }
    }

    fn read(&self, column: &Column, cell: &Cell) -> Value {
        match (column.storage_type(), cell) {
            (_, Cell::Null) => Value::Null,
            (StorageType::Bool, Cell::Integer(n)) => Value::Bool(*n != 0),
            (StorageType::Json, Cell::Text(s)) => serde_json::from_str(s).unwrap_or_else(|_| s.clone().into()),
            (_, Cell::Integer(n)) => (*n).into(),
            (_, Cell::Real(n)) => (*n).into(),
            (_, Cell::Text(s)) => s.clone().into(),
            (_, Cell::Blob(bytes)) => hex(bytes).into(),
        }
    }
}
