-- Stoneware's own tables. Text is ordered by code point; times are UTC as text, as they are shown; documents only the engine reads are text.

CREATE TABLE kdb_workspace (
  key   text COLLATE "C" PRIMARY KEY,
  value text NOT NULL
);

CREATE TABLE kdb_entity_definitions (
  id                   uuid PRIMARY KEY,
  name                 text NOT NULL,
  name_key             text COLLATE "C" NOT NULL UNIQUE,
  label                text,
  plural_label         text,
  icon                 text,
  description          text,
  application          text,
  storage_mode         text NOT NULL CHECK (storage_mode IN ('shared', 'dedicated')),
  scope                text NOT NULL CHECK (scope IN ('shared', 'user', 'stream', 'system')),
  access_level         text NOT NULL CHECK (access_level IN ('public', 'restricted', 'private')),
  dedicated_table_name text COLLATE "C" NOT NULL UNIQUE,
  unique_keys          text NOT NULL
);

CREATE TABLE kdb_field_definitions (
  id          uuid PRIMARY KEY,
  name        text COLLATE "C" NOT NULL,
  label       text,
  type        text NOT NULL,
  config      text NOT NULL,
  description text,
  category    text,
  private_to  uuid REFERENCES kdb_entity_definitions (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED
);
CREATE UNIQUE INDEX kdb_field_definitions_name ON kdb_field_definitions (name) WHERE private_to IS NULL;
CREATE INDEX kdb_field_definitions_private ON kdb_field_definitions (private_to);

CREATE TABLE kdb_entity_fields (
  id            uuid PRIMARY KEY,
  entity_id     uuid NOT NULL REFERENCES kdb_entity_definitions (id) ON DELETE CASCADE,
  field_id      uuid NOT NULL REFERENCES kdb_field_definitions (id) ON DELETE RESTRICT,
  storage_name  text COLLATE "C" NOT NULL,
  display_order integer NOT NULL,
  is_required   boolean NOT NULL,
  is_unique     boolean NOT NULL,
  is_indexed    boolean NOT NULL,
  default_value text,
  is_visible    boolean NOT NULL,
  is_readonly   boolean NOT NULL,
  overrides     text NOT NULL,
  UNIQUE (entity_id, storage_name)
);
CREATE INDEX kdb_entity_fields_field ON kdb_entity_fields (field_id);

CREATE TABLE kdb_relationship_definitions (
  id                uuid PRIMARY KEY,
  name              text NOT NULL,
  relationship_type text NOT NULL CHECK (relationship_type IN ('many_to_one', 'one_to_many', 'one_to_one', 'many_to_many')),
  source_entity_id  uuid NOT NULL REFERENCES kdb_entity_definitions (id) ON DELETE CASCADE,
  target_entity_id  uuid NOT NULL REFERENCES kdb_entity_definitions (id) ON DELETE CASCADE,
  inverse_name      text,
  description       text,
  foreign_key_field text,
  storage_name      text COLLATE "C" NOT NULL,
  is_required       boolean NOT NULL,
  on_delete         text NOT NULL CHECK (on_delete IN ('cascade', 'set_null', 'restrict', 'no_action')),
  on_update         text NOT NULL CHECK (on_update IN ('cascade', 'set_null', 'restrict', 'no_action')),
  display_order     integer NOT NULL
);

-- Every record of every shared entity. The key finds an entity's records in id order, which is order of making.
CREATE TABLE kdb_records (
  entity_id     uuid NOT NULL,
  id            uuid NOT NULL,
  version       integer NOT NULL,
  primary_value text COLLATE "C",
  data          jsonb NOT NULL,
  owner         text COLLATE "C",
  created_at    text COLLATE "C" NOT NULL,
  created_by    text COLLATE "C",
  updated_at    text COLLATE "C" NOT NULL,
  updated_by    text COLLATE "C",
  PRIMARY KEY (entity_id, id)
);

-- What keeps shared records unique and finds them by value: one row for each value of an indexed thing.
-- index_id is a field's (attachment's), a key's or a relationship's id.
CREATE TABLE kdb_index_entries (
  index_id  uuid NOT NULL,
  value     text COLLATE "C" NOT NULL,
  record_id uuid NOT NULL,
  is_unique smallint NOT NULL,
  PRIMARY KEY (index_id, value, record_id)
);
CREATE UNIQUE INDEX kdb_index_entries_unique ON kdb_index_entries (index_id, value) WHERE is_unique = 1;

