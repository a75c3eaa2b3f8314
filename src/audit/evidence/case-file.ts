import { canonicalJson, digestOf } from '../../decision/canonical.ts';
import type { EntryHeader } from '../../decision/entry.ts';
import type { DecisionId, Digest } from '../../decision/ids.ts';
import type { Store } from '../../storage/store.ts';
import type { KeyStore } from '../key-store.ts';
import { PayloadError, openPayload } from '../payload.ts';
import { RecordAlteredError, type StoredEntry, findEntries } from '../repository.ts';
import { keyWasDestroyed, payloadsHaveExpired } from '../retention/absence.ts';
import { findDestruction } from '../retention/repository.ts';
import { entryKeyOf } from '../subject-key.ts';
import { type AboutRow, findEntriesAbout } from './repository.ts';

/** One entry with everything that may be disclosed of it. */
export interface FiledEntry {
  readonly header: EntryHeader;
  readonly headerBytes: Buffer;
  readonly headerDigest: Digest;
  /** Of the decision's own chain, or an entry of its own about the decision. */
  readonly relation: 'decision' | 'about';
  readonly ciphertext: Buffer | null;
  /** The exact plaintext; in a redacted file, the JSON that stands in for it. */
  readonly plaintext: Buffer | null;
  readonly opening: { readonly entryKey: Buffer; readonly entrySalt: Buffer } | null;
  /** Why plaintext or opening are not there, or not whole, and what cannot be checked for it. */
  readonly withheld: string | null;
}

/** A decision's chain, then the entries about it from first to last. */
export interface CaseFile {
  readonly decisionId: DecisionId;
  readonly tenant: string;
  readonly cell: string;
  readonly entries: readonly FiledEntry[];
  /** What was left out altogether, a sentence each. */
  readonly omitted: readonly string[];
}

/** A decision that is read every day for years must still fit into one document. */
const aboutMax = 500;

const reasons = {
  erased:
    'The key of this payload was destroyed by an erasure: nobody can read it any more. The ciphertext still matches its digest in the header.',
  expired:
    'The retention time of this payload is over, and it was deleted. The header still says that it was there.',
  schema1:
    'Recorded in schema 1, whose entries share one key: it cannot be disclosed for one entry, so an outsider cannot check the plaintext against the commitment in the header.',
} as const;

/**
 * Reads and checks everything that is recorded of a decision. Null when the store has no such decision.
 * @throws RecordAlteredError when an entry no longer is what was committed: nothing is exported then
 */
export async function openCaseFile(
  store: Store,
  keys: KeyStore,
  decisionId: DecisionId,
): Promise<CaseFile | null> {
  const stored = await findEntries(store, decisionId);
  const first = stored[0];
  if (!first) return null;
  const chain = await Promise.all(
    stored.map(async (entry, i) => {
      checkHeader(entry, stored[i - 1] ?? null);
      return fileEntry(store, entry, keys);
    }),
  );
  const rows = await findEntriesAbout(store, decisionId, aboutMax + 1);
  const about = new Map(
    rows.slice(0, aboutMax).map((row) => [row.header_digest.toString('hex'), fileAbout(row)]),
  );
  for (const entry of await destructionOf(store, chain))
    about.set(entry.headerDigest.slice('sha256:'.length), entry);
  const crowded = `There are more than ${aboutMax} entries about this decision; the oldest readings are left out.`;
  return {
    decisionId,
    tenant: first.header.tenant,
    cell: store.cell,
    entries: [...chain, ...[...about.values()].toSorted(byTime)],
    omitted: rows.length > aboutMax ? [crowded] : [],
  };
}

function byTime(one: FiledEntry, other: FiledEntry): number {
  return one.header.entryId < other.header.entryId ? -1 : 1;
}

function fileAbout(row: Pick<AboutRow, 'header' | 'header_digest'>): FiledEntry {
  const header = JSON.parse(row.header.toString('utf8')) as EntryHeader;
  checkBytes({ header, headerBytes: row.header, headerDigest: row.header_digest });
  return headerOnly(header, row.header, row.header_digest, 'about');
}

/** An erasure of the whole subject names the key, not this decision: its entries say why a payload is gone. */
async function destructionOf(store: Store, chain: readonly FiledEntry[]): Promise<FiledEntry[]> {
  const keyIds = new Set(chain.flatMap(({ header }) => header.payload?.keyId ?? []));
  const orders = (await Promise.all([...keyIds].map((keyId) => findDestruction(store, keyId)))).flat();
  const records = [...new Set(orders.map((header) => header.decisionId))];
  const entries = await Promise.all(records.map((record) => findEntries(store, record)));
  return entries
    .flat()
    .map(({ headerBytes, headerDigest }) => fileAbout({ header: headerBytes, header_digest: headerDigest }));
}

async function fileEntry(store: Store, entry: StoredEntry, keys: KeyStore): Promise<FiledEntry> {
  const { header, payload } = entry;
  const filed = headerOnly(header, entry.headerBytes, entry.headerDigest, 'decision');
  if (header.payload === null) {
    if (payload !== null) throw altered(header, 'there is a payload that the header does not know');
    return filed;
  }
  if (payload === null) {
    if (!(await payloadsHaveExpired(store, header.decisionId)))
      throw altered(header, 'the payload is missing');
    return { ...filed, withheld: reasons.expired };
  }
  if (digestOf(payload) !== header.payload.ciphertextDigest)
    throw altered(header, 'the ciphertext was altered');
  const key = await keys.keyOf(header.tenant, header.payload.keyId);
  if (key === null) {
    if (!(await keyWasDestroyed(store, header.payload.keyId))) throw altered(header, 'the key is missing');
    return { ...filed, ciphertext: payload, withheld: reasons.erased };
  }
  const { opening } = entryKeyOf(key, header.entryId, header.schema);
  const withheld = opening === null ? reasons.schema1 : null;
  try {
    const plaintext = openPayload(payload, header.payload, key, header);
    return { ...filed, ciphertext: payload, plaintext, opening, withheld };
  } catch (cause) {
    if (cause instanceof PayloadError) throw altered(header, cause.message, cause);
    throw cause;
  }
}

function headerOnly(
  header: EntryHeader,
  headerBytes: Buffer,
  digest: Buffer,
  relation: FiledEntry['relation'],
): FiledEntry {
  const headerDigest = `sha256:${digest.toString('hex')}` as Digest;
  return {
    header,
    headerBytes,
    headerDigest,
    relation,
    ciphertext: null,
    plaintext: null,
    opening: null,
    withheld: null,
  };
}

function checkHeader(entry: StoredEntry, before: StoredEntry | null): void {
  checkBytes(entry);
  const expected = before === null ? null : `sha256:${before.headerDigest.toString('hex')}`;
  if (entry.header.previous !== expected) {
    throw altered(entry.header, 'the entry does not follow the one before it');
  }
}

function checkBytes(entry: Pick<StoredEntry, 'header' | 'headerBytes' | 'headerDigest'>): void {
  const { header, headerBytes, headerDigest } = entry;
  if (digestOf(headerBytes) !== `sha256:${headerDigest.toString('hex')}`) {
    throw altered(header, 'the header does not match its digest');
  }
  if (canonicalJson(header) !== headerBytes.toString('utf8')) {
    throw altered(header, 'the header is not in canonical form');
  }
}

function altered(header: EntryHeader, what: string, cause?: unknown): RecordAlteredError {
  return new RecordAlteredError(`entry ${header.entryId} of decision ${header.decisionId}: ${what}`, {
    cause,
  });
}
