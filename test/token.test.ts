import { type JWTPayload, SignJWT, UnsecuredJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type TestGateway, startTestGateway } from './support/gateway.ts';
import {
  type TestSigner,
  audience,
  makeSigner,
  secondsFromNow,
  tokenClaims,
  tokenConfig,
} from './support/identity.ts';

let gateway: TestGateway;
let signer: TestSigner;
let people: TestSigner;
let stranger: TestSigner;
const peopleIssuer = 'https://people.bank.example';

beforeAll(async () => {
  signer = await makeSigner('ES256');
  people = await makeSigner('ES256');
  stranger = await makeSigner('ES256');
  gateway = await startTestGateway({
    change: (config) => ({
      ...config,
      tokens: [
        tokenConfig(signer.keys),
        tokenConfig(people.keys, {
          id: 'people',
          issuer: peopleIssuer,
          caller: { claim: 'sub', is: 'person' },
        }),
      ],
    }),
  });
});
afterAll(async () => {
  await gateway.stop();
  for (const each of [signer, people, stranger]) each.remove();
});

const loan = { input: { note: 'A loan for a kitchen.' } };
const decide = (token: string, headers: Record<string, string> = {}) =>
  gateway.post('/v1/decisions', loan, { key: token, decisionType: 'credit-application', headers });

async function intentOf(decisionId: string) {
  const story = await gateway.story(decisionId);
  const intent = story?.entries.find(({ header }) => header.type === 'intent');
  return { header: intent?.header, facts: intent?.header.facts as unknown as Record<string, unknown> };
}

