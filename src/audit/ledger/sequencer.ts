import { setTimeout as sleep } from 'node:timers/promises';
import type { LeaderTerm } from '../../storage/leadership.ts';
import { signCheckpoint } from './checkpoint.ts';
import { type Inspection, inspect } from './inspection.ts';
import { bundleOf, leafBytes } from './leaf.ts';
import { openFirst, succeed } from './log-succession.ts';
import { leafHashes } from './merkle.ts';
import { halfYearAt, isOver } from './period.ts';
import { Publisher } from './publisher.ts';
import {
  type LedgerHead,
  type StoredCheckpoint,
  batchMax,
  findHeads,
  readBatch,
  saveCheckpoint,
} from './repository.ts';
import { type LedgerDesk, type LedgerObserver, originOf } from './settings.ts';
import { bundleLevel, tileWidth } from './tile.ts';
import type { TreeEdge } from './tree-edge.ts';
import { WitnessClient } from './witness-client.ts';

/** How often a ledger that nobody may sign is looked at again. */
const recheckMs = 60_000;

/** A log that one leader grows: all of it can be read again from the store. */
interface Log {
  head: LedgerHead;
  readonly edge: TreeEdge;
  readonly newest: StoredCheckpoint;
}

/**
 * The work of a cell's leader: gives every committed entry its place in the ledger, and signs. It begins with
 * a look at what was signed before, and signs nothing as long as that does not agree.
 */
export async function sequence(desk: LedgerDesk, term: LeaderTerm, observer: LedgerObserver): Promise<void> {
  observer.leading(true);
  try {
    while (!term.signal.aborted) {
      const begun = await begin(desk, term);
      observer.refused(begun.kind === 'inconsistent' ? begun.sentence : null);
      if (begun.kind === 'inconsistent') await pause(recheckMs, term.signal);
      else await grow(desk, term, { log: begun, observer });
    }
  } finally {
    observer.leading(false);
  }
}

/** Inspects the newest log, and goes on to the next when its half-year is over. */
async function begin(
  desk: LedgerDesk,
  { query }: LeaderTerm,
): Promise<Extract<Inspection, { kind: 'inconsistent' }> | (Log & { kind: 'consistent' })> {
  const newestHead = async () => (await findHeads(query, 1))[0];
  if (!(await newestHead())) await openFirst(desk, query);
  for (;;) {
    const head = await newestHead();
    if (!head) throw new Error('the head of the ledger was opened and is not there');
    const found = await inspect(desk, query, head.period);
    if (found.kind === 'inconsistent') return found;
    if (!isOver(head.period, desk.nowMs())) return found;
    const root = found.newest.root.toString('base64');
    const succession = {
      action: 'ledger-period',
      lost: 0,
      published: null,
      reason: 'half-year',
      root,
    } as const;
    await succeed(desk, query, found.head, { period: halfYearAt(desk.nowMs()), succession });
  }
}

/** Rounds of one log, until the term ends, the half-year is over, or the files contradict it. */
async function grow(
  desk: LedgerDesk,
  term: LeaderTerm,
  { log, observer }: { log: Log; observer: LedgerObserver },
): Promise<void> {
  const { period } = log.head;
  const publisher = new Publisher(desk, period, (fault) => observer.published(fault));
  const witnesses = new WitnessClient(desk, observer, (cosigned) => {
    if (cosigned.period === period && cosigned.size === log.head.size) publisher.offer(cosigned.size);
  });
  const offer = () => {
    publisher.offer(log.head.size);
    witnesses.offer();
  };
  observer.signed({ period, size: log.newest.size, signedAtMs: log.newest.signedAt.getTime() });
  offer();
  try {
    for (let last = false; !last; ) {
      // What was committed before the end was asked for gets its leaf, too.
      last = term.signal.aborted || isOver(period, desk.nowMs()) || publisher.problem !== null;
      const startedMs = performance.now();
      for (let taken = batchMax; publisher.problem === null && taken === batchMax; ) {
        taken = await step(desk, term, log);
        if (taken === 0) break;
        observer.signed({ period, size: log.head.size, signedAtMs: desk.nowMs() });
        offer();
      }
      if (publisher.problem === null) observer.caughtUp();
      witnesses.tick();
      publisher.retry(log.head.size);
      if (!last) await pause(desk.settings.checkpointPeriodMs - (performance.now() - startedMs), term.signal);
    }
  } finally {
    await witnesses.stop();
    await publisher.idle();
  }
}

/** Takes one batch of entries into the ledger, under one checkpoint; returns how many there were. */
async function step(desk: LedgerDesk, { query }: LeaderTerm, log: Log): Promise<number> {
  const { head, edge } = log;
  const batch = await readBatch(query, head.upto);
  if (batch === null) return 0;
  const leaves = Buffer.concat([head.edge, batch.leaves]);
  const full = Math.floor(leaves.length / leafBytes / tileWidth);
  const firstBundle = Math.floor(head.size / tileWidth);
  const bundles = Array.from({ length: full }, (_, i) => ({
    level: bundleLevel,
    index: firstBundle + i,
    bytes: bundleOf(leaves.subarray(i * tileWidth * leafBytes, (i + 1) * tileWidth * leafBytes)),
  }));
  const tiles = edge.append(leafHashes(batch.leaves, leafBytes));
  const next = {
    period: head.period,
    size: edge.size,
    edge: Buffer.from(leaves.subarray(full * tileWidth * leafBytes)),
    upto: batch.upto,
  };
  const root = edge.root();
  const note = signCheckpoint(desk.signer, { origin: originOf(desk, head.period), size: next.size, root });
  const signedAt = new Date(desk.nowMs());
  await saveCheckpoint(query, {
    ...next,
    firstIndex: head.size,
    root,
    note,
    signedAt,
    commits: batch.commits,
    tiles: [...bundles, ...tiles],
  });
  log.head = next;
  return batch.leaves.length / leafBytes;
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await sleep(Math.max(1, ms), undefined, { signal, ref: false }).catch((error: Error) => {
    if (error.name !== 'AbortError') throw error;
  });
}
