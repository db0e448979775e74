//! The pairs of a many-to-many, where they lie: in the table all share, or in a junction table of their own.

use super::{Backend, Bind, Dialect, Sql, Statement};
use crate::model::RelationshipId;

/// Everything of a pair but whose it is.
pub const LINK: &str = "id, source_id, target_id, metadata, created_at, created_by";

/// The two ends, by which pairs are told apart.
pub type Ends = [String; 2];

#[derive(Debug, Clone)]
pub enum Pairs {
    Shared(RelationshipId),
    Junction(String),
}

/// Which of them a statement is about.
#[derive(Debug, Clone, Copy)]
pub enum Which<'a> {
    /// After the first, up to the second; without an end, all that follow.
    Range(&'a Ends, Option<&'a Ends>),
    These(&'a [Ends]),
}

/// An end that plain SQL wrote into a file may be any text.
fn end(dialect: &dyn Dialect, id: &str) -> Bind {
    if dialect.backend() == Backend::Sqlite { id.into() } else { Bind::id(id) }
}

fn bind(sql: &mut Sql, ends: &Ends) {
    let dialect = sql.dialect();
    sql.push("(").bind_all(ends.iter().map(|id| end(dialect, id))).push(")");
}

impl Which<'_> {
    /// Appends the condition; `of` is what the table is called, with a point, or nothing.
    pub fn limit(&self, sql: &mut Sql, of: &str) {
        let ends = format!("({of}source_id, {of}target_id)");
        match self {
            Self::Range(after, upto) => {
                bind(sql.push(&format!("{ends} > ")), after);
                if let Some(upto) = upto {
                    bind(sql.push(&format!(" AND {ends} <= ")), upto);
                }
            }
            Self::These(all) => {
                sql.push(&format!("{ends} IN (VALUES "));
                for (i, one) in all.iter().enumerate() {
                    bind(sql.push(if i == 0 { "" } else { ", " }), one);
                }
                sql.push(")");
            }
        }
    }
}

impl Pairs {
    /// The table, quoted.
    pub fn table(&self, dialect: &dyn Dialect) -> String {
        match self {
            Self::Shared(_) => "kdb_record_links".to_owned(),
            Self::Junction(table) => dialect.quote(table),
        }
    }

    /// Appends the condition that limits a statement to the relationship.
    pub fn scope(&self, sql: &mut Sql, of: &str) {
        match self {
            Self::Shared(id) => sql.push(&format!("{of}relationship_id = ")).bind(*id),
            Self::Junction(_) => sql.push("1 = 1"),
        };
    }

    /// Copies pairs from there. One that is here already stays as it is.
    pub fn filled_from(&self, dialect: &'static dyn Dialect, from: &Self, some: Which<'_>) -> Statement {
        let mut sql = Sql::new(dialect, "INSERT INTO ");
        match self {
            Self::Shared(id) => sql.push(&format!("kdb_record_links (relationship_id, {LINK}) SELECT ")).bind(*id).push(", "),
            Self::Junction(table) => sql.ident(table).push(&format!(" ({LINK}) SELECT ")),
        };
        sql.push(&format!("{LINK} FROM {} WHERE ", from.table(dialect)));
        from.scope(&mut sql, "");
        some.limit(sql.push(" AND "), "");
        sql.push(" ORDER BY source_id, target_id ON CONFLICT DO NOTHING");
        sql.build()
    }

    pub fn delete(&self, dialect: &'static dyn Dialect, some: Which<'_>) -> Statement {
        let mut sql = Sql::new(dialect, &format!("DELETE FROM {} WHERE ", self.table(dialect)));
        self.scope(&mut sql, "");
        some.limit(sql.push(" AND "), "");
        sql.build()
    }

    pub fn count(&self, dialect: &'static dyn Dialect) -> Statement {
        let mut sql = Sql::new(dialect, &format!("SELECT count(*) FROM {} WHERE ", self.table(dialect)));
        self.scope(&mut sql, "");
        sql.build()
    }

    /// The ends of the `number`th pair after one; none where there are fewer.
    pub fn nth(&self, dialect: &'static dyn Dialect, after: &Ends, number: u32) -> Statement {
        let mut sql = Sql::new(dialect, &format!("SELECT source_id, target_id FROM {} WHERE ", self.table(dialect)));
        self.scope(&mut sql, "");
        Which::Range(after, None).limit(sql.push(" AND "), "");
        sql.push(&format!(" ORDER BY source_id, target_id LIMIT 1 OFFSET {}", number.saturating_sub(1)));
        sql.build()
    }

    /// The ends of pairs that the other place does not have just so, but for those put away under `aside`.
    pub fn unlike(&self, dialect: &'static dyn Dialect, other: &Self, some: Which<'_>, aside: &str) -> Statement {
        let mut sql = Sql::new(
            dialect,
            &format!("SELECT a.source_id, a.target_id FROM {} a LEFT JOIN {} b ON ", self.table(dialect), other.table(dialect)),
        );
        sql.push("b.source_id = a.source_id AND b.target_id = a.target_id AND ");
        other.scope(&mut sql, "b.");
        // A server would read the whole table for each part of it.
        some.limit(sql.push(" AND "), "b.");
        self.scope(sql.push(" WHERE "), "a.");
        some.limit(sql.push(" AND "), "a.");
        let same = ["id", "metadata", "created_at", "created_by"].map(|c| format!("b.{c} IS NOT DISTINCT FROM a.{c}"));
        sql.push(&format!(
            " AND NOT (b.source_id IS NOT NULL AND {}) AND NOT EXISTS (SELECT 1 FROM kdb_dropped_links d \
             WHERE d.source_id = a.source_id AND d.target_id = a.target_id AND d.drop_id = ",
            same.join(" AND ")
        ));
        sql.bind_id(aside).push(")");
        sql.build()
    }
}
