//! A transaction that only writes down what it would write: the same code then tells what an edit will do as does it, so that the two
//! cannot come apart. It reads a snapshot; what the database says of its tables is answered as if the statements had run.

use super::{Store, Tx};
use crate::{
    error::Result,
    sql::{Backend, Sql, Statement, shown},
};

/// The target of the trace events that tell every statement that writes, just before it runs.
pub const WRITES: &str = "stoneware::writes";

/// What a statement changes of a table's shape.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Shape {
    /// `required`: those of its columns that take no null.
    TableMade {
        table: String,
        columns: Vec<String>,
        required: Vec<String>,
    },
    ColumnAdded {
        table: String,
        column: String,
    },
    ColumnDropped {
        table: String,
        column: String,
    },
    IndexMade {
        table: String,
        index: String,
    },
    IndexDropped {
        table: String,
        index: String,
    },
    CheckMade {
        table: String,
        check: String,
    },
    /// SQLite: its definition is written anew.
    Redefined {
        table: String,
    },
}

/// What would have been written so far.
#[derive(Debug, Default)]
pub struct Rehearsal {
    statements: Vec<String>,
    shapes: Vec<Shape>,
}

impl Rehearsal {
    pub(super) fn note(&mut self, statement: String) {
        self.statements.push(statement);
    }

    fn mark(&mut self, from: usize, mark: &str) {
        for statement in self.statements.iter_mut().skip(from) {
            *statement = format!("{mark}\n{statement}");
        }
    }

    /// SQLite counts the changes of its tables.
    pub(super) fn changes(&self) -> i64 {
        self.shapes.iter().filter(|s| !matches!(s, Shape::CheckMade { .. })).count().try_into().unwrap_or(i64::MAX)
    }

    pub(super) fn columns(&self, of: &str, columns: &mut Vec<String>) {
        for shape in &self.shapes {
            match shape {
                Shape::TableMade { table, columns: made, .. } if table == of => columns.clone_from(made),
                Shape::ColumnAdded { table, column } if table == of => columns.push(column.clone()),
                Shape::ColumnDropped { table, column } if table == of => columns.retain(|c| c != column),
                _ => {}
            }
        }
    }

    /// Columns of the snapshot that are no longer there, or are others by now.
    pub(super) fn gone(&self, of: &str) -> Vec<String> {
        let gone = |shape: &Shape| match shape {
            Shape::ColumnDropped { table, column } if table == of => Some(column.clone()),
            _ => None,
        };
        self.shapes.iter().filter_map(gone).collect()
    }

    /// Columns of a table made so far that take no null.
    pub(super) fn required(&self, of: &str, required: &mut Vec<String>) {
        required.extend(
            self.shapes
                .iter()
                .flat_map(|shape| match shape {
                    Shape::TableMade { table, required, .. } if table == of => required.as_slice(),
                    _ => &[],
                })
                .cloned(),
        );
    }

    pub(super) fn indexes(&self, of: &str, indexes: &mut Vec<String>) {
        for shape in &self.shapes {
            match shape {
                Shape::IndexMade { table, index } if table == of => indexes.push(index.clone()),
                Shape::IndexDropped { index, .. } => indexes.retain(|i| i != index),
                _ => {}
            }
        }
    }

    pub(super) fn checks(&self, of: &str, checks: &mut Vec<String>) {
        checks.extend(self.shapes.iter().filter_map(|shape| match shape {
            Shape::CheckMade { table, check } if table == of => Some(check.clone()),
            _ => None,
        }));
    }

    /// Indexes that stand for another by now: made anew, or dropped.
    pub(super) fn renewed(&self, index: &str) -> bool {
        self.shapes
            .iter()
            .any(|shape| matches!(shape, Shape::IndexMade { index: i, .. } | Shape::IndexDropped { index: i, .. } if i == index))
    }
}

impl Store {
    /// A snapshot in which statements that write are written down, not run.
    pub async fn rehearse(&self) -> Result<Tx> {
        let mut tx = self.read().await?;
        tx.rehearsal = Some(Box::default());
        Ok(tx)
    }
}

impl Tx {
    /// Whether what is written is only written down.
    pub fn rehearses(&self) -> bool {
        self.rehearsal.is_some()
    }

    /// Runs a statement that changes a table's shape.
    pub async fn alter(&mut self, statement: impl Into<Statement>, shape: Shape) -> Result<()> {
        self.execute(statement).await?;
        self.pretend(shape);
        Ok(())
    }

    /// In a rehearsal: takes it for done.
    pub fn pretend(&mut self, shape: Shape) {
        if let Some(rehearsal) = &mut self.rehearsal {
            rehearsal.shapes.push(shape);
        }
    }

    /// In a rehearsal: writes a statement down that is run elsewhere.
    pub fn note(&mut self, statement: String) {
        if let Some(rehearsal) = &mut self.rehearsal {
            rehearsal.note(statement);
        }
    }

    /// In a rehearsal: writes this before each statement written down from the `from`th on.
    pub fn mark(&mut self, from: usize, mark: &str) {
        if let Some(rehearsal) = &mut self.rehearsal {
            rehearsal.mark(from, mark);
        }
    }

    /// How many statements would have been written so far.
    pub fn noted(&self) -> usize {
        self.rehearsal.as_ref().map_or(0, |rehearsal| rehearsal.statements.len())
    }

    /// What would have been written so far, in order, and what that would have changed.
    pub fn rehearsed(&self) -> (Vec<String>, Vec<Shape>) {
        self.rehearsal.as_ref().map_or_else(Default::default, |r| (r.statements.clone(), r.shapes.clone()))
    }

    /// A rehearsal of a statement: true where it is not to be run.
    pub(super) fn only_noted(&mut self, statement: &Statement) -> bool {
        let backend = self.dialect.backend();
        tracing::trace!(target: WRITES, statement = shown(backend, statement));
        let Some(rehearsal) = &mut self.rehearsal else { return false };
        rehearsal.note(shown(backend, statement));
        true
    }

    /// Postgres, in a rehearsal: indexes and constraints that go with the columns dropped so far.
    pub(super) async fn gone_with_columns(&mut self, table: &str) -> Result<Vec<String>> {
        let gone = self.rehearsal.as_ref().map_or_else(Vec::new, |rehearsal| rehearsal.gone(table));
        if gone.is_empty() || self.dialect.backend() == Backend::Sqlite {
            return Ok(vec![]);
        }
        let mut sql = Sql::new(
            self.dialect,
            "SELECT coalesce(k.conname, c.relname)::text FROM pg_depend d \
             JOIN pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid \
             LEFT JOIN pg_class c ON d.classid = 'pg_class'::regclass AND c.oid = d.objid \
             LEFT JOIN pg_constraint k ON d.classid = 'pg_constraint'::regclass AND k.oid = d.objid \
             WHERE d.refclassid = 'pg_class'::regclass AND coalesce(k.conname, c.relname) IS NOT NULL AND d.refobjid = to_regclass(",
        );
        sql.bind(self.dialect.quote(table)).push(") AND a.attname IN (").bind_all(gone).push(")");
        self.texts(sql.build()).await
    }
}
