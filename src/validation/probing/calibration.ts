/** What is usual for single callers and windows of one tenant and decision type, learned in the second half of its warm-up. */
export class Calibration {
  readonly #surprises: number[] = [];
  readonly #discrepancies: number[] = [];
  readonly #repeats: number[] = [];
  readonly #shares = new Map<string, { of: number; beyond: number }>();
  #limit: number | null = null;

  surprise(value: number): void {
    keep(this.#surprises, value);
    if (this.#surprises.length % 50 === 0) this.#limit = null;
  }

  window(discrepancy: number, repeated: number): void {
    keep(this.#discrepancies, discrepancy);
    keep(this.#repeats, repeated);
  }

  share(caller: string, beyond: boolean): void {
    if (!this.#shares.has(caller) && this.#shares.size >= 1_000) return;
    const share = this.#shares.get(caller) ?? { of: 0, beyond: 0 };
    this.#shares.set(caller, { of: share.of + 1, beyond: share.beyond + Number(beyond) });
  }

  /** Surprise that one input in ten exceeded. */
  get surpriseLimit(): number {
    this.#limit ??= quantile(this.#surprises, 0.9);
    return this.#limit;
  }

  /** How often a caller's inputs may be beyond the limit: what the callers with most of it showed, and no less than .3. */
  get usualShare(): number {
    const shares = [...this.#shares.values()]
      .filter(({ of }) => of >= 20)
      .map(({ of, beyond }) => beyond / of);
    return Math.min(0.6, Math.max(0.3, 1.3 * quantile(shares, 0.95)));
  }

  /** More than that is odd even together with others. */
  get oddShare(): number {
    return this.usualShare + 0.2;
  }

  get discrepancyLimit(): number {
    return farBeyond(this.#discrepancies, 10);
  }

  get repeatedLimit(): number {
    return Math.min(0.97, farBeyond(this.#repeats, 6));
  }
}

const keptMax = 2_000;

function keep(values: number[], value: number): void {
  if (values.length < keptMax) values.push(value);
}

function quantile(values: readonly number[], share: number): number {
  if (values.length === 0) return 0;
  const sorted = values.toSorted((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0;
}

const windowsMin = 8;

/** Beyond the median by so many robust standard deviations, and beyond half as far again as was ever seen. */
function farBeyond(values: readonly number[], deviations: number): number {
  if (values.length < windowsMin) return Number.POSITIVE_INFINITY;
  const middle = quantile(values, 0.5);
  const spread =
    1.4826 *
    quantile(
      values.map((value) => Math.abs(value - middle)),
      0.5,
    );
  return Math.max(middle + deviations * spread, middle + 1.5 * (Math.max(...values) - middle));
}
