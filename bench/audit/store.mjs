// A fresh store over an embedded PostgreSQL, and records written into it the way the gateway writes them.
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { createKeyStore } from '../../dist/audit/key-store.js';
import { mintId } from '../../dist/audit/mint.js';
import { DecisionRecord } from '../../dist/audit/record.js';
import { openEmbeddedStores } from '../../dist/storage/embedded-stores.js';
import { openFileKeyring } from '../../dist/storage/keyring/file-keyring.js';
import { openStore } from '../../dist/storage/store.js';

/** Opens a cell's store in a folder of its own; `close` removes it. */
export async function openBenchStore() {
  const folder = await mkdtemp(join(tmpdir(), 'countersign-bench-'));
  await chmod(folder, 0o755);
  const log = () => undefined;
  const embedded = await openEmbeddedStores({ dataDir: join(folder, 'data'), cells: ['eu'], log });
  const address = embedded.addresses.get('eu');
  const store = await openStore({ cell: 'eu', ...address, timeoutMs: 10_000, log });
  const keyring = await openFileKeyring(join(folder, 'keys.json'), { create: true });
  return {
    folder,
    store,
    /** As a store is that has been at work for longer than it was filled: vacuumed, and its pages written. */
    async settle() {
      const owner = new pg.Client({ connectionString: address.ownerUrl });
      await owner.connect();
      await owner.query('VACUUM (ANALYZE) entries');
      await owner.query('CHECKPOINT');
      await owner.end();
    },
    keys: createKeyStore(store, keyring),
    async close() {
      await store.close();
      await embedded.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** The same numbers in every run. */
export function seeded(seed) {
  let state = seed;
  return () => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
}

const words =
  'claim damage insured kitchen floor water amount policy customer report invoice repair estimate approve'.split(
    ' ',
  );

/** Text of about the given length, as compressible as a claim file: words and numbers. */
export function textOf(characters, random) {
  let text = '';
  while (text.length < characters) {
    text += `${words[Math.floor(random() * words.length)]} ${Math.floor(random() * 1e6)} `;
  }
  return text.slice(0, characters);
}

/** A record of a new decision about the key's subject. */
export function openRecord(store, key) {
  const decisionId = mintId();
  const subject = {
    decisionId,
    about: null,
    tenant: 'bench',
    jurisdiction: 'EU',
    dataClass: 'personal',
    decisionType: 'bench',
    release: null,
    retention: null,
  };
  const options = { store, subject, key, previous: null, nowMs: Date.now };
  return { decisionId, record: new DecisionRecord(options) };
}

/** A decision of one entry, with its whole input as payload. */
export async function appendOne(store, key, text) {
  const { record, decisionId } = openRecord(store, key);
  const facts = { caller: 'bench', code: 'INPUT_REFUSED', kind: 'refusal', verdicts: [] };
  const request = {
    route: '/v1/decisions',
    body: text,
    documents: [],
    context: [],
    promptText: null,
    marker: null,
  };
  await record.refuse(facts, { schema: 2, request });
  return decisionId;
}

/** Keeps so many appends in work until the deadline or the count is reached; returns how many were done. */
export async function appendMany(append, { inWork, untilMs = Infinity, count = Infinity }) {
  let begun = 0;
  const worker = async () => {
    let done = 0;
    while (performance.now() < untilMs && begun < count) {
      begun += 1;
      await append();
      done += 1;
    }
    return done;
  };
  const done = await Promise.all(Array.from({ length: inWork }, worker));
  return done.reduce((sum, n) => sum + n, 0);
}
