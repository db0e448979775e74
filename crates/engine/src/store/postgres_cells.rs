//! Postgres's values as cells: each type in one form, whatever the session's settings.

use sqlx::{
    Column as _, Row as _, TypeInfo as _, ValueRef as _,
    postgres::{PgRow, PgValueFormat, PgValueRef},
};

use crate::{
    error::{Error, ErrorCode, Result},
    sql::{Cell, Row},
};

pub(super) fn read_row(row: &PgRow) -> Result<Row> {
    read_cells(row, |_, bytes| String::from_utf8(bytes.to_vec()).map_err(|_| strange("text")))
}

/// A row's cells by the type of each. `text` makes text of the bytes at an index: whose database it is decides what becomes of those that
/// are not UTF-8, which one without an encoding lets in.
pub(super) fn read_cells(row: &PgRow, mut text: impl FnMut(usize, &[u8]) -> Result<String>) -> Result<Row> {
    let mut cells = Vec::with_capacity(row.columns().len());
    for column in row.columns() {
        let index = column.ordinal();
        cells.push(cell(row.try_get_raw(index)?, |bytes| text(index, bytes).map(Cell::Text))?);
    }
    Ok(Row(cells))
}

fn strange(name: &str) -> Error {
    Error::new(ErrorCode::Corrupt, format!("The server sent a {name} that cannot be read."))
}

fn cell(raw: PgValueRef<'_>, text: impl FnOnce(&[u8]) -> Result<Cell>) -> Result<Cell> {
    if raw.is_null() {
        return Ok(Cell::Null);
    }
    let name = raw.type_info().name().to_owned();
    let strange = || strange(&name);
    let bytes = raw.as_bytes().map_err(|_| strange())?;
    if raw.format() == PgValueFormat::Text {
        return Ok(of_text(&name, String::from_utf8_lossy(bytes).into_owned()));
    }
    Ok(match name.as_str() {
        "INT8" => Cell::Integer(i64::from_be_bytes(fixed(bytes).ok_or_else(strange)?)),
        "INT4" => Cell::Integer(i32::from_be_bytes(fixed(bytes).ok_or_else(strange)?).into()),
        "INT2" => Cell::Integer(i16::from_be_bytes(fixed(bytes).ok_or_else(strange)?).into()),
        "OID" => Cell::Integer(u32::from_be_bytes(fixed(bytes).ok_or_else(strange)?).into()),
        "BOOL" => Cell::Integer(i64::from(bytes.first() == Some(&1))),
        "FLOAT8" => Cell::Real(f64::from_be_bytes(fixed(bytes).ok_or_else(strange)?)),
        "FLOAT4" => Cell::Real(f32::from_be_bytes(fixed(bytes).ok_or_else(strange)?).into()),
        "NUMERIC" => Cell::Text(numeric(bytes).ok_or_else(strange)?),
        "UUID" => Cell::Text(uuid::Uuid::from_slice(bytes).map_err(|_| strange())?.to_string()),
        "DATE" => Cell::Text(date(i32::from_be_bytes(fixed(bytes).ok_or_else(strange)?))),
        "TIMESTAMPTZ" | "TIMESTAMP" => Cell::Text(moment(i64::from_be_bytes(fixed(bytes).ok_or_else(strange)?))),
        // One byte says which version of the format follows: text, so far.
        "JSONB" => text(bytes.get(1..).unwrap_or_default())?,
        "TEXT" | "VARCHAR" | "CHAR" | "NAME" | "JSON" | "UNKNOWN" | "BPCHAR" => text(bytes)?,
        _ => Cell::Blob(bytes.to_vec()),
    })
}

/// What a statement without parameters gets may come as text. Days and times stay as the server writes them: ours are texts already.
fn of_text(name: &str, text: String) -> Cell {
    match name {
        "INT8" | "INT4" | "INT2" | "OID" => text.parse().map_or(Cell::Null, Cell::Integer),
        "FLOAT8" | "FLOAT4" => text.parse().map_or(Cell::Null, Cell::Real),
        "BOOL" => Cell::Integer(i64::from(text == "t")),
        _ => Cell::Text(text),
    }
}

fn fixed<const N: usize>(bytes: &[u8]) -> Option<[u8; N]> {
    bytes.try_into().ok()
}

