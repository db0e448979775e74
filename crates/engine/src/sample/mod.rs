//! The sample workspace.

use crate::{error::Result, schema::Edit};

pub async fn fill(_edit: &mut Edit<'_>) -> Result<()> {
    todo!()
}
