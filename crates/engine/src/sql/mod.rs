//! Pure: model in, SQL text and binds out. Runs nothing.

pub mod alter;
pub mod bind;
pub mod capture;
pub mod cell;
pub mod columns;
pub mod compare;
pub mod dialect;
pub mod linked;
pub mod list;
pub mod long;
pub mod moves;
pub mod pairs;
pub mod postgres;
mod postgres_shape;
pub mod profile;
pub mod records;
mod shown;
pub mod sqlite;
pub mod tables;
pub mod words;

pub use bind::Bind;
pub use cell::{Cell, Row};
pub use columns::{Column, ColumnOwner};
pub use dialect::{Backend, Dialect, Lock};
pub use shown::shown;

/// A statement ready to run.
#[derive(Debug, Clone)]
pub struct Statement {
    pub text: String,
    pub binds: Vec<Bind>,
}

impl From<String> for Statement {
    fn from(text: String) -> Self {
        Self { text, binds: vec![] }
    }
}

impl From<&str> for Statement {
    fn from(text: &str) -> Self {
        text.to_owned().into()
    }
}

/// Builds a statement piece by piece; binds number themselves.
pub struct Sql {
    dialect: &'static dyn Dialect,
    text: String,
    binds: Vec<Bind>,
}

impl Sql {
    pub fn new(dialect: &'static dyn Dialect, text: &str) -> Self {
        Self { dialect, text: text.to_owned(), binds: vec![] }
    }

    /// Goes on with a statement made elsewhere.
    pub fn of(dialect: &'static dyn Dialect, statement: Statement) -> Self {
        Self { dialect, text: statement.text, binds: statement.binds }
    }

    pub fn dialect(&self) -> &'static dyn Dialect {
        self.dialect
    }

    pub fn push(&mut self, text: &str) -> &mut Self {
        self.text.push_str(text);
        self
    }

    pub fn ident(&mut self, name: &str) -> &mut Self {
        self.text.push_str(&self.dialect.quote(name));
        self
    }

    pub fn bind(&mut self, value: impl Into<Bind>) -> &mut Self {
        let value = value.into();
        let placeholder = self.dialect.placeholder(self.binds.len() + 1, &value);
        self.binds.push(value);
        self.text.push_str(&placeholder);
        self
    }

    /// Binds an id that stands as text; see [`Bind::id`].
    pub fn bind_id(&mut self, id: &str) -> &mut Self {
        self.bind(Bind::id(id))
    }

    /// Binds each, with commas between.
    pub fn bind_all<T: Into<Bind>>(&mut self, values: impl IntoIterator<Item = T>) -> &mut Self {
        for (i, value) in values.into_iter().enumerate() {
            if i > 0 {
                self.push(", ");
            }
            self.bind(value);
        }
        self
    }

    pub fn build(self) -> Statement {
        Statement { text: self.text, binds: self.binds }
    }
}

/// A text literal for places where no bind can stand (DDL).
pub fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}
