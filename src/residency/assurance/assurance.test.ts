import { describe, expect, it } from 'vitest';
import type { EgressResult } from '../exchange.ts';
import { createLawfulFilter } from '../lawful.ts';
import { endpointFixture, july2026Ms, labelFixture, policyFixture } from '../policy-fixture.ts';
import { addressCheck, isAddressRange } from './address-range.ts';
import { type Assertion, checkAssertion, vendorWord } from './assertion.ts';
import { mismatchesOf, weighAgain, weighCall } from './call-evidence.ts';
import { readCloudTrail } from './cloudtrail.ts';
import { readInferenceProfile } from './inference-profile.ts';

const answer = (body: object, headers: Record<string, string> = {}, httpStatus = 200) =>
  ({
    kind: 'answer',
    httpStatus,
    headers,
    body: Buffer.from(JSON.stringify(body)),
    providerRequestId: null,
    upstreamMs: 1,
  }) as const satisfies EgressResult;

describe('address ranges', () => {
  it('hold addresses of their own family, and nothing that is no address', () => {
    const isInside = addressCheck(['192.0.2.0/24', '2001:db8::/32']);
    expect(['192.0.2.255', '2001:db8::1'].map(isInside)).toEqual([true, true]);
    expect(['192.0.3.0', '2001:db9::1', 'localhost', '', undefined].map(isInside)).toEqual(
      Array.from({ length: 5 }, () => false),
    );
  });

  it.each(['192.0.2.0', '192.0.2.0/', '192.0.2.0/33', '/8', 'eu/8', '192.0.2.0/8/8', '192.0.2.0/-1'])(
    'are not %s',
    (range) => {
      expect(isAddressRange(range)).toBe(false);
    },
  );
});

describe('a vendor’s word', () => {
  const assertion: Assertion = { kind: 'inference_geo', values: ['eu'], required: false };

  it.each([
    [{ usage: { inference_geo: 'EU' } }, 'agrees'],
    [{ usage: { inference_geo: 'us' } }, 'differs'],
    [{ usage: { inference_geo: 7 } }, 'unreadable'],
    [{ usage: { inference_geo: null } }, 'absent'],
    [{ usage: 'eu' }, 'absent'],
    [[], 'absent'],
  ])('%j %s', (body, result) => {
    expect(checkAssertion(assertion, vendorWord(assertion, answer(body))).result).toBe(result);
  });

  it('counts in an error too, but need not be there', () => {
    const endpoint = endpointFixture({ assurance: { assertion: { ...assertion, required: true } } });
    expect(mismatchesOf(weighCall(endpoint, answer({ error: {} }, {}, 500)))).toEqual([]);
    expect(mismatchesOf(weighCall(endpoint, answer({}, {}, 200)))).toMatchObject([{ result: 'missing' }]);
    const elsewhere = answer({ usage: { inference_geo: 'us' } }, {}, 500);
    expect(mismatchesOf(weighCall(endpoint, elsewhere))).toMatchObject([{ result: 'differs' }]);
  });

  it.each([['germanywestcentral'], ['eastus'], ['<b>'], [undefined]])(
    'is weighed again from the record to the same: header %s',
    (region) => {
      const kept: Assertion = { kind: 'x-ms-region', values: ['germanywestcentral'], required: true };
      const endpoint = endpointFixture({ assurance: { assertion: kept } });
      const result = answer({}, region === undefined ? {} : { 'x-ms-region': region });
      const evidence = weighCall(endpoint, result);
      expect(weighAgain(endpoint, evidence, result)).toEqual(evidence);
    },
  );

  it('is worth nothing without TLS, and with a policy of another day is weighed by that one', () => {
    const assurance = { assertion: { ...assertion, values: ['eu'] } };
    const said = answer({ usage: { inference_geo: 'eu' } });
    expect(weighCall(endpointFixture({ assurance, url: 'http://127.0.0.1:1' }), said).grade).toBe('contract');
    const evidence = weighCall(endpointFixture({ assurance }), said);
    expect(evidence.grade).toBe('vendor-asserted');
    const other = endpointFixture({ assurance: { assertion: { ...assertion, values: ['ch'] } } });
    expect(weighAgain(other, evidence, said).grade).toBe('network');
  });
});

describe('CloudTrail', () => {
  const record = {
    eventSource: 'bedrock.amazonaws.com',
    eventName: 'ConverseStream',
    eventTime: '2026-11-21T10:00:00Z',
    awsRegion: 'eu-west-1',
    requestID: 'r-1',
  };

  it('is read in each of its forms, and without an inferenceRegion means the Region of the call', () => {
    const read = [{ requestId: 'r-1', atMs: Date.UTC(2026, 10, 21, 10), region: 'eu-west-1', country: 'IE' }];
    const line = JSON.stringify(record);
    for (const text of [
      `{"Records":[${line}]}`,
      `[${line}]`,
      line,
      `${line}\n`,
      JSON.stringify({ Events: [{ CloudTrailEvent: line }] }),
    ])
      expect(readCloudTrail(text)).toEqual(read);
    expect(readCloudTrail(`${line}\n${line}`)).toHaveLength(2);
  });

  it('has no guess for a Region that nobody knows', () => {
    const elsewhere = { ...record, additionalEventData: { inferenceRegion: 'zz-north-9' } };
    expect(readCloudTrail(JSON.stringify(elsewhere))).toMatchObject([{ country: null }]);
    const odd = { ...record, additionalEventData: { inferenceRegion: 'Frankfurt, I think' } };
    expect(() => readCloudTrail(JSON.stringify(odd))).toThrow('names no Region');
  });
});

describe('an inference profile', () => {
  const model = (region: string) => ({ modelArn: `arn:aws:bedrock:${region}::foundation-model/m` });
  const profile = (models: object[], more: object = {}) =>
    JSON.stringify({ inferenceProfileId: 'eu.m', status: 'ACTIVE', type: 'SYSTEM_DEFINED', models, ...more });

  it('has the digest of its routing, whatever else is written about it', () => {
    const one = readInferenceProfile(profile([model('eu-west-1'), model('eu-central-1')]));
    const same = readInferenceProfile(
      profile([model('eu-central-1'), model('eu-west-1')], { updatedAt: 'today', description: 'new' }),
    );
    expect(same).toEqual(one);
    expect(one.regions).toEqual(['eu-central-1', 'eu-west-1']);
    const drifted = readInferenceProfile(profile([model('eu-west-1'), model('eu-central-2')]));
    expect(drifted.sha256).not.toBe(one.sha256);
    expect(readInferenceProfile(profile([model('')])).regions).toEqual(['*']);
  });
});

describe('the lawful filter', () => {
  it('forgets what it remembered when a quarantine begins or ends', () => {
    let out: ReadonlySet<string> = new Set();
    const filter = createLawfulFilter(policyFixture(), () => out);
    const ask = () => filter.lawful({ label: labelFixture(), purpose: 'inference', nowMs: july2026Ms });
    expect(ask().kind).toBe('pass');
    out = new Set(['eu-1']);
    const verdict = ask();
    const misses = verdict.kind === 'refuse' ? verdict.nearestMisses() : [];
    expect(misses).toMatchObject([{ endpoint: 'eu-1', why: 'QUARANTINED' }]);
    out = new Set();
    expect(ask().kind).toBe('pass');
  });
});
