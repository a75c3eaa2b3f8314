import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client';
import type { Verdict } from '../decision/verdict.ts';
import { type AssuranceMetrics, createAssuranceMetrics } from './assurance-metrics.ts';
import { type ArchiveMetrics, createArchiveMetrics } from './archive-metrics.ts';
import type { AlertKind } from './alerts.ts';
import { type LedgerMetrics, createLedgerMetrics } from './ledger-metrics.ts';
import { type ValidationMetrics, createValidationMetrics } from './validation-metrics.ts';

/**
 * The gateway's metrics. Labels are configured names and codes only: no id of a person, a decision or
 * a key's owner ever becomes a label (I8).
 */
export interface Metrics {
  readonly registry: Registry;
  readonly ledger: LedgerMetrics;
  readonly archive: ArchiveMetrics;
  readonly assurance: AssuranceMetrics;
  readonly validation: ValidationMetrics;
  /** A gate's answer, with every reason of a refusal or review. */
  verdict(verdict: Verdict, decisionType: string): void;
  /** A request whose label was missing, conflicting or ungranted; alert on it. */
  labelRefused(code: string, callerKeyId: string): void;
  decision(decisionType: string, status: string, band: string | null): void;
  upstream(endpoint: string, result: 'answered' | 'failed', elapsedMs: number): void;
  /** Time a request spent in the gateway itself. */
  overhead(route: string, overheadMs: number): void;
  request(route: string, httpStatus: number): void;
  swept(cell: string, unknownCalls: number, closedDecisions: number): void;
  /** What retention did in one round, by what it came to. */
  retained(cell: string, what: 'expired' | 'held' | 'erasures', count: number): void;
  alert(kind: AlertKind, cell: string | null): void;
}

const secondsBuckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

export function createMetrics(
  stores: () => Iterable<{ cell: string; counters: () => { batches: number; units: number } }>,
): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const registers = [registry];
  const counter = <const L extends string>(name: string, help: string, labelNames: readonly L[]) =>
    new Counter({ name: `countersign_${name}`, help, labelNames, registers });
  const histogram = <const L extends string>(name: string, help: string, labelNames: readonly L[]) =>
    new Histogram({ name: `countersign_${name}`, help, labelNames, buckets: secondsBuckets, registers });

  const verdicts = counter('verdicts_total', 'Answers of the gates.', ['gate', 'kind', 'decision_type']);
  const reasons = counter('reasons_total', 'Reasons of refusals and reviews.', [
    'gate',
    'reason',
    'decision_type',
  ]);
  const labels = counter('label_refusals_total', 'Requests refused for their label.', ['code', 'caller_key']);
  const decisions = counter('decisions_total', 'Sealed decisions.', ['decision_type', 'status', 'band']);
  const upstream = histogram('upstream_seconds', 'Time of calls to endpoints.', ['endpoint', 'result']);
  const overhead = histogram('overhead_seconds', 'Time in the gateway without the endpoint.', ['route']);
  const requests = counter('requests_total', 'HTTP requests.', ['route', 'status']);
  const swept = counter('swept_total', 'What the sweeper closed.', ['cell', 'what']);
  const alerts = counter('alerts_total', 'Alerts raised.', ['kind', 'cell']);
  const retained = counter('retention_total', 'What retention expired, found held, or brought on.', [
    'cell',
    'what',
  ]);
  const committed = new Gauge({
    name: 'countersign_committed_units',
    help: 'Units made durable by the group commit since start.',
    labelNames: ['cell', 'what'],
    registers: [],
    collect() {
      for (const { cell, counters } of stores()) {
        const { batches, units } = counters();
        this.set({ cell, what: 'batches' }, batches);
        this.set({ cell, what: 'units' }, units);
      }
    },
  });
  registry.registerMetric(committed);

  const validation = createValidationMetrics(registry);
  return {
    registry,
    ledger: createLedgerMetrics(registry),
    archive: createArchiveMetrics(registry),
    assurance: createAssuranceMetrics(registry),
    validation,
    verdict(verdict, decisionType) {
      verdicts.inc({ gate: verdict.gate, kind: verdict.kind, decision_type: decisionType });
      validation.found(verdict, decisionType);
      if (verdict.kind === 'pass') return;
      for (const reason of verdict.reasons)
        reasons.inc({ gate: verdict.gate, reason, decision_type: decisionType });
    },
    labelRefused: (code, callerKeyId) => labels.inc({ code, caller_key: callerKeyId }),
    decision: (decisionType, status, band) =>
      decisions.inc({ decision_type: decisionType, status, band: band ?? 'none' }),
    upstream: (endpoint, result, elapsedMs) => upstream.observe({ endpoint, result }, elapsedMs / 1000),
    overhead: (route, overheadMs) => overhead.observe({ route }, overheadMs / 1000),
    request: (route, httpStatus) => requests.inc({ route, status: String(httpStatus) }),
    alert: (kind, cell) => alerts.inc({ kind, cell: cell ?? 'none' }),
    retained: (cell, what, count) => retained.inc({ cell, what }, count),
    swept(cell, unknownCalls, closedDecisions) {
      swept.inc({ cell, what: 'unknown_calls' }, unknownCalls);
      swept.inc({ cell, what: 'closed_decisions' }, closedDecisions);
    },
  };
}