/// Groups of four digits, the first of which is worth 10000 to the power of `weight`.
fn numeric(bytes: &[u8]) -> Option<String> {
    let mut words = bytes.chunks_exact(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]]));
    let (count, weight, sign, scale) = (words.next()?, words.next()?.cast_signed(), words.next()?, usize::from(words.next()?));
    match sign {
        0xC000 => return Some("NaN".to_owned()),
        0xD000 => return Some("Infinity".to_owned()),
        0xF000 => return Some("-Infinity".to_owned()),
        _ => {}
    }
    let groups: Vec<u16> = words.collect();
    if groups.len() != usize::from(count) {
        return None;
    }
    let group = |at: i32| usize::try_from(at).ok().and_then(|at| groups.get(at)).copied().unwrap_or(0);
    let mut out = if sign == 0x4000 { "-".to_owned() } else { String::new() };
    let weight = i32::from(weight);
    if weight < 0 {
        out.push('0');
    }
    for at in 0..=weight {
        out.push_str(&if at == 0 { group(at).to_string() } else { format!("{:04}", group(at)) });
    }
    if scale > 0 {
        out.push('.');
        let from = out.len();
        let mut at = weight + 1;
        while out.len() - from < scale {
            out.push_str(&if at < 0 { "0000".to_owned() } else { format!("{:04}", group(at)) });
            at += 1;
        }
        out.truncate(from + scale);
    }
    Some(out)
}

/// Days from the first of January 2000.
fn date(days: i32) -> String {
    let start = jiff::civil::date(2000, 1, 1);
    match jiff::Span::new().try_days(days).ok().and_then(|span| start.checked_add(span).ok()) {
        Some(day) if day.year() >= 0 => format!("{:04}-{:02}-{:02}", day.year(), day.month(), day.day()),
        _ => beyond(days == i32::MAX, days == i32::MIN),
    }
}

/// Microseconds from the beginning of 2000, UTC.
fn moment(micros: i64) -> String {
    let start = jiff::civil::date(2000, 1, 1).at(0, 0, 0, 0);
    let Some(utc) = start.checked_add(jiff::SignedDuration::from_micros(micros)).ok().filter(|t| t.year() >= 0) else {
        return beyond(micros == i64::MAX, micros == i64::MIN);
    };
    let fraction = format!(".{:06}", utc.subsec_nanosecond() / 1000);
    let fraction = fraction.trim_end_matches('0').trim_end_matches('.');
    format!("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}{fraction}Z", utc.year(), utc.month(), utc.day(), utc.hour(), utc.minute(), utc.second())
}

/// What no field of ours can hold, and another program may have written.
fn beyond(last: bool, first: bool) -> String {
    if last {
        "infinity"
    } else if first {
        "-infinity"
    } else {
        "outside the years 0 to 9999"
    }
    .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_keep_their_scale() {
        let bytes = |words: &[u16]| words.iter().flat_map(|w| w.to_be_bytes()).collect::<Vec<u8>>();
        assert_eq!(numeric(&bytes(&[2, 0, 0, 2, 12, 3000])).as_deref(), Some("12.30"));
        assert_eq!(numeric(&bytes(&[1, 0xFFFF, 0x4000, 3, 50])).as_deref(), Some("-0.005"));
        assert_eq!(numeric(&bytes(&[1, 0xFFFE, 0, 6, 1200])).as_deref(), Some("0.000012"));
        assert_eq!(numeric(&bytes(&[1, 1, 0, 0, 12])).as_deref(), Some("120000"));
        assert_eq!(numeric(&bytes(&[0, 0, 0, 2])).as_deref(), Some("0.00"));
    }

    #[test]
    fn days_and_moments_are_those_of_the_calendar() {
        assert_eq!(date(0), "2000-01-01");
        assert_eq!(date(-730_485), "0000-01-01");
        assert_eq!(date(i32::MAX), "infinity");
        assert_eq!(moment(252_455_615_999_999_999), "9999-12-31T23:59:59.999999Z");
        assert_eq!(moment(0), "2000-01-01T00:00:00Z");
        assert_eq!(moment(-1), "1999-12-31T23:59:59.999999Z");
        assert_eq!(moment(250_000), "2000-01-01T00:00:00.25Z");
    }
}
