//! What is particular to SQLite.

use serde_json::Value;

use super::{
    Backend, Bind, Cell, Column, Dialect,
    compare::all,
    dialect::{Lock, Words, hex, is_number, letter_forms, unhex},
    literal,
};
use crate::model::StorageType;

#[derive(Debug)]
pub struct Sqlite;

/// Registered on every connection: orders decimals kept as text by their value.
pub const DECIMAL_COLLATION: &str = "stoneware_decimal";

/// Storage names hold neither quotes nor backslashes (see `model::name::storage`), so a quoted label is safe.
fn path(storage: &str) -> String {
    literal(&format!("$.\"{storage}\""))
}

/// What a text must look like to be a decimal, a day, a time or a UUID in its canonical form.
fn text_shape(value: &str, column: &Column) -> String {
    match column.storage_type() {
        StorageType::Decimal => {
            let point = match column.config.scale {
                Some(0) => format!("instr({value}, '.') = 0"),
                Some(scale) => format!("{value} GLOB '*.{}'", "[0-9]".repeat(scale as usize)),
                None => format!("{value} NOT LIKE '%.%.%' AND {value} GLOB '*[0-9]'"),
            };
            let length = column.config.precision.map(|p| format!(" AND length({value}) <= {}", p + 1)).unwrap_or_default();
            // Zero has no sign.
            let sign = format!("({value} NOT GLOB '-*' OR {value} GLOB '*[1-9]*')");
            format!("{value} GLOB '[-0-9]*' AND substr({value}, 2) NOT GLOB '*[^0-9.]*' AND {sign} AND {point}{length}")
        }
        StorageType::Date => format!("{value} GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]' AND date({value}) = {value}"),
        StorageType::Datetime => {
            format!(
                "{value} GLOB '[0-9][0-9][0-9][0-9]-*T*Z' AND strftime('%Y-%m-%dT%H:%M:%S', {value}) = rtrim(substr({value}, 1, 19), 'Z')"
            )
        }
        _ => format!("length({value}) = 36 AND {value} GLOB '????????-????-????-????-????????????' AND {value} NOT GLOB '*[^-0-9a-f]*'"),
    }
}

impl Sqlite {
    fn extract(data: &str, column: &Column) -> String {
        format!("json_extract({data}, {})", path(&column.storage))
    }

    /// A native value as a member of a record's JSON text (`,"age":7`), null for null. It may be wrong where exact text takes care (escapes,
    /// long floats): whatever differs is compared value by value afterwards.
    fn member_text(native: &str, column: &Column) -> String {
        let key = |rest: &str| literal(&format!(",\"{}\":{rest}", column.storage));
        let quoted = |text: &str| format!("{} || {text} || '\"'", key("\""));
        match column.storage_type() {
            StorageType::Integer | StorageType::Float | StorageType::Json => format!("{} || {native}", key("")),
            StorageType::Bool => format!("CASE {native} WHEN 1 THEN {} WHEN 0 THEN {} END", key("true"), key("false")),
            StorageType::Decimal if is_number(column) => quoted(&format!(
                "CASE WHEN {native} IS NOT NULL THEN printf('%.{}f', {native}) END",
                column.config.scale.unwrap_or_default()
            )),
            StorageType::Binary => quoted(&format!("CASE WHEN {native} IS NOT NULL THEN lower(hex({native})) END")),
            _ => quoted(native),
        }
    }

    /// What a native value must be besides, where [`Sqlite::member_text`] is just the JSON's text: a day of the calendar, so many digits.
    /// None where nothing more is asked.
    fn shape(native: &str, column: &Column) -> Option<String> {
        let shape = match column.storage_type() {
            StorageType::Decimal if is_number(column) => {
                let whole = column.config.precision.unwrap_or_default().saturating_sub(column.config.scale.unwrap_or_default());
                format!("abs({native}) < 1e{whole}")
            }
            StorageType::Decimal | StorageType::Date | StorageType::Datetime | StorageType::Uuid => text_shape(native, column),
            // An INTEGER column keeps 1.5 as it is.
            StorageType::Integer => format!("typeof({native}) = 'integer'"),
            // Its text may be right although it was read or will be written wrong in the last digit: see `fits`.
            StorageType::Float => format!("{native} = 0 OR abs({native}) BETWEEN 1e-40 AND 1e40"),
            _ => return None,
        };
        Some(format!("({native} IS NULL OR ({shape}))"))
    }

    /// The texts in one; a null is nothing.
    fn concat(parts: &[String]) -> String {
        let chunks: Vec<String> = parts.chunks(100).map(|chunk| format!("concat({})", chunk.join(", "))).collect();
        if let [one] = chunks.as_slice() { one.clone() } else { format!("({})", chunks.join(" || ")) }
    }
}

