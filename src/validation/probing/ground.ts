import type { Baseline } from './baseline.ts';
import type { Calibration } from './calibration.ts';
import type { Cluster } from './clusters.ts';
import type { Heat, MonitorName } from './ladder.ts';

/** What is kept of one tenant and decision type. */
export interface Ground {
  /** Keys of its inputs are told apart from those of others by this. */
  readonly scope: number;
  /** Inputs deep in clusters that several callers share. */
  readonly shared: Pool;
  /** Inputs beyond the limit, of callers most of whose inputs are. */
  readonly outliers: Pool;
  readonly baseline: Baseline;
  readonly calibration: Calibration;
  readonly heats: WeakMap<Cluster, Heat>;
}

/** A count that halves with time. */
export interface Pool {
  inputs: number;
  atMs: number;
}

/** What one monitor makes of one input: a strength of 1 to 3 leads up to that rung, less than 1 to none. */
export interface Sign {
  readonly strength: number;
  readonly monitor: MonitorName;
  /** Inputs that it rests on. */
  readonly size: number;
}

export function fade(pool: Pool, nowMs: number, halfLifeMs: number): void {
  pool.inputs *= 2 ** -(Math.max(0, nowMs - pool.atMs) / halfLifeMs);
  pool.atMs = Math.max(pool.atMs, nowMs);
}

/** Log-likelihood ratios that the first rung takes; each further one takes half as much again. */
export const ratioLimit = 8;

export function ratioStrength(ratio: number): number {
  return ratio < ratioLimit ? 0 : 1 + (2 * (ratio - ratioLimit)) / ratioLimit;
}
