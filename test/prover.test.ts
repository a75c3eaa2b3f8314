import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Command } from 'commander';
import * as fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { parse } from 'yaml';
import { configCommands } from '../src/cli/config.ts';
import { CheckFailed } from '../src/cli/exit.ts';
import { proveCommand } from '../src/cli/residency/prove.ts';
import { UnsafeConfigError, loadProvenConfig } from '../src/gateway/proven-config.ts';
import { startGateway } from '../src/gateway/gateway.ts';
import { checkPolicy } from '../src/residency/policy-check.ts';
import {
  endpointFixture,
  july2026Ms,
  mechanismFixture,
  policyFixture,
  ruleFixture,
} from '../src/residency/policy-fixture.ts';
import type { Endpoint, Mechanism, ResidencyPolicy } from '../src/residency/policy.ts';
import type { Never, RouteAssertion } from '../src/residency/prover/assertion.ts';
import { checkAssertions } from '../src/residency/prover/assertion-check.ts';
import { createOracle } from '../src/residency/prover/oracle.ts';
import { edgeSubsets, everySubset, fewFor } from '../src/residency/prover/outage-walk.ts';
import type { proveInThreads as InThreads } from '../src/residency/prover/parallel.ts';
import { type Proof, prove } from '../src/residency/prover/prove.ts';
import { richPolicy } from '../src/residency/prover/rich-policy-fixture.ts';

const example: ResidencyPolicy = parse(
  readFileSync(new URL('../examples/countersign.yaml', import.meta.url), 'utf8'),
);

function proofOf(policy: ResidencyPolicy, assertions: readonly RouteAssertion[] = []): Proof {
  return prove(policy, { assertions, attempts: 3, nowMs: july2026Ms, depth: 'full' });
}
function firstSentence(policy: ResidencyPolicy, ...assertions: RouteAssertion[]): string | undefined {
  return proofOf(policy, assertions).violations[0]?.sentence;
}

const us = { processing: ['US'], storage: ['US'], support: ['US'], telemetry: ['US'] };
const usEndpoint = (changes: Partial<Endpoint> = {}) =>
  endpointFixture({
    id: 'us-1',
    url: 'https://us.example.com/v1',
    operator: { legalEntity: 'Example Inc', controlledFrom: ['US'] },
    ...us,
    ...changes,
  });
const scc = (changes: Partial<Mechanism> = {}) =>
  mechanismFixture({
    id: 'eu-us-scc',
    kind: 'scc',
    to: ['US'],
    recipient: 'Example Inc',
    module: 2,
    tiaDate: '2026-03-01',
    ...changes,
  });
/** Sound as it stands, and EU data may go to the United States by it. */
const open = (changes: Partial<ResidencyPolicy> = {}) =>
  policyFixture({
    endpoints: [endpointFixture(), usEndpoint()],
    mechanisms: [mechanismFixture(), scc()],
    transferRules: [ruleFixture({ allow: ['domestic', 'scc'] })],
    ...changes,
  });

