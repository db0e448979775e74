//! Names people give, and the storage names made from them.
//!
//! A name may hold anything printable. A storage name (column, JSON key, table) is made once, when the
//! thing is made, and stays through every rename: a rename never touches data.

use crate::error::{Error, ErrorCode, Result};
use serde_json::json;

/// Longest name accepted, in characters.
pub const MAX_NAME: usize = 255;
/// Longest storage name, in bytes: Postgres silently cuts at 63, so we cut first and keep names apart.
pub const MAX_STORAGE: usize = 48;

/// Checks a name given by a person and returns it trimmed.
///
/// # Errors
/// `invalid_name` when it is empty, too long, or holds control characters.
pub fn checked(name: &str) -> Result<String> {
    let trimmed = name.trim();
    let problem = if trimmed.is_empty() {
        "is empty"
    } else if trimmed.chars().count() > MAX_NAME {
        "is longer than 255 characters"
    } else if trimmed.chars().any(char::is_control) {
        "holds control characters such as a line break"
    } else {
        return Ok(trimmed.to_owned());
    };
    Err(Error::new(ErrorCode::InvalidName, format!("The name {:?} {problem}. Choose another.", shorten(name, 60)))
        .with(json!({ "name": shorten(name, 300) })))
}

/// The first `max` characters, for messages.
pub fn shorten(text: &str, max: usize) -> String {
    if text.chars().count() <= max { text.to_owned() } else { text.chars().take(max).chain(['…']).collect() }
}

/// The folded form in which two names count as the same: databases compare identifiers without regard to case.
pub fn folded(name: &str) -> String {
    name.to_lowercase()
}

/// The part of a table name made from an entity or relationship name: `Order Details` gives `order_details`.
pub fn slug(name: &str) -> String {
    let mut out = String::new();
    for c in name.to_lowercase().chars() {
        if c.is_alphanumeric() {
            out.push(c);
        } else if !out.ends_with('_') {
            out.push('_');
        }
    }
    let out = out.trim_matches('_');
    if out.is_empty() { "x".to_owned() } else { out.to_owned() }
}

/// A column name and JSON key for a field: the field's name, less what a JSON path or a quoted identifier trips over.
/// `taken` says whether a candidate is in use (compared folded).
pub fn storage(name: &str, taken: impl Fn(&str) -> bool) -> String {
    let mut safe: String = name.chars().map(|c| if matches!(c, '"' | '\'' | '\\' | '`' | '$' | '[' | ']') { '_' } else { c }).collect();
    // The `kdb_` prefix is ours in every dedicated table, and so are the names databases keep for themselves.
    if folded(&safe).starts_with("kdb_") {
        safe.insert(0, '_');
    }
    let reserved = |candidate: &str| {
        matches!(folded(candidate).as_str(), "id" | "rowid" | "oid" | "_rowid_" | "ctid" | "xmin" | "xmax" | "cmin" | "cmax" | "tableoid")
    };
    distinct(&safe, |candidate| reserved(candidate) || taken(candidate))
}

/// `base`, cut to fit, with `_2`, `_3`, … where it is taken.
pub fn distinct(base: &str, taken: impl Fn(&str) -> bool) -> String {
    let mut candidate = cut(base, MAX_STORAGE);
    let mut n = 2;
    while taken(&candidate) {
        let suffix = format!("_{n}");
        candidate = format!("{}{suffix}", cut(base, MAX_STORAGE - suffix.len()));
        n += 1;
    }
    candidate
}

/// The longest prefix of at most `bytes` bytes that ends between characters.
pub fn cut(text: &str, bytes: usize) -> String {
    let mut end = text.len().min(bytes);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text[..end].to_owned()
}

/// An identifier made of `parts` joined by `_`, for indexes and constraints: cut to fit, with a hash of the
/// whole where it was cut, so that two long names never become one.
pub fn identifier(parts: &[&str]) -> String {
    let whole = parts.join("_");
    if whole.len() <= MAX_STORAGE {
        return whole;
    }
    // FNV-1a: small, stable across versions, and only has to keep a handful of names apart.
    let hash = whole.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |h, b| (h ^ u64::from(b)).wrapping_mul(0x0100_0000_01b3));
    format!("{}_{:08x}", cut(&whole, MAX_STORAGE - 9), hash & 0xffff_ffff)
}

/// Digits in groups of three: `12,345`.
pub fn grouped(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn storage_names_are_distinct_safe_and_short() {
        assert_eq!(storage("AlbumId", |_| false), "AlbumId");
        assert_eq!(storage("id", |_| false), "id_2", "id is the record's own column");
        assert_eq!(storage("kdb_version", |_| false), "_kdb_version", "our own columns start with kdb_");
        assert_eq!(storage("user\"s", |_| false), "user_s");
        assert_eq!(storage("Order Details", |c| c == "Order Details"), "Order Details_2");
        assert!(storage(&"ö".repeat(200), |_| false).len() <= MAX_STORAGE);
        assert_eq!(slug("Order Details"), "order_details");
        assert_eq!(slug("注文"), "注文");
        assert_eq!(slug("\"\""), "x");
    }

    #[test]
    fn long_identifiers_that_differ_at_the_end_stay_apart() {
        let a = identifier(&["t", &"a".repeat(100), "x"]);
        let b = identifier(&["t", &"a".repeat(100), "y"]);
        assert!(a != b && a.len() <= MAX_STORAGE, "{a} {b}");
    }
}
