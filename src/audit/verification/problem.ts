/** One thing that is not as it was committed, named as narrowly as it can be. */
export interface Problem {
  readonly kind:
    | 'altered'
    | 'missing'
    | 're-keyed'
    | 'reordered'
    | 'inserted'
    | 'broken-chain'
    | 'ledger-altered'
    | 'ledger-truncated'
    | 'part-altered';
  /** Null where the ledger or a part of a release is meant. */
  readonly decisionId: string | null;
  readonly entryId: string | null;
  /** Log and leaf, where the ledger knows it. */
  readonly leaf: { readonly period: string; readonly index: number } | null;
  readonly problem: string;
}

/** Keeps the first of each run of problems; the rest are counted. */
export class Problems {
  readonly #max: number;
  readonly #kept: Problem[] = [];
  #count = 0;

  constructor(max: number, before: readonly Problem[] = []) {
    this.#max = max;
    for (const problem of before) this.add(problem);
  }

  add(problem: Problem): void {
    this.#count += 1;
    if (this.#kept.length < this.#max) this.#kept.push(problem);
  }

  get count(): number {
    return this.#count;
  }

  get first(): readonly Problem[] {
    return this.#kept;
  }
}
