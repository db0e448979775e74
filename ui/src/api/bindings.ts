// Provisional: replaced by the file generated from Rust.
import { platform } from "../platform";

const call = <T>(cmd: string, args: Record<string, unknown> = {}): Promise<T> => platform().invoke<T>(cmd, args);

export type EntityId = string;
export type FieldId = string;
export type AttachmentId = string;
export type RelationshipId = string;
export type RecordId = string;
export type LinkId = string;
export type KeyId = string;
export type JobId = string;
export type ChangeId = string;
export type Value = null | boolean | number | string | Value[] | { [key: string]: Value };

export type StorageMode = "shared" | "dedicated";
export type Scope = "shared" | "user" | "stream" | "system";
export type AccessLevel = "public" | "restricted" | "private";
export type KeyPart = { kind: "field"; id: AttachmentId } | { kind: "relationship"; id: RelationshipId };
export type UniqueKey = { id: KeyId; name: string | null; parts: KeyPart[] };
export type FieldType =
  | "string" | "text" | "integer" | "float" | "decimal" | "bool" | "date" | "datetime" | "uuid" | "json" | "binary"
  | "email" | "phone" | "url" | "currency" | "percentage" | "select" | "multiselect" | "file" | "image";
export type FieldConfig = {
  options?: string[];
  min?: string | null;
  max?: string | null;
  min_length?: number | null;
  max_length?: number | null;
  pattern?: string | null;
  precision?: number | null;
  scale?: number | null;
  currency?: string | null;
};
export type Field = {
  id: AttachmentId;
  field_id: FieldId;
  name: string;
  label: string | null;
  type: FieldType;
  config: FieldConfig;
  description: string | null;
  storage: string;
  order: number;
  required: boolean;
  unique: boolean;
  indexed: boolean;
  default: Value;
  visible: boolean;
  read_only: boolean;
  shared: boolean;
};
export type FieldDefinition = {
  id: FieldId;
  name: string;
  label: string | null;
  type: FieldType;
  config: FieldConfig;
  description: string | null;
  category: string | null;
  private_to: EntityId | null;
};
export type Entity = {
  id: EntityId;
  name: string;
  label: string | null;
  plural_label: string | null;
  icon: string | null;
  description: string | null;
  application: string | null;
  storage_mode: StorageMode;
  scope: Scope;
  access: AccessLevel;
  table: string;
  fields: Field[];
  keys: UniqueKey[];
};
export type RelationshipType = "many_to_one" | "one_to_many" | "one_to_one" | "many_to_many";
export type ReferentialAction = "cascade" | "set_null" | "restrict" | "no_action";
export type Relationship = {
  id: RelationshipId;
  name: string;
  type: RelationshipType;
  source: EntityId;
  target: EntityId;
  inverse_name: string | null;
  description: string | null;
  field: string | null;
  storage: string;
  required: boolean;
  on_delete: ReferentialAction;
  on_update: ReferentialAction;
  order: number;
};
export type Schema = {
  version: number;
  entities: Entity[];
  relationships: Relationship[];
  library: FieldDefinition[];
};
export type EntitySpec = {
  name?: string;
  label?: string | null;
  plural_label?: string | null;
  icon?: string | null;
  description?: string | null;
  application?: string | null;
  scope?: Scope;
  access?: AccessLevel;
};
export type FieldSpec = {
  name?: string;
  label?: string | null;
  type?: FieldType;
  config?: FieldConfig;
  description?: string | null;
  required?: boolean;
  unique?: boolean;
  indexed?: boolean;
  default?: Value;
  visible?: boolean;
  read_only?: boolean;
  library?: FieldId | null;
};
export type RelationshipSpec = {
  name: string;
  type: RelationshipType;
  source: EntityId;
  target: EntityId;
  inverse_name?: string | null;
  description?: string | null;
  field?: string | null;
  required?: boolean;
  on_delete?: ReferentialAction | null;
  on_update?: ReferentialAction | null;
};
export type LibraryFieldSpec = {
  name: string;
  label?: string | null;
  type: FieldType;
  config?: FieldConfig;
  description?: string | null;
  category?: string | null;
};
export type NodePosition = { entity: EntityId; x: number; y: number };
export type SchemaChange = {
  id: ChangeId;
  version: number;
  kind: string;
  description: string;
  entities: EntityId[];
  at: string;
  author: string | null;
  undone: boolean;
};
export type UndoState = { undo: string | null; redo: string | null; version: number };
export type WorkspaceInfo = {
  location: string;
  name: string;
  kind: string;
  read_only: boolean;
  schema_version: number;
};
export type EntitySummary = {
  id: EntityId;
  name: string;
  label: string | null;
  storage_mode: StorageMode;
  table: string;
  records: number;
  fields: number;
  application: string | null;
};
export type JobKind = "materialize" | "dematerialize" | "import";
export type JobStatus = "running" | "paused" | "interrupted" | "done" | "failed" | "cancelled" | "rolled_back";
export type Phase = "validate" | "create" | "copy" | "verify" | "cut_over" | "clean_up";
export type OnInvalid = "abort" | "null" | "keep";
export type MaterializeOptions = { on_invalid?: OnInvalid; batch_size?: number | null };
export type EngineError = { code: string; message: string; details: Value };
export type JobReport = {
  entity: string;
  entity_id: EntityId;
  table: string;
  records: number;
  links: number;
  kept_aside: number;
  nulled: number;
  seconds: number;
  job: JobId;
};
export type Job = {
  id: JobId;
  kind: JobKind;
  entities: string[];
  entity_ids: EntityId[];
  status: JobStatus;
  phase: Phase;
  done: number;
  total: number;
  error: EngineError | null;
  reports: JobReport[];
  started_at: string;
  updated_at: string;
};
export type JobProgress = {
  job: JobId;
  kind: JobKind;
  status: JobStatus;
  entity: string;
  entity_id: EntityId;
  phase: Phase;
  done: number;
  total: number;
  rate: number;
  eta_s: number | null;
};
export type Problem = { entity: string; record: RecordId; field: string; value: Value; reason: string };
export type MaterializePlan = {
  statements: string[];
  records: number;
  links: number;
  problems: Problem[];
  problem_count: number;
  order: string[];
  estimate_s: number;
};
export type WorkspaceEvent =
  | { event: "schema_changed"; version: number }
  | { event: "records_changed"; entities: EntityId[] }
  | ({ event: "job_progress" } & JobProgress)
  | { event: "job_ended"; job: JobId };
