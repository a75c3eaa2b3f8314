import type { Finding } from './finding.ts';
import type { ReasonCode } from './reason.ts';
import type { SurfaceKind } from './surface.ts';

export const gateNames = [
  'label',
  'validation',
  'residency',
  'audit',
  'output',
  'confidence',
  'tools',
  'probing',
] as const;
export type GateName = (typeof gateNames)[number];

/** A gate's answer. An expected outcome is always one of these; an exception is a fault. */
export type Verdict = PassVerdict | StopVerdict;

export interface PassVerdict {
  readonly kind: 'pass';
  readonly gate: GateName;
  readonly findings: readonly Finding[];
  readonly detectOnly?: DetectOnly;
}

/** A verdict that was reached while detectors only told what they saw on some surfaces; absent otherwise. */
export interface DetectOnly {
  /** What it would have been had every surface been enforced. */
  readonly kind: Verdict['kind'];
  readonly reasons: readonly ReasonCode[];
  /** Where nothing was stopped. */
  readonly surfaces: readonly SurfaceKind[];
}

export interface StopVerdict {
  readonly kind: 'refuse' | 'review';
  readonly gate: GateName;
  readonly reasons: readonly [ReasonCode, ...ReasonCode[]];
  readonly findings: readonly Finding[];
  /** Codes and places that explain the verdict to a person; no content of the request (I8). */
  readonly detail?: string;
  readonly detectOnly?: DetectOnly;
}

export function pass(gate: GateName, findings: readonly Finding[] = []): PassVerdict {
  return { findings, gate, kind: 'pass' };
}

export function stop(
  kind: StopVerdict['kind'],
  gate: GateName,
  reason: ReasonCode,
  more: { findings?: readonly Finding[]; detail?: string } = {},
): StopVerdict {
  const { findings = [], detail } = more;
  return { ...(detail === undefined ? {} : { detail }), findings, gate, kind, reasons: [reason] };
}

/** The surfaces on which none of these verdicts could stop anything; null where everything was enforced. */
export function detectOnlySurfaces(verdicts: readonly Verdict[]): readonly SurfaceKind[] | null {
  return verdicts.find(({ detectOnly }) => detectOnly !== undefined)?.detectOnly?.surfaces ?? null;
}
