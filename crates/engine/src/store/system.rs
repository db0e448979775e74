//! The system tables, each under its own key type, and the schema put together from them.

use serde_json::Value;
use std::collections::HashMap;

use super::{
    EntityStore, Tx,
    entity_store::{Json, Word, system_row},
};
use crate::{
    error::{Error, ErrorCode, Result},
    model::*,
    sql::{Dialect, Row},
};

system_row! {
    /// An entity without its fields.
    EntityRow, "kdb_entity_definitions", id: EntityId, {
        name: String = "name",
        name_key: String = "name_key",
        label: Option<String> = "label",
        plural_label: Option<String> = "plural_label",
        icon: Option<String> = "icon",
        description: Option<String> = "description",
        application: Option<String> = "application",
        storage_mode: Word<StorageMode> = "storage_mode",
        scope: Word<Scope> = "scope",
        access: Word<AccessLevel> = "access_level",
        table: String = "dedicated_table_name",
        keys: Json<Vec<UniqueKey>> = "unique_keys",
    }
}

system_row! {
    FieldRow, "kdb_field_definitions", id: FieldId, {
        name: String = "name",
        label: Option<String> = "label",
        field_type: Word<FieldType> = "type",
        config: Json<FieldConfig> = "config",
        description: Option<String> = "description",
        category: Option<String> = "category",
        private_to: Option<EntityId> = "private_to",
    }
}

/// What an entity says of a library field differently from the library.
#[derive(Debug, Clone, Default, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(default)]
pub struct Overrides {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
}

system_row! {
    AttachmentRow, "kdb_entity_fields", id: AttachmentId, {
        entity: EntityId = "entity_id",
        field: FieldId = "field_id",
        storage: String = "storage_name",
        order: u32 = "display_order",
        required: bool = "is_required",
        unique: bool = "is_unique",
        indexed: bool = "is_indexed",
        default: Option<Json<Value>> = "default_value",
        visible: bool = "is_visible",
        read_only: bool = "is_readonly",
        overrides: Json<Overrides> = "overrides",
    }
}

system_row! {
    RelationshipRow, "kdb_relationship_definitions", id: RelationshipId, {
        name: String = "name",
        kind: Word<RelationshipType> = "relationship_type",
        source: EntityId = "source_entity_id",
        target: EntityId = "target_entity_id",
        inverse_name: Option<String> = "inverse_name",
        description: Option<String> = "description",
        field: Option<String> = "foreign_key_field",
        storage: String = "storage_name",
        required: bool = "is_required",
        on_delete: Word<ReferentialAction> = "on_delete",
        on_update: Word<ReferentialAction> = "on_update",
        order: u32 = "display_order",
    }
}

system_row! {
    ChangeRow, "kdb_schema_changelog", id: ChangeId, {
        version: u32 = "version",
        kind: String = "kind",
        description: String = "description",
        entities: Json<Vec<EntityId>> = "entities",
        up: Json<Value> = "up",
        down: Json<Value> = "down",
        at: String = "at",
        author: Option<String> = "author",
        state: String = "state",
    }
}

system_row! {
    PositionRow, "kdb_layout", entity_id: EntityId, {
        x: i32 = "x",
        y: i32 = "y",
    }
}

system_row! {
    /// A job with what it needs to go on: `state` is its own business, `owner` and `heartbeat` (Unix seconds) say who is at it.
    JobRow, "kdb_jobs", id: JobId, {
        kind: Word<JobKind> = "kind",
        status: Word<JobStatus> = "status",
        phase: Word<Phase> = "phase",
        done: u32 = "done",
        total: u32 = "total",
        entities: Json<Vec<(EntityId, String)>> = "entities",
        state: Json<Value> = "state",
        error: Option<Json<Error>> = "error",
        reports: Json<Vec<JobReport>> = "reports",
        owner: String = "owner",
        heartbeat: i64 = "heartbeat",
        started_at: String = "started_at",
        updated_at: String = "updated_at",
    }
}

/// Stands for the schema's version until a copy into this workspace is whole. Everything begins by reading the version, so nothing can be
/// read or written before, by whatever program.
const UNFINISHED: &str = "unfinished copy";

/// The schema's version: one cheap look-up tells whether a cached schema still holds.
pub const VERSION: &str = "SELECT value FROM kdb_workspace WHERE key = 'schema_version'";

