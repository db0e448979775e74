//! What counts as a value of a type, and its one canonical form.
//!
//! The canonical form is JSON: it is what callers get, what the shared table's JSON holds, and what every dialect
//! turns into a column value and back. Two values are equal just when their canonical forms are (a decimal's trailing
//! zeros apart, see [`index_key`]).

use bigdecimal::BigDecimal;
use serde_json::{Number, Value};
use std::str::FromStr;

use super::field::{FieldConfig, FieldType, StorageType};

/// The canonical form of `input` for a field, or the reason why it does not fit (lower case, no full stop).
/// Null is a value of every type.
pub fn normalize(field_type: FieldType, config: &FieldConfig, input: &Value) -> Result<Value, String> {
    if input.is_null() {
        return Ok(Value::Null);
    }
    let value = match field_type.storage() {
        StorageType::Text => Value::String(text(input)?.to_owned()),
        StorageType::Integer => Value::Number(integer(input)?.into()),
        StorageType::Float => Value::Number(float(input)?),
        StorageType::Decimal => Value::String(decimal(input, config)?),
        StorageType::Bool => Value::Bool(boolean(input)?),
        StorageType::Date => Value::String(date(text(input)?)?),
        StorageType::Datetime => Value::String(datetime(text(input)?)?),
        StorageType::Uuid => Value::String(uuid::Uuid::parse_str(text(input)?.trim()).map_err(|_| "is not a UUID".to_owned())?.to_string()),
        StorageType::Json => canonical_json(input)?,
        StorageType::Binary => Value::String(hex(text(input)?)?),
    };
    semantic(field_type, &value)?;
    narrow(field_type, config, &value)?;
    Ok(value)
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a true/false value",
        Value::Number(_) => "a number",
        Value::String(_) => "text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

fn text(value: &Value) -> Result<&str, String> {
    match value {
        Value::String(s) if s.contains('\0') => Err("holds a NUL character, which no database keeps in text".to_owned()),
        Value::String(s) => Ok(s),
        other => Err(format!("is {}, not text", kind(other))),
    }
}

fn integer(value: &Value) -> Result<i64, String> {
    let out_of_range = || "is outside the range of a 64-bit integer".to_owned();
    match value {
        Value::Number(n) => n
            .as_i64()
            .ok_or_else(|| match n.as_f64() {
                Some(f) if f.fract() != 0.0 => "has a fraction, so it is not an integer".to_owned(),
                _ if n.is_u64() => out_of_range(),
                // 1e3 is an integer to a person, but past 2^53 a float no longer says which one.
                Some(f) if f.abs() < 9_007_199_254_740_992.0 => String::new(),
                _ => out_of_range(),
            })
            .or_else(|reason| if reason.is_empty() { Ok(n.as_f64().unwrap_or_default() as i64) } else { Err(reason) }),
        Value::String(s) => {
            let digits = s.trim().strip_prefix(['-', '+']).unwrap_or(s.trim());
            if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
                return Err("is not an integer".to_owned());
            }
            s.trim().parse().map_err(|_| out_of_range())
        }
        other => Err(format!("is {}, not an integer", kind(other))),
    }
}

fn float(value: &Value) -> Result<Number, String> {
    let number = match value {
        Value::Number(n) => n.as_f64().unwrap_or(f64::NAN),
        Value::String(s) if s.trim().starts_with(|c: char| c.is_ascii_digit() || matches!(c, '-' | '+' | '.')) => {
            s.trim().parse::<f64>().map_err(|_| "is not a number".to_owned())?
        }
        Value::String(_) => return Err("is not a number".to_owned()),
        other => return Err(format!("is {}, not a number", kind(other))),
    };
    // Negative zero does not survive SQLite's storage, so it is zero everywhere.
    let number = if number == 0.0 { 0.0 } else { number };
    Number::from_f64(number).ok_or_else(|| "is not a finite number".to_owned())
}

