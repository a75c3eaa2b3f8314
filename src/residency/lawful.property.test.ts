import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createLawfulFilter, type LawfulRequest, type LawfulVerdict } from './lawful.ts';
import { endpointFixture, labelFixture, mechanismFixture } from './policy-fixture.ts';
import type { Purpose } from '../decision/label.ts';
import type { Endpoint, Mechanism, MechanismKind, ResidencyPolicy, TransferRule } from './policy.ts';

/* The filter against an oracle that shares no code with it. */

const idsOf = (verdict: LawfulVerdict): string[] =>
  verdict.kind === 'pass' ? verdict.endpoints.map((endpoint) => endpoint.id) : [];
const ask = (policy: ResidencyPolicy, request: LawfulRequest): string[] =>
  idsOf(createLawfulFilter(policy).lawful(request));

const days = ['2026-01-01', '2026-07-01', '2027-01-01', '2027-07-01'] as const;
const classIds = ['public', 'payment', 'health', 'both'] as const;
const above: Record<string, readonly string[]> = {
  public: classIds,
  payment: ['payment', 'both'],
  health: ['health', 'both'],
  both: ['both'],
};
const countryIds = ['DE', 'FR', 'US', 'CN'] as const;
const kinds = ['domestic', 'adequacy', 'scc'] as const;

const some = <T>(values: readonly T[], minLength = 1) => fc.subarray([...values], { minLength });
const rarely = <T>(weight: number, usual: T, other: fc.Arbitrary<T>) =>
  fc.oneof({ weight, arbitrary: fc.constant(usual) }, { weight: 1, arbitrary: other });
const span = fc
  .tuple(fc.constantFrom(...days), fc.constantFrom(...days))
  .map(([a, b]) => (a < b ? { validFrom: a, validUntil: b } : { validFrom: days[0], validUntil: days[3] }));
const aCountry = fc.constantFrom<string>(...countryIds);
const entity = fc.constantFrom('A GmbH', 'B Inc');
const { contract } = endpointFixture();

const endpoint = fc
  .record({
    home: aCountry,
    // One of the four lists may reach somewhere else, or anywhere.
    list: fc.constantFrom('processing', 'storage', 'support', 'telemetry'),
    abroad: rarely<string[]>(2, [], fc.oneof(some<string>(countryIds), fc.constant<string[]>(['*']))),
    legalEntity: entity,
    controlledFrom: fc.tuple(aCountry),
    purposes: rarely<Purpose[]>(3, ['inference', 'embedding'], fc.constantFrom(['inference'], ['embedding'])),
    vendorMode: rarely<Endpoint['vendorMode']>(8, 'regional', fc.constant('global')),
    span,
    models: rarely<Endpoint['models']>(3, [{ id: 'm1', version: '1' }], fc.constant([])),
  })
  .map(
    ({
      home,
      list,
      abroad,
      legalEntity,
      controlledFrom,
      purposes,
      vendorMode,
      span: valid,
      models,
    }): Endpoint => {
      const places = { processing: [home], storage: [home], support: [home], telemetry: [home] };
      const operator = { legalEntity, controlledFrom };
      const extra = { ...places, [list]: [home, ...abroad] };
      return endpointFixture({
        ...extra,
        operator,
        purposes,
        vendorMode,
        models,
        contract: { ...contract, ...valid },
      });
    },
  );
const mechanism = fc
  .record({
    kind: fc.constantFrom(...kinds),
    from: fc.constantFrom('EU', 'US'),
    to: some<string>(countryIds, 3),
    recipient: rarely(1, '*', entity),
    dataClasses: some<string>(classIds),
    span,
  })
  .map(({ span: valid, ...facts }): Mechanism => mechanismFixture({ ...facts, ...valid }));
const transferRule: fc.Arbitrary<TransferRule> = fc.record({
  subjectJurisdiction: fc.constantFrom('EU', 'US'),
  dataClass: fc.constantFrom(...classIds),
  purposes: some<Purpose>(['inference', 'embedding']),
  allow: some<MechanismKind>(kinds),
  deny: rarely<string[]>(6, [], some<string>(countryIds)),
});
const policies = fc
  .record({
    endpoints: fc.array(endpoint, { minLength: 1, maxLength: 6 }),
    mechanisms: fc.array(mechanism, { minLength: 2, maxLength: 12 }),
    transferRules: fc.array(transferRule, { minLength: 1, maxLength: 6 }),
  })
  .map(
    (given): ResidencyPolicy => ({
      jurisdictions: [
        { id: 'EU', countries: ['DE', 'FR'] },
        { id: 'US', countries: ['US'] },
      ],
      dataClasses: [
        { id: 'public', parents: [] },
        { id: 'payment', parents: ['public'] },
        { id: 'health', parents: ['public'] },
        { id: 'both', parents: ['payment', 'health'] },
      ],
      endpoints: given.endpoints.map((e, n) => ({ ...e, id: `e${n}` })),
      mechanisms: given.mechanisms.map((m, n) => ({ ...m, id: `m${n}` })),
      transferRules: given.transferRules,
    }),
  );
