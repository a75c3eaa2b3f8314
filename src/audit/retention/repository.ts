import type { EntryHeader } from '../../decision/entry.ts';
import type { DecisionId, Digest } from '../../decision/ids.ts';
import { sha256 } from '../../decision/canonical.ts';
import { StatementError } from '../../storage/errors.ts';
import type { Store } from '../../storage/store.ts';
import type { TableSpec } from '../../storage/table.ts';
import { RecordAlteredError, findEntries } from '../repository.ts';

/** The SQL of retention. What deletes is a function of the store that checks for itself. */

export const erasuresTable: TableSpec = {
  name: 'erasures',
  columns: [
    { name: 'erasure_id', type: 'uuid' },
    { name: 'tenant', type: 'text' },
    { name: 'cell', type: 'text' },
    { name: 'key_id', type: 'uuid' },
    { name: 'due_at', type: 'timestamptz' },
  ],
};

/** SQLSTATEs lock_not_available and deadlock_detected. */
const lockFaults = new Set(['55P03', '40P01']);
/** Walking through many decisions takes longer than a request may wait. */
const scanTimeoutMs = 60_000;

export interface HeaderRow {
  readonly decisionId: DecisionId;
  readonly header: EntryHeader;
  readonly keyId: string | null;
  readonly hasPayload: boolean;
}

/** The first entry of a decision; null when the store has none. */
export async function findFirstEntry(
  store: Store,
  decisionId: DecisionId,
): Promise<{ readonly header: EntryHeader; readonly keyId: string | null } | null> {
  const rows = await store.query<{ header: Buffer; keyId: string | null }>({
    name: 'find_first_entry',
    text: 'SELECT header, key_id AS "keyId" FROM entries WHERE decision_id = $1 AND previous IS NULL',
    values: [decisionId],
  });
  if (rows[0]) return { ...rows[0], header: parsed(rows[0].header) };
  const kept = store.past ? await findEntries(store, decisionId) : [];
  const first = kept.find((entry) => entry.previous === null)?.header;
  return first ? { header: first, keyId: first.payload?.keyId ?? null } : null;
}

/** Headers of all entries of these decisions, in no order; no payload is read. */
export async function findHeaders(store: Store, decisions: readonly DecisionId[]): Promise<HeaderRow[]> {
  const rows = await store.query<Omit<HeaderRow, 'header'> & { header: Buffer }>({
    text: `SELECT decision_id AS "decisionId", header, key_id AS "keyId", payload IS NOT NULL AS "hasPayload"
             FROM entries WHERE decision_id = ANY ($1::uuid[])`,
    values: [decisions],
    timeoutMs: scanTimeoutMs,
  });
  return [
    ...rows.map(({ header, ...row }) => Object.assign(row, { header: parsed(header) })),
    ...(store.past ? await findArchivedHeaders(store, decisions) : []),
  ];
}

/** Of those decisions that have left the store: their headers as they were sealed. */
async function findArchivedHeaders(store: Store, decisions: readonly DecisionId[]): Promise<HeaderRow[]> {
  const archived = await store.query<{ decisionId: DecisionId; expired: boolean }>({
    text: `SELECT decision_id AS "decisionId", expired FROM archived_decisions WHERE decision_id = ANY ($1::uuid[])`,
    values: [decisions],
  });
  const headers: HeaderRow[] = [];
  for (const { decisionId, expired } of archived) {
    for (const { header, payload, archived: sealed } of await findEntries(store, decisionId)) {
      const keyId = header.payload?.keyId ?? null;
      if (sealed) headers.push({ decisionId, header, keyId, hasPayload: payload !== null && !expired });
    }
  }
  return headers;
}

/** Headers of the retention entries about these decisions, first to last. */
export async function findRetentionEntries(
  store: Store,
  decisions: readonly DecisionId[],
): Promise<EntryHeader[]> {
  const rows = await store.query<{ header: Buffer }>({
    text: `SELECT header FROM entries WHERE about = ANY ($1::uuid[]) AND type = 'retention' ORDER BY entry_id`,
    values: [decisions],
    timeoutMs: scanTimeoutMs,
  });
  return rows.map((row) => parsed(row.header));
}

/** Every decision that a key seals. */
export async function findDecisionsOfKey(store: Store, keyId: string): Promise<DecisionId[]> {
  const rows = await store.query<{ id: DecisionId }>({
    text: `SELECT decision_id AS id FROM entries WHERE key_id = $1 AND previous IS NULL
           UNION SELECT decision_id FROM archived_decisions WHERE key_id = $1 ORDER BY id`,
    values: [keyId],
    timeoutMs: scanTimeoutMs,
  });
  return rows.map((row) => row.id);
}

export interface KeyOwner {
  readonly tenant: string;
  /** null for the key of a decision that named no subject. */
  readonly subjectMac: Buffer | null;
}

