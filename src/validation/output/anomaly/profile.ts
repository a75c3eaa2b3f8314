import { type Measure, measures, type OutputFeatures } from './features.ts';

/**
 * How often each value was seen among the answers of a decision type from an endpoint. Measures are counted in bins
 * of a quarter octave, so that a profile stays small and its quantiles are right to a fifth, whatever the unit.
 */
export interface OutputProfile {
  readonly answers: number;
  readonly bins: Readonly<Partial<Record<Measure, ReadonlyMap<number, number>>>>;
  readonly forms: ReadonlyMap<string, number>;
  readonly languages: ReadonlyMap<string, number>;
}

/** What the profile called usual when an answer was judged; it stands in the record, so that a replay has it. */
export interface ProfileBounds {
  /** Answers that it was made from. */
  readonly answers: number;
  /** Lowest and highest usual value of each measure, both inclusive; a lowest only where few is suspect, too. */
  readonly usual: Readonly<Partial<Record<Measure, { readonly low: number; readonly high: number }>>>;
  readonly forms: readonly string[];
  readonly languages: readonly string[];
}

const BINS_PER_OCTAVE = 4;
/** Makes the median absolute deviation of a normal distribution its standard deviation. */
const DEVIATION = 1.4826;
/** Where hardly anything varies: a bin is as fine as the profile sees, and what is mostly absent is counted closely. */
const spreadMin: Readonly<Record<Measure, number>> = {
  characters: 1,
  lines: 1,
  keys: 1,
  depth: 0.5,
  links: 0.5,
  images: 0.5,
  markup: 0.5,
  code: 0.5,
  encoded: 1,
  toolCalls: 0.5,
};
const tooFew: ReadonlySet<Measure> = new Set(['characters', 'keys', 'depth']);

export function binOf(value: number): number {
  return Math.round(BINS_PER_OCTAVE * Math.log2(1 + value));
}

/**
 * Usual is what lies within `tolerance` robust deviations of the median (median absolute deviation, on a logarithmic
 * scale), and further out whatever more than one answer in `tolerance` cubed has done, so that a second habit of an
 * honest model is none of its anomalies. Null while there are fewer answers than the warm-up asks for.
 */
export function boundsOf(
  profile: OutputProfile,
  settings: { readonly warmupAnswers: number; readonly tolerance: number },
): ProfileBounds | null {
  const { answers, bins, forms, languages } = profile;
  const { warmupAnswers, tolerance } = settings;
  if (answers < warmupAnswers) return null;
  const rareMax = answers / tolerance ** 3;
  const usual: Partial<Record<Measure, { low: number; high: number }>> = {};
  for (const measure of measures) {
    const counts = bins[measure];
    if (counts !== undefined) usual[measure] = usualOf(measure, [...counts].sort(byBin), tolerance, rareMax);
  }
  const often = (counts: ReadonlyMap<string, number>) =>
    [...counts]
      .filter(([, count]) => count > rareMax)
      .map(([name]) => name)
      .sort();
  return { answers, usual, forms: often(forms), languages: often(languages) };
}

type Counted = readonly [bin: number, count: number];

function byBin([one]: Counted, [other]: Counted): number {
  return one - other;
}

function usualOf(measure: Measure, counts: readonly Counted[], tolerance: number, rareMax: number) {
  const median = medianOf(counts);
  const distances = counts.map(([bin, count]): Counted => [Math.abs(bin - median), count]).sort(byBin);
  const reach = tolerance * Math.max(DEVIATION * medianOf(distances), spreadMin[measure]);
  const high = widened(counts.toReversed(), rareMax, Math.floor(median + reach), Math.max);
  const low = tooFew.has(measure) ? widened(counts, rareMax, Math.ceil(median - reach), Math.min) : 0;
  return { low: lowestIn(Math.max(0, low)), high: highestIn(high) };
}

function medianOf(counts: readonly Counted[]): number {
  const total = counts.reduce((sum, [, count]) => sum + count, 0);
  let seen = 0;
  for (const [bin, count] of counts) {
    seen += count;
    if (2 * seen >= total) return bin;
  }
  return 0;
}

/** The limit, moved out to the first bin from the end with which more than the rare answers are counted. */
function widened(
  fromTheEnd: readonly Counted[],
  rareMax: number,
  limit: number,
  further: (one: number, other: number) => number,
): number {
  let seen = 0;
  for (const [bin, count] of fromTheEnd) {
    seen += count;
    if (seen > rareMax) return further(bin, limit);
  }
  return limit;
}

function lowestIn(bin: number): number {
  return Math.ceil(2 ** ((bin - 0.5) / BINS_PER_OCTAVE) - 1);
}

function highestIn(bin: number): number {
  return Math.floor(2 ** ((bin + 0.5) / BINS_PER_OCTAVE) - 1);
}

/** What of an answer is unusual: the names of measures, `form` and `language`. */
export function anomaliesOf({ measured, form, language }: OutputFeatures, bounds: ProfileBounds): string[] {
  const far = measures.filter((measure) => {
    const { low = 0, high = Number.POSITIVE_INFINITY } = bounds.usual[measure] ?? {};
    return measured[measure] < low || measured[measure] > high;
  });
  const isForm = bounds.forms.includes(form);
  // Languages are compared where the usual ones could be told.
  const isLanguage =
    language === null || bounds.languages.length === 0 || bounds.languages.includes(language);
  return [...far, ...(isForm ? [] : ['form']), ...(isLanguage ? [] : ['language'])];
}
