import { describe, expect, it } from 'vitest';
import type { LawfulEndpoint } from '../decision/passage.ts';
import type { EgressResult } from './exchange.ts';
import { createHealth } from './health.ts';
import { createLawfulFilter } from './lawful.ts';
import { endpointFixture, july2026Ms, labelFixture, policyFixture } from './policy-fixture.ts';
import { rank } from './rank.ts';

const filter = createLawfulFilter(
  policyFixture({
    endpoints: ['a', 'b', 'c'].map((id) => endpointFixture({ id, url: `https://${id}.example.com` })),
  }),
);
const verdict = filter.lawful({ label: labelFixture(), purpose: 'inference', nowMs: july2026Ms });
if (verdict.kind !== 'pass') throw new Error('the fixture has no lawful endpoint');
const { endpoints } = verdict;

const answer = (httpStatus: number, upstreamMs: number): EgressResult => {
  return {
    kind: 'answer',
    httpStatus,
    body: Buffer.alloc(0),
    headers: {},
    providerRequestId: null,
    upstreamMs,
  };
};
const fault = (code: string): EgressResult => ({ kind: 'fault', fault: code, sent: true, upstreamMs: 1 });

function setUp() {
  const clock = { nowMs: july2026Ms };
  const health = createHealth({ nowMs: () => clock.nowMs });
  const fail = (id: string, result = fault('ECONNREFUSED')) => {
    for (let n = 0; n < 3; n++) health.observe(id, result);
  };
  const order = (given: readonly [LawfulEndpoint, ...LawfulEndpoint[]] = endpoints) => {
    return rank(given, health).map((endpoint) => endpoint.id);
  };
  return { clock, health, fail, order };
}

describe('rank', () => {
  it('keeps the configured order while nothing is known', () => {
    expect(setUp().order()).toEqual(['a', 'b', 'c']);
  });

  it('puts the clearly faster first, and lets noise not matter', () => {
    const { health, order } = setUp();
    health.observe('a', answer(200, 900));
    health.observe('b', answer(200, 850));
    health.observe('c', answer(200, 100));
    expect(order()).toEqual(['c', 'a', 'b']);
  });

  it('follows a moving average', () => {
    const { health, order } = setUp();
    for (const id of ['a', 'b', 'c']) health.observe(id, answer(200, 100));
    for (let n = 0; n < 20; n++) health.observe('a', answer(200, 5_000));
    expect(order()).toEqual(['b', 'c', 'a']);
  });

  it('leaves out an endpoint after three failures in a row, until its time is over', () => {
    const { clock, fail, order, health } = setUp();
    fail('a');
    expect(order()).toEqual(['b', 'c']);
    clock.nowMs += 10_000;
    expect(order()).toEqual(['a', 'b', 'c']);
    health.observe('a', fault('TIMEOUT'));
    expect(order()).toEqual(['b', 'c']);
    health.observe('a', answer(200, 1));
    expect(order()).toContain('a');
  });

  it.each([
    ['a 429', answer(429, 1), true],
    ['a 503', answer(503, 1), true],
    ['a timeout', fault('TIMEOUT'), true],
    ['a redirect', fault('REDIRECT'), true],
    ['a 400, which is about the request', answer(400, 1), false],
    ['an expiry', fault('EXPIRED'), false],
    ['an abort by the caller', fault('ABORTED'), false],
  ])('counts %s rightly', (_name, result, opens) => {
    const { health, fail } = setUp();
    fail('a', result);
    expect(health.isOpen('a')).toBe(opens);
  });

  it('tries the one that opened first when all are open, and nothing that was not given', () => {
    const { clock, fail, order } = setUp();
    for (const id of ['b', 'c', 'a']) {
      fail(id);
      clock.nowMs += 1;
    }
    expect(order()).toEqual(['b']);
    expect(order([endpoints[0]])).toEqual(['a']);
  });

  it('returns genuine endpoints only', () => {
    const { health } = setUp();
    expect(rank(endpoints, health).every((endpoint) => filter.isLawful(endpoint))).toBe(true);
  });
});
