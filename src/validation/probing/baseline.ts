import type { KeyedHash } from './keyed-hash.ts';
import type { Sketch, SketchedField } from './sketch.ts';

/** Fields whose pairs are counted; of more, the first by their keyed place. */
const pairedFieldsMax = 12;
const mmdBins = 1_024;
/** Counts halve when so many inputs are in, so that the baseline follows what honestly changes. */
const heavyInputs = 20_000;
const pairsMax = 50_000;
const valuesPerPlaceMax = 2_000;
/** A place is an identity when fewer of its values than this had been there before. */
const identityRepeatsMax = 0.2;
const identityInputsMin = 60;

/**
 * What a tenant's inputs of one decision type usually are: counts of coarse values, alone and in pairs. It compares with
 * nothing but itself: fixed banks of features do not carry over from one business to another.
 */
export class Baseline {
  readonly #hash: KeyedHash;
  readonly #pairs = new Map<number, number>();
  readonly #places = new Map<number, { seen: number; repeated: number; readonly values: Set<number> }>();
  readonly #mean = new Float64Array(mmdBins);
  #inputs = 0;
  #weight = 0;

  constructor(hash: KeyedHash) {
    this.#hash = hash;
  }

  get inputs(): number {
    return this.#inputs;
  }

  isIdentity = (place: number): boolean => {
    const known = this.#places.get(place);
    return (
      known !== undefined &&
      known.seen >= identityInputsMin &&
      known.repeated < identityRepeatsMax * known.seen
    );
  };

  learn({ fields }: Sketch, features: readonly number[]): void {
    this.#inputs += 1;
    this.#weight += 1;
    for (const field of fields) this.#learnPlace(field);
    for (const feature of features) {
      this.#pairs.set(feature, (this.#pairs.get(feature) ?? 0) + 1);
      this.#mean[feature % mmdBins] = (this.#mean[feature % mmdBins] ?? 0) + 1;
    }
    if (this.#weight >= heavyInputs || this.#pairs.size > pairsMax) this.#halve();
  }

  #learnPlace({ place, isNumber, exact }: SketchedField): void {
    // Amounts are new every time as well, and say a lot.
    if (isNumber) return;
    const known = this.#places.get(place) ?? { seen: 0, repeated: 0, values: new Set<number>() };
    this.#places.set(place, known);
    known.seen += 1;
    if (known.values.has(exact)) known.repeated += 1;
    else if (known.values.size < valuesPerPlaceMax) known.values.add(exact);
  }

  /** Values and pairs of values, as keyed hashes. */
  features({ fields, words }: Sketch): number[] {
    const tokens = fields
      .filter(({ place }) => !this.isIdentity(place))
      .slice(0, pairedFieldsMax)
      .map(({ place, coarse }) => this.#hash.pair(place, coarse));
    const found = [...tokens];
    for (let i = 0; i < tokens.length; i++)
      for (let j = 0; j < i; j++) found.push(this.#hash.pair(tokens[i] ?? 0, tokens[j] ?? 0));
    if (tokens.length < 3 && words !== null) for (const word of words) found.push(word);
    return found;
  }

  /** Mean surprise of its features, in nats: how unlike it is to what came before. */
  surprise(features: readonly number[]): number {
    if (features.length === 0) return 0;
    let sum = 0;
    for (const feature of features)
      sum -= Math.log(((this.#pairs.get(feature) ?? 0) + 0.5) / (this.#weight + 1));
    return sum / features.length;
  }

  /**
   * Squared maximum mean discrepancy between a window of inputs and the baseline, under the inner product of their
   * hashed features (A. Gretton et al., JMLR 13, 2012): unbiased in the window, of which no input meets itself.
   */
  discrepancy(window: readonly (readonly number[])[]): number {
    const n = window.length;
    if (n < 2 || this.#weight === 0) return 0;
    const sum = new Float64Array(mmdBins);
    let own = 0;
    let size = 0;
    for (const features of window) {
      const seen = new Map<number, number>();
      for (const feature of features) {
        const bin = feature % mmdBins;
        sum[bin] = (sum[bin] ?? 0) + 1;
        seen.set(bin, (seen.get(bin) ?? 0) + 1);
      }
      for (const count of seen.values()) own += count * count;
      size += features.length;
    }
    let within = 0;
    let across = 0;
    let base = 0;
    for (let bin = 0; bin < mmdBins; bin++) {
      const x = sum[bin] ?? 0;
      const b = (this.#mean[bin] ?? 0) / this.#weight;
      within += x * x;
      across += x * b;
      base += b * b;
    }
    return ((within - own) / (n * (n - 1)) - (2 * across) / n + base) / Math.max(1, size / n);
  }

  #halve(): void {
    this.#weight /= 2;
    for (const [feature, count] of this.#pairs) {
      if (count < 1) this.#pairs.delete(feature);
      else this.#pairs.set(feature, count / 2);
    }
    for (let bin = 0; bin < mmdBins; bin++) this.#mean[bin] = (this.#mean[bin] ?? 0) / 2;
  }
}
