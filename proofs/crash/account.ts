import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Client } from 'pg';
import type { ReceivedAnswer } from './load.ts';

/** One line of the simulator's own log. */
export interface ReceivedCall {
  readonly time: string;
  readonly decisionId: string;
  readonly callId: string;
}

export interface Account {
  readonly callsReceived: number;
  /** Calls that the simulator received and the store knows nothing of: must be 0 (I1). */
  readonly callsWithoutRecord: number;
  readonly answersReceived: number;
  /** Answers in a client's hand without a completion, or without an outcome of the same bytes: must be 0 (I2). */
  readonly answersWithoutRecord: number;
  /** Decisions begun and not ended. */
  readonly openDecisions: number;
}

export function callsInLog(simulatorLog: string): ReceivedCall[] {
  return readFileSync(simulatorLog, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as ReceivedCall);
}

/** Compares three independent accounts: the simulator's log, what clients hold, and the rows of the store. */
export async function takeAccount(
  databaseUrl: string,
  calls: readonly ReceivedCall[],
  answers: readonly ReceivedAnswer[],
): Promise<Account> {
  const client = new Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    const intended = await idsOf(
      client,
      'call_id',
      'intent',
      calls.map(({ callId }) => callId),
    );
    const completed = await idsOf(
      client,
      'decision_id',
      'completion',
      answers.map(({ decisionId }) => decisionId),
    );
    const outcomes = await outcomesOf(
      client,
      answers.map(({ decisionId }) => decisionId),
    );
    return {
      callsReceived: calls.length,
      callsWithoutRecord: calls.filter(({ callId }) => !intended.has(callId)).length,
      answersReceived: answers.length,
      answersWithoutRecord: answers.filter(
        (answer) =>
          !completed.has(answer.decisionId) ||
          !(outcomes.get(answer.decisionId) ?? []).some((outcome) => isOutcomeOf(answer, outcome)),
      ).length,
      openDecisions: await openDecisions(client),
    };
  } finally {
    await client.end();
  }
}

async function idsOf(
  client: Client,
  column: 'call_id' | 'decision_id',
  type: string,
  ids: readonly string[],
) {
  const { rows } = await client.query<{ id: string }>(
    `SELECT DISTINCT ${column} AS id FROM entries WHERE type = $1 AND ${column} = ANY ($2::uuid[])`,
    [type, ids],
  );
  return new Set(rows.map(({ id }) => id));
}

interface Outcome {
  readonly status: string;
  readonly releasedDigest: string | null;
  readonly reviewTask: string | null;
  readonly hasTask: boolean;
}

async function outcomesOf(client: Client, ids: readonly string[]): Promise<Map<string, Outcome[]>> {
  const { rows } = await client.query<Outcome & { id: string }>(
    `SELECT e.decision_id AS id, f ->> 'status' AS status, f ->> 'releasedDigest' AS "releasedDigest",
            f ->> 'reviewTask' AS "reviewTask",
            EXISTS (SELECT FROM review_tasks t WHERE t.task_id::text = f ->> 'reviewTask') AS "hasTask"
       FROM entries e, LATERAL (SELECT convert_from(e.header, 'UTF8')::jsonb -> 'facts' AS f)
      WHERE e.type = 'outcome' AND e.decision_id = ANY ($1::uuid[])`,
    [ids],
  );
  // A reviewed decision has two: the one that sent it to a person, and the person's.
  const outcomes = new Map<string, Outcome[]>();
  for (const row of rows) outcomes.set(row.id, [...(outcomes.get(row.id) ?? []), row]);
  return outcomes;
}

function isOutcomeOf(answer: ReceivedAnswer, outcome: Outcome): boolean {
  // A review has no answer to release yet; the task must be there, or nobody would ever decide.
  if (answer.status === 202) return outcome.status === 'in_review' && outcome.hasTask;
  const digest = `sha256:${createHash('sha256').update(answer.body).digest('hex')}`;
  return outcome.status === 'decided' && outcome.releasedDigest === digest;
}

async function openDecisions(client: Client): Promise<number> {
  const { rows } = await client.query<{ open: string }>(
    `SELECT count(*) AS open
       FROM (SELECT bool_or(type = 'outcome') AS closed,
                    count(*) FILTER (WHERE type = 'intent') AS intents,
                    count(*) FILTER (WHERE type = 'completion') AS completions
               FROM entries WHERE type IN ('intent', 'completion', 'outcome') GROUP BY decision_id) d
      WHERE NOT closed OR intents <> completions`,
  );
  return Number(rows[0]?.open);
}
