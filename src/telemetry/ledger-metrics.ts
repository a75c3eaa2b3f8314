import { Counter, Gauge, type Registry } from 'prom-client';

/**
 * Metrics of the ledgers. Only the process that leads a cell's ledger has them: where nobody leads, they are
 * absent, and that is to be alerted on, too.
 */
export interface LedgerMetrics {
  leading(cell: string, is: boolean): void;
  refused(cell: string, is: boolean): void;
  signed(cell: string, checkpoint: { size: number; signedAtMs: number }): void;
  caughtUp(cell: string): void;
  witnessed(cell: string, atMs: number): void;
  publishFailed(cell: string): void;
  witnessRefused(cell: string, witness: string, fault: string): void;
}

/** What one cell's ledger was last seen doing; times in ms since the epoch. */
interface Seen {
  size?: number;
  caughtUpAtMs?: number;
  signedAtMs?: number;
  witnessedAtMs?: number;
}

export function createLedgerMetrics(registry: Registry): LedgerMetrics {
  const registers = [registry];
  const led = new Map<string, Seen>();
  const note = (cell: string, seen: Seen) => {
    if (led.has(cell)) led.set(cell, { ...led.get(cell), ...seen });
  };
  const gauge = (name: string, help: string, value: (seen: Seen) => number | undefined) => {
    const metric = new Gauge({
      name: `countersign_ledger_${name}`,
      help,
      labelNames: ['cell'],
      registers,
      collect() {
        metric.reset();
        for (const [cell, seen] of led) {
          const current = value(seen);
          if (current !== undefined) metric.set({ cell }, current);
        }
      },
    });
  };
  const age = (sinceMs: number | undefined) =>
    sinceMs === undefined ? undefined : Math.max(0, Date.now() - sinceMs) / 1000;

  gauge('size', 'Entries under the newest checkpoint.', (seen) => seen.size);
  gauge('unsequenced_seconds', 'Time since every committed entry had its leaf.', (seen) =>
    age(seen.caughtUpAtMs),
  );
  gauge('checkpoint_age_seconds', 'Time since the newest checkpoint was signed.', (seen) =>
    age(seen.signedAtMs),
  );
  gauge('witnessed_age_seconds', 'Time since a checkpoint had its quorum.', (seen) =>
    age(seen.witnessedAtMs),
  );
  const inconsistent = new Gauge({
    name: 'countersign_ledger_inconsistent',
    help: '1 while nothing is signed because store and published ledger disagree.',
    labelNames: ['cell'],
    registers,
  });
  const publishFailures = new Counter({
    name: 'countersign_ledger_publish_failures_total',
    help: 'Publications of the ledger’s files that failed.',
    labelNames: ['cell'],
    registers,
  });
  const witnessRefusals = new Counter({
    name: 'countersign_ledger_witness_refusals_total',
    help: 'Exchanges with witnesses that brought no cosignature.',
    labelNames: ['cell', 'witness', 'fault'],
    registers,
  });
  return {
    leading(cell, is) {
      if (is) led.set(cell, { caughtUpAtMs: Date.now() });
      else led.delete(cell);
      if (!is) inconsistent.remove({ cell });
    },
    refused: (cell, is) => inconsistent.set({ cell }, is ? 1 : 0),
    signed: (cell, { size, signedAtMs }) => note(cell, { size, signedAtMs }),
    caughtUp: (cell) => note(cell, { caughtUpAtMs: Date.now() }),
    witnessed: (cell, witnessedAtMs) => note(cell, { witnessedAtMs }),
    publishFailed: (cell) => publishFailures.inc({ cell }),
    witnessRefused: (cell, witness, fault) => witnessRefusals.inc({ cell, witness, fault }),
  };
}
