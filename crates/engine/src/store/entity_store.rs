//! One generic store for every system table, with a key type of its own for each: no call can pass the wrong id.
//!
//! A table is declared once, as a struct, by [`system_row!`]; its columns, reading and writing follow from that.

use sea_query::{
    Alias, Asterisk, Expr, ExprTrait, LockType, OnConflict, Order, PostgresQueryBuilder, Query, QueryStatementWriter, SqliteQueryBuilder,
};
use std::marker::PhantomData;

use super::Tx;
use crate::{
    error::{Error, ErrorCode, Result},
    sql::{Backend, Bind, Cell, Dialect, Row, Statement},
};

/// A row of a system table under its typed key.
pub trait SystemRow: Sized + Send {
    type Key: SystemValue + Send + Sync;
    const TABLE: &'static str;
    const KEY: &'static str;
    /// Every column, the key first.
    const COLUMNS: &'static [&'static str];

    fn key(&self) -> Self::Key;
    fn write(&self) -> Vec<Bind>;
    /// # Errors
    /// `corrupt` when a cell does not hold what its column should.
    fn read(cells: &[Cell]) -> Result<Self>;
}

/// How a Rust type stands in a system column.
pub trait SystemValue: Sized {
    fn bind(&self) -> Bind;
    fn read(cell: &Cell) -> Option<Self>;
    /// A null of its type.
    fn null() -> Bind {
        Bind::Text(None)
    }
}

impl SystemValue for String {
    fn bind(&self) -> Bind {
        self.clone().into()
    }
    fn read(cell: &Cell) -> Option<Self> {
        if let Cell::Text(text) = cell { Some(text.clone()) } else { None }
    }
}

impl SystemValue for i64 {
    fn bind(&self) -> Bind {
        (*self).into()
    }
    fn read(cell: &Cell) -> Option<Self> {
        if let Cell::Integer(n) = cell { Some(*n) } else { None }
    }
}

impl SystemValue for u32 {
    fn bind(&self) -> Bind {
        i64::from(*self).into()
    }
    fn read(cell: &Cell) -> Option<Self> {
        i64::read(cell).and_then(|n| n.try_into().ok())
    }
}

impl SystemValue for i32 {
    fn bind(&self) -> Bind {
        i64::from(*self).into()
    }
    fn read(cell: &Cell) -> Option<Self> {
        i64::read(cell).and_then(|n| n.try_into().ok())
    }
}

impl SystemValue for bool {
    fn bind(&self) -> Bind {
        (*self).into()
    }
    fn read(cell: &Cell) -> Option<Self> {
        i64::read(cell).map(|n| n != 0)
    }
}

impl<T: SystemValue> SystemValue for Option<T> {
    fn bind(&self) -> Bind {
        self.as_ref().map_or_else(T::null, SystemValue::bind)
    }
    fn read(cell: &Cell) -> Option<Self> {
        if *cell == Cell::Null { Some(None) } else { T::read(cell).map(Some) }
    }
}

/// A value kept as JSON text.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Json<T>(pub T);

impl<T: serde::Serialize + serde::de::DeserializeOwned> SystemValue for Json<T> {
    fn bind(&self) -> Bind {
        // Only maps with keys that are not text fail to serialize, and the model has none.
        serde_json::to_string(&self.0).unwrap_or_else(|_| "null".to_owned()).into()
    }
    fn read(cell: &Cell) -> Option<Self> {
        if let Cell::Text(text) = cell { serde_json::from_str(text).ok().map(Self) } else { None }
    }
}

/// A word of an enum, as serde writes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Word<T>(pub T);

impl<T: serde::Serialize + serde::de::DeserializeOwned> SystemValue for Word<T> {
    fn bind(&self) -> Bind {
        match serde_json::to_value(&self.0) {
            Ok(serde_json::Value::String(word)) => word.into(),
            _ => Bind::Text(None),
        }
    }
    fn read(cell: &Cell) -> Option<Self> {
        if let Cell::Text(text) = cell { serde_json::from_value(text.clone().into()).ok().map(Self) } else { None }
    }
}

macro_rules! ids {
    ($($id:ident)*) => {$(
        impl SystemValue for crate::model::$id {
            fn bind(&self) -> Bind {
                (*self).into()
            }
            fn read(cell: &Cell) -> Option<Self> {
                if let Cell::Text(text) = cell { text.parse().ok() } else { None }
            }
            fn null() -> Bind {
                Bind::Id(None)
            }
        }
    )*};
}
ids! { EntityId FieldId AttachmentId RelationshipId ChangeId JobId }

/// Declares a system table: the struct, its key, and how it is read and written.
macro_rules! system_row {
    ($(#[$doc:meta])* $name:ident, $table:literal, $key:ident: $key_type:ty, { $($field:ident: $type:ty = $column:literal),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq)]
        pub struct $name {
            pub $key: $key_type,
            $(pub $field: $type,)*
        }

        impl $crate::store::SystemRow for $name {
            type Key = $key_type;
            const TABLE: &'static str = $table;
            const KEY: &'static str = stringify!($key);
            const COLUMNS: &'static [&'static str] = &[stringify!($key), $($column),*];

            fn key(&self) -> Self::Key {
                self.$key.clone()
            }

            fn write(&self) -> Vec<$crate::sql::Bind> {
                use $crate::store::entity_store::SystemValue;
                vec![self.$key.bind(), $(self.$field.bind()),*]
            }

            fn read(cells: &[$crate::sql::Cell]) -> $crate::error::Result<Self> {
                let mut cells = cells.iter();
                Ok(Self {
                    $key: $crate::store::entity_store::next(&mut cells, $table, stringify!($key))?,
                    $($field: $crate::store::entity_store::next(&mut cells, $table, $column)?,)*
                })
            }
        }
    };
}
pub(crate) use system_row;

