import type { Label } from '../decision/label.ts';
import type { Endpoint, Mechanism, ResidencyPolicy, TransferRule } from './policy.ts';

/** Parts of policies for tests: each is sound as it stands, and a test says what differs. */

export const july2026Ms = Date.UTC(2026, 6, 1);

export function endpointFixture(changes: Partial<Endpoint> = {}): Endpoint {
  return {
    id: 'eu-1',
    dialect: 'openai',
    url: 'https://eu.example.com/v1',
    credential: 'none',
    models: [{ id: 'scorecard', version: 'scorecard-1' }],
    purposes: ['inference'],
    operator: { legalEntity: 'Example GmbH', controlledFrom: ['DE'] },
    processing: ['DE'],
    storage: ['DE'],
    support: ['DE'],
    telemetry: ['DE'],
    vendorMode: 'regional',
    contract: {
      ref: 'C-1',
      validFrom: '2026-01-01',
      validUntil: '2028-01-01',
      noticeDays: 90,
      subprocessors: [],
    },
    evidence: 'contract',
    timeoutMs: 5_000,
    connections: 4,
    ...changes,
  };
}

export function mechanismFixture(changes: Partial<Mechanism> = {}): Mechanism {
  return {
    id: 'eu-domestic',
    law: 'GDPR',
    kind: 'domestic',
    from: 'EU',
    to: ['DE', 'FR'],
    recipient: '*',
    dataClasses: ['special'],
    ref: 'GDPR Art. 1(3)',
    validFrom: '2018-05-25',
    validUntil: '2030-01-01',
    ...changes,
  };
}

export function ruleFixture(changes: Partial<TransferRule> = {}): TransferRule {
  return {
    subjectJurisdiction: 'EU',
    dataClass: 'special',
    purposes: ['inference', 'webhook'],
    allow: ['domestic'],
    deny: [],
    ...changes,
  };
}

export function policyFixture(changes: Partial<ResidencyPolicy> = {}): ResidencyPolicy {
  return {
    jurisdictions: [
      { id: 'EU', countries: ['DE', 'FR'] },
      { id: 'US', countries: ['US'] },
    ],
    dataClasses: [
      { id: 'public', parents: [] },
      { id: 'personal', parents: ['public'] },
      { id: 'special', parents: ['personal'] },
    ],
    endpoints: [endpointFixture()],
    mechanisms: [mechanismFixture()],
    transferRules: [ruleFixture()],
    ...changes,
  };
}

export function labelFixture(changes: Partial<Label> = {}): Label {
  return {
    jurisdiction: 'EU',
    countries: ['DE', 'FR'],
    dataClass: 'personal',
    cell: 'eu',
    jurisdictionSource: 'grant',
    dataClassSource: 'decision-type',
    ...changes,
  };
}
