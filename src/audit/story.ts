import type { EntryHeader } from '../decision/entry.ts';
import type { DecisionId, Digest } from '../decision/ids.ts';
import { canonicalJson, digestOf } from '../decision/canonical.ts';
import type { Store } from '../storage/store.ts';
import type { KeyStore } from './key-store.ts';
import { PayloadError, openPayload } from './payload.ts';
import { type StoredEntry, findEntries } from './repository.ts';

/** One entry as an auditor reads it. */
export interface ToldEntry {
  readonly header: EntryHeader;
  readonly headerDigest: Digest;
  readonly recordedAt: string;
  /** The opened payload; null when there is none or it cannot be opened, and `problem` says why. */
  readonly payload: unknown;
  readonly problem: string | null;
}

/** The whole story of a decision, in the order of its chain. */
export interface DecisionStory {
  readonly decisionId: DecisionId;
  readonly tenant: string;
  readonly entries: readonly ToldEntry[];
  /** True when every digest, link and payload commitment holds. */
  readonly intact: boolean;
}

/** Null when the store has no entry of this decision. */
export async function tellStory(
  store: Store,
  keys: KeyStore,
  decisionId: DecisionId,
): Promise<DecisionStory | null> {
  const stored = await findEntries(store, decisionId);
  const first = stored[0];
  if (!first) return null;
  const entries = await Promise.all(stored.map((entry, i) => tell(entry, stored[i - 1] ?? null, keys)));
  return {
    decisionId,
    tenant: first.header.tenant,
    entries,
    intact: entries.every((entry) => entry.problem === null),
  };
}

async function tell(entry: StoredEntry, before: StoredEntry | null, keys: KeyStore): Promise<ToldEntry> {
  const opened = await open(entry, keys);
  return {
    header: entry.header,
    headerDigest: `sha256:${entry.headerDigest.toString('hex')}` as Digest,
    recordedAt: entry.recordedAt.toISOString(),
    payload: opened.payload,
    problem: headerProblem(entry, before) ?? opened.problem,
  };
}

function headerProblem(entry: StoredEntry, before: StoredEntry | null): string | null {
  const { header, headerBytes, headerDigest } = entry;
  const stored = `sha256:${headerDigest.toString('hex')}`;
  if (digestOf(headerBytes) !== stored) return 'the header does not match its digest';
  if (canonicalJson(header) !== headerBytes.toString('utf8')) return 'the header is not in canonical form';
  const expected = before === null ? null : `sha256:${before.headerDigest.toString('hex')}`;
  return header.previous === expected ? null : 'the entry does not follow the one before it';
}

async function open(
  entry: StoredEntry,
  keys: KeyStore,
): Promise<{ payload: unknown; problem: string | null }> {
  const seal = entry.header.payload;
  if (seal === null) {
    return {
      payload: null,
      problem: entry.payload === null ? null : 'there is a payload that the header does not know',
    };
  }
  if (entry.payload === null) return { payload: null, problem: 'the payload is missing' };
  try {
    const key = await keys.keyOf(entry.header.tenant, seal.keyId);
    if (key === null) return { payload: null, problem: 'the key is missing' };
    const plaintext = openPayload(entry.payload, seal, key, entry.header.entryId);
    return { payload: JSON.parse(plaintext.toString('utf8')), problem: null };
  } catch (error) {
    if (error instanceof PayloadError || error instanceof Error)
      return { payload: null, problem: error.message };
    throw error;
  }
}
