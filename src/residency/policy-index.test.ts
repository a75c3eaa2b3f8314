import { describe, expect, it } from 'vitest';
import { createLawfulFilter } from './lawful.ts';
import type { ResidencyPolicy } from './policy.ts';
import {
  endpointFixture,
  july2026Ms,
  labelFixture,
  mechanismFixture,
  policyFixture,
  ruleFixture,
} from './policy-fixture.ts';

const us = endpointFixture({
  id: 'us-1',
  url: 'https://us.example.com/v1',
  operator: { legalEntity: 'Example Inc', controlledFrom: ['US'] },
  processing: ['US'],
  storage: ['US'],
  support: ['US', 'DE'],
  telemetry: ['US'],
});
const scc = mechanismFixture({ id: 'eu-us-scc', kind: 'scc', to: ['US'], recipient: 'Example Inc' });
const bcr = mechanismFixture({ id: 'eu-us-bcr', kind: 'bcr', to: ['US'], recipient: 'Example Inc' });
const counting = ruleFixture({ id: 'few', allow: ['domestic', 'scc'], maxSubjectsPerYear: 2 });

const ask = (changes: Partial<ResidencyPolicy>, exhausted?: readonly string[]) => {
  const filter = createLawfulFilter(
    policyFixture({
      endpoints: [us],
      mechanisms: [mechanismFixture(), scc, bcr],
      transferRules: [counting],
      ...changes,
    }),
  );
  const request = { label: labelFixture(), purpose: 'inference', nowMs: july2026Ms } as const;
  const verdict = filter.lawful({ ...request, ...(exhausted && { exhausted }) });
  return verdict.kind === 'pass'
    ? verdict.endpoints.map(({ id, counted, basis }) => ({ id, counted, basis }))
    : verdict.nearestMisses().map(({ endpoint, why }) => `${endpoint}: ${why}`);
};

describe('a rule that counts persons', () => {
  it('says under which name the person is to be counted', () => {
    expect(ask({}, [])).toEqual([
      {
        id: 'us-1',
        counted: ['few'],
        basis: [
          { country: 'US', mechanism: 'eu-us-scc' },
          { country: 'DE', mechanism: 'eu-domestic' },
        ],
      },
    ]);
  });

  it('permits nothing abroad once it is exhausted', () => {
    expect(ask({}, ['few'])).toEqual(['us-1: SUBJECTS_EXHAUSTED US few']);
  });

  it('permits nothing abroad to a request that nobody counts', () => {
    expect(ask({})).toEqual(['us-1: SUBJECTS_EXHAUSTED US few']);
  });

  it('goes on permitting what stays at home', () => {
    expect(ask({ endpoints: [endpointFixture()] })).toMatchObject([{ id: 'eu-1', counted: [] }]);
  });

  it('counts nobody where a rule without a maximum permits the same', () => {
    expect(ask({ transferRules: [counting, ruleFixture({ allow: ['scc'] })] })).toMatchObject([
      { id: 'us-1', counted: [] },
    ]);
  });

  it('hands the next person on to another rule, and then to another mechanism', () => {
    const more = ruleFixture({ id: 'more', allow: ['scc'], maxSubjectsPerYear: 5 });
    const others = ruleFixture({ allow: ['bcr'] });
    expect(ask({ transferRules: [counting, more] }, ['few'])).toMatchObject([{ counted: ['more'] }]);
    const [endpoint] = ask({ transferRules: [counting, others] }, ['few']);
    expect(endpoint).toMatchObject({
      counted: [],
      basis: [{ country: 'US', mechanism: 'eu-us-bcr' }, { country: 'DE' }],
    });
  });

  it('does not answer for one person what it answered for another', () => {
    const filter = createLawfulFilter(
      policyFixture({ endpoints: [us], mechanisms: [mechanismFixture(), scc], transferRules: [counting] }),
    );
    const request = { label: labelFixture(), purpose: 'inference', nowMs: july2026Ms } as const;
    const kinds = [[], ['few'], undefined, []].map(
      (exhausted) => filter.lawful({ ...request, ...(exhausted && { exhausted }) }).kind,
    );
    expect(kinds).toEqual(['pass', 'refuse', 'refuse', 'pass']);
  });
});
