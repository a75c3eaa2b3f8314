import { describe, expect, it } from 'vitest';
import type { LawfulEndpoint } from '../decision/passage.ts';
import { createLawfulFilter, type LawfulRequest, type LawfulVerdict } from './lawful.ts';
import {
  endpointFixture,
  july2026Ms,
  labelFixture,
  mechanismFixture,
  policyFixture,
  ruleFixture,
} from './policy-fixture.ts';
import type { Endpoint, Mechanism, ResidencyPolicy } from './policy.ts';

function ask(policy: ResidencyPolicy, changes: Partial<LawfulRequest> = {}): LawfulVerdict {
  const request = {
    label: labelFixture(),
    purpose: 'inference',
    modelId: 'scorecard',
    nowMs: july2026Ms,
  } as const;
  return createLawfulFilter(policy).lawful({ ...request, ...changes });
}
function idsOf(verdict: LawfulVerdict): string[] {
  return verdict.kind === 'pass' ? verdict.endpoints.map((endpoint) => endpoint.id) : [];
}
function missesOf(verdict: LawfulVerdict) {
  return verdict.kind === 'refuse' ? verdict.nearestMisses() : [];
}
function whyOf(verdict: LawfulVerdict): string | undefined {
  return verdict.kind === 'refuse' ? missesOf(verdict)[0]?.why : 'passed';
}
const withEndpoint = (changes: Partial<Endpoint>) => policyFixture({ endpoints: [endpointFixture(changes)] });
const withMechanisms = (...mechanisms: Mechanism[]) => policyFixture({ mechanisms });

describe('a lawful endpoint', () => {
  it('names its model version, its basis and its end', () => {
    const filter = createLawfulFilter(withEndpoint({ support: ['FR'] }));
    const request = {
      label: labelFixture(),
      purpose: 'inference',
      modelId: 'scorecard',
      nowMs: july2026Ms,
    } as const;
    expect(filter.lawful(request)).toEqual({
      kind: 'pass',
      endpoints: [
        {
          id: 'eu-1',
          modelId: 'scorecard',
          modelVersion: 'scorecard-1',
          label: labelFixture(),
          purpose: 'inference',
          validUntilMs: Date.UTC(2028, 0, 1),
          basis: [
            { country: 'DE', mechanism: 'eu-domestic' },
            { country: 'FR', mechanism: 'eu-domestic' },
          ],
          counted: [],
          policyDigest: filter.policyDigest,
        },
      ],
    });
  });

  it('is known by the filter that made it, and a copy is not', () => {
    const filter = createLawfulFilter(policyFixture());
    const verdict = filter.lawful({ label: labelFixture(), purpose: 'inference', nowMs: july2026Ms });
    if (verdict.kind !== 'pass') throw new Error('refused');
    const [endpoint] = verdict.endpoints;
    expect(filter.isLawful(endpoint)).toBe(true);
    expect(filter.isLawful({ ...endpoint })).toBe(false);
    expect(createLawfulFilter(policyFixture()).isLawful(endpoint)).toBe(false);
    expect(filter.isLawful(null)).toBe(false);
    expect(() => Object.assign(endpoint, { id: 'us-1' })).toThrow(TypeError);
    expect(() => Object.assign(endpoint.basis, { length: 0 })).toThrow(TypeError);
  });

  it('has no brand as a plain object', () => {
    const plain = { ...labelFixture(), id: 'eu-1' };
    // @ts-expect-error only the filter makes a LawfulEndpoint
    const endpoint: LawfulEndpoint = { ...plain, modelId: '', modelVersion: '', label: labelFixture() };
    expect(createLawfulFilter(policyFixture()).isLawful(endpoint)).toBe(false);
  });
});

