import { observeOne, openChangeWatch, runForBudget } from '../../src/confidence/drift/change-watch.ts';
import type { Tally } from '../../src/confidence/drift/rate-evidence.ts';
import { observe, openRateWatch } from '../../src/confidence/drift/rate-watch.ts';
import { termsFromReference } from '../../src/confidence/drift/reference-rate.ts';

/** Something that reads a stream and may raise an alarm. */
export interface Detector {
  readonly name: string;
  /** The largest probability of a false alarm within the horizon that it promises; null when it promises none. */
  readonly promised: number | null;
  /** A fresh one for a stream; `reference` draws the sample that its reference rate is taken from. */
  start(reference: (count: number) => Tally): (isEvent: boolean) => boolean;
}

/** The e-process against a boundary that is known, looked at after every `every` decisions. */
export function eProcess(boundary: number, budget: number, every = 1): Detector {
  return {
    name: `e-process, boundary ${boundary}${every === 1 ? '' : `, looked at every ${every}`}`,
    promised: budget,
    start: () => watching(boundary, budget, every),
  };
}

/** The e-process against a boundary taken from a reference sample, which the budget pays for too. */
export function eProcessFromReference(options: {
  readonly budget: number;
  readonly count: number;
  readonly tolerance: number;
}): Detector {
  const { budget, count, tolerance } = options;
  return {
    name: `e-process, reference of ${count}, tolerance ${tolerance}`,
    promised: budget,
    start: (reference) => {
      const terms = termsFromReference(reference(count), { budget, direction: 'rise', tolerance });
      return watching(terms.boundary, terms.budget);
    },
  };
}

/** e-SR whose mean run between false alarms is long enough for the budget over the horizon. */
export function eSr(boundary: number, budget: number, horizon: number): Detector {
  const runMin = runForBudget({ budget, horizon });
  return {
    name: `e-SR, boundary ${boundary}, run ${runMin}`,
    promised: budget,
    start: () => {
      let watch = openChangeWatch({ boundary, rate: 'middleBand', runMin });
      return (isEvent) => {
        watch = observeOne(watch, isEvent);
        return watch.alarmAt !== null;
      };
    },
  };
}

/** Two detectors at once, each with its part of the budget. */
export function either(name: string, detectors: readonly Detector[]): Detector {
  return {
    name,
    promised: detectors.reduce((sum, { promised }) => sum + (promised ?? 1), 0),
    start: (reference) => {
      const started = detectors.map((detector) => detector.start(reference));
      // All of them must see every decision.
      return (isEvent) => started.map((sees) => sees(isEvent)).includes(true);
    },
  };
}

/** What is usually done: a one-sided z-test at 5 %, looked at again and again. */
export function repeatedZTest(boundary: number, every: number): Detector {
  return {
    name: `z-test at 5 %, repeated every ${every}`,
    promised: null,
    start: () => {
      let [count, events] = [0, 0];
      return (isEvent) => {
        count += 1;
        events += Number(isEvent);
        if (count % every !== 0) return false;
        const z = (events - count * boundary) / Math.sqrt(count * boundary * (1 - boundary));
        return z > 1.6448536269514722;
      };
    },
  };
}

function watching(boundary: number, budget: number, every = 1): (isEvent: boolean) => boolean {
  let watch = openRateWatch({ boundary, budget, direction: 'rise', rate: 'middleBand' });
  let [count, events] = [0, 0];
  return (isEvent) => {
    count += 1;
    events += Number(isEvent);
    if (count < every) return false;
    watch = observe(watch, { count, events });
    [count, events] = [0, 0];
    return watch.alarmAt !== null;
  };
}
