import type { Migration } from '../migrations.ts';

export const probing: Migration = {
  version: 9,
  name: 'probing',
  sql: `
-- What the processes of a cell tell each other of requests, so that monitors of probing see them all, and see them
-- again after a restart. A row is ciphertext over keyed hashes; it goes when its subject's key goes, or when it is old.
CREATE TABLE probing_sketches (
  cell text NOT NULL,
  -- The transaction that committed it: rows below every running transaction are read once, and none is missed.
  committed_in xid8 NOT NULL DEFAULT pg_current_xact_id(),
  seq bigint GENERATED ALWAYS AS IDENTITY,
  process uuid NOT NULL,
  key_id uuid NOT NULL REFERENCES subject_keys ON DELETE CASCADE,
  seen_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  sealed bytea NOT NULL CHECK (octet_length(sealed) <= 16384),
  PRIMARY KEY (cell, committed_in, seq)
);
CREATE INDEX probing_sketches_of_key ON probing_sketches (key_id);
CREATE INDEX probing_sketches_age ON probing_sketches (cell, seen_at);

-- Nothing younger than an hour can be taken away by this.
CREATE FUNCTION forget_probing_sketches(p_cell text, p_hours int) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
  DELETE FROM probing_sketches
   WHERE cell = p_cell AND seen_at < clock_timestamp() - make_interval(hours => greatest(p_hours, 1))
$$;
REVOKE ALL ON FUNCTION forget_probing_sketches(text, int) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION forget_probing_sketches(text, int) TO countersign_gateway;
GRANT SELECT ON probing_sketches TO countersign_gateway;
GRANT INSERT (cell, process, key_id, sealed) ON probing_sketches TO countersign_gateway;
`,
};
