import { emptyRoot, nodeHash } from '../ledger/merkle.ts';

/**
 * A growing tree of RFC 6962, reduced to what its root needs: the roots of the perfect subtrees that its
 * leaves make, largest first.
 */
export class Frontier {
  readonly #roots: Buffer[];
  #size: number;

  constructor(size = 0, roots: readonly Buffer[] = []) {
    this.#size = size;
    this.#roots = [...roots];
  }

  get size(): number {
    return this.#size;
  }

  get roots(): readonly Buffer[] {
    return this.#roots;
  }

  append(leafHash: Buffer): void {
    let joined = leafHash;
    for (let rest = this.#size; rest % 2 === 1; rest = (rest - 1) / 2) {
      const left = this.#roots.pop();
      if (left) joined = nodeHash(left, joined);
    }
    this.#roots.push(joined);
    this.#size += 1;
  }

  root(): Buffer {
    return (
      this.#roots.reduceRight<Buffer | null>(
        (right, left) => (right === null ? left : nodeHash(left, right)),
        null,
      ) ?? emptyRoot
    );
  }
}

/** How many perfect subtrees the leaves of a tree of this size make: one for each bit. */
export function perfectSubtrees(size: number): number {
  return size.toString(2).replaceAll('0', '').length;
}
