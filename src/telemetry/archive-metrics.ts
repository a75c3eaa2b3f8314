import { Counter, Gauge, type Registry } from 'prom-client';

export interface ArchiveMetrics {
  /** Up to when everything is sealed, epoch ms, and how many segments were sealed now. */
  sealed(cell: string, untilMs: number, segments: number): void;
  failed(cell: string): void;
}

export function createArchiveMetrics(registry: Registry, nowMs = () => Date.now()): ArchiveMetrics {
  const registers = [registry];
  const sealedUntilMs = new Map<string, number>();
  const segments = new Counter({
    name: 'countersign_archive_segments_total',
    help: 'Segments sealed and read back.',
    labelNames: ['cell'],
    registers,
  });
  const failures = new Counter({
    name: 'countersign_archive_failures_total',
    help: 'Attempts to seal that failed.',
    labelNames: ['cell'],
    registers,
  });
  const lag = new Gauge({
    name: 'countersign_archive_lag_seconds',
    help: 'Age of the newest entry time that is sealed; above 7,200 an hour is overdue.',
    labelNames: ['cell'],
    registers: [],
    // Computed when it is asked for: it grows when the archivist stands still.
    collect() {
      for (const [cell, untilMs] of sealedUntilMs) this.set({ cell }, (nowMs() - untilMs) / 1000);
    },
  });
  registry.registerMetric(lag);
  return {
    sealed(cell, untilMs, count) {
      sealedUntilMs.set(cell, untilMs);
      segments.inc({ cell }, count);
    },
    failed: (cell) => failures.inc({ cell }),
  };
}
