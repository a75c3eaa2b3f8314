import { readPart } from '../../src/audit/archive/check-segment.ts';
import { readLine } from '../../src/audit/archive/line.ts';
import { partsOf } from '../../src/audit/archive/manifest.ts';
import { sealNext } from '../../src/audit/archive/seal.ts';
import { loadConfig } from '../../src/config/load.ts';
import type { EntryHeader, IntentFacts, OutcomeFacts } from '../../src/decision/entry.ts';
import { attachCells } from '../../src/gateway/open-cells.ts';
import type { Cell } from '../../src/gateway/rooms.ts';
import type { Store } from '../../src/storage/store.ts';

/** What the stores and archives hold, read when the gateway has stopped. */
export interface Records {
  readonly decisions: ReadonlyMap<string, RecordedLabel>;
  /** By call id. */
  readonly calls: ReadonlyMap<string, { readonly purpose: string; readonly endpoint: string }>;
  /** Decisions with an intent and no outcome. */
  readonly open: number;
  readonly entries: number;
  readonly archivedEntries: number;
  /** Entries that stand in the store or in the archive of a cell that is not their jurisdiction's. */
  readonly strayed: readonly string[];
}

export interface RecordedLabel {
  readonly jurisdiction: string;
  readonly dataClass: string;
  readonly reasons: readonly string[];
}

const pageSize = 2_000;
const nil = '00000000-0000-0000-0000-000000000000';
/** Later than the settling time of the running hour, so that it can be sealed now. */
const clockAheadMs = 2 * 3_600_000;

export async function readRecords(configFile: string): Promise<Records> {
  const open = await attachCells(loadConfig(configFile), () => undefined);
  const decisions = new Map<string, RecordedLabel>();
  const calls = new Map<string, { purpose: string; endpoint: string }>();
  const begun = new Set<string>();
  const strayed: string[] = [];
  let [entries, archivedEntries] = [0, 0];
  try {
    for (const cell of open.cells.values()) {
      for await (const header of headersOf(cell.store)) {
        entries += 1;
        if (isStray(header, cell.id)) strayed.push(`store ${cell.id}: ${header.entryId}`);
        note(header, decisions, calls, begun);
      }
      for await (const header of sealed(cell)) {
        archivedEntries += 1;
        if (isStray(header, cell.id)) strayed.push(`archive ${cell.id}: ${header.entryId}`);
      }
    }
  } finally {
    await open.close();
  }
  return { decisions, calls, open: begun.size, entries, archivedEntries, strayed };
}

async function* headersOf(store: Store): AsyncGenerator<EntryHeader> {
  let [decision, entry] = [nil, nil];
  for (;;) {
    const rows = await store.query<{ decision_id: string; entry_id: string; header: string }>({
      text: `SELECT decision_id, entry_id, convert_from(header, 'UTF8') AS header FROM entries
              WHERE (decision_id, entry_id) > ($1::uuid, $2::uuid) ORDER BY decision_id, entry_id LIMIT ${pageSize}`,
      values: [decision, entry],
    });
    for (const row of rows) yield JSON.parse(row.header) as EntryHeader;
    const last = rows.at(-1);
    if (!last || rows.length < pageSize) return;
    [decision, entry] = [last.decision_id, last.entry_id];
  }
}

/** Seals what the ledger holds, as the archivist will when the hour is over, and reads it back. */
async function* sealed({ id, store, archive }: Cell): AsyncGenerator<EntryHeader> {
  if (archive === null) throw new Error('a cell without an archive');
  const nowMs = () => Date.now() + clockAheadMs;
  for (;;) {
    const manifest = await sealNext({ cell: id, query: store.query, store: archive.objects, nowMs });
    if (manifest === null) return;
    for (let part = 0; part < partsOf(manifest, 'entries'); part++) {
      const bytes = await readPart(archive.objects, manifest, 'entries', part);
      const lines = bytes.toString('utf8').split('\n').filter(Boolean);
      for (const line of lines) yield readLine(Buffer.from(line)).header;
    }
  }
}

/** Refused labels and entries about the gateway have no jurisdiction, and no payload either. */
function isStray(header: EntryHeader, cell: string): boolean {
  const home = header.jurisdiction?.toLowerCase() ?? cell;
  return home !== cell || header.cell !== cell;
}

function note(
  header: EntryHeader,
  decisions: Map<string, RecordedLabel>,
  calls: Map<string, { purpose: string; endpoint: string }>,
  begun: Set<string>,
): void {
  const { decisionId, jurisdiction, dataClass, type, callId } = header;
  const before = decisions.get(decisionId);
  const reasons = [...(before?.reasons ?? [])];
  if (type === 'intent' && callId !== null) {
    const { purpose, endpoint } = header.facts as IntentFacts;
    calls.set(callId, { purpose, endpoint: endpoint.id });
    if (!reasons.includes('outcome')) begun.add(decisionId);
  }
  if (type === 'outcome') {
    begun.delete(decisionId);
    const { verdicts } = header.facts as OutcomeFacts;
    reasons.push('outcome', ...verdicts.flatMap((one) => (one.kind === 'pass' ? [] : one.reasons)));
  }
  if (type === 'refusal') reasons.push(String((header.facts as { code: unknown }).code));
  if (type === 'intent' || type === 'outcome' || type === 'refusal')
    decisions.set(decisionId, { jurisdiction: jurisdiction ?? '', dataClass: dataClass ?? '', reasons });
}
