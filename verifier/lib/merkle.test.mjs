import { describe, expect, it } from 'vitest';
import { flipBit } from '../testing/flip.mjs';
import { naivePath, naiveProof, naiveRoot } from '../testing/naive-tree.mjs';
import { testLeaves } from '../testing/leaves.mjs';
import { Frontier } from './frontier.mjs';
import { emptyRoot, leafHash, perfectRoot, verifyConsistency, verifyInclusion } from './merkle.mjs';

// The eight-entry tree that Certificate Transparency's implementations share as their test vector.
const vectorLeaves = [
  '',
  '00',
  '10',
  '2021',
  '3031',
  '40414243',
  '5051525354555657',
  '606162636465666768696a6b6c6d6e6f',
].map((hex) => Buffer.from(hex, 'hex'));
const vectorRoots = [
  'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
  '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
  'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
  'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
  'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
  '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
  '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
  'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
  '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
];

const treesUpTo = 33;
const leaves = testLeaves(treesUpTo);

describe('hashes of RFC 6962', () => {
  it('gives the roots of the known eight-entry tree', () => {
    for (const [size, root] of vectorRoots.entries()) {
      const frontier = new Frontier();
      for (const leaf of vectorLeaves.slice(0, size)) frontier.append(leafHash(leaf));
      expect(frontier.root().toString('hex')).toBe(root);
    }
    expect(perfectRoot(Buffer.concat(vectorLeaves.map(leafHash))).toString('hex')).toBe(vectorRoots[8]);
  });

  it('proves inclusion and consistency in the known tree', () => {
    // RFC 6962, section 2.1.3, gives these paths for its seven-entry tree by name.
    const seven = vectorLeaves.slice(0, 7);
    expect(naivePath(0, seven)).toHaveLength(3);
    expect(naiveProof(3, seven)).toHaveLength(4);
    expect(naiveProof(4, seven)).toHaveLength(1);
    expect(naiveProof(6, seven)).toHaveLength(3);
  });
});

describe('inclusion proofs', () => {
  it('hold for every leaf of every small tree, and for no other place, leaf or root', () => {
    for (let size = 1; size <= treesUpTo; size++) {
      const tree = leaves.slice(0, size);
      const root = naiveRoot(tree);
      for (let index = 0; index < size; index++) {
        const leaf = leafHash(/** @type {Buffer} */ (tree[index]));
        const claim = { index, size, leaf, proof: naivePath(index, tree), root };
        verifyInclusion(claim);
        for (const wrong of wrongInclusions(claim))
          expect(() => verifyInclusion(wrong)).toThrow(/inclusion|outside/);
      }
    }
  });
});

/** @param {Parameters<typeof verifyInclusion>[0]} claim */
function wrongInclusions(claim) {
  const { index, size, leaf, proof, root } = claim;
  return [
    { ...claim, index: (index + 1) % (size + 1) === index ? size : index + 1 },
    { ...claim, index: size },
    { ...claim, leaf: flipBit(leaf, index) },
    { ...claim, root: flipBit(root, size) },
    { ...claim, proof: [...proof, root] },
    ...(proof.length > 0
      ? [
          { ...claim, proof: proof.slice(1) },
          { ...claim, proof: proof.slice(0, -1) },
        ]
      : []),
    ...proof.map((hash, i) => ({ ...claim, proof: proof.with(i, flipBit(hash, 7)) })),
    ...(proof.length > 1 ? [{ ...claim, proof: proof.toReversed() }] : []),
  ];
}

describe('consistency proofs', () => {
  it('hold between all small trees, and not when anything is changed', () => {
    for (let newSize = 1; newSize <= treesUpTo; newSize++) {
      const newRoot = naiveRoot(leaves.slice(0, newSize));
      for (let oldSize = 1; oldSize <= newSize; oldSize++) {
        const proof = naiveProof(oldSize, leaves.slice(0, newSize));
        const claim = { oldSize, oldRoot: naiveRoot(leaves.slice(0, oldSize)), newSize, newRoot, proof };
        verifyConsistency(claim);
        const wrong = [
          { ...claim, oldRoot: flipBit(claim.oldRoot, 3) },
          { ...claim, newRoot: flipBit(newRoot, 3) },
          { ...claim, proof: [...proof, newRoot] },
          ...(proof.length > 0
            ? [
                { ...claim, proof: proof.slice(0, -1) },
                { ...claim, proof: proof.slice(1) },
              ]
            : []),
          ...proof.map((hash, i) => Object.assign({}, claim, { proof: proof.with(i, flipBit(hash, 9)) })),
        ];
        for (const claimed of wrong)
          expect(() => verifyConsistency(claimed)).toThrow(/consistency|two roots/);
      }
    }
  });

  it('accepts any tree after the empty one, with an empty proof only', () => {
    const newRoot = naiveRoot(leaves);
    const claim = { oldSize: 0, oldRoot: emptyRoot, newSize: leaves.length, newRoot, proof: [] };
    verifyConsistency(claim);
    expect(() => verifyConsistency({ ...claim, proof: [newRoot] })).toThrow(/must be empty/);
    expect(() => verifyConsistency({ ...claim, oldRoot: newRoot })).toThrow(/two roots/);
  });

  it('refuses a newer tree that is smaller', () => {
    const root = naiveRoot(leaves);
    expect(() =>
      verifyConsistency({ oldSize: 9, oldRoot: root, newSize: 8, newRoot: root, proof: [] }),
    ).toThrow(/larger than the newer/);
  });
});
