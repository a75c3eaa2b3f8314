import type { SurfaceKind } from '../decision/surface.ts';
import type { Verdict } from '../decision/verdict.ts';
import { type ValidationPolicy, inwardSurfaces } from './policy.ts';

const none: readonly SurfaceKind[] = [];

/**
 * Where detectors of a decision type only tell what they saw. Empty unless the policy says so, and for an
 * unnamed type, so that whoever forgets to name one is enforced (I6).
 */
export function surfacesDetectOnly(
  { detectOnly }: ValidationPolicy,
  decisionType: string | undefined,
): readonly SurfaceKind[] {
  if (detectOnly === undefined || decisionType === undefined) return none;
  const { decisionTypes, surfaces } = detectOnly;
  if (decisionTypes !== 'all' && !decisionTypes.includes(decisionType)) return none;
  return surfaces === 'all' ? inwardSurfaces : inwardSurfaces.filter((surface) => surfaces.includes(surface));
}

/** The verdict with the mode it was reached under, so that no record made under it looks like another. */
export function underMode(verdict: Verdict, surfaces: readonly SurfaceKind[], enforced = verdict): Verdict {
  if (surfaces.length === 0) return verdict;
  const reasons = enforced.kind === 'pass' ? [] : enforced.reasons;
  return { ...verdict, detectOnly: { kind: enforced.kind, reasons, surfaces } };
}
