import { describe, expect, it } from 'vitest';
import { flipBit } from '../testing/flip.mjs';
import { writeLedger } from '../testing/ledger-writer.mjs';
import { testLeaf, testLeaves } from '../testing/leaves.mjs';
import { signText, testLogKey, testWitnessKey } from '../testing/test-log.mjs';
import { makePolicy } from './checkpoint.mjs';
import { parseLeaf } from './leaf.mjs';
import { checkPromise } from './promise.mjs';
import { openSource } from './source.mjs';

const log = testLogKey('ledger.example/eu/2026h2');
const cell = testLogKey('ledger.example/eu/promise', log.privateKey);
const witness = testWitnessKey();
const promisedTime = '2026-11-22T19:00:00.000Z';
const promisedAt = Date.parse(promisedTime) / 1000;

/**
 * @param {import('./leaf.mjs').Leaf} leaf
 * @param {import('../testing/test-log.mjs').TestKey} [signer]
 */
function promiseOf({ decisionId, entryId, headerDigest }, signer = cell) {
  return Buffer.from(
    signText(`${signer.key.name}\n${decisionId} ${entryId}\n${headerDigest}\n${promisedTime}\n`, signer),
  );
}

/** @param {number} seconds of the cosignature */
const ledgerAt = (seconds) =>
  openSource(writeLedger(testLeaves(300), log, { witnesses: [witness], time: seconds }).folder);
const later = ledgerAt(promisedAt + 61);
const policy = makePolicy([log.key], [witness.key]);
const kept = promiseOf(parseLeaf(testLeaf(299)));

describe('a promise', () => {
  it('is kept when the leaf is in the ledger', async () => {
    const verdict = await checkPromise(kept, later, policy);
    expect(verdict).toMatchObject({ holds: true, facts: { index: 299, size: 300, time: promisedTime } });
  });

  it('is broken when a witness saw the ledger without it too late', async () => {
    const promise = promiseOf(parseLeaf(testLeaf(300)));
    const { decisionId, entryId } = parseLeaf(testLeaf(300));
    const verdict = await checkPromise(promise, later, policy);
    expect(verdict.problem).toMatchObject({ code: 'promise-broken', decisionId, entryId });
    for (const ledger of [ledgerAt(promisedAt + 60), ledgerAt(promisedAt - 5)]) {
      expect((await checkPromise(promise, ledger, policy)).problem?.code).toBe('promise-open');
    }
    expect((await checkPromise(promise, later, makePolicy([log.key]))).problem?.code).toBe('promise-open');
  });

  it('is broken when the ledger holds another header of the entry', async () => {
    const promise = promiseOf({ ...parseLeaf(testLeaf(7)), headerDigest: `sha256:${'0'.repeat(64)}` });
    expect((await checkPromise(promise, later, policy)).problem).toMatchObject({
      code: 'promise-broken',
      index: 7,
    });
  });

  it("binds only the cell's own key and name", async () => {
    const leaf = parseLeaf(testLeaf(1));
    const problemOf = async (/** @type {Buffer} */ promise) =>
      (await checkPromise(promise, later, policy)).problem?.code;
    expect(await problemOf(promiseOf(leaf, testLogKey('ledger.example/eu/promise')))).toBe('unsigned');
    expect(await problemOf(promiseOf(leaf, testLogKey('ledger.example/us/promise', log.privateKey)))).toBe(
      'origin',
    );
    expect(await problemOf(promiseOf(leaf, log))).toBe('origin');
  });

  it('does not hold with any bit flipped', async () => {
    const empty = openSource(writeLedger([testLeaf(299)], log).folder);
    const plain = makePolicy([log.key]);
    expect((await checkPromise(kept, empty, plain)).holds).toBe(true);
    for (let bit = 0; bit < kept.length * 8; bit++) {
      expect((await checkPromise(flipBit(kept, bit), empty, plain)).holds, `bit ${bit}`).toBe(false);
    }
  });
});