fn decimal(value: &Value, config: &FieldConfig) -> Result<String, String> {
    let written = match value {
        Value::Number(n) => {
            let written = n.to_string();
            let digits = written.split(['e', 'E']).next().unwrap_or_default().bytes().filter(u8::is_ascii_digit).count();
            if n.is_f64() && digits > 15 {
                return Err("has more digits than a JSON number keeps: write it as text, in quotes".to_owned());
            }
            written
        }
        Value::String(s) => s.trim().to_owned(),
        other => return Err(format!("is {}, not a number", kind(other))),
    };
    let plain = written.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'-' | b'+' | b'.' | b'e' | b'E'));
    let mut number = BigDecimal::from_str(&written).ok().filter(|_| plain).ok_or("is not a number")?;
    if number.fractional_digit_count() > 1000 || number.digits() as i64 - number.fractional_digit_count() > 1000 {
        return Err("has more than a thousand digits".to_owned());
    }
    if number.fractional_digit_count() < 0 {
        number = number.with_scale(0);
    }
    if let Some(scale) = config.scale {
        let scaled = number.with_scale(i64::from(scale));
        if scaled != number {
            return Err(format!("has more than {scale} digits after the point"));
        }
        number = scaled;
    }
    if let Some(precision) = config.precision {
        let whole = number.digits() as i64 - number.fractional_digit_count();
        let room = i64::from(precision) - i64::from(config.scale.unwrap_or(0));
        if whole > room && number != 0 {
            return Err(format!("has more than {room} digits before the point"));
        }
    }
    let text = number.to_plain_string();
    Ok(if number == 0 { text.trim_start_matches('-').to_owned() } else { text })
}

fn boolean(value: &Value) -> Result<bool, String> {
    match value {
        Value::Bool(b) => Ok(*b),
        Value::String(s) if s.eq_ignore_ascii_case("true") => Ok(true),
        Value::String(s) if s.eq_ignore_ascii_case("false") => Ok(false),
        other => Err(format!("is {}, not true or false", kind(other))),
    }
}

fn date(text: &str) -> Result<String, String> {
    let text = text.trim();
    day(text)?;
    Ok(text.to_owned())
}

fn day(text: &str) -> Result<jiff::civil::Date, String> {
    let bad = || "is not a date: write it as 2026-01-31".to_owned();
    let shaped = text.len() == 10 && text.bytes().enumerate().all(|(i, b)| if i == 4 || i == 7 { b == b'-' } else { b.is_ascii_digit() });
    if !shaped {
        return Err(bad());
    }
    // The shape is checked, so the parts are numbers; whether the day exists is the calendar's word.
    let part = |range: std::ops::Range<usize>| text[range].parse::<i16>().unwrap_or_default();
    jiff::civil::Date::new(part(0..4), part(5..7) as i8, part(8..10) as i8).map_err(|_| "is not a day of the calendar".to_owned())
}

/// UTC, to the microsecond, a fraction only where there is one.
fn datetime(text: &str) -> Result<String, String> {
    let text = text.trim();
    if !text.is_ascii() {
        return Err("is not a date and time".to_owned());
    }
    let bad = || "is not a date and time: write it as 2026-01-31T12:00:00Z".to_owned();
    let day = day(text.get(..10).ok_or_else(bad)?)?;
    let rest = &text[10..];
    if rest.is_empty() {
        return Ok(format!("{text}T00:00:00Z"));
    }
    let rest = rest.strip_prefix(['T', 't', ' ']).ok_or_else(bad)?;
    let zone_at = rest.find(['Z', 'z', '+', '-']).unwrap_or(rest.len());
    let (clock, zone) = rest.split_at(zone_at);
    let (clock, fraction) = clock.trim_end().split_once('.').unwrap_or((clock.trim_end(), ""));
    let mut parts = clock.split(':');
    let mut number = |limit: u8, default: Option<u8>| match parts.next() {
        Some(p) if p.len() == 2 && p.bytes().all(|b| b.is_ascii_digit()) => p.parse::<u8>().ok().filter(|n| *n < limit),
        Some(_) => None,
        None => default,
    };
    let (hour, minute, second) =
        (number(24, None).ok_or_else(bad)?, number(60, None).ok_or_else(bad)?, number(60, Some(0)).ok_or_else(bad)?);
    if parts.next().is_some() || !fraction.bytes().all(|b| b.is_ascii_digit()) {
        return Err(bad());
    }
    let fraction = fraction.trim_end_matches('0');
    if fraction.len() > 6 {
        return Err("is finer than a microsecond".to_owned());
    }
    let offset = zone_minutes(zone).ok_or_else(bad)?;
    let utc = day
        .at(hour as i8, minute as i8, second as i8, 0)
        .checked_sub(jiff::SignedDuration::from_mins(offset))
        .ok()
        .filter(|t| (0..=9999).contains(&t.year()))
        .ok_or("lies outside the years 0 to 9999")?;
    let point = if fraction.is_empty() { "" } else { "." };
    Ok(format!(
        "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}{point}{fraction}Z",
        utc.year(),
        utc.month(),
        utc.day(),
        utc.hour(),
        utc.minute(),
        utc.second()
    ))
}

