//! Relationships, whichever table keeps them.

use serde::{Deserialize, Serialize};
use specta::Type;

use super::ids::{EntityId, RelationshipId};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum RelationshipType {
    ManyToOne,
    /// Kept once, on the target's side: the same thing as a many-to-one seen from the other end.
    OneToMany,
    OneToOne,
    ManyToMany,
}

/// What happens to the referring record when the record it refers to is deleted, or its id changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum ReferentialAction {
    Cascade,
    SetNull,
    /// Refused at once, even if the referring record would go in the same delete.
    Restrict,
    /// Refused if anything still refers to it when the delete is done.
    #[default]
    NoAction,
}

impl ReferentialAction {
    pub fn word(self) -> &'static str {
        match self {
            Self::Cascade => "cascade",
            Self::SetNull => "set_null",
            Self::Restrict => "restrict",
            Self::NoAction => "no_action",
        }
    }

    /// As SQL writes it.
    pub fn sql(self) -> &'static str {
        match self {
            Self::Cascade => "CASCADE",
            Self::SetNull => "SET NULL",
            Self::Restrict => "RESTRICT",
            Self::NoAction => "NO ACTION",
        }
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub struct Relationship {
    pub id: RelationshipId,
    pub name: String,
    #[serde(rename = "type")]
    pub kind: RelationshipType,
    pub source: EntityId,
    pub target: EntityId,
    /// What the other end calls it (`orders` for `Order.customer`).
    pub inverse_name: Option<String>,
    pub description: Option<String>,
    /// The name under which a record's data holds the other record's id. None for many-to-many.
    pub field: Option<String>,
    /// Column name and JSON key of `field`; fixed at making. For many-to-many: the junction table's name.
    pub storage: String,
    pub required: bool,
    pub on_delete: ReferentialAction,
    pub on_update: ReferentialAction,
    /// Among the holder's columns, for display: counted on from its fields.
    pub order: u32,
}

impl Relationship {
    /// What it is called from one of its ends: a relationship of an entity with itself as from its source.
    pub fn title_from(&self, entity: EntityId) -> &str {
        if self.source == entity { &self.name } else { self.inverse_name.as_deref().unwrap_or(&self.name) }
    }

    pub fn is_many_to_many(&self) -> bool {
        self.kind == RelationshipType::ManyToMany
    }

    /// The entity whose records hold the id (for many-to-many: the source).
    pub fn holder(&self) -> EntityId {
        if self.kind == RelationshipType::OneToMany { self.target } else { self.source }
    }

    /// The entity whose id is held (for many-to-many: the target).
    pub fn referenced(&self) -> EntityId {
        if self.kind == RelationshipType::OneToMany { self.source } else { self.target }
    }

    /// One holder at most for each referenced record.
    pub fn is_unique(&self) -> bool {
        self.kind == RelationshipType::OneToOne
    }
}
