import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type TestPostgres, startTestPostgres } from '../../test/support/postgres.ts';
import type { Store } from '../storage/store.ts';
import { july2026Ms, ruleFixture } from './policy-fixture.ts';
import { createSubjectCounter, yearsAt } from './subject-counter.ts';
import { findCounts, forgetCounted } from './subject-counter-repository.ts';

let postgres: TestPostgres;
let store: Store;
beforeAll(async () => {
  postgres = await startTestPostgres();
  store = await postgres.freshStore('eu');
});
afterAll(() => postgres.stop());

const counterWith = (maxima: Readonly<Record<string, number>>, jurisdictions = ['EU']) =>
  createSubjectCounter({
    store,
    jurisdictions,
    policy: {
      transferRules: Object.entries(maxima).map(([id, maxSubjectsPerYear]) =>
        ruleFixture({ id, maxSubjectsPerYear }),
      ),
    },
  });
const macOf = (name: string) => createHash('sha256').update(name).digest();
const named = (...names: string[]) => ({
  named: names.map((name) => ({ jurisdiction: 'EU', mac: macOf(name) })),
  decisionId: 'd',
});
const counts = async (year = 2026) =>
  Object.fromEntries((await findCounts(store, year)).map(({ rule, persons }) => [rule, persons]));

describe('a subject counter', () => {
  it('lets as many persons through as the rule says, and each of them again', async () => {
    const counter = counterWith({ two: 2 });
    const ask = (name: string) => counter.count(named(name), ['two'], july2026Ms);
    expect([
      await ask('ann'),
      await ask('bob'),
      await ask('cid'),
      await ask('ann'),
      await ask('bob'),
    ]).toEqual([[], [], ['two'], [], []]);
    // Another process has nothing in its memory.
    const other = counterWith({ two: 2 });
    expect(await other.count(named('ann'), ['two'], july2026Ms)).toEqual([]);
    expect(await other.count(named('dan'), ['two'], july2026Ms)).toEqual(['two']);
    expect(await counts()).toMatchObject({ two: 2 });
  });

  it('begins anew with the year, and keeps the count when the rule changes', async () => {
    const counter = counterWith({ yearly: 1 });
    const ask = (name: string, nowMs: number) => counter.count(named(name), ['yearly'], nowMs);
    expect(await ask('ann', july2026Ms)).toEqual([]);
    expect(await ask('bob', july2026Ms)).toEqual(['yearly']);
    expect(await ask('bob', Date.UTC(2027, 6, 1))).toEqual([]);
    expect(await counterWith({ yearly: 2 }).count(named('bob'), ['yearly'], july2026Ms)).toEqual([]);
    expect(await counterWith({ yearly: 2 }).count(named('cid'), ['yearly'], july2026Ms)).toEqual(['yearly']);
  });

  it('counts in both years while it is two years in the world', async () => {
    const turnMs = Date.UTC(2030, 0, 1);
    const hour = 3_600_000;
    expect(yearsAt(turnMs - 15 * hour)).toEqual([2029]);
    expect(yearsAt(turnMs - 13 * hour)).toEqual([2029, 2030]);
    expect(yearsAt(turnMs + 11 * hour)).toEqual([2029, 2030]);
    expect(yearsAt(turnMs + 13 * hour)).toEqual([2030]);
    const counter = counterWith({ turn: 1 });
    expect(await counter.count(named('ann'), ['turn'], turnMs)).toEqual([]);
    expect(await counter.count(named('bob'), ['turn'], turnMs - 48 * hour)).toEqual(['turn']);
    expect(await counter.count(named('bob'), ['turn'], turnMs + 48 * hour)).toEqual(['turn']);
  });

  it('counts a request without a subject as one new person, however often it is tried', async () => {
    const counter = counterWith({ unnamed: 2 });
    const ask = (decisionId: string) => counter.count({ named: [], decisionId }, ['unnamed'], july2026Ms);
    expect([await ask('1'), await ask('1'), await ask('2'), await ask('3')]).toEqual([
      [],
      [],
      [],
      ['unnamed'],
    ]);
  });

  it('counts each of several persons, and a stranger where none of the jurisdiction is named', async () => {
    const counter = counterWith({ several: 3 });
    const ask = (persons: Parameters<typeof counter.count>[0]) =>
      counter.count(persons, ['several'], july2026Ms);
    expect(await ask(named('ann', 'bob'))).toEqual([]);
    expect(await ask(named('bob', 'cid', 'dan'))).toEqual(['several']);
    expect(await counts()).toMatchObject({ several: 2 });
    const american = { named: [{ jurisdiction: 'US', mac: macOf('eve') }], decisionId: 'd2' };
    expect([await ask(american), await ask(named('cid'))]).toEqual([[], ['several']]);
  });

  it('counts under every rule or under none', async () => {
    const counter = counterWith({ wide: 5, narrow: 1 });
    expect(await counter.count(named('ann'), ['wide', 'narrow'], july2026Ms)).toEqual([]);
    expect(await counter.count(named('bob'), ['wide', 'narrow'], july2026Ms)).toEqual(['narrow']);
    expect(await counts()).toMatchObject({ wide: 1, narrow: 1 });
  });

  it('permits nothing where the persons are counted in another cell, or the rule is not there', async () => {
    const counter = counterWith({ elsewhere: 5 }, ['US']);
    expect(await counter.count(named('ann'), ['elsewhere'], july2026Ms)).toEqual(['elsewhere']);
    expect(await counterWith({}).count(named('ann'), ['gone'], july2026Ms)).toEqual(['gone']);
  });

  it('forgets who was counted in years that are over, and not how many', async () => {
    const counter = counterWith({ past: 3 });
    const pastMs = Date.UTC(2020, 6, 1);
    await counter.count(named('ann'), ['past'], pastMs);
    expect(await forgetCounted(store)).toBeGreaterThanOrEqual(1);
    expect(await counts(2020)).toEqual({ past: 1 });
    const left = await store.query({
      text: 'SELECT 1 FROM residency_subjects WHERE year < 2026',
      values: [],
    });
    expect(left).toEqual([]);
  });

  it('cannot be turned back by the gateway itself', async () => {
    for (const text of [
      'UPDATE residency_counts SET persons = 0',
      'DELETE FROM residency_subjects',
      'DELETE FROM residency_counts',
      "INSERT INTO residency_counts VALUES ('eu', 'x', 2026, 0)",
    ]) {
      await expect(store.query({ text, values: [] }), text).rejects.toThrow();
    }
  });
});