describe('refusal', () => {
  it.each(['processing', 'storage', 'support', 'telemetry'] as const)(
    'counts the countries of %s',
    (list) => {
      expect(whyOf(ask(withEndpoint({ [list]: ['DE', 'US'] })))).toBe('NO_MECHANISM US');
    },
  );

  it.each(['processing', 'storage', 'support', 'telemetry'] as const)(
    'takes "anywhere" in %s as nowhere',
    (list) => {
      expect(whyOf(ask(withEndpoint({ [list]: ['*'] })))).toContain('PLACE_UNKNOWN');
    },
  );

  it('takes the mode "global" as nowhere, whatever the lists say', () => {
    expect(whyOf(ask(withEndpoint({ vendorMode: 'global' })))).toBe('PLACE_UNKNOWN');
  });

  it.each<[string, LawfulVerdict, string]>([
    [
      'purpose',
      ask(policyFixture(), { purpose: 'embedding' }),
      'PURPOSE_NOT_OFFERED embedding; KIND_NOT_ALLOWED DE eu-domestic',
    ],
    ['model', ask(policyFixture(), { modelId: 'other' }), 'MODEL_NOT_OFFERED'],
    [
      'jurisdiction',
      ask(policyFixture(), { label: labelFixture({ jurisdiction: 'US' }) }),
      'NO_MECHANISM DE',
    ],
    [
      'unknown jurisdiction',
      ask(policyFixture(), { label: labelFixture({ jurisdiction: 'XX' }) }),
      'NO_MECHANISM DE',
    ],
    [
      'unknown class',
      ask(policyFixture(), { label: labelFixture({ dataClass: 'x' }) }),
      'CLASS_NOT_COVERED DE eu-domestic',
    ],
    ['recipient', ask(withMechanisms(mechanismFixture({ recipient: 'Other Inc' }))), 'NO_MECHANISM DE'],
    [
      'class',
      ask(withMechanisms(mechanismFixture({ dataClasses: ['public'] }))),
      'CLASS_NOT_COVERED DE eu-domestic',
    ],
    ['no rule', ask(policyFixture({ transferRules: [] })), 'KIND_NOT_ALLOWED DE eu-domestic'],
    [
      'rule of a lower class',
      ask(policyFixture({ transferRules: [ruleFixture({ dataClass: 'public' })] })),
      'KIND_NOT_ALLOWED DE eu-domestic',
    ],
    [
      'kind',
      ask(policyFixture({ transferRules: [ruleFixture({ allow: ['adequacy'] })] })),
      'KIND_NOT_ALLOWED DE eu-domestic',
    ],
    [
      'denied country',
      ask(policyFixture({ transferRules: [ruleFixture({ deny: ['DE'] })] })),
      'CONTROL_DENIED DE; COUNTRY_DENIED DE',
    ],
    [
      'control',
      ask({
        ...withEndpoint({ operator: { legalEntity: 'X', controlledFrom: ['CN'] } }),
        transferRules: [ruleFixture({ deny: ['CN'] })],
      }),
      'CONTROL_DENIED CN',
    ],
    [
      'mechanism not begun',
      ask(policyFixture(), { nowMs: Date.UTC(2017, 0, 1) }),
      'CONTRACT_NOT_LIVE; MECHANISM_NOT_LIVE DE eu-domestic',
    ],
  ])('says what is in the way: %s', (_name, verdict, why) => {
    expect(whyOf(verdict)).toBe(why);
  });

  it('denies for every class and purpose what one rule denies', () => {
    const transferRules = [
      ruleFixture(),
      ruleFixture({ dataClass: 'public', purposes: ['review'], deny: ['DE'] }),
    ];
    for (const dataClass of ['public', 'personal', 'special']) {
      expect(idsOf(ask(policyFixture({ transferRules }), { label: labelFixture({ dataClass }) }))).toEqual(
        [],
      );
    }
  });

  it('lists the nearest first, at most five, and never the name of the model asked for', () => {
    const far = Array.from({ length: 6 }, (_, n) =>
      endpointFixture({ id: `far-${n}`, processing: ['US', 'JP'], models: [{ id: 'other', version: '1' }] }),
    );
    const near = endpointFixture({ id: 'near', processing: ['US'] });
    const verdict = ask(policyFixture({ endpoints: [...far, near] }));
    const misses = missesOf(verdict);
    expect(misses).toMatchObject([{ endpoint: 'near' }, {}, {}, {}, {}]);
    const others = missesOf(ask(policyFixture({ endpoints: far }), { modelId: 'Jane Doe' }));
    expect(others).toHaveLength(5);
    expect(JSON.stringify(others)).not.toContain('Jane');
  });
});

