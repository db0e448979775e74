//! Values on their way to JavaScript, which has no 64-bit integers.

use serde_json::Value;

use super::{entity::Entity, field::StorageType, record::Record};

/// Turns the record's integers into text, digit for digit. Decimals are text already; input takes integers as text too.
pub fn for_javascript(entity: &Entity, record: &mut Record) {
    for field in entity.fields.iter().filter(|f| f.field_type.storage() == StorageType::Integer) {
        if let Some(value @ Value::Number(_)) = record.data.get_mut(&field.name) {
            *value = Value::String(value.to_string());
        }
    }
}
