//! Edits as data, so that one can be rehearsed before it is done.

use super::{Edit, entities, fields, relationships};
use crate::{
    error::Result,
    model::{KeyId, SchemaEdit},
};

/// Whether what takes long of it is done ahead of it, where the database can.
pub fn has_beside(edit: &SchemaEdit) -> bool {
    matches!(edit, SchemaEdit::UpdateField { .. } | SchemaEdit::UpdateRelationship { .. } | SchemaEdit::SetKeys { .. })
}

/// Does the edit. `fresh`: ids for keys, one for each that may be new.
///
/// # Errors
/// Those of its verb.
pub async fn perform(edit: &mut Edit<'_>, wanted: SchemaEdit, fresh: &[KeyId]) -> Result<()> {
    match wanted {
        SchemaEdit::AddField { entity, spec } => {
            fields::add(edit, entity, *spec).await?;
        }
        SchemaEdit::UpdateField { entity, field, spec } => {
            fields::update(edit, entity, field, *spec).await?;
        }
        SchemaEdit::DropField { entity, field } => fields::drop(edit, entity, field).await?,
        SchemaEdit::AddRelationship { spec } => {
            relationships::add(edit, *spec).await?;
        }
        SchemaEdit::UpdateRelationship { relationship, spec } => {
            relationships::update(edit, relationship, *spec).await?;
        }
        SchemaEdit::DropRelationship { relationship } => relationships::drop(edit, relationship).await?,
        SchemaEdit::SetKeys { entity, keys } => {
            entities::set_keys(edit, entity, fresh.iter().copied().zip(keys).collect()).await?;
        }
    }
    Ok(())
}

/// Ids for the keys an edit may make.
pub fn fresh_keys(edit: &SchemaEdit) -> Vec<KeyId> {
    if let SchemaEdit::SetKeys { keys, .. } = edit { keys.iter().map(|_| KeyId::new()).collect() } else { vec![] }
}