describe('time', () => {
  it('takes an endpoint out at the very moment its contract ends, on one and the same filter', () => {
    const filter = createLawfulFilter(policyFixture());
    const endMs = Date.UTC(2028, 0, 1);
    const kindAt = (nowMs: number) =>
      filter.lawful({ label: labelFixture(), purpose: 'inference', nowMs }).kind;
    expect([endMs - 1, endMs, endMs - 1, Date.UTC(2026, 0, 1) - 1, Date.UTC(2026, 0, 1)].map(kindAt)).toEqual(
      ['pass', 'refuse', 'pass', 'refuse', 'pass'],
    );
  });

  it('rests on the fallback once the first mechanism has ended, and names it', () => {
    const filter = createLawfulFilter({
      ...withMechanisms(
        mechanismFixture({
          id: 'eu-us-dpf',
          kind: 'dpf',
          dpfData: ['non-hr'],
          to: ['DE'],
          validUntil: '2027-01-01',
          fallback: 'eu-us-scc',
        }),
        mechanismFixture({ id: 'eu-us-scc', kind: 'scc', to: ['DE'], validUntil: '2027-06-01' }),
      ),
      transferRules: [ruleFixture({ allow: ['dpf', 'scc'] })],
    });
    const at = (nowMs: number) => filter.lawful({ label: labelFixture(), purpose: 'inference', nowMs });
    expect(at(Date.UTC(2026, 11, 31))).toMatchObject({
      endpoints: [{ basis: [{ mechanism: 'eu-us-dpf' }], validUntilMs: Date.UTC(2027, 0, 1) }],
    });
    expect(at(Date.UTC(2027, 0, 1))).toMatchObject({
      endpoints: [{ basis: [{ mechanism: 'eu-us-scc' }], validUntilMs: Date.UTC(2027, 5, 1) }],
    });
    expect(whyOf(at(Date.UTC(2027, 5, 1)))).toBe('MECHANISM_NOT_LIVE DE eu-us-dpf');
  });

  it.each<[('hr' | 'non-hr')[], string[]]>([
    [['hr'], ['staff']],
    [['non-hr'], ['public', 'personal']],
    [
      ['hr', 'non-hr'],
      ['public', 'personal', 'staff'],
    ],
  ])('lets a DPF certification for %s carry %s alone, whatever class it covers', (dpfData, carried) => {
    const filter = createLawfulFilter({
      ...withMechanisms(
        mechanismFixture({ id: 'eu-us-dpf', kind: 'dpf', to: ['DE'], dpfData, dataClasses: ['staff'] }),
      ),
      dataClasses: [
        { id: 'public', parents: [] },
        { id: 'personal', parents: ['public'] },
        { id: 'staff', parents: ['personal'], humanResources: true },
      ],
      transferRules: [ruleFixture({ allow: ['dpf'], dataClass: 'staff' })],
    });
    const passes = ['public', 'personal', 'staff'].filter(
      (dataClass) =>
        filter.lawful({
          label: labelFixture({ dataClass }),
          purpose: 'inference',
          nowMs: july2026Ms,
        }).kind === 'pass',
    );
    expect(passes).toEqual(carried);
  });
});

describe('a filter', () => {
  it('is not moved by a policy that changes under it, nor by a label that does', () => {
    const policy = policyFixture();
    const filter = createLawfulFilter(policy);
    policy.mechanisms[0]?.to.splice(0);
    const label = { ...labelFixture() };
    const asked = { label, purpose: 'inference', modelId: 'scorecard', nowMs: july2026Ms } as const;
    expect(idsOf(filter.lawful(asked))).toEqual(['eu-1']);
    label.jurisdiction = 'US';
    expect(idsOf(filter.lawful(asked))).toEqual([]);
  });

  it('puts the label it was asked about on the endpoint, however alike the label before it', () => {
    const filter = createLawfulFilter(policyFixture());
    for (const label of [
      labelFixture(),
      labelFixture({ cell: 'eu-2' }),
      labelFixture({ countries: ['FR'] }),
    ]) {
      expect(filter.lawful({ label, purpose: 'inference', nowMs: july2026Ms })).toMatchObject({
        endpoints: [{ label }],
      });
    }
  });
});

describe('policyDigest', () => {
  it('depends on content, not on key order or on the rest of a configuration', () => {
    const policy = policyFixture();
    const { endpoints, ...rest } = policy;
    const others = { listen: { port: 1 } };
    const digest = createLawfulFilter(policy).policyDigest;
    expect(digest).toMatch(/^sha256:[0-9a-f]{64}$/);
    expect(createLawfulFilter({ endpoints, ...rest, ...others }).policyDigest).toBe(digest);
    expect(createLawfulFilter(withMechanisms()).policyDigest).not.toBe(digest);
  });
});
