import type { Migration } from '../migrations.ts';

export const spine: Migration = {
  version: 1,
  name: 'spine',
  sql: `
-- Roles belong to the whole server: another cell's database may be creating this one right now.
DO $$ BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'countersign_gateway') THEN
    CREATE ROLE countersign_gateway NOLOGIN;
  END IF;
EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
END $$;

-- Entries. A decision id is a UUIDv7 and carries its month, so all entries of a decision, even those
-- written years later, lie in one partition, and a look-up by id reads that one only.
CREATE TABLE entries (
  entry_id uuid NOT NULL,
  decision_id uuid NOT NULL,
  call_id uuid,
  type text NOT NULL CHECK (type IN ('intent', 'completion', 'outcome', 'refusal', 'review', 'erasure',
    'access', 'release', 'configuration', 'completeness')),
  tenant text NOT NULL,
  cell text NOT NULL,
  decision_type text,
  header bytea NOT NULL,
  header_digest bytea NOT NULL CHECK (octet_length(header_digest) = 32),
  previous bytea CHECK (octet_length(previous) = 32),
  key_id uuid,
  payload bytea,
  recorded_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  sequence bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
  CHECK (type NOT IN ('intent', 'completion') OR call_id IS NOT NULL),
  CHECK ((payload IS NULL) = (key_id IS NULL)),
  CONSTRAINT entries_pkey PRIMARY KEY (decision_id, entry_id),
  -- A decision is one chain: no entry has two successors, and there is one first entry.
  CONSTRAINT entries_chain UNIQUE NULLS NOT DISTINCT (decision_id, previous)
) PARTITION BY RANGE (decision_id);

-- Payloads are encrypted: trying to compress them is lost work.
ALTER TABLE entries ALTER COLUMN payload SET STORAGE EXTERNAL;
-- One intent and one completion per call: the sweeper and a late answer cannot both close it. Open calls
-- need no index by time: decision ids are in order of time, so the sweeper reads on in the primary key.
CREATE UNIQUE INDEX entries_call ON entries (call_id, decision_id, type) WHERE call_id IS NOT NULL;
CREATE TABLE entries_default PARTITION OF entries DEFAULT;

CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER entries_no_change BEFORE UPDATE OR DELETE ON entries
  FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER entries_no_truncate BEFORE TRUNCATE ON entries
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER entries_default_no_truncate BEFORE TRUNCATE ON entries_default
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- Creates the partitions of this month and of the given number of months after it; returns how many
-- were missing. Rows of such a month that had to go to the default partition move with it.
-- lock_timeout: a long read of entries must make this wait for its next turn, not stop all writers.
CREATE FUNCTION ensure_entries_partitions(months_ahead int) RETURNS int
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
          header_digest, previous, key_id, payload, recorded_at, sequence) OVERRIDING SYSTEM VALUE
        SELECT entry_id, decision_id, call_id, type, tenant, cell, decision_type, header,
          header_digest, previous, key_id, payload, recorded_at, sequence
        FROM entries_default WHERE decision_id >= lower_bound AND decision_id < upper_bound;
      DELETE FROM entries_default WHERE decision_id >= lower_bound AND decision_id < upper_bound;
      ALTER TABLE entries ATTACH PARTITION entries_default DEFAULT;
    END IF;
    created := created + 1;
  END LOOP;
  RETURN created;
END $$;

-- The smallest UUID that begins with the 48 bits of milliseconds of a UUIDv7 (RFC 9562, section 5.7).
CREATE FUNCTION uuid_from_time(moment timestamptz) RETURNS uuid LANGUAGE sql IMMUTABLE AS $$
  SELECT rpad(lpad(to_hex((extract(epoch FROM moment) * 1000)::bigint), 12, '0'), 32, '0')::uuid
$$;
REVOKE ALL ON FUNCTION ensure_entries_partitions(int) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION ensure_entries_partitions(int) TO countersign_gateway;

-- Keys of data subjects, wrapped by the cell's keyring. Destroying a row is what erases the payloads.
CREATE TABLE subject_keys (
  key_id uuid PRIMARY KEY,
  tenant text NOT NULL,
  cell text NOT NULL,
  subject_mac bytea CHECK (octet_length(subject_mac) = 32),
  wrapped_key bytea NOT NULL,
  keyring_key_id text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE UNIQUE INDEX subject_keys_subject ON subject_keys (tenant, subject_mac) WHERE subject_mac IS NOT NULL;

-- What releases are made of, by its SHA-256.
CREATE TABLE parts (
  digest bytea PRIMARY KEY CHECK (octet_length(digest) = 32),
  media_type text NOT NULL,
  bytes bytea NOT NULL,
  tenant text NOT NULL,
  cell text NOT NULL,
  stored_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

CREATE TABLE idempotency_keys (
  tenant text NOT NULL,
  caller text NOT NULL,
  key_mac bytea NOT NULL CHECK (octet_length(key_mac) = 32),
  request_digest bytea NOT NULL CHECK (octet_length(request_digest) = 32),
  decision_id uuid NOT NULL,
  cell text NOT NULL,
  claimed_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (tenant, caller, key_mac)
);

CREATE TABLE review_tasks (
  task_id uuid PRIMARY KEY,
  decision_id uuid NOT NULL,
  tenant text NOT NULL,
  cell text NOT NULL,
  jurisdiction text NOT NULL,
  decision_type text NOT NULL,
  origin text NOT NULL CHECK (origin IN ('middle', 'low', 'validation', 'output', 'no_band')),
  state text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'claimed', 'answered')),
  evidence_digest bytea NOT NULL CHECK (octet_length(evidence_digest) = 32),
  lease_holder text,
  lease_until timestamptz,
  created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  due_at timestamptz NOT NULL,
  answered_at timestamptz,
  CHECK (state <> 'claimed' OR (lease_holder IS NOT NULL AND lease_until IS NOT NULL)),
  CHECK ((state = 'answered') = (answered_at IS NOT NULL))
);
CREATE INDEX review_tasks_queue ON review_tasks (due_at, task_id) WHERE state <> 'answered';
CREATE INDEX review_tasks_decision ON review_tasks (decision_id);

CREATE TABLE webhook_deliveries (
  delivery_id uuid PRIMARY KEY,
  tenant text NOT NULL,
  cell text NOT NULL,
  decision_id uuid NOT NULL,
  endpoint text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  attempts int NOT NULL DEFAULT 0,
  next_attempt_at timestamptz,
  delivered_at timestamptz,
  last_fault text
);
CREATE INDEX webhook_deliveries_due ON webhook_deliveries (next_attempt_at) WHERE delivered_at IS NULL;

-- Only the SHA-256 of a key is kept: the key itself has 256 random bits and needs no slow hash.
CREATE TABLE api_keys (
  key_id uuid PRIMARY KEY,
  key_hash bytea NOT NULL UNIQUE CHECK (octet_length(key_hash) = 32),
  name text NOT NULL,
  tenant text NOT NULL,
  cell text NOT NULL,
  grants jsonb NOT NULL,
  created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  revoked_at timestamptz
);

GRANT SELECT, INSERT ON entries, subject_keys, parts, idempotency_keys, review_tasks, webhook_deliveries, api_keys
  TO countersign_gateway;
GRANT SELECT ON schema_migrations TO countersign_gateway;
GRANT UPDATE (claimed_at) ON idempotency_keys TO countersign_gateway;
GRANT UPDATE ON review_tasks, webhook_deliveries TO countersign_gateway;
GRANT UPDATE (revoked_at) ON api_keys TO countersign_gateway;
`,
};
