import { v7 as uuidV7 } from 'uuid';
import type { CompletionFacts, CompletionStatus, EntryHeader } from '../../decision/entry.ts';
import type { Query } from '../../storage/connections.ts';
import { type Day, dayMs } from './day.ts';

/** What the store has of one call: its intent, or its completion. */
export type RecordedCall =
  | { readonly kind: 'intent'; readonly callId: string }
  | {
      readonly kind: 'completion';
      readonly callId: string;
      readonly status: CompletionStatus;
      readonly endpoint: string;
      readonly modelReturned: string | null;
      readonly providerRequestId: string | null;
      readonly usage: CompletionFacts['usage'];
    }
  /** A completion whose header is no longer one. */
  | { readonly kind: 'unreadable'; readonly callId: string };

interface CallRow {
  decision_id: string;
  entry_id: string;
  call_id: string;
  type: 'intent' | 'completion';
  header: Buffer | null;
}

/** A decision may begin this long before its calls: it waits for a person, not for longer than a day. */
const decisionAgeMs = dayMs + 60 * 60 * 1000;
const pageRows = 500;
const pageTimeoutMs = 60_000;

/**
 * Intents and completions of the calls of a day, and of those minted at most `beforeMs` before it. They are
 * read along the primary key of the entries, page by page.
 */
export async function* recordedCalls(query: Query, day: Day, beforeMs: number): AsyncGenerator<RecordedCall> {
  let cursor = [idFloor(day.fromMs - decisionAgeMs), idFloor(0)];
  for (;;) {
    const rows = await query<CallRow>({
      name: 'recorded_calls',
      text: `SELECT decision_id, entry_id, call_id, type, CASE type WHEN 'completion' THEN header END AS header
               FROM entries
              WHERE decision_id >= $1 AND decision_id < $3 AND (decision_id, entry_id) > ($1, $2)
                AND type IN ('intent', 'completion') AND call_id >= $4 AND call_id < $3
              ORDER BY decision_id, entry_id
              LIMIT $5`,
      values: [...cursor, idFloor(day.toMs), idFloor(day.fromMs - beforeMs), pageRows],
      timeoutMs: pageTimeoutMs,
    });
    for (const row of rows) yield toCall(row);
    const last = rows.at(-1);
    if (last === undefined || rows.length < pageRows) return;
    cursor = [last.decision_id, last.entry_id];
  }
}

function toCall(row: CallRow): RecordedCall {
  const callId = row.call_id;
  if (row.type === 'intent') return { kind: 'intent', callId };
  const facts = factsOf(row.header);
  if (facts?.kind !== 'completion') return { kind: 'unreadable', callId };
  const { status, endpoint, modelReturned, providerRequestId, usage } = facts;
  return { kind: 'completion', callId, status, endpoint, modelReturned, providerRequestId, usage };
}

function factsOf(header: Buffer | null): EntryHeader['facts'] | null {
  try {
    return (JSON.parse(header?.toString('utf8') ?? 'null') as EntryHeader | null)?.facts ?? null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

/** A UUIDv7 that sorts before every other of that millisecond and later. */
function idFloor(epochMs: number): string {
  return uuidV7({ msecs: epochMs, random: new Uint8Array(16), seq: 0 });
}