/// # Errors
/// `unfinished_copy` while another workspace is being copied into this one.
pub async fn schema_version(tx: &mut Tx) -> Result<u32> {
    version_of(tx.row(VERSION).await?.as_ref())
}

/// From the first cell of a row of [`VERSION`].
///
/// # Errors
/// As [`schema_version`].
pub fn version_of(row: Option<&Row>) -> Result<u32> {
    let text = row.and_then(|r| r.opt_text(0));
    if text.as_deref() == Some(UNFINISHED) {
        return Err(Error::new(
            ErrorCode::UnfinishedCopy,
            "A copy into this workspace is not finished. Go on with it by the same `stoneware copy FROM TO`, or empty the workspace with `stoneware job rollback`.",
        ));
    }
    text.and_then(|v| v.parse().ok())
        .ok_or_else(|| Error::new(ErrorCode::Corrupt, "The workspace has lost its schema version. Restore it from a copy."))
}

async fn version_text(tx: &mut Tx) -> Result<Option<String>> {
    Ok(tx.row(VERSION).await?.and_then(|r| r.opt_text(0)))
}

/// Whether another workspace is being copied into this one.
pub async fn is_unfinished(tx: &mut Tx) -> Result<bool> {
    Ok(version_text(tx).await?.as_deref() == Some(UNFINISHED))
}

/// Until [`set_schema_version`], nobody can read or write this workspace.
pub async fn set_unfinished(tx: &mut Tx) -> Result<()> {
    tx.execute(format!("UPDATE kdb_workspace SET value = '{UNFINISHED}' WHERE key = 'schema_version'")).await?;
    Ok(())
}

pub async fn set_schema_version(tx: &mut Tx, version: u32) -> Result<()> {
    tx.execute(format!("UPDATE kdb_workspace SET value = '{version}' WHERE key = 'schema_version'")).await?;
    Ok(())
}

/// What to run for the whole schema, for a batch; see [`schema_of`].
pub fn schema_statements(dialect: &'static dyn Dialect) -> Vec<String> {
    vec![
        VERSION.to_owned(),
        EntityStore::<FieldRow>::scan_statement(dialect),
        EntityStore::<AttachmentRow>::scan_statement(dialect),
        EntityStore::<EntityRow>::scan_statement(dialect),
        EntityStore::<RelationshipRow>::scan_statement(dialect),
    ]
}

/// Reads the whole schema.
pub async fn load_schema(tx: &mut Tx) -> Result<Schema> {
    let sets = tx.batch(&schema_statements(tx.dialect)).await?;
    schema_of(&mut sets.into_iter())
}

/// The schema as its rows say, whatever its version.
pub async fn read_schema(tx: &mut Tx, version: u32) -> Result<Schema> {
    let sets = tx.batch(&schema_statements(tx.dialect)[1..]).await?;
    rows_of(&mut sets.into_iter(), version)
}

/// The schema from the rows of [`schema_statements`].
pub fn schema_of(sets: &mut impl Iterator<Item = Vec<Row>>) -> Result<Schema> {
    let version = version_of(sets.next().as_ref().and_then(|rows| rows.first()))?;
    rows_of(sets, version)
}

fn rows_of(sets: &mut impl Iterator<Item = Vec<Row>>, version: u32) -> Result<Schema> {
    let mut next = || sets.next().ok_or_else(|| Error::internal("a batch has fewer results than statements"));
    let definitions: HashMap<FieldId, FieldRow> = EntityStore::<FieldRow>::read(&next()?)?.into_iter().map(|f| (f.id, f)).collect();
    let mut fields: HashMap<EntityId, Vec<Field>> = HashMap::new();
    for row in EntityStore::<AttachmentRow>::read(&next()?)? {
        let definition = definitions
            .get(&row.field)
            .ok_or_else(|| Error::new(ErrorCode::Corrupt, "A field has lost its definition. Restore the workspace from a copy."))?;
        fields.entry(row.entity).or_default().push(field(row, definition));
    }
    let mut entities: Vec<Entity> = EntityStore::<EntityRow>::read(&next()?)?.into_iter().map(entity).collect();
    for entity in &mut entities {
        entity.fields = fields.remove(&entity.id).unwrap_or_default();
        entity.fields.sort_by_key(|f| (f.order, f.id));
    }
    let mut relationships: Vec<Relationship> = EntityStore::<RelationshipRow>::read(&next()?)?.into_iter().map(relationship).collect();
    relationships.sort_by_key(|r| (r.order, r.id));
    let mut library: Vec<FieldDefinition> = definitions.into_values().filter(|d| d.private_to.is_none()).map(definition).collect();
    library.sort_by_key(|d| d.id);
    Ok(Schema { version, entities, relationships, library })
}

