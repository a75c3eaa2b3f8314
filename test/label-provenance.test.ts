import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { GatewayConfig } from '../src/config/gateway-schema.ts';
import type { Grants } from '../src/gateway/caller.ts';
import { type Sending, type TestGateway, startTestGateway } from './support/gateway.ts';
import {
  type TestSigner,
  makeSigner,
  referenceClaims,
  referenceConfig,
  secondsFromNow,
  tokenClaims,
  tokenConfig,
} from './support/identity.ts';

let gateway: TestGateway;
let customers: TestSigner;
let login: TestSigner;
const swissAddress = 'https://ch.gateway.example';

beforeAll(async () => {
  customers = await makeSigner('EdDSA');
  login = await makeSigner('ES256');
  gateway = await startTestGateway({ change: widerWorld });
});
afterAll(async () => {
  await gateway.stop();
  customers.remove();
  login.remove();
});

/** The European cell also serves the United Kingdom and Singapore, and the Swiss one is somewhere else. */
function widerWorld(config: GatewayConfig): GatewayConfig {
  const [eu, ...others] = config.cells.map((cell) => ({ ...cell, archive: 'none' as const }));
  if (!eu) throw new Error('the example has cells');
  const [domestic] = config.mechanisms;
  if (!domestic) throw new Error('the example has mechanisms');
  return {
    ...config,
    jurisdictions: [
      ...config.jurisdictions,
      { id: 'UK', countries: ['GB'] },
      { id: 'SG', countries: ['SG'] },
      { id: 'CH', countries: ['CH'] },
    ],
    cells: [
      { ...eu, jurisdictions: ['EU', 'UK', 'SG'] },
      ...others,
      { ...eu, id: 'ch', jurisdictions: ['CH'], hosted: false, address: swissAddress },
    ],
    mechanisms: [
      ...config.mechanisms,
      {
        ...domestic,
        id: 'uk-eu',
        law: 'UK GDPR',
        kind: 'adequacy',
        from: 'UK',
        to: ['DE'],
        ref: 'DPA 2018 s17A',
      },
    ],
    transferRules: [
      ...config.transferRules,
      {
        subjectJurisdiction: 'UK',
        dataClass: 'special-category',
        purposes: ['inference'],
        allow: ['adequacy'],
        deny: [],
      },
    ],
    tokens: [tokenConfig(login.keys)],
    subjectReferences: [referenceConfig(customers.keys)],
    classification: [
      { detects: 'card', dataClass: 'special-category' },
      { detects: 'health-terms', dataClass: 'special-category' },
    ],
  };
}

const everywhere: Partial<Grants> = { jurisdictions: ['EU', 'UK', 'SG', 'CH'] };
const reference = 'countersign-subject-reference';
const refer = (subject: string, jurisdiction: string, changes = {}) =>
  customers.sign(referenceClaims(subject, jurisdiction, changes), { typ: 'countersign-subject+jwt' });

/** Sends exactly these headers: no jurisdiction unless it is among them. */
async function decide(
  headers: Record<string, string>,
  input: Record<string, unknown> = { note: 'A loan.' },
  grants: Partial<Grants> = everywhere,
  key?: string,
) {
  const response = await fetch(`${gateway.url}/v1/decisions`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      authorization: `Bearer ${key ?? (await gateway.keyFor(grants))}`,
      'countersign-decision-type': 'credit-application',
      ...headers,
    },
    body: JSON.stringify({ input }),
  });
  const text = await response.text();
  const decisionId = response.headers.get('countersign-decision-id') ?? '';
  return { status: response.status, text, headers: response.headers, body: JSON.parse(text), decisionId };
}

async function firstEntry(decisionId: string) {
  const header = (await gateway.story(decisionId))?.entries[0]?.header;
  if (!header) throw new Error('no record');
  return { header, facts: header.facts as unknown as Record<string, unknown> };
}

async function expectReplayed(decisionId: string): Promise<void> {
  const sending: Sending = { key: await gateway.keyFor(everywhere) };
  const { body } = await gateway.post(`/v1/decisions/${decisionId}/replay`, {}, sending);
  expect(body).toMatchObject({ result: 'equal', firstDifference: null });
}

