import type { GatewayConfig } from '../../src/config/gateway-schema.ts';

/*
 * Four jurisdictions, two data classes, and endpoints of which each is lawful for some of them. What is lawful
 * for whom stands here twice: in the policy that the gateway reads, and in a table that was written by hand
 * from the law as the policy's author meant it. The proof holds the simulators' logs against the table.
 */

type Endpoint = GatewayConfig['endpoints'][number];
type Mechanism = GatewayConfig['mechanisms'][number];
type TransferRule = GatewayConfig['transferRules'][number];

export const jurisdictions = ['EU', 'UK', 'CH', 'US'] as const;
export type Jurisdiction = (typeof jurisdictions)[number];
export const dataClasses = ['internal', 'personal'] as const;
export type DataClass = (typeof dataClasses)[number];
export type Purpose = 'inference' | 'embedding' | 'webhook';

/** Simulators, each a process of its own. */
export const simulators = [
  'eu-1',
  'eu-2',
  'eu-embed',
  'eu-logs-in-us',
  'uk-1',
  'ch-1',
  'us-1',
  'us-certified',
  'us-embed',
  'anywhere',
  'hook-eu',
  'hook-us',
] as const;
export type SimulatorName = (typeof simulators)[number];

/** The table. Who is not in a row gets nothing of it. */
const lawfulPlaces: Readonly<Record<string, readonly SimulatorName[]>> = {
  'EU internal inference': ['eu-1', 'eu-2', 'uk-1', 'ch-1', 'us-certified'],
  'EU personal inference': ['eu-1', 'eu-2', 'uk-1'],
  'UK internal inference': ['uk-1', 'eu-1', 'eu-2'],
  'UK personal inference': ['uk-1', 'eu-1', 'eu-2'],
  'CH internal inference': ['ch-1', 'eu-1', 'eu-2'],
  'CH personal inference': ['ch-1', 'eu-1', 'eu-2'],
  'US internal inference': ['us-1', 'us-certified'],
  'US personal inference': ['us-1', 'us-certified'],
  'EU internal embedding': ['eu-1', 'eu-embed', 'uk-1'],
  'EU personal embedding': ['eu-1', 'eu-embed', 'uk-1'],
  'UK internal embedding': ['uk-1'],
  'UK personal embedding': ['uk-1'],
  'CH internal embedding': ['eu-1', 'eu-embed'],
  'CH personal embedding': ['eu-1', 'eu-embed'],
  'US internal embedding': ['us-1', 'us-embed'],
  'US personal embedding': ['us-1', 'us-embed'],
  'EU internal webhook': ['hook-eu'],
  'EU personal webhook': ['hook-eu'],
  'UK internal webhook': ['hook-eu'],
  'UK personal webhook': ['hook-eu'],
  'US internal webhook': ['hook-us'],
  'US personal webhook': ['hook-us'],
};

export function isLawfulAt(
  simulator: string,
  label: { readonly jurisdiction: string; readonly dataClass: string },
  purpose: Purpose,
): boolean {
  const row = lawfulPlaces[`${label.jurisdiction} ${label.dataClass} ${purpose}`] ?? [];
  return row.some((name) => name === simulator);
}

const union = ['DE', 'FR', 'IE'];

/** The policy, in the gateway's own words. */
export function worldly(config: GatewayConfig, urls: Readonly<Record<string, string>>): GatewayConfig {
  const [model] = config.endpoints;
  const [cell] = config.cells;
  if (!model || !cell) throw new Error('the example has endpoints and cells');
  return {
    ...config,
    jurisdictions: [
      { id: 'EU', countries: union },
      { id: 'UK', countries: ['GB'] },
      { id: 'CH', countries: ['CH'] },
      { id: 'US', countries: ['US'] },
    ],
    cells: jurisdictions.map((jurisdiction) => ({
      ...cell,
      id: jurisdiction.toLowerCase(),
      jurisdictions: [jurisdiction],
      keyring: { file: `./keys/${jurisdiction.toLowerCase()}.json` },
      archive: {
        endpoint: `archive-${jurisdiction.toLowerCase()}`,
        folder: `./archive/${jurisdiction.toLowerCase()}`,
        hotMonths: 1,
      },
    })),
    endpoints: places(model, urls),
    mechanisms,
    transferRules,
    retentionRules: [],
  };
}

