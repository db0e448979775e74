//! Which type a column becomes: what it was declared as, where every value agrees, else what the values are.
//!
//! SQLite takes a declared type for a hint and stores what it is given, so each value is looked at.

use serde_json::{Value, json};

use crate::{
    model::{FieldConfig, FieldType, value},
    sql::{Cell, dialect::hex},
};

/// How SQLite converts what is put into a column (and what is compared with it).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Affinity {
    Text,
    Number,
    None,
}

impl Affinity {
    /// SQLite's own rules, in SQLite's order.
    pub fn of(declared: &str) -> Self {
        let upper = declared.to_ascii_uppercase();
        let has = |words: &[&str]| words.iter().any(|w| upper.contains(w));
        if has(&["INT"]) {
            Self::Number
        } else if has(&["CHAR", "CLOB", "TEXT"]) {
            Self::Text
        } else if upper.trim().is_empty() || has(&["BLOB"]) {
            Self::None
        } else {
            Self::Number
        }
    }
}

/// What the declared type asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Hint {
    Bool,
    Integer,
    Float,
    Decimal(Option<u32>, Option<u32>),
    Date,
    Datetime,
    Uuid,
    Json,
    Chars(Option<u32>),
    Text,
    Binary,
    Nothing,
}

impl Hint {
    fn of(declared: &str) -> Self {
        let upper = declared.to_ascii_uppercase();
        let has = |words: &[&str]| words.iter().any(|w| upper.contains(w));
        let numbers: Vec<Option<u32>> = upper
            .split_once('(')
            .map(|(_, rest)| rest.trim_end().trim_end_matches(')').split(',').map(|n| n.trim().parse().ok()).collect())
            .unwrap_or_default();
        let number = |i: usize| numbers.get(i).copied().flatten();
        if has(&["BOOL"]) || upper.trim() == "BIT" {
            Self::Bool
        } else if has(&["UUID", "GUID", "UNIQUEIDENTIFIER"]) {
            Self::Uuid
        } else if has(&["JSON"]) {
            Self::Json
        } else if has(&["DATETIME", "TIMESTAMP"]) {
            Self::Datetime
        } else if has(&["DATE"]) {
            Self::Date
        } else if has(&["CLOB", "TEXT"]) {
            if has(&["BLOB"]) { Self::Nothing } else { Self::Text }
        } else if has(&["CHAR"]) {
            Self::Chars(number(0))
        } else if has(&["DEC", "NUMERIC", "NUMBER", "MONEY", "CURRENCY"]) {
            Self::Decimal(number(0), number(1))
        } else if has(&["INT"]) {
            Self::Integer
        } else if has(&["REAL", "FLOA", "DOUB"]) {
            Self::Float
        } else if has(&["BLOB", "BINARY", "BYTEA", "IMAGE"]) {
            Self::Binary
        } else {
            Self::Nothing
        }
    }
}

/// What a column's values have in common.
#[derive(Debug)]
pub struct Scan {
    hint: Hint,
    integers: u64,
    reals: u64,
    texts: u64,
    blobs: u64,
    pub nulls: u64,
    /// Every integer is 0 or 1.
    bits: bool,
    /// Every integer can be a float without losing a digit.
    exact: bool,
    /// Digits before and after the point that hold every number.
    whole: u32,
    fraction: u32,
    /// Every text is one.
    dates: bool,
    datetimes: bool,
    uuids: bool,
    json: bool,
    longest: u32,
    lines: bool,
    /// Numbers that are not finite: they become null.
    pub not_finite: u64,
    /// Texts with a NUL character or bytes that are no text: those are replaced.
    pub mended: u64,
}

impl Scan {
    pub fn new(declared: &str) -> Self {
        Self {
            hint: Hint::of(declared),
            integers: 0,
            reals: 0,
            texts: 0,
            blobs: 0,
            nulls: 0,
            bits: true,
            exact: true,
            whole: 0,
            fraction: 0,
            dates: true,
            datetimes: true,
            uuids: true,
            json: true,
            longest: 0,
            lines: false,
            not_finite: 0,
            mended: 0,
        }
    }

