import type { Migration } from '../migrations.ts';

export const audit: Migration = {
  version: 2,
  name: 'audit',
  sql: `
-- The decision that an entry with an id of its own is about: a reading, an erasure, a hold.
ALTER TABLE entries ADD COLUMN about uuid;
-- The transaction that committed the entry. Transactions become visible out of order; rows of all transactions
-- below the snapshot's xmin, ordered by (committed_in, entry_id), are an order that never gains a row in its
-- past. The ledger's order is this one, and ledger_checkpoints.commits says what committed_in was.
ALTER TABLE entries ADD COLUMN committed_in xid8 NOT NULL DEFAULT pg_current_xact_id();
CREATE INDEX entries_order ON entries (committed_in, entry_id);
-- What no header commits to could be altered unseen: the time of an entry stands in its header and its id.
ALTER TABLE entries DROP COLUMN sequence;
ALTER TABLE entries DROP COLUMN recorded_at;
CREATE INDEX entries_about ON entries (about, entry_id) WHERE about IS NOT NULL;
-- Which decisions a subject's key seals; every sealed decision has one such entry.
CREATE INDEX entries_key ON entries (key_id, decision_id) WHERE key_id IS NOT NULL AND type IN ('outcome', 'refusal');
ALTER TABLE entries DROP CONSTRAINT entries_type_check;
ALTER TABLE entries ADD CONSTRAINT entries_type_check CHECK (type IN ('intent', 'completion', 'outcome', 'refusal',
  'review', 'erasure', 'access', 'release', 'configuration', 'completeness', 'retention'));
-- A payload whose time is over goes; what says that it was there stays.
ALTER TABLE entries DROP CONSTRAINT entries_check1;
ALTER TABLE entries ADD CONSTRAINT entries_payload_key CHECK (payload IS NULL OR key_id IS NOT NULL);

CREATE OR REPLACE FUNCTION ensure_entries_partitions(months_ahead int) RETURNS int
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET lock_timeout = '500ms' SET timezone = 'UTC'
AS $$
DECLARE
  month timestamptz;
  partition text;
  lower_bound uuid;
  upper_bound uuid;
  strays boolean;
  created int := 0;
BEGIN
  IF months_ahead NOT BETWEEN 0 AND 120 THEN
    RAISE EXCEPTION 'months_ahead must be between 0 and 120';
  END IF;
  PERFORM pg_advisory_xact_lock(727401, 2);
  FOR ahead IN 0..months_ahead LOOP
    month := date_trunc('month', now()) + make_interval(months => ahead);
    partition := 'entries_' || to_char(month, 'YYYY_MM');
    CONTINUE WHEN to_regclass(partition) IS NOT NULL;
    lower_bound := uuid_from_time(month);
    upper_bound := uuid_from_time(month + interval '1 month');
    SELECT EXISTS (SELECT FROM entries_default WHERE decision_id >= lower_bound AND decision_id < upper_bound)
      INTO strays;
    IF strays THEN
      -- Detached, it is no longer under the trigger that keeps rows from being deleted.
      ALTER TABLE entries DETACH PARTITION entries_default;
    END IF;
    EXECUTE format('CREATE TABLE %I PARTITION OF entries FOR VALUES FROM (%L) TO (%L)',
      partition, lower_bound, upper_bound);
    EXECUTE format('CREATE TRIGGER %I BEFORE TRUNCATE ON %I FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()',
      partition || '_no_truncate', partition);
    IF strays THEN
      INSERT INTO entries (entry_id, decision_id, call_id, type, tenant, cell, decision_type, header,
          header_digest, previous, key_id, payload, about, committed_in)
        SELECT entry_id, decision_id, call_id, type, tenant, cell, decision_type, header,
          header_digest, previous, key_id, payload, about, committed_in
        FROM entries_default WHERE decision_id >= lower_bound AND decision_id < upper_bound;
      DELETE FROM entries_default WHERE decision_id >= lower_bound AND decision_id < upper_bound;
      ALTER TABLE entries ATTACH PARTITION entries_default DEFAULT;
    END IF;
    created := created + 1;
  END LOOP;
  RETURN created;
END $$;

-- Random secrets of the cell itself (the ledger's signing seed, the MAC key of a remote keyring), wrapped.
CREATE TABLE cell_secrets (
  name text PRIMARY KEY,
  cell text NOT NULL,
  wrapped bytea NOT NULL,
  keyring_key_id text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

-- Rotation of the keyring changes what wraps a key, never the key: compare and set, nothing else.
CREATE FUNCTION rewrap_subject_key(key uuid, old_wrapped bytea, new_wrapped bytea, new_keyring_key_id text)
RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  UPDATE subject_keys SET wrapped_key = new_wrapped, keyring_key_id = new_keyring_key_id
   WHERE key_id = key AND wrapped_key = old_wrapped;
  RETURN FOUND;
END $$;
CREATE FUNCTION rewrap_cell_secret(secret text, old_wrapped bytea, new_wrapped bytea, new_keyring_key_id text)
RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  UPDATE cell_secrets SET wrapped = new_wrapped, keyring_key_id = new_keyring_key_id
   WHERE name = secret AND wrapped = old_wrapped;
  RETURN FOUND;
END $$;
REVOKE ALL ON FUNCTION rewrap_subject_key(uuid, bytea, bytea, text) FROM PUBLIC;
REVOKE ALL ON FUNCTION rewrap_cell_secret(text, bytea, bytea, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION rewrap_subject_key(uuid, bytea, bytea, text) TO countersign_gateway;
GRANT EXECUTE ON FUNCTION rewrap_cell_secret(text, bytea, bytea, text) TO countersign_gateway;

-- Where the sequencer of each period stands. The edge is the part of the last bundle that is not full yet.
CREATE TABLE ledger_heads (
  period text PRIMARY KEY,
  cell text NOT NULL,
  size bigint NOT NULL,
  edge bytea NOT NULL,
  upto_committed_in xid8 NOT NULL,
  upto_entry uuid NOT NULL,
  opened_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

-- One row a checkpoint: the leaves first_index to size - 1 are the entries up to (upto_committed_in, upto_entry).
-- commits: for each transaction in order, its id (8 bytes, big-endian) and its number of leaves (4 bytes).
CREATE TABLE ledger_checkpoints (
  period text NOT NULL,
  size bigint NOT NULL,
  cell text NOT NULL,
  first_index bigint NOT NULL,
  root bytea NOT NULL CHECK (octet_length(root) = 32),
  note text NOT NULL,
  commits bytea NOT NULL,
  upto_committed_in xid8 NOT NULL,
  upto_entry uuid NOT NULL,
  signed_at timestamptz NOT NULL,
  PRIMARY KEY (period, size)
);
CREATE INDEX ledger_checkpoints_order ON ledger_checkpoints (upto_committed_in, upto_entry);

-- Full tiles; level -1 holds the entry bundles.
CREATE TABLE ledger_tiles (
  period text NOT NULL,
  level smallint NOT NULL,
  tile bigint NOT NULL,
  cell text NOT NULL,
  bytes bytea NOT NULL,
  PRIMARY KEY (period, level, tile)
);
ALTER TABLE ledger_tiles ALTER COLUMN bytes SET STORAGE EXTERNAL;

CREATE TABLE ledger_cosignatures (
  period text NOT NULL,
  size bigint NOT NULL,
  witness text NOT NULL,
  cell text NOT NULL,
  line text NOT NULL,
  received_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (period, size, witness)
);

GRANT SELECT, INSERT ON cell_secrets, ledger_heads, ledger_checkpoints, ledger_tiles, ledger_cosignatures
  TO countersign_gateway;
GRANT UPDATE (size, edge, upto_committed_in, upto_entry) ON ledger_heads TO countersign_gateway;
`,
};
