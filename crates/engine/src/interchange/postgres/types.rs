//! What each type of Postgres becomes, and in which form its values are read.

use std::collections::HashMap;

use crate::{
    error::Result,
    interchange::relational::{Equality, Hint},
    store::Foreign,
};

/// The types columns are of.
pub struct Types(HashMap<i64, Type>);

struct Type {
    /// With its schema, unless it is the server's own.
    name: String,
    /// The server's own, or citext, wherever it was put.
    known: Option<String>,
    /// `b`ase, `d`omain, `e`num, `c`omposite, `r`ange, `m`ultirange.
    kind: String,
    /// Of an array: the type of its elements.
    element: Option<i64>,
    /// Of a domain: what it stands on, with that one's modifier.
    base: (i64, i64),
    not_null: bool,
    default: Option<String>,
    options: Vec<String>,
    checks: Vec<String>,
}

/// What becomes of a column's type.
pub struct Kind {
    pub hint: Hint,
    pub cast: Cast,
    pub equality: Equality,
    /// What is not as it was.
    pub remarks: Vec<String>,
    /// Of a domain.
    pub not_null: bool,
    pub default: Option<String>,
    pub checks: Vec<String>,
}

/// The form in which a value is asked for, so that its text does not depend on any setting.
#[derive(Debug, Clone, Copy)]
pub enum Cast {
    To(&'static str),
    Money,
    Json,
    /// Numbers as texts: JSON's own do not keep every digit.
    JsonOfTexts,
    Moment,
}

impl Cast {
    /// SQL that reads `of`.
    pub fn read(self, of: &str) -> String {
        match self {
            Self::To(name) => format!("{of}::{name}"),
            Self::Money => format!("{of}::numeric::text"),
            Self::Json => format!("to_json({of})::text"),
            Self::JsonOfTexts => format!("to_json({of}::text[])::text"),
            // The year before the first is 0 to us, and 1 BC to the server.
            Self::Moment => {
                format!("CASE WHEN {of} < '0001-01-01' THEN regexp_replace({of}::text, '^0001-(.*) BC$', '0000-\\1') ELSE {of}::text END")
            }
        }
    }
}

pub async fn read(source: &mut Foreign, tables: &str) -> Result<Types> {
    let mut types = HashMap::new();
    let text = format!(
        "SELECT t.oid::int8, format_type(t.oid, NULL), \
         CASE WHEN n.nspname = 'pg_catalog' OR t.typname = 'citext' THEN t.typname::text END, t.typtype::text, \
         CASE WHEN t.typcategory = 'A' AND t.typelem <> 0 THEN t.typelem::int8 END, t.typbasetype::int8, t.typtypmod::int8, t.typnotnull, \
         t.typdefault \
         FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace \
         WHERE t.typtype <> 'c' OR t.oid IN (SELECT a.atttypid FROM pg_attribute a WHERE a.attrelid = ANY ({tables}))"
    );
    for row in source.rows(text).await? {
        let found = Type {
            name: row.text(1)?,
            known: row.opt_text(2),
            kind: row.text(3)?,
            element: row.integer(4).ok(),
            base: (row.integer(5)?, row.integer(6)?),
            not_null: row.integer(7)? != 0,
            default: row.opt_text(8),
            options: vec![],
            checks: vec![],
        };
        types.insert(row.integer(0)?, found);
    }
    for row in source.rows("SELECT enumtypid::int8, enumlabel::text FROM pg_enum ORDER BY enumtypid, enumsortorder".to_owned()).await? {
        if let Some(found) = types.get_mut(&row.integer(0)?) {
            found.options.push(row.text(1)?);
        }
    }
    let checks = "SELECT contypid::int8, pg_get_constraintdef(oid) FROM pg_constraint WHERE contypid <> 0 AND contype = 'c' ORDER BY oid";
    for row in source.rows(checks.to_owned()).await? {
        if let Some(found) = types.get_mut(&row.integer(0)?) {
            found.checks.push(row.text(1)?);
        }
    }
    Ok(Types(types))
}

impl Types {
    /// What becomes of a type with its modifier (lengths and digits).
    pub fn kind(&self, oid: i64, modifier: i64) -> Kind {
        let (mut oid, mut modifier) = (oid, modifier);
        let mut kind = Kind {
            hint: Hint::Text,
            cast: Cast::To("text"),
            equality: Equality::Text,
            remarks: vec![],
            not_null: false,
            default: None,
            checks: vec![],
        };
        // A domain may stand on another; what says more about the value is the outer one.
        while let Some(domain) = self.0.get(&oid).filter(|t| t.kind == "d") {
            kind.not_null |= domain.not_null;
            kind.default = kind.default.or_else(|| domain.default.clone());
            kind.checks.extend(domain.checks.iter().map(|check| format!("{check} of the domain {}", domain.name)));
            // A domain's own modifier, as a column of one has none.
            (oid, modifier) = domain.base;
        }
        if let Some(found) = self.0.get(&oid) {
            self.plain(found, modifier, &mut kind);
        }
        kind
    }

