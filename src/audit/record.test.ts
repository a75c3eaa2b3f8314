import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { v7 as uuidV7 } from 'uuid';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type TestPostgres, startTestPostgres } from '../../test/support/postgres.ts';
import type { IntentFacts } from '../decision/entry.ts';
import type { CallId, DecisionId } from '../decision/ids.ts';
import { ConflictError } from '../storage/errors.ts';
import { openFileKeyring } from '../storage/keyring/file-keyring.ts';
import type { Store } from '../storage/store.ts';
import { type KeyStore, createKeyStore } from './key-store.ts';
import { DecisionRecord, isCommittedIntent } from './record.ts';
import { claimIdempotencyKey } from './repository.ts';
import { tellStory } from './story.ts';
import { sweep } from './sweeper.ts';
import { createNoteSigner } from './ledger/note.ts';
import { verifyCell } from './verification/verify.ts';

let postgres: TestPostgres;
let store: Store;
let keys: KeyStore;

beforeAll(async () => {
  postgres = await startTestPostgres();
  store = await postgres.freshStore();
  const file = join(mkdtempSync(join(tmpdir(), 'countersign-keys-')), 'eu.json');
  keys = createKeyStore(store, await openFileKeyring(file, { create: true }));
});
afterAll(() => postgres.stop());

const intentFacts: IntentFacts = {
  kind: 'intent',
  caller: 'key-1',
  attempt: 1,
  purpose: 'inference',
  endpoint: {
    id: 'e1',
    countries: ['DE'],
    basis: [{ country: 'DE', mechanism: 'm' }],
    evidence: 'contract',
    policy: 'sha256:0',
  },
  model: { id: 'm1', version: '1' },
  prompt: null,
  parameters: { temperature: 0 },
  context: [],
  label: { jurisdiction: 'grant', dataClass: 'decision-type' },
  surfacesDigest: 'sha256:1',
  requestDigest: 'sha256:2',
  verdicts: [],
};
const intentPayload = { schema: 1, request: null, firstIntent: null, upstream: '{"messages":[]}' } as const;
const completionFacts = {
  kind: 'completion',
  endpoint: 'e1',
  status: 'ok',
  httpStatus: 200,
  providerRequestId: 'r1',
  modelReturned: 'm1',
  usage: null,
  upstreamMs: 1,
  outputDigest: null,
  fault: null,
} as const;
const sealedFacts = {
  kind: 'outcome',
  status: 'decided',
  band: 'high',
  score: null,
  bandSet: null,
  decidedBy: 'model',
  reviewTask: null,
  verdicts: [],
  releasedDigest: null,
} as const;

async function open(subject: string | null = null, decisionId = uuidV7() as DecisionId) {
  const key = await keys.keyFor('acme', subject);
  const record = new DecisionRecord({
    store,
    subject: {
      decisionId,
      about: null,
      tenant: 'acme',
      jurisdiction: 'EU',
      dataClass: 'personal',
      decisionType: 'claims-triage',
      release: null,
      retention: null,
    },
    key,
    previous: null,
    nowMs: () => Date.now(),
  });
  return { record, decisionId };
}

describe('a decision record', () => {
  it('tells the whole story of a decision in the order of its chain', async () => {
    const { record, decisionId } = await open('customer-17');
    const intent = await record.intend(uuidV7() as CallId, intentFacts, intentPayload);
    await record.complete(intent, completionFacts, { schema: 1, raw: { encoding: 'utf8', data: '{"a":1}' } });
    await record.seal(sealedFacts, {
      schema: 1,
      request: null,
      outcome: 'pay',
      answer: null,
      released: '{}',
    });
    const story = await tellStory(store, keys, decisionId);
    expect(story?.intact).toBe(true);
    expect(story?.entries.map((entry) => entry.header.type)).toEqual(['intent', 'completion', 'outcome']);
    expect(story?.entries[0]?.payload).toEqual(intentPayload);
    expect(story?.entries[1]?.payload).toEqual({ schema: 1, raw: { encoding: 'utf8', data: '{"a":1}' } });
  });

  it('makes intents that are known as genuine, and copies that are not', async () => {
    const { record } = await open();
    const intent = await record.intend(uuidV7() as CallId, intentFacts, intentPayload);
    expect(isCommittedIntent(intent)).toBe(true);
    expect(isCommittedIntent({ ...intent })).toBe(false);
  });

  it('lets only one of two writers begin, or continue, a decision', async () => {
    const decisionId = uuidV7() as DecisionId;
    const first = (await open(null, decisionId)).record;
    const second = (await open(null, decisionId)).record;
    await first.intend(uuidV7() as CallId, intentFacts, intentPayload);
    await expect(second.intend(uuidV7() as CallId, intentFacts, intentPayload)).rejects.toThrow(
      ConflictError,
    );
  });

  it('keeps a subject’s payloads under one key and gives decisions without a subject their own', async () => {
    const ids = await Promise.all(
      ['s1', 's1', null, null].map(async (subject) => (await keys.keyFor('acme', subject)).key.keyId),
    );
    expect(ids[0]).toBe(ids[1]);
    expect(new Set(ids).size).toBe(3);
    expect((await keys.keyFor('other-tenant', 's1')).key.keyId).not.toBe(ids[0]);
  });

  it('puts nothing of a payload or a subject into the plain columns', async () => {
    const { record, decisionId } = await open('subject-canary-4711');
    await record.intend(uuidV7() as CallId, intentFacts, {
      ...intentPayload,
      upstream: 'payload-canary-0815',
    });
    const rows = await store.query<{ row: string }>({
      text: `SELECT row_to_json(e)::text || convert_from(header, 'UTF8') AS row FROM entries e WHERE decision_id = $1
             UNION ALL SELECT row_to_json(k)::text FROM subject_keys k`,
      values: [decisionId],
    });
    expect(rows.length).toBeGreaterThan(1);
    const text = rows.map((row) => row.row + Buffer.from(row.row, 'hex').toString('latin1')).join('\n');
    expect(text).not.toMatch(/canary/);
  });
});

