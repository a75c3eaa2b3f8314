/**
 * Holm's adjusted p-values, in the order given: rejecting those up to α makes one or more false rejections with
 * probability at most α, however the tests depend on each other.
 */
export function holm(p: readonly number[]): number[] {
  let largest = 0;
  return inOrder(p, ascendingOrder(p), (value, rank) => {
    largest = Math.max(largest, Math.min(1, value * (p.length - rank)));
    return largest;
  });
}

/**
 * Benjamini and Hochberg's adjusted p-values, in the order given: of those up to α, at most the share α is
 * expected to be false, when the tests are independent or rise together.
 */
export function benjaminiHochberg(p: readonly number[]): number[] {
  let smallest = 1;
  return inOrder(p, ascendingOrder(p).toReversed(), (value, fromLast) => {
    smallest = Math.min(smallest, (value * p.length) / (p.length - fromLast));
    return smallest;
  });
}

function ascendingOrder(p: readonly number[]): number[] {
  return [...p.keys()].sort((a, b) => (p[a] ?? 0) - (p[b] ?? 0));
}

function inOrder(
  p: readonly number[],
  order: readonly number[],
  adjust: (value: number, rank: number) => number,
): number[] {
  const adjusted = p.map(() => 1);
  for (const [rank, index] of order.entries()) adjusted[index] = adjust(p[index] ?? 1, rank);
  return adjusted;
}
