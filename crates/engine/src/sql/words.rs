//! The words of a statement of SQLite's, as far as it takes to see whether a column is among them.

/// Words of expressions and conditions that name a column only in quotes.
const KEYWORDS: [&str; 27] = [
    "AND", "AS", "ASC", "BETWEEN", "CASE", "CAST", "COLLATE", "DESC", "ELSE", "END", "ESCAPE", "EXISTS", "GLOB", "IN", "IS", "ISNULL",
    "LIKE", "MATCH", "NOT", "NOTNULL", "NULL", "ON", "OR", "REGEXP", "THEN", "WHEN", "WHERE",
];

/// Whether what made an index names the column, between the brackets or after them: in an expression, or in the condition.
pub fn names_column(create: &str, column: &str) -> bool {
    let mut rest = create;
    let (mut within, mut collation) = (false, false);
    while let Some((word, after)) = next(rest) {
        rest = after;
        let (name, quoted) = match word {
            // The names before it are those of the index and the table.
            Word::Mark(mark) => {
                within |= mark == '(';
                collation = false;
                continue;
            }
            Word::Quoted(name) => (name, true),
            Word::Bare(name) => (name.to_owned(), false),
        };
        // A function has brackets behind its name.
        let called = !quoted && rest.trim_start().starts_with('(');
        let column_itself = quoted || !KEYWORDS.iter().any(|keyword| name.eq_ignore_ascii_case(keyword));
        if within && !collation && !called && column_itself && name.eq_ignore_ascii_case(column) {
            return true;
        }
        collation = !quoted && name.eq_ignore_ascii_case("COLLATE");
    }
    false
}

enum Word<'s> {
    Bare(&'s str),
    Quoted(String),
    Mark(char),
}

/// The next word, and what follows it. Spaces, comments and texts in single quotes are none.
fn next(text: &str) -> Option<(Word<'_>, &str)> {
    let mut text = text;
    loop {
        text = text.trim_start();
        let first = text.chars().next()?;
        if text.starts_with("--") {
            text = text.split_once('\n').map_or("", |(_, rest)| rest);
        } else if text.starts_with("/*") {
            text = text.split_once("*/").map_or("", |(_, rest)| rest);
        } else if first == '\'' {
            text = until(&text[1..], '\'').1;
        } else if matches!(first, '"' | '`' | '[') {
            let (name, rest) = until(&text[1..], if first == '[' { ']' } else { first });
            return Some((Word::Quoted(name), rest));
        } else if is_name(first) {
            let end = text.find(|c: char| !is_name(c)).unwrap_or(text.len());
            return Some((Word::Bare(&text[..end]), &text[end..]));
        } else {
            return Some((Word::Mark(first), &text[first.len_utf8()..]));
        }
    }
}

fn is_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_' || c == '$' || !c.is_ascii()
}

/// What is quoted up to this end, which stands twice where it is meant, and what follows.
fn until(text: &str, end: char) -> (String, &str) {
    let (mut name, mut rest) = (String::new(), text);
    while let Some((head, tail)) = rest.split_once(end) {
        name.push_str(head);
        match tail.strip_prefix(end).filter(|_| end != ']') {
            Some(more) => {
                name.push(end);
                rest = more;
            }
            None => return (name, tail),
        }
    }
    (name, "")
}

#[cfg(test)]
mod tests {
    use super::names_column;

    #[test]
    fn a_column_is_found_however_it_is_written() {
        for create in [
            "CREATE INDEX i ON t (lower(Code))",
            "CREATE INDEX i ON t(\"code\" || 'x')",
            "CREATE INDEX i ON t(name) WHERE code IS NOT NULL",
            "CREATE INDEX i ON t(name) WHERE [code]>1",
            "CREATE INDEX \"a (b\" ON t(length(`code`) COLLATE NOCASE DESC)",
        ] {
            assert!(names_column(create, "code"), "{create}");
        }
        assert!(names_column("CREATE INDEX i ON t(lower(\"a\"\"b\"))", "a\"b"));
    }

    #[test]
    fn what_only_looks_like_it_is_none() {
        for create in [
            "CREATE INDEX code ON \"code\" (lower(name))",
            "CREATE INDEX i ON t (code(name))",
            "CREATE INDEX i ON t (name || 'code')",
            "CREATE INDEX i ON t (lower(name) COLLATE code)",
            "CREATE INDEX i ON t (lower(name) /* code */) -- code",
            "CREATE INDEX i ON t (lower(barcode), lower(\"code \"))",
        ] {
            assert!(!names_column(create, "code"), "{create}");
        }
        let create = "CREATE INDEX i ON t (CASE WHEN a THEN b END, \"then\")";
        assert_eq!(["end", "when", "then"].map(|column| names_column(create, column)), [false, false, true]);
    }
}
