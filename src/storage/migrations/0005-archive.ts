import type { Migration } from '../migrations.ts';

export const archive: Migration = {
  version: 5,
  name: 'archive',
  sql: `
-- One row a sealed segment, written once everything of it has been read back. The chain has no forks: a
-- number is taken once.
CREATE TABLE archive_segments (
  period text NOT NULL,
  hour timestamptz NOT NULL,
  cell text NOT NULL,
  number bigint NOT NULL UNIQUE,
  manifest_digest bytea NOT NULL CHECK (octet_length(manifest_digest) = 32),
  first_index bigint NOT NULL,
  size bigint NOT NULL,
  -- Roots of the perfect subtrees that the period's leaves up to size make, largest first.
  subtrees bytea NOT NULL CHECK (octet_length(subtrees) % 32 = 0),
  sealed_at timestamptz NOT NULL,
  read_back_at timestamptz NOT NULL,
  PRIMARY KEY (period, hour)
);
CREATE INDEX archive_segments_hour ON archive_segments (hour);

-- Segments with entries of a decision that were sequenced in another hour than that of the decision's id.
CREATE TABLE archive_continuations (
  decision_id uuid NOT NULL,
  period text NOT NULL,
  hour timestamptz NOT NULL,
  cell text NOT NULL,
  PRIMARY KEY (decision_id, period, hour)
);

-- Decisions whose month was taken out of the store, with what retention must still know: the key that seals
-- them, and whether their payloads have expired. Written by the owner, who detaches.
CREATE TABLE archived_decisions (
  decision_id uuid PRIMARY KEY,
  cell text NOT NULL,
  tenant text NOT NULL,
  key_id uuid,
  expired boolean NOT NULL
);
CREATE INDEX archived_decisions_key ON archived_decisions (key_id) WHERE key_id IS NOT NULL;

GRANT SELECT, INSERT ON archive_segments, archive_continuations TO countersign_gateway;
GRANT SELECT ON archived_decisions TO countersign_gateway;
`,
};