impl Dialect for Sqlite {
    fn backend(&self) -> Backend {
        Backend::Sqlite
    }

    fn words(&self) -> Words {
        Words { id: "TEXT", text: "TEXT", json: "TEXT", now: "CURRENT_TIMESTAMP" }
    }

    fn literal(&self, column: &Column, value: &Value) -> Option<String> {
        match (column.storage_type(), value) {
            (StorageType::Binary, Value::String(s)) => Some(format!("x'{s}'")),
            (_, Value::Bool(b)) => Some(u8::from(*b).to_string()),
            _ => None,
        }
    }

    /// Not `?1`, `?2`: SQLite looks a numbered one up in a list, which makes a statement of 10,000 binds quadratic.
    fn placeholder(&self, _n: usize, _bind: &Bind) -> String {
        "?".to_owned()
    }

    /// SQLite derives an affinity from the words in the type: a decimal kept as text and JSON need the word TEXT, lest `1.0`
    /// become `1`.
    fn column_type(&self, column: &Column) -> String {
        let config = &column.config;
        match column.storage_type() {
            _ if column.target.is_some() => "TEXT".to_owned(),
            StorageType::Text => config.max_length.map_or_else(|| "TEXT".to_owned(), |n| format!("VARCHAR({n})")),
            StorageType::Integer => "INTEGER".to_owned(),
            StorageType::Float => "REAL".to_owned(),
            StorageType::Decimal if is_number(column) => {
                format!("NUMERIC({},{})", config.precision.unwrap_or_default(), config.scale.unwrap_or_default())
            }
            StorageType::Decimal => "DECIMAL_TEXT".to_owned(),
            StorageType::Bool => "BOOLEAN".to_owned(),
            StorageType::Date => "DATE".to_owned(),
            StorageType::Datetime => "DATETIME".to_owned(),
            StorageType::Uuid => "UUID_TEXT".to_owned(),
            StorageType::Json => "JSON_TEXT".to_owned(),
            StorageType::Binary => "BLOB".to_owned(),
        }
    }

    fn from_json(&self, data: &str, column: &Column) -> String {
        let value = Self::extract(data, column);
        match column.storage_type() {
            StorageType::Decimal if is_number(column) => format!("CAST({value} AS NUMERIC)"),
            StorageType::Json => self.json_member(data, &column.storage),
            StorageType::Binary => format!("unhex({value})"),
            _ => value,
        }
    }

    fn to_json(&self, native: &str, column: &Column) -> String {
        match column.storage_type() {
            StorageType::Json => format!("json({native})"),
            StorageType::Binary => format!("CASE WHEN {native} IS NOT NULL THEN lower(hex({native})) END"),
            StorageType::Bool => format!("json(CASE {native} WHEN 1 THEN 'true' WHEN 0 THEN 'false' END)"),
            // JSON functions write a float with 15 digits, of which some need 17 to be read back as the same one.
            StorageType::Float => {
                format!(
                    "json(CASE WHEN {native} IS NULL THEN NULL \
                     WHEN CAST(CAST({native} AS TEXT) AS REAL) = {native} THEN CAST({native} AS TEXT) ELSE printf('%!.17g', {native}) END)"
                )
            }
            StorageType::Decimal if is_number(column) => {
                format!("CASE WHEN {native} IS NOT NULL THEN printf('%.{}f', {native}) END", column.config.scale.unwrap_or_default())
            }
            _ => native.to_owned(),
        }
    }

    fn json_object(&self, members: &[(String, String)]) -> String {
        let members: Vec<String> = members.iter().map(|(key, value)| format!("{}, {value}", literal(key))).collect();
        // A function takes at most 127 arguments: wide entities are put together from parts.
        let parts: Vec<String> = members.chunks(60).map(|part| format!("json_object({})", part.join(", "))).collect();
        parts
            .into_iter()
            .reduce(|a, b| format!("json(substr({a}, 1, length({a}) - 1) || ',' || substr({b}, 2))"))
            .unwrap_or_else(|| "'{}'".to_owned())
    }

