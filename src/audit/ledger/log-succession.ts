import type { DecisionId } from '../../decision/ids.ts';
import type { Query } from '../../storage/connections.ts';
import { mintId } from '../mint.ts';
import { recordSystemEntry } from '../system-entry.ts';
import { signCheckpoint } from './checkpoint.ts';
import { emptyRoot } from './merkle.ts';
import { halfYearAt } from './period.ts';
import { type LedgerHead, type Position, beforeEverything, openHead } from './repository.ts';
import { type LedgerDesk, originOf } from './settings.ts';

/** Begins the first log of a cell, or of a store that has none. */
export function openFirst(desk: LedgerDesk, query: Query): Promise<void> {
  return open(desk, query, { period: halfYearAt(desk.nowMs()), upto: beforeEverything });
}

/** What the entry about a new log says of the one before. */
export interface Succession {
  readonly action: 'ledger-period' | 'ledger-begin-anew';
  /** Entries that were published and that the store has not; always 0 when nothing went wrong. */
  readonly lost: number;
  readonly published: { readonly root: string; readonly size: number } | null;
  readonly reason: string;
  /** The root and size at which the store leaves the log before. */
  readonly root: string | null;
}

/**
 * Begins the next log where the one before ends. The entry that names the one before is committed first, so
 * it is among the first leaves of the new one; a crash in between leaves an entry that says too much, never
 * a log that nobody announced.
 */
export async function succeed(
  desk: LedgerDesk,
  query: Query,
  before: LedgerHead,
  next: { period: string; succession: Succession },
): Promise<void> {
  const { action, lost, published, reason, root } = next.succession;
  await recordSystemEntry(desk.store, {
    id: mintId<DecisionId>(),
    type: 'configuration',
    decisionType: null,
    release: null,
    facts: {
      action,
      kind: 'configuration',
      lost,
      origin: originOf(desk, next.period),
      previousOrigin: originOf(desk, before.period),
      published,
      reason,
      root,
      size: before.size,
    },
    companions: [],
    nowMs: desk.nowMs,
  });
  await open(desk, query, { period: next.period, upto: before.upto });
}

function open(desk: LedgerDesk, query: Query, log: { period: string; upto: Position }): Promise<void> {
  const note = signCheckpoint(desk.signer, { origin: originOf(desk, log.period), size: 0, root: emptyRoot });
  return openHead(query, {
    ...log,
    cell: desk.cell,
    root: emptyRoot,
    note,
    signedAt: new Date(desk.nowMs()),
  });
}