describe('however many ask at once', () => {
  it('no person too many gets through, and none too few', async () => {
    let run = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.tuple(
            fc.integer({ min: 0, max: 11 }),
            fc.constantFrom<readonly ('a' | 'b')[]>(['a'], ['b'], ['a', 'b']),
          ),
          {
            minLength: 1,
            maxLength: 40,
          },
        ),
        fc.integer({ min: 1, max: 8 }),
        async (requests, maximum) => {
          run += 1;
          const names = { a: `a${run}`, b: `b${run}` };
          // Three processes: each has a memory of its own.
          const counters = [1, 2, 3].map(() => counterWith({ [names.a]: maximum, [names.b]: maximum }));
          const results = await Promise.all(
            requests.map(async ([person, under], index) => {
              const rules = under.map((letter) => names[letter]);
              const full = await counters[index % 3]!.count(named(`${run}/${person}`), rules, july2026Ms);
              return { person, rules, passed: full.length === 0 };
            }),
          );
          for (const rule of Object.values(names)) {
            const asking = results.filter(({ rules }) => rules.includes(rule));
            const through = new Set(asking.filter(({ passed }) => passed).map(({ person }) => person));
            expect(through.size).toBeLessThanOrEqual(maximum);
            expect((await counts())[rule] ?? 0).toBe(through.size);
            const only = asking.every(({ rules }) => rules.length === 1);
            const persons = new Set(asking.map(({ person }) => person)).size;
            if (only) expect(through.size).toBe(Math.min(maximum, persons));
          }
        },
      ),
      { numRuns: 40, seed: 20261122 },
    );
  });
});