/// `Z`, ``, `+02:00`, `-0330`, `+02` in minutes east of UTC.
fn zone_minutes(zone: &str) -> Option<i64> {
    let zone = zone.trim();
    if zone.is_empty() || zone.eq_ignore_ascii_case("z") {
        return Some(0);
    }
    let sign = if zone.starts_with('-') { -1 } else { 1 };
    let digits: String = zone[1..].chars().filter(|c| *c != ':').collect();
    if !matches!(digits.len(), 2 | 4) || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let hours: i64 = digits[..2].parse().ok()?;
    let minutes: i64 = if digits.len() == 4 { digits[2..].parse().ok()? } else { 0 };
    (hours < 24 && minutes < 60).then_some(sign * (hours * 60 + minutes))
}

/// Keys sorted, negative zero gone: the form in which any database gives it back.
pub fn canonical_json(value: &Value) -> Result<Value, String> {
    Ok(match value {
        Value::Object(map) => {
            let mut keys: Vec<&String> = map.keys().collect();
            keys.sort();
            let mut out = serde_json::Map::new();
            for key in keys {
                if key.contains('\0') {
                    return Err("holds a NUL character, which no database keeps in text".to_owned());
                }
                out.insert(key.clone(), canonical_json(&map[key])?);
            }
            Value::Object(out)
        }
        Value::Array(items) => Value::Array(items.iter().map(canonical_json).collect::<Result<_, _>>()?),
        Value::Number(n) if n.is_f64() => plain_number(n),
        Value::String(s) if s.contains('\0') => return Err("holds a NUL character, which no database keeps in text".to_owned()),
        other => other.clone(),
    })
}

/// Negative zero is zero. A whole number of 17 digits or more that 64 bits hold stands as one: a database that keeps numbers by their
/// digits gives it back so.
fn plain_number(n: &Number) -> Value {
    let float = n.as_f64().unwrap_or_default();
    if float == 0.0 {
        Value::from(0.0)
    } else if (1e16..1.8e19).contains(&float) {
        Value::from(float as u64)
    } else if (-9.2e18..=-1e16).contains(&float) {
        Value::from(float as i64)
    } else {
        Value::Number(n.clone())
    }
}

fn hex(text: &str) -> Result<String, String> {
    if text.len().is_multiple_of(2) && text.bytes().all(|b| b.is_ascii_hexdigit()) {
        Ok(text.to_ascii_lowercase())
    } else {
        Err("is not hexadecimal: write two digits for each byte".to_owned())
    }
}

fn semantic(field_type: FieldType, value: &Value) -> Result<(), String> {
    let text = value.as_str().unwrap_or_default();
    let fits = match field_type {
        FieldType::Email => {
            let (local, domain) = text.rsplit_once('@').unwrap_or_default();
            !local.is_empty() && !domain.is_empty() && !text.contains(char::is_whitespace)
        }
        FieldType::Url => text.split_once("://").is_some_and(|(scheme, rest)| {
            !rest.is_empty() && scheme.starts_with(|c: char| c.is_ascii_alphabetic()) && !text.contains(char::is_whitespace)
        }),
        FieldType::Phone => text.bytes().any(|b| b.is_ascii_digit()) && text.chars().all(|c| c.is_ascii_digit() || " +-()./x".contains(c)),
        FieldType::Multiselect => value.as_array().is_some_and(|items| items.iter().all(Value::is_string)),
        FieldType::File | FieldType::Image => value.get("name").is_some_and(Value::is_string),
        _ => return Ok(()),
    };
    if fits {
        return Ok(());
    }
    Err(match field_type {
        FieldType::Email => "is not an e-mail address",
        FieldType::Url => "is not a URL: it starts with a scheme such as https://",
        FieldType::Phone => "is not a phone number",
        FieldType::Multiselect => "is not a list of texts",
        _ => "is not a file: an object with at least a \"name\"",
    }
    .to_owned())
}