describe('a token of a trusted issuer', () => {
  it('grants what it says, names its client in the record, and is where the label comes from', async () => {
    const token = await signer.sign(tokenClaims());
    // fetch cannot leave a header out that the helper sends, so the label's own test is the header's absence.
    const response = await fetch(`${gateway.url}/v1/decisions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify(loan),
    });
    expect([200, 202]).toContain(response.status);
    const decisionId = response.headers.get('countersign-decision-id') ?? '';
    const { header, facts } = await intentOf(decisionId);
    expect(header).toMatchObject({ tenant: 'acme', jurisdiction: 'EU', dataClass: 'personal' });
    expect(facts).toMatchObject({
      caller: 'jwt:bank-login:claims-app',
      label: { jurisdiction: 'token', dataClass: 'decision-type' },
    });
    const replay = await gateway.post(`/v1/decisions/${decisionId}/replay`, {}, { key: token });
    expect(replay.body).toMatchObject({ result: 'equal', firstDifference: null });
  });

  it('is narrowed by a header, and never widened', async () => {
    const both = await signer.sign(tokenClaims({ cs_jurisdictions: ['EU', 'US'] }));
    const narrowed = await decide(both, { 'countersign-jurisdiction': 'US' });
    expect((await intentOf(narrowed.decisionId)).facts['label']).toMatchObject({ jurisdiction: 'header' });
    const widened = await decide(await signer.sign(tokenClaims()), { 'countersign-jurisdiction': 'US' });
    expect([widened.status, widened.code]).toEqual([403, 'LABEL_UNGRANTED']);
    const story = await gateway.story(widened.decisionId);
    expect(story?.entries[0]?.header.facts).toMatchObject({
      kind: 'refusal',
      caller: 'jwt:bank-login:claims-app',
      code: 'LABEL_UNGRANTED',
    });
  });

  it('of a person leaves a keyed digest in the record: the same for the same person, and no name', async () => {
    const tokenOf = (sub: string) => people.sign(tokenClaims({ iss: peopleIssuer, sub }));
    const [first, again, other] = await Promise.all(
      ['jane@bank.example', 'jane@bank.example', 'joe@bank.example'].map(async (sub) => {
        const { facts } = await intentOf((await decide(await tokenOf(sub))).decisionId);
        return String(facts['caller']);
      }),
    );
    expect(first).toMatch(/^jwt:people:[\w-]{22}$/);
    expect(again).toBe(first);
    expect(other).not.toBe(first);
  });
});

interface Bad {
  readonly name: string;
  readonly problem: string;
  readonly make: () => Promise<string> | string;
}
const signed = (changes: JWTPayload) => () => signer.sign(tokenClaims(changes));
const without = (claim: string) => () => {
  const { [claim]: _, ...rest } = tokenClaims();
  return signer.sign(rest);
};
const claimNames = ['tenant', 'azp', 'cs_jurisdictions', 'cs_classes', 'cs_types', 'cs_roles', 'exp'];

const bad: readonly Bad[] = [
  { name: 'an unknown issuer', problem: 'issuer', make: signed({ iss: 'https://else.example' }) },
  { name: 'no issuer', problem: 'issuer', make: without('iss') },
  { name: 'another audience', problem: 'audience', make: signed({ aud: 'https://else.example' }) },
  { name: 'no audience', problem: 'audience', make: without('aud') },
  { name: 'a time that is over', problem: 'expired', make: signed({ exp: secondsFromNow(-3600) }) },
  { name: 'a time that is not yet', problem: 'not-yet-valid', make: signed({ nbf: secondsFromNow(3600) }) },
  { name: 'alg none', problem: 'algorithm', make: () => new UnsecuredJWT(tokenClaims()).encode() },
  {
    name: 'HS256 with the public key as the secret',
    problem: 'algorithm',
    make: () =>
      new SignJWT(tokenClaims())
        .setProtectedHeader({ alg: 'HS256', kid: 'k1' })
        .sign(new TextEncoder().encode(signer.publicText)),
  },
  {
    name: 'the signature of somebody else',
    problem: 'signature',
    make: () => signer.sign(tokenClaims(), { key: stranger.privateKey }),
  },
  {
    name: 'the signature of another issuer',
    problem: 'signature',
    make: () => people.sign(tokenClaims()),
  },
  {
    name: 'a payload that was altered',
    problem: 'signature',
    make: async () => {
      const [header, , signature] = (await signer.sign(tokenClaims())).split('.');
      const claims = tokenClaims({ cs_jurisdictions: ['EU', 'US'] });
      return `${header}.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.${signature}`;
    },
  },
  { name: 'nothing that is JSON', problem: 'malformed', make: () => 'abc.def.ghi' },
  {
    name: 'the type of a subject reference',
    problem: 'type',
    make: () => signer.sign(tokenClaims(), { typ: 'countersign-subject+jwt' }),
  },
  ...claimNames.map((claim) => ({ name: `no claim ${claim}`, problem: 'claims', make: without(claim) })),
  { name: 'a tenant it may not speak for', problem: 'claims', make: signed({ tenant: 'globex' }) },
  { name: 'a role it may not give', problem: 'claims', make: signed({ cs_roles: ['caller', 'operator'] }) },
  { name: 'an unknown role', problem: 'claims', make: signed({ cs_roles: ['caller', 'king'] }) },
  { name: 'jurisdictions in one string', problem: 'claims', make: signed({ cs_jurisdictions: 'EU' }) },
  {
    name: 'a jurisdiction that is a number',
    problem: 'claims',
    make: signed({ cs_jurisdictions: ['EU', 1] }),
  },
  { name: 'a client that is an address', problem: 'claims', make: signed({ azp: 'jane@bank.example' }) },
  { name: 'a country that is none', problem: 'claims', make: signed({ cs_country: 'UK' }) },
];

describe('a token is refused, as a whole, with', () => {
  it.each(bad)('$name: $problem', async ({ make, problem }) => {
    const calls = gateway.callsReceived();
    const answer = await decide(await make());
    expect([answer.status, answer.code, answer.body['problem']]).toEqual([401, 'TOKEN_INVALID', problem]);
    expect(gateway.callsReceived()).toBe(calls);
  });

  it('and an API key is still one', async () => {
    expect([200, 202]).toContain((await decide(await gateway.keyFor())).status);
    expect((await decide(`cs_${'x'.repeat(43)}`)).code).toBe('KEY_UNKNOWN');
  });

  it('and nobody’s name is in the log, the metrics or the database’s log', async () => {
    const metrics = (await gateway.get('/metrics')).text;
    const all = [...gateway.logLines, metrics, await gateway.databaseLog()].join('\n');
    expect(all).not.toContain('canary');
    expect(all).not.toContain(audience);
    expect(all).not.toContain('jane');
  });
});