    pub fn add(&mut self, cell: &Cell) {
        match cell {
            Cell::Null => self.nulls += 1,
            Cell::Integer(n) => {
                self.integers += 1;
                self.bits &= matches!(n, 0 | 1);
                self.exact &= n.unsigned_abs() <= 1 << 53;
                self.digits(&n.to_string());
            }
            Cell::Real(n) if !n.is_finite() => self.not_finite += 1,
            Cell::Real(n) => {
                self.reals += 1;
                if matches!(self.hint, Hint::Decimal(..)) {
                    self.digits(&n.to_string());
                }
            }
            Cell::Text(text) => self.text(text),
            Cell::Blob(_) => self.blobs += 1,
        }
    }

    fn digits(&mut self, written: &str) {
        let (whole, fraction) = written.trim_start_matches('-').split_once('.').unwrap_or((written.trim_start_matches('-'), ""));
        self.whole = self.whole.max(if whole == "0" { 0 } else { len(whole) });
        self.fraction = self.fraction.max(len(fraction));
    }

    fn text(&mut self, text: &str) {
        self.texts += 1;
        self.mended += u64::from(text.contains('\0'));
        self.longest = self.longest.max(u32::try_from(text.chars().count()).unwrap_or(u32::MAX));
        self.lines |= text.contains('\n');
        let fits = |field_type| value::normalize(field_type, &FieldConfig::default(), &text.into()).is_ok();
        // Only what the declared type asks for is tried: a TEXT column that happens to hold dates stays text.
        match self.hint {
            Hint::Date | Hint::Datetime => {
                self.dates = self.dates && fits(FieldType::Date);
                self.datetimes = self.datetimes && fits(FieldType::Datetime);
            }
            Hint::Uuid => self.uuids = self.uuids && fits(FieldType::Uuid),
            Hint::Json => self.json = self.json && serde_json::from_str::<Value>(text).is_ok_and(|v| value::canonical_json(&v).is_ok()),
            _ => {}
        }
    }

    /// The field's type. Second: whether the values are of several kinds, so that only JSON holds them all.
    pub fn decide(&self) -> (FieldType, FieldConfig, bool) {
        let plain = |field_type| (field_type, FieldConfig::default(), false);
        let only = |kind: u64| kind == self.integers + self.reals + self.texts + self.blobs;
        match self.hint {
            Hint::Bool if only(self.integers) && self.bits => plain(FieldType::Bool),
            Hint::Integer if only(self.integers) => plain(FieldType::Integer),
            Hint::Float if only(self.integers + self.reals) && self.exact => plain(FieldType::Float),
            Hint::Decimal(precision, scale) if only(self.integers + self.reals) => {
                let scale = scale.or(precision.map(|_| 0));
                let fits = precision.is_some_and(|p| p > 0 && scale.is_some_and(|s| s <= p && self.fraction <= s && self.whole <= p - s));
                let config = if fits { FieldConfig { precision, scale, ..FieldConfig::default() } } else { FieldConfig::default() };
                (FieldType::Decimal, config, false)
            }
            Hint::Date if only(self.texts) && self.dates => plain(FieldType::Date),
            Hint::Date | Hint::Datetime if only(self.texts) && self.datetimes => plain(FieldType::Datetime),
            Hint::Uuid if only(self.texts) && self.uuids => plain(FieldType::Uuid),
            Hint::Json if only(self.texts) && self.json => plain(FieldType::Json),
            Hint::Chars(most) if only(self.texts) => {
                let max_length = most.filter(|m| *m > 0 && self.longest <= *m);
                (FieldType::String, FieldConfig { max_length, ..FieldConfig::default() }, false)
            }
            Hint::Text if only(0) => plain(FieldType::Text),
            Hint::Binary if only(self.blobs) => plain(FieldType::Binary),
            _ => self.by_values(),
        }
    }

    fn by_values(&self) -> (FieldType, FieldConfig, bool) {
        let all = self.integers + self.reals + self.texts + self.blobs;
        let field_type = match () {
            () if self.texts == all => self.prose(),
            () if self.integers == all => FieldType::Integer,
            () if self.integers + self.reals == all && self.exact => FieldType::Float,
            () if self.integers + self.reals == all => FieldType::Decimal,
            () if self.blobs == all => FieldType::Binary,
            () => FieldType::Json,
        };
        (field_type, FieldConfig::default(), field_type == FieldType::Json)
    }

