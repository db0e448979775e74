//! Whole numbers of more digits than are kept. Reading JSON makes floats of them without a word.

use serde_json::Value;

/// Whether the value, or one within it, may be a whole number of the text that was rounded when the text was read.
pub fn rounded(value: &Value, text: &[u8]) -> bool {
    is_big(value) && has_long_integer(text)
}

/// The same, leaving out the value itself: its field's type says what becomes of it.
pub fn rounded_within(value: &Value, text: &[u8]) -> bool {
    within(value) && has_long_integer(text)
}

/// A float beyond what whole numbers are kept as.
fn is_big(value: &Value) -> bool {
    value.as_number().is_some_and(|n| n.is_f64() && n.as_f64().is_some_and(|f| f.abs() >= 1e18)) || within(value)
}

fn within(value: &Value) -> bool {
    match value {
        Value::Array(items) => items.iter().any(is_big),
        Value::Object(map) => map.values().any(is_big),
        _ => false,
    }
}

/// Twenty digits in a row, no point or exponent about them, outside quotes.
fn has_long_integer(text: &[u8]) -> bool {
    let (mut quoted, mut escaped, mut run) = (false, false, 0);
    for (i, b) in text.iter().chain(b" ").enumerate() {
        if quoted {
            quoted = escaped || *b != b'"';
            escaped = !escaped && *b == b'\\';
        } else if b.is_ascii_digit() {
            run += 1;
        } else {
            let point_before = i > run && text[i - run - 1] == b'.';
            if run >= 20 && !matches!(b, b'.' | b'e' | b'E') && !point_before {
                return true;
            }
            run = 0;
            quoted = *b == b'"';
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_numbers_that_were_rounded_are_noticed_wherever_they_stand() {
        let cases = [
            (r#"{"n": 123456789012345678901}"#, true),
            (r#"[[{"n": -99999999999999999999}]]"#, true),
            (r#"{"n": 18446744073709551615}"#, false),
            (r#"{"n": "123456789012345678901", "f": 1e22}"#, false),
            (r#"{"f": 0.12345678901234567890, "g": 12345678901234567890123.5}"#, false),
        ];
        for (text, expected) in cases {
            let value: Value = serde_json::from_str(text).unwrap();
            assert_eq!(rounded_within(&value, text.as_bytes()), expected, "{text}");
        }
        let alone = "123456789012345678901";
        let value: Value = serde_json::from_str(alone).unwrap();
        assert!(!rounded_within(&value, alone.as_bytes()));
        assert!(rounded(&value, alone.as_bytes()));
    }
}
