//! A header and lines of cells, as RFC 4180 has it, with whichever of the usual separators.

use serde_json::Value;
use std::{
    fs::File,
    io::{BufReader, Read, Seek, SeekFrom},
    path::Path,
};

use super::fill::{Line, Rows, bad_line, opened};
use crate::{
    error::{Error, Result},
    model::name,
};

pub struct Csv {
    reader: ::csv::Reader<BufReader<File>>,
    header: Vec<String>,
    start: ::csv::Position,
    record: ::csv::StringRecord,
}

impl Csv {
    /// # Errors
    /// `io`; `invalid_input` when there is no header or the text is not UTF-8.
    pub fn open(path: &Path) -> Result<Self> {
        let mut file = opened(path)?;
        let mut head = vec![];
        (&mut file).take(1 << 16).read_to_end(&mut head)?;
        if head.starts_with(b"\xff\xfe") || head.starts_with(b"\xfe\xff") {
            return Err(Error::invalid("The file is UTF-16. Save it as UTF-8."));
        }
        let skip = if head.starts_with(b"\xef\xbb\xbf") { 3 } else { 0 };
        file.seek(SeekFrom::Start(skip))?;
        let mut reader = ::csv::ReaderBuilder::new()
            .delimiter(delimiter(&head))
            .has_headers(false)
            .flexible(true)
            .from_reader(BufReader::with_capacity(1 << 16, file));
        let mut record = ::csv::StringRecord::new();
        if !reader.read_record(&mut record).map_err(|e| failed(&e))? || record.iter().all(|c| c.trim().is_empty()) {
            return Err(Error::invalid("The file is empty: its first line should name the fields."));
        }
        let mut header: Vec<String> = vec![];
        for (i, cell) in record.iter().enumerate() {
            let named = if cell.trim().is_empty() { format!("column_{}", i + 1) } else { cell.trim().to_owned() };
            header.push(name::distinct(&named, |c| header.iter().any(|h| name::folded(h) == name::folded(c))));
        }
        let mut start = reader.position().clone();
        start.set_byte(start.byte() + skip);
        Ok(Self { reader, header, start, record })
    }
}

/// The separator that splits the first line outside quotes into the most cells.
fn delimiter(head: &[u8]) -> u8 {
    let mut counts = [(b',', 0), (b';', 0), (b'\t', 0), (b'|', 0)];
    let mut quoted = false;
    for b in head {
        match b {
            b'"' => quoted = !quoted,
            b'\n' if !quoted => break,
            _ if !quoted => counts.iter_mut().filter(|(d, _)| d == b).for_each(|(_, n)| *n += 1),
            _ => {}
        }
    }
    // The first of equals wins, so a comma where none occurs.
    counts.into_iter().rev().max_by_key(|(_, n)| *n).map_or(b',', |(d, _)| d)
}

fn failed(error: &::csv::Error) -> Error {
    let line = error.position().map_or(1, ::csv::Position::line);
    match error.kind() {
        ::csv::ErrorKind::Io(e) => Error::new(crate::ErrorCode::Io, e.to_string()),
        ::csv::ErrorKind::Utf8 { .. } => bad_line(line, "is not UTF-8: save the file as UTF-8"),
        other => bad_line(line, &format!("cannot be read: {other:?}")),
    }
}

impl Rows for Csv {
    const ALL_TEXT: bool = true;

    fn rewind(&mut self) -> Result<()> {
        self.reader.seek_raw(SeekFrom::Start(self.start.byte()), self.start.clone()).map_err(|e| failed(&e))
    }

    fn next(&mut self) -> Result<Option<Line>> {
        if !self.reader.read_record(&mut self.record).map_err(|e| failed(&e))? {
            return Ok(None);
        }
        let number = self.record.position().map_or(0, ::csv::Position::line);
        if self.record.iter().skip(self.header.len()).any(|c| !c.is_empty()) {
            let why = format!("has {} cells, but the header names {} fields", self.record.len(), self.header.len());
            return Err(bad_line(number, &why));
        }
        let cell = |i: usize| self.record.get(i).filter(|c| !c.is_empty()).map_or(Value::Null, Value::from);
        let fields = self.header.iter().enumerate().map(|(i, name)| (name.clone(), cell(i))).collect();
        Ok(Some(Line { number, fields }))
    }
}

#[cfg(test)]
mod tests {
    use super::delimiter;

    #[test]
    fn the_separator_is_found() {
        assert_eq!(delimiter(b"a;b;\"c,d,e\"\n1,2,3,4,5"), b';');
        assert_eq!(delimiter(b"a\tb\n"), b'\t');
        assert_eq!(delimiter(b"a|b|c"), b'|');
        assert_eq!(delimiter(b"only"), b',');
    }
}
