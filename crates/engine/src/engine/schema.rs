//! Operations on the schema and its history.

use std::sync::Arc;

use super::Engine;
use crate::{
    error::{Error, Result},
    materialize,
    model::*,
    records::Context,
    schema::{
        Op, Title,
        changelog::{self, Direction},
        entities, fields, relationships,
    },
    sql::Row,
    store::{
        EntityStore,
        system::{PositionRow, VERSION, version_of},
    },
};

impl Engine {
    pub async fn schema(&self) -> Result<Arc<Schema>> {
        Ok(self.reading().await?.1)
    }

    /// Makes an entity with its fields, at a place on the diagram where one is given.
    ///
    /// # Errors
    /// `invalid_name`, `name_taken`, `type_mismatch` for a default.
    pub async fn create_entity(&self, spec: EntitySpec, fields: Vec<FieldSpec>, position: Option<(i32, i32)>) -> Result<Entity> {
        self.edit(async |edit| entities::create(edit, spec, fields, position).await).await
    }

    /// # Errors
    /// `unknown_entity`, `invalid_name`, `name_taken`.
    pub async fn update_entity(&self, entity: EntityId, spec: EntitySpec) -> Result<Entity> {
        self.edit(async |edit| entities::update(edit, entity, spec).await).await
    }

    /// What dropping these would take with it.
    pub async fn drop_impact(&self, entities: &[EntityId]) -> Result<Impact> {
        self.read(async |session| entities::drop_impact(session, entities).await).await
    }

    /// # Errors
    /// `unknown_entity`; `busy` while a job works on it.
    pub async fn drop_entity(&self, entity: EntityId) -> Result<()> {
        self.drop_entities(&[entity]).await
    }

    /// Several as one edit, which one undo takes back.
    ///
    /// # Errors
    /// As [`Engine::drop_entity`].
    pub async fn drop_entities(&self, entities: &[EntityId]) -> Result<()> {
        self.edit(async |edit| entities::drop(edit, entities).await).await
    }

    /// The entity's keys over several fields, all of them.
    ///
    /// # Errors
    /// See [`entities::set_keys`].
    pub async fn set_keys(&self, entity: EntityId, keys: Vec<Vec<KeyPart>>) -> Result<Entity> {
        let keys: Vec<(KeyId, Vec<KeyPart>)> = keys.into_iter().map(|parts| (KeyId::new(), parts)).collect();
        self.edit_beside(async move |edit| entities::set_keys(edit, entity, keys).await).await
    }

    /// # Errors
    /// See [`fields::add`].
    pub async fn add_field(&self, entity: EntityId, spec: FieldSpec) -> Result<Field> {
        self.edit(async |edit| fields::add(edit, entity, spec).await).await
    }

    /// # Errors
    /// See [`fields::update`].
    pub async fn update_field(&self, entity: EntityId, field: AttachmentId, spec: FieldSpec) -> Result<Field> {
        self.edit_beside(async move |edit| fields::update(edit, entity, field, spec).await).await
    }

    /// # Errors
    /// `unknown_field`.
    pub async fn drop_field(&self, entity: EntityId, field: AttachmentId) -> Result<()> {
        self.edit(async |edit| fields::drop(edit, entity, field).await).await
    }

    /// Puts the fields in this display order (those not named follow, as they stood).
    pub async fn reorder_fields(&self, entity: EntityId, order: Vec<AttachmentId>) -> Result<()> {
        self.edit(async |edit| fields::reorder(edit, entity, order).await).await
    }

    /// # Errors
    /// `invalid_name`, `name_taken`, `invalid_input`.
    pub async fn create_library_field(&self, spec: LibraryFieldSpec) -> Result<FieldDefinition> {
        self.edit(async |edit| fields::create_library(edit, spec).await).await
    }

    /// # Errors
    /// `field_in_use` with the entities that use it.
    pub async fn delete_library_field(&self, field: FieldId) -> Result<()> {
        self.edit(async |edit| fields::delete_library(edit, field).await).await
    }

    /// # Errors
    /// See [`relationships::add`].
    pub async fn add_relationship(&self, spec: RelationshipSpec) -> Result<Relationship> {
        self.edit(async |edit| relationships::add(edit, spec).await).await
    }

    /// Names, description, required and actions may change; kind and ends may not.
    pub async fn update_relationship(&self, relationship: RelationshipId, spec: RelationshipSpec) -> Result<Relationship> {
        self.edit_beside(async move |edit| relationships::update(edit, relationship, spec).await).await
    }

