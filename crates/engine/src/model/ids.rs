//! One key type for each kind of thing, so that no call can mix them up.
//!
//! Every id is a UUID v7: sorted by id is sorted by time of making.

use serde::{Deserialize, Serialize};
use specta::Type;
use std::{fmt, str::FromStr};
use uuid::Uuid;

use crate::error::{Error, Result};

macro_rules! id {
    ($($(#[$doc:meta])* $name:ident)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, Type)]
        #[serde(transparent)]
        pub struct $name(#[specta(type = String)] pub Uuid);

        impl $name {
            pub fn new() -> Self {
                Self(Uuid::now_v7())
            }
        }

        impl Default for $name {
            fn default() -> Self {
                Self::new()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = Error;
            fn from_str(text: &str) -> Result<Self> {
                Uuid::parse_str(text).map(Self).map_err(|_| {
                    Error::invalid(format!("{text:?} is not an id: an id is a UUID such as 0192f0c1-7d2e-7abc-8def-0123456789ab"))
                })
            }
        }
    )*};
}

id! {
    /// An entity definition.
    EntityId
    /// A library definition of a field.
    FieldId
    /// A field's use in one entity.
    AttachmentId
    /// A relationship definition.
    RelationshipId
    /// A record, in whichever table it lies.
    RecordId
    /// One pair of a many-to-many relationship.
    LinkId
    /// One entry of the schema changelog.
    ChangeId
    /// A long piece of work.
    JobId
    /// A unique key over several fields of one entity.
    KeyId
}