    fn prose(&self) -> FieldType {
        if self.longest > 255 || self.lines { FieldType::Text } else { FieldType::String }
    }
}

fn len(text: &str) -> u32 {
    u32::try_from(text.len()).unwrap_or(u32::MAX)
}

/// A cell as a value of the type that was decided for its column.
pub fn to_value(field_type: FieldType, mixed: bool, cell: Cell) -> Value {
    match (field_type, cell) {
        (_, Cell::Null) => Value::Null,
        (_, Cell::Real(n)) if !n.is_finite() => Value::Null,
        (FieldType::Bool, Cell::Integer(n)) => Value::Bool(n != 0),
        (FieldType::Decimal, Cell::Integer(n)) => n.to_string().into(),
        // The shortest digits that give the same number again: 0.99, not 0.98999…
        (FieldType::Decimal, Cell::Real(n)) => n.to_string().into(),
        (FieldType::Float, Cell::Integer(n)) => json!(n as f64),
        (FieldType::Json, Cell::Text(text)) if !mixed => serde_json::from_str(&text).unwrap_or_else(|_| mended(text).into()),
        (FieldType::Json, Cell::Blob(bytes)) => json!({ "binary": hex(&bytes) }),
        (_, Cell::Integer(n)) => n.into(),
        (_, Cell::Real(n)) => json!(n),
        (_, Cell::Text(text)) => mended(text).into(),
        (_, Cell::Blob(bytes)) => hex(&bytes).into(),
    }
}

/// No database keeps a NUL character in text: its picture stands for it.
fn mended(text: String) -> String {
    if text.contains('\0') { text.replace('\0', "\u{2400}") } else { text }
}

