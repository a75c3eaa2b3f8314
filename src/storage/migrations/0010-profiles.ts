import type { Migration } from '../migrations.ts';

export const profiles: Migration = {
  version: 10,
  name: 'profiles',
  sql: `
-- What answers of a decision type from an endpoint usually look like: how many of them had a value of a feature.
-- Counts only; nothing of an answer can be read from them.
CREATE TABLE output_profiles (
  cell text NOT NULL,
  decision_type text NOT NULL,
  type_version text NOT NULL,
  endpoint text NOT NULL,
  -- A measure and its bin, "form", "language", or "answers" for all of them.
  feature text NOT NULL CHECK (length(feature) <= 40),
  value text NOT NULL CHECK (length(value) <= 40),
  answers bigint NOT NULL CHECK (answers >= 0),
  PRIMARY KEY (cell, decision_type, type_version, endpoint, feature, value)
);

-- The only way to change a profile: by adding to it. When it has become heavy, the past is made to weigh half, so that
-- it follows what honestly changes.
CREATE FUNCTION add_output_counts(
  p_cell text, p_type text, p_version text, p_endpoint text, p_features text[], p_values text[], p_counts bigint[]
) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  heavy CONSTANT bigint := 10000;
  total bigint;
BEGIN
  IF EXISTS (SELECT FROM unnest(p_counts) c WHERE c IS NULL OR c < 0 OR c > heavy) THEN
    RAISE EXCEPTION 'counts of a profile are between 0 and %', heavy;
  END IF;
  PERFORM pg_advisory_xact_lock(727403, hashtext(concat_ws('|', p_cell, p_type, p_version, p_endpoint)));
  INSERT INTO output_profiles AS p (cell, decision_type, type_version, endpoint, feature, value, answers)
  SELECT p_cell, p_type, p_version, p_endpoint, f, v, c FROM unnest(p_features, p_values, p_counts) AS new(f, v, c)
  ON CONFLICT (cell, decision_type, type_version, endpoint, feature, value)
  DO UPDATE SET answers = p.answers + excluded.answers;
  SELECT answers INTO total FROM output_profiles
   WHERE cell = p_cell AND decision_type = p_type AND type_version = p_version AND endpoint = p_endpoint
     AND feature = 'answers' AND value = '';
  IF total > heavy THEN
    UPDATE output_profiles SET answers = answers / 2
     WHERE cell = p_cell AND decision_type = p_type AND type_version = p_version AND endpoint = p_endpoint;
    DELETE FROM output_profiles
     WHERE cell = p_cell AND decision_type = p_type AND type_version = p_version AND endpoint = p_endpoint
       AND answers = 0;
  END IF;
END $$;
REVOKE ALL ON FUNCTION add_output_counts(text, text, text, text, text[], text[], bigint[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION add_output_counts(text, text, text, text, text[], text[], bigint[]) TO countersign_gateway;
GRANT SELECT ON output_profiles TO countersign_gateway;
`,
};