describe('a signed subject reference', () => {
  it('settles whose data it is, raises its class, and names the subject whose key it is under', async () => {
    const settled = await decide({
      [reference]: await refer('s-1', 'UK', { dataClass: 'special-category' }),
    });
    expect([200, 202]).toContain(settled.status);
    const { header, facts } = await firstEntry(settled.decisionId);
    expect(header).toMatchObject({ jurisdiction: 'UK', dataClass: 'special-category' });
    expect(header).not.toHaveProperty('others');
    expect(facts).toMatchObject({
      label: { jurisdiction: 'reference', dataClass: 'reference' },
      endpoint: { basis: [{ country: 'DE', mechanism: 'uk-eu' }] },
    });
    const named = await decide({ 'countersign-subject': 's-1', 'countersign-jurisdiction': 'EU' });
    expect((await firstEntry(named.decisionId)).header.payload?.keyId).toBe(header.payload?.keyId);
    await expectReplayed(settled.decisionId);
  });

  it('of several subjects makes a request that is lawful only where it is for each of them', async () => {
    const [uk, eu, sg] = await Promise.all([refer('s-1', 'UK'), refer('s-2', 'EU'), refer('s-3', 'SG')]);
    const both = await decide({ [reference]: `${uk}, ${eu}` });
    expect([200, 202]).toContain(both.status);
    const { header, facts } = await firstEntry(both.decisionId);
    // In configured order, whatever the order they came in.
    expect(header).toMatchObject({ jurisdiction: 'EU', others: ['UK'] });
    expect(facts['endpoint']).toMatchObject({
      id: 'simulator-eu',
      countries: ['DE'],
      basis: [
        { country: 'DE', mechanism: 'eu-domestic' },
        { country: 'DE', mechanism: 'uk-eu' },
      ],
    });
    await expectReplayed(both.decisionId);
    const one = await decide({ [reference]: uk });
    expect((await firstEntry(one.decisionId)).header.payload?.keyId).not.toBe(header.payload?.keyId);

    const calls = gateway.callsReceived();
    const three = await decide({ [reference]: `${eu},${sg}` });
    expect([three.status, three.body.code]).toEqual([403, 'NO_LAWFUL_ENDPOINT']);
    expect(gateway.callsReceived()).toBe(calls);
    await expectReplayed(three.decisionId);
  });

  it('hides the record from whoever may see the data of one of them only', async () => {
    const [uk, eu] = await Promise.all([refer('s-1', 'UK'), refer('s-2', 'EU')]);
    const { decisionId } = await decide({ [reference]: `${uk},${eu}` });
    const read = async (jurisdictions: string[]) =>
      (
        await gateway.get(`/v1/decisions/${decisionId}/record`, {
          key: await gateway.keyFor({ jurisdictions }),
        })
      ).status;
    expect([await read(['EU']), await read(['UK']), await read(['EU', 'UK'])]).toEqual([404, 404, 200]);
  });

  it.each([
    ['a header that says otherwise', { 'countersign-jurisdiction': 'EU' }, 'UK', {}, 'LABEL_CONFLICT'],
    ['another subject in a header', { 'countersign-subject': 's-9' }, 'UK', {}, 'LABEL_CONFLICT'],
    ['a jurisdiction that is none', {}, 'XX', {}, 'LABEL_CONFLICT'],
    ['a jurisdiction that is not granted', {}, 'US', {}, 'LABEL_UNGRANTED'],
    ['a class that is none', {}, 'UK', { dataClass: 'ghost' }, 'LABEL_CONFLICT'],
    [
      'a header that lowers its class',
      { 'countersign-data-class': 'personal' },
      'UK',
      { dataClass: 'special-category' },
      'LABEL_CONFLICT',
    ],
    ['a time that is over', {}, 'UK', { exp: secondsFromNow(-60) }, 'REFERENCE_INVALID'],
    ['another audience', {}, 'UK', { aud: 'else' }, 'REFERENCE_INVALID'],
    ['another issuer', {}, 'UK', { iss: 'else' }, 'REFERENCE_INVALID'],
    ['no subject', {}, 'UK', { sub: '' }, 'REFERENCE_INVALID'],
  ])(
    'is refused, counted and recorded without payload with %s',
    async (_, headers, jurisdiction, changes, code) => {
      const signed = await refer('s-1', jurisdiction, changes);
      const answer = await decide({ ...headers, [reference]: signed });
      expect(answer.body.code).toBe(code);
      const { header, facts } = await firstEntry(answer.decisionId);
      expect(header).toMatchObject({ type: 'refusal', payload: null, jurisdiction: null });
      expect(facts).toMatchObject({ code });
    },
  );

  it('is refused with the wrong type, a signature of somebody else, too many, or an empty place', async () => {
    const good = await refer('s-1', 'UK');
    const asToken = await customers.sign(referenceClaims('s-1', 'UK'));
    const forged = await login.sign(referenceClaims('s-1', 'UK'), { typ: 'countersign-subject+jwt' });
    const tried: [string, string][] = [
      [asToken, 'type'],
      [forged, 'algorithm'],
      [`${good},`, 'type'],
      [Array.from({ length: 9 }, () => good).join(), 'too-many'],
      ['nonsense', 'type'],
    ];
    for (const [value, problem] of tried) {
      const { body } = await decide({ [reference]: value });
      expect([body.code, body.problem]).toEqual(['REFERENCE_INVALID', problem]);
    }
  });

  it('speaks for its own tenants only', async () => {
    const key = await gateway.keyFor(everywhere, 'globex');
    const { body } = await decide({ [reference]: await refer('s-1', 'UK') }, {}, {}, key);
    expect([body.code, body.problem]).toEqual(['REFERENCE_INVALID', 'claims']);
  });

  it('of subjects in different cells is no request that one cell could keep', async () => {
    const [uk, us] = await Promise.all([refer('s-1', 'UK'), refer('s-2', 'US')]);
    const grants = { jurisdictions: ['UK', 'US'] };
    const { body } = await decide({ [reference]: `${uk},${us}` }, { note: 'A loan.' }, grants);
    expect(body.code).toBe('LABEL_CONFLICT');
  });

  it('is what an idempotency key is about; a new signature on the same words is not', async () => {
    const key = await gateway.keyFor(everywhere);
    const once = (signed: string) =>
      decide({ [reference]: signed, 'idempotency-key': 'k-1' }, { note: 'A loan.' }, {}, key);
    const first = await once(await refer('s-1', 'UK'));
    const again = await once(await refer('s-1', 'UK', { exp: secondsFromNow(200) }));
    expect(again.decisionId).toBe(first.decisionId);
    expect((await once(await refer('s-1', 'EU'))).body.code).toBe('IDEMPOTENCY_MISMATCH');
  });
});

