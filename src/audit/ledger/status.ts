import { openCheckpoint } from './checkpoint.ts';
import { inspect, readPublished } from './inspection.ts';
import { verifierKey } from './note.ts';
import { findHeads, newestCheckpoint } from './repository.ts';
import { type LedgerDesk, originOf } from './settings.ts';
import { cosignedSize } from './tile-repository.ts';

/** How a cell's ledger stands. */
export interface LedgerStatus {
  readonly cell: string;
  /** The newest log; null before it was opened. */
  readonly log: {
    readonly origin: string;
    readonly period: string;
    readonly key: string;
    /** Entries under the newest checkpoint. */
    readonly size: number;
    readonly signedAt: string | null;
    /** Entries of the published file; null when there is none, or it is not ours. */
    readonly publishedSize: number | null;
    readonly witnesses: readonly { readonly name: string; readonly cosignedSize: number }[];
    /** Why nothing may be signed; null when store and files agree. */
    readonly problem: string | null;
  } | null;
}

export async function ledgerStatus(desk: LedgerDesk): Promise<LedgerStatus> {
  const { query } = desk.store;
  const [head] = await findHeads(query, 1);
  if (!head) return { cell: desk.cell, log: null };
  const { period } = head;
  const origin = originOf(desk, period);
  const verifier = desk.signer.verifier(origin);
  const found = await inspect(desk, query, head.period);
  // In this order, because a leader may be at work: what is published was signed before.
  const file = await readPublished(desk, period);
  const published = file === null ? null : openCheckpoint(file, verifier);
  const newest = await newestCheckpoint(query, period);
  const witnesses = await Promise.all(
    desk.settings.witnesses.map(async ({ name }) => ({
      name,
      cosignedSize: await cosignedSize(query, period, name),
    })),
  );
  return {
    cell: desk.cell,
    log: {
      origin,
      period,
      key: verifierKey(verifier),
      size: newest?.size ?? 0,
      signedAt: newest?.signedAt.toISOString() ?? null,
      publishedSize: published?.size ?? null,
      witnesses,
      problem: found.kind === 'inconsistent' ? found.sentence : null,
    },
  };
}
