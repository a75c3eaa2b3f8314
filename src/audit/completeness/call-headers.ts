import { v7 as uuidV7 } from 'uuid';
import type { CompletionFacts, EntryHeader, IntentFacts } from '../../decision/entry.ts';
import type { Query } from '../../storage/connections.ts';
import { type Day, dayMs } from './day.ts';

/** The header of an intent or completion; `header` is null where what is stored is none any more. */
export interface CallHeader {
  readonly callId: string;
  readonly type: 'intent' | 'completion';
  readonly header: (Omit<EntryHeader, 'facts'> & { readonly facts: IntentFacts | CompletionFacts }) | null;
}

/** A decision may begin this long before its calls: it waits for a person, not for longer than a day. */
const decisionAgeMs = dayMs + 60 * 60 * 1000;
const pageRows = 500;
const pageTimeoutMs = 60_000;

/** Headers of the intents and completions of the calls of a day, page by page, along the primary key. */
export async function* callHeaders(query: Query, day: Day): AsyncGenerator<readonly CallHeader[]> {
  let cursor = [idFloor(day.fromMs - decisionAgeMs), idFloor(0)];
  for (;;) {
    const rows = await query<{
      decision_id: string;
      entry_id: string;
      call_id: string;
      type: 'intent' | 'completion';
      header: Buffer;
    }>({
      name: 'call_headers',
      text: `SELECT decision_id, entry_id, call_id, type, header FROM entries
              WHERE decision_id >= $1 AND decision_id < $3 AND (decision_id, entry_id) > ($1, $2)
                AND type IN ('intent', 'completion') AND call_id >= $4 AND call_id < $3
              ORDER BY decision_id, entry_id
              LIMIT $5`,
      values: [...cursor, idFloor(day.toMs), idFloor(day.fromMs), pageRows],
      timeoutMs: pageTimeoutMs,
    });
    yield rows.map(({ call_id: callId, type, header }) => ({ callId, type, header: parse(header, type) }));
    const last = rows.at(-1);
    if (last === undefined || rows.length < pageRows) return;
    cursor = [last.decision_id, last.entry_id];
  }
}

/** Completions of decisions since a moment, the newest first. */
export async function recentCompletions(
  query: Query,
  page: { readonly sinceMs: number; readonly limit: number },
): Promise<readonly CallHeader[]> {
  const rows = await query<{ call_id: string; header: Buffer }>({
    name: 'recent_completions',
    text: `SELECT call_id, header FROM entries WHERE decision_id >= $1 AND type = 'completion'
            ORDER BY decision_id DESC, entry_id DESC LIMIT $2`,
    values: [idFloor(page.sinceMs), page.limit],
    timeoutMs: pageTimeoutMs,
  });
  return rows.map(({ call_id: callId, header }) => ({
    callId,
    type: 'completion',
    header: parse(header, 'completion'),
  }));
}

function parse(bytes: Buffer, type: string): CallHeader['header'] {
  try {
    const header = JSON.parse(bytes.toString('utf8')) as EntryHeader | null;
    return header?.facts.kind === type ? (header as CallHeader['header']) : null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

/** A UUIDv7 that sorts before every other of that millisecond and later. */
function idFloor(epochMs: number): string {
  return uuidV7({ msecs: epochMs, random: new Uint8Array(16), seq: 0 });
}
