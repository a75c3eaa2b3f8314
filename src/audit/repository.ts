import { sha256 } from '../decision/canonical.ts';
import type { DecisionId, Digest, EntryId } from '../decision/ids.ts';
import type { EntryHeader } from '../decision/entry.ts';
import type { PastEntry } from '../storage/past-entries.ts';
import type { TableSpec } from '../storage/table.ts';
import type { Store } from '../storage/store.ts';

/** The SQL of the audit room. Everything here inserts or selects; the gateway's role can do no more. */

export const entriesTable: TableSpec = {
  name: 'entries',
  columns: [
    { name: 'entry_id', type: 'uuid' },
    { name: 'decision_id', type: 'uuid' },
    { name: 'call_id', type: 'uuid' },
    { name: 'type', type: 'text' },
    { name: 'tenant', type: 'text' },
    { name: 'cell', type: 'text' },
    { name: 'decision_type', type: 'text' },
    { name: 'header', type: 'bytea' },
    { name: 'header_digest', type: 'bytea' },
    { name: 'previous', type: 'bytea' },
    { name: 'key_id', type: 'uuid' },
    { name: 'payload', type: 'bytea' },
    { name: 'about', type: 'uuid' },
  ],
};

export const subjectKeysTable: TableSpec = {
  name: 'subject_keys',
  columns: [
    { name: 'key_id', type: 'uuid' },
    { name: 'tenant', type: 'text' },
    { name: 'cell', type: 'text' },
    { name: 'subject_mac', type: 'bytea' },
    { name: 'wrapped_key', type: 'bytea' },
    { name: 'keyring_key_id', type: 'text' },
  ],
};

export interface StoredEntry {
  readonly header: EntryHeader;
  readonly headerBytes: Buffer;
  readonly headerDigest: Buffer;
  readonly previous: Buffer | null;
  readonly payload: Buffer | null;
  /** True when the entry has left the store and was read from the sealed archive. */
  readonly archived?: true;
}

export interface StoredKey {
  readonly keyId: string;
  readonly wrappedKey: Buffer;
  readonly keyringKeyId: string;
}

interface EntryRow {
  header: Buffer;
  header_digest: Buffer;
  previous: Buffer | null;
  payload: Buffer | null;
}

interface KeyRow {
  key_id: string;
  wrapped_key: Buffer;
  keyring_key_id: string;
}

/** The entries of one decision, first to last along the chain of digests. Empty when there is none. */
export async function findEntries(store: Store, decisionId: DecisionId): Promise<StoredEntry[]> {
  const rows = await store.query<EntryRow>({
    name: 'find_entries',
    text: `SELECT header, header_digest, previous, payload
             FROM entries WHERE decision_id = $1`,
    values: [decisionId],
  });
  const entries = rows.map(toEntry);
  // What goes on after its month has left the store has no first entry there.
  if (store.past && entries.every((entry) => entry.previous !== null))
    entries.push(...(await store.past.entriesOf(decisionId)).map(fromArchive));
  return inChainOrder(entries);
}

/** The archive compared the bytes with what was sealed; the digest is that of the leaf. */
function fromArchive({ headerBytes, payload }: PastEntry): StoredEntry {
  const headerDigest = sha256(headerBytes);
  const header = parseHeader({ header: headerBytes, header_digest: headerDigest });
  const previous = header.previous === null ? null : Buffer.from(header.previous.slice(7), 'hex');
  return { header, headerBytes, headerDigest, previous, payload, archived: true };
}

/**
 * Follows `previous` from the first entry. Entries that no chain reaches come last: a missing or
 * altered link must be shown, not hidden.
 */
function inChainOrder(entries: StoredEntry[]): StoredEntry[] {
  const byPrevious = new Map(entries.map((e) => [e.previous?.toString('hex') ?? '', e]));
  const chain: StoredEntry[] = [];
  const seen = new Set<StoredEntry>();
  for (let next = byPrevious.get(''); next && !seen.has(next); ) {
    chain.push(next);
    seen.add(next);
    next = byPrevious.get(next.headerDigest.toString('hex'));
  }
  return [...chain, ...entries.filter((e) => !seen.has(e))];
}

/** A row that does not even read as an entry: somebody changed it after it was committed. */
export class RecordAlteredError extends Error {
  override name = 'RecordAlteredError';
}

function toEntry(row: EntryRow): StoredEntry {
  return {
    header: parseHeader(row),
    headerBytes: row.header,
    headerDigest: row.header_digest,
    previous: row.previous,
    payload: row.payload,
  };
}

function parseHeader(row: Pick<EntryRow, 'header' | 'header_digest'>): EntryHeader {
  try {
    return JSON.parse(row.header.toString('utf8')) as EntryHeader;
  } catch (cause) {
    const digest = row.header_digest.toString('hex');
    throw new RecordAlteredError(`the header recorded as sha256:${digest} is no longer JSON`, { cause });
  }
}

/** Reading through a whole store takes longer than a request may wait for it. */
const scanTimeoutMs = 120_000;

export interface OpenDecision {
  readonly decisionId: DecisionId;
  readonly last: EntryHeader;
  readonly lastDigest: Digest;
}

/**
 * Decisions whose last entry is an intent or a completion: begun, and closed by nobody. Only those
 * whose last entry was made before the given id are returned, oldest first.
 */
