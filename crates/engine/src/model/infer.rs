//! The narrowest type that every value of a field fits: where a file says nothing of types, and where a field has a wider one.

use serde_json::Value;

use super::{FieldConfig, FieldType, value};

/// What a field's values have in common so far.
#[derive(Debug, Clone)]
pub struct Guess {
    /// The format knows nothing but text, so numbers and truth values are looked for in it.
    all_text: bool,
    bools: bool,
    integers: bool,
    floats: bool,
    texts: bool,
    lists: bool,
    others: bool,
    /// Every integer can be a float without losing a digit.
    exact: bool,
    /// Every integer has 64 bits.
    small: bool,
    /// Every text is one.
    numbers: bool,
    words: bool,
    whole: bool,
    dates: bool,
    datetimes: bool,
    uuids: bool,
    emails: bool,
    urls: bool,
    json: bool,
    /// Digits before and after the point; the second is none when the values differ in it.
    digits: usize,
    scale: Option<Option<usize>>,
    longest: usize,
    lines: bool,
    /// Every list is one of short texts.
    choices: bool,
}

/// Longest text of a `string`; beyond it, `text`.
const SHORT: usize = 255;

impl Guess {
    pub fn new(all_text: bool) -> Self {
        Self {
            all_text,
            bools: false,
            integers: false,
            floats: false,
            texts: false,
            lists: false,
            others: false,
            exact: true,
            small: true,
            numbers: true,
            words: true,
            whole: true,
            dates: true,
            datetimes: true,
            uuids: true,
            emails: true,
            urls: true,
            json: true,
            digits: 0,
            scale: None,
            longest: 0,
            lines: false,
            choices: true,
        }
    }

    pub fn add(&mut self, value: &Value) {
        match value {
            Value::Null => {}
            Value::Bool(_) => self.bools = true,
            Value::Number(n) if n.is_f64() => self.floats = true,
            Value::Number(n) => {
                self.integers = true;
                self.small &= n.is_i64();
                self.exact &= n.as_i64().is_some_and(|n| n.unsigned_abs() <= 1 << 53);
            }
            Value::String(text) => self.text(text),
            Value::Array(items) => {
                self.lists = true;
                self.choices &= items.iter().all(|i| i.as_str().is_some_and(|s| s.chars().count() <= SHORT));
            }
            Value::Object(_) => self.others = true,
        }
    }

    fn text(&mut self, text: &str) {
        self.texts = true;
        if self.longest <= SHORT {
            self.longest = self.longest.max(text.chars().count());
        }
        self.lines = self.lines || text.contains('\n');
        if self.numbers {
            self.number(text);
        }
        let plain = FieldConfig::default();
        let fits = |still: &mut bool, field_type| {
            *still = *still && value::normalize(field_type, &plain, &Value::String(text.to_owned())).is_ok();
        };
        // Once a type is out it is not tried again: a long file costs one test a value.
        fits(&mut self.dates, FieldType::Date);
        fits(&mut self.datetimes, FieldType::Datetime);
        fits(&mut self.uuids, FieldType::Uuid);
        fits(&mut self.emails, FieldType::Email);
        fits(&mut self.urls, FieldType::Url);
        self.words = self.words && (text.eq_ignore_ascii_case("true") || text.eq_ignore_ascii_case("false"));
        self.json = self.json && text.starts_with(['{', '[']) && serde_json::from_str::<Value>(text).is_ok();
    }

    /// A number as people write it: `007` and `+1` are text, and so is what no number keeps (`-0`).
    fn number(&mut self, text: &str) {
        let unsigned = text.strip_prefix('-').unwrap_or(text);
        let (whole, fraction) = unsigned.split_once('.').map_or((unsigned, None), |(w, f)| (w, Some(f)));
        let digits = |s: &str| !s.is_empty() && s.bytes().all(|b| b.is_ascii_digit());
        let plain = digits(whole) && fraction.is_none_or(digits) && (whole == "0" || !whole.starts_with('0'));
        let zero = unsigned.bytes().all(|b| matches!(b, b'0' | b'.'));
        self.numbers = plain && !(zero && text.starts_with('-')) && text.len() < 900;
        self.whole = self.whole && fraction.is_none() && text.parse::<i64>().is_ok();
        self.digits = self.digits.max(whole.len());
        let scale = fraction.map_or(0, str::len);
        self.scale = match self.scale {
            None => Some(Some(scale)),
            Some(same) => Some(same.filter(|s| *s == scale)),
        };
    }

