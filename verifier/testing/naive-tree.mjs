import { createHash } from 'node:crypto';

/**
 * RFC 6962, section 2.1, word for word, over all leaves: slow, and sharing nothing with the code under
 * test.
 * @param {readonly Buffer[]} leaves
 * @returns {Buffer}
 */
export function naiveRoot(leaves) {
  if (leaves.length === 0) return createHash('sha256').digest();
  if (leaves.length === 1)
    return createHash('sha256')
      .update('\0')
      .update(/** @type {Buffer} */ (leaves[0]))
      .digest();
  const k = split(leaves.length);
  const hash = createHash('sha256').update('\x01');
  return hash
    .update(naiveRoot(leaves.slice(0, k)))
    .update(naiveRoot(leaves.slice(k)))
    .digest();
}

/** @param {number} n */
function split(n) {
  let k = 1;
  while (2 * k < n) k *= 2;
  return k;
}

/**
 * PATH(m, D[n]) of RFC 6962, section 2.1.1.
 * @param {number} m
 * @param {readonly Buffer[]} leaves
 * @returns {Buffer[]}
 */
export function naivePath(m, leaves) {
  if (leaves.length === 1) return [];
  const k = split(leaves.length);
  const [left, right] = [leaves.slice(0, k), leaves.slice(k)];
  return m < k ? [...naivePath(m, left), naiveRoot(right)] : [...naivePath(m - k, right), naiveRoot(left)];
}

/**
 * PROOF(m, D[n]) of RFC 6962, section 2.1.2.
 * @param {number} m
 * @param {readonly Buffer[]} leaves
 * @param {boolean} [known] whether the verifier knows the subtree
 * @returns {Buffer[]}
 */
export function naiveProof(m, leaves, known = true) {
  if (m === leaves.length) return known ? [] : [naiveRoot(leaves)];
  const k = split(leaves.length);
  const [left, right] = [leaves.slice(0, k), leaves.slice(k)];
  return m <= k
    ? [...naiveProof(m, left, known), naiveRoot(right)]
    : [...naiveProof(m - k, right, false), naiveRoot(left)];
}