    /// # Errors
    /// `unknown_relationship`.
    pub async fn drop_relationship(&self, relationship: RelationshipId) -> Result<()> {
        self.edit(async |edit| relationships::drop(edit, relationship).await).await
    }

    /// What an edit would do, rehearsed on a snapshot: every statement that writes, the values in the way, the locks, the rights.
    ///
    /// # Errors
    /// Those of the edit, but for values in the way: these are listed.
    pub async fn edit_plan(&self, edit: SchemaEdit) -> Result<EditPlan> {
        let context = Context::new(self.origin, self.inner.author.clone());
        Box::pin(materialize::edit_plan(&self.inner.store, &context, edit)).await
    }

    pub async fn layout(&self) -> Result<Vec<NodePosition>> {
        let sets = self.inner.store.batch(&[EntityStore::<PositionRow>::scan_statement(self.inner.store.dialect())]).await?;
        positions(sets.first().map_or(&[], Vec::as_slice))
    }

    /// One undoable step for all the nodes moved together.
    ///
    /// # Errors
    /// `unknown_entity`.
    pub async fn move_nodes(&self, positions: Vec<NodePosition>) -> Result<()> {
        self.edit(async |edit| {
            let mut names = vec![];
            for position in &positions {
                names.push(edit.schema.entity(position.entity)?.title().to_owned());
            }
            let description = match names.as_slice() {
                [] => return Ok(()),
                [one] => format!("Move {one}"),
                more => format!("Move {} entities", more.len()),
            };
            let entities = positions.iter().map(|p| p.entity).collect();
            let positions = positions.into_iter().map(|p| (p.entity, Some(p))).collect();
            edit.run(Title { kind: "move", description, entities }, vec![Op::Move { positions }]).await
        })
        .await
    }

    /// Keeps a place for each entity that has none; the others stay where they were put. Nobody's edit: nothing an undo would take back.
    ///
    /// # Errors
    /// `unknown_entity`.
    pub async fn place_nodes(&self, positions: Vec<NodePosition>) -> Result<()> {
        self.edit(async |edit| {
            for NodePosition { entity, x, y } in positions {
                edit.schema.entity(entity)?;
                if EntityStore::<PositionRow>::get(edit.tx, &entity).await?.is_none() {
                    EntityStore::put(edit.tx, &PositionRow { entity_id: entity, x, y }).await?;
                }
            }
            Ok(())
        })
        .await
    }

    /// Newest first.
    pub async fn changelog(&self, entity: Option<EntityId>) -> Result<Vec<SchemaChange>> {
        let mut tx = self.inner.store.read().await?;
        changelog::list(&mut tx, entity).await
    }

    pub async fn undo_state(&self) -> Result<UndoState> {
        let [undo, redo] = changelog::STATE;
        let sets = self.inner.store.batch(&[VERSION.to_owned(), undo.to_owned(), redo.to_owned()]).await?;
        let [version, undo, redo] = sets.as_slice() else { return Err(Error::internal("a batch has lost a result")) };
        Ok(changelog::read_state(undo, redo, version_of(version.first())?))
    }

    /// # Errors
    /// `nothing_to_undo`.
    pub async fn undo(&self) -> Result<SchemaChange> {
        self.step(Direction::Undo).await
    }

    /// # Errors
    /// `nothing_to_redo`.
    pub async fn redo(&self) -> Result<SchemaChange> {
        self.step(Direction::Redo).await
    }

    async fn step(&self, direction: Direction) -> Result<SchemaChange> {
        let (mut tx, schema) = self.reading().await?;
        let (row, ops) = changelog::next(&mut tx, direction).await?;
        drop(tx);
        // A change of storage mode is a job; everything else is one transaction.
        if let [op @ (Op::Materialize { .. } | Op::Dematerialize { .. })] = ops.as_slice() {
            return Box::pin(self.step_storage(row, op.clone(), direction)).await;
        }
        let change = Box::pin(self.edit_after(&schema, &ops, async |edit| changelog::step(edit, direction).await)).await?;
        // Undoing a drop brings records back too.
        self.send(WorkspaceEvent::RecordsChanged { entities: change.entities.clone() });
        Ok(change)
    }
}

pub(super) fn positions(rows: &[Row]) -> Result<Vec<NodePosition>> {
    Ok(EntityStore::<PositionRow>::read(rows)?.into_iter().map(|r| NodePosition { entity: r.entity_id, x: r.x, y: r.y }).collect())
}
