import { hash } from 'node:crypto';

/**
 * The i-th deterministic leaf, the same as testdata/go makes.
 * @param {number} i
 */
export function testLeaf(i) {
  return Buffer.concat([hash('sha256', `ids:${i}`, 'buffer'), hash('sha256', `header:${i}`, 'buffer')]);
}

/** @param {number} count */
export function testLeaves(count) {
  return Array.from({ length: count }, (_, i) => testLeaf(i));
}
