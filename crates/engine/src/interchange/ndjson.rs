//! One JSON object a line: plain (`{"name": …}`), or as an export writes it (`{"id","version","data"}`).

use std::{
    fs::File,
    io::{BufRead, BufReader, Seek},
    path::Path,
};

use super::fill::{Fields, ID, Line, Rows, bad_line, opened};
use crate::{error::Result, model::digits};

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

    fn parsed(&self, line: &[u8]) -> Result<Fields> {
        let bad = |why: &str| Err(bad_line(self.number, why));
        match line.iter().find(|b| !b.is_ascii_whitespace()) {
            Some(b'{') => {}
            Some(b'[') => return bad("is a list: write one object a line, without brackets around them"),
            _ => return bad("is no JSON object: write each record as {\"field\": value}"),
        }
        match serde_json::from_slice(line) {
            Ok(InOrder(fields)) => self.checked(fields, line),
            Err(e) => bad(&format!("is no JSON: {e}")),
        }
    }

    /// A line as an export writes it: the values under `data`, with the id beside them.
    fn parsed_export(&self, line: &[u8]) -> Result<Fields> {
        match serde_json::from_slice(line) {
            Ok(Exported { id, data: InOrder(mut fields), .. }) => {
                fields.insert(0, (ID.to_owned(), id.into()));
                self.checked(fields, line)
            }
            Err(e) => Err(bad_line(self.number, &format!("is not as the lines before it, with id, version and data: {e}"))),
        }
    }

    fn checked(&self, mut fields: Fields, line: &[u8]) -> Result<Fields> {
        let bad = |why: &str| Err(bad_line(self.number, why));
        if fields.iter().any(|(_, value)| digits::rounded(value, line)) {
            return bad("holds an integer of more than 64 bits: write it as text, in quotes");
        }
        for i in 0..fields.len() {
            if fields[i].0.trim().len() < fields[i].0.len() {
                fields[i].0 = fields[i].0.trim().to_owned();
            }
            if fields[..i].iter().any(|(key, _)| *key == fields[i].0) {
                return bad(&format!("has {:?} twice", fields[i].0));
            }
        }
        Ok(fields)
    }
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Exported {
    id: String,
    #[serde(rename = "version")]
    _version: u64,
    data: InOrder,
}

/// An object's members in the order they are written: that is the order the fields get.
struct InOrder(Fields);

impl<'de> serde::Deserialize<'de> for InOrder {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        struct Members;
        impl<'de> serde::de::Visitor<'de> for Members {
            type Value = InOrder;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("an object")
            }
            fn visit_map<A: serde::de::MapAccess<'de>>(self, mut map: A) -> std::result::Result<InOrder, A::Error> {
                let mut out = vec![];
                while let Some(member) = map.next_entry()? {
                    out.push(member);
                }
                Ok(InOrder(out))
            }
        }
        deserializer.deserialize_map(Members)
    }
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
        if self.exported == Some(true) {
            return Ok(Some(Line { number: self.number, fields: self.parsed_export(&line)? }));
        }
        let mut fields = self.parsed(&line)?;
        if self.exported.is_none() {
            // The first line says which kind the file is.
            let exported = is_exported(&fields);
            self.exported = Some(exported);
            if exported {
                fields = self.parsed_export(&line)?;
            }
        }
        Ok(Some(Line { number: self.number, fields }))
    }
}

/// Exactly `id`, `version` and `data`, as an export has them.
fn is_exported(fields: &Fields) -> bool {
    fields.len() == 3
        && fields.iter().all(|(key, value)| match key.as_str() {
            "id" => value.is_string(),
            "version" => value.is_u64(),
            "data" => value.is_object(),
            _ => false,
        })
}
