import { InvariantError } from '../decision/errors.ts';
import type { EntryHeader } from '../decision/entry.ts';
import type { Digest } from '../decision/ids.ts';
import type { Store } from '../storage/store.ts';
import type { KeyForDecision, KeyStore } from './key-store.ts';
import { DecisionRecord } from './record.ts';
import type { DecisionStory } from './story.ts';

/** The record of a decision that goes on after an entry found in the store. */
export function recordAfter(
  store: Store,
  last: { header: EntryHeader; digest: Digest },
  key: KeyForDecision | null,
  nowMs: () => number,
): DecisionRecord {
  const {
    decisionId,
    about = null,
    tenant,
    jurisdiction,
    others,
    dataClass,
    decisionType,
    release,
    retention,
  } = last.header;
  const place = { jurisdiction, others, dataClass };
  const subject = { decisionId, about, tenant, ...place, decisionType, release, retention };
  return new DecisionRecord({ store, subject, key, previous: last.digest, nowMs });
}

/**
 * Continues a decision right behind the last entry that was read, with entries that carry payloads
 * under the key its earlier ones have.
 * @throws InvariantError when the decision has no payload yet, or its key was destroyed
 */
export async function continueRecord(
  store: Store,
  keys: KeyStore,
  story: DecisionStory,
  nowMs: () => number,
): Promise<DecisionRecord> {
  const last = story.entries.at(-1);
  const keyId = story.entries.find((entry) => entry.header.payload !== null)?.header.payload?.keyId;
  if (!last || keyId === undefined)
    throw new InvariantError('a decision without a payload was to be continued');
  const key = await keys.keyOf(story.tenant, keyId);
  if (key === null) throw new InvariantError('a decision whose key was destroyed was to be continued');
  return recordAfter(store, { header: last.header, digest: last.headerDigest }, { key, insert: null }, nowMs);
}