/// A default as SQL writes it, or the reason why it has no counterpart.
pub fn default_value(expression: &str, field_type: FieldType) -> Result<Option<Value>, String> {
    let text = expression.trim().trim_start_matches('(').trim_end_matches(')').trim();
    let upper = text.to_ascii_uppercase();
    let quoted = |q: char| text.strip_prefix(q).and_then(|t| t.strip_suffix(q)).filter(|t| !t.replace(&format!("{q}{q}"), "").contains(q));
    let now = match field_type {
        FieldType::Datetime => upper == "CURRENT_TIMESTAMP" || upper.replace(' ', "").starts_with("DATETIME('NOW'"),
        FieldType::Date => upper == "CURRENT_DATE" || upper.replace(' ', "").starts_with("DATE('NOW'"),
        _ => false,
    };
    let cell = if upper == "NULL" {
        return Ok(None);
    } else if now {
        return Ok(Some("now()".into()));
    } else if let Some(text) = quoted('\'').or_else(|| quoted('"')) {
        Cell::Text(text.replace("''", "'"))
    } else if let Ok(n) = text.trim_start_matches('+').parse::<i64>() {
        Cell::Integer(n)
    } else if let Some(n) =
        text.parse::<f64>().ok().filter(|n| n.is_finite() && !text.contains(|c: char| c.is_ascii_alphabetic() && c != 'e' && c != 'E'))
    {
        if field_type == FieldType::Decimal { Cell::Text(text.to_owned()) } else { Cell::Real(n) }
    } else if let "TRUE" | "FALSE" = upper.as_str() {
        Cell::Integer(i64::from(upper == "TRUE"))
    } else if let Some(digits) = upper.strip_prefix("X'").and_then(|t| t.strip_suffix('\'')) {
        Cell::Text(digits.to_ascii_lowercase())
    } else {
        return Err(format!("The default {expression} is worked out by the database and is not carried over."));
    };
    let text_field = matches!(field_type, FieldType::String | FieldType::Text);
    let value = match cell {
        // A text column makes text of a number.
        Cell::Integer(_) | Cell::Real(_) if text_field => text.into(),
        cell => to_value(field_type, false, cell),
    };
    match value::normalize(field_type, &FieldConfig::default(), &value) {
        Ok(value) => Ok(Some(value)),
        Err(reason) => Err(format!("The default {expression} {reason}, and is not carried over.")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(declared: &str, cells: &[Cell], expected: FieldType) -> FieldConfig {
        let mut scan = Scan::new(declared);
        cells.iter().for_each(|c| scan.add(c));
        let (field_type, config, _) = scan.decide();
        assert_eq!(field_type, expected, "{declared} of {cells:?}");
        config
    }

    fn text(t: &str) -> Cell {
        Cell::Text(t.to_owned())
    }

    #[test]
    fn the_declared_type_holds_where_every_value_agrees() {
        assert_eq!(check("NVARCHAR(160)", &[text("a")], FieldType::String).max_length, Some(160));
        assert_eq!(check("VARCHAR(2)", &[text("abc")], FieldType::String).max_length, None, "SQLite does not enforce lengths");
        let money = check("NUMERIC(10,2)", &[Cell::Real(0.99), Cell::Integer(5)], FieldType::Decimal);
        assert_eq!((money.precision, money.scale), (Some(10), Some(2)));
        assert_eq!(check("NUMERIC(10,2)", &[Cell::Real(0.125)], FieldType::Decimal).scale, None);
        assert_eq!(check("DECIMAL(3,2)", &[Cell::Integer(10)], FieldType::Decimal).scale, None, "10.00 has four digits");
        check("DATETIME", &[text("2009-01-01 00:00:00"), Cell::Null], FieldType::Datetime);
        check("DATE", &[text("2009-01-01")], FieldType::Date);
        check("DATE", &[text("2009-01-01 10:00:00")], FieldType::Datetime);
        check("TIMESTAMP", &[Cell::Integer(1_700_000_000)], FieldType::Integer);
        check("BOOLEAN", &[Cell::Integer(0), Cell::Integer(1), Cell::Null], FieldType::Bool);
        check("BOOLEAN", &[Cell::Integer(2)], FieldType::Integer);
        check("INT", &[Cell::Real(1.5)], FieldType::Float);
        check("INT", &[Cell::Integer(1), text("n/a")], FieldType::Json);
        check("BLOB SUB_TYPE TEXT", &[text("a film")], FieldType::String);
        check("BLOB", &[Cell::Null], FieldType::Binary);
        check("JSON", &[text("{\"a\":1}")], FieldType::Json);
        check("JSON", &[text("{broken")], FieldType::String);
        check("", &[Cell::Integer(1), Cell::Real(0.5)], FieldType::Float);
        check("", &[Cell::Integer(i64::MAX), Cell::Real(0.5)], FieldType::Decimal);
        check("TEXT", &[text(&"x".repeat(300))], FieldType::Text);
    }

    #[test]
    fn defaults_are_values_or_say_why_not() {
        assert_eq!(default_value("'G'", FieldType::String), Ok(Some("G".into())));
        assert_eq!(default_value("'it''s'", FieldType::String), Ok(Some("it's".into())));
        assert_eq!(default_value("4.99", FieldType::Decimal), Ok(Some("4.99".into())));
        assert_eq!(default_value("(1)", FieldType::Bool), Ok(Some(true.into())));
        assert_eq!(default_value("NULL", FieldType::String), Ok(None));
        assert_eq!(default_value("CURRENT_TIMESTAMP", FieldType::Datetime), Ok(Some("now()".into())));
        assert_eq!(default_value("datetime('now')", FieldType::Datetime), Ok(Some("now()".into())));
        assert!(default_value("abs(random())", FieldType::Integer).is_err());
        assert!(default_value("'x'", FieldType::Integer).is_err());
    }

    #[test]
    fn numbers_keep_the_digits_people_wrote() {
        assert_eq!(to_value(FieldType::Decimal, false, Cell::Real(0.99)), json!("0.99"));
        assert_eq!(to_value(FieldType::Decimal, false, Cell::Real(1e21)), json!("1000000000000000000000"));
        assert_eq!(to_value(FieldType::Json, true, text("a\0b")), json!("a\u{2400}b"));
    }
}
