import type { Migration } from '../migrations.ts';

export const retention: Migration = {
  version: 4,
  name: 'retention',
  sql: `
-- Which decisions a key seals: each by its first entry, so that one that is still open is found, too.
DROP INDEX entries_key;
CREATE INDEX entries_key ON entries (key_id, decision_id) WHERE key_id IS NOT NULL AND previous IS NULL;

-- Holds and their ends are rows of two tables, so that nobody needs the right to change either. Their entries
-- appear in the same transactions.
CREATE TABLE legal_holds (
  hold_id uuid PRIMARY KEY,
  tenant text NOT NULL,
  cell text NOT NULL,
  decision_id uuid,
  subject_mac bytea CHECK (octet_length(subject_mac) = 32),
  reason text NOT NULL,
  case_reference text NOT NULL,
  placed_by text NOT NULL,
  placed_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  CHECK ((decision_id IS NULL) <> (subject_mac IS NULL))
);
CREATE INDEX legal_holds_decision ON legal_holds (decision_id) WHERE decision_id IS NOT NULL;
CREATE INDEX legal_holds_subject ON legal_holds (tenant, subject_mac) WHERE subject_mac IS NOT NULL;
CREATE TABLE hold_releases (
  hold_id uuid PRIMARY KEY REFERENCES legal_holds,
  cell text NOT NULL,
  released_by text NOT NULL,
  released_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE VIEW active_holds AS
  SELECT * FROM legal_holds h WHERE NOT EXISTS (SELECT FROM hold_releases r WHERE r.hold_id = h.hold_id);

-- Erasures that are not finished; what happened to each is in its entries, whose decision id is its id.
CREATE TABLE erasures (
  erasure_id uuid PRIMARY KEY,
  tenant text NOT NULL,
  cell text NOT NULL,
  key_id uuid NOT NULL,
  due_at timestamptz NOT NULL,
  closed_at timestamptz
);
CREATE UNIQUE INDEX erasures_open ON erasures (key_id) WHERE closed_at IS NULL;
CREATE INDEX erasures_due ON erasures (due_at) WHERE closed_at IS NULL;

-- Keys that were destroyed, and the record that says why: entry is the decision id of that record's entries.
CREATE TABLE destroyed_keys (
  key_id uuid PRIMARY KEY,
  tenant text NOT NULL,
  cell text NOT NULL,
  entry uuid NOT NULL,
  destroyed_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

-- When each decision is to be looked at for expiry, once it is old enough for the shortest term; the cursor
-- says how far they have been entered here.
CREATE TABLE retention_queue (
  decision_id uuid PRIMARY KEY,
  cell text NOT NULL,
  due_at timestamptz NOT NULL
);
CREATE INDEX retention_queue_due ON retention_queue (due_at, decision_id);
CREATE TABLE retention_cursors (
  cell text PRIMARY KEY,
  upto uuid NOT NULL
);

-- Clock starts and holds that were reported about the decisions. What was planned counted them, too.
CREATE FUNCTION retention_entries(decisions uuid[]) RETURNS bigint
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT count(*) FROM entries
   WHERE about = ANY (decisions) AND type = 'retention'
     AND convert_from(header, 'UTF8')::jsonb #>> '{facts,action}' <> 'expired'
$$;

-- The facts of the last entry of the record that orders a deletion; null when there is no such record.
CREATE FUNCTION ordering_facts(record_id uuid, of_tenant text, of_decision uuid) RETURNS jsonb
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT convert_from(e.header, 'UTF8')::jsonb -> 'facts' FROM entries e
   WHERE e.decision_id = record_id AND e.tenant = of_tenant AND e.type IN ('erasure', 'retention')
     AND (of_decision IS NULL OR e.about = of_decision)
     AND NOT EXISTS (SELECT FROM entries n WHERE n.decision_id = e.decision_id AND n.previous = e.header_digest)
$$;

-- Destroys a key if a committed record orders it, no hold is in the way, and nothing has come to the key's
-- decisions since that record was made. The lock waits for every writer and stops the next ones: what is
-- checked here is true until the row is gone.
CREATE FUNCTION destroy_subject_key(key uuid, ordered_by uuid) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET lock_timeout = '500ms' AS $$
DECLARE
  stored subject_keys;
  facts jsonb;
  decisions uuid[];
BEGIN
  LOCK TABLE ONLY entries IN SHARE ROW EXCLUSIVE MODE;
  SELECT * INTO stored FROM subject_keys WHERE key_id = key FOR UPDATE;
  IF NOT FOUND THEN RETURN 'absent'; END IF;
  facts := ordering_facts(ordered_by, stored.tenant, NULL);
  IF facts ->> 'keyId' IS DISTINCT FROM key::text
      OR (facts ->> 'kind', facts ->> 'action') NOT IN (('erasure', 'executed'), ('retention', 'expired')) THEN
    RETURN 'unordered';
  END IF;
  SELECT coalesce(array_agg(decision_id), '{}') INTO decisions
    FROM (SELECT decision_id FROM entries WHERE key_id = key AND previous IS NULL
          UNION ALL SELECT decision_id FROM archived_decisions WHERE key_id = key) AS sealed;
  IF EXISTS (SELECT FROM active_holds h WHERE h.decision_id = ANY (decisions)
      OR (h.tenant = stored.tenant AND h.subject_mac = stored.subject_mac)) THEN
    RETURN 'held';
  END IF;
  IF facts ->> 'action' = 'executed' THEN
    IF cardinality(decisions) <> (facts ->> 'decisions')::bigint
        OR retention_entries(decisions) <> (facts ->> 'retentionEntries')::bigint THEN
      RETURN 'changed';
    END IF;
  ELSIF EXISTS (SELECT FROM entries WHERE decision_id = ANY (decisions) AND payload IS NOT NULL)
      OR EXISTS (SELECT FROM archived_decisions WHERE key_id = key AND NOT expired) THEN
    RETURN 'changed';
  END IF;
  DELETE FROM subject_keys WHERE key_id = key;
  INSERT INTO destroyed_keys (key_id, tenant, cell, entry) VALUES (key, stored.tenant, stored.cell, ordered_by);
  RETURN 'destroyed';
END $$;

-- Empties the payloads of one decision under the same conditions.
CREATE FUNCTION expire_payloads(decision uuid, ordered_by uuid) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET lock_timeout = '500ms' AS $$
DECLARE
  origin entries;
  has_left boolean := false;
  facts jsonb;
BEGIN
  LOCK TABLE ONLY entries IN SHARE ROW EXCLUSIVE MODE;
  SELECT * INTO origin FROM entries WHERE decision_id = decision AND previous IS NULL;
  IF NOT FOUND THEN
    SELECT tenant, key_id INTO origin.tenant, origin.key_id FROM archived_decisions WHERE decision_id = decision;
    has_left := FOUND;
  END IF;
  facts := ordering_facts(ordered_by, origin.tenant, decision);
  IF facts IS NULL OR (facts ->> 'kind', facts ->> 'action') <> ('retention', 'expired') THEN
    RETURN 'unordered';
  END IF;
  IF EXISTS (SELECT FROM active_holds h WHERE h.decision_id = decision OR (h.tenant = origin.tenant
      AND h.subject_mac = (SELECT subject_mac FROM subject_keys WHERE key_id = origin.key_id))) THEN
    RETURN 'held';
  END IF;
  IF (NOT has_left AND (SELECT count(*) FROM entries WHERE decision_id = decision) <> (facts ->> 'entries')::bigint)
      OR retention_entries(ARRAY[decision]) <> (facts ->> 'retentionEntries')::bigint THEN
    RETURN 'changed';
  END IF;
  -- What has left the store cannot be emptied; it is not opened any more, and its key goes in its time.
  UPDATE archived_decisions SET expired = true WHERE decision_id = decision;
  PERFORM set_config('countersign.expiring', decision::text, true);
  UPDATE entries SET payload = NULL WHERE decision_id = decision AND payload IS NOT NULL;
  PERFORM set_config('countersign.expiring', '', true);
  RETURN 'expired';
END $$;

-- Entries stay append-only, but for one change: the function above may empty a payload.
CREATE FUNCTION refuse_change_but_expiry() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'UPDATE' AND NEW.payload IS NULL
      AND current_setting('countersign.expiring', true) = OLD.decision_id::text THEN
    OLD.payload := NULL;
    IF OLD IS NOT DISTINCT FROM NEW THEN RETURN NEW; END IF;
  END IF;
  RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
END $$;
DROP TRIGGER entries_no_change ON entries;
CREATE TRIGGER entries_no_change BEFORE UPDATE OR DELETE ON entries
  FOR EACH ROW EXECUTE FUNCTION refuse_change_but_expiry();

-- A gateway may hold a key in memory that was destroyed meanwhile. Nothing may begin under it: it could never
-- be read. Rows that move between partitions keep the transaction they were committed in.
CREATE FUNCTION refuse_destroyed_key() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.committed_in = pg_current_xact_id()
      AND NOT EXISTS (SELECT FROM subject_keys WHERE key_id = NEW.key_id) THEN
    RAISE EXCEPTION 'the key was destroyed' USING ERRCODE = 'unique_violation', CONSTRAINT = 'entries_key_alive';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER entries_key_alive AFTER INSERT ON entries
  FOR EACH ROW WHEN (NEW.previous IS NULL AND NEW.key_id IS NOT NULL) EXECUTE FUNCTION refuse_destroyed_key();

REVOKE ALL ON FUNCTION retention_entries(uuid[]), ordering_facts(uuid, text, uuid),
  destroy_subject_key(uuid, uuid), expire_payloads(uuid, uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION destroy_subject_key(uuid, uuid), expire_payloads(uuid, uuid) TO countersign_gateway;
GRANT SELECT, INSERT ON legal_holds, hold_releases, erasures, retention_queue, retention_cursors
  TO countersign_gateway;
GRANT SELECT ON active_holds, destroyed_keys TO countersign_gateway;
GRANT UPDATE (due_at, closed_at) ON erasures TO countersign_gateway;
GRANT UPDATE (due_at), DELETE ON retention_queue TO countersign_gateway;
GRANT UPDATE (upto) ON retention_cursors TO countersign_gateway;
`,
};
