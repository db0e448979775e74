//! The operations every shell calls: open a workspace, then ask it for things.
//!
//! An [`Engine`] is cheap to clone and safe to share; each call is one transaction.

use serde_json::Value;
use std::path::Path;
use tokio::sync::broadcast;
use tokio_util::sync::CancellationToken;

use crate::{error::Result, model::*};

/// An open workspace.
#[derive(Clone)]
pub struct Engine {}

/// Called with each step of an import.
pub type OnImport<'a> = &'a (dyn Fn(ImportProgress) + Send + Sync);

impl Engine {
    /// Makes a new workspace file. # Errors `invalid_input` when the file exists and is not empty.
    pub async fn create(path: &Path) -> Result<Self> {
        todo!("{path:?}")
    }
    /// Opens a workspace file that exists. # Errors `not_a_workspace`, `io`.
    pub async fn open(location: &str) -> Result<Self> {
        todo!("{location}")
    }
    /// Opens it, making it first where there is none.
    pub async fn open_or_create(location: &str) -> Result<Self> {
        todo!("{location}")
    }
    /// Fills this empty workspace with the sample: a coffee roastery.
    pub async fn fill_sample(&self) -> Result<()> {
        todo!()
    }
    /// Finishes what is under way (running jobs stop at a safe point and stay resumable) and closes the file.
    pub async fn close(&self) {}
    pub async fn info(&self) -> Result<WorkspaceInfo> {
        todo!()
    }
    pub fn subscribe(&self) -> broadcast::Receiver<WorkspaceEvent> {
        todo!()
    }

    // Schema
    pub async fn schema(&self) -> Result<std::sync::Arc<Schema>> {
        todo!()
    }
    pub async fn overview(&self) -> Result<Vec<EntitySummary>> {
        todo!()
    }
    pub async fn create_entity(&self, spec: EntitySpec, fields: Vec<FieldSpec>, position: Option<(i32, i32)>) -> Result<Entity> {
        todo!("{spec:?}{fields:?}{position:?}")
    }
    pub async fn update_entity(&self, entity: EntityId, spec: EntitySpec) -> Result<Entity> {
        todo!("{entity:?}{spec:?}")
    }
    /// What dropping would take with it.
    pub async fn drop_entity_impact(&self, entity: EntityId) -> Result<Impact> {
        todo!("{entity:?}")
    }
    pub async fn drop_entity(&self, entity: EntityId) -> Result<()> {
        todo!("{entity:?}")
    }
    pub async fn add_field(&self, entity: EntityId, spec: FieldSpec) -> Result<Field> {
        todo!("{entity:?}{spec:?}")
    }
    pub async fn update_field(&self, entity: EntityId, field: AttachmentId, spec: FieldSpec) -> Result<Field> {
        todo!("{entity:?}{field:?}{spec:?}")
    }
    pub async fn drop_field(&self, entity: EntityId, field: AttachmentId) -> Result<()> {
        todo!("{entity:?}{field:?}")
    }
    /// Puts the fields in this display order (those not named follow, as they stood).
    pub async fn reorder_fields(&self, entity: EntityId, order: Vec<AttachmentId>) -> Result<()> {
        todo!("{entity:?}{order:?}")
    }
    pub async fn create_library_field(&self, spec: LibraryFieldSpec) -> Result<FieldDefinition> {
        todo!("{spec:?}")
    }
    /// # Errors `field_in_use` with the entities that use it.
    pub async fn delete_library_field(&self, field: FieldId) -> Result<()> {
        todo!("{field:?}")
    }
    pub async fn add_relationship(&self, spec: RelationshipSpec) -> Result<Relationship> {
        todo!("{spec:?}")
    }
    /// Name, field name, inverse name, description, required and actions may change; kind and ends may not.
    pub async fn update_relationship(&self, relationship: RelationshipId, spec: RelationshipSpec) -> Result<Relationship> {
        todo!("{relationship:?}{spec:?}")
    }
    pub async fn drop_relationship(&self, relationship: RelationshipId) -> Result<()> {
        todo!("{relationship:?}")
    }
    /// Number of pairs of each many-to-many.
    pub async fn link_counts(&self) -> Result<std::collections::HashMap<RelationshipId, u32>> {
        todo!()
    }
    pub async fn layout(&self) -> Result<Vec<NodePosition>> {
        todo!()
    }
    /// One undoable step for all the nodes moved together.
    pub async fn move_nodes(&self, positions: Vec<NodePosition>) -> Result<()> {
        todo!("{positions:?}")
    }

    // History
    /// Newest first.
    pub async fn changelog(&self, entity: Option<EntityId>) -> Result<Vec<SchemaChange>> {
        todo!("{entity:?}")
    }
    pub async fn undo_state(&self) -> Result<UndoState> {
        todo!()
    }
    /// # Errors `nothing_to_undo`.
    pub async fn undo(&self) -> Result<SchemaChange> {
        todo!()
    }
    /// # Errors `nothing_to_redo`.
    pub async fn redo(&self) -> Result<SchemaChange> {
        todo!()
    }