    fn fits(&self, data: &str, column: &Column) -> String {
        let kind = format!("json_type({data}, {})", path(&column.storage));
        let value = Self::extract(data, column);
        let shape = match column.storage_type() {
            StorageType::Json => return "1".to_owned(),
            StorageType::Text => format!("{kind} = 'text'"),
            StorageType::Integer => format!("typeof({value}) = 'integer' AND {kind} = 'integer'"),
            // Reading and writing, SQLite rounds very large and very small floats wrong in the last digit.
            StorageType::Float => format!("{kind} IN ('real', 'integer') AND ({value} = 0 OR abs({value}) BETWEEN 1e-40 AND 1e40)"),
            StorageType::Bool => format!("{kind} IN ('true', 'false')"),
            StorageType::Decimal | StorageType::Date | StorageType::Datetime | StorageType::Uuid => {
                format!("{kind} = 'text' AND {}", text_shape(&value, column))
            }
            StorageType::Binary => format!("{kind} = 'text' AND unhex({value}) IS NOT NULL AND {value} NOT GLOB '*[A-F]*'"),
        };
        format!("({value} IS NULL OR ({shape}))")
    }

    fn becomes(&self, data: &str, column: &Column, other: &Column) -> String {
        let value = Self::extract(data, column);
        let becomes = match (column.storage_type(), other.storage_type()) {
            // Past 64 bits the nearest number is taken, which reads otherwise.
            (StorageType::Text | StorageType::Decimal, StorageType::Integer) => {
                format!("typeof({value}) = 'text' AND CAST(CAST({value} AS INTEGER) AS TEXT) = {value}")
            }
            (StorageType::Float, StorageType::Integer) => {
                format!(
                    "typeof({value}) IN ('real', 'integer') AND abs({value}) <= 9007199254740992 AND CAST({value} AS INTEGER) = {value}"
                )
            }
            (StorageType::Text, StorageType::Bool) => format!("{value} IN ('true', 'false') AND typeof({value}) = 'text'"),
            (StorageType::Text, StorageType::Decimal) => {
                let bare = format!("ltrim({value}, '-')");
                format!("{} AND {value} NOT GLOB '--*' AND {bare} GLOB '[0-9]*' AND {bare} NOT GLOB '0[0-9]*'", self.fits(data, other))
            }
            (_, StorageType::Datetime) => {
                let fraction = format!("substr({value}, 21, length({value}) - 21)");
                format!(
                    "{} AND (length({value}) = 20 OR (length({value}) BETWEEN 22 AND 27 AND substr({value}, 20, 1) = '.' \
                     AND {fraction} NOT GLOB '*[^0-9]*' AND {fraction} NOT GLOB '*0'))",
                    self.fits(data, other)
                )
            }
            _ => self.fits(data, other),
        };
        format!("({value} IS NULL OR ({becomes}))")
    }

    /// Integers take one to eight bytes, a truth value none.
    fn width(&self, column: &Column) -> Option<u32> {
        match column.storage_type() {
            StorageType::Integer => Some(3),
            StorageType::Float => Some(8),
            StorageType::Decimal if is_number(column) => Some(7),
            StorageType::Bool => Some(0),
            _ => None,
        }
    }

    fn verbatim(&self, data: &str, columns: &[&Column], native: &dyn Fn(&Column) -> String) -> Option<String> {
        let mut parts = vec!["'{'".to_owned()];
        parts.extend(columns.iter().map(|c| Self::member_text(&native(c), c)));
        parts.push("'}'".to_owned());
        let mut conditions = vec![format!("{} = '{{,' || substr({data}, 2)", Self::concat(&parts))];
        conditions.extend(columns.iter().filter_map(|c| Self::shape(&native(c), c)));
        Some(all(&conditions))
    }

    fn index_key(&self, data: &str, column: &Column) -> String {
        let value = Self::extract(data, column);
        match column.storage_type() {
            StorageType::Decimal => format!("CASE WHEN instr({value}, '.') > 0 THEN rtrim(rtrim({value}, '0'), '.') ELSE {value} END"),
            StorageType::Bool => format!("CASE {value} WHEN 1 THEN 'true' WHEN 0 THEN 'false' ELSE {value} END"),
            // Put together it is plain text; JSON would go into a list of texts as JSON.
            StorageType::Float | StorageType::Json => format!("({} || '')", self.json_member(data, &column.storage)),
            _ => format!("CAST({value} AS TEXT)"),
        }
    }

    /// A decimal kept as text is unique by its value: `1.5` and `1.50` are one.
    fn indexed(&self, native: &str, column: &Column, unique: bool, _parts: usize) -> Option<String> {
        (unique && column.storage_type() == StorageType::Decimal && !is_number(column))
            .then(|| format!("CASE WHEN instr({native}, '.') > 0 THEN rtrim(rtrim({native}, '0'), '.') ELSE {native} END"))
    }

