-- Stoneware's own tables. Ids are UUID v7 as text; times are UTC as text; JSON is text.

CREATE TABLE kdb_workspace (
  key   TEXT PRIMARY KEY NOT NULL,
  value TEXT NOT NULL
) WITHOUT ROWID;

CREATE TABLE kdb_entity_definitions (
  id                   TEXT PRIMARY KEY NOT NULL,
  name                 TEXT NOT NULL,
  name_key             TEXT NOT NULL UNIQUE,
  label                TEXT,
  plural_label         TEXT,
  icon                 TEXT,
  description          TEXT,
  application          TEXT,
  storage_mode         TEXT NOT NULL CHECK (storage_mode IN ('shared', 'dedicated')),
  scope                TEXT NOT NULL CHECK (scope IN ('shared', 'user', 'stream', 'system')),
  access_level         TEXT NOT NULL CHECK (access_level IN ('public', 'restricted', 'private')),
  dedicated_table_name TEXT NOT NULL UNIQUE,
  unique_keys          TEXT NOT NULL
);

CREATE TABLE kdb_field_definitions (
  id          TEXT PRIMARY KEY NOT NULL,
  name        TEXT NOT NULL,
  label       TEXT,
  type        TEXT NOT NULL,
  config      TEXT NOT NULL,
  description TEXT,
  category    TEXT,
  private_to  TEXT REFERENCES kdb_entity_definitions (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED
);
CREATE UNIQUE INDEX kdb_field_definitions_name ON kdb_field_definitions (name) WHERE private_to IS NULL;

CREATE TABLE kdb_entity_fields (
  id            TEXT PRIMARY KEY NOT NULL,
  entity_id     TEXT NOT NULL REFERENCES kdb_entity_definitions (id) ON DELETE CASCADE,
  field_id      TEXT NOT NULL REFERENCES kdb_field_definitions (id) ON DELETE RESTRICT,
  storage_name  TEXT NOT NULL,
  display_order INTEGER NOT NULL,
  is_required   INTEGER NOT NULL,
  is_unique     INTEGER NOT NULL,
  is_indexed    INTEGER NOT NULL,
  default_value TEXT,
  is_visible    INTEGER NOT NULL,
  is_readonly   INTEGER NOT NULL,
  overrides     TEXT NOT NULL,
  UNIQUE (entity_id, storage_name)
);
CREATE INDEX kdb_entity_fields_field ON kdb_entity_fields (field_id);

CREATE TABLE kdb_relationship_definitions (
  id                TEXT PRIMARY KEY NOT NULL,
  name              TEXT NOT NULL,
  relationship_type TEXT NOT NULL CHECK (relationship_type IN ('many_to_one', 'one_to_many', 'one_to_one', 'many_to_many')),
  source_entity_id  TEXT NOT NULL REFERENCES kdb_entity_definitions (id) ON DELETE CASCADE,
  target_entity_id  TEXT NOT NULL REFERENCES kdb_entity_definitions (id) ON DELETE CASCADE,
  inverse_name      TEXT,
  description       TEXT,
  foreign_key_field TEXT,
  storage_name      TEXT NOT NULL,
  is_required       INTEGER NOT NULL,
  on_delete         TEXT NOT NULL CHECK (on_delete IN ('cascade', 'set_null', 'restrict', 'no_action')),
  on_update         TEXT NOT NULL CHECK (on_update IN ('cascade', 'set_null', 'restrict', 'no_action')),
  display_order     INTEGER NOT NULL
);

-- Every record of every shared entity. The key finds an entity's records in id order, which is order of making.
CREATE TABLE kdb_records (
  entity_id     TEXT NOT NULL,
  id            TEXT NOT NULL,
  version       INTEGER NOT NULL,
  primary_value TEXT,
  data          TEXT NOT NULL,
  owner         TEXT,
  created_at    TEXT NOT NULL,
  created_by    TEXT,
  updated_at    TEXT NOT NULL,
  updated_by    TEXT,
  PRIMARY KEY (entity_id, id)
);

-- What keeps shared records unique and finds them by value: one row for each value of an indexed thing.
-- index_id is a field's (attachment's), a key's or a relationship's id.
CREATE TABLE kdb_index_entries (
  index_id  TEXT NOT NULL,
  value     TEXT NOT NULL,
  record_id TEXT NOT NULL,
  is_unique INTEGER NOT NULL,
  PRIMARY KEY (index_id, value, record_id)
) WITHOUT ROWID;
CREATE UNIQUE INDEX kdb_index_entries_unique ON kdb_index_entries (index_id, value) WHERE is_unique = 1;

