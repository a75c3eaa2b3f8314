import type { Migration } from '../migrations.ts';

export const reviewers: Migration = {
  version: 8,
  name: 'reviewers',
  sql: `
-- What a reviewer's country must be lawful for: "jurisdiction/class" of each subject, with blanks between. Null: a
-- task of before whose record says no class, which is lawful for nobody.
ALTER TABLE review_tasks ADD COLUMN labels text CHECK (labels <> '');
UPDATE review_tasks t
   SET labels = t.jurisdiction || '/' || (convert_from(e.header, 'UTF8')::jsonb ->> 'dataClass')
  FROM entries e
 WHERE e.decision_id = t.decision_id AND e.type = 'outcome'
   AND convert_from(e.header, 'UTF8')::jsonb ->> 'dataClass' IS NOT NULL;
`,
};