    // Records
    pub async fn insert_record(&self, entity: EntityId, data: Data) -> Result<Record> {
        todo!("{entity:?}{data:?}")
    }
    /// # Errors `unknown_record`.
    pub async fn record(&self, entity: EntityId, id: RecordId) -> Result<Record> {
        todo!("{entity:?}{id:?}")
    }
    /// Changes the values named in `patch`, leaves the others. `version` is the one that was read; without it the write is not checked.
    pub async fn update_record(&self, entity: EntityId, id: RecordId, patch: Data, version: Option<u32>) -> Result<Record> {
        todo!("{entity:?}{id:?}{patch:?}{version:?}")
    }
    pub async fn delete_impact(&self, entity: EntityId, ids: Vec<RecordId>) -> Result<Impact> {
        todo!("{entity:?}{ids:?}")
    }
    pub async fn delete_records(&self, entity: EntityId, ids: Vec<RecordId>) -> Result<Impact> {
        todo!("{entity:?}{ids:?}")
    }
    pub async fn list_records(&self, entity: EntityId, request: ListRequest) -> Result<RecordPage> {
        todo!("{entity:?}{request:?}")
    }
    /// Records that meet the request's filter and search.
    pub async fn count_records(&self, entity: EntityId, request: ListRequest) -> Result<u32> {
        todo!("{entity:?}{request:?}")
    }
    pub async fn links(&self, relationship: RelationshipId, record: RecordId) -> Result<Vec<Link>> {
        todo!("{relationship:?}{record:?}")
    }
    /// `record` may stand at either end: `from` says which entity it belongs to.
    pub async fn add_links(
        &self,
        relationship: RelationshipId,
        from: EntityId,
        record: RecordId,
        others: Vec<RecordId>,
        metadata: Option<Value>,
    ) -> Result<Vec<Link>> {
        todo!("{relationship:?}{from:?}{record:?}{others:?}{metadata:?}")
    }
    /// Returns how many pairs went.
    pub async fn remove_links(&self, relationship: RelationshipId, from: EntityId, record: RecordId, others: Vec<RecordId>) -> Result<u32> {
        todo!("{relationship:?}{from:?}{record:?}{others:?}")
    }

    // Materialize
    pub async fn materialize_plan(&self, entities: Vec<EntityId>, options: MaterializeOptions) -> Result<MaterializePlan> {
        todo!("{entities:?}{options:?}")
    }
    /// Starts the job and returns at once; progress comes as events.
    pub async fn start_materialize(&self, entities: Vec<EntityId>, options: MaterializeOptions) -> Result<Job> {
        todo!("{entities:?}{options:?}")
    }
    pub async fn start_dematerialize(&self, entities: Vec<EntityId>, options: MaterializeOptions) -> Result<Job> {
        todo!("{entities:?}{options:?}")
    }
    /// Newest first.
    pub async fn jobs(&self) -> Result<Vec<Job>> {
        todo!()
    }
    /// # Errors `unknown_job`.
    pub async fn job(&self, id: JobId) -> Result<Job> {
        todo!("{id:?}")
    }
    /// Returns when the job has ended, with its last state.
    pub async fn wait_job(&self, id: JobId) -> Result<Job> {
        todo!("{id:?}")
    }
    /// The job stops at the next safe point and undoes what it made.
    pub async fn cancel_job(&self, id: JobId) -> Result<()> {
        todo!("{id:?}")
    }
    /// Goes on with an interrupted job.
    pub async fn resume_job(&self, id: JobId) -> Result<Job> {
        todo!("{id:?}")
    }
    /// Undoes what an interrupted or failed job left. # Errors `invalid_input` once it has cut over: then it can only be resumed.
    pub async fn rollback_job(&self, id: JobId) -> Result<Job> {
        todo!("{id:?}")
    }

    // Interchange
    /// Tables, keys, foreign keys and rows of another SQLite file become entities, relationships and records.
    pub async fn import_sqlite(
        &self,
        file: &Path,
        schema_only: bool,
        on: OnImport<'_>,
        cancel: &CancellationToken,
    ) -> Result<ImportReport> {
        todo!("{file:?}{schema_only}{}{cancel:?}", on as *const _ as *const () as usize)
    }
    /// One JSON object a line into `entity`, which is made from the file where it does not exist.
    pub async fn import_ndjson(&self, file: &Path, entity: &str, on: OnImport<'_>, cancel: &CancellationToken) -> Result<ImportReport> {
        todo!("{file:?}{entity}{}{cancel:?}", on as *const _ as *const () as usize)
    }
    /// A header line and rows into `entity`, which is made from the file where it does not exist.
    pub async fn import_csv(&self, file: &Path, entity: &str, on: OnImport<'_>, cancel: &CancellationToken) -> Result<ImportReport> {
        todo!("{file:?}{entity}{}{cancel:?}", on as *const _ as *const () as usize)
    }
    /// One record a line, `{"id","version","data"}`, ordered by id. Returns how many.
    pub async fn export_ndjson(&self, entity: EntityId, out: &mut (dyn std::io::Write + Send)) -> Result<u32> {
        todo!("{entity:?}{}", out as *const _ as *const () as usize)
    }
    pub async fn export_csv(&self, entity: EntityId, out: &mut (dyn std::io::Write + Send)) -> Result<u32> {
        todo!("{entity:?}{}", out as *const _ as *const () as usize)
    }
}
