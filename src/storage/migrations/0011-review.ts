import type { Migration } from '../migrations.ts';

export const review: Migration = {
  version: 11,
  name: 'review',
  sql: `
-- What a task asks of whoever answers it, as the decision type said when it was opened.
ALTER TABLE review_tasks
  ADD COLUMN queue text NOT NULL DEFAULT 'default',
  -- Skills that its reviewers must have, with blanks between.
  ADD COLUMN skills text NOT NULL DEFAULT '',
  -- What they must have besides, once the task was escalated; null: nothing.
  ADD COLUMN escalation_skill text,
  ADD COLUMN answers int NOT NULL DEFAULT 1 CHECK (answers BETWEEN 1 AND 9),
  ADD COLUMN agree int NOT NULL DEFAULT 1 CHECK (agree BETWEEN 1 AND answers),
  ADD COLUMN blind boolean NOT NULL DEFAULT false,
  ADD COLUMN overlap boolean NOT NULL DEFAULT false,
  ADD COLUMN four_eyes boolean NOT NULL DEFAULT false,
  -- Who submitted the decision: a person or the id of a key, as answers name them.
  ADD COLUMN submitted_by text,
  -- decide: its answers decide. seeded, audit: they decide nothing, and are recorded beside the decision.
  ADD COLUMN aim text NOT NULL DEFAULT 'decide' CHECK (aim IN ('decide', 'seeded', 'audit')),
  -- The id that reviewers see instead of the decision's; null: they see that.
  ADD COLUMN shown_id uuid,
  -- The task whose draw planted this one: each plants one.
  ADD COLUMN planted_for uuid UNIQUE,
  ADD COLUMN draws_seed boolean NOT NULL DEFAULT false,
  ADD COLUMN escalated_at timestamptz,
  -- When its reviewer took it; renewing the lease does not change it.
  ADD COLUMN claimed_at timestamptz;
ALTER TABLE review_tasks DROP CONSTRAINT review_tasks_origin_check;
ALTER TABLE review_tasks ADD CONSTRAINT review_tasks_origin_check
  CHECK (origin IN ('middle', 'low', 'validation', 'output', 'no_band', 'suspended', 'audit'));
CREATE INDEX review_tasks_seeded ON review_tasks (cell, tenant, decision_type) WHERE aim = 'seeded';
CREATE INDEX review_tasks_draws ON review_tasks (created_at) WHERE draws_seed;

-- Who answered which task, and how it went. No verdicts: those are in encrypted payloads only.
CREATE TABLE review_answers (
  task_id uuid NOT NULL,
  decision_id uuid NOT NULL,
  tenant text NOT NULL,
  cell text NOT NULL,
  decision_type text NOT NULL,
  queue text NOT NULL,
  reviewer text NOT NULL,
  aim text NOT NULL CHECK (aim IN ('decide', 'seeded', 'audit')),
  answered_at timestamptz NOT NULL,
  open_ms int NOT NULL CHECK (open_ms >= 0),
  override boolean NOT NULL,
  -- Blind tasks only: the answer after the model's was seen differs from that before.
  changed boolean,
  -- Seeded cases only: the verdict was the known one.
  caught boolean,
  -- Nobody answers twice, whatever a process that is about to die believes.
  PRIMARY KEY (task_id, reviewer)
);
CREATE INDEX review_answers_decision ON review_answers (decision_id, reviewer);
CREATE INDEX review_answers_time ON review_answers (cell, tenant, answered_at);

-- How often which verdicts met on one task, in the order in which they were given. Counts only: no row names a case.
CREATE TABLE review_agreement (
  cell text NOT NULL,
  tenant text NOT NULL,
  decision_type text NOT NULL,
  queue text NOT NULL,
  month date NOT NULL,
  verdicts text[] NOT NULL,
  tasks bigint NOT NULL CHECK (tasks > 0),
  PRIMARY KEY (cell, tenant, decision_type, queue, month, verdicts)
);

-- The kill switch: a decision type is suspended, and a suspension is lifted once.
CREATE TABLE type_suspensions (
  suspension_id uuid PRIMARY KEY,
  cell text NOT NULL,
  decision_type text NOT NULL,
  suspended_by text NOT NULL,
  suspended_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX type_suspensions_type ON type_suspensions (cell, decision_type);
CREATE TABLE type_suspension_ends (
  suspension_id uuid PRIMARY KEY REFERENCES type_suspensions,
  cell text NOT NULL,
  lifted_by text NOT NULL,
  lifted_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

-- Only ever more: tasks of one type with one list of verdicts.
CREATE FUNCTION count_agreement(
  p_cell text, p_tenant text, p_type text, p_queue text, p_moment timestamptz, p_verdicts text[]
) RETURNS void LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
  INSERT INTO review_agreement AS a (cell, tenant, decision_type, queue, month, verdicts, tasks)
  VALUES (p_cell, p_tenant, p_type, p_queue, date_trunc('month', p_moment AT TIME ZONE 'UTC')::date, p_verdicts, 1)
  ON CONFLICT (cell, tenant, decision_type, queue, month, verdicts) DO UPDATE SET tasks = a.tasks + 1
$$;
REVOKE ALL ON FUNCTION count_agreement(text, text, text, text, timestamptz, text[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION count_agreement(text, text, text, text, timestamptz, text[]) TO countersign_gateway;

GRANT SELECT, INSERT ON review_answers, type_suspensions, type_suspension_ends TO countersign_gateway;
GRANT SELECT ON review_agreement TO countersign_gateway;
`,
};