function places(model: Endpoint, urls: Readonly<Record<string, string>>): Endpoint[] {
  const at = (id: string, country: string, changes: Partial<Endpoint> = {}): Endpoint => ({
    ...model,
    id,
    url: urls[id] ?? '',
    credential: 'none',
    models: [{ id: 'scorecard', version: '1' }],
    purposes: ['inference'],
    operator: { legalEntity: `Operator of ${id}`, controlledFrom: [country] },
    processing: [country],
    storage: [country],
    support: [country],
    telemetry: [country],
    timeoutMs: 400,
    connections: 32,
    ...changes,
  });
  const scored = [{ id: 'scorecard', version: '1' }];
  const embedder = { id: 'embedder', version: '1' };
  const both: Partial<Endpoint> = {
    models: [...scored, embedder],
    purposes: ['inference', 'embedding'],
  };
  const embedding: Partial<Endpoint> = { models: [embedder], purposes: ['embedding'] };
  const usOnly = { ...embedding, models: [embedder, { id: 'embedder-us', version: '1' }] };
  const archives = Object.entries({ eu: 'DE', uk: 'GB', ch: 'CH', us: 'US' }).map(([cell, country]) =>
    at(`archive-${cell}`, country, {
      dialect: 'store',
      url: `file:///archive/${cell}`,
      models: [],
      purposes: ['archive'],
    }),
  );
  const hook: Partial<Endpoint> = { dialect: 'webhook', models: [], purposes: ['webhook'] };
  return [
    // The last is the model of an example type, which is not asked here.
    at('eu-1', 'DE', { ...both, models: [...scored, embedder, { id: 'obedient', version: '1' }] }),
    at('eu-2', 'FR'),
    // Nobody has such a name: every call to it is a failure of DNS.
    at('eu-lost', 'DE', { ...both, url: 'https://eu.lost.invalid/v1' }),
    at('eu-embed', 'IE', embedding),
    at('eu-logs-in-us', 'DE', { ...both, telemetry: ['US'] }),
    at('uk-1', 'GB', both),
    at('ch-1', 'CH'),
    at('us-1', 'US', both),
    at('us-certified', 'US', { operator: { legalEntity: 'Certified Inc', controlledFrom: ['US'] } }),
    at('us-embed', 'US', usOnly),
    at('anywhere', 'DE', { ...both, vendorMode: 'global', processing: ['*'] }),
    at('hook-eu', 'DE', hook),
    at('hook-us', 'US', hook),
    ...archives,
  ];
}

const always = { law: 'as in the table', ref: 'proof', validFrom: '2020-01-01', validUntil: '2030-01-01' };
const mechanisms: Mechanism[] = [
  ...jurisdictions.map((from) => ({
    ...always,
    id: `${from}-domestic`,
    kind: 'domestic' as const,
    from,
    to: { EU: union, UK: ['GB'], CH: ['CH'], US: ['US'] }[from],
    recipient: '*',
    dataClasses: ['special-category'],
  })),
  adequacy('EU', ['GB'], 'personal'),
  adequacy('EU', ['CH'], 'internal'),
  adequacy('UK', union, 'personal'),
  adequacy('CH', union, 'personal'),
  {
    ...always,
    id: 'EU-US-dpf',
    kind: 'dpf',
    dpfData: ['non-hr'],
    from: 'EU',
    to: ['US'],
    recipient: 'Certified Inc',
    dataClasses: ['internal'],
  },
];

function adequacy(from: Jurisdiction, to: string[], dataClass: DataClass): Mechanism {
  const id = `${from}-${to.join('-')}-adequacy`;
  return { ...always, id, kind: 'adequacy', from, to, recipient: '*', dataClasses: [dataClass] };
}

const transferRules: TransferRule[] = [
  rule('EU', 'personal', ['inference', 'embedding'], ['domestic', 'adequacy']),
  rule('EU', 'internal', ['inference'], ['dpf']),
  rule('EU', 'personal', ['webhook'], ['domestic']),
  rule('UK', 'personal', ['inference', 'webhook'], ['domestic', 'adequacy']),
  rule('UK', 'personal', ['embedding'], ['domestic']),
  rule('CH', 'personal', ['inference', 'embedding'], ['domestic', 'adequacy']),
  rule('US', 'personal', ['inference', 'embedding', 'webhook'], ['domestic']),
  // A record is kept at home, whatever its class.
  ...jurisdictions.map((id) => rule(id, 'special-category', ['archive', 'review'], ['domestic'])),
];

function rule(
  subjectJurisdiction: Jurisdiction,
  dataClass: DataClass | 'special-category',
  purposes: TransferRule['purposes'],
  allow: TransferRule['allow'],
): TransferRule {
  return { subjectJurisdiction, dataClass, purposes, allow, deny: [] };
}