    pub fn decide(&self) -> (FieldType, FieldConfig) {
        let plain = |field_type| (field_type, FieldConfig::default());
        match (self.bools, self.integers, self.floats, self.texts, self.lists, self.others) {
            (false, false, false, false, false, false) => plain(FieldType::String),
            (true, false, false, false, false, false) => plain(FieldType::Bool),
            (false, true, false, false, false, false) if self.small => plain(FieldType::Integer),
            (false, true, false, false, false, false) => plain(FieldType::Decimal),
            (false, _, true, false, false, false) if self.exact => plain(FieldType::Float),
            (false, false, false, true, false, false) => self.of_texts(),
            // Whole numbers among decimals written as text.
            (false, true, false, true, false, false) if self.numbers => plain(FieldType::Decimal),
            (false, false, false, false, true, false) if self.choices => plain(FieldType::Multiselect),
            _ => plain(FieldType::Json),
        }
    }

    fn of_texts(&self) -> (FieldType, FieldConfig) {
        let plain = |field_type| (field_type, FieldConfig::default());
        let pointed = self.scale != Some(Some(0));
        match () {
            () if self.all_text && self.words => plain(FieldType::Bool),
            () if self.all_text && self.numbers && self.whole => plain(FieldType::Integer),
            // Digits alone in JSON's quotes are somebody's code or number plate; with a point they are meant as a number.
            () if self.numbers && (pointed || self.all_text) => (FieldType::Decimal, self.decimal()),
            () if self.dates => plain(FieldType::Date),
            () if self.datetimes => plain(FieldType::Datetime),
            () if self.uuids => plain(FieldType::Uuid),
            () if self.emails => plain(FieldType::Email),
            () if self.urls => plain(FieldType::Url),
            () if self.all_text && self.json => plain(FieldType::Json),
            () if self.longest > SHORT || self.lines => plain(FieldType::Text),
            () => plain(FieldType::String),
        }
    }

    /// Where all have the same digits after the point, that is the field's scale; fifteen digits in all are exact in any database.
    fn decimal(&self) -> FieldConfig {
        match self.scale.flatten() {
            Some(scale) if scale > 0 && self.digits + scale <= 15 => {
                FieldConfig { precision: Some(15), scale: u32::try_from(scale).ok(), ..FieldConfig::default() }
            }
            _ => FieldConfig::default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[track_caller]
    fn check(all_text: bool, values: Value, expected: FieldType) -> FieldConfig {
        let mut guess = Guess::new(all_text);
        values.as_array().into_iter().flatten().for_each(|v| guess.add(v));
        let (field_type, config) = guess.decide();
        assert_eq!(field_type, expected, "{values}");
        config
    }

    #[test]
    fn json_says_what_it_means() {
        check(false, json!([1, null, 2]), FieldType::Integer);
        check(false, json!([1, 2.5]), FieldType::Float);
        check(false, json!([true, null]), FieldType::Bool);
        check(false, json!(["true"]), FieldType::String);
        check(false, json!(["12345"]), FieldType::String);
        let money = check(false, json!(["12.30", "-0.05"]), FieldType::Decimal);
        assert_eq!((money.precision, money.scale), (Some(15), Some(2)));
        assert_eq!(check(false, json!(["12.3", "1.05"]), FieldType::Decimal).scale, None, "each keeps its own digits");
        check(false, json!(["1.50", 2]), FieldType::Decimal);
        check(false, json!(["2026-01-31"]), FieldType::Date);
        check(false, json!(["2026-01-31", "2026-01-31T10:00:00Z"]), FieldType::Datetime);
        check(false, json!(["a@example.com"]), FieldType::Email);
        check(false, json!(["https://example.com"]), FieldType::Url);
        check(false, json!(["0192f0c1-7d2e-7abc-8def-0123456789ab"]), FieldType::Uuid);
        check(false, json!([["a"], []]), FieldType::Multiselect);
        check(false, json!([["a"], [1]]), FieldType::Json);
        check(false, json!([1, "n/a"]), FieldType::Json);
        check(false, json!([{"a": 1}]), FieldType::Json);
        check(false, json!(["a\nb"]), FieldType::Text);
        check(false, json!([null]), FieldType::String);
        check(false, json!([i64::MAX, 0.5]), FieldType::Json);
    }

    #[test]
    fn numbers_are_looked_for_in_text() {
        check(true, json!(["1", "-20"]), FieldType::Integer);
        check(true, json!(["007", "1"]), FieldType::String);
        check(true, json!(["1", "2.5"]), FieldType::Decimal);
        check(true, json!(["99999999999999999999"]), FieldType::Decimal);
        check(true, json!(["true", "FALSE"]), FieldType::Bool);
        check(true, json!(["-0"]), FieldType::String);
        check(true, json!(["[\"a\"]", "{}"]), FieldType::Json);
    }
}