CREATE TABLE kdb_record_links (
  relationship_id TEXT NOT NULL REFERENCES kdb_relationship_definitions (id) ON DELETE CASCADE,
  id              TEXT NOT NULL,
  source_id       TEXT NOT NULL,
  target_id       TEXT NOT NULL,
  metadata        TEXT,
  created_at      TEXT NOT NULL,
  created_by      TEXT,
  PRIMARY KEY (relationship_id, source_id, target_id)
) WITHOUT ROWID;
CREATE INDEX kdb_record_links_target ON kdb_record_links (relationship_id, target_id);

CREATE TABLE kdb_schema_changelog (
  id          TEXT PRIMARY KEY NOT NULL,
  version     INTEGER NOT NULL UNIQUE,
  kind        TEXT NOT NULL,
  description TEXT NOT NULL,
  entities    TEXT NOT NULL,
  up          TEXT NOT NULL,
  down        TEXT NOT NULL,
  at          TEXT NOT NULL,
  author      TEXT,
  state       TEXT NOT NULL CHECK (state IN ('applied', 'undone', 'discarded'))
);

-- What a dropped field, relationship or entity held, until its undo puts it back.
CREATE TABLE kdb_dropped_values (
  drop_id   TEXT NOT NULL,
  record_id TEXT NOT NULL,
  value     TEXT NOT NULL,
  PRIMARY KEY (drop_id, record_id)
) WITHOUT ROWID;
CREATE TABLE kdb_dropped_records (
  drop_id       TEXT NOT NULL,
  id            TEXT NOT NULL,
  version       INTEGER NOT NULL,
  primary_value TEXT,
  data          TEXT NOT NULL,
  owner         TEXT,
  created_at    TEXT NOT NULL,
  created_by    TEXT,
  updated_at    TEXT NOT NULL,
  updated_by    TEXT,
  PRIMARY KEY (drop_id, id)
);
CREATE TABLE kdb_dropped_links (
  drop_id    TEXT NOT NULL,
  id         TEXT NOT NULL,
  source_id  TEXT NOT NULL,
  target_id  TEXT NOT NULL,
  metadata   TEXT,
  created_at TEXT NOT NULL,
  created_by TEXT,
  PRIMARY KEY (drop_id, source_id, target_id)
) WITHOUT ROWID;

CREATE TABLE kdb_layout (
  entity_id TEXT PRIMARY KEY NOT NULL REFERENCES kdb_entity_definitions (id) ON DELETE CASCADE,
  x         INTEGER NOT NULL,
  y         INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE kdb_jobs (
  id         TEXT PRIMARY KEY NOT NULL,
  kind       TEXT NOT NULL,
  status     TEXT NOT NULL,
  phase      TEXT NOT NULL,
  done       INTEGER NOT NULL,
  total      INTEGER NOT NULL,
  entities   TEXT NOT NULL,
  state      TEXT NOT NULL,
  error      TEXT,
  reports    TEXT NOT NULL,
  owner      TEXT NOT NULL,
  heartbeat  INTEGER NOT NULL,
  started_at TEXT NOT NULL,
  updated_at TEXT NOT NULL
);
-- Records written while a job copies their entity: copied again before it cuts over.
CREATE TABLE kdb_captured_writes (
  job_id    TEXT NOT NULL,
  entity_id TEXT NOT NULL,
  record_id TEXT NOT NULL,
  PRIMARY KEY (job_id, entity_id, record_id)
) WITHOUT ROWID;

CREATE TABLE kdb_change_events (
  seq            INTEGER PRIMARY KEY AUTOINCREMENT,
  transaction_id TEXT NOT NULL,
  op             TEXT NOT NULL CHECK (op IN ('c', 'u', 'd')),
  entity_id      TEXT NOT NULL,
  record_id      TEXT NOT NULL,
  before         TEXT,
  after          TEXT,
  origin         TEXT NOT NULL,
  author         TEXT,
  at             TEXT NOT NULL
);
