// How long the story of one decision takes to tell, at three sizes of the store.
import { tellStory } from '../../dist/audit/story.js';
import { ledgerSize, median, openBenchLedger } from './append.mjs';
import { setTimeout as delay } from 'node:timers/promises';
import { verifyAll, verifyFiles, verifyTree } from './verify.mjs';
import { appendMany, openBenchStore, openRecord, seeded, textOf } from './store.mjs';

const payloadCharacters = 1_000;
const entriesOfOne = 3;
/** Every so manieth decision is remembered, spread over the whole store, and read back. */
const rememberedMax = 20_000;
const reads = 1_000;
const rounds = 9;

/** Full verification is timed at the last size up to this one; it reads and decrypts every entry. */
const verifiedWholeMax = 200_000;

/**
 * Grows one store and its ledger through the sizes and reads random decisions at each: every entry decrypted,
 * every commitment and the chain checked. At the last size the whole ledger is verified.
 * @param {readonly number[]} sizes numbers of entries
 */
export async function measureShow(sizes, progress) {
  const bench = await openBenchStore();
  const { ledger, leadership } = openBenchLedger(bench);
  try {
    const { keys } = bench;
    const random = seeded(7);
    const text = textOf(payloadCharacters, random);
    const ids = [];
    const results = [];
    const verification = {};
    let entries = 0;
    let decisions = 0;
    const every = Math.max(1, Math.floor(sizes.at(-1) / entriesOfOne / rememberedMax));
    const append = async () => {
      const id = await appendDecision(
        bench.store,
        await keys.keyFor('bench', `subject-${decisions % 10_000}`),
        text,
      );
      if (decisions++ % every === 0) ids.push(id);
      entries += entriesOfOne;
    };
    for (const size of sizes) {
      const count = Math.ceil((size - entries) / entriesOfOne);
      await appendMany(append, { inWork: 256, count });
      while ((await ledgerSize(bench.store)) < entries) await delay(100);
      await bench.settle();
      progress(`settled at ${entries} entries`);
      const shown = { entries, ...(await readAtRandom(bench.store, keys, ids, random)) };
      if (size <= verifiedWholeMax) verification.whole = await verifyAll(bench, ledger);
      progress(JSON.stringify(shown));
      results.push(shown);
    }
    verification.tree = await verifyTree(bench, ledger);
    await leadership.stop();
    verification.files = await verifyFiles(bench, ledger);
    return { show: results, verify: verification };
  } finally {
    await leadership.stop();
    await bench.close();
  }
}

async function appendDecision(store, key, text) {
  const { record, decisionId } = openRecord(store, key);
  const request = {
    route: '/v1/decisions',
    body: text,
    documents: [],
    context: [],
    promptText: null,
    marker: null,
  };
  const payload = { schema: 2, request };
  const facts = { caller: 'bench', code: 'INPUT_REFUSED', kind: 'refusal', verdicts: [] };
  for (let i = 0; i < entriesOfOne; i += 1) await record.refuse(facts, payload);
  return decisionId;
}

/** Rounds with a pause between, because a shared machine has bad seconds; the figures are medians over the rounds. */
async function readAtRandom(store, keys, ids, random) {
  const samples = [];
  for (let round = 0; round < rounds; round += 1) {
    samples.push(await readOnce(store, keys, ids, random));
    await delay(1_000);
  }
  const figure = (name) => median(samples.map((sample) => sample[name]));
  return {
    rounds,
    reads,
    p50Ms: figure('p50Ms'),
    p99Ms: figure('p99Ms'),
    p99MsOfRounds: samples.map((s) => s.p99Ms),
  };
}

async function readOnce(store, keys, ids, random) {
  const timesMs = [];
  for (let i = 0; i < reads + 200; i += 1) {
    const id = ids[Math.floor(random() * ids.length)];
    const startedMs = performance.now();
    const story = await tellStory(store, keys, id);
    const tookMs = performance.now() - startedMs;
    if (!story?.intact || story.entries.length !== entriesOfOne)
      throw new Error(`the story of ${id} is not whole`);
    // The first reads compile the code and open the connections.
    if (i >= 200) timesMs.push(tookMs);
  }
  timesMs.sort((a, b) => a - b);
  const at = (share) => Math.round(timesMs[Math.floor(share * (timesMs.length - 1))] * 100) / 100;
  return { p50Ms: at(0.5), p99Ms: at(0.99) };
}
