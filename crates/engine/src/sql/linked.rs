//! What the records of a page are linked to, put together by the database as one JSON column for each relationship: so that a page is one
//! statement, however many records and links it has.

use super::{Dialect, columns::relationship_column, literal, records::Place};
use crate::{
    error::Result,
    model::{Entity, EntityId, Relationship, Schema},
};

/// What the subquery of [`linked`] gives for a record of the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// The record holds the other's id itself: the other's primary value.
    Title,
    /// A JSON list of `[id, primary value]`, or `[id, primary value, metadata]`; null for none.
    List,
}

/// The column of a pair at which `entity` stands, then the one of the other end. A relationship of an entity with itself is seen from its
/// source.
pub fn ends(relationship: &Relationship, entity: EntityId) -> (&'static str, &'static str) {
    if relationship.source == entity { ("source_id", "target_id") } else { ("target_id", "source_id") }
}

/// The records at the other end, as a table `other` with its id and primary value.
fn other(dialect: &dyn Dialect, entity: &Entity) -> (String, String, String) {
    let place = Place::of(entity);
    let scope = match &place {
        Place::Shared(id) => format!(" AND other.entity_id = {}", literal(&id.to_string())),
        Place::Dedicated(_) => String::new(),
    };
    (format!("{} other", place.table(dialect)), format!("other.{}", place.head("primary_value")), scope)
}

/// A subquery on `page`, a selection of `entity`'s records, for one of its relationships.
///
/// # Errors
/// `unknown_entity`.
pub fn linked(dialect: &dyn Dialect, schema: &Schema, entity: &Entity, relationship: &Relationship) -> Result<(Shape, String)> {
    let forward = relationship.source == entity.id;
    let far = schema.entity(if forward { relationship.target } else { relationship.source })?;
    let (table, title, scope) = other(dialect, far);
    if relationship.is_many_to_many() {
        let (near, far) = ends(relationship, entity.id);
        let (pairs, of) = if schema.has_junction_table(relationship) {
            (dialect.quote(&relationship.storage), String::new())
        } else {
            ("kdb_record_links".to_owned(), format!("pair.relationship_id = {} AND ", literal(&relationship.id.to_string())))
        };
        let item = dialect.json_array(&[&format!("pair.{far}"), &title, &dialect.json_value("pair.metadata")]);
        return Ok((
            Shape::List,
            format!(
                "(SELECT {} FROM {pairs} pair LEFT JOIN {table} ON other.id = pair.{far}{scope} WHERE {of}pair.{near} = page.id)",
                dialect.json_group(&item, "pair.id")
            ),
        ));
    }
    let column = relationship_column(relationship);
    if relationship.holder() == entity.id && (forward || relationship.source != relationship.target) {
        let held = match Place::of(entity) {
            Place::Shared(_) => dialect.from_json("page.data", &column),
            Place::Dedicated(_) => format!("page.{}", dialect.quote(&column.storage)),
        };
        return Ok((Shape::Title, format!("(SELECT {title} FROM {table} WHERE other.id = {held}{scope})")));
    }
    let item = dialect.json_array(&["other.id", &title]);
    let list = dialect.json_group(&item, "other.id");
    Ok((
        Shape::List,
        match Place::of(far) {
            Place::Dedicated(_) => format!("(SELECT {list} FROM {table} WHERE other.{} = page.id)", dialect.quote(&column.storage)),
            Place::Shared(_) => format!(
                "(SELECT {list} FROM kdb_index_entries entry JOIN {table} ON other.id = entry.record_id{scope} \
                 WHERE entry.index_id = {} AND entry.value = {})",
                literal(&column.owner.to_string()),
                dialect.id_text("page.id")
            ),
        },
    ))
}
