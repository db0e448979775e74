//! Which type a column becomes: what it was declared as, where every value agrees, else what the values are.
//!
//! A database that takes a declared type for a hint stores what it is given, so each value is looked at. One that is strict about types
//! is taken at its word; the few values of a type that are none here (`infinity`, `NaN`) are kept as they are written.

use bigdecimal::BigDecimal;
use serde_json::{Value, json};
use std::str::FromStr;

use super::source::{Given, Worth};
use crate::{
    model::{FieldConfig, FieldType, StorageType, name, value},
    sql::{Cell, dialect::hex},
};

/// What the declared type asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Hint {
    Bool,
    Integer,
    Float,
    /// Digits in all, and after the point.
    Decimal(Option<u32>, Option<u32>),
    Money,
    Date,
    Datetime,
    Uuid,
    Json,
    /// At most so many characters.
    Chars(Option<u32>),
    Text,
    /// One of these words.
    Options(Vec<String>),
    Binary,
    Nothing,
}

/// How many examples of a kind the report shows.
const EXAMPLES: usize = 3;

/// What a column's values have in common.
#[derive(Debug)]
pub struct Scan {
    hint: Hint,
    strict: bool,
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
    decimals: bool,
    longest: u32,
    lines: bool,
    /// Numbers that are not finite: they become null.
    pub not_finite: u64,
    /// Texts with a NUL character or bytes that are no text: those are replaced.
    pub mended: u64,
    /// Values of a strict type that are none of ours, and the first few of them.
    pub odd: u64,
    pub odd_examples: Vec<String>,
    /// JSON with numbers of more digits than JSON keeps here.
    pub rounded: u64,
}

impl Scan {
    pub fn new(hint: Hint, strict: bool) -> Self {
        Self {
            hint,
            strict,
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
            decimals: true,
            longest: 0,
            lines: false,
            not_finite: 0,
            mended: 0,
            odd: 0,
            odd_examples: vec![],
            rounded: 0,
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
            Hint::Date | Hint::Datetime if self.strict => {
                let field_type = if self.hint == Hint::Date { FieldType::Date } else { FieldType::Datetime };
                self.judge(fits(field_type), text);
            }
            Hint::Date | Hint::Datetime => {
                self.dates = self.dates && fits(FieldType::Date);
                self.datetimes = self.datetimes && fits(FieldType::Datetime);
            }
            Hint::Uuid => self.uuids = self.uuids && fits(FieldType::Uuid),
            Hint::Json if self.strict => {
                self.judge(parsed(text).is_some(), text);
                self.rounded += u64::from(!keeps_digits(text));
            }
            Hint::Json => self.json = self.json && parsed(text).is_some(),
            Hint::Float if self.strict => self.judge(fits(FieldType::Float), text),
            Hint::Decimal(..) | Hint::Money if self.strict => self.judge(fits(FieldType::Decimal), text),
            Hint::Decimal(..) => self.decimals = self.decimals && fits(FieldType::Decimal),
            _ => {}
        }
    }

    fn judge(&mut self, fits: bool, text: &str) {
        if !fits {
            self.odd += 1;
            if self.odd_examples.len() < EXAMPLES {
                self.odd_examples.push(name::shorten(text, 40));
            }
        }
    }

