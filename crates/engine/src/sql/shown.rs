//! Statements for people: with their parameters in their place.

use super::{Backend, Bind, Statement, literal};

/// The statement's text with each parameter where its placeholder stands.
pub fn shown(backend: Backend, statement: &Statement) -> String {
    if statement.binds.is_empty() {
        return statement.text.clone();
    }
    let placeholder = match backend {
        Backend::Sqlite => '?',
        Backend::Postgres => '$',
    };
    let mut binds = statement.binds.iter();
    let mut out = String::with_capacity(statement.text.len());
    let mut quote: Option<char> = None;
    let mut chars = statement.text.chars().peekable();
    while let Some(c) = chars.next() {
        match (quote, c) {
            // They are numbered in the order they stand in.
            (None, c) if c == placeholder => {
                while chars.next_if(char::is_ascii_digit).is_some() {}
                out.push_str(&binds.next().map(|bind| text(backend, bind)).unwrap_or_default());
                continue;
            }
            (None, '\'' | '"') => quote = Some(c),
            (Some(open), c) if open == c => quote = None,
            _ => {}
        }
        out.push(c);
    }
    out
}

fn text(backend: Backend, bind: &Bind) -> String {
    match bind {
        Bind::Text(Some(text)) | Bind::Json(Some(text)) | Bind::Cast(_, Some(text)) => literal(text),
        Bind::Integer(Some(n)) => n.to_string(),
        Bind::Real(Some(n)) => n.to_string(),
        Bind::Bool(Some(b)) if backend == Backend::Sqlite => u8::from(*b).to_string(),
        Bind::Bool(Some(b)) => b.to_string(),
        Bind::Bytes(Some(bytes)) => {
            let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
            if backend == Backend::Sqlite { format!("X'{hex}'") } else { format!("'\\x{hex}'") }
        }
        Bind::Id(Some(id)) => literal(&id.to_string()),
        _ => "NULL".to_owned(),
    }
}
