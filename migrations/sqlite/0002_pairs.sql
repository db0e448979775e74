-- Pairs of a many-to-many written while a job copies them: copied again before it cuts over.
CREATE TABLE kdb_captured_pairs (
  job_id          TEXT NOT NULL,
  relationship_id TEXT NOT NULL,
  source_id       TEXT NOT NULL,
  target_id       TEXT NOT NULL,
  PRIMARY KEY (job_id, relationship_id, source_id, target_id)
) WITHOUT ROWID;
