import type { EntryHeader } from '../decision/entry.ts';
import type { DecisionId, Digest } from '../decision/ids.ts';
import { canonicalJson, digestOf } from '../decision/canonical.ts';
import { StoreUnavailableError } from '../storage/errors.ts';
import type { Store } from '../storage/store.ts';
import type { KeyStore } from './key-store.ts';
import { openPayload } from './payload.ts';
import { type StoredEntry, findEntries } from './repository.ts';
import { keyWasDestroyed, payloadsHaveExpired } from './retention/absence.ts';

/** One entry as an auditor reads it. */
export interface ToldEntry {
  readonly header: EntryHeader;
  readonly headerDigest: Digest;
  /** The opened payload; null when there is none or it cannot be opened, and `state` and `problem` say why. */
  readonly payload: unknown;
  readonly state: PayloadState;
  readonly problem: string | null;
}

/** `erased` and `expired`: an entry ordered that it goes, which is no problem. `bare`: there never was one. */
export type PayloadState = 'opened' | 'bare' | 'erased' | 'expired' | 'unreadable';

/** The whole story of a decision, in the order of its chain. */
export interface DecisionStory {
  readonly decisionId: DecisionId;
  readonly tenant: string;
  readonly entries: readonly ToldEntry[];
  /** `archive` when the month has left the store; its entries were checked against what was sealed. */
  readonly source: 'store' | 'archive';
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
  const entries = await Promise.all(
    stored.map((entry, i) => tell(store, entry, stored[i - 1] ?? null, keys)),
  );
  return {
    decisionId,
    tenant: first.header.tenant,
    entries,
    source: stored.some((entry) => entry.archived) ? 'archive' : 'store',
    intact: entries.every((entry) => entry.problem === null),
  };
}

async function tell(
  store: Store,
  entry: StoredEntry,
  before: StoredEntry | null,
  keys: KeyStore,
): Promise<ToldEntry> {
  const opened = await open(store, entry, keys);
  return {
    header: entry.header,
    headerDigest: `sha256:${entry.headerDigest.toString('hex')}` as Digest,
    payload: opened.payload,
    state: opened.state,
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

interface Opened {
  readonly payload: unknown;
  readonly state: PayloadState;
  readonly problem: string | null;
}

async function open(store: Store, entry: StoredEntry, keys: KeyStore): Promise<Opened> {
  const { header } = entry;
  const seal = header.payload;
  if (seal === null) {
    const problem = entry.payload === null ? null : 'there is a payload that the header does not know';
    return { payload: null, state: problem === null ? 'bare' : 'unreadable', problem };
  }
  if (entry.payload === null) {
    return (await payloadsHaveExpired(store, header.decisionId))
      ? gone('expired')
      : unreadable('the payload is missing');
  }
  // The archive cannot forget a payload: what has expired is not opened any more.
  if (entry.archived && (await payloadsHaveExpired(store, header.decisionId))) return gone('expired');
  try {
    const key = await keys.keyOf(header.tenant, seal.keyId);
    if (key === null) {
      if (digestOf(entry.payload) !== seal.ciphertextDigest) return unreadable('the ciphertext was altered');
      return (await keyWasDestroyed(store, seal.keyId)) ? gone('erased') : unreadable('the key is missing');
    }
    const plaintext = openPayload(entry.payload, seal, key, header);
    return { payload: JSON.parse(plaintext.toString('utf8')), state: 'opened', problem: null };
  } catch (error) {
    if (error instanceof StoreUnavailableError) throw error;
    if (error instanceof Error) return unreadable(error.message);
    throw error;
  }
}

function gone(state: 'erased' | 'expired'): Opened {
  return { payload: null, state, problem: null };
}

function unreadable(problem: string): Opened {
  return { payload: null, state: 'unreadable', problem };
}
