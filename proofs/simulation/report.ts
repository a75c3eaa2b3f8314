import { parseArgs } from 'node:util';
import { proportion } from '../../src/confidence/audit-sample/proportion.ts';

export interface SimulationOptions {
  readonly json: boolean;
  readonly runs: number;
  readonly seed: number;
}

/** The options of a simulation. Its full size is the default; `--runs` is for trying it out. */
export function simulationOptions(name: string, runsFull: number): SimulationOptions {
  const { values } = parseArgs({
    options: {
      help: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      runs: { type: 'string', default: String(runsFull) },
      seed: { type: 'string', default: '1' },
    },
  });
  const [runs, seed] = [Number(values.runs), Number(values.seed)];
  if (values.help || !Number.isSafeInteger(runs) || runs < 10 || !Number.isSafeInteger(seed)) {
    process.stderr.write(`usage: npx tsx proofs/${name}.ts [--runs N] [--seed N] [--json]\n`);
    process.exit(2);
  }
  return { json: values.json, runs, seed };
}

/** A share of runs with its 95 % Monte Carlo interval (Clopper and Pearson). */
export interface Share {
  readonly count: number;
  readonly lower: number;
  readonly runs: number;
  readonly share: number;
  readonly upper: number;
}

export function shareOf(count: number, runs: number): Share {
  const { lower, upper } = proportion(count, runs);
  return { count, lower, runs, share: count / runs, upper };
}

export function percent(value: number, digits = 2): string {
  return `${(100 * value).toFixed(digits)} %`;
}

export function shareText({ count, lower, runs, share, upper }: Share): string {
  return `${percent(share)} (${count} of ${runs}; ${percent(lower)} to ${percent(upper)})`;
}

export interface DelayReport {
  readonly found: Share;
  /** Decisions from the change to the alarm; runs without an alarm count as longer than any. */
  readonly medianLower: number | null;
  readonly median: number | null;
  readonly medianUpper: number | null;
}

/** The median of delays, null for those never found, with the order statistics that enclose it at 95 %. */
export function delayReport(delays: readonly (number | null)[]): DelayReport {
  const sorted = delays.map((delay) => delay ?? Infinity).sort((a, b) => a - b);
  const at = (place: number) => {
    const value = sorted[Math.min(sorted.length - 1, Math.max(0, Math.floor(place)))];
    return value === undefined || value === Infinity ? null : value;
  };
  const [middle, half] = [(sorted.length - 1) / 2, 0.98 * Math.sqrt(sorted.length)];
  return {
    found: shareOf(delays.filter((delay) => delay !== null).length, delays.length),
    median: at(middle),
    medianLower: at(middle - half),
    medianUpper: at(middle + half),
  };
}

export function delayText({ found, median, medianLower, medianUpper }: DelayReport): string {
  const text = (value: number | null) => value ?? 'never';
  return `median ${text(median)} decisions (${text(medianLower)} to ${text(medianUpper)}); found in ${shareText(found)}`;
}

/** Tells on standard error how far a long simulation has come, at every tenth. */
export function progressOf(what: string, runs: number): (done: number) => void {
  const tenth = Math.max(1, Math.floor(runs / 10));
  return (done) => {
    if (done % tenth === 0) process.stderr.write(`${what}: ${done} of ${runs}\n`);
  };
}
