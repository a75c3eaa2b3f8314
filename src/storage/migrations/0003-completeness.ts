import type { Migration } from '../migrations.ts';

export const completeness: Migration = {
  version: 3,
  name: 'completeness',
  sql: `
-- Which completeness entry is about which day. The entry itself is the report; this finds it.
CREATE TABLE completeness_reports (
  report_id uuid PRIMARY KEY,
  cell text NOT NULL,
  -- yyyy-mm-dd
  day text NOT NULL CHECK (day ~ '^[0-9]{4}-[0-9]{2}-[0-9]{2}$'),
  kind text NOT NULL CHECK (kind IN ('daily', 'asked')),
  recorded_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
-- Two leaders that overlap cannot both report a day.
CREATE UNIQUE INDEX completeness_daily ON completeness_reports (cell, day) WHERE kind = 'daily';
CREATE INDEX completeness_day ON completeness_reports (cell, day, report_id);

-- What a provider says that we used. Rows of an import come first, its own row last: an import that broke off
-- has none, and is never read.
CREATE TABLE usage_imports (
  import_id uuid PRIMARY KEY,
  cell text NOT NULL,
  endpoint text NOT NULL,
  provider text NOT NULL CHECK (provider IN ('openai', 'anthropic', 'csv')),
  file_digest bytea NOT NULL CHECK (octet_length(file_digest) = 32),
  -- Keys of the provider that only the gateway holds; null: nobody said.
  known_keys text[],
  -- Every day the export speaks of, also those without usage.
  days date[] NOT NULL,
  rows int NOT NULL,
  imported_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  CONSTRAINT usage_imports_once UNIQUE NULLS NOT DISTINCT (cell, endpoint, provider, file_digest, known_keys)
);
CREATE INDEX usage_imports_days ON usage_imports USING gin (days);

CREATE TABLE usage_rows (
  import_id uuid NOT NULL,
  row int NOT NULL,
  cell text NOT NULL,
  endpoint text NOT NULL,
  day date NOT NULL,
  model text,
  api_key_id text,
  -- Null where the export does not count requests.
  requests bigint,
  input_tokens bigint NOT NULL,
  output_tokens bigint NOT NULL,
  provider_request_id text,
  PRIMARY KEY (import_id, day, row)
);

CREATE TABLE alerts (
  alert_id uuid PRIMARY KEY,
  -- The cell whose store keeps it.
  cell text NOT NULL,
  -- False: it is about no one cell.
  about_cell boolean NOT NULL,
  kind text NOT NULL,
  detail jsonb NOT NULL,
  raised_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX alerts_kind ON alerts (kind, alert_id);

GRANT SELECT, INSERT ON completeness_reports, usage_imports, usage_rows, alerts TO countersign_gateway;
`,
};
