//! What the words of a column's definition mean: its type, how its values are compared, its default.

use crate::{
    interchange::relational::{Equality, Given, Hint, Worth},
    sql::Cell,
};

/// How two values of a column are compared: SQLite's own rules of affinity, in SQLite's order, and the collation.
pub fn equality(declared: &str, nocase: bool) -> Equality {
    let upper = declared.to_ascii_uppercase();
    let has = |words: &[&str]| words.iter().any(|w| upper.contains(w));
    if !has(&["INT"]) && has(&["CHAR", "CLOB", "TEXT"]) {
        if nocase { Equality::AsciiCase } else { Equality::Text }
    } else if !has(&["INT"]) && (upper.trim().is_empty() || has(&["BLOB"])) {
        Equality::Exact
    } else {
        Equality::Number
    }
}

/// What the declared type asks for.
pub fn hint(declared: &str) -> Hint {
    let upper = declared.to_ascii_uppercase();
    let has = |words: &[&str]| words.iter().any(|w| upper.contains(w));
    let numbers: Vec<Option<u32>> = upper
        .split_once('(')
        .map(|(_, rest)| rest.trim_end().trim_end_matches(')').split(',').map(|n| n.trim().parse().ok()).collect())
        .unwrap_or_default();
    let number = |i: usize| numbers.get(i).copied().flatten();
    if has(&["BOOL"]) || upper.trim() == "BIT" {
        Hint::Bool
    } else if has(&["UUID", "GUID", "UNIQUEIDENTIFIER"]) {
        Hint::Uuid
    } else if has(&["JSON"]) {
        Hint::Json
    } else if has(&["DATETIME", "TIMESTAMP"]) {
        Hint::Datetime
    } else if has(&["DATE"]) {
        Hint::Date
    } else if upper.trim() == "DECIMAL_TEXT" {
        // What our own tables call decimals of any length.
        Hint::Decimal(None, None)
    } else if has(&["CLOB", "TEXT"]) {
        if has(&["BLOB"]) { Hint::Nothing } else { Hint::Text }
    } else if has(&["CHAR"]) {
        Hint::Chars(number(0))
    } else if has(&["DEC", "NUMERIC", "NUMBER", "MONEY", "CURRENCY"]) {
        Hint::Decimal(number(0), number(1))
    } else if has(&["INT"]) {
        Hint::Integer
    } else if has(&["REAL", "FLOA", "DOUB"]) {
        Hint::Float
    } else if has(&["BLOB", "BINARY", "BYTEA", "IMAGE"]) {
        Hint::Binary
    } else {
        Hint::Nothing
    }
}

/// A default as SQL writes it; none for NULL.
pub fn default(expression: &str) -> Option<Given> {
    let text = expression.trim().trim_start_matches('(').trim_end_matches(')').trim();
    let upper = text.to_ascii_uppercase();
    let tight = upper.replace(' ', "");
    let quoted = |q: char| text.strip_prefix(q).and_then(|t| t.strip_suffix(q)).filter(|t| !t.replace(&format!("{q}{q}"), "").contains(q));
    let worth = if upper == "NULL" {
        return None;
    } else if upper == "CURRENT_TIMESTAMP" || tight.starts_with("DATETIME('NOW'") {
        Worth::Now { day: false }
    } else if upper == "CURRENT_DATE" || tight.starts_with("DATE('NOW'") {
        Worth::Now { day: true }
    } else if let Some(text) = quoted('\'').or_else(|| quoted('"')) {
        Worth::Constant(Cell::Text(text.replace("''", "'")))
    } else if let Ok(n) = text.trim_start_matches('+').parse::<i64>() {
        Worth::Constant(Cell::Integer(n))
    } else if let Some(n) =
        text.parse::<f64>().ok().filter(|n| n.is_finite() && !text.contains(|c: char| c.is_ascii_alphabetic() && c != 'e' && c != 'E'))
    {
        Worth::Constant(Cell::Real(n))
    } else if let "TRUE" | "FALSE" = upper.as_str() {
        Worth::Constant(Cell::Integer(i64::from(upper == "TRUE")))
    } else if let Some(digits) = upper.strip_prefix("X'").and_then(|t| t.strip_suffix('\'')) {
        Worth::Constant(Cell::Text(digits.to_ascii_lowercase()))
    } else {
        Worth::Unknown
    };
    Some(Given { expression: expression.to_owned(), worth })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        interchange::relational::{Scan, default_value},
        model::{FieldConfig, FieldType},
    };
    use serde_json::Value;

    #[track_caller]
    fn check(declared: &str, cells: &[Cell], expected: FieldType) -> FieldConfig {
        let mut scan = Scan::new(hint(declared), false);
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
        check("DECIMAL_TEXT", &[text("12345678901234567890.10")], FieldType::Decimal);
        check("", &[Cell::Integer(1), Cell::Real(0.5)], FieldType::Float);
        check("", &[Cell::Integer(i64::MAX), Cell::Real(0.5)], FieldType::Decimal);
        check("TEXT", &[text(&"x".repeat(300))], FieldType::Text);
    }

    #[test]
    fn defaults_are_values_or_say_why_not() {
        let default_value = |expression: &str, field_type: FieldType| -> Result<Option<Value>, String> {
            default(expression).map_or(Ok(None), |given| default_value(&given, field_type, &FieldConfig::default()))
        };
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
}