const requests = fc.record({
  label: fc
    .record({ jurisdiction: fc.constantFrom('EU', 'US'), dataClass: fc.constantFrom(...classIds) })
    .map((parts) => labelFixture(parts)),
  purpose: fc.constantFrom('inference', 'embedding'),
  modelId: rarely(4, 'm1', fc.constant('m2')),
  nowMs: fc
    .tuple(fc.constantFrom(...days), fc.constantFrom(-1, 0, 1))
    .map(([day, offset]) => Date.parse(`${day}T00:00:00Z`) + offset),
});

/** What counsel would do with a pencil: strike out every endpoint that something speaks against. */
function oracle(policy: ResidencyPolicy, request: LawfulRequest): string[] {
  const today = new Date(request.nowMs).toISOString().slice(0, 10);
  const subject = request.label.jurisdiction;
  const isBelow = (low: string, high: string): boolean => {
    if (low === high) return true;
    const parents = policy.dataClasses.filter((c) => c.id === high).flatMap((c) => c.parents);
    return parents.some((parent) => isBelow(low, parent));
  };
  const standing: string[] = [];
  for (const e of policy.endpoints) {
    let struck = e.vendorMode === 'global';
    if (today < e.contract.validFrom || today >= e.contract.validUntil) struck = true;
    if (e.purposes.every((p) => p !== request.purpose)) struck = true;
    if (e.models.every((m) => m.id !== request.modelId)) struck = true;
    for (const place of [...e.processing, ...e.storage, ...e.support, ...e.telemetry]) {
      let reached = false;
      for (const m of policy.mechanisms) {
        if (m.from !== subject || m.to.every((c) => c !== place)) continue;
        if (m.recipient !== '*' && m.recipient !== e.operator.legalEntity) continue;
        if (today < m.validFrom || today >= m.validUntil) continue;
        if (m.dataClasses.every((c) => !isBelow(request.label.dataClass, c))) continue;
        for (const rule of policy.transferRules) {
          if (rule.subjectJurisdiction !== subject || rule.purposes.every((p) => p !== request.purpose))
            continue;
          if (isBelow(request.label.dataClass, rule.dataClass) && rule.allow.includes(m.kind)) reached = true;
        }
      }
      if (!reached) struck = true;
    }
    for (const rule of policy.transferRules) {
      if (rule.subjectJurisdiction !== subject) continue;
      for (const country of rule.deny) {
        if (
          [e.processing, e.storage, e.support, e.telemetry, e.operator.controlledFrom]
            .flat()
            .includes(country)
        ) {
          struck = true;
        }
      }
    }
    if (!struck) standing.push(e.id);
  }
  return standing;
}

describe('every policy and request', () => {
  const runs = { seed: 20261122, numRuns: 1_000 };

  it('gives exactly what the oracle leaves standing', () => {
    let lawfulCount = 0;
    const check = fc.property(
      policies,
      fc.array(requests, { minLength: 1, maxLength: 8 }),
      (policy, asked) => {
        const filter = createLawfulFilter(policy);
        for (const request of asked) {
          const ids = idsOf(filter.lawful(request));
          lawfulCount += ids.length;
          expect(ids).toEqual(oracle(policy, request));
        }
      },
    );
    fc.assert(check, runs);
    // Agreeing that nothing is lawful would prove little.
    expect(lawfulCount).toBeGreaterThan(500);
  });

  it('never gains an endpoint by a more sensitive class', () => {
    const check = fc.property(
      policies,
      requests,
      fc.constantFrom(...classIds),
      (policy, request, dataClass) => {
        fc.pre(above[request.label.dataClass]?.includes(dataClass) === true);
        const raised = { ...request, label: labelFixture({ ...request.label, dataClass }) };
        expect(ask(policy, request)).toEqual(expect.arrayContaining(ask(policy, raised)));
      },
    );
    fc.assert(check, runs);
  });

  it('never gains an endpoint by losing a mechanism or an endpoint', () => {
    const check = fc.property(policies, requests, fc.nat(), (policy, request, n) => {
      const before = ask(policy, request);
      const fewerMechanisms = policy.mechanisms.filter((_, m) => m !== n % policy.mechanisms.length);
      const fewerEndpoints = policy.endpoints.filter((_, e) => e !== n % policy.endpoints.length);
      for (const less of [{ mechanisms: fewerMechanisms }, { endpoints: fewerEndpoints }]) {
        expect(before).toEqual(expect.arrayContaining(ask({ ...policy, ...less }, request)));
      }
    });
    fc.assert(check, runs);
  });

  it('promises no moment beyond which it would refuse', () => {
    const check = fc.property(policies, requests, (policy, request) => {
      const verdict = createLawfulFilter(policy).lawful(request);
      for (const { id, validUntilMs } of verdict.kind === 'pass' ? verdict.endpoints : []) {
        expect(validUntilMs).toBeGreaterThan(request.nowMs);
        expect(oracle(policy, { ...request, nowMs: validUntilMs - 1 })).toContain(id);
      }
    });
    fc.assert(check, runs);
  });
});
