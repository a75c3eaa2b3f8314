import { type Proportion, proportion } from '../audit-sample/proportion.ts';
import { fisherExact } from './fisher.ts';
import { benjaminiHochberg, holm } from './multiple-testing.ts';
import type { Tally } from './rate-evidence.ts';
import type { Slice } from './score-sketch.ts';

export type SliceTally = Slice & Tally;

export interface SliceRow extends Slice {
  /** Adjusted over all rows: the false discovery rate at which this row would be listed. */
  readonly adjustedBh: number;
  /** Adjusted over all rows: the family-wise error at which this row would be flagged. */
  readonly adjustedHolm: number;
  readonly against: Proportion;
  /** The rate here less the rate it is compared to. */
  readonly difference: number;
  /** Holm at `alpha`: somebody has to act on it. */
  readonly flagged: boolean;
  /** Benjamini–Hochberg at `alpha`: worth a look. */
  readonly listed: boolean;
  readonly p: number;
  readonly here: Proportion;
}

export interface SliceComparison {
  readonly alpha: number;
  readonly rows: readonly SliceRow[];
  /** Slices with fewer decisions than `countMin` on either side: not tested, so that nobody can be made out. */
  readonly withheld: readonly Slice[];
}

interface Options {
  /** Error over all rows of this one look. */
  readonly alpha: number;
  /** Left out by number only, never by what was found. */
  readonly countMin: number;
}

/** Each slice against the other slices of its attribute, as for fairness: is its rate another than theirs? */
export function compareWithRest(slices: readonly SliceTally[], options: Options): SliceComparison {
  const pairs = slices.map((slice) => {
    const rest = slices.filter((other) => other.attribute === slice.attribute && other.value !== slice.value);
    return { against: sum(rest), slice };
  });
  return compare(pairs, options);
}

/** Each slice against itself in the reference window: in which has the rate moved? */
export function compareWithReference(
  slices: readonly SliceTally[],
  reference: readonly SliceTally[],
  options: Options,
): SliceComparison {
  const pairs = slices.map((slice) => {
    const before = reference.filter(
      ({ attribute, value }) => attribute === slice.attribute && value === slice.value,
    );
    return { against: sum(before), slice };
  });
  return compare(pairs, options);
}

function compare(
  pairs: readonly { readonly against: Tally; readonly slice: SliceTally }[],
  { alpha, countMin }: Options,
): SliceComparison {
  const least = Math.max(1, countMin);
  const isLarge = ({ against, slice }: (typeof pairs)[number]) =>
    Math.min(against.count, slice.count) >= least;
  const tested = pairs.filter(isLarge);
  const p = tested.map(({ against, slice }) => fisherExact(slice, against));
  const [byHolm, byBh] = [holm(p), benjaminiHochberg(p)];
  const rows = tested.map(({ against, slice }, i) => {
    const [adjustedHolm, adjustedBh] = [byHolm[i] ?? 1, byBh[i] ?? 1];
    return {
      adjustedBh,
      adjustedHolm,
      against: proportion(against.events, against.count),
      attribute: slice.attribute,
      difference: slice.events / slice.count - against.events / against.count,
      flagged: adjustedHolm <= alpha,
      here: proportion(slice.events, slice.count),
      listed: adjustedBh <= alpha,
      p: p[i] ?? 1,
      value: slice.value,
    };
  });
  const withheld = pairs
    .filter((pair) => !isLarge(pair))
    .map(({ slice: { attribute, value } }) => ({ attribute, value }));
  return { alpha, rows, withheld };
}

function sum(tallies: readonly Tally[]): Tally {
  return tallies.reduce(
    (all, { count, events }) => ({ count: all.count + count, events: all.events + events }),
    { count: 0, events: 0 },
  );
}