fn entity(row: EntityRow) -> Entity {
    Entity {
        id: row.id,
        name: row.name,
        label: row.label,
        plural_label: row.plural_label,
        icon: row.icon,
        description: row.description,
        application: row.application,
        storage_mode: row.storage_mode.0,
        scope: row.scope.0,
        access: row.access.0,
        table: row.table,
        fields: vec![],
        keys: row.keys.0,
    }
}

pub fn entity_row(e: &Entity) -> EntityRow {
    EntityRow {
        id: e.id,
        name: e.name.clone(),
        name_key: name::folded(&e.name),
        label: e.label.clone(),
        plural_label: e.plural_label.clone(),
        icon: e.icon.clone(),
        description: e.description.clone(),
        application: e.application.clone(),
        storage_mode: Word(e.storage_mode),
        scope: Word(e.scope),
        access: Word(e.access),
        table: e.table.clone(),
        keys: Json(e.keys.clone()),
    }
}

fn field(row: AttachmentRow, d: &FieldRow) -> Field {
    let shared = d.private_to.is_none();
    Field {
        id: row.id,
        field_id: row.field,
        name: d.name.clone(),
        label: row.overrides.0.label.or_else(|| d.label.clone()),
        field_type: d.field_type.0,
        config: d.config.0.clone(),
        description: row.overrides.0.description.or_else(|| d.description.clone()),
        storage: row.storage,
        order: row.order,
        required: row.required,
        unique: row.unique,
        indexed: row.indexed,
        default: row.default.map(|d| d.0),
        visible: row.visible,
        read_only: row.read_only,
        shared,
    }
}

/// The two rows a field is kept in. A private field's label and description stand in its definition; a library field's here are overrides.
pub fn field_rows(entity: EntityId, f: &Field) -> (FieldRow, AttachmentRow) {
    let definition = FieldRow {
        id: f.field_id,
        name: f.name.clone(),
        label: f.label.clone(),
        field_type: Word(f.field_type),
        config: Json(f.config.clone()),
        description: f.description.clone(),
        category: None,
        private_to: (!f.shared).then_some(entity),
    };
    let overrides = if f.shared { Overrides { label: f.label.clone(), description: f.description.clone() } } else { Overrides::default() };
    let attachment = AttachmentRow {
        id: f.id,
        entity,
        field: f.field_id,
        storage: f.storage.clone(),
        order: f.order,
        required: f.required,
        unique: f.unique,
        indexed: f.indexed,
        default: f.default.clone().map(Json),
        visible: f.visible,
        read_only: f.read_only,
        overrides: Json(overrides),
    };
    (definition, attachment)
}

pub fn definition(row: FieldRow) -> FieldDefinition {
    FieldDefinition {
        id: row.id,
        name: row.name,
        label: row.label,
        field_type: row.field_type.0,
        config: row.config.0,
        description: row.description,
        category: row.category,
        private_to: row.private_to,
    }
}

pub fn definition_row(d: &FieldDefinition) -> FieldRow {
    FieldRow {
        id: d.id,
        name: d.name.clone(),
        label: d.label.clone(),
        field_type: Word(d.field_type),
        config: Json(d.config.clone()),
        description: d.description.clone(),
        category: d.category.clone(),
        private_to: d.private_to,
    }
}

fn relationship(row: RelationshipRow) -> Relationship {
    Relationship {
        id: row.id,
        name: row.name,
        kind: row.kind.0,
        source: row.source,
        target: row.target,
        inverse_name: row.inverse_name,
        description: row.description,
        field: row.field,
        storage: row.storage,
        required: row.required,
        on_delete: row.on_delete.0,
        on_update: row.on_update.0,
        order: row.order,
    }
}

pub fn relationship_row(r: &Relationship) -> RelationshipRow {
    RelationshipRow {
        id: r.id,
        name: r.name.clone(),
        kind: Word(r.kind),
        source: r.source,
        target: r.target,
        inverse_name: r.inverse_name.clone(),
        description: r.description.clone(),
        field: r.field.clone(),
        storage: r.storage.clone(),
        required: r.required,
        on_delete: Word(r.on_delete),
        on_update: Word(r.on_update),
        order: r.order,
    }
}