    /// The field's type. Second: whether the values are of several kinds, so that only JSON holds them all.
    pub fn decide(&self) -> (FieldType, FieldConfig, bool) {
        let plain = |field_type| (field_type, FieldConfig::default(), false);
        if self.strict {
            return (self.declared(), self.config(), false);
        }
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
            Hint::Decimal(..) if only(self.texts) && self.decimals => plain(FieldType::Decimal),
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

    /// The type as it was declared, of a database that is strict about types.
    fn declared(&self) -> FieldType {
        match self.hint {
            Hint::Bool => FieldType::Bool,
            Hint::Integer => FieldType::Integer,
            Hint::Float => FieldType::Float,
            Hint::Decimal(..) => FieldType::Decimal,
            Hint::Money => FieldType::Currency,
            Hint::Date => FieldType::Date,
            Hint::Datetime => FieldType::Datetime,
            Hint::Uuid => FieldType::Uuid,
            Hint::Json => FieldType::Json,
            Hint::Chars(Some(_)) => FieldType::String,
            Hint::Options(_) => FieldType::Select,
            Hint::Binary => FieldType::Binary,
            Hint::Chars(None) | Hint::Text | Hint::Nothing => self.prose(),
        }
    }

    fn config(&self) -> FieldConfig {
        let mut config = FieldConfig::default();
        match &self.hint {
            // A scale beyond the precision, or below zero, is Postgres's alone.
            Hint::Decimal(Some(precision), Some(scale)) if scale <= precision => {
                (config.precision, config.scale) = (Some(*precision), Some(*scale));
            }
            Hint::Chars(most) => config.max_length = *most,
            Hint::Options(options) => config.options.clone_from(options),
            _ => {}
        }
        config
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
        (FieldType::Json, Cell::Text(text)) if !mixed => parsed(&text).unwrap_or_else(|| mended(text).into()),
        (FieldType::Json, Cell::Blob(bytes)) => json!({ "binary": hex(&bytes) }),
        (_, Cell::Integer(n)) => n.into(),
        (_, Cell::Real(n)) => json!(n),
        (_, Cell::Text(text)) => mended(text).into(),
        (_, Cell::Blob(bytes)) => hex(&bytes).into(),
    }
}

/// JSON that can be kept as such.
fn parsed(text: &str) -> Option<Value> {
    let value: Value = serde_json::from_str(text).ok()?;
    // The one thing JSON may say and no database's JSON may hold.
    if text.contains("\\u0000") { value::canonical_json(&value).ok() } else { Some(value) }
}

/// Whether every number in a JSON text comes out of it with the digits it was written with.
fn keeps_digits(text: &str) -> bool {
    let (mut rest, mut kept) = (text, true);
    while let Some(at) = rest.find(|c: char| c == '"' || c == '-' || c.is_ascii_digit()) {
        rest = &rest[at..];
        if let Some(inside) = rest.strip_prefix('"') {
            let mut escaped = false;
            let end = inside.find(|c| {
                let ends = c == '"' && !escaped;
                escaped = c == '\\' && !escaped;
                ends
            });
            rest = end.map_or("", |end| &inside[end + 1..]);
            continue;
        }
        let end = rest.find(|c: char| !matches!(c, '0'..='9' | '-' | '+' | '.' | 'e' | 'E')).unwrap_or(rest.len());
        let (number, after) = rest.split_at(end);
        // Fifteen digits are always kept.
        if number.len() > 15 {
            let decimal = |text: &str| BigDecimal::from_str(text).ok();
            let read = serde_json::from_str::<Value>(number).map(|n| n.to_string()).unwrap_or_default();
            kept &= decimal(&read) == decimal(number);
        }
        rest = after;
    }
    kept
}

/// No database keeps a NUL character in text: its picture stands for it.
fn mended(text: String) -> String {
    if text.contains('\0') { text.replace('\0', "\u{2400}") } else { text }
}

/// A default as a value of the field, or the reason why it has no counterpart.
pub fn default_value(given: &Given, field_type: FieldType, config: &FieldConfig) -> Result<Option<Value>, String> {
    let Given { expression, worth } = given;
    let cell = match (worth, field_type.storage()) {
        (Worth::Now { day: false }, StorageType::Datetime) | (Worth::Now { day: true }, StorageType::Date) => {
            return Ok(Some("now()".into()));
        }
        (Worth::NewUuid, StorageType::Uuid) => return Ok(Some("uuid()".into())),
        (Worth::Constant(cell), _) => cell.clone(),
        _ => return Err(format!("The default {expression} is worked out by the database and is not carried over.")),
    };
    // A text column makes text of a number.
    let cell = match (cell, field_type.storage()) {
        (Cell::Integer(n), StorageType::Text) => Cell::Text(n.to_string()),
        (Cell::Real(n), StorageType::Text) => Cell::Text(n.to_string()),
        (cell, _) => cell,
    };
    match value::normalize(field_type, config, &to_value(field_type, false, cell)) {
        Ok(Value::Null) => Ok(None),
        Ok(value) => Ok(Some(value)),
        Err(reason) => Err(format!("The default {expression} {reason}, and is not carried over.")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(t: &str) -> Cell {
        Cell::Text(t.to_owned())
    }

    #[test]
    fn numbers_keep_the_digits_people_wrote() {
        assert_eq!(to_value(FieldType::Decimal, false, Cell::Real(0.99)), json!("0.99"));
        assert_eq!(to_value(FieldType::Decimal, false, Cell::Real(1e21)), json!("1000000000000000000000"));
        assert_eq!(to_value(FieldType::Json, true, text("a\0b")), json!("a\u{2400}b"));
    }

    #[test]
    fn numbers_that_json_would_round_are_noticed() {
        for kept in [
            "{\"a\": 9223372036854775807, \"b\": [0.1, 1e300, 1.50000000000000000000]}",
            "\"12345678901234567.25\\\" 12345678901234567.25\"",
            "null",
        ] {
            assert!(keeps_digits(kept), "{kept}");
        }
        for rounded in ["[0.12345678901234567891]", "{\"a\\\"\": 123456789012345678901234567890}"] {
            assert!(!keeps_digits(rounded), "{rounded}");
        }
    }

    #[test]
    fn a_strict_type_stays_and_its_odd_values_are_told() {
        for (hint, cells, expected, odd) in [
            (Hint::Date, ["2026-01-31", "infinity", "0044-03-15 BC"], FieldType::Date, 2),
            (Hint::Decimal(Some(5), Some(2)), ["1.25", "NaN", "2.00"], FieldType::Decimal, 1),
            (Hint::Float, ["1.25", "-Infinity", "1e-7"], FieldType::Float, 1),
            (Hint::Json, ["{}", "\"a\\u0000\"", "[1]"], FieldType::Json, 1),
            (Hint::Chars(Some(20)), ["a", "b\nc", ""], FieldType::String, 0),
            (Hint::Text, ["a", "b\nc", ""], FieldType::Text, 0),
        ] {
            let mut scan = Scan::new(hint, true);
            cells.iter().for_each(|c| scan.add(&text(c)));
            assert_eq!((scan.decide().0, scan.odd), (expected, odd), "{cells:?}");
        }
    }
}
