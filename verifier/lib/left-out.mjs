import { parseLeaf, uuidBytes } from './leaf.mjs';
import { readCheckpoint, walkLedger } from './ledger.mjs';
import { Problem } from './problem.mjs';

/**
 * Checks against a ledger that a bundle left out none of the decision's entries in it. The chain of
 * headers shows a gap, but not that the end was cut off.
 * @param {import('./source.mjs').Source} source
 * @param {import('./checkpoint.mjs').Policy} policy
 * @param {object} bundle
 * @param {string} bundle.decisionId
 * @param {ReadonlyMap<string, {size: number}>} bundle.logs its checkpoints by origin
 * @param {readonly {origin: string, index: number, relation: string}[]} bundle.entries
 * @param {import('./ledger.mjs').OnProgress} [onProgress]
 * @throws {Problem} `left-out`
 */
export async function refuseLeftOut(source, policy, bundle, onProgress) {
  const checkpoint = await readCheckpoint(source, policy);
  const { origin } = checkpoint;
  // What came after the bundle's checkpoint cannot be in it.
  const size = bundle.logs.get(origin)?.size;
  if (size === undefined) throw new Problem('ledger-other', `the bundle has no entry in ${origin}`);
  const wanted = uuidBytes(bundle.decisionId);
  const own = bundle.entries.filter((entry) => entry.relation === 'decision' && entry.origin === origin);
  const inBundle = new Set(own.map(({ index }) => index));
  /** @type {Problem[]} */
  const leftOut = [];
  const onLeaf = (/** @type {Buffer} */ leaf, /** @type {number} */ index) => {
    const isOurs = leaf.subarray(0, 16).equals(wanted);
    if (!isOurs || index >= size || inBundle.delete(index) || leftOut.length > 0) return;
    const { decisionId, entryId } = parseLeaf(leaf);
    const message = `entry ${index} of ${origin} is of this decision and not in the bundle`;
    leftOut.push(new Problem('left-out', message, { index, decisionId, entryId }));
  };
  await walkLedger(source, checkpoint, { onLeaf, ...(onProgress && { onProgress }) });
  if (leftOut[0]) throw leftOut[0];
  if (checkpoint.size < size) {
    throw new Problem(
      'ledger-short',
      `the ledger given ends at ${checkpoint.size}, the bundle is against ${size}`,
    );
  }
  const [unknown] = inBundle;
  if (unknown !== undefined) {
    throw new Problem('ledger-other', 'the ledger given has another decision at this place', {
      index: unknown,
    });
  }
}
