/** Bits of a feature's number: what is hashed shares 262,144 weights. */
export const featureBits = 18;
const MASK = (1 << featureBits) - 1;

/** Spreads a hash over the numbers of features. */
export function featureOf(hash: number): number {
  let mixed = hash ^ (hash >>> 15);
  mixed = Math.imul(mixed, 0x2c1b3c6d);
  mixed ^= mixed >>> 12;
  mixed = Math.imul(mixed, 0x297a2d39);
  mixed ^= mixed >>> 15;
  return mixed & MASK;
}

/** Two concepts, in whatever order. */
export function pairHash(one: number, other: number): number {
  const [low, high] = one < other ? [one, other] : [other, one];
  return Math.imul(low + 1, 0x165667b1) ^ Math.imul(high + 1, 0x5bd1e995) ^ 0x3c6ef372;
}

/** Three concepts, in whatever order. */
export function tripleHash(one: number, two: number, three: number): number {
  const sum =
    Math.imul(one + 1, 0x7feb352d) + Math.imul(two + 1, 0x7feb352d) + Math.imul(three + 1, 0x7feb352d);
  const product = Math.imul(Math.imul(2 * one + 3, 2 * two + 3), 2 * three + 3);
  return sum ^ Math.imul(product, 0x846ca68b);
}
