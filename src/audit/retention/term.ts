import type { RetentionTerm } from '../../decision/entry.ts';

/** When each kind of clock started, epoch ms; null where the event has not been reported. */
export interface Clocks {
  /** The last entry of the decision. */
  readonly decision: number;
  readonly 'account-closed': number | null;
  readonly notice: number | null;
}

/** How long something must be kept, and under which terms: those that end last, or those that have no end. */
export type KeepUntil =
  | { readonly kind: 'until'; readonly atMs: number; readonly terms: readonly RetentionTerm[] }
  /** A term keeps for ever, its clock has not started, or nothing says how long to keep. */
  | { readonly kind: 'open'; readonly terms: readonly RetentionTerm[] };

const dayMs = 24 * 60 * 60 * 1000;
/** A calendar day ends last in the zone UTC−12. */
const lastZoneMs = 12 * 60 * 60 * 1000;

/** The longest applicable term wins; one that cannot end yet keeps for now. */
export function keepUntil(terms: readonly RetentionTerm[], clocks: Clocks): KeepUntil {
  const ends = terms.map((term) => ({ term, endMs: endOf(term, clocks) }));
  const open = ends.filter((end) => end.endMs === null);
  if (ends.length === 0 || open.length > 0) return { kind: 'open', terms: open.map((end) => end.term) };
  const atMs = Math.max(...ends.map((end) => end.endMs ?? 0));
  return { kind: 'until', atMs, terms: ends.filter((end) => end.endMs === atMs).map((end) => end.term) };
}

export function hasPassed(until: KeepUntil, nowMs: number): boolean {
  return until.kind === 'until' && nowMs >= until.atMs;
}

/** What must be kept as long as all of these together. */
export function longest(all: readonly KeepUntil[]): KeepUntil {
  const open = all.filter((until) => until.kind === 'open');
  if (open.length > 0 || all.length === 0)
    return { kind: 'open', terms: open.flatMap((until) => until.terms) };
  const ends = all.filter((until) => until.kind === 'until');
  const atMs = Math.max(...ends.map((until) => until.atMs));
  return { kind: 'until', atMs, terms: ends.filter((end) => end.atMs === atMs).flatMap((end) => end.terms) };
}

function endOf(term: RetentionTerm, clocks: Clocks): number | null {
  const startMs = clocks[term.clockStart];
  if (startMs === null || term.months === null) return null;
  // An event from before the decision cannot shorten how long the decision is kept.
  return endOfMonths(Math.max(startMs, clocks.decision), term.months);
}

/**
 * The moment at which the months are over everywhere on earth. A period of months ends with the whole day
 * of the same date, or the last of a shorter month (Regulation (EEC) 1182/71, Art. 3(2)(c)). In no time
 * zone is the event's date later than the next one in UTC, and no day ends later than in UTC−12.
 */
export function endOfMonths(startMs: number, months: number): number {
  const latest = new Date(startMs + dayMs);
  const year = latest.getUTCFullYear();
  const month = latest.getUTCMonth() + months;
  const daysInMonth = new Date(Date.UTC(year, month + 1, 0)).getUTCDate();
  return Date.UTC(year, month, Math.min(latest.getUTCDate(), daysInMonth)) + dayMs + lastZoneMs;
}