describe('what is found in a request', () => {
  const inEu = { 'countersign-jurisdiction': 'EU' };

  it.each([
    ['a word in a text', { note: 'Zwei Jahre nach der Chemotherapie.' }, 'health-terms', '/input/note'],
    ['a card in a text', { note: 'Pay 4111 1111 1111 1111.' }, 'card', '/input/note'],
    ['a card that is a number', { card: 4111111111111111 }, 'card', '/~0/~0'],
  ])('raises its class by %s, and leaves kind and place in the record', async (_, input, rule, origin) => {
    const answer = await decide(inEu, input);
    const { header, facts } = await firstEntry(answer.decisionId);
    expect(header.dataClass).toBe('special-category');
    expect(facts['label']).toEqual({ dataClass: 'detected', jurisdiction: 'header' });
    const [ofLabel] = facts['verdicts'] as { gate: string; kind: string; findings: object[] }[];
    expect(ofLabel).toMatchObject({ gate: 'label', kind: 'pass', findings: [{ rule, origin }] });
    expect(JSON.stringify(header)).not.toMatch(/41111111|4111 1111|Chemo/);
    await expectReplayed(answer.decisionId);
  });

  it('lowers nothing, and finds nothing in an honest text', async () => {
    const high = await decide({ ...inEu, 'countersign-data-class': 'special-category' });
    expect((await firstEntry(high.decisionId)).facts['label']).toMatchObject({ dataClass: 'header' });
    const plain = await decide(inEu, {
      note: 'A loan of 12000 euros for a kitchen, order 1234567890123456.',
    });
    expect((await firstEntry(plain.decisionId)).header.dataClass).toBe('personal');
  });

  it('ends it before any call when its caller may not send such data, and is counted', async () => {
    const before = await counted('LABEL_UNGRANTED');
    const calls = gateway.callsReceived();
    const grants = { ...everywhere, dataClasses: ['personal'] };
    const answer = await decide(inEu, { note: 'She was diagnosed last year.' }, grants);
    expect([answer.status, answer.body.code]).toEqual([403, 'LABEL_UNGRANTED']);
    expect(answer.text).not.toContain('diagnosed');
    expect(gateway.callsReceived()).toBe(calls);
    expect(await counted('LABEL_UNGRANTED')).toBe(before + 1);
    const { header, facts } = await firstEntry(answer.decisionId);
    expect(header).toMatchObject({ type: 'outcome', dataClass: 'special-category' });
    expect(facts).toMatchObject({ status: 'refused', verdicts: [{ kind: 'refuse', gate: 'label' }, {}] });
    await expectReplayed(answer.decisionId);
  });
});

