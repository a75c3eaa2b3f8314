import { Counter, Gauge, type Registry } from 'prom-client';
import type { CounterfactualResult } from '../decision/entry.ts';
import type { Finding } from '../decision/finding.ts';
import type { SurfaceKind } from '../decision/surface.ts';
import type { Verdict } from '../decision/verdict.ts';

/**
 * Metrics of validation. The hit rate of a rule is `hits_total` over `inspections_total` of its surface and
 * decision type. Labels are surfaces, rules and types by their configured names, never a place or a text (I8).
 */
export interface ValidationMetrics {
  /** One inspection of what came in, with what was found in it and what was let by. */
  inspected(
    seen: { readonly verdict: Verdict; readonly texts: readonly { readonly surface: SurfaceKind }[] },
    decisionType: string,
  ): void;
  /** Every finding of a gate; that of an answer is an inspection of it as well. */
  found(verdict: Verdict, decisionType: string): void;
  /** A decision that was asked with its suspect spans and without them. */
  compared(decisionType: string, result: CounterfactualResult): void;
  /** Where detectors only tell what they see; said once, at the start. */
  detectOnly(decisionType: string, surfaces: readonly SurfaceKind[]): void;
}

export function createValidationMetrics(registry: Registry): ValidationMetrics {
  const registers = [registry];
  const counter = <const L extends string>(name: string, help: string, labelNames: readonly L[]) =>
    new Counter({ name: `countersign_${name}`, help, labelNames, registers });
  const inspections = counter('inspections_total', 'Requests and answers with text on a surface.', [
    'surface',
    'decision_type',
  ]);
  const findings = counter('findings_total', 'Findings of the detectors.', [
    'surface',
    'rule',
    'decision_type',
  ]);
  const hits = counter('hits_total', 'Inspections in which a rule found something on a surface.', [
    'surface',
    'rule',
    'decision_type',
  ]);
  const counterfactuals = counter('counterfactuals_total', 'Decisions that were asked twice.', [
    'decision_type',
    'result',
  ]);
  const waived = counter('detect_only_total', 'Verdicts that detect-only mode softened, by what they were.', [
    'decision_type',
    'kind',
  ]);
  const open = new Gauge({
    name: 'countersign_detect_only',
    help: '1 where detectors only tell what they see.',
    labelNames: ['decision_type', 'surface'],
    aggregator: 'max',
    registers,
  });
  const count = (surfaces: ReadonlySet<SurfaceKind>, found: readonly Finding[], decisionType: string) => {
    for (const surface of surfaces) inspections.inc({ surface, decision_type: decisionType });
    const seen = new Set<string>();
    for (const { surface, rule } of found) {
      if (seen.has(`${surface} ${rule}`)) continue;
      seen.add(`${surface} ${rule}`);
      hits.inc({ surface, rule, decision_type: decisionType });
    }
  };
  return {
    inspected({ verdict, texts }, decisionType) {
      count(new Set(texts.map(({ surface }) => surface)), verdict.findings, decisionType);
      const { detectOnly } = verdict;
      if (detectOnly !== undefined && detectOnly.kind !== verdict.kind)
        waived.inc({ decision_type: decisionType, kind: detectOnly.kind });
    },
    found({ gate, findings: found }, decisionType) {
      for (const { surface, rule } of found) findings.inc({ surface, rule, decision_type: decisionType });
      if (gate === 'output') count(new Set(['output']), found, decisionType);
    },
    compared: (decisionType, result) => counterfactuals.inc({ decision_type: decisionType, result }),
    detectOnly(decisionType, surfaces) {
      for (const surface of surfaces) open.set({ decision_type: decisionType, surface }, 1);
    },
  };
}
