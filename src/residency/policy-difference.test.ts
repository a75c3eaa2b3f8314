import { describe, expect, it } from 'vitest';
import { policyDifference } from './policy-difference.ts';
import { endpointFixture, mechanismFixture, policyFixture, ruleFixture } from './policy-fixture.ts';

const before = policyFixture();

describe('the difference of two policies', () => {
  it('is nothing between equals', () => {
    expect(policyDifference(before, policyFixture())).toEqual([]);
  });

  it('names what changed, from what to what', () => {
    const contract = { ...endpointFixture().contract, validUntil: '2027-01-01' };
    const after = policyFixture({
      endpoints: [endpointFixture({ processing: ['DE', 'IE'], contract })],
      mechanisms: [mechanismFixture({ id: 'eu-us-scc', kind: 'scc', to: ['US'], recipient: 'Example Inc' })],
      transferRules: [ruleFixture({ allow: ['domestic', 'scc'], deny: ['CN'] })],
    });
    expect(policyDifference(before, after)).toEqual([
      'endpoint eu-1: processing DE → DE, IE',
      'endpoint eu-1: contract.validUntil 2028-01-01 → 2027-01-01',
      'mechanism eu-domestic removed: domestic from EU to DE, FR for everybody, until 2030-01-01',
      'mechanism eu-us-scc added: scc from EU to US for Example Inc, until 2030-01-01',
      'transfer rule EU special inference+webhook: allow domestic → domestic, scc',
      'transfer rule EU special inference+webhook: deny none → CN',
    ]);
  });

  it('names a field that came or went', () => {
    const after = policyFixture({ transferRules: [ruleFixture({ maxSubjectsPerYear: 5 })] });
    expect(policyDifference(before, after)).toEqual([
      'transfer rule EU special inference+webhook: maxSubjectsPerYear nothing → 5',
    ]);
    expect(policyDifference(after, before)).toEqual([
      'transfer rule EU special inference+webhook: maxSubjectsPerYear 5 → nothing',
    ]);
  });

  it('sees a change of order, because the first mechanism that suffices is taken', () => {
    const [a, b] = [mechanismFixture(), mechanismFixture({ id: 'b' })];
    expect(
      policyDifference(policyFixture({ mechanisms: [a, b] }), policyFixture({ mechanisms: [b, a] })),
    ).toEqual(['mechanisms: order eu-domestic, b → b, eu-domestic']);
  });

  it('tells two rules about the same apart, and everything of a first policy', () => {
    const after = policyFixture({ transferRules: [ruleFixture(), ruleFixture({ allow: ['scc'] })] });
    expect(policyDifference(before, after)).toEqual(['transfer rule EU special inference+webhook (2) added']);
    expect(policyDifference(null, before)).toHaveLength(8);
  });
});