export async function findOpenDecisions(
  store: Store,
  options: { before: EntryId; since: EntryId | null; limit: number },
): Promise<OpenDecision[]> {
  const rows = await store.query<EntryRow & { decision_id: DecisionId }>({
    text: `SELECT e.decision_id, e.header, e.header_digest, e.previous, NULL::bytea AS payload
             FROM entries e
            WHERE e.type IN ('intent', 'completion')
              AND e.entry_id < $1::uuid
              AND ($2::uuid IS NULL OR e.decision_id >= $2::uuid)
              AND NOT EXISTS (SELECT 1 FROM entries n
                               WHERE n.decision_id = e.decision_id AND n.previous = e.header_digest)
            ORDER BY e.decision_id
            LIMIT $3`,
    values: [options.before, options.since, options.limit],
    timeoutMs: scanTimeoutMs,
  });
  return rows.map((row) => {
    const entry = toEntry(row);
    return {
      decisionId: row.decision_id,
      last: entry.header,
      lastDigest: `sha256:${entry.headerDigest.toString('hex')}` as Digest,
    };
  });
}

export async function findKey(store: Store, keyId: string): Promise<StoredKey | null> {
  const rows = await store.query<KeyRow>({
    name: 'find_key',
    text: 'SELECT key_id, wrapped_key, keyring_key_id FROM subject_keys WHERE key_id = $1',
    values: [keyId],
  });
  return rows[0] ? toKey(rows[0]) : null;
}

export async function findSubjectKey(
  store: Store,
  tenant: string,
  subjectMac: Buffer,
): Promise<StoredKey | null> {
  const rows = await store.query<KeyRow>({
    name: 'find_subject_key',
    text: 'SELECT key_id, wrapped_key, keyring_key_id FROM subject_keys WHERE tenant = $1 AND subject_mac = $2',
    values: [tenant, subjectMac],
  });
  return rows[0] ? toKey(rows[0]) : null;
}

/** Durable on return. Another gateway may have been first: the caller looks the key up again. */
export async function insertSubjectKey(
  store: Store,
  key: StoredKey & { tenant: string; subjectMac: Buffer },
): Promise<void> {
  await store.query({
    name: 'insert_subject_key',
    text: `INSERT INTO subject_keys (key_id, tenant, cell, subject_mac, wrapped_key, keyring_key_id)
           VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING`,
    values: [key.keyId, key.tenant, store.cell, key.subjectMac, key.wrappedKey, key.keyringKeyId],
  });
}

function toKey(row: KeyRow): StoredKey {
  return { keyId: row.key_id, wrappedKey: row.wrapped_key, keyringKeyId: row.keyring_key_id };
}

export interface Claim {
  readonly decisionId: DecisionId;
  readonly requestDigest: Buffer;
  /** This request holds the key; false when an earlier one does. */
  readonly mine: boolean;
}

/**
 * Claims an idempotency key for a decision. A claim that led to no entry within `staleMs` is handed
 * on together with its decision id: the unique chain (decision_id, previous) then lets only one of
 * the two requests write the first intent, so the key still makes one call at most.
 */
export async function claimIdempotencyKey(
  store: Store,
  claim: {
    tenant: string;
    caller: string;
    keyMac: Buffer;
    requestDigest: Buffer;
    decisionId: DecisionId;
    staleMs: number;
  },
): Promise<Claim> {
  const rows = await store.query<{ decision_id: DecisionId; request_digest: Buffer; mine: boolean }>({
    name: 'claim_idempotency_key',
    text: `WITH claimed AS (
             INSERT INTO idempotency_keys (tenant, caller, key_mac, request_digest, decision_id, cell, claimed_at)
             VALUES ($1, $2, $3, $4, $5, $6, clock_timestamp())
             ON CONFLICT (tenant, caller, key_mac) DO UPDATE SET claimed_at = clock_timestamp()
              WHERE idempotency_keys.claimed_at < clock_timestamp() - $7 * interval '1 millisecond'
                AND idempotency_keys.request_digest = excluded.request_digest
                AND NOT EXISTS (SELECT 1 FROM entries e WHERE e.decision_id = idempotency_keys.decision_id)
             RETURNING decision_id, request_digest, true AS mine)
           SELECT * FROM claimed
           UNION ALL
           SELECT decision_id, request_digest, false FROM idempotency_keys
            WHERE tenant = $1 AND caller = $2 AND key_mac = $3 AND NOT EXISTS (SELECT 1 FROM claimed)`,
    values: [
      claim.tenant,
      claim.caller,
      claim.keyMac,
      claim.requestDigest,
      claim.decisionId,
      store.cell,
      claim.staleMs,
    ],
  });
  const row = rows[0];
  // The other request's row may be too new for this statement's snapshot: it is certainly in work.
  if (!row) return { decisionId: claim.decisionId, requestDigest: claim.requestDigest, mine: false };
  return { decisionId: row.decision_id, requestDigest: row.request_digest, mine: row.mine };
}

/** An entry as its row says it, nothing interpreted. */
export interface RawEntry {
  readonly entryId: string;
  readonly decisionId: string;
  readonly callId: string | null;
  readonly type: string;
  readonly tenant: string;
  readonly cell: string;
  readonly decisionType: string | null;
  readonly headerBytes: Buffer;
  readonly headerDigest: Buffer;
  readonly previous: Buffer | null;
  readonly keyId: string | null;
  readonly payload: Buffer | null;
  readonly about: string | null;
}