export type NotCarried = { kind: string; name: string; reason: string };
export type ImportReport = {
  entities: string[];
  relationships: number;
  many_to_many: number;
  records: number;
  links: number;
  kept: number;
  not_carried: NotCarried[];
  seconds: number;
};
export type ImportProgress = { entity: string; done: number; total: number | null };
export type LinkedRecord = { id: RecordId; primary_value: string | null; metadata?: Value };
export type Link = { id: LinkId; source: RecordId; target: RecordId; metadata: Value };
export type Record_ = {
  id: RecordId;
  version: number;
  primary_value: string | null;
  data: { [field: string]: Value };
  links?: { [relationship: string]: LinkedRecord[] };
  problems?: { [field: string]: string };
  created_at: string;
  updated_at: string;
  created_by: string | null;
  updated_by: string | null;
};
export type SortKey = { field: string; descending?: boolean };
export type ListRequest = {
  where?: string | null;
  search?: string | null;
  sort?: SortKey[];
  include?: string[];
  limit?: number | null;
  after?: string | null;
  offset?: number | null;
};
export type RecordPage = { records: Record_[]; next: string | null };
export type EntityCount = { entity: EntityId; name: string; count: number };
export type Blocker = { entity: string; relationship: string; count: number; records: RecordId[] };
export type Impact = {
  deletes: EntityCount[];
  unlinks: EntityCount[];
  links: EntityCount[];
  blocked_by: Blocker[];
};
export type RecentWorkspace = { location: string; name: string; opened_at: string; missing: boolean };

export type ImportFormat = "sqlite" | "csv" | "ndjson";
export type ExportFormat = "csv" | "ndjson";

