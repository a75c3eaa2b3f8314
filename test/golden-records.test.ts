import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type KeyStore, createKeyStore } from '../src/audit/key-store.ts';
import { sealPayload } from '../src/audit/payload.ts';
import { type DecisionStory, tellStory } from '../src/audit/story.ts';
import { verifyCell } from '../src/audit/verification/verify.ts';
import { canonicalJson, digestOf } from '../src/decision/canonical.ts';
import type { CompletionFacts, EntryHeader } from '../src/decision/entry.ts';
import type { DecisionId } from '../src/decision/ids.ts';
import type { ReplayResult } from '../src/gateway/replay/replay-result.ts';
import { createReplayer } from '../src/gateway/replay/replayer.ts';
import { openFileKeyring } from '../src/storage/keyring/file-keyring.ts';
import { type Store, openStore } from '../src/storage/store.ts';
import { type Golden, entryInsert, loadGolden, readGolden } from './support/golden.ts';
import { type TestPostgres, startTestPostgres } from './support/postgres.ts';

interface House {
  readonly golden: Golden;
  readonly store: Store;
  readonly keys: KeyStore;
}

let postgres: TestPostgres;
let folder: string;
const stores: Store[] = [];
const replayer = createReplayer();

beforeAll(async () => {
  postgres = await startTestPostgres();
  folder = await mkdtemp(join(tmpdir(), 'countersign-golden-'));
});
afterAll(async () => {
  replayer.close();
  await postgres.stop();
  await rm(folder, { recursive: true, force: true });
});

afterEach(async () => {
  await Promise.all(stores.splice(0).map((store) => store.close()));
});

async function freshStore(cell: string): Promise<Store> {
  const address = await postgres.freshAddress();
  const store = await openStore({ cell, ...address, timeoutMs: 5000, lanes: 1, log: () => undefined });
  stores.push(store);
  return store;
}

async function house(
  schema: number,
  change: (golden: Golden) => Golden = (golden) => golden,
): Promise<House> {
  const golden = change(await readGolden(schema));
  const store = await freshStore(golden.cell);
  const keyring = await openFileKeyring(join(folder, 'keyring.json'), { create: true });
  await loadGolden(golden, store, keyring);
  return { golden, store, keys: createKeyStore(store, keyring) };
}

async function tell({ store, keys }: House, decisionId: DecisionId): Promise<DecisionStory> {
  const story = await tellStory(store, keys, decisionId);
  if (!story) throw new Error('no such decision');
  return story;
}

async function replay(at: House, name: string, reveal = false): Promise<ReplayResult> {
  const story = await tell(at, at.golden.decisions[name] as DecisionId);
  return (await replayer.replay(at.store, story, { reveal })).result;
}

describe.each([1, 2])('records of schema %i', (schema) => {
  it('are told, verified and replayed today', async () => {
    const at = await house(schema);
    for (const [name, decisionId] of Object.entries(at.golden.decisions)) {
      const story = await tell(at, decisionId);
      expect([name, story.intact, story.entries[0]?.header.schema]).toEqual([name, true, schema]);
      const result = await replay(at, name);
      expect([name, result.firstDifference, result.reason, result.result]).toEqual([
        name,
        null,
        null,
        'equal',
      ]);
      expect(result.schema).toBe(schema);
      const label = result.steps.find(({ step }) => step === 'label');
      expect(label?.result).toBe(schema === 1 ? 'not-repeated' : 'equal');
    }
    const verified = await verifyCell({
      store: at.store,
      keys: at.keys,
      logKey: () => {
        throw new Error('there is no ledger');
      },
    });
    expect(verified).toMatchObject({ problemCount: 0, notYetInLedger: at.golden.entries.length });
  });

  it('name the part of a release that was changed by one byte', async () => {
    const at = await house(schema, (golden) => ({
      ...golden,
      parts: golden.parts.map((part) =>
        part.mediaType === 'text/markdown' ? { ...part, text: part.text.replace('e', 'f') } : part,
      ),
    }));
    const result = await replay(at, 'decided');
    expect(result).toMatchObject({ result: 'not-replayable', reason: { code: 'RELEASE_ALTERED' } });
    expect(result.reason?.detail).toMatch(
      /^part prompt\.md: recorded sha256:\w{64}, in the store sha256:\w{64}$/,
    );
  });

  it('name what is missing of a release', async () => {
    const at = await house(schema, (golden) => ({
      ...golden,
      parts: golden.parts.filter(({ text }) => !text.startsWith('{"canonical"')),
    }));
    const result = await replay(at, 'decided');
    expect(result).toMatchObject({ result: 'not-replayable', reason: { code: 'RELEASE_MISSING' } });
    expect(result.reason?.detail).toMatch(/^part output-filter@/);
  });
});

