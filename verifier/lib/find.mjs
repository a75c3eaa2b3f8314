import { parseCheckpoint } from './checkpoint.mjs';
import { parseLeaf, uuidBytes } from './leaf.mjs';
import { noteBytesMax, parseNote } from './note.mjs';
import { Problem, verdictOf } from './problem.mjs';
import { readAhead } from './read-ahead.mjs';
import { readRequired, readResource } from './source.mjs';
import { bundleBytesMax, bundleEntries, bundleNumbers, bundleOf, tileWidth } from './tile.mjs';

const readAheadBundles = 16;

/**
 * Finds the leaves of a decision. It reads the entries and proves nothing; `checkLedger` does.
 * @param {import('./source.mjs').Source} source
 * @param {string} decisionId
 * @param {import('./ledger.mjs').OnProgress} [onProgress]
 */
export function findDecision(source, decisionId, onProgress) {
  return verdictOf(async () => {
    const wanted = uuidBytes(decisionId);
    const bytes = await readRequired(source, 'checkpoint', noteBytesMax);
    const { origin, size } = parseCheckpoint(parseNote(bytes).text);
    /** @type {({index: number} & import('./leaf.mjs').Leaf)[]} */
    const leaves = [];
    for await (const { n, entries } of bundles(source, size)) {
      for (const [i, entry] of entries.entries()) {
        if (entry.subarray(0, 16).equals(wanted))
          leaves.push({ index: n * tileWidth + i, ...parseLeaf(entry) });
      }
      onProgress?.(Math.min((n + 1) * tileWidth, size), size);
    }
    if (leaves.length === 0)
      throw new Problem('not-found', `no leaf of ${decisionId} is in ${origin} at ${size}`);
    return { origin, size, leaves };
  });
}

/**
 * @param {import('./source.mjs').Source} source
 * @param {number} size
 */
function bundles(source, size) {
  return readAhead(bundleNumbers(size), readAheadBundles, async (n) => {
    const bundle = bundleOf(n, size);
    return { n, entries: bundleEntries(await readResource(source, bundle, bundleBytesMax), bundle) };
  });
}
