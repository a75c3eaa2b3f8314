import type { Checkpoint } from './checkpoint.ts';
import { inspect, readPublished } from './inspection.ts';
import { succeed } from './log-succession.ts';
import { nextInHalfYear } from './period.ts';
import { findHead, findHeads, newestCheckpoint } from './repository.ts';
import { type LedgerDesk, originOf } from './settings.ts';

/** Why a log was begun anew; a code, for the record. */
export const anewReasons = ['restored-backup', 'failover', 'altered-store', 'lost-key', 'drill'] as const;
export type AnewReason = (typeof anewReasons)[number];

export type AnewResult =
  | {
      readonly kind: 'begun';
      readonly origin: string;
      readonly previousOrigin: string;
      /** Published entries that the store has not. */
      readonly lost: number;
    }
  | { readonly kind: 'refused'; readonly sentence: string };

/**
 * The way on when the store's ledger and what was published disagree: the old log stays closed as it stands,
 * and the next begins behind what the store has of it. Its first entries say what was published and what is
 * lost; nothing is repaired, because nobody could tell a repair from a forgery.
 */
export async function beginAnew(desk: LedgerDesk, reason: AnewReason): Promise<AnewResult> {
  const { query } = desk.store;
  const [head] = await findHeads(query, 1);
  const refuse = (sentence: string): AnewResult => ({ kind: 'refused', sentence });
  if (!head) return refuse(`The cell ${desk.cell} has no ledger yet; a gateway opens it when it starts.`);
  const found = await inspect(desk, query, head.period);
  const previousOrigin = originOf(desk, head.period);
  if (found.kind === 'consistent') {
    return refuse(`${previousOrigin} agrees with what was published: there is no reason to leave it.`);
  }
  if (!found.canBeginAnew) return refuse(found.sentence);
  const period = await freePeriod(desk, head.period);
  const newest = await newestCheckpoint(query, head.period);
  const lost = Math.max(0, (found.published?.size ?? 0) - head.size);
  await succeed(desk, query, head, {
    period,
    succession: {
      action: 'ledger-begin-anew',
      lost,
      published: found.published && rootAndSize(found.published),
      reason,
      root: newest?.root.toString('base64') ?? null,
    },
  });
  return { kind: 'begun', origin: originOf(desk, period), previousOrigin, lost };
}

/** A period that neither the store nor the files know: two logs must never share a name. */
async function freePeriod(desk: LedgerDesk, after: string): Promise<string> {
  let period = nextInHalfYear(after);
  while ((await findHead(desk.store.query, period)) || (await readPublished(desk, period)) !== null) {
    period = nextInHalfYear(period);
  }
  return period;
}

function rootAndSize({ root, size }: Checkpoint) {
  return { root: root.toString('base64'), size };
}