CREATE TABLE kdb_record_links (
  relationship_id uuid NOT NULL REFERENCES kdb_relationship_definitions (id) ON DELETE CASCADE,
  id              uuid NOT NULL,
  source_id       uuid NOT NULL,
  target_id       uuid NOT NULL,
  metadata        jsonb,
  created_at      text COLLATE "C" NOT NULL,
  created_by      text COLLATE "C",
  PRIMARY KEY (relationship_id, source_id, target_id)
);
CREATE INDEX kdb_record_links_target ON kdb_record_links (relationship_id, target_id);

CREATE TABLE kdb_schema_changelog (
  id          uuid PRIMARY KEY,
  version     integer NOT NULL UNIQUE,
  kind        text NOT NULL,
  description text NOT NULL,
  entities    text NOT NULL,
  up          text NOT NULL,
  down        text NOT NULL,
  at          text COLLATE "C" NOT NULL,
  author      text,
  state       text COLLATE "C" NOT NULL CHECK (state IN ('applied', 'undone', 'discarded'))
);

-- What a dropped field, relationship or entity held, until its undo puts it back. A value is JSON text: it comes back to the letter.
CREATE TABLE kdb_dropped_values (
  drop_id   uuid NOT NULL,
  record_id uuid NOT NULL,
  value     text NOT NULL,
  PRIMARY KEY (drop_id, record_id)
);
CREATE TABLE kdb_dropped_records (
  drop_id       uuid NOT NULL,
  id            uuid NOT NULL,
  version       integer NOT NULL,
  primary_value text,
  data          jsonb NOT NULL,
  owner         text,
  created_at    text NOT NULL,
  created_by    text,
  updated_at    text NOT NULL,
  updated_by    text,
  PRIMARY KEY (drop_id, id)
);
CREATE TABLE kdb_dropped_links (
  drop_id    uuid NOT NULL,
  id         uuid NOT NULL,
  source_id  uuid NOT NULL,
  target_id  uuid NOT NULL,
  metadata   jsonb,
  created_at text NOT NULL,
  created_by text,
  PRIMARY KEY (drop_id, source_id, target_id)
);

CREATE TABLE kdb_layout (
  entity_id uuid PRIMARY KEY REFERENCES kdb_entity_definitions (id) ON DELETE CASCADE,
  x         integer NOT NULL,
  y         integer NOT NULL
);

CREATE TABLE kdb_jobs (
  id         uuid PRIMARY KEY,
  kind       text NOT NULL,
  status     text COLLATE "C" NOT NULL,
  phase      text NOT NULL,
  done       bigint NOT NULL,
  total      bigint NOT NULL,
  entities   text NOT NULL,
  state      text NOT NULL,
  error      text,
  reports    text NOT NULL,
  owner      text NOT NULL,
  heartbeat  bigint NOT NULL,
  started_at text NOT NULL,
  updated_at text NOT NULL
);
-- Records written while a job copies their entity: copied again before it cuts over. A row for each write, never one for two: what a job
-- has seen it deletes, and must not take with it what came while it looked.
CREATE TABLE kdb_captured_writes (
  seq       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  job_id    uuid NOT NULL,
  entity_id uuid NOT NULL,
  record_id uuid NOT NULL
);
CREATE INDEX kdb_captured_writes_job ON kdb_captured_writes (job_id, entity_id, record_id);

-- Notes a written record for the job and entity given as arguments, whoever writes it and whatever their search_path is.
CREATE FUNCTION kdb_capture() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
  IF TG_OP <> 'INSERT' THEN
    INSERT INTO kdb_captured_writes (job_id, entity_id, record_id) VALUES (TG_ARGV[0]::uuid, TG_ARGV[1]::uuid, OLD.id);
  END IF;
  IF TG_OP = 'INSERT' THEN
    INSERT INTO kdb_captured_writes (job_id, entity_id, record_id) VALUES (TG_ARGV[0]::uuid, TG_ARGV[1]::uuid, NEW.id);
  ELSIF TG_OP = 'UPDATE' AND NEW.id <> OLD.id THEN
    INSERT INTO kdb_captured_writes (job_id, entity_id, record_id) VALUES (TG_ARGV[0]::uuid, TG_ARGV[1]::uuid, NEW.id);
  END IF;
  RETURN NULL;
END
$$;

-- Puts the triggers of a job on the shared records, and takes them off. With the rights of whoever made the workspace: a trigger is for
-- the table's owner alone to take off, and whoever may write records may have them moved.
CREATE FUNCTION kdb_capture_begin(job uuid, entity uuid, name text) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
  noting text := format('EXECUTE FUNCTION kdb_capture(%L, %L)', job, entity);