/** The rows of a decision, forged by somebody who has the keys and makes every digest right again. */
function forged(
  golden: Golden,
  name: string,
  forge: (header: EntryHeader, payload: unknown) => { header: EntryHeader; payload: unknown },
  open: ReadonlyMap<string, unknown>,
): Golden {
  let previous: EntryHeader['previous'] = null;
  const entries = golden.entries.map((entry) => {
    const header = JSON.parse(entry.header) as EntryHeader;
    if (header.decisionId !== golden.decisions[name]) return entry;
    const made = forge(header, open.get(header.entryId) ?? null);
    const key = golden.keys.find(({ keyId }) => keyId === header.payload?.keyId);
    const secret = Buffer.from(key?.secret ?? '', 'hex');
    const subject = {
      keyId: key?.keyId ?? '',
      key: secret.subarray(0, 32),
      salt: secret.subarray(32),
      secret,
    };
    const sealed =
      made.payload === null
        ? null
        : sealPayload(Buffer.from(JSON.stringify(made.payload)), subject, header.entryId);
    const text = canonicalJson({ ...made.header, payload: sealed?.seal ?? null, previous });
    previous = digestOf(text);
    return { header: text, payload: sealed?.ciphertext.toString('base64') ?? null };
  });
  return { ...golden, entries };
}

