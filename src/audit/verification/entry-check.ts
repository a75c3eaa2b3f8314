import { LRUCache } from 'lru-cache';
import { canonicalJson, digestOf, sha256 } from '../../decision/canonical.ts';
import type { EntryHeader } from '../../decision/entry.ts';
import { StoreUnavailableError } from '../../storage/errors.ts';
import { KeyringError } from '../../storage/keyring/keyring.ts';
import type { Store } from '../../storage/store.ts';
import type { KeyStore } from '../key-store.ts';
import { PayloadError, openPayload } from '../payload.ts';
import type { RawEntry } from '../repository.ts';
import { keyWasDestroyed, payloadsHaveExpired } from '../retention/absence.ts';
import type { SubjectKey } from '../subject-key.ts';
import type { Problem } from './problem.ts';

type Fault = Pick<Problem, 'kind' | 'problem'>;

const cachedKeys = 50_000;

/** Recomputes one entry by itself: digest, canonical form, columns against the header, payload against its seal. */
export class EntryCheck {
  readonly #store: Store;
  readonly #keys: KeyStore;
  /** A subject's key opens many entries, and unwrapping it may ask a service. */
  readonly #unwrapped = new LRUCache<string, SubjectKey>({ max: cachedKeys });

  constructor(store: Store, keys: KeyStore) {
    this.#store = store;
    this.#keys = keys;
  }

  /** @returns null when the entry is as it was committed */
  async problem(entry: RawEntry): Promise<Fault | null> {
    if (!sha256(entry.headerBytes).equals(entry.headerDigest))
      return altered('the header does not match its digest');
    const header = parseHeader(entry.headerBytes);
    if (header === null) return altered('the header is not canonical JSON');
    return columnFault(entry, header) ?? (await this.#payloadFault(entry, header));
  }

  async #payloadFault(entry: RawEntry, header: EntryHeader): Promise<Fault | null> {
    const seal = header.payload;
    if (seal === null)
      return entry.payload === null ? null : altered('there is a payload that the header does not know');
    if (entry.payload === null) {
      const expired = await payloadsHaveExpired(this.#store, header.decisionId);
      return expired ? null : { kind: 'missing', problem: 'the payload is missing' };
    }
    if (digestOf(entry.payload) !== seal.ciphertextDigest) return altered('the ciphertext was altered');
    try {
      const key = await this.#keyOf(header.tenant, seal.keyId);
      if (key !== null) openPayload(entry.payload, seal, key, header);
      else if (!(await keyWasDestroyed(this.#store, seal.keyId)))
        return { kind: 'missing', problem: 'the key is missing, and no erasure ordered it' };
      return null;
    } catch (error) {
      if (error instanceof StoreUnavailableError) throw error;
      // Its ciphertext is the one committed to: what does not fit is the key.
      if (error instanceof PayloadError) return { kind: 're-keyed', problem: error.message };
      if (error instanceof KeyringError)
        return { kind: 're-keyed', problem: `the key does not unwrap: ${error.message}` };
      throw error;
    }
  }

  async #keyOf(tenant: string, keyId: string): Promise<SubjectKey | null> {
    const known = this.#unwrapped.get(`${tenant}/${keyId}`);
    if (known) return known;
    const key = await this.#keys.keyOf(tenant, keyId);
    if (key !== null) this.#unwrapped.set(`${tenant}/${keyId}`, key);
    return key;
  }
}

function parseHeader(bytes: Buffer): EntryHeader | null {
  const text = bytes.toString('utf8');
  try {
    const header = JSON.parse(text) as EntryHeader;
    return canonicalJson(header) === text ? header : null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

function columnFault(entry: RawEntry, header: EntryHeader): Fault | null {
  const previous = entry.previous === null ? null : `sha256:${entry.previous.toString('hex')}`;
  const pairs: readonly (readonly [string, unknown, unknown])[] = [
    ['entry_id', entry.entryId, header.entryId],
    ['decision_id', entry.decisionId, header.decisionId],
    ['about', entry.about, header.about ?? null],
    ['call_id', entry.callId, header.callId],
    ['type', entry.type, header.type],
    ['tenant', entry.tenant, header.tenant],
    ['cell', entry.cell, header.cell],
    ['decision_type', entry.decisionType, header.decisionType],
    ['previous', previous, header.previous],
  ];
  const wrong = pairs.find(([, column, field]) => column !== field);
  if (wrong) return altered(`the column ${wrong[0]} does not match the header`);
  const keyId = header.payload?.keyId ?? null;
  return entry.keyId === keyId
    ? null
    : { kind: 're-keyed', problem: 'the column key_id does not match the header' };
}

function altered(problem: string): Fault {
  return { kind: 'altered', problem };
}