BEGIN
  EXECUTE format('CREATE TRIGGER %I AFTER INSERT ON kdb_records FOR EACH ROW WHEN (NEW.entity_id = %L) %s', 'kdb_capture_' || name || '_i', entity, noting);
  EXECUTE format('CREATE TRIGGER %1$I AFTER UPDATE ON kdb_records FOR EACH ROW WHEN (OLD.entity_id = %2$L OR NEW.entity_id = %2$L) %3$s', 'kdb_capture_' || name || '_u', entity, noting);
  EXECUTE format('CREATE TRIGGER %I AFTER DELETE ON kdb_records FOR EACH ROW WHEN (OLD.entity_id = %L) %s', 'kdb_capture_' || name || '_d', entity, noting);
END
$$;
CREATE FUNCTION kdb_capture_end(name text) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
  EXECUTE format('DROP TRIGGER IF EXISTS %I ON kdb_records', 'kdb_capture_' || name || '_i');
  EXECUTE format('DROP TRIGGER IF EXISTS %I ON kdb_records', 'kdb_capture_' || name || '_u');
  EXECUTE format('DROP TRIGGER IF EXISTS %I ON kdb_records', 'kdb_capture_' || name || '_d');
END
$$;

-- JSON in the form it is ordered and looked up by: keys in order of code points, no spaces.
CREATE FUNCTION kdb_json_text(document jsonb) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE SET search_path FROM CURRENT AS $$
  SELECT CASE jsonb_typeof(document)
    WHEN 'object' THEN '{' || coalesce((SELECT string_agg(to_json(key)::text || ':' || kdb_json_text(value), ',' ORDER BY key COLLATE "C")
                                        FROM jsonb_each(document)), '') || '}'
    WHEN 'array' THEN '[' || coalesce((SELECT string_agg(kdb_json_text(value), ',' ORDER BY place)
                                       FROM jsonb_array_elements(document) WITH ORDINALITY AS member (value, place)), '') || ']'
    ELSE document::text END
$$;

CREATE TABLE kdb_change_events (
  seq            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  transaction_id uuid NOT NULL,
  op             text NOT NULL CHECK (op IN ('c', 'u', 'd')),
  entity_id      uuid NOT NULL,
  record_id      uuid NOT NULL,
  before         jsonb,
  after          jsonb,
  origin         text NOT NULL,
  author         text,
  at             text COLLATE "C" NOT NULL
);

-- Tells whoever listens that something has changed, and which program did it, where that has a name; what, they look up.
CREATE FUNCTION kdb_tell() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_notify('kdb_' || md5(TG_TABLE_SCHEMA), coalesce(current_setting('stoneware.client', true), ''));
  RETURN NULL;
END
$$;
CREATE TRIGGER kdb_tell AFTER INSERT OR UPDATE OR DELETE ON kdb_workspace FOR EACH STATEMENT EXECUTE FUNCTION kdb_tell();
CREATE TRIGGER kdb_tell AFTER INSERT OR UPDATE OR DELETE ON kdb_records FOR EACH STATEMENT EXECUTE FUNCTION kdb_tell();
CREATE TRIGGER kdb_tell AFTER INSERT OR UPDATE OR DELETE ON kdb_record_links FOR EACH STATEMENT EXECUTE FUNCTION kdb_tell();
CREATE TRIGGER kdb_tell AFTER INSERT OR UPDATE OR DELETE ON kdb_jobs FOR EACH STATEMENT EXECUTE FUNCTION kdb_tell();
CREATE TRIGGER kdb_tell AFTER INSERT ON kdb_change_events FOR EACH STATEMENT EXECUTE FUNCTION kdb_tell();

-- Gives whoever may use the table `as_on` the same rights on one made from it: else only the role that made it could use it.
CREATE FUNCTION kdb_share_rights(made regclass, as_on regclass) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  granted record;
BEGIN
  FOR granted IN
    SELECT acl.grantee, string_agg(DISTINCT acl.privilege_type, ', ') AS rights
    FROM pg_class, aclexplode(coalesce(relacl, acldefault('r', relowner))) acl
    WHERE pg_class.oid = as_on AND acl.privilege_type IN ('SELECT', 'INSERT', 'UPDATE', 'DELETE')
      AND acl.grantee <> current_user::regrole
    GROUP BY acl.grantee
  LOOP
    EXECUTE format('GRANT %s ON TABLE %s TO %s', granted.rights, made,
                   CASE granted.grantee WHEN 0 THEN 'PUBLIC' ELSE granted.grantee::regrole::text END);
  END LOOP;
END
$$;