describe('a proof', () => {
  it('finds the example safe, and says what strands whom', () => {
    const proof = proofOf(example);
    expect(proof.violations).toEqual([]);
    expect(proof.limits).toEqual([]);
    expect(proof.policyDigest).toMatch(/^sha256:[0-9a-f]{64}$/);
    expect(proof.stranded).toContainEqual({
      jurisdiction: 'EU',
      dataClass: 'personal',
      purpose: 'inference',
      model: 'scorecard',
      from: '2026-01-01',
      until: '2030-01-01',
      outages: [['simulator-eu']],
    });
    expect(proof.stranded).toContainEqual(
      expect.objectContaining({ jurisdiction: 'EU', from: '2030-01-01', until: null, outages: [[]] }),
    );
  });

  it('is the same in threads', async () => {
    // Of the built program: Node 20 loads no TypeScript in a thread.
    const built = new URL('../dist/residency/prover/parallel.js', import.meta.url).href;
    const { proveInThreads } = (await import(built)) as { proveInThreads: typeof InThreads };
    const unsafe = open({ mechanisms: [mechanismFixture(), scc({ to: ['US', 'IN'], recipient: '*' })] });
    for (const policy of [open(), unsafe]) {
      const options = { assertions: [], attempts: 3, nowMs: july2026Ms, depth: 'full' } as const;
      const inThreads = await proveInThreads(policy, options, 3);
      expect({ ...inThreads, elapsedMs: 0 }).toEqual({ ...prove(policy, options), elapsedMs: 0 });
    }
  });

  it('names the smallest outages only', () => {
    const { stranded } = proofOf(open());
    const now = stranded.find(
      ({ jurisdiction, purpose, dataClass }) =>
        jurisdiction === 'EU' && purpose === 'inference' && dataClass === 'personal',
    );
    expect(now?.outages).toEqual([['eu-1', 'us-1']]);
  });

  it('counts at least every interval, demand and outage subset', () => {
    // Demands of one subject × first and last moments of the intervals × outage subsets are the least.
    const policy = policyFixture();
    const cuts = new Set(['2026-01-01', '2028-01-01', '2018-05-25', '2030-01-01']).size;
    const demands = policy.jurisdictions.length * policy.dataClasses.length * 8;
    expect(proofOf(policy).states).toBeGreaterThanOrEqual(demands * cuts * 2 * 2);
  });

  it('is bounded at load, and says what it left out', () => {
    const proof = prove(richPolicy, { assertions: [], attempts: 3, nowMs: july2026Ms, depth: 'load' });
    expect(proof.violations).toEqual([]);
    expect(proof.limits).toContainEqual(expect.stringContaining('(bounded: load)'));
    expect(proof.states).toBeLessThan(50_000);
  });

  it('walks per demand above 16 endpoints, and says so', () => {
    const endpoints = Array.from({ length: 17 }, (_, n) =>
      endpointFixture({
        id: `eu-${n}`,
        url: `https://eu-${n}.example.com`,
        purposes: n < 3 ? ['inference'] : ['guard'],
      }),
    );
    const proof = proofOf(policyFixture({ endpoints }));
    expect(proof.violations).toEqual([]);
    expect(proof.limits).toContainEqual(expect.stringContaining('17 endpoints, more than 16'));
    const inference = proof.stranded.find(({ purpose }) => purpose === 'inference');
    expect(inference?.outages).toEqual([['eu-0', 'eu-1', 'eu-2']]);
  });
});

describe('outage subsets', () => {
  const statesOf = (walk: Iterable<readonly number[]>) => {
    const out = new Set<number>();
    return [...walk].map((changed) => {
      for (const one of changed) if (!out.delete(one)) out.add(one);
      return [...out].sort((a, b) => a - b).join();
    });
  };

  it('are all there, each once', () => {
    const states = statesOf(everySubset([0, 2, 3, 7]));
    expect(new Set(states).size).toBe(16);
    expect(states[0]).toBe('');
  });

  it('or those at the edges', () => {
    const states = statesOf(edgeSubsets([0, 1, 2, 3, 4], 1));
    expect(states).toHaveLength(1 + 5 + 5 + 1);
    expect(states).toContain('0,1,2,3,4');
    expect([fewFor(4, 16), fewFor(5, 16), fewFor(40, 100)]).toEqual(['all', 1, 1]);
  });
});

