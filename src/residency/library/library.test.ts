import { describe, expect, it } from 'vitest';
import { countryCodes } from '../country.ts';
import { checkPolicy } from '../policy-check.ts';
import { policyFixture } from '../policy-fixture.ts';
import type { Mechanism } from '../policy.ts';
import { dayMs } from '../validity.ts';
import { library, libraryRows, policyParts } from './library.ts';

describe('the library', () => {
  it('says on every row what it rests on, since when, and when to look again', () => {
    for (const row of library.rows) {
      expect(row.source.length, row.id).toBeGreaterThan(0);
      expect(
        row.source.every((source) => source.length > 10),
        row.id,
      ).toBe(true);
      expect(dayMs(row.validFrom), row.id).toBeLessThanOrEqual(dayMs(row.asOf));
      expect(dayMs(row.review), row.id).toBeGreaterThan(dayMs(row.asOf));
      expect(dayMs(row.review), row.id).toBeLessThanOrEqual(dayMs(row.asOf) + 200 * 86_400_000);
      expect(dayMs(row.asOf), row.id).toBeLessThanOrEqual(dayMs(library.version));
    }
  });

  it('knows countries by their ISO codes, and each row by one name', () => {
    for (const { id, countries } of library.rows) {
      expect(
        countries.filter((code) => !countryCodes.has(code)),
        id,
      ).toEqual([]);
      expect(new Set(countries).size, id).toBe(countries.length);
    }
    expect(new Set(library.rows.map(({ id }) => id)).size).toBe(library.rows.length);
  });

  it('says that counsel must check it', () => {
    expect(library.notice).toContain('Counsel must check');
    expect(library.notice).toContain('not legal advice');
  });

  it('has the sets that vendors call the same', () => {
    const sizes = libraryRows({ kind: 'country-set' }).map(({ id, countries }) => [id, countries.length]);
    expect(sizes).toEqual([
      ['eu', 27],
      ['eea', 30],
      ['efta', 4],
    ]);
  });

  it('says that the framework with the United States is contested, and looks at it sooner', () => {
    const [dpf] = libraryRows({ jurisdiction: 'EU', kind: 'dpf' });
    expect(dpf?.note).toContain('C-703/25 P');
    const gb = libraryRows({ jurisdiction: 'EU', kind: 'adequacy' }).find(({ countries }) =>
      countries.includes('GB'),
    );
    expect(dayMs(dpf?.review ?? '')).toBeLessThan(dayMs(gb?.review ?? ''));
  });
});

describe('mechanisms made from it', () => {
  const { mechanisms } = policyParts(libraryRows({ jurisdiction: 'EU' }));
  const problems = (complete: (row: (typeof mechanisms)[number]) => object) =>
    checkPolicy(
      policyFixture({
        mechanisms: mechanisms.map((row) => ({ ...row, to: [...row.to], ...complete(row) }) as Mechanism),
      }),
    );

  it('are refused until somebody has said which data they are for', () => {
    const refused = problems(() => ({})).filter(({ message }) =>
      message.includes('"FILL-IN" is no data class'),
    );
    expect(refused.map(({ path }) => path[1])).toEqual(mechanisms.map((_row, index) => index));
  });

  it('hold together once that is filled in, and end at the review', () => {
    const complete = ({ kind }: (typeof mechanisms)[number]) => ({
      dataClasses: ['personal'],
      ...(kind === 'dpf' ? { recipient: 'Example Inc', dpfData: ['non-hr'] } : {}),
    });
    expect(problems(complete)).toEqual([]);
    expect(mechanisms.every(({ validUntil }) => validUntil <= '2027-05-22')).toBe(true);
  });

  it('cover nobody by mistake where the decision covers some recipients only', () => {
    const limited = mechanisms.filter(({ recipient }) => recipient !== '*').map(({ id }) => id);
    expect(limited).toEqual(['eu-adequacy-ca', 'eu-dpf']);
  });
});
