import { canonicalJson } from '../../decision/canonical.ts';
import { InvariantError } from '../../decision/errors.ts';

const binCount = 50;

/** An attribute of the decisions and one of its values: channel, jurisdiction, or one that the type names. */
export interface Slice {
  readonly attribute: string;
  readonly value: string;
}

/**
 * How the scores of one decision type were distributed from one day to another (UTC, both included). It holds
 * counts only, so it may be kept and shown where no content may (I8), and adding the counts of two gives the
 * sketch of both: any window is the sum of its days.
 */
export interface ScoreSketch {
  /** Decisions by score; bin i reaches from i/50 up to, but without, (i + 1)/50; the last includes 1. */
  readonly counts: readonly number[];
  readonly from: string;
  readonly schema: 'score-sketch-1';
  /** Null: all decisions of the type. */
  readonly slice: Slice | null;
  readonly to: string;
  readonly type: string;
  /** Decisions without a score. */
  readonly unscored: number;
}

const dayPattern = /^\d{4}-\d{2}-\d{2}$/;

/** The sketch of one day's scores; null stands for a decision without one. */
export function sketchOf(
  about: { readonly day: string; readonly slice?: Slice | null; readonly type: string },
  scores: Iterable<number | null>,
): ScoreSketch {
  const { day, slice = null, type } = about;
  const counts = Array.from({ length: binCount }, () => 0);
  let unscored = 0;
  for (const score of scores) {
    if (score === null) unscored++;
    else {
      const bin = binOf(score);
      counts[bin] = (counts[bin] ?? 0) + 1;
    }
  }
  return checked({ counts, from: day, schema: 'score-sketch-1', slice, to: day, type, unscored });
}

/** The bin of a score. It goes by the edges i/50 as doubles, where multiplying by 50 would round across them. */
export function binOf(score: number): number {
  if (!(score >= 0 && score <= 1)) throw new InvariantError('a score lies between 0 and 1');
  const near = Math.min(binCount - 1, Math.floor(score * binCount));
  if (score < near / binCount) return near - 1;
  return near < binCount - 1 && score >= (near + 1) / binCount ? near + 1 : near;
}

/** The sum of sketches of one type and slice, in whatever order; the days are the hull of theirs. */
export function mergeSketches(sketches: readonly [ScoreSketch, ...ScoreSketch[]]): ScoreSketch {
  return sketches.slice(1).reduce((sum, sketch) => {
    if (sum.type !== sketch.type || canonicalJson(sum.slice) !== canonicalJson(sketch.slice)) {
      throw new InvariantError('sketches of different types or slices were to be merged');
    }
    return checked({
      counts: sum.counts.map((count, bin) => count + (sketch.counts[bin] ?? 0)),
      from: sum.from < sketch.from ? sum.from : sketch.from,
      schema: 'score-sketch-1',
      slice: sum.slice,
      to: sum.to > sketch.to ? sum.to : sketch.to,
      type: sum.type,
      unscored: sum.unscored + sketch.unscored,
    });
  }, sketches[0]);
}

/**
 * The distribution of a window, from the daily sketches that lie in it; null where no day does. A day may
 * consist of several sketches (one per process).
 */
export function windowOf(
  daily: readonly ScoreSketch[],
  { from, to }: { readonly from: string; readonly to: string },
): ScoreSketch | null {
  const [first, ...others] = daily.filter((sketch) => sketch.from >= from && sketch.to <= to);
  return first === undefined ? null : mergeSketches([first, ...others]);
}

export function scoredCount({ counts }: ScoreSketch): number {
  return counts.reduce((sum, count) => sum + count, 0);
}

/** The one text of a sketch (RFC 8785): equal distributions have equal bytes. */
export function sketchText(sketch: ScoreSketch): string {
  return canonicalJson(sketch);
}

/** Reads a text that `sketchText` wrote. Throws on anything else: nothing but our own sketches is stored. */
export function readSketch(text: string): ScoreSketch {
  const sketch = checked(JSON.parse(text) as ScoreSketch);
  if (sketchText(sketch) !== text) throw new InvariantError('a stored sketch is not in its canonical form');
  return sketch;
}

function checked(sketch: ScoreSketch): ScoreSketch {
  const { counts, from, to, unscored } = sketch;
  const areCounts = [...counts, unscored].every((count) => Number.isSafeInteger(count) && count >= 0);
  if (sketch.schema !== 'score-sketch-1' || counts.length !== binCount || !areCounts) {
    throw new InvariantError('a sketch has fifty whole counts');
  }
  if (!dayPattern.test(from) || !dayPattern.test(to) || from > to) {
    throw new InvariantError('a sketch names its days as YYYY-MM-DD, the first first');
  }
  return sketch;
}