fn narrow(field_type: FieldType, config: &FieldConfig, value: &Value) -> Result<(), String> {
    if !config.options.is_empty() {
        let chosen: Vec<&str> = match value {
            Value::Array(items) => items.iter().filter_map(Value::as_str).collect(),
            Value::String(s) => vec![s],
            _ => vec![],
        };
        if let Some(other) = chosen.iter().find(|c| !config.options.iter().any(|o| o == *c)) {
            return Err(format!("{:?} is none of the options {}", super::name::shorten(other, 60), config.options.join(", ")));
        }
    }
    if field_type.storage() == StorageType::Text {
        let text = value.as_str().unwrap_or_default();
        let length = text.chars().count();
        if let Some(max) = config.max_length.filter(|max| length > *max as usize) {
            return Err(format!("is {length} characters long, more than {max}"));
        }
        if let Some(min) = config.min_length.filter(|min| length < *min as usize) {
            return Err(format!("is {length} characters long, fewer than {min}"));
        }
        if let Some(pattern) = &config.pattern {
            let whole = regex_lite::Regex::new(&format!("^(?:{pattern})$"))
                .map_err(|e| format!("cannot be checked: the pattern is not valid ({e})"))?;
            if !whole.is_match(text) {
                return Err(format!("does not match the pattern {pattern}"));
            }
        }
    }
    if let Some(min) = config.min.as_deref().filter(|min| order(value, min) == Some(std::cmp::Ordering::Less)) {
        return Err(format!("is less than {min}"));
    }
    if let Some(max) = config.max.as_deref().filter(|max| order(value, max) == Some(std::cmp::Ordering::Greater)) {
        return Err(format!("is more than {max}"));
    }
    Ok(())
}

/// How a value stands to a bound: as numbers where both are, else as text (dates order as text).
fn order(value: &Value, bound: &str) -> Option<std::cmp::Ordering> {
    let written = match value {
        Value::Number(n) => n.to_string(),
        Value::String(s) => s.clone(),
        _ => return None,
    };
    match (BigDecimal::from_str(&written), BigDecimal::from_str(bound)) {
        (Ok(a), Ok(b)) => a.partial_cmp(&b),
        _ => written.as_str().partial_cmp(bound),
    }
}

/// The text two values share just when they are equal: what uniqueness and look-ups go by. None for null.
pub fn index_key(value: &Value, storage: StorageType) -> Option<String> {
    match value {
        Value::Null => None,
        Value::String(s) if storage == StorageType::Decimal && s.contains('.') => {
            Some(s.trim_end_matches('0').trim_end_matches('.').to_owned())
        }
        // As JSON a text has its quotes: "1" is not 1.
        Value::String(s) if storage != StorageType::Json => Some(s.clone()),
        other => Some(other.to_string()),
    }
}

