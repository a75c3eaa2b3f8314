import { describe, expect, it } from 'vitest';
import { july2026Ms, mechanismFixture, policyFixture, ruleFixture } from './policy-fixture.ts';
import { createLawfulFilter } from './lawful.ts';
import { createPersonFilter } from './person.ts';
import { endpointFixture, labelFixture } from './policy-fixture.ts';

const untilMs = Date.UTC(2027, 0, 1);
const policy = policyFixture({
  jurisdictions: [
    { id: 'EU', countries: ['DE', 'FR'] },
    { id: 'UK', countries: ['GB'] },
  ],
  endpoints: [
    endpointFixture({ id: 'de', processing: ['DE'], storage: ['DE'], support: ['DE'], telemetry: ['DE'] }),
    endpointFixture({ id: 'fr', processing: ['FR'], storage: ['FR'], support: ['FR'], telemetry: ['FR'] }),
  ],
  mechanisms: [
    mechanismFixture(),
    mechanismFixture({ id: 'uk-de', kind: 'adequacy', from: 'UK', to: ['DE'], validUntil: '2027-01-01' }),
    mechanismFixture({
      id: 'eu-in',
      kind: 'scc',
      to: ['IN'],
      recipient: 'Bank AG',
      dataClasses: ['personal'],
    }),
  ],
  transferRules: [
    ruleFixture({ purposes: ['inference', 'review'], allow: ['domestic', 'scc'], deny: ['RU'] }),
    ruleFixture({ subjectJurisdiction: 'UK', purposes: ['inference', 'review'], allow: ['adequacy'] }),
  ],
});
const may = createPersonFilter(policy, 'Bank AG');
const eu = { jurisdiction: 'EU', dataClass: 'personal' };

describe('a person', () => {
  it.each([
    ['DE', true],
    ['IN', true],
    ['GB', false],
    ['RU', false],
    [null, false],
  ])('in %s may see European data: %s', (country, lawful) => {
    expect(may(eu, { country }, july2026Ms)).toBe(lawful);
  });

  it('may see no more than the class that the mechanism covers, and nothing of another employer', () => {
    expect(may({ ...eu, dataClass: 'special' }, { country: 'IN' }, july2026Ms)).toBe(false);
    expect(createPersonFilter(policy, null)(eu, { country: 'IN' }, july2026Ms)).toBe(false);
    expect(createPersonFilter(policy, null)(eu, { country: 'DE' }, july2026Ms)).toBe(true);
  });

  it('may see data of several subjects where that is lawful for each, until a mechanism ends', () => {
    const both = { ...eu, others: ['UK'] };
    expect(may(both, { country: 'DE' }, untilMs - 1)).toBe(true);
    expect(may(both, { country: 'DE' }, untilMs)).toBe(false);
    expect(may(both, { country: 'FR' }, july2026Ms)).toBe(false);
  });
});

describe('an endpoint', () => {
  const filter = createLawfulFilter(policy);
  const lawful = (others: string[] | undefined, nowMs = july2026Ms) => {
    const label = { ...labelFixture(), ...(others === undefined ? {} : { others }) };
    return filter.lawful({ label, purpose: 'inference', modelId: 'scorecard', nowMs });
  };

  it('is lawful for several subjects where it is for each, on all their grounds, until the first ends', () => {
    expect(lawful(undefined)).toMatchObject({ endpoints: [{ id: 'de' }, { id: 'fr' }] });
    const both = lawful(['UK']);
    expect(both.kind === 'pass' && both.endpoints).toMatchObject([
      {
        id: 'de',
        label: { others: ['UK'] },
        validUntilMs: untilMs,
        basis: [
          { country: 'DE', mechanism: 'eu-domestic' },
          { country: 'DE', mechanism: 'uk-de' },
        ],
      },
    ]);
    expect(lawful(undefined)).toMatchObject({ endpoints: [{ id: 'de' }, { id: 'fr' }] });
    expect(lawful(['UK'], untilMs)).toMatchObject({ kind: 'refuse' });
    expect(lawful(['XX'])).toMatchObject({ kind: 'refuse' });
  });
});