describe('a label whose cell is elsewhere', () => {
  it('gets the address, and nothing of token, reference, header or body stays', async () => {
    const secret = 'Canary-7731';
    const token = await login.sign(
      tokenClaims({ cs_jurisdictions: ['CH', 'EU'], cs_types: ['credit-application'] }),
    );
    const signed = await refer(`subject-${secret}`, 'CH');
    const entries = async () => (await gateway.rooms.cells.get('eu')?.store.query(everyEntry))?.length;
    const before = await entries();
    const [byReference, byHeader, byGrant] = [
      await decide({ [reference]: signed }, { note: secret }, {}, token),
      await decide(
        { 'countersign-jurisdiction': 'CH', 'countersign-subject': secret },
        { note: secret },
        everywhere,
      ),
      await decide({}, { note: secret }, { jurisdictions: ['CH', 'EU'] }),
    ];
    for (const answer of [byReference, byHeader]) {
      expect([answer.status, answer.body.code]).toEqual([421, 'CELL_ELSEWHERE']);
      expect(answer.body.cellAddress).toBe(swissAddress);
      expect(answer.decisionId).toBe('');
      expect([...answer.headers].join() + answer.text).not.toContain(secret);
    }
    // Two jurisdictions are granted, wherever their cells are: it is not for us to choose the one we host.
    expect(byGrant.body.code).toBe('LABEL_MISSING');
    expect(await entries()).toBe((before ?? 0) + 1);
    for (const { store } of gateway.rooms.cells.values()) {
      for (const table of [
        'entries',
        'subject_keys',
        'review_tasks',
        'idempotency_keys',
        'alerts',
        'parts',
      ]) {
        const rows = await store.query({
          text: `SELECT t::text AS row FROM ${table} t`,
          values: [],
        });
        const text = JSON.stringify(rows);
        for (const trace of [secret, hexOf(secret), hexOf(signed.slice(-40))])
          expect(text).not.toContain(trace);
      }
    }
    const metrics = (await gateway.get('/metrics')).text;
    const logs = [...gateway.logLines, metrics, await gateway.databaseLog()].join('\n');
    for (const trace of [secret, signed, token]) expect(logs).not.toContain(trace);
    expect(filesUnder(join(gateway.folder, 'egress')).join('\n')).not.toContain(secret);
  });
});

const everyEntry = { text: 'SELECT entry_id FROM entries WHERE tenant = $1', values: ['acme'] };
const hexOf = (text: string) => Buffer.from(text).toString('hex');

function filesUnder(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'utf8'));
}

async function counted(code: string): Promise<number> {
  const { text } = await gateway.get('/metrics');
  return text
    .split('\n')
    .filter((line) => line.startsWith('countersign_label_refusals_total{') && line.includes(`code="${code}"`))
    .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' ') + 1)), 0);
}
