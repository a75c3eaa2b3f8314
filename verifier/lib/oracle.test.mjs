import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { flipBit, whileChanged } from '../testing/flip.mjs';
import { buildOracle, findGo } from '../testing/go.mjs';
import { makeFolder } from '../testing/folder.mjs';
import { writeLedger } from '../testing/ledger-writer.mjs';
import { testLeaf, testLeaves } from '../testing/leaves.mjs';
import { testLogKey } from '../testing/test-log.mjs';
import { makePolicy, openCheckpoint } from './checkpoint.mjs';
import { checkLedger } from './ledger.mjs';
import { leafHash, verifyConsistency, verifyInclusion } from './merkle.mjs';
import { openSource } from './source.mjs';
import { TileTree } from './tree.mjs';
import { formatVerifierKey, parseVerifierKey } from './vkey.mjs';

/**
 * @typedef {object} OracleTree What testdata/go says about a tree.
 * @property {number} size
 * @property {string} root
 * @property {{index: number, proof: string[]}[]} inclusion
 * @property {{oldSize: number, oldRoot: string, proof: string[]}[]} consistency
 */

const golden = JSON.parse(readFileSync(new URL('../testdata/golden.json', import.meta.url), 'utf8'));
/** @type {OracleTree[]} */
const goldenTrees = golden.trees;
const sizes = [0, 1, 2, 255, 256, 257, 65_535, 65_536, 65_537, 70_000];

/** @param {string} text */
const hash = (text) => Buffer.from(text, 'base64');

/** @param {OracleTree} tree */
function acceptProofs(tree) {
  const root = hash(tree.root);
  for (const { index, proof } of tree.inclusion) {
    verifyInclusion({
      index,
      size: tree.size,
      leaf: leafHash(testLeaf(index)),
      proof: proof.map(hash),
      root,
    });
  }
  for (const { oldSize, oldRoot, proof } of tree.consistency) {
    verifyConsistency({
      oldSize,
      oldRoot: hash(oldRoot),
      newSize: tree.size,
      newRoot: root,
      proof: proof.map(hash),
    });
  }
}

/**
 * Our own proofs from tiles, compared hash by hash.
 * @param {string} folder
 * @param {OracleTree} tree
 */
async function compareProofs(folder, tree) {
  const ours = new TileTree(openSource(folder), tree.size);
  for (const { index, proof } of tree.inclusion) {
    const hashes = await ours.inclusionProof(index);
    expect(hashes.map((each) => each.toString('base64'))).toEqual(proof);
  }
  for (const { oldSize, proof } of tree.consistency) {
    const hashes = await ours.consistencyProof(oldSize);
    expect(hashes.map((each) => each.toString('base64'))).toEqual(proof);
  }
}

const leaves = testLeaves(70_000);
const signer = testLogKey();
const vkey = formatVerifierKey(signer.key);
const ledgers = new Map(sizes.map((size) => [size, writeLedger(leaves.slice(0, size), signer)]));

describe('vectors made by golang.org/x/mod/sumdb', () => {
  it('cover every size', () => {
    expect(goldenTrees.map(({ size }) => size)).toEqual(sizes);
    expect(goldenTrees.every(({ size, inclusion }) => size === 0 || inclusion.length > 0)).toBe(true);
  });

  it.each(goldenTrees)('have the root and the proofs of $size entries', async (tree) => {
    const { folder, root } = /** @type {{folder: string, root: Buffer}} */ (ledgers.get(tree.size));
    expect(root.toString('base64')).toBe(tree.root);
    acceptProofs(tree);
    await compareProofs(folder, tree);
    const verdict = await checkLedger(openSource(folder), makePolicy([signer.key]));
    expect(verdict).toMatchObject({ holds: true, facts: { size: tree.size, root: tree.root } });
  });

  it('have a checkpoint that note signed', () => {
    const policy = makePolicy([parseVerifierKey(golden.vkey)]);
    const opened = openCheckpoint(Buffer.from(golden.checkpoint), policy);
    expect(opened).toMatchObject({ size: 70_000, origin: 'golden.example/eu/2026h2' });
    expect(opened.root.toString('base64')).toBe(goldenTrees.at(-1)?.root);
  });
});

const oracle = buildOracle();
if (oracle.reason) process.stderr.write(`skipped, the cross-check with Go: ${oracle.reason}\n`);

describe.skipIf(oracle.program === null)('Go', () => {
  const run = (/** @type {string[]} */ ...args) =>
    execFileSync(String(oracle.program), args, { encoding: 'utf8', stdio: 'pipe', maxBuffer: 1 << 24 });

  it.each(sizes)('accepts our ledger of %i entries, and its proofs are ours', async (size) => {
    const { folder } = /** @type {{folder: string}} */ (ledgers.get(size));
    const answer = JSON.parse(run('check', folder, vkey));
    expect(answer.records).toBe(size);
    acceptProofs(answer.tree);
    await compareProofs(folder, answer.tree);
  });

  it('rejects a ledger with one bit flipped, as we do', async () => {
    const { folder } = /** @type {{folder: string}} */ (ledgers.get(257));
    await whileChanged(
      join(folder, 'tile/entries/000'),
      (bytes) => flipBit(bytes, 5000),
      async () => {
        expect(() => run('check', folder, vkey)).toThrow(/does not hash to its tile/);
        expect(await checkLedger(openSource(folder), makePolicy([signer.key]))).toMatchObject({
          holds: false,
        });
      },
    );
  });

  it('made the vectors that are committed', () => {
    expect(JSON.parse(run('golden'))).toEqual(golden);
  });
});

describe.skipIf(process.env['VERIFY_WITH_TESSERA'] !== '1')("Tessera's fsck", () => {
  // fsck retries a ledger that does not hold for ever, so only what holds is shown to it.
  it.each(sizes)('accepts our ledger of %i entries', { timeout: 600_000 }, (size) => {
    const { folder } = /** @type {{folder: string}} */ (ledgers.get(size));
    const key = join(makeFolder(), 'log.vkey');
    writeFileSync(key, vkey);
    const output = execFileSync(
      'sh',
      [
        '-c',
        '"$0" run github.com/transparency-dev/tessera/cmd/fsck@v1.0.4 -ui=false "$1" "$2" 2>&1',
        String(findGo()),
        `-storage_url=file://${folder}/`,
        `-public_key=${key}`,
      ],
      { encoding: 'utf8', timeout: 600_000 },
    );
    expect(output).toContain(`Successfully fsck'd log with size ${size}`);
  });
});