/// Reads the next cell of a row for [`system_row!`].
pub fn next<'a, T: SystemValue>(cells: &mut impl Iterator<Item = &'a Cell>, table: &str, column: &str) -> Result<T> {
    let cell = cells.next().unwrap_or(&Cell::Null);
    T::read(cell).ok_or_else(|| {
        Error::new(ErrorCode::Corrupt, format!("{table}.{column} holds {cell:?}, which it should not. Restore the workspace from a copy."))
    })
}

/// The store of one system table.
pub struct EntityStore<R>(PhantomData<R>);

impl<R: SystemRow> EntityStore<R> {
    pub async fn get(tx: &mut Tx, key: &R::Key) -> Result<Option<R>> {
        Ok(Self::scan_by(tx, R::KEY, key.bind()).await?.pop())
    }

    /// The same, and nobody else writes the row until this transaction ends.
    pub async fn get_to_write(tx: &mut Tx, key: &R::Key) -> Result<Option<R>> {
        let mut select = Self::select();
        // SQLite has one writer at a time, and no words for this.
        select.and_where(Expr::col(Alias::new(R::KEY)).eq(value(key.bind()))).lock(LockType::Update);
        Ok(Self::fetch(tx, select).await?.pop())
    }

    /// Writes the row, over the one with its key where there is one.
    pub async fn put(tx: &mut Tx, row: &R) -> Result<()> {
        let mut conflict = OnConflict::column(Alias::new(R::KEY));
        conflict.update_columns(R::COLUMNS[1..].iter().map(|c| Alias::new(*c)));
        let mut insert = Query::insert();
        insert
            .into_table(Alias::new(R::TABLE))
            .columns(R::COLUMNS.iter().map(|c| Alias::new(*c)))
            .values(row.write().into_iter().map(value))
            .map_err(|e| Error::internal(e.to_string()))?
            .on_conflict(conflict);
        tx.execute(built(tx.dialect, &insert)).await?;
        Ok(())
    }

    /// Writes rows of which none is there yet, many with one statement.
    pub async fn insert_all(tx: &mut Tx, rows: &[R]) -> Result<()> {
        for chunk in rows.chunks((10_000 / R::COLUMNS.len()).max(1)) {
            let mut insert = Query::insert();
            insert.into_table(Alias::new(R::TABLE)).columns(R::COLUMNS.iter().map(|c| Alias::new(*c)));
            for row in chunk {
                insert.values(row.write().into_iter().map(value)).map_err(|e| Error::internal(e.to_string()))?;
            }
            tx.execute(built(tx.dialect, &insert)).await?;
        }
        Ok(())
    }

    /// Returns whether there was one.
    pub async fn delete(tx: &mut Tx, key: &R::Key) -> Result<bool> {
        let delete = Query::delete().from_table(Alias::new(R::TABLE)).and_where(Expr::col(Alias::new(R::KEY)).eq(value(key.bind()))).take();
        Ok(tx.execute(built(tx.dialect, &delete)).await? > 0)
    }

    /// Every row, by key: for ids, in order of making.
    pub async fn scan_all(tx: &mut Tx) -> Result<Vec<R>> {
        let select = Self::select();
        Self::fetch(tx, select).await
    }

    /// The statement of [`EntityStore::scan_all`], for a batch.
    pub fn scan_statement(dialect: &'static dyn Dialect) -> String {
        built(dialect, &Self::select()).text
    }

    /// The same for the rows of which a column has this word.
    pub fn scan_by_statement(dialect: &'static dyn Dialect, column: &'static str, word: &str) -> String {
        let mut select = Self::select();
        select.and_where(Expr::col(Alias::new(column)).eq(word));
        match dialect.backend() {
            Backend::Sqlite => select.to_string(SqliteQueryBuilder),
            Backend::Postgres => select.to_string(PostgresQueryBuilder),
        }
    }

    /// Its rows.
    pub fn read(rows: &[Row]) -> Result<Vec<R>> {
        rows.iter().map(|row| R::read(&row.0)).collect()
    }

    /// The rows of which a column has this value, by key.
    pub async fn scan_by(tx: &mut Tx, column: &'static str, value: impl Into<Bind> + Send) -> Result<Vec<R>> {
        let mut select = Self::select();
        select.and_where(Expr::col(Alias::new(column)).eq(self::value(value.into())));
        Self::fetch(tx, select).await
    }

    fn select() -> sea_query::SelectStatement {
        let mut select = Query::select();
        select.columns(R::COLUMNS.iter().map(|c| Alias::new(*c))).from(Alias::new(R::TABLE)).order_by(Alias::new(R::KEY), Order::Asc);
        select
    }

    async fn fetch(tx: &mut Tx, select: sea_query::SelectStatement) -> Result<Vec<R>> {
        Self::read(&tx.rows(built(tx.dialect, &select)).await?)
    }

    pub async fn count(tx: &mut Tx) -> Result<u32> {
        let select = Query::select().expr(Expr::col(Asterisk).count()).from(Alias::new(R::TABLE)).take();
        tx.count(built(tx.dialect, &select)).await
    }
}

fn value(bind: Bind) -> Expr {
    Expr::value(sea_query::Value::from(bind))
}

fn built(dialect: &dyn Dialect, query: &impl QueryStatementWriter) -> Statement {
    let (text, values) = match dialect.backend() {
        Backend::Sqlite => query.build(SqliteQueryBuilder),
        Backend::Postgres => query.build(PostgresQueryBuilder),
    };
    Statement { text, binds: values.0.into_iter().map(Bind::from).collect() }
}
