import type { Cluster } from './clusters.ts';
import { type Conduct, cusum } from './conduct.ts';
import { fade, type Ground, ratioStrength, type Sign } from './ground.ts';
import { rungAt } from './ladder.ts';
import type { ProbingSettings } from './settings.ts';

/* Evasion: whoever looks for the place where an outcome turns asks many times for nearly the same. */

/** Inputs of a cluster beyond so many count as deep in it: form corrections and what-ifs are not. */
const deepFrom = 5;
/** The same of inputs that several callers share: honest callers do not vary each other's cases. */
const sharedFrom = 3;
/** A caller must have brought so many of a cluster's inputs to answer for it. */
export const ownInputsMin = 3;
const sharersMin = 3;
/** Deep inputs of one caller that the first rung takes, and each further one. */
const shortWalkInputs = 16;
/** Throttled inputs of one caller, each unlike the one before, that lead to the last rung. */
const pressedInputs = 8;
/** How much of a caller's past is left after each input: about the last 128 count. */
const keep = 1 - 1 / 128;

/** Many different inputs near each other whose outcome changes, or texts that go on after an unwelcome one. */
export function nearDuplicates(
  { size, flips, unwelcome, answered, words }: Cluster,
  clusterSize: number,
): Sign {
  const isWalk = flips >= Math.max(2, answered / 24);
  const isRetelling = words !== null && unwelcome >= answered / 2;
  // A walk that has not met the boundary yet: one unwelcome outcome after the other, and each time another input.
  const isSearch = unwelcome >= answered * 0.8;
  const from = isWalk || isRetelling ? clusterSize : 2 * clusterSize;
  const strength = isWalk || isRetelling || isSearch ? 1 + Math.log2(size / from) : 0;
  return { strength, monitor: 'near-duplicates', size };
}

/** Many walks that each stay short: most of what the caller sends goes deep into clusters that flip. */
export function shortWalks(conduct: Conduct, cluster: Cluster, flipped: boolean, isAnswered: boolean): Sign {
  const { size, flips, unwelcome, answered } = cluster;
  const isDeep = size > deepFrom && (flips >= 1 || unwelcome >= answered * 0.8);
  conduct.weight = conduct.weight * keep + 1;
  conduct.deep = conduct.deep * keep + Number(isDeep);
  // Who is throttled gets no outcomes, and is not the less suspect for it.
  if (isAnswered) conduct.flips = conduct.flips * keep + Number(flipped);
  const share = conduct.deep / conduct.weight;
  const inputs = conduct.flips < 4 ? 3 * shortWalkInputs : shortWalkInputs;
  const strength = share < 0.35 ? 0 : conduct.deep / inputs;
  return { strength, monitor: 'short-walks', size: conduct.deep };
}

/** Walks that several callers share: nobody's own part is long, and honest ones do not vary each other's cases. */
export function sharedWalks(
  { shared }: Ground,
  conduct: Conduct,
  cluster: Cluster,
  at: { readonly nowMs: number; readonly settings: ProbingSettings },
): Sign {
  fade(shared, at.nowMs, at.settings.halfLifeMs);
  // Forms of texts are alike among honest senders, too.
  const isShared =
    cluster.words === null &&
    cluster.size > sharedFrom &&
    cluster.flips >= 1 &&
    cluster.callers.size >= sharersMin;
  if (isShared) {
    shared.inputs += 1;
    conduct.shared += 1;
  }
  const strength = isShared && conduct.shared >= ownInputsMin ? shared.inputs / at.settings.clusterSize : 0;
  return { strength, monitor: 'shared-walks', size: shared.inputs };
}

/**
 * Goes on with one input after the other without waiting for its turn. Outcomes tell nothing about it any more, so its
 * suspicion would fade under its attempts; they keep it up instead, and enough of them lead to the last rung. Trying
 * the same again is not counted, and whoever waits as told is not.
 */
export function persistence(
  conduct: Conduct,
  exact: number,
  at: { readonly nowMs: number; readonly settings: ProbingSettings },
): Sign[] {
  const { heat, pressed, lastPressed } = conduct;
  const { halfLifeMs } = at.settings;
  const rung = rungAt(heat, at.nowMs, halfLifeMs);
  conduct.lastPressed = exact;
  if (!heat || exact === lastPressed || (rung !== 'throttle' && rung !== 'review')) return [];
  fade(pressed, at.nowMs, halfLifeMs);
  pressed.inputs += 1;
  return [{ strength: pressed.inputs < pressedInputs ? 2 : 3, monitor: heat.monitor, size: heat.size }];
}

/** Refusals: of injections, of documents, of closed surfaces. Requests that fit no schema never come this far. */
export function refusals(conduct: Conduct, refused: boolean): Sign {
  conduct.refused = Math.min(30, cusum(conduct.refused, refused, { usual: 0.2, probing: 0.7 }));
  conduct.refusals += Number(refused);
  // A faulty integration is refused again and again as well: by itself it leads to the first rung only.
  const strength = Math.min(1, ratioStrength(conduct.refused));
  return { strength, monitor: 'refusals', size: conduct.refusals };
}
