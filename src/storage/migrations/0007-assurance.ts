import type { Migration } from '../migrations.ts';

export const assurance: Migration = {
  version: 7,
  name: 'assurance',
  sql: `
-- Endpoints that run-time evidence took out, and who let them back in. Rows are only added: a quarantine stands
-- until a row says that it was released.
CREATE TABLE endpoint_quarantines (
  event_id uuid PRIMARY KEY,
  cell text NOT NULL,
  endpoint text NOT NULL,
  event text NOT NULL CHECK (event IN ('quarantined', 'released')),
  -- The quarantine that it is about; its own id where it begins one.
  quarantine uuid NOT NULL,
  reason text NOT NULL,
  -- Names of the checks that failed, with spaces between.
  checks text NOT NULL,
  recorded_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  CHECK ((event = 'quarantined') = (event_id = quarantine))
);
-- A quarantine is released once.
CREATE UNIQUE INDEX quarantine_released ON endpoint_quarantines (quarantine) WHERE event = 'released';
CREATE INDEX quarantines_standing ON endpoint_quarantines (cell, event, event_id);

-- What a vendor's own log says of our calls. Calls come first, the import's own row last: an import that broke
-- off has none, and is never read.
CREATE TABLE vendor_log_imports (
  import_id uuid PRIMARY KEY,
  cell text NOT NULL,
  endpoint text NOT NULL,
  kind text NOT NULL CHECK (kind IN ('cloudtrail', 'bedrock-profile')),
  file_digest bytea NOT NULL CHECK (octet_length(file_digest) = 32),
  imported_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  CONSTRAINT vendor_log_imports_once UNIQUE (cell, endpoint, kind, file_digest)
);

CREATE TABLE vendor_logged_calls (
  import_id uuid NOT NULL,
  cell text NOT NULL,
  call_id uuid NOT NULL,
  region text NOT NULL,
  -- Null for a region whose country we do not know.
  country text,
  agrees boolean NOT NULL,
  PRIMARY KEY (call_id, import_id)
);

-- Which reconciliation entry is about which day. The entry itself is the report; this finds it.
CREATE TABLE residency_reconciliations (
  report_id uuid PRIMARY KEY,
  cell text NOT NULL,
  -- yyyy-mm-dd
  day text NOT NULL CHECK (day ~ '^[0-9]{4}-[0-9]{2}-[0-9]{2}$'),
  kind text NOT NULL CHECK (kind IN ('daily', 'asked'))
);
-- Two leaders that overlap cannot both report a day.
CREATE UNIQUE INDEX residency_reconciliation_daily ON residency_reconciliations (cell, day) WHERE kind = 'daily';
CREATE INDEX residency_reconciliation_day ON residency_reconciliations (cell, day, report_id);

GRANT SELECT, INSERT ON endpoint_quarantines, vendor_log_imports, vendor_logged_calls, residency_reconciliations
  TO countersign_gateway;
`,
};
