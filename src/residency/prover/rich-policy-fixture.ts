import { endpointFixture, mechanismFixture, ruleFixture } from '../policy-fixture.ts';
import type { Endpoint, Mechanism, ResidencyPolicy, TransferRule } from '../policy.ts';

/*
 * Twelve endpoints under four laws, each wrong for somebody in one way only: so a router that forgets one
 * condition contacts one of them.
 */

const union = 'AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK'.split(' ');
const { contract } = endpointFixture();

function endpoint(id: string, country: string, changes: Partial<Endpoint> = {}): Endpoint {
  const home = { processing: [country], storage: [country], support: [country], telemetry: [country] };
  return endpointFixture({
    id,
    url: `https://${id}.example.com/v1`,
    models: [{ id: 'large', version: 'large-1' }],
    purposes: ['inference', 'embedding'],
    operator: { legalEntity: `Operator ${country}`, controlledFrom: [country] },
    contract: { ...contract, ref: `C-${id}`, validFrom: '2026-01-01', validUntil: '2029-01-01' },
    ...home,
    ...changes,
  });
}

const endpoints: readonly Endpoint[] = [
  endpoint('de-1', 'DE'),
  endpoint('fr-1', 'FR', {
    contract: { ...contract, ref: 'C-fr-1', validFrom: '2026-01-01', validUntil: '2027-07-01' },
    purposes: ['inference'],
    operator: { legalEntity: 'Operator FR', controlledFrom: ['DE'] },
  }),
  endpoint('gb-1', 'GB'),
  endpoint('us-1', 'US', { operator: { legalEntity: 'Certified Inc', controlledFrom: ['US'] } }),
  endpoint('us-2', 'US', { operator: { legalEntity: 'Other Inc', controlledFrom: ['US'] } }),
  endpoint('sg-1', 'SG'),
  endpoint('de-telemetry', 'DE', { telemetry: ['DE', 'IN'] }),
  endpoint('de-support', 'DE', { support: ['DE', 'IN'] }),
  endpoint('de-storage', 'DE', { storage: ['DE', 'IN'], purposes: ['inference', 'guard'] }),
  endpoint('de-owned', 'DE', { operator: { legalEntity: 'Operator DE', controlledFrom: ['DE', 'CN'] } }),
  endpoint('de-global', 'DE', { processing: ['*'], vendorMode: 'global' }),
  endpoint('de-early', 'DE', {
    contract: { ...contract, ref: 'C-de-early', validFrom: '2027-01-01', validUntil: '2030-01-01' },
  }),
];

const everything = ['both'];
const span = { validFrom: '2025-01-01', validUntil: '2030-01-01' };
function domestic(from: string, to: string[]): Mechanism {
  return mechanismFixture({
    id: `${from}-domestic`,
    kind: 'domestic',
    from,
    to,
    dataClasses: everything,
    ...span,
  });
}

const mechanisms: readonly Mechanism[] = [
  domestic('EU', union),
  domestic('UK', ['GB']),
  domestic('US', ['US']),
  domestic('SG', ['SG']),
  mechanismFixture({
    id: 'EU-adequacy',
    kind: 'adequacy',
    from: 'EU',
    to: ['GB'],
    dataClasses: ['payment'],
    ...span,
    validUntil: '2028-01-01',
  }),
  mechanismFixture({
    id: 'EU-US-dpf',
    kind: 'dpf',
    from: 'EU',
    to: ['US'],
    recipient: 'Certified Inc',
    dataClasses: ['personal'],
    dpfData: ['non-hr'],
    ...span,
    validUntil: '2027-01-01',
    fallback: 'EU-US-scc',
  }),
  mechanismFixture({
    id: 'EU-US-scc',
    kind: 'scc',
    from: 'EU',
    to: ['US'],
    recipient: 'Certified Inc',
    dataClasses: ['personal'],
    module: 2,
    tiaDate: '2026-03-01',
    ...span,
    validUntil: '2028-07-01',
  }),
  mechanismFixture({
    id: 'UK-adequacy',
    kind: 'adequacy',
    from: 'UK',
    to: union,
    dataClasses: ['personal'],
    ...span,
    validFrom: '2026-07-01',
  }),
  mechanismFixture({
    id: 'SG-contract',
    kind: 'sg-contract',
    from: 'SG',
    to: ['US'],
    recipient: 'Other Inc',
    dataClasses: ['personal'],
    ...span,
  }),
];

function rule(
  subjectJurisdiction: string,
  dataClass: string,
  changes: Partial<TransferRule> = {},
): TransferRule {
  return ruleFixture({ subjectJurisdiction, dataClass, purposes: ['inference'], deny: [], ...changes });
}

/** Four jurisdictions, five classes of a lattice, twelve endpoints, nine mechanisms, eight rules. */
export const richPolicy: ResidencyPolicy = {
  jurisdictions: [
    { id: 'EU', countries: union },
    { id: 'UK', countries: ['GB'] },
    { id: 'US', countries: ['US'] },
    { id: 'SG', countries: ['SG'] },
  ],
  dataClasses: [
    { id: 'public', parents: [] },
    { id: 'personal', parents: ['public'] },
    { id: 'payment', parents: ['personal'] },
    { id: 'health', parents: ['personal'] },
    { id: 'both', parents: ['payment', 'health'] },
  ],
  endpoints: [...endpoints],
  mechanisms: [...mechanisms],
  transferRules: [
    rule('EU', 'both', { allow: ['domestic'], purposes: ['inference', 'embedding', 'guard'] }),
    rule('EU', 'payment', { allow: ['domestic', 'adequacy'], deny: ['CN', 'RU'] }),
    rule('EU', 'personal', { allow: ['dpf', 'scc'] }),
    rule('UK', 'health', { allow: ['domestic'], deny: ['FR'] }),
    rule('UK', 'personal', { allow: ['adequacy'], purposes: ['inference', 'embedding'] }),
    rule('US', 'both', { allow: ['domestic'], purposes: ['inference', 'embedding'] }),
    rule('SG', 'both', { allow: ['domestic'], purposes: ['inference', 'embedding'] }),
    rule('SG', 'personal', { id: 'sg-out', allow: ['sg-contract'], maxSubjectsPerYear: 1000 }),
  ],
};