describe('an unsafe configuration that the check of the policy refuses', () => {
  // The prover would refuse each of them, too: its oracle reads the papers by itself.
  it.each<[string, ResidencyPolicy, string, string]>([
    [
      'a border that "domestic" does not see',
      open({
        mechanisms: [mechanismFixture({ to: ['DE', 'FR', 'US'] })],
        transferRules: [ruleFixture()],
      }),
      'lies outside "EU"',
      'reaches endpoint us-1 in US although no live mechanism covers US (processing, storage, support, telemetry): eu-domestic is domestic, which ends at the border',
    ],
    [
      'a contract with nobody',
      open({ mechanisms: [mechanismFixture(), scc({ recipient: '*' })] }),
      'scc binds one party',
      'eu-us-scc is scc, which binds one party, and names none',
    ],
    [
      'clauses without an assessment',
      open({
        mechanisms: [
          mechanismFixture(),
          mechanismFixture({ id: 'eu-us-scc', kind: 'scc', to: ['US'], recipient: 'Example Inc', module: 2 }),
        ],
      }),
      'transfer impact assessment',
      'eu-us-scc is scc without an assessment of the transfer',
    ],
    [
      'a DPF that reaches elsewhere',
      open({
        endpoints: [usEndpoint({ telemetry: ['US', 'CA'] })],
        mechanisms: [scc({ kind: 'dpf', to: ['US', 'CA'], dpfData: ['non-hr'] })],
        transferRules: [ruleFixture({ allow: ['dpf'] })],
      }),
      'reaches the United States only',
      'no live mechanism covers CA (telemetry): eu-us-scc is dpf, which ends at the border',
    ],
    [
      'a class of staff above others, under a certification for data of staff',
      open({
        dataClasses: [
          { id: 'public', parents: [] },
          { id: 'personal', parents: ['public'] },
          { id: 'special', parents: ['personal'], humanResources: true },
        ],
        mechanisms: [mechanismFixture(), scc({ kind: 'dpf', dpfData: ['hr'] })],
        transferRules: [ruleFixture({ allow: ['domestic', 'dpf'] })],
      }),
      'the certification is for hr alone',
      'gains a route to endpoint us-1 when its class is raised from personal',
    ],
    [
      'a sub-processor in an undeclared country',
      policyFixture({
        endpoints: [
          endpointFixture({
            contract: {
              ...endpointFixture().contract,
              subprocessors: [{ legalEntity: 'Logs Inc', service: 'logs', countries: ['IN'] }],
            },
          }),
        ],
      }),
      '"IN" stands in none of',
      'reaches endpoint eu-1 in DE although no live mechanism covers IN (sub-processor)',
    ],
  ])('%s', (_name, policy, refusal, counterexample) => {
    expect(
      checkPolicy(policy)
        .map(({ message }) => message)
        .join('\n'),
    ).toContain(refusal);
    expect(firstSentence(policy)).toContain(counterexample);
  });
});

