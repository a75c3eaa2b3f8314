import { openCheckpoint } from './checkpoint.mjs';
import { emptyRoot, verifyConsistency } from './merkle.mjs';
import { Problem, verdictOf } from './problem.mjs';
import { TileTree } from './tree.mjs';

/**
 * Checks that the newer checkpoint's tree begins with the older one's. The proof is made from tiles;
 * they need not be trusted, because the roots are signed.
 * @param {Uint8Array} older a signed checkpoint
 * @param {Uint8Array} newer a signed checkpoint
 * @param {import('./source.mjs').Source} tiles
 * @param {import('./checkpoint.mjs').Policy} policy
 */
export function checkConsistency(older, newer, tiles, policy) {
  return verdictOf(async () => {
    const from = openCheckpoint(older, { ...policy, quorum: 0 });
    const to = openCheckpoint(newer, policy);
    if (from.origin !== to.origin) {
      throw new Problem('origin', `the checkpoints are of two ledgers: ${from.origin} and ${to.origin}`);
    }
    if (from.size > to.size) {
      throw new Problem('order', `the newer checkpoint has ${to.size} entries, the older one ${from.size}`);
    }
    const tree = new TileTree(tiles, to.size);
    const root = to.size === 0 ? emptyRoot : await tree.range(0, to.size);
    if (!root.equals(to.root)) {
      throw new Problem('tiles', `the tiles do not hash to the root that was signed for ${to.size}`);
    }
    const proof = await tree.consistencyProof(from.size);
    try {
      verifyConsistency({
        oldSize: from.size,
        oldRoot: from.root,
        newSize: to.size,
        newRoot: to.root,
        proof,
      });
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      const message = `the ledger signed two histories: the first ${from.size} entries of the newer are not the older`;
      throw new Problem('fork', message);
    }
    return { origin: to.origin, oldSize: from.size, newSize: to.size, proofHashes: proof.length };
  });
}
