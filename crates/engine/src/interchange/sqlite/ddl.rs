//! What only stands in the text of a `CREATE TABLE`: no pragma tells of checks and collations.

use sqlparser::{
    dialect::SQLiteDialect,
    tokenizer::{Token, Tokenizer},
};

#[derive(Debug, Default, PartialEq)]
pub struct Remarks {
    /// The text of each `CHECK`, parentheses included.
    pub checks: Vec<String>,
    /// Column and collation, where one other than the exact comparison is named.
    pub collations: Vec<(String, String)>,
    pub autoincrement: bool,
}

/// Reads a table definition word by word. A definition that cannot be read says nothing.
pub fn remarks(definition: &str) -> Remarks {
    let mut out = Remarks::default();
    let Ok(tokens) = Tokenizer::new(&SQLiteDialect {}, definition).tokenize() else { return out };
    let tokens: Vec<Token> = tokens.into_iter().filter(|t| !matches!(t, Token::Whitespace(_))).collect();
    let (mut depth, mut column) = (0, String::new());
    let mut i = 0;
    while i < tokens.len() {
        match &tokens[i] {
            Token::LParen | Token::Comma if depth + i32::from(tokens[i] == Token::LParen) == 1 => {
                depth = 1;
                column = tokens.get(i + 1).map(word).unwrap_or_default();
            }
            Token::LParen => depth += 1,
            Token::RParen => depth -= 1,
            Token::Word(w) if w.quote_style.is_none() && depth == 1 => match w.value.to_ascii_uppercase().as_str() {
                "CHECK" if tokens.get(i + 1) == Some(&Token::LParen) => {
                    let end = closing(&tokens, i + 1);
                    out.checks.push(text(&tokens[i + 1..=end]));
                    i = end;
                }
                "COLLATE" => {
                    let collation = tokens.get(i + 1).map(word).unwrap_or_default();
                    if !collation.eq_ignore_ascii_case("binary") {
                        out.collations.push((column.clone(), collation));
                    }
                }
                "AUTOINCREMENT" => out.autoincrement = true,
                _ => {}
            },
            _ => {}
        }
        i += 1;
    }
    out
}

fn word(token: &Token) -> String {
    match token {
        Token::Word(w) => w.value.clone(),
        Token::SingleQuotedString(s) | Token::DoubleQuotedString(s) => s.clone(),
        other => other.to_string(),
    }
}

/// Position of the parenthesis that closes the one at `open`; the last token where none does.
fn closing(tokens: &[Token], open: usize) -> usize {
    let mut depth = 0;
    for (i, token) in tokens.iter().enumerate().skip(open) {
        match token {
            Token::LParen => depth += 1,
            Token::RParen => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return i;
        }
    }
    tokens.len() - 1
}

fn text(tokens: &[Token]) -> String {
    let mut out = String::new();
    for token in tokens {
        let text = token.to_string();
        let tight =
            out.is_empty() || out.ends_with('(') || matches!(token, Token::RParen | Token::Comma | Token::Period) || out.ends_with('.');
        if !tight {
            out.push(' ');
        }
        out.push_str(&text);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn checks_and_collations_are_found_and_words_inside_quotes_are_not() {
        let remarks = remarks(
            "CREATE TABLE \"check\" ([a b] TEXT COLLATE NOCASE UNIQUE, -- CHECK (no)\n n INT DEFAULT (abs(-1)) CHECK (n > 0 and n in (1, 2)), \
             'c' INTEGER PRIMARY KEY AUTOINCREMENT, d TEXT DEFAULT 'CHECK (x)', CONSTRAINT k CHECK (d <> 'a'))",
        );
        assert_eq!(remarks.collations, [("a b".to_owned(), "NOCASE".to_owned())]);
        assert_eq!(remarks.checks, ["(n > 0 and n in (1, 2))", "(d <> 'a')"]);
        assert!(remarks.autoincrement);
    }
}