/// Whether a decimal of this config fits a database number without losing a digit (15 are safe in a double).
pub fn fits_double(config: &FieldConfig) -> bool {
    config.scale.is_some() && config.precision.is_some_and(|p| p <= 15)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[track_caller]
    fn check(field_type: FieldType, input: Value, expected: Result<Value, &str>) {
        let actual = normalize(field_type, &FieldConfig::default(), &input);
        assert_eq!(actual.as_ref().map_err(String::as_str), expected.as_ref().map_err(|e| *e), "{} of {input}", field_type.word());
    }

    #[test]
    fn integers_keep_all_64_bits() {
        check(FieldType::Integer, json!(i64::MAX), Ok(json!(i64::MAX)));
        check(FieldType::Integer, json!("-9223372036854775808"), Ok(json!(i64::MIN)));
        check(FieldType::Integer, json!(u64::MAX), Err("is outside the range of a 64-bit integer"));
        check(FieldType::Integer, json!(1.5), Err("has a fraction, so it is not an integer"));
        check(FieldType::Integer, json!(1e3), Ok(json!(1000)));
        check(FieldType::Integer, json!("n/a"), Err("is not an integer"));
        check(FieldType::Integer, json!(true), Err("is a true/false value, not an integer"));
    }

    #[test]
    fn decimals_keep_every_digit() {
        check(FieldType::Decimal, json!("12.30"), Ok(json!("12.30")));
        check(FieldType::Decimal, json!("-0.00"), Ok(json!("0.00")));
        check(FieldType::Decimal, json!("1e3"), Ok(json!("1000")));
        check(FieldType::Decimal, json!(0.1), Ok(json!("0.1")));
        check(FieldType::Decimal, json!("123456789012345678901234567890.5"), Ok(json!("123456789012345678901234567890.5")));
        check(
            FieldType::Decimal,
            json!(0.123_456_789_012_345_67),
            Err("has more digits than a JSON number keeps: write it as text, in quotes"),
        );
        check(FieldType::Decimal, json!("NaN"), Err("is not a number"));
        check(FieldType::Decimal, json!(""), Err("is not a number"));
        let money = FieldConfig { precision: Some(5), scale: Some(2), ..FieldConfig::default() };
        assert_eq!(normalize(FieldType::Currency, &money, &json!("7")), Ok(json!("7.00")));
        assert_eq!(normalize(FieldType::Currency, &money, &json!("1234.5")), Err("has more than 3 digits before the point".to_owned()));
        assert_eq!(normalize(FieldType::Currency, &money, &json!("1.005")), Err("has more than 2 digits after the point".to_owned()));
    }

    #[test]
    fn days_and_times_are_real_and_in_utc() {
        check(FieldType::Date, json!("2026-02-30"), Err("is not a day of the calendar"));
        check(FieldType::Date, json!("0000-01-01"), Ok(json!("0000-01-01")));
        check(FieldType::Datetime, json!("2026-01-31 12:00:00"), Ok(json!("2026-01-31T12:00:00Z")));
        check(FieldType::Datetime, json!("2026-01-31T12:00:00.250+02:00"), Ok(json!("2026-01-31T10:00:00.25Z")));
        check(FieldType::Datetime, json!("2026-01-31"), Ok(json!("2026-01-31T00:00:00Z")));
        check(FieldType::Datetime, json!("9999-12-31T23:59:59-01:00"), Err("lies outside the years 0 to 9999"));
        check(FieldType::Datetime, json!("2026-01-31T25:00:00Z"), Err("is not a date and time: write it as 2026-01-31T12:00:00Z"));
    }

    #[test]
    fn odd_values_are_refused_or_made_plain() {
        check(FieldType::Float, json!(-0.0), Ok(json!(0.0)));
        check(FieldType::Float, json!("inf"), Err("is not a number"));
        check(FieldType::Float, json!("1e999"), Err("is not a finite number"));
        check(FieldType::String, json!("a\0b"), Err("holds a NUL character, which no database keeps in text"));
        check(FieldType::String, json!(""), Ok(json!("")));
        check(FieldType::String, json!(5), Err("is a number, not text"));
        check(FieldType::Binary, json!("00FF"), Ok(json!("00ff")));
        check(FieldType::Json, json!({"b": 1, "a": -0.0}), Ok(json!({"a": 0.0, "b": 1})));
        check(FieldType::Email, json!("no at"), Err("is not an e-mail address"));
        check(FieldType::Multiselect, json!(["a", 1]), Err("is not a list of texts"));
    }

    #[test]
    fn equal_decimals_share_a_key() {
        assert_eq!(index_key(&json!("1.50"), StorageType::Decimal), index_key(&json!("1.5"), StorageType::Decimal));
        assert_eq!(index_key(&json!("100"), StorageType::Decimal).as_deref(), Some("100"), "zeros before the point count");
    }
}
