import type { DecisionId } from '../../decision/ids.ts';
import type { Store } from '../../storage/store.ts';
import { mintId } from '../mint.ts';
import { recordSystemEntry } from '../system-entry.ts';
import { holdsOn } from './hold.ts';
import { type Keeping, findKeepings } from './keeping.ts';
import { type Due, dequeue, enqueue, findCursor, findDue, findRipe, moveCursor } from './queue.ts';
import { destroySubjectKey, expirePayloads, findKeyOwner, hasPayloads } from './repository.ts';
import { hasPassed } from './term.ts';

/** A decision whose time is over. */
export interface Expired {
  readonly decisionId: DecisionId;
  readonly payloads: number;
  /** RFC 3339: until when it had to be kept. */
  readonly keptUntil: string;
  readonly classes: readonly string[];
}

export interface ExpiryResult {
  /** Decisions that were looked at. */
  readonly looked: number;
  readonly expired: readonly Expired[];
  /** Decisions past their terms that a legal hold keeps. */
  readonly held: readonly DecisionId[];
}

export interface ExpiryOptions {
  readonly nowMs: () => number;
  /** Only says what would expire; changes nothing. */
  readonly dryRun: boolean;
  readonly signal?: AbortSignal;
}

const batch = 100;
/** How soon a decision is looked at again that only an event can free. */
const lookAgainMs = 30 * 24 * 60 * 60 * 1000;

/**
 * Deletes the payloads of every decision whose terms are all over and that no hold keeps; each deletion
 * follows an entry that says so, and the store itself checks holds and that nothing came in between.
 * Reads each decision once when it is old enough for the shortest term, and then when it falls due.
 */
export async function expireDue(store: Store, options: ExpiryOptions): Promise<ExpiryResult> {
  const result = { looked: 0, expired: [] as Expired[], held: [] as DecisionId[] };
  const nowMs = options.nowMs();
  let cursor = await findCursor(store);
  for (;;) {
    const ripe = await findRipe(store, cursor, nowMs, batch);
    await treat(store, options, ripe, result);
    const last = ripe.at(-1);
    if (last === undefined || options.signal?.aborted) break;
    cursor = last;
    if (!options.dryRun) await moveCursor(store, cursor);
  }
  let after: Due | null = null;
  for (;;) {
    const due: Due[] = await findDue(store, nowMs, after, batch);
    await treat(
      store,
      options,
      due.map((item) => item.decisionId),
      result,
    );
    after = due.at(-1) ?? null;
    if (after === null || options.signal?.aborted) return result;
  }
}

async function treat(
  store: Store,
  options: ExpiryOptions,
  decisions: readonly DecisionId[],
  result: { looked: number; expired: Expired[]; held: DecisionId[] },
): Promise<void> {
  for (const keeping of await findKeepings(store, decisions)) {
    if (options.signal?.aborted) return;
    result.looked += 1;
    const done = await expire(store, keeping, options);
    if (done === 'held') result.held.push(keeping.decisionId);
    else if (done !== null) result.expired.push(done);
  }
}

/** @returns null when it is kept, or was empty already */
async function expire(
  store: Store,
  keeping: Keeping,
  { nowMs, dryRun }: ExpiryOptions,
): Promise<Expired | 'held' | null> {
  const { decisionId, until } = keeping;
  const later = (dueMs: number) => (dryRun ? Promise.resolve() : enqueue(store, decisionId, dueMs));
  if (until.kind === 'open' || !hasPassed(until, nowMs())) {
    await later(until.kind === 'open' ? nowMs() + lookAgainMs : until.atMs);
    return null;
  }
  const owner = keeping.keyId === null ? null : await findKeyOwner(store, keeping.keyId);
  const subjectMac = owner?.subjectMac ?? null;
  const holds = await holdsOn(store, { tenant: keeping.tenant, decisions: [decisionId], subjectMac });
  if (holds.length > 0) {
    await later(nowMs() + lookAgainMs);
    return 'held';
  }
  const keptUntil = new Date(until.atMs).toISOString();
  const classes = [...new Set(until.terms.map((term) => term.class))].sort();
  const expired = { decisionId, payloads: keeping.payloads, keptUntil, classes };
  if (dryRun) return keeping.payloads > 0 ? expired : null;
  return (await carryOut(store, keeping, expired, nowMs)) && keeping.payloads > 0 ? expired : null;
}

/** @returns false when something came in between; it is looked at again at once */
async function carryOut(
  store: Store,
  keeping: Keeping,
  { decisionId, keptUntil, classes }: Expired,
  nowMs: () => number,
): Promise<boolean> {
  const { tenant, keyId } = keeping;
  // Entered before anything is done: after a crash the next round goes on here.
  await enqueue(store, decisionId, nowMs());
  const order = keeping.expiredBy ?? mintId<DecisionId>();
  if (keeping.expiredBy === null) {
    await recordSystemEntry(store, {
      id: order,
      about: { decisionId, tenant },
      type: 'retention',
      decisionType: null,
      release: null,
      facts: {
        action: 'expired',
        classes,
        entries: keeping.entries,
        keptUntil,
        keyId,
        kind: 'retention',
        payloads: keeping.payloads,
        retentionEntries: keeping.retentionEntries,
      },
      companions: [],
      nowMs,
    });
  }
  if ((await expirePayloads(store, decisionId, order)) !== 'expired') return false;
  if (keyId !== null && !(await hasPayloads(store, keyId))) {
    // A key that seals nothing any more goes too, for the sake of what backups and archives still hold.
    const result = await destroySubjectKey(store, keyId, order);
    if (result === 'busy' || result === 'held') return false;
  }
  await dequeue(store, decisionId);
  return true;
}