describe('an unsafe configuration that contradicts what its operator asserts', () => {
  const never = (reach: Never['reach'], about: Omit<Partial<Never>, 'reach'> = {}): RouteAssertion => ({
    id: 'promise',
    never: { jurisdictions: ['EU'], ...about, reach },
  });
  const inIndia = (list: string) =>
    open({
      endpoints: [endpointFixture(), usEndpoint({ id: 'de-2', ...allGerman(), [list]: ['DE', 'IN'] })],
      mechanisms: [mechanismFixture(), scc({ to: ['IN'] })],
    });
  const allGerman = () => ({ processing: ['DE'], storage: ['DE'], support: ['DE'], telemetry: ['DE'] });

  it.each<[string, ResidencyPolicy, RouteAssertion, string]>([
    [
      'processing abroad',
      open(),
      never({ countries: ['US'] }),
      'reaches endpoint us-1 in US although assertion "promise" says never: it touches US; outages: eu-1.',
    ],
    [
      'storage abroad',
      inIndia('storage'),
      never({ countries: ['IN'] }),
      'reaches endpoint de-2 in DE, IN although',
    ],
    [
      'support from abroad',
      inIndia('support'),
      never({ countries: ['IN'] }),
      'it touches IN; outages: eu-1.',
    ],
    ['telemetry abroad', inIndia('telemetry'), never({ countries: ['IN'] }), 'it touches IN; outages: eu-1.'],
    [
      'an owner abroad',
      policyFixture({
        endpoints: [endpointFixture({ operator: { legalEntity: 'X', controlledFrom: ['CN'] } })],
      }),
      never({ controlledFrom: ['CN'] }),
      'it is controlled from CN; nothing is out.',
    ],
    [
      'a zone instead of a region',
      policyFixture({ endpoints: [endpointFixture({ vendorMode: 'zone' })] }),
      never({ vendorModes: ['zone', 'profile'] }),
      'its vendor mode is zone; nothing is out.',
    ],
    [
      'a mechanism relied on after the day it should be left',
      open(),
      never({ mechanisms: ['scc'] }, { from: '2027-01-01' }),
      'it rests on scc',
    ],
    [
      'a class that was let out',
      open(),
      never({ countries: ['US'] }, { dataClasses: ['special'] }),
      'a request of jurisdiction EU, class special, for inference with model scorecard reaches endpoint us-1',
    ],
    [
      'a purpose that was let out',
      open({
        endpoints: [endpointFixture(), usEndpoint({ purposes: ['inference', 'embedding'] })],
        transferRules: [ruleFixture({ purposes: ['inference', 'embedding'], allow: ['domestic', 'scc'] })],
      }),
      never({ countries: ['US'] }, { purposes: ['embedding'] }),
      'for embedding with model scorecard reaches endpoint us-1',
    ],
    [
      'an operator that was to be left',
      open(),
      never({ operators: ['Example Inc'] }),
      'it is operated by Example Inc',
    ],
    ['an endpoint that was to be left', open(), never({ endpoints: ['us-1'] }), 'it is endpoint us-1'],
    [
      'no second endpoint',
      policyFixture(),
      {
        id: 'promise',
        always: {
          jurisdictions: ['EU'],
          dataClasses: ['personal'],
          purposes: ['inference'],
          from: '2026-07-01',
          until: '2027-07-01',
          outagesMax: 1,
        },
      },
      'On 2026-07-01, a request of jurisdiction EU, class personal, for inference with model scorecard has no route left although assertion "promise" promises a route with up to 1 out; outages: eu-1.',
    ],
    [
      'a gap between a mechanism and the next',
      open({
        endpoints: [usEndpoint()],
        mechanisms: [scc({ validUntil: '2026-10-01' }), scc({ id: 'later', validFrom: '2026-11-01' })],
      }),
      {
        id: 'promise',
        always: {
          jurisdictions: ['EU'],
          purposes: ['inference'],
          from: '2026-07-01',
          until: '2027-07-01',
          outagesMax: 0,
        },
      },
      'On 2026-10-01 (after mechanism eu-us-scc ended), a request of jurisdiction EU',
    ],
  ])('%s', (_name, policy, assertion, counterexample) => {
    expect(checkPolicy(policy)).toEqual([]);
    expect(proofOf(policy).violations).toEqual([]);
    expect(firstSentence(policy, assertion)).toContain(counterexample);
  });

  it('holds where it holds', () => {
    expect(
      proofOf(open(), [never({ countries: ['CN'] }), never({ countries: ['US'] }, { until: '2020-01-01' })])
        .violations,
    ).toEqual([]);
    const after: RouteAssertion = {
      id: 'p',
      always: {
        jurisdictions: ['EU'],
        purposes: ['inference'],
        from: '2026-07-01',
        until: '2027-07-01',
        outagesMax: 1,
      },
    };
    expect(proofOf(open(), [after]).violations).toEqual([]);
  });

  it('does not hold by naming what is not there', () => {
    const problems = checkAssertions(policyFixture(), [
      never({ endpoints: ['us-9'] }, { dataClasses: ['pii'], until: '2027-02-30' }),
    ]).map(({ path, message }) => `${path.join('.')}: ${message}`);
    expect(problems).toEqual([
      expect.stringContaining('assertions.0.never.dataClasses: "pii" is none of the dataClasses'),
      expect.stringContaining('assertions.0.never.reach.endpoints: "us-9" is none of the endpoints'),
      expect.stringContaining('assertions.0.never.until: is no day of the calendar'),
    ]);
  });
});

