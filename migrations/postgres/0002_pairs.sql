-- Pairs of a many-to-many written while a job copies them: copied again before it cuts over. A row for each write, as for records.
CREATE TABLE kdb_captured_pairs (
  seq             bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  job_id          uuid NOT NULL,
  relationship_id uuid NOT NULL,
  source_id       uuid NOT NULL,
  target_id       uuid NOT NULL
);
CREATE INDEX kdb_captured_pairs_job ON kdb_captured_pairs (job_id, relationship_id);
SELECT kdb_share_rights('kdb_captured_pairs', 'kdb_captured_writes');

-- Notes a written pair for the job and relationship given as arguments.
CREATE FUNCTION kdb_capture_pair() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
  IF TG_OP <> 'INSERT' THEN
    INSERT INTO kdb_captured_pairs (job_id, relationship_id, source_id, target_id)
    VALUES (TG_ARGV[0]::uuid, TG_ARGV[1]::uuid, OLD.source_id, OLD.target_id);
  END IF;
  IF TG_OP = 'INSERT' OR TG_OP = 'UPDATE' AND (NEW.source_id, NEW.target_id) <> (OLD.source_id, OLD.target_id) THEN
    INSERT INTO kdb_captured_pairs (job_id, relationship_id, source_id, target_id)
    VALUES (TG_ARGV[0]::uuid, TG_ARGV[1]::uuid, NEW.source_id, NEW.target_id);
  END IF;
  RETURN NULL;
END
$$;

-- Puts the triggers of a job on the shared pairs, and takes them off, as for the shared records.
CREATE FUNCTION kdb_capture_pair_begin(job uuid, relationship uuid, name text) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
  noting text := format('EXECUTE FUNCTION kdb_capture_pair(%L, %L)', job, relationship);
BEGIN
  EXECUTE format('CREATE TRIGGER %I AFTER INSERT ON kdb_record_links FOR EACH ROW WHEN (NEW.relationship_id = %L) %s', 'kdb_capture_' || name || '_i', relationship, noting);
  EXECUTE format('CREATE TRIGGER %1$I AFTER UPDATE ON kdb_record_links FOR EACH ROW WHEN (OLD.relationship_id = %2$L OR NEW.relationship_id = %2$L) %3$s', 'kdb_capture_' || name || '_u', relationship, noting);
  EXECUTE format('CREATE TRIGGER %I AFTER DELETE ON kdb_record_links FOR EACH ROW WHEN (OLD.relationship_id = %L) %s', 'kdb_capture_' || name || '_d', relationship, noting);
END
$$;
CREATE FUNCTION kdb_capture_pair_end(name text) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
  EXECUTE format('DROP TRIGGER IF EXISTS %I ON kdb_record_links', 'kdb_capture_' || name || '_i');
  EXECUTE format('DROP TRIGGER IF EXISTS %I ON kdb_record_links', 'kdb_capture_' || name || '_u');
  EXECUTE format('DROP TRIGGER IF EXISTS %I ON kdb_record_links', 'kdb_capture_' || name || '_d');
END
$$;
