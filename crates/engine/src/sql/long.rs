//! Values too long for an index: Postgres takes no row of more than some 2,700 bytes into one. A longer value stands there as its beginning
//! and its digest: two of them are equal just when the values are. The beginning keeps them nearly in order.

use sha2::{Digest as _, Sha256};

use super::dialect::hex;

/// Characters of a beginning, and bytes from which on a value is cut. What is cut stays longer than what is not, so that the two never meet.
/// With four bytes to a character it fits, even though nothing in it can be compressed.
pub const KEPT: usize = 500;

/// The same for each of several values in one index.
pub fn kept(parts: usize) -> usize {
    if parts > 1 { 400 / parts } else { KEPT }
}

/// A text as an index keeps it.
pub fn cut(text: &str, kept: usize) -> String {
    if text.len() <= kept {
        return text.to_owned();
    }
    let end = text.char_indices().nth(kept).map_or(text.len(), |(at, _)| at);
    format!("{}{}", &text[..end], hex(&Sha256::digest(text.as_bytes())))
}

/// Bytes as an index keeps them.
pub fn cut_bytes(bytes: &[u8], kept: usize) -> Vec<u8> {
    if bytes.len() <= kept {
        return bytes.to_vec();
    }
    [&bytes[..kept], Sha256::digest(bytes).as_slice()].concat()
}

/// [`cut`] in Postgres's SQL, of functions that may stand in an index: that is why a text is made bytes in this way.
pub fn cut_text_sql(text: &str, kept: usize) -> String {
    format!(
        "CASE WHEN octet_length({text}) > {kept} THEN left({text}, {kept}) || \
         encode(sha256(decode(replace({text}, '\\', '\\\\'), 'escape')), 'hex') ELSE {text} END"
    )
}

/// [`cut_bytes`] in Postgres's SQL.
pub fn cut_bytes_sql(bytes: &str, kept: usize) -> String {
    format!("CASE WHEN octet_length({bytes}) > {kept} THEN substr({bytes}, 1, {kept}) || sha256({bytes}) ELSE {bytes} END")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_cut_is_never_what_is_not() {
        let short = "x".repeat(500);
        assert_eq!(cut(&short, 500), short);
        // 251 characters of 502 bytes are all kept, and still marked as cut.
        for long in ["x".repeat(501), "é".repeat(251), "😀".repeat(100_000)] {
            let cut = cut(&long, 500);
            assert!((501..2700).contains(&cut.len()), "{}", cut.len());
        }
        assert_eq!(cut_bytes(&[7; 500], 500).len(), 500);
        assert_eq!(cut_bytes(&[7; 501], 500).len(), 532);
    }
}
