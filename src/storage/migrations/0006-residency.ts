import type { Migration } from '../migrations.ts';

export const residency: Migration = {
  version: 6,
  name: 'residency',
  sql: `
-- Persons whose data has left a jurisdiction under a rule that counts persons. A person is 32 bytes that only
-- the cell's keyring can make; year is the calendar year (two around its turn).
CREATE TABLE residency_subjects (
  cell text NOT NULL,
  rule text NOT NULL,
  year int NOT NULL,
  subject_mac bytea NOT NULL CHECK (octet_length(subject_mac) = 32),
  counted_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (cell, rule, year, subject_mac)
);
-- How many they are; the row is what counting waits for.
CREATE TABLE residency_counts (
  cell text NOT NULL,
  rule text NOT NULL,
  year int NOT NULL,
  persons int NOT NULL CHECK (persons >= 0),
  PRIMARY KEY (cell, rule, year)
);

-- Counts persons under rules, all or none; a person already counted needs no place. Returns the rules that were
-- full, and is empty once every person is counted. Locks are taken in one order, so nobody waits in a circle.
CREATE FUNCTION count_subjects(of_cell text, rules text[], maxima int[], years int[], macs bytea[]) RETURNS text[]
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  place record;
  taken int;
  full_rules text[] := '{}';
BEGIN
  IF (SELECT bool_and(EXISTS (SELECT FROM residency_subjects s WHERE s.cell = of_cell AND s.rule = p.rule
        AND s.year = p.year AND s.subject_mac = p.mac))
      FROM unnest(rules, maxima, years, macs) AS p (rule, maximum, year, mac)) THEN
    RETURN full_rules;
  END IF;
  BEGIN
    FOR place IN SELECT * FROM unnest(rules, maxima, years, macs) AS p (rule, maximum, year, mac)
                  ORDER BY p.rule, p.year, p.mac LOOP
      INSERT INTO residency_counts (cell, rule, year, persons) VALUES (of_cell, place.rule, place.year, 0)
        ON CONFLICT DO NOTHING;
      SELECT persons INTO STRICT taken FROM residency_counts
       WHERE cell = of_cell AND rule = place.rule AND year = place.year FOR UPDATE;
      CONTINUE WHEN EXISTS (SELECT FROM residency_subjects s WHERE s.cell = of_cell AND s.rule = place.rule
        AND s.year = place.year AND s.subject_mac = place.mac);
      IF taken >= place.maximum THEN
        full_rules := full_rules || place.rule;
        CONTINUE;
      END IF;
      INSERT INTO residency_subjects (cell, rule, year, subject_mac)
        VALUES (of_cell, place.rule, place.year, place.mac);
      UPDATE residency_counts SET persons = taken + 1
       WHERE cell = of_cell AND rule = place.rule AND year = place.year;
    END LOOP;
    IF cardinality(full_rules) > 0 THEN
      RAISE EXCEPTION 'full' USING ERRCODE = 'CSFUL';
    END IF;
  EXCEPTION WHEN SQLSTATE 'CSFUL' THEN
    -- What was counted in this block is undone.
    RETURN full_rules;
  END;
  RETURN full_rules;
END $$;

-- Who was counted is needed until the year is over everywhere; how many, for ever.
CREATE FUNCTION forget_counted_subjects(of_cell text) RETURNS bigint
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp SET timezone = 'UTC' AS $$
  WITH gone AS (
    DELETE FROM residency_subjects
     WHERE cell = of_cell AND year < extract(year FROM now() - interval '2 days')
    RETURNING 1)
  SELECT count(*) FROM gone
$$;
REVOKE ALL ON FUNCTION count_subjects(text, text[], int[], int[], bytea[]), forget_counted_subjects(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION count_subjects(text, text[], int[], int[], bytea[]), forget_counted_subjects(text)
  TO countersign_gateway;

-- Which policy was in force from when on. The entry tells who changed what; the policy itself is a part.
CREATE TABLE residency_policies (
  cell text NOT NULL,
  number int NOT NULL CHECK (number > 0),
  policy bytea NOT NULL CHECK (octet_length(policy) = 32),
  entry uuid NOT NULL,
  recorded_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  -- Two gateways that start at once do not both follow the same policy.
  PRIMARY KEY (cell, number)
);
CREATE INDEX residency_policies_time ON residency_policies (cell, recorded_at);

GRANT SELECT ON residency_subjects, residency_counts TO countersign_gateway;
GRANT SELECT, INSERT ON residency_policies TO countersign_gateway;
`,
};
