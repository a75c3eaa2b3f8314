// Durable appends of entries with 8 KB of text, with the ledger growing beside them and without.
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { createLedger } from '../../dist/audit/ledger/ledger.js';
import { appendMany, appendOne, openBenchStore, seeded, textOf } from './store.mjs';

const entryCharacters = 8_192;
const inWork = 256;

const silent = () => undefined;
const observer = {
  leading: silent,
  refused: silent,
  signed: silent,
  caughtUp: silent,
  published: silent,
  witnessed: silent,
  unwitnessed: silent,
  witnessRefused: silent,
};

/** The ledger as a gateway has it: one checkpoint a second, published as files beside the store. */
export function openBenchLedger(bench, checkpointPeriodMs = 1_000) {
  const settings = {
    origin: 'ledger.bench.example',
    folder: join(bench.folder, 'ledger'),
    checkpointPeriodMs,
    witnesses: [],
    quorum: 0,
    unwitnessedAlertMs: 900_000,
  };
  const options = { cell: 'eu', store: bench.store, seed: randomBytes(32), settings, nowMs: Date.now };
  const ledger = createLedger(options);
  return { ledger, leadership: bench.store.lead('sequencer', (term) => ledger.sequence(term, observer)) };
}

/** How many leaves the newest checkpoint has. */
export async function ledgerSize(store) {
  const rows = await store.query({
    text: 'SELECT size FROM ledger_heads ORDER BY opened_at DESC LIMIT 1',
    values: [],
  });
  return Number(rows[0]?.size ?? 0);
}

/**
 * Rounds with and without the ledger in turn, each on a fresh store.
 * @returns entries a second, medians, and what the ledger took away
 */
export async function measureAppends({ rounds, seconds }, progress) {
  const samples = { bare: [], ledger: [] };
  let lagEntriesMax = 0;
  for (let round = 0; round < rounds; round += 1) {
    const order = round % 2 === 0 ? ['bare', 'ledger'] : ['ledger', 'bare'];
    for (const kind of order) {
      const { perSecond, lagEntries } = await appendFor(kind === 'ledger', seconds);
      samples[kind].push(perSecond);
      lagEntriesMax = Math.max(lagEntriesMax, lagEntries);
      progress(`round ${round + 1}, ${kind}: ${perSecond} entries/s`);
    }
  }
  const [bare, ledger] = [median(samples.bare), median(samples.ledger)];
  return {
    entriesPerSecond: ledger,
    entriesPerSecondWithoutLedger: bare,
    ledgerCost: Math.round((1 - ledger / bare) * 1000) / 1000,
    lagEntriesMax,
    samples,
  };
}

async function appendFor(withLedger, seconds) {
  const bench = await openBenchStore();
  const { leadership } = withLedger ? openBenchLedger(bench) : { leadership: null };
  try {
    const random = seeded(1);
    const texts = Array.from({ length: 64 }, () => textOf(entryCharacters, random));
    const key = await bench.keys.keyFor('bench', 'one subject of many decisions');
    let n = 0;
    const append = () => appendOne(bench.store, key, texts[n++ % texts.length]);
    await appendMany(append, { inWork, untilMs: performance.now() + 2_000 });
    const startedMs = performance.now();
    const done = await appendMany(append, { inWork, untilMs: startedMs + seconds * 1_000 });
    const perSecond = Math.round((done / (performance.now() - startedMs)) * 1_000);
    const lagEntries = withLedger ? n - (await ledgerSize(bench.store)) : 0;
    if (withLedger) await untilSequenced(bench.store, n);
    return { perSecond, lagEntries };
  } finally {
    await leadership?.stop();
    await bench.close();
  }
}

/** Every entry must get its leaf: a ledger that falls behind would not have cost what it will cost. */
async function untilSequenced(store, count) {
  for (let waitedMs = 0; (await ledgerSize(store)) < count; waitedMs += 100) {
    if (waitedMs > 30_000) throw new Error('the ledger fell behind');
    await delay(100);
  }
}

export function median(values) {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : Math.round((sorted[middle - 1] + sorted[middle]) / 2);
}