export const commands = {
  currentWorkspace: () => call<WorkspaceInfo | null>("current_workspace"),
  recentWorkspaces: () => call<RecentWorkspace[]>("recent_workspaces"),
  forgetWorkspace: (location: string) => call<null>("forget_workspace", { location }),
  createWorkspace: (path: string) => call<WorkspaceInfo>("create_workspace", { path }),
  openWorkspace: (location: string) => call<WorkspaceInfo>("open_workspace", { location }),
  openSample: () => call<WorkspaceInfo>("open_sample"),
  closeWorkspace: () => call<null>("close_workspace"),
  importFile: (path: string, format: ImportFormat | null, entity: string | null, schemaOnly: boolean) =>
    call<ImportReport>("import_file", { path, format, entity, schemaOnly }),
  cancelImport: () => call<null>("cancel_import"),
  exportRecords: (entity: EntityId, format: ExportFormat, path: string) =>
    call<number>("export_records", { entity, format, path }),
  schema: () => call<Schema>("schema"),
  overview: () => call<EntitySummary[]>("overview"),
  layout: () => call<NodePosition[]>("layout"),
  moveNodes: (positions: NodePosition[]) => call<null>("move_nodes", { positions }),
  createEntity: (spec: EntitySpec, fields: FieldSpec[], position: [number, number] | null) =>
    call<Entity>("create_entity", { spec, fields, position }),
  updateEntity: (entity: EntityId, spec: EntitySpec) => call<Entity>("update_entity", { entity, spec }),
  dropEntityImpact: (entity: EntityId) => call<Impact>("drop_entity_impact", { entity }),
  dropEntity: (entity: EntityId) => call<null>("drop_entity", { entity }),
  addField: (entity: EntityId, spec: FieldSpec) => call<Field>("add_field", { entity, spec }),
  updateField: (entity: EntityId, field: AttachmentId, spec: FieldSpec) =>
    call<Field>("update_field", { entity, field, spec }),
  dropField: (entity: EntityId, field: AttachmentId) => call<null>("drop_field", { entity, field }),
  reorderFields: (entity: EntityId, order: AttachmentId[]) => call<null>("reorder_fields", { entity, order }),
  addRelationship: (spec: RelationshipSpec) => call<Relationship>("add_relationship", { spec }),
  updateRelationship: (relationship: RelationshipId, spec: RelationshipSpec) =>
    call<Relationship>("update_relationship", { relationship, spec }),
  dropRelationship: (relationship: RelationshipId) => call<null>("drop_relationship", { relationship }),
  linkCounts: () => call<{ [relationship: string]: number }>("link_counts"),
  createLibraryField: (spec: LibraryFieldSpec) => call<FieldDefinition>("create_library_field", { spec }),
  deleteLibraryField: (field: FieldId) => call<null>("delete_library_field", { field }),
  changelog: (entity: EntityId | null) => call<SchemaChange[]>("changelog", { entity }),
  undoState: () => call<UndoState>("undo_state"),
  undo: () => call<SchemaChange>("undo"),
  redo: () => call<SchemaChange>("redo"),
  insertRecord: (entity: EntityId, data: { [field: string]: Value }) =>
    call<Record_>("insert_record", { entity, data }),
  record: (entity: EntityId, id: RecordId) => call<Record_>("record", { entity, id }),
  updateRecord: (entity: EntityId, id: RecordId, patch: { [field: string]: Value }, version: number | null) =>
    call<Record_>("update_record", { entity, id, patch, version }),
  deleteImpact: (entity: EntityId, ids: RecordId[]) => call<Impact>("delete_impact", { entity, ids }),
  deleteRecords: (entity: EntityId, ids: RecordId[]) => call<Impact>("delete_records", { entity, ids }),
  listRecords: (entity: EntityId, request: ListRequest) => call<RecordPage>("list_records", { entity, request }),
  countRecords: (entity: EntityId, request: ListRequest) => call<number>("count_records", { entity, request }),
  links: (relationship: RelationshipId, record: RecordId) => call<Link[]>("links", { relationship, record }),
  addLinks: (
    relationship: RelationshipId,
    from: EntityId,
    record: RecordId,
    others: RecordId[],
    metadata: Value,
  ) => call<Link[]>("add_links", { relationship, from, record, others, metadata }),
  removeLinks: (relationship: RelationshipId, from: EntityId, record: RecordId, others: RecordId[]) =>
    call<number>("remove_links", { relationship, from, record, others }),
  materializePlan: (entities: EntityId[], options: MaterializeOptions) =>
    call<MaterializePlan>("materialize_plan", { entities, options }),
  startMaterialize: (entities: EntityId[], options: MaterializeOptions) =>
    call<Job>("start_materialize", { entities, options }),
  startDematerialize: (entities: EntityId[], options: MaterializeOptions) =>
    call<Job>("start_dematerialize", { entities, options }),
  jobs: () => call<Job[]>("jobs"),
  cancelJob: (id: JobId) => call<null>("cancel_job", { id }),
  resumeJob: (id: JobId) => call<Job>("resume_job", { id }),
  rollbackJob: (id: JobId) => call<Job>("rollback_job", { id }),
};