    fn comparable(&self, native: &str, column: &Column) -> String {
        match column.storage_type() {
            StorageType::Decimal if !is_number(column) => format!("{native} COLLATE {DECIMAL_COLLATION}"),
            // Without its Z, a time with a fraction sorts after the same time without one.
            StorageType::Datetime => format!("rtrim({native}, 'Z')"),
            _ => native.to_owned(),
        }
    }

    fn json_set(&self, data: &str, storage: &str, json: &str) -> String {
        format!("json_set({data}, {}, json({json}))", path(storage))
    }

    fn json_remove(&self, data: &str, storage: &str) -> String {
        format!("json_remove({data}, {})", path(storage))
    }

    fn json_member(&self, data: &str, storage: &str) -> String {
        format!("nullif({data} -> {}, 'null')", path(storage))
    }

    fn json_value(&self, text: &str) -> String {
        format!("json({text})")
    }

    fn json_array(&self, members: &[&str]) -> String {
        format!("json_array({})", members.join(", "))
    }

    fn json_group(&self, item: &str, order: &str) -> String {
        format!("json_group_array({item} ORDER BY {order})")
    }

    /// A list of one, less its brackets, is the value as JSON text whatever its type.
    fn json_text(&self, native: &str, column: &Column) -> String {
        let listed = format!("json_array({})", self.to_json(native, column));
        format!("substr({listed}, 2, length({listed}) - 2)")
    }

    fn json_list(&self, texts: &[String]) -> String {
        format!("json_array({})", texts.join(", "))
    }

    fn id_text(&self, id: &str) -> String {
        id.to_owned()
    }

    fn like(&self, native: &str, _column: Option<&Column>) -> (String, &'static str) {
        (native.to_owned(), "LIKE")
    }

    fn lock(&self, _lock: Lock) -> &'static str {
        ""
    }

    /// `LIKE` folds the letters a-z only, so each letter stands as the class of its forms.
    fn contains(&self, needle: &str) -> (&'static str, String) {
        let mut pattern = "*".to_owned();
        for c in needle.chars() {
            match letter_forms(c).as_slice() {
                [c] if !matches!(c, '*' | '?' | '[') => pattern.push(*c),
                forms => pattern.extend(['['].iter().chain(forms).chain([&']'])),
            }
        }
        pattern.push('*');
        ("GLOB", pattern)
    }

    fn is_distinct(&self, a: &str, b: &str) -> String {
        format!("{a} IS NOT {b}")
    }

    fn bind(&self, column: &Column, value: &Value) -> Bind {
        match (column.storage_type(), value) {
            (_, Value::Null) => Bind::Text(None),
            (StorageType::Json, other) => other.to_string().into(),
            (StorageType::Integer, Value::Number(n)) => n.as_i64().into(),
            (StorageType::Float, Value::Number(n)) => n.as_f64().into(),
            (StorageType::Bool, Value::Bool(b)) => i64::from(*b).into(),
            (StorageType::Decimal, Value::String(s)) if is_number(column) => s.parse::<f64>().map_or_else(|_| s.clone().into(), Into::into),
            (StorageType::Binary, Value::String(s)) => unhex(s).into(),
            (_, Value::String(s)) => s.clone().into(),
            (_, other) => other.to_string().into(),
        }
    }

    fn bind_comparable(&self, column: &Column, value: &Value) -> Bind {
        match (column.storage_type(), value) {
            (StorageType::Datetime, Value::String(s)) => s.trim_end_matches('Z').into(),
            _ => self.bind(column, value),
        }
    }

    fn read(&self, column: &Column, cell: &Cell) -> Value {
        match (column.storage_type(), cell) {
            (_, Cell::Null) => Value::Null,
            (StorageType::Bool, Cell::Integer(n)) => Value::Bool(*n != 0),
            (StorageType::Decimal, Cell::Integer(n)) if is_number(column) => scaled(*n as f64, column).into(),
            (StorageType::Decimal, Cell::Real(n)) if is_number(column) => scaled(*n, column).into(),
            (StorageType::Float, Cell::Integer(n)) => (*n as f64).into(),
            (StorageType::Float, Cell::Real(n)) => (*n).into(),
            (StorageType::Json, Cell::Text(s)) => serde_json::from_str(s).unwrap_or_else(|_| s.clone().into()),
            (_, Cell::Integer(n)) => (*n).into(),
            (_, Cell::Real(n)) => (*n).into(),
            (_, Cell::Text(s)) => s.clone().into(),
            (_, Cell::Blob(bytes)) => hex(bytes).into(),
        }
    }
}

fn scaled(number: f64, column: &Column) -> String {
    super::dialect::scaled(number, column.config.scale.unwrap_or_default())
}
