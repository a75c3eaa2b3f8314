import { openCellNote } from './cell-key.mjs';
import { isDigest } from './header.mjs';
import { formatLeaf, leafBytes, uuidBytes } from './leaf.mjs';
import { readCheckpoint, walkLedger } from './ledger.mjs';
import { Problem, verdictOf } from './problem.mjs';

/** A leaf must be in a checkpoint this long after its promise. */
const promiseKeptWithinMs = 60_000;

const timeForm = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

/**
 * @typedef {object} LedgerPromise
 * @property {string} origin of the promise: `<ledger.origin>/<cell>/promise`
 * @property {string} decisionId
 * @property {string} entryId
 * @property {string} headerDigest
 * @property {string} time RFC 3339
 */

/**
 * Reads a promise and checks that the cell's key signed it.
 * @param {Uint8Array} bytes a signed note
 * @param {readonly import('./vkey.mjs').VerifierKey[]} keys of any period of the cell
 * @returns {LedgerPromise}
 * @throws {Problem} `malformed`, `origin`, `signature`, `unsigned`
 */
function openPromise(bytes, keys) {
  const lines = openCellNote(bytes, keys, 'promise');
  const [origin, ids, headerDigest, time] = lines;
  const [decisionId, entryId, ...more] = (ids ?? '').split(' ');
  const isWhole =
    lines.length === 4 && more.length === 0 && isDigest(headerDigest) && timeForm.test(String(time));
  if (!isWhole || decisionId === undefined || entryId === undefined) {
    throw new Problem('malformed', 'the text of the promise is not of its form');
  }
  uuidBytes(decisionId);
  uuidBytes(entryId);
  return {
    origin: String(origin),
    decisionId,
    entryId,
    headerDigest: String(headerDigest),
    time: String(time),
  };
}

/**
 * Checks that a promise was kept: the ledger holds, and the leaf promised is in it.
 * @param {Uint8Array} bytes a signed note
 * @param {import('./source.mjs').Source} source the ledger of the promise's period
 * @param {import('./checkpoint.mjs').Policy} policy
 * @param {{onProgress?: import('./ledger.mjs').OnProgress}} [hooks]
 */
export function checkPromise(bytes, source, policy, hooks = {}) {
  return verdictOf(async () => {
    const promise = openPromise(bytes, policy.keys);
    const { decisionId, entryId } = promise;
    const wanted = formatLeaf(promise);
    /** @type {{index: number, isSame: boolean} | null} */
    let found = null;
    const onLeaf = (/** @type {Buffer} */ leaf, /** @type {number} */ index) => {
      if (!leaf.subarray(16, 32).equals(wanted.subarray(16, 32)) || found?.isSame) return;
      found = { index, isSame: leaf.subarray(0, leafBytes).equals(wanted) };
    };
    const checkpoint = await readCheckpoint(source, policy);
    await walkLedger(source, checkpoint, { onLeaf, ...hooks });
    const seen = /** @type {{index: number, isSame: boolean} | null} */ (found);
    if (seen === null) throw absent(promise, checkpoint);
    if (!seen.isSame) {
      const message =
        'the ledger holds another leaf for the entry than the one promised: evidence against the operator';
      throw new Problem('promise-broken', message, { decisionId, entryId, index: seen.index });
    }
    return { ...promise, ledger: checkpoint.origin, size: checkpoint.size, index: seen.index };
  });
}

/**
 * Only a cosignature says when a checkpoint was signed; without a late enough one the leaf may be in
 * the next.
 * @param {LedgerPromise} promise
 * @param {import('./checkpoint.mjs').SignedCheckpoint} checkpoint
 */
function absent({ decisionId, entryId, time }, { origin, size, cosignatures }) {
  const due = Date.parse(time) + promiseKeptWithinMs;
  const latest = Math.max(...cosignatures.map((cosignature) => cosignature.time * 1000));
  if (latest > due) {
    const signed = new Date(latest).toISOString();
    const message = `the leaf promised at ${time} is not in the checkpoint of ${origin} that a witness cosigned at ${signed}: evidence against the operator`;
    return new Problem('promise-broken', message, { decisionId, entryId });
  }
  const message = `the leaf promised at ${time} is not in ${origin} at ${size}; a checkpoint of this period signed after ${new Date(due).toISOString()} without it is evidence against the operator`;
  return new Problem('promise-open', message, { decisionId, entryId });
}
