import { readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { checkPolicy } from './policy-check.ts';
import { endpointFixture, mechanismFixture, policyFixture, ruleFixture } from './policy-fixture.ts';
import {
  DataClassSchema,
  type Endpoint,
  EndpointSchema,
  JurisdictionSchema,
  type Mechanism,
  MechanismSchema,
  type ResidencyPolicy,
  TransferRuleSchema,
} from './policy.ts';

const example: ResidencyPolicy = parse(
  readFileSync(new URL('../../examples/countersign.yaml', import.meta.url), 'utf8'),
);

describe('the example configuration', () => {
  const sections = {
    jurisdictions: JurisdictionSchema,
    dataClasses: DataClassSchema,
    endpoints: EndpointSchema,
    mechanisms: MechanismSchema,
    transferRules: TransferRuleSchema,
  };

  it.each(['jurisdictions', 'dataClasses', 'endpoints', 'mechanisms', 'transferRules'] as const)(
    'has %s that match their schema',
    (section) => {
      const validate = new Ajv({ allErrors: true }).compile({
        type: 'array',
        minItems: 1,
        items: sections[section],
      });
      validate(example[section]);
      expect(validate.errors).toBeNull();
    },
  );

  it('holds together', () => {
    expect(checkPolicy(example)).toEqual([]);
  });
});

const validEndpoint = new Ajv().compile(EndpointSchema);

describe('EndpointSchema', () => {
  it('has no default: each property is missed', () => {
    for (const key of Object.keys(endpointFixture())) {
      const rest = Object.entries(endpointFixture()).filter(([name]) => name !== key);
      expect(validEndpoint(Object.fromEntries(rest)), key).toBe(false);
    }
  });

  it.each([
    ['a secret in place of a reference', { credential: 'sk-live-1234' }],
    ['no credential said', { credential: '' }],
    ['a country in lower case', { processing: ['de'] }],
    ['an empty country list', { telemetry: [] }],
    ['a vendor word for a country', { storage: ['europe'] }],
    ['an evidence grade that must be earned', { evidence: 'vendor-logged' }],
    ['an unknown key', { fallbackEndpoint: 'us-1' }],
    ['an unknown purpose', { purposes: ['training'] }],
  ])('rejects %s', (_name, change) => {
    expect(validEndpoint({ ...endpointFixture(), ...change })).toBe(false);
  });

  it('accepts "anywhere" in a country list', () => {
    expect(validEndpoint(endpointFixture({ vendorMode: 'global', processing: ['*'] }))).toBe(true);
  });
});

function found(changes: Partial<ResidencyPolicy>): string[] {
  return checkPolicy(policyFixture(changes)).map(({ path, message }) => `${path.join('.')}: ${message}`);
}
const withEndpoint = (changes: Partial<Endpoint>) => found({ endpoints: [endpointFixture(changes)] });
const withMechanism = (changes: Partial<Mechanism>) => found({ mechanisms: [mechanismFixture(changes)] });
const scc = (changes: Partial<Mechanism> = {}) =>
  mechanismFixture({
    id: 'eu-us-scc',
    kind: 'scc',
    to: ['US'],
    recipient: 'Example Inc',
    tiaDate: '2026-03-01',
    module: 2,
    ...changes,
  });
const { module: _module, ...withoutModule } = scc();
const dpf = (changes: Partial<Mechanism> = {}): Mechanism => ({
  ...withoutModule,
  id: 'eu-us-dpf',
  kind: 'dpf',
  dpfData: ['non-hr'],
  ...changes,
});
const ofStaff = {
  dataClasses: [
    { id: 'public', parents: [] },
    { id: 'personal', parents: ['public'] },
    { id: 'staff', parents: ['personal'], humanResources: true },
    { id: 'special', parents: ['staff'] },
  ],
};
/** The SCC that a DPF falls back on, and the rule that allows both. */
const successor = (
  changes: Partial<Mechanism> = {},
  allow: ResidencyPolicy['transferRules'][0]['allow'] = ['dpf', 'scc'],
) =>
  found({
    mechanisms: [
      dpf({ validUntil: '2027-01-01', fallback: 'eu-us-scc' }),
      scc({ validUntil: '2029-01-01', ...changes }),
    ],
    transferRules: [ruleFixture({ allow })],
  });

describe('checkPolicy', () => {
  it('finds nothing wrong with a sound policy', () => {
    expect(found({})).toEqual([]);
    expect(found({ mechanisms: [mechanismFixture(), scc()] })).toEqual([]);
    expect(successor()).toEqual([]);
    expect(found({ ...ofStaff, mechanisms: [dpf({ dpfData: ['hr', 'non-hr'] })] })).toEqual([]);
    expect(found({ transferRules: [ruleFixture({ id: 'r', maxSubjectsPerYear: 10 })] })).toEqual([]);
  });

  const { contract } = endpointFixture();
  it.each<[string, string[], string]>([
    [
      'a country of a jurisdiction that is none',
      found({ jurisdictions: [...policyFixture().jurisdictions, { id: 'UK', countries: ['UK'] }] }),
      'jurisdictions.2.countries.0: "UK" is no country; write GB',
    ],
    [
      'a duplicate jurisdiction',
      found({ jurisdictions: [...policyFixture().jurisdictions, { id: 'EU', countries: ['DE'] }] }),
      'jurisdictions.2.id: "EU" names two of these; rename one',
    ],
    [
      'an unknown parent class',
      found({ dataClasses: [...policyFixture().dataClasses, { id: 'top', parents: ['special', 'secret'] }] }),
      'dataClasses.3.parents.1: "secret" is no data class; declare it, or take the parent out',
    ],
    [
      'a circle of classes',
      found({
        dataClasses: [
          { id: 'personal', parents: ['special'] },
          { id: 'special', parents: ['personal'] },
        ],
      }),
      'dataClasses.0.parents.0: "special" is already more sensitive than "personal"; break the circle',
    ],
    [
      'classes without a class above both',
      found({ dataClasses: [...policyFixture().dataClasses, { id: 'payment', parents: ['public'] }] }),
      'dataClasses.3.id: no class is the least above "personal" and "payment"; declare one with the parents [personal, payment]',
    ],
    [
      'a URL without TLS',
      withEndpoint({ url: 'http://eu.example.com/v1' }),
      'endpoints.0.url: must use https',
    ],
    [
      'a loopback look-alike',
      withEndpoint({ url: 'http://127.0.0.1.example.com/v1' }),
      'endpoints.0.url: must use https',
    ],
    [
      'a URL with a query',
      withEndpoint({ url: 'https://eu.example.com/v1?k=1' }),
      'endpoints.0.url: has a query',
    ],
    [
      'a country that is none',
      withEndpoint({ support: ['XX'] }),
      'endpoints.0.support.0: "XX" is no country',
    ],
    [
      'a controlling country that is none',
      withEndpoint({ operator: { legalEntity: 'X', controlledFrom: ['EL'] } }),
      'endpoints.0.operator.controlledFrom.0: "EL" is no country; write GR',
    ],
    [
      'a global mode that names places',
      withEndpoint({ vendorMode: 'global' }),
      'endpoints.0.processing: vendorMode global computes anywhere',
    ],
    [
      'a profile without a snapshot',
      withEndpoint({ vendorMode: 'profile' }),
      'endpoints.0.vendorMode: a profile’s regions are the vendor’s to change',
    ],
    [
      'a contract that ends before it begins',
      withEndpoint({ contract: { ...contract, validFrom: '2028-01-01' } }),
      'endpoints.0.contract.validUntil: must be after validFrom',
    ],
    [
      'a day that the calendar lacks',
      withEndpoint({ contract: { ...contract, validUntil: '2027-02-30' } }),
      'endpoints.0.contract.validUntil: is no day of the calendar',
    ],
    [
      'a sub-processor in an undeclared country',
      withEndpoint({
        contract: {
          ...contract,
          subprocessors: [{ legalEntity: 'Logs Inc', service: 'logs', countries: ['US'] }],
        },
      }),
      'endpoints.0.contract.subprocessors.0.countries.0: "US" stands in none of processing',
    ],
    [
      'a webhook that is also a model',
      withEndpoint({ dialect: 'webhook', purposes: ['webhook', 'inference'] }),
      'endpoints.0.purposes: a webhook serves no other purpose',
    ],
    [
      'a webhook that speaks openai',
      withEndpoint({ purposes: ['webhook'] }),
      'endpoints.0.dialect: the dialect webhook',
    ],
    [
      'an inference endpoint without models',
      withEndpoint({ models: [] }),
      'endpoints.0.models: the purpose inference',
    ],
    [
      'two versions of one model',
      withEndpoint({
        models: [
          { id: 'm', version: '1' },
          { id: 'm', version: '2' },
        ],
      }),
      'endpoints.0.models.1.id: this model is listed twice',
    ],
    [
      'two endpoints with the same id',
      found({ endpoints: [endpointFixture(), endpointFixture({ url: 'https://eu2.example.com' })] }),
      'endpoints.1.id: "eu-1" names two of these',
    ],
    [
      'two endpoints that are one place',
      found({ endpoints: [endpointFixture(), endpointFixture({ id: 'eu-2', processing: ['FR'] })] }),
      'endpoints.1.models.0.id: "eu-1" offers this model at this host already',
    ],
    ['an unknown origin', withMechanism({ from: 'UK' }), 'mechanisms.0.from: "UK" is no jurisdiction'],
    [
      'an unknown class of a mechanism',
      withMechanism({ dataClasses: ['pii'] }),
      'mechanisms.0.dataClasses.0: "pii"',
    ],
    [
      'a destination that is no country',
      withMechanism({ to: ['DE', 'EU'] }),
      'mechanisms.0.to.1: "EU" is no country',
    ],
    [
      'a border that "domestic" does not see',
      withMechanism({ to: ['DE', 'US'] }),
      'mechanisms.0.to.1: "US" lies outside "EU", so this is a transfer',
    ],
    [
      'a mechanism that ends before it begins',
      withMechanism({ validUntil: '2018-05-25' }),
      'mechanisms.0.validUntil: must be after validFrom',
    ],
    [
      'a contract with nobody',
      found({ mechanisms: [scc({ recipient: '*' })] }),
      'mechanisms.0.recipient: scc binds one party',
    ],
    [
      'clauses without an assessment',
      found({ mechanisms: [mechanismFixture({ kind: 'scc', recipient: 'Example Inc' })] }),
      'mechanisms.0.tiaDate: scc rests on a transfer impact assessment',
    ],
    [
      'an assessment on no day',
      found({ mechanisms: [scc({ tiaDate: '2026-13-01' })] }),
      'mechanisms.0.tiaDate: is no day of the calendar',
    ],
    [
      'a DPF that reaches elsewhere',
      found({ mechanisms: [scc({ kind: 'dpf', to: ['US', 'CA'] })] }),
      'mechanisms.0.to: the Data Privacy Framework reaches the United States only',
    ],
    [
      'clauses without their module',
      found({ mechanisms: [withoutModule] }),
      'mechanisms.0.module: scc comes in four modules',
    ],
    [
      'a module of what has none',
      withMechanism({ module: 1 }),
      'mechanisms.0.module: domestic has no modules',
    ],
    [
      'a DPF without the type of data',
      found({ mechanisms: [{ ...withoutModule, kind: 'dpf' }] }),
      'mechanisms.0.dpfData: a recipient is certified for hr, non-hr or both',
    ],
    [
      'a type of data without a DPF',
      withMechanism({ dpfData: ['hr'] }),
      'mechanisms.0.dpfData: domestic is no certification',
    ],
    [
      'data of staff under a certification for other data',
      found({ ...ofStaff, mechanisms: [dpf()] }),
      'mechanisms.0.dataClasses.0: covers "staff", data of staff, and the certification is not for hr',
    ],
    [
      'other data under a certification for data of staff',
      found({ ...ofStaff, mechanisms: [dpf({ dataClasses: ['staff', 'personal'], dpfData: ['hr'] })] }),
      'mechanisms.0.dataClasses.1: covers "public", "personal", not data of staff',
    ],
    [
      'other data below a class of staff, under a certification for data of staff',
      found({ ...ofStaff, mechanisms: [dpf({ dataClasses: ['staff'], dpfData: ['hr'] })] }),
      'mechanisms.0.dataClasses.0: covers "public", "personal", not data of staff',
    ],
    [
      'an IDTA for data of the Union',
      found({ mechanisms: [{ ...withoutModule, kind: 'idta' }] }),
      'mechanisms.0.kind: idta is for data of GB only, and "EU" has DE, FR',
    ],
    [
      'a Singapore contract that names nobody',
      found({
        jurisdictions: [{ id: 'EU', countries: ['SG'] }],
        mechanisms: [{ ...withoutModule, kind: 'sg-contract', recipient: '*' }],
      }),
      'mechanisms.0.recipient: sg-contract binds one party',
    ],
    [
      'a Chinese road without its assessment',
      found({
        jurisdictions: [{ id: 'EU', countries: ['CN'] }],
        mechanisms: [mechanismFixture({ kind: 'cn-assessment', to: ['US'], recipient: 'Example Inc' })],
      }),
      'mechanisms.0.tiaDate: cn-assessment rests on a transfer impact assessment',
    ],
    [
      'a fallback that begins too late',
      successor({ validFrom: '2027-01-02' }),
      'mechanisms.0.fallback: "eu-us-scc" begins only after this mechanism has ended',
    ],
    [
      'a fallback that no rule allows',
      successor({}, ['dpf']),
      'mechanisms.0.fallback: "eu-us-scc" is of the kind scc, which no rule allows for "special" and inference',
    ],
    [
      'a fallback that comes first',
      found({
        mechanisms: [
          scc({ validUntil: '2029-01-01' }),
          dpf({ validUntil: '2027-01-01', fallback: 'eu-us-scc' }),
        ],
        transferRules: [ruleFixture({ allow: ['dpf', 'scc'] })],
      }),
      'mechanisms.1.fallback: "eu-us-scc" is configured before this mechanism',
    ],
    [
      'a count without a name',
      found({ transferRules: [ruleFixture({ maxSubjectsPerYear: 10 })] }),
      'transferRules.0.id: persons are counted under the name of the rule',
    ],
    [
      'two rules of one name',
      found({ transferRules: [ruleFixture({ id: 'r' }), ruleFixture({ id: 'r' })] }),
      'transferRules.1.id: "r" names two of these',
    ],
    [
      'an unknown fallback',
      found({ mechanisms: [scc({ fallback: 'eu-us-bcr' })] }),
      'mechanisms.0.fallback: "eu-us-bcr" is no mechanism',
    ],
    [
      'a circle of fallbacks',
      found({ mechanisms: [scc({ fallback: 'b' }), scc({ id: 'b', fallback: 'eu-us-scc' })] }),
      'mechanisms.0.fallback: the fallbacks go round in a circle',
    ],
    [
      'a fallback that covers less',
      found({ mechanisms: [scc({ fallback: 'b' }), scc({ id: 'b', dataClasses: ['personal'] })] }),
      'mechanisms.0.fallback: "b" covers less than this mechanism',
    ],
    [
      'a fallback that ends first',
      found({ mechanisms: [scc({ fallback: 'b' }), scc({ id: 'b', validUntil: '2029-01-01' })] }),
      'mechanisms.0.fallback: "b" ends no later than this mechanism',
    ],
    [
      'a rule for an unknown jurisdiction',
      found({ transferRules: [ruleFixture({ subjectJurisdiction: 'UK' })] }),
      'transferRules.0.subjectJurisdiction: "UK" is no jurisdiction',
    ],
    [
      'a rule for an unknown class',
      found({ transferRules: [ruleFixture({ dataClass: 'pii' })] }),
      'transferRules.0.dataClass: "pii" is no data class',
    ],
    [
      'a denial of no country',
      found({ transferRules: [ruleFixture({ deny: ['RU', 'ZZ'] })] }),
      'transferRules.0.deny.1: "ZZ" is no country',
    ],
  ])('reports %s', (_name, problems, expected) => {
    expect(problems).toContainEqual(expect.stringContaining(expected));
  });

  it('does not repeat a password that stands in a URL', () => {
    const problems = withEndpoint({ url: 'https://me:hunter2@eu.example.com/v1' });
    expect(problems).toEqual(['endpoints.0.url: holds credentials; move them to "credential: env:NAME"']);
  });

  it('accepts plain http on loopback', () => {
    for (const host of ['127.0.0.1:9801', 'localhost', '[::1]:80']) {
      expect(withEndpoint({ url: `http://${host}/v1` })).toEqual([]);
    }
  });
});