/** Null when the key is not there. */
export async function findKeyOwner(store: Store, keyId: string): Promise<KeyOwner | null> {
  const rows = await store.query<KeyOwner>({
    text: 'SELECT tenant, subject_mac AS "subjectMac" FROM subject_keys WHERE key_id = $1',
    values: [keyId],
  });
  return rows[0] ?? null;
}

export async function hasPayloads(store: Store, keyId: string): Promise<boolean> {
  const rows = await store.query({
    text: `SELECT 1 FROM entries f JOIN entries e ON e.decision_id = f.decision_id
            WHERE f.key_id = $1 AND f.previous IS NULL AND e.payload IS NOT NULL
           UNION ALL SELECT 1 FROM archived_decisions WHERE key_id = $1 AND NOT expired LIMIT 1`,
    values: [keyId],
    timeoutMs: scanTimeoutMs,
  });
  return rows.length > 0;
}

/**
 * What came of a deletion. `changed`: something has come to the decisions since it was ordered; `unordered`: the
 * record that should order it does not; `busy`: writers did not let it through in time, so try again.
 */
export type Deletion = 'busy' | 'absent' | 'unordered' | 'held' | 'changed' | 'destroyed' | 'expired';

/** @param orderedBy decision id of the record whose last entry orders it */
export async function destroySubjectKey(
  store: Store,
  keyId: string,
  orderedBy: DecisionId,
): Promise<Deletion> {
  return deletion(store, 'SELECT destroy_subject_key($1, $2) AS result', [keyId, orderedBy]);
}

/** @param orderedBy decision id of the record whose last entry orders it */
export async function expirePayloads(
  store: Store,
  decisionId: DecisionId,
  orderedBy: DecisionId,
): Promise<Deletion> {
  return deletion(store, 'SELECT expire_payloads($1, $2) AS result', [decisionId, orderedBy]);
}

async function deletion(store: Store, text: string, values: readonly string[]): Promise<Deletion> {
  try {
    const rows = await store.query<{ result: Deletion }>({ text, values, timeoutMs: scanTimeoutMs });
    return rows[0]?.result ?? 'unordered';
  } catch (error) {
    if (error instanceof StatementError && lockFaults.has(error.sqlState)) return 'busy';
    throw error;
  }
}

/** A row of `parts`: release manifests and what they are made of. */
export async function findPart(store: Store, digest: Digest): Promise<Buffer | null> {
  const rows = await store.query<{ bytes: Buffer }>({
    text: 'SELECT bytes FROM parts WHERE digest = $1',
    values: [Buffer.from(digest.slice('sha256:'.length), 'hex')],
  });
  return rows[0]?.bytes ?? null;
}

/** The entries of the record that a destroyed key names; empty when the key was not destroyed by us. */
export async function findDestruction(store: Store, keyId: string): Promise<EntryHeader[]> {
  const rows = await store.query<{ header: Buffer; digest: Buffer }>({
    name: 'find_destruction',
    text: `SELECT e.header, e.header_digest AS digest FROM destroyed_keys d JOIN entries e ON e.decision_id = d.entry
            WHERE d.key_id = $1`,
    values: [keyId],
  });
  return rows.filter((row) => sha256(row.header).equals(row.digest)).map((row) => parsed(row.header));
}

/** Unfinished erasures that are due, the oldest first. */
export async function findDueErasures(store: Store, nowMs: number, limit: number): Promise<DecisionId[]> {
  const rows = await store.query<{ id: DecisionId }>({
    text: `SELECT erasure_id AS id FROM erasures WHERE closed_at IS NULL AND due_at <= $1 ORDER BY due_at LIMIT $2`,
    values: [new Date(nowMs), limit],
  });
  return rows.map((row) => row.id);
}

export async function findOpenErasure(store: Store, keyId: string): Promise<DecisionId | null> {
  const rows = await store.query<{ id: DecisionId }>({
    text: 'SELECT erasure_id AS id FROM erasures WHERE key_id = $1 AND closed_at IS NULL',
    values: [keyId],
  });
  return rows[0]?.id ?? null;
}

/** Says when to look at it again, or that there is nothing more to do; epoch ms. */
export async function rescheduleErasure(
  store: Store,
  erasureId: DecisionId,
  next: { readonly atMs: number } | { readonly closedMs: number },
): Promise<void> {
  const [column, ms] = 'atMs' in next ? ['due_at', next.atMs] : ['closed_at', next.closedMs];
  await store.query({
    text: `UPDATE erasures SET ${column} = $2 WHERE erasure_id = $1 AND closed_at IS NULL`,
    values: [erasureId, new Date(ms)],
  });
}

function parsed(header: Buffer): EntryHeader {
  try {
    return JSON.parse(header.toString('utf8')) as EntryHeader;
  } catch (cause) {
    throw new RecordAlteredError('a header is no longer JSON', { cause });
  }
}
