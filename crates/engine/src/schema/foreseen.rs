//! What an edit that is only rehearsed would look at in the records, and which of them it would change: whoever makes its plan finds them.

use serde_json::Value;

use crate::{
    model::Entity,
    sql::{Column, ColumnOwner, records::Place},
};

#[derive(Debug, Default)]
pub struct Foreseen {
    /// In the order the edit would come to them.
    pub looks: Vec<Look>,
    /// Columns that are not there yet, and the value every record gets.
    pub added: Vec<(ColumnOwner, Value)>,
    pub conversions: Vec<Conversion>,
    /// Where records change, and which: each a condition without parameters.
    pub touched: Vec<(Place, String)>,
    /// Pairs of a many-to-many that come or go.
    pub links: u32,
}

/// A rule all records are held against.
#[derive(Debug)]
pub struct Look {
    pub entity: Entity,
    /// Several only of a unique key.
    pub columns: Vec<Column>,
    pub rule: Rule,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rule {
    Required,
    Unique,
}

/// A column whose values become those of another type.
#[derive(Debug)]
pub struct Conversion {
    pub entity: Entity,
    pub old: Column,
    pub new: Column,
}

impl Foreseen {
    pub(super) fn look(&mut self, entity: &Entity, columns: &[&Column], rule: Rule) {
        self.looks.push(Look { entity: entity.clone(), columns: columns.iter().map(|c| (*c).clone()).collect(), rule });
    }

    /// Whether the values stand in the snapshot as the edit would find them.
    pub fn stands(&self, owner: ColumnOwner) -> bool {
        !self.added.iter().any(|(added, _)| *added == owner) && !self.conversions.iter().any(|c| c.new.owner == owner)
    }
}