    fn plain(&self, found: &Type, modifier: i64, kind: &mut Kind) {
        let mut set = |hint: Hint, cast: Cast, equality: Equality| (kind.hint, kind.cast, kind.equality) = (hint, cast, equality);
        let name = &found.name;
        if let Some(element) = found.element.and_then(|e| self.0.get(&e)) {
            let digits = matches!(element.known.as_deref(), Some("numeric" | "money"));
            return set(Hint::Json, if digits { Cast::JsonOfTexts } else { Cast::Json }, Equality::Exact);
        }
        match (found.kind.as_str(), found.known.as_deref().unwrap_or_default()) {
            ("e", _) => set(Hint::Options(found.options.clone()), Cast::To("text"), Equality::Text),
            ("c", _) => {
                set(Hint::Json, Cast::Json, Equality::Exact);
                kind.remarks.push(format!("Its type {name} has parts: it became json, an object of them."));
            }
            (_, "int2" | "int4" | "int8" | "oid") => set(Hint::Integer, Cast::To("int8"), Equality::Number),
            (_, "float4" | "float8") => set(Hint::Float, Cast::To("text"), Equality::Number),
            (_, "numeric") => {
                let (precision, scale) = digits(modifier);
                set(Hint::Decimal(precision, scale), Cast::To("text"), Equality::Decimal);
            }
            (_, "money") => {
                set(Hint::Money, Cast::Money, Equality::Decimal);
                kind.remarks.push("money became currency: which currency it is the server does not say.".to_owned());
            }
            (_, "bool") => set(Hint::Bool, Cast::To("bool"), Equality::Exact),
            (_, "date") => set(Hint::Date, Cast::Moment, Equality::Exact),
            (_, "timestamptz") => set(Hint::Datetime, Cast::Moment, Equality::Exact),
            (_, "timestamp") => {
                set(Hint::Datetime, Cast::Moment, Equality::Exact);
                kind.remarks.push("It has no time zone, and is taken for UTC.".to_owned());
            }
            (_, "uuid") => set(Hint::Uuid, Cast::To("text"), Equality::Exact),
            (_, "json" | "jsonb") => set(Hint::Json, Cast::To("text"), Equality::Exact),
            (_, "bytea") => set(Hint::Binary, Cast::To("bytea"), Equality::Exact),
            (_, "varchar" | "bpchar") => {
                let most = u32::try_from(modifier - 4).ok().filter(|_| modifier > 4);
                set(Hint::Chars(most), Cast::To("text"), Equality::Text);
            }
            (_, "text" | "name" | "char") => {}
            (_, "xml") => kind.remarks.push("xml became text.".to_owned()),
            (_, "citext") => {
                kind.equality = Equality::AnyCase;
                kind.remarks.push("citext became text: upper and lower case are no longer the same.".to_owned());
            }
            _ => kind.remarks.push(format!("{name} has no counterpart here: its values are the texts the server writes them as.")),
        }
    }
}

/// Precision and scale of a numeric's modifier; none where it has none.
fn digits(modifier: i64) -> (Option<u32>, Option<u32>) {
    if modifier < 4 {
        return (None, None);
    }
    let packed = modifier - 4;
    // Eleven bits with a sign; the digits left of the point that are always zero are no scale of ours.
    let scale = ((packed & 0x7ff) ^ 1024) - 1024;
    (u32::try_from(packed >> 16 & 0xffff).ok(), u32::try_from(scale).ok())
}

#[cfg(test)]
mod tests {
    use super::digits;

    #[test]
    fn modifiers_are_unpacked() {
        assert_eq!(digits((10 << 16 | 2) + 4), (Some(10), Some(2)));
        assert_eq!(digits((1000 << 16) + 4), (Some(1000), Some(0)));
        assert_eq!(digits((5 << 16 | 0x7fd) + 4), (Some(5), None), "numeric(5,-3)");
        assert_eq!(digits(-1), (None, None));
    }
}
