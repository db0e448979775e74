//! What a default comes to: a constant is worked out by the server, in the form in which its column is read.

use sqlparser::{
    dialect::PostgreSqlDialect,
    tokenizer::{Token, Tokenizer},
};

use crate::{
    error::{ErrorCode, Result},
    interchange::relational::{Given, Hint, Worth},
    sql::Cell,
    store::Foreign,
};

/// Constants asked for with one query.
const AT_ONCE: usize = 200;

/// A constant to be asked for, and where it goes.
pub struct Asked {
    pub table: usize,
    pub column: usize,
    pub expression: String,
    /// SQL that reads it as its column is read.
    pub read: String,
}

/// What a default means without asking; `None` for a constant.
pub fn known(expression: &str, hint: &Hint) -> Option<Worth> {
    let plain: String = expression.to_lowercase().chars().filter(|c| !c.is_whitespace()).collect();
    let plain = plain.strip_prefix('(').and_then(|p| p.strip_suffix(')')).unwrap_or(&plain);
    let now = [
        "now()",
        "current_timestamp",
        "localtimestamp",
        "transaction_timestamp()",
        "statement_timestamp()",
        "clock_timestamp()",
        "timezone('utc'::text,now())",
        "now()attimezone'utc'::text",
        "current_timestampattimezone'utc'::text",
    ];
    let today = ["current_date", "('now'::text)::date", "(now())::date"];
    let is_now = now.contains(&plain) || plain.starts_with("current_timestamp(") || plain.starts_with("localtimestamp(");
    if is_now || today.contains(&plain) {
        return Some(match hint {
            Hint::Date => Worth::Now { day: true },
            Hint::Datetime if is_now => Worth::Now { day: false },
            _ => Worth::Unknown,
        });
    }
    let call = plain.rsplit('.').next().unwrap_or_default();
    if matches!(call, "gen_random_uuid()" | "uuid_generate_v4()" | "uuid_generate_v1()" | "uuidv4()" | "uuidv7()") {
        return Some(Worth::NewUuid);
    }
    (!is_constant(expression)).then_some(Worth::Unknown)
}

/// Whether an expression is a value and casts, and calls nothing.
fn is_constant(expression: &str) -> bool {
    let Ok(tokens) = Tokenizer::new(&PostgreSqlDialect {}, expression).tokenize() else { return false };
    // Behind a cast come the words of a type, and perhaps its digits in parentheses.
    let (mut typed, mut outer) = (false, vec![]);
    let mut values = 0;
    for token in tokens {
        match token {
            Token::Whitespace(_) | Token::Period | Token::LBracket | Token::RBracket => {}
            Token::LParen => outer.push(typed),
            Token::RParen => typed = outer.pop().unwrap_or_default(),
            Token::Comma => typed = false,
            Token::DoubleColon => typed = true,
            Token::Minus if !typed => {}
            Token::Number(..) => values += 1,
            Token::SingleQuotedString(_) | Token::EscapedStringLiteral(_) if !typed => values += 1,
            Token::Word(_) if typed => {}
            Token::Word(word) => match word.value.to_ascii_uppercase().as_str() {
                "TRUE" | "FALSE" | "NULL" => values += 1,
                "ARRAY" => {}
                _ => return false,
            },
            _ => return false,
        }
    }
    values > 0
}

/// Asks the server what the constants are. One that it refuses to work out stays unknown.
pub async fn ask(source: &mut Foreign, asked: &[Asked]) -> Result<Vec<Given>> {
    let mut out = vec![];
    for some in asked.chunks(AT_ONCE) {
        let cells = match together(source, some).await? {
            Some(cells) => cells.into_iter().map(Some).collect(),
            None => {
                let mut cells = vec![];
                for one in some {
                    cells.push(together(source, std::slice::from_ref(one)).await?.and_then(|cells| cells.into_iter().next()));
                }
                cells
            }
        };
        out.extend(some.iter().zip(cells).map(|(one, cell): (&Asked, Option<Cell>)| Given {
            expression: one.expression.clone(),
            worth: cell.map_or(Worth::Unknown, Worth::Constant),
        }));
    }
    Ok(out)
}

/// None when the server refuses one of them: a default need not fit its own column.
async fn together(source: &mut Foreign, asked: &[Asked]) -> Result<Option<Vec<Cell>>> {
    let list: Vec<&str> = asked.iter().map(|a| a.read.as_str()).collect();
    source.rows("SAVEPOINT constants".to_owned()).await?;
    match source.rows(format!("SELECT {}", list.join(", "))).await {
        Ok(rows) => {
            source.rows("RELEASE SAVEPOINT constants".to_owned()).await?;
            Ok(Some(rows.into_iter().next().map(|row| row.0).unwrap_or_default()))
        }
        Err(error) if matches!(error.code, ErrorCode::ConnectionLost | ErrorCode::Cancelled) => Err(error),
        Err(_) => {
            source.rows("ROLLBACK TO SAVEPOINT constants".to_owned()).await?;
            Ok(None)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_values_and_casts_are_worked_out() {
        for constant in [
            "'abc'::character varying",
            "3",
            "(-1.5)",
            "'-1'::integer",
            "true",
            "NULL::character varying(10)",
            "'{a,b}'::text[]",
            "ARRAY['a'::text, 'b'::text]",
            "'it''s'::public.\"Mood\"",
            "(10)::numeric(5,2)",
            "'2026-01-31 10:00:00'::timestamp(3) without time zone",
        ] {
            assert_eq!(known(constant, &Hint::Text), None, "{constant}");
        }
        for other in [
            "nextval('s'::regclass)",
            "(1 + 2)",
            "lower('A'::text)",
            "('a'::text || 'b'::text)",
            "CURRENT_USER",
            "f(1)",
            "('x'::text)::public.f('y')",
        ] {
            assert_eq!(known(other, &Hint::Text), Some(Worth::Unknown), "{other}");
        }
    }

    #[test]
    fn the_moment_of_writing_is_known_by_its_names() {
        assert_eq!(known("now()", &Hint::Datetime), Some(Worth::Now { day: false }));
        assert_eq!(known("(now() AT TIME ZONE 'utc'::text)", &Hint::Datetime), Some(Worth::Now { day: false }));
        assert_eq!(known("now()", &Hint::Date), Some(Worth::Now { day: true }));
        assert_eq!(known("CURRENT_DATE", &Hint::Datetime), Some(Worth::Unknown), "midnight is not now");
        assert_eq!(known("public.uuid_generate_v4()", &Hint::Uuid), Some(Worth::NewUuid));
    }
}
