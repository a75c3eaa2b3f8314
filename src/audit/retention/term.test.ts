import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RetentionTerm } from '../../decision/entry.ts';
import { type Clocks, endOfMonths, hasPassed, keepUntil, longest } from './term.ts';

const hourMs = 60 * 60 * 1000;
const dayMs = 24 * hourMs;
const fromMs = Date.UTC(2020, 0, 1);
const toMs = Date.UTC(2060, 0, 1);
const moment = fc.integer({ min: fromMs, max: toMs });
const clockStart = fc.constantFrom('decision', 'account-closed', 'notice');
const term = fc.record({
  class: fc.constantFrom('a', 'b', 'c'),
  clockStart,
  months: fc.option(fc.integer({ min: 1, max: 240 }), { freq: 10 }),
}) as fc.Arbitrary<RetentionTerm>;
const clocks = fc.record({
  decision: moment,
  'account-closed': fc.option(moment),
  notice: fc.option(moment),
}) as fc.Arbitrary<Clocks>;

/**
 * The last moment of the period in one time zone, counted on the calendar's own fields: the day with the
 * same number so many months later, or the last day of that month, to its end.
 */
function endInZone(startMs: number, months: number, offsetHours: number): number {
  const local = new Date(startMs + offsetHours * hourMs);
  let year = local.getUTCFullYear();
  let month = local.getUTCMonth();
  for (let i = 0; i < months; i += 1) {
    month += 1;
    if (month === 12) [year, month] = [year + 1, 0];
  }
  const isLeap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
  const lengths = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
  const day = Math.min(local.getUTCDate(), lengths[month] ?? 0);
  return Date.UTC(year, month, day) + dayMs - offsetHours * hourMs;
}

const zones = Array.from({ length: 27 }, (_, i) => i - 12);

describe('a period of months', () => {
  it('is over nowhere on earth before it ends, and everywhere five days later', () => {
    fc.assert(
      fc.property(moment, fc.integer({ min: 1, max: 240 }), (startMs, months) => {
        const endMs = endOfMonths(startMs, months);
        const ends = zones.map((zone) => endInZone(startMs, months, zone));
        expect(endMs).toBeGreaterThanOrEqual(Math.max(...ends));
        expect(endMs).toBeLessThanOrEqual(Math.max(...ends) + 5 * dayMs);
      }),
      { numRuns: 2000 },
    );
  });

  it('ends with the last day of a shorter month', () => {
    expect(new Date(endOfMonths(Date.UTC(2026, 0, 30, 12), 1)).toISOString()).toBe(
      '2026-03-01T12:00:00.000Z',
    );
    expect(new Date(endOfMonths(Date.UTC(2024, 1, 28, 12), 12)).toISOString()).toBe(
      '2025-03-01T12:00:00.000Z',
    );
  });
});

describe('how long to keep', () => {
  it('is never shorter than any term in any zone asks for, and never ends while one cannot', () => {
    fc.assert(
      fc.property(fc.array(term, { maxLength: 5 }), clocks, moment, (terms, at, nowMs) => {
        const passed = hasPassed(keepUntil(terms, at), nowMs);
        const mustKeep =
          terms.length === 0 ||
          terms.some((one) => {
            const startMs = at[one.clockStart];
            if (startMs === null || one.months === null) return true;
            const { months } = one;
            return zones.some((zone) => nowMs < endInZone(Math.max(startMs, at.decision), months, zone));
          });
        expect(passed && mustKeep).toBe(false);
      }),
      { numRuns: 5000 },
    );
  });

  it('grows with every term and with every later event', () => {
    fc.assert(
      fc.property(
        fc.array(term, { minLength: 1, maxLength: 4 }),
        term,
        clocks,
        moment,
        (terms, more, at, ms) => {
          const before = keepUntil(terms, at);
          const withMore = keepUntil([...terms, more], at);
          if (before.kind === 'open') expect(withMore.kind).toBe('open');
          else if (withMore.kind === 'until') expect(withMore.atMs).toBeGreaterThanOrEqual(before.atMs);
          const later = { ...at, notice: Math.max(at.notice ?? ms, ms) };
          const shifted = keepUntil(terms, later);
          if (before.kind === 'until' && shifted.kind === 'until')
            expect(shifted.atMs).toBeGreaterThanOrEqual(before.atMs);
        },
      ),
    );
  });

  it('of several decisions is the longest of them', () => {
    const one = {
      kind: 'until',
      atMs: 1,
      terms: [{ class: 'a', clockStart: 'decision', months: 1 }],
    } as const;
    const two = {
      kind: 'until',
      atMs: 2,
      terms: [{ class: 'b', clockStart: 'decision', months: 2 }],
    } as const;
    const open = { kind: 'open', terms: [] } as const;
    expect(longest([one, two])).toEqual(two);
    expect(longest([two, one])).toEqual(two);
    expect(longest([one, open])).toEqual(open);
    expect(longest([])).toEqual(open);
  });
});