describe('a forged record with every digest made right', () => {
  async function replayForged(
    name: string,
    forge: (header: EntryHeader, payload: never) => { header: EntryHeader; payload: unknown },
    reveal = false,
  ): Promise<ReplayResult> {
    const honest = await house(2);
    const story = await tell(honest, honest.golden.decisions[name] as DecisionId);
    const open = new Map(story.entries.map(({ header, payload }) => [header.entryId as string, payload]));
    const at = await house(2, (golden) => forged(golden, name, forge as Parameters<typeof forged>[2], open));
    expect((await tell(at, at.golden.decisions[name] as DecisionId)).intact).toBe(true);
    return replay(at, name, reveal);
  }

  it('is equal as long as nothing is forged', async () => {
    expect((await replayForged('decided', (header, payload) => ({ header, payload }))).result).toBe('equal');
  });

  it('is found out when the raw output was altered', async () => {
    const alter = (header: EntryHeader, payload: { raw: { encoding: string; data: string } }) => {
      if (header.type !== 'completion') return { header, payload };
      const data = payload.raw.data.replace(/probabilityGood\\":0\.9/, 'probabilityGood\\":0.8');
      expect(data).not.toBe(payload.raw.data);
      const facts = { ...(header.facts as CompletionFacts), outputDigest: digestOf(data) };
      return { header: { ...header, facts }, payload: { ...payload, raw: { ...payload.raw, data } } };
    };
    const result = await replayForged('decided', alter);
    expect(result.result).toBe('different');
    expect(result.firstDifference).toMatchObject({
      step: 'outcome',
      at: '/entries/2/header/facts/band',
      recorded: '"high"',
      replayed: '"middle"',
    });
  });

  it('is found out when a threshold in the header was altered', async () => {
    const alter = (header: EntryHeader, payload: unknown) => {
      const { facts } = header;
      if (facts.kind !== 'outcome') return { header, payload };
      const { bandSet } = facts;
      return { header: { ...header, facts: { ...facts, bandSet: { ...bandSet, tHigh: 0.5 } } }, payload };
    };
    const { firstDifference } = await replayForged('decided', alter as never);
    expect(firstDifference).toEqual({
      step: 'outcome',
      at: '/entries/2/header/facts/bandSet/tHigh',
      recorded: '0.5',
      replayed: '0.92',
    });
  });

  it('is found out when the request was altered, and shows content only where it may', async () => {
    const alter = (header: EntryHeader, payload: { request: { body: string } }) => {
      if (header.type !== 'intent') return { header, payload };
      const body = payload.request.body.replace('52000', '92000');
      expect(body).not.toBe(payload.request.body);
      return { header, payload: { ...payload, request: { ...payload.request, body } } };
    };
    const { firstDifference } = await replayForged('decided', alter);
    expect(firstDifference).toMatchObject({ step: 'request 1', at: '/entries/0/payload/upstream' });
    expect(firstDifference?.recorded).toMatch(/^sha256:\w{64}, \d+ bytes, differs from byte \d+$/);
    const shown = await replayForged('decided', alter, true);
    expect(shown.firstDifference?.recorded).toContain('52000');
    expect(shown.firstDifference?.replayed).toContain('92000');
  });

  it('is found out when a reviewer’s verdict was altered', async () => {
    const alter = (header: EntryHeader, payload: { verdict: string }) =>
      header.type === 'review'
        ? { header, payload: { ...payload, verdict: 'decline' } }
        : { header, payload };
    const { firstDifference } = await replayForged('reviewed', alter);
    expect(firstDifference).toMatchObject({ step: 'review' });
  });

  it('is found out when the endpoint was another, which is not lawful for the label', async () => {
    const alter = (header: EntryHeader, payload: unknown) => {
      const { facts } = header;
      if (facts.kind !== 'intent') return { header, payload };
      return {
        header: {
          ...header,
          facts: { ...facts, endpoint: { ...(facts as { endpoint: object }).endpoint, id: 'simulator-us' } },
        },
        payload,
      };
    };
    const { firstDifference } = await replayForged('decided', alter as never);
    expect(firstDifference).toMatchObject({
      step: 'lawful 1',
      at: '/entries/0/header/facts/endpoint/id',
      recorded: '"simulator-us"',
    });
  });
});

describe('what cannot be replayed', () => {
  it('says so when the record was altered, and nobody made its digests right', async () => {
    const at = await house(2, (golden) => ({
      ...golden,
      entries: golden.entries.map((entry) => ({
        ...entry,
        header: entry.header.replace('"attempt":1', '"attempt":2'),
      })),
    }));
    expect((await replay(at, 'decided')).reason?.code).toBe('RECORD_ALTERED');
  });

  it('says so when the decision is still open, was refused for its label, or is none', async () => {
    const at = await house(2, (golden) => {
      const [intent] = golden.entries;
      if (!intent) throw new Error('no entries');
      const header = JSON.parse(intent.header) as EntryHeader;
      const facts = { kind: 'refusal', caller: 'c', code: 'LABEL_MISSING', verdicts: [] };
      const refusal = { ...header, type: 'refusal', facts, payload: null, decisionType: null, release: null };
      const access = { ...refusal, type: 'access', facts: { kind: 'access' } };
      const rows = { refusal, access };
      return { ...golden, entries: [intent], rows } as Golden;
    });
    expect((await replay(at, 'decided')).reason?.code).toBe('OPEN');
    const [id] = Object.values(at.golden.decisions);
    for (const [type, code] of [
      ['refusal', 'LABEL_REFUSED'],
      ['access', 'NOT_A_DECISION'],
    ] as const) {
      const other = { ...at, store: await freshStore('eu') };
      const header = (at.golden as unknown as { rows: Record<string, object> }).rows[type];
      await other.store.commit({ inserts: [entryInsert(canonicalJson(header), null)] });
      const story = await tellStory(other.store, at.keys, id as DecisionId);
      if (!story) throw new Error('no story');
      const { result } = await replayer.replay(other.store, story, { reveal: false });
      expect(result).toMatchObject({ result: 'not-replayable', reason: { code } });
    }
  });
});