describe('every sound policy', () => {
  const countries = ['DE', 'FR', 'US', 'CN'];
  const days = ['2026-01-01', '2026-07-01', '2027-01-01', '2027-07-01'];
  const span = fc.tuple(fc.nat(2), fc.nat(2)).map(([from, more]) => ({
    validFrom: days[from] ?? '',
    validUntil: days[Math.min(3, from + 1 + more)] ?? '',
  }));
  const places = fc.subarray(countries, { minLength: 1, maxLength: 2 });
  const endpoint = fc
    .record({
      processing: places,
      support: places,
      telemetry: places,
      span,
      owner: fc.constantFrom(...countries),
    })
    .map(({ span: valid, owner, ...given }) => {
      const storage = given.processing;
      const operator = { legalEntity: 'Example Inc', controlledFrom: [owner] };
      return endpointFixture({
        ...given,
        storage,
        operator,
        contract: { ...endpointFixture().contract, ...valid },
      });
    });
  const mechanism = fc
    .record({
      from: fc.constantFrom('EU', 'US'),
      to: fc.subarray(countries, { minLength: 3 }),
      dataClasses: fc.subarray(['public', 'personal', 'special'], { minLength: 1 }),
      span,
    })
    .map(({ span: valid, ...given }) => mechanismFixture({ kind: 'adequacy', ...given, ...valid }));
  const rule = fc
    .record({
      subjectJurisdiction: fc.constantFrom('EU', 'US'),
      dataClass: fc.constantFrom('public', 'personal', 'special'),
      deny: fc.oneof(
        { weight: 4, arbitrary: fc.constant<string[]>([]) },
        { weight: 1, arbitrary: fc.constantFrom<string[][]>(['CN'], ['US']) },
      ),
    })
    .map((given) => ruleFixture({ allow: ['adequacy'], purposes: ['inference'], ...given }));
  const policies = fc
    .tuple(
      fc.array(endpoint, { minLength: 1, maxLength: 3 }),
      fc.array(mechanism, { minLength: 3, maxLength: 6 }),
      fc.array(rule, { minLength: 2, maxLength: 4 }),
    )
    .map(([endpoints, mechanisms, transferRules]) =>
      policyFixture({
        endpoints: endpoints.map((e, n) => ({ ...e, id: `e${n}`, url: `https://e${n}.example.com` })),
        mechanisms: mechanisms.map((m, n) => ({ ...m, id: `m${n}` })),
        transferRules,
      }),
    );

  it('has no route that the oracle does not leave standing', () => {
    let lawful = 0;
    fc.assert(
      fc.property(policies, (policy) => {
        expect(checkPolicy(policy)).toEqual([]);
        const options = { assertions: [], attempts: 3, nowMs: july2026Ms, depth: 'reachable' } as const;
        expect(prove(policy, options).violations).toEqual([]);
        const demand = {
          subjects: ['EU'],
          dataClass: 'public',
          purpose: 'inference',
          modelId: 'scorecard',
          isFull: false,
        } as const;
        lawful += createOracle(policy).lawful(demand, Date.UTC(2026, 7, 1)).length;
      }),
      { seed: 20261122, numRuns: 30 },
    );
    // Agreeing that nothing is lawful would prove little.
    expect(lawful).toBeGreaterThan(5);
  });
});

describe('the commands', () => {
  let folder: string;
  let file: string;
  const printed: string[] = [];
  beforeEach(() => {
    printed.length = 0;
    folder = mkdtempSync(join(tmpdir(), 'countersign-prover-'));
    cpSync('examples', folder, { recursive: true });
    file = join(folder, 'countersign.yaml');
    vi.spyOn(console, 'log').mockImplementation((line: string) => void printed.push(line));
    vi.spyOn(console, 'error').mockImplementation((line: string) => void printed.push(line));
  });
  afterEach(() => {
    vi.restoreAllMocks();
    rmSync(folder, { recursive: true });
  });
  const run = (command: Command, ...words: string[]) => command.parseAsync(words, { from: 'user' });
  const assert = (text: string) =>
    writeFileSync(file, `${readFileSync(file, 'utf8')}\nassertions:\n${text}\n`);
  const noSimulator =
    '  - { id: no-simulator, never: { jurisdictions: [EU], reach: { endpoints: [simulator-eu] } } }';

  it('prove prints one JSON object', async () => {
    await run(proveCommand(), '--config', file, '--json');
    const proof = JSON.parse(printed.join('\n')) as Proof;
    expect(Object.keys(proof).sort()).toEqual([
      'elapsedMs',
      'limits',
      'policyDigest',
      'states',
      'stranded',
      'violations',
    ]);
    expect(proof.violations).toEqual([]);
    expect(proof.states).toBeGreaterThan(1_000);
  });

  it('prove fails with the counterexample', async () => {
    assert(noSimulator);
    await expect(run(proveCommand(), '--config', file)).rejects.toThrow(CheckFailed);
    expect(printed.join('\n')).toContain(
      'although assertion "no-simulator" says never: it is endpoint simulator-eu',
    );
  });

  it('config check refuses with exit code 2 and the sentence', async () => {
    await run(configCommands(), 'check', '--config', file);
    assert(noSimulator);
    await expect(run(configCommands(), 'check', '--config', file)).rejects.toMatchObject({ exitCode: 2 });
    expect(printed.join('\n')).toContain(
      'reaches endpoint simulator-eu in DE although assertion "no-simulator"',
    );
  });

  it('the gateway does not start on it', async () => {
    assert(noSimulator);
    expect(() => loadProvenConfig(file)).toThrow(UnsafeConfigError);
    await expect(startGateway({ configFile: file, log: () => undefined })).rejects.toThrow(
      /reaches endpoint simulator-eu in DE/,
    );
  });
});
