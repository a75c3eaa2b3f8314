/** What is done about a probe, weakest first. */
export const rungs = ['none', 'coarse', 'throttle', 'review'] as const;
export type Rung = (typeof rungs)[number];

/** What raised the suspicion. */
const monitors = [
  'near-duplicates',
  'short-walks',
  'shared-walks',
  'shared-outliers',
  'unlike-baseline',
  'window',
  'values',
  'refusals',
] as const;
export type MonitorName = (typeof monitors)[number];

/** Suspicion of somebody, or of a group of inputs. */
export interface Heat {
  /** Where it stood at `atMs`; it halves with time. */
  level: number;
  atMs: number;
  monitor: MonitorName;
  /** Size of the cluster, or of the window, that it rests on. */
  size: number;
}

/** Above its rung, so that a rung holds for more than half of a half-life after the last sign. */
const margin = 0.5;

export function heatAt(heat: Heat | null | undefined, nowMs: number, halfLifeMs: number): number {
  if (heat === null || heat === undefined) return 0;
  return heat.level * 2 ** -(Math.max(0, nowMs - heat.atMs) / halfLifeMs);
}

export function rungAt(heat: Heat | null | undefined, nowMs: number, halfLifeMs: number): Rung {
  return rungs[Math.min(3, Math.floor(heatAt(heat, nowMs, halfLifeMs)))] ?? 'none';
}

/** A sign of strength 1 to 3, or less than 1 for none. Nothing skips a rung: each sign leads at most one step up. */
export function heated(
  before: Heat | null | undefined,
  sign: { readonly strength: number; readonly monitor: MonitorName; readonly size: number },
  at: { readonly nowMs: number; readonly halfLifeMs: number },
): Heat | null {
  const now = heatAt(before, at.nowMs, at.halfLifeMs);
  const target = Math.min(3, Math.floor(sign.strength), Math.floor(now) + 1);
  if (target < 1 || target + margin <= now) return before ?? null;
  return { level: target + margin, atMs: at.nowMs, monitor: sign.monitor, size: Math.round(sign.size) };
}

export function isHigher(one: Rung, other: Rung): boolean {
  return rungs.indexOf(one) > rungs.indexOf(other);
}