describe('the sweeper', () => {
  it('closes an orphan intent as unknown, once, and a late answer can then not be recorded', async () => {
    const { record, decisionId } = await open();
    const intent = await record.intend(uuidV7() as CallId, intentFacts, intentPayload);
    const options = { olderThanMs: 0, since: null, nowMs: () => Date.now() };
    const [one, two] = await Promise.all([sweep(store, options), sweep(store, options)]);
    expect(one.closedDecisions + two.closedDecisions).toBeGreaterThanOrEqual(1);
    const story = await tellStory(store, keys, decisionId);
    expect(story?.intact).toBe(true);
    expect(story?.entries.map((entry) => entry.header.facts)).toMatchObject([
      { kind: 'intent' },
      { kind: 'completion', status: 'unknown' },
      { kind: 'outcome', status: 'refused' },
    ]);
    await expect(record.complete(intent, completionFacts, null)).rejects.toThrow(ConflictError);
    expect(await sweep(store, options)).toEqual({ unknownCalls: 0, closedDecisions: 0 });
  });

  it('leaves decisions alone that are young enough to be alive', async () => {
    const { record, decisionId } = await open();
    const intent = await record.intend(uuidV7() as CallId, intentFacts, intentPayload);
    await sweep(store, { olderThanMs: 60_000, since: null, nowMs: () => Date.now() });
    await record.complete(intent, completionFacts, null);
    await record.seal(sealedFacts, null);
    expect((await tellStory(store, keys, decisionId))?.entries).toHaveLength(3);
  });
});

/** A store without a ledger: its entries wait for their leaves. */
function verify() {
  return verifyCell({
    store,
    keys,
    logKey: (period) => createNoteSigner(Buffer.alloc(32)).verifier(period),
  });
}

describe('verification', () => {
  it('names the entry whose payload, header or column was altered, and finds nothing otherwise', async () => {
    expect((await verify()).problems).toEqual([]);
    const { record, decisionId } = await open('s2');
    await record.intend(uuidV7() as CallId, intentFacts, intentPayload);
    const owner = await ownerOf(store);
    const alterations = [
      ['payload = set_byte(payload, 20, get_byte(payload, 20) # 1)', 'the ciphertext was altered'],
      ["tenant = 'somebody else'", 'the column tenant does not match'],
      ['header = set_byte(header, 5, get_byte(header, 5) # 1)', 'the header does not match its digest'],
    ] as const;
    for (const [set, problem] of alterations) {
      const saved = await owner('SELECT * FROM entries WHERE decision_id = $1', [decisionId]);
      await owner(`UPDATE entries SET ${set} WHERE decision_id = $1`, [decisionId]);
      const { problems } = await verify();
      expect(problems).toHaveLength(1);
      expect(problems[0]).toMatchObject({ decisionId });
      expect(problems[0]?.problem).toContain(problem);
      const row = saved[0] as { payload: Buffer; header: Buffer; tenant: string };
      await owner('UPDATE entries SET payload = $2, header = $3, tenant = $4 WHERE decision_id = $1', [
        decisionId,
        row.payload,
        row.header,
        row.tenant,
      ]);
    }
  });
});

describe('an idempotency key', () => {
  it('belongs to its first decision, and is handed on only when that one never began', async () => {
    const claim = (decisionId: DecisionId, staleMs: number) =>
      claimIdempotencyKey(store, {
        tenant: 'acme',
        caller: 'k',
        keyMac: Buffer.alloc(32, 1),
        requestDigest: Buffer.alloc(32, 2),
        decisionId,
        staleMs,
      });
    const { record, decisionId } = await open();
    expect(await claim(decisionId, 60_000)).toMatchObject({ decisionId, mine: true });
    expect(await claim(uuidV7() as DecisionId, 60_000)).toMatchObject({ decisionId, mine: false });
    expect(await claim(uuidV7() as DecisionId, 0)).toMatchObject({ decisionId, mine: true });
    await record.intend(uuidV7() as CallId, intentFacts, intentPayload);
    expect(await claim(uuidV7() as DecisionId, 0)).toMatchObject({ decisionId, mine: false });
  });
});

async function ownerOf(of: Store) {
  const pg = (await import('pg')).default;
  const rows = await of.query<{ name: string }>({ text: 'SELECT current_database() AS name', values: [] });
  return async (text: string, values: unknown[]) => {
    const client = new pg.Client({ connectionString: postgres.server.superuserUrl(rows[0]?.name ?? '') });
    await client.connect();
    try {
      // The triggers that forbid this to everybody else are what an attacker with the disk goes around.
      await client.query('SET session_replication_role = replica');
      return (await client.query(text, values)).rows as unknown[];
    } finally {
      await client.end();
    }
  };
}
