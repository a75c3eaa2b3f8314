import { Counter, Gauge, type Registry } from 'prom-client';

/** Metrics of run-time evidence. Gauges of several processes are aggregated by their maximum. */
export interface AssuranceMetrics {
  mismatch(endpoint: string, check: string): void;
  quarantined(endpoints: ReadonlySet<string>): void;
  /** A place that requests may come from: does any lawful endpoint answer? */
  stranded(place: { cell: string; jurisdiction: string; decisionType: string }, is: boolean): void;
  canary(endpoint: string, result: 'agrees' | 'mismatch' | 'no-answer' | 'unlawful'): void;
}

export function createAssuranceMetrics(registry: Registry): AssuranceMetrics {
  const registers = [registry];
  const mismatches = new Counter({
    name: 'countersign_residency_mismatches_total',
    help: 'Checks of an endpoint’s place that contradict what was declared.',
    labelNames: ['endpoint', 'check'],
    registers,
  });
  const quarantined = new Gauge({
    name: 'countersign_residency_quarantined',
    help: '1 while an endpoint is in quarantine.',
    labelNames: ['endpoint'],
    aggregator: 'max',
    registers,
  });
  const stranded = new Gauge({
    name: 'countersign_residency_stranded',
    help: '1 while no lawful endpoint of a jurisdiction and decision type answers.',
    labelNames: ['cell', 'jurisdiction', 'decision_type'],
    aggregator: 'max',
    registers,
  });
  const canaries = new Counter({
    name: 'countersign_residency_canaries_total',
    help: 'Calls with synthetic data, by what they showed.',
    labelNames: ['endpoint', 'result'],
    registers,
  });
  return {
    mismatch: (endpoint, check) => mismatches.inc({ endpoint, check }),
    quarantined(endpoints) {
      quarantined.reset();
      for (const endpoint of endpoints) quarantined.set({ endpoint }, 1);
    },
    stranded: ({ cell, jurisdiction, decisionType }, is) =>
      stranded.set({ cell, jurisdiction, decision_type: decisionType }, is ? 1 : 0),
    canary: (endpoint, result) => canaries.inc({ endpoint, result }),
  };
}
