//! One JSON object a line: plain (`{"name": …}`), or as an export writes it (`{"id","version","data"}`).

use serde_json::{Map, Value, json};
use std::{
    fs::File,
    io::{BufRead, BufReader, Seek},
    path::Path,
};

use super::fill::{Line, Rows, bad_line, opened};
use crate::error::Result;

/// A line longer than this is no record.
const LONGEST: u64 = 256 << 20;

pub struct Ndjson {
    reader: BufReader<File>,
    number: u64,
    /// The lines are those of an export: the values stand under `data`.
    exported: Option<bool>,
}

impl Ndjson {
    /// # Errors
    /// `io`.
    pub fn open(path: &Path) -> Result<Self> {
        Ok(Self { reader: BufReader::with_capacity(1 << 16, opened(path)?), number: 0, exported: None })
    }

    fn line(&mut self) -> Result<Option<Vec<u8>>> {
        loop {
            let mut line = vec![];
            self.number += 1;
            let mut limited = std::io::Read::take(&mut self.reader, LONGEST);
            if limited.read_until(b'\n', &mut line)? == 0 {
                return Ok(None);
            }
            if line.len() as u64 == LONGEST {
                return Err(bad_line(self.number, "is too long: write one record a line"));
            }
            if self.number == 1 && line.starts_with(b"\xef\xbb\xbf") {
                line.drain(..3);
            }
            if line.iter().any(|b| !b.is_ascii_whitespace()) {
                return Ok(Some(line));
            }
        }
    }

    fn parsed(&self, line: &[u8]) -> Result<Map<String, Value>> {
        let bad = |why: &str| Err(bad_line(self.number, why));
        match serde_json::from_slice(line) {
            Ok(Value::Object(map)) => {
                if map.values().any(|v| v.as_f64().is_some_and(|f| f.abs() >= 1e18)) && has_long_integer(line) {
                    return bad("holds an integer of more than 64 bits: write it as text, in quotes");
                }
                Ok(map)
            }
            Ok(Value::Array(_)) => bad("is a list: write one object a line, without brackets around them"),
            Ok(_) => bad("is no JSON object: write each record as {\"field\": value}"),
            Err(e) => bad(&format!("is no JSON: {e}")),
        }
    }
}

/// Twenty digits in a row, no point or exponent about them, outside quotes: JSON would round them without a word.
fn has_long_integer(line: &[u8]) -> bool {
    let (mut quoted, mut escaped, mut run) = (false, false, 0);
    for (i, b) in line.iter().enumerate() {
        if quoted {
            quoted = escaped || *b != b'"';
            escaped = !escaped && *b == b'\\';
        } else if b.is_ascii_digit() {
            run += 1;
        } else {
            let point_before = i > run && line[i - run - 1] == b'.';
            if run >= 20 && !matches!(b, b'.' | b'e' | b'E') && !point_before {
                return true;
            }
            run = 0;
            quoted = *b == b'"';
        }
    }
    false
}

impl Rows for Ndjson {
    const ALL_TEXT: bool = false;

    fn rewind(&mut self) -> Result<()> {
        self.reader.rewind()?;
        self.number = 0;
        Ok(())
    }

    fn next(&mut self) -> Result<Option<Line>> {
        let Some(line) = self.line()? else { return Ok(None) };
        let mut map = self.parsed(&line)?;
        let exported = is_exported(&map);
        match self.exported {
            None => self.exported = Some(exported),
            Some(true) if !exported => return Err(bad_line(self.number, "is not as the lines before it: it has no id, version and data")),
            _ => {}
        }
        if self.exported == Some(true) {
            let Some(Value::Object(mut data)) = map.remove("data") else { return Err(bad_line(self.number, "has no data")) };
            data.insert(super::fill::ID.to_owned(), map.remove("id").unwrap_or_default());
            return Ok(Some(Line { number: self.number, data }));
        }
        if map.keys().any(|k| k.trim().len() < k.len()) {
            map = map.into_iter().map(|(k, v)| (k.trim().to_owned(), v)).collect();
        }
        Ok(Some(Line { number: self.number, data: map }))
    }
}

fn is_exported(map: &Map<String, Value>) -> bool {
    map.len() == 3
        && map.get("data").is_some_and(Value::is_object)
        && map.get("version").is_some_and(Value::is_u64)
        && map.get("id").is_some_and(|id| *id != json!(null))
}
