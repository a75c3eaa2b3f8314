import type { Pool } from './ground.ts';
import type { Heat } from './ladder.ts';

/** What is kept of one caller of a tenant and decision type. */
export interface Conduct {
  heat: Heat | null;
  /** Different inputs. */
  inputs: number;
  /** Of these, inputs that went deep into a cluster whose outcome changes; both fade. */
  weight: number;
  deep: number;
  flips: number;
  /** Inputs deep in clusters that several callers share. */
  shared: number;
  /** Cumulative sums of log-likelihood ratios: of inputs unlike the baseline, and of refusals. */
  unlike: number;
  refused: number;
  refusals: number;
  /** Inputs sent on while it was throttled, and the last of them. */
  readonly pressed: Pool;
  lastPressed: number | null;
  /** Features and exact values of the last inputs that were not near another. */
  readonly window: { readonly features: readonly number[]; readonly values: readonly number[] }[];
  sinceWindow: number;
  /** Windows in a row that were unlike the baseline. */
  oddWindows: number;
  oddValues: number;
  outliers: number;
  judged: number;
  /** When its last decision was let through on the second rung, epoch ms. */
  letThroughMs: number;
}

export const windowInputs = 32;
/** A window is judged again after so many inputs. */
export const windowStep = 8;

export function newConduct(): Conduct {
  return {
    heat: null,
    inputs: 0,
    weight: 0,
    deep: 0,
    flips: 0,
    shared: 0,
    unlike: 0,
    refused: 0,
    refusals: 0,
    pressed: { inputs: 0, atMs: 0 },
    lastPressed: null,
    window: [],
    sinceWindow: 0,
    oddWindows: 0,
    oddValues: 0,
    outliers: 0,
    judged: 0,
    letThroughMs: 0,
  };
}

/** A step of a cumulative sum test (E. S. Page, Biometrika 41, 1954) between two rates of an event. */
export function cusum(sum: number, happened: boolean, rates: { usual: number; probing: number }): number {
  const { usual, probing } = rates;
  const step = happened ? Math.log(probing / usual) : Math.log((1 - probing) / (1 - usual));
  return Math.max(0, sum + step);
}

/** Share of values, field by field, that the window had before: near 1 on a grid. Fields as given, in order. */
export function repeatedShare(window: readonly { readonly values: readonly number[] }[]): number {
  const fields = window[0]?.values.length ?? 0;
  if (fields === 0) return 0;
  let repeated = 0;
  for (let field = 0; field < fields; field++)
    repeated += 1 - new Set(window.map(({ values }) => values[field])).size / window.length;
  return repeated / fields;
}
