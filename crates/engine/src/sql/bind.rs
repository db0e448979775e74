//! A value bound to a statement. It carries its kind, so that a null has a type and each database gets it in its own form: an id is a
//! `uuid` to Postgres and text to SQLite.

use uuid::Uuid;

use crate::model::{AttachmentId, ChangeId, EntityId, FieldId, JobId, KeyId, LinkId, RecordId, RelationshipId};

#[derive(Debug, Clone, PartialEq)]
pub enum Bind {
    Text(Option<String>),
    Integer(Option<i64>),
    Real(Option<f64>),
    Bool(Option<bool>),
    Bytes(Option<Vec<u8>>),
    Id(Option<Uuid>),
    /// JSON text for a JSON column.
    Json(Option<String>),
    /// A text the database makes this type of its own from.
    Cast(&'static str, Option<String>),
}

impl Bind {
    /// An id that stands as text. An empty one is the smallest: where a walk in id order begins.
    pub fn id(text: &str) -> Self {
        Self::Id(Some(Uuid::parse_str(text).unwrap_or_default()))
    }

    /// Ids that stand as text.
    pub fn ids<'a>(texts: impl IntoIterator<Item = &'a String>) -> impl Iterator<Item = Self> {
        texts.into_iter().map(|text| Self::id(text))
    }
}

impl From<&str> for Bind {
    fn from(value: &str) -> Self {
        Self::Text(Some(value.to_owned()))
    }
}

macro_rules! from {
    ($($from:ty => $variant:ident)*) => {$(
        impl From<$from> for Bind {
            fn from(value: $from) -> Self {
                Self::$variant(Some(value))
            }
        }

        impl From<Option<$from>> for Bind {
            fn from(value: Option<$from>) -> Self {
                Self::$variant(value)
            }
        }
    )*};
}
from! { String => Text i64 => Integer f64 => Real bool => Bool Vec<u8> => Bytes Uuid => Id }

macro_rules! ids {
    ($($id:ident)*) => {$(
        impl From<$id> for Bind {
            fn from(id: $id) -> Self {
                Self::Id(Some(id.0))
            }
        }
    )*};
}
ids! { EntityId FieldId AttachmentId RelationshipId RecordId LinkId ChangeId JobId KeyId }

impl From<super::ColumnOwner> for Bind {
    fn from(owner: super::ColumnOwner) -> Self {
        match owner {
            super::ColumnOwner::Field(id) => id.into(),
            super::ColumnOwner::Relationship(id) => id.into(),
        }
    }
}

/// The system tables' statements are built by sea-query, from values that come from here.
impl From<Bind> for sea_query::Value {
    fn from(bind: Bind) -> Self {
        match bind {
            Bind::Text(text) | Bind::Json(text) | Bind::Cast(_, text) => Self::String(text),
            Bind::Integer(n) => Self::BigInt(n),
            Bind::Real(n) => Self::Double(n),
            Bind::Bool(b) => Self::Bool(b),
            Bind::Bytes(bytes) => Self::Bytes(bytes),
            Bind::Id(id) => Self::Uuid(id),
        }
    }
}

impl From<sea_query::Value> for Bind {
    fn from(value: sea_query::Value) -> Self {
        use sea_query::Value;
        match value {
            Value::BigInt(n) => Self::Integer(n),
            Value::Double(n) => Self::Real(n),
            Value::Bool(b) => Self::Bool(b),
            Value::Bytes(bytes) => Self::Bytes(bytes),
            Value::Uuid(id) => Self::Id(id),
            Value::String(text) => Self::Text(text),
            // No other comes out of the conversion above.
            _ => Self::Text(None),
        }
    }
}
