/** What somebody must look at. Each is raised in one place of the code, with codes, counts and ids only (I8). */
export const alertKinds = [
  /** A call left, or is spoken of, and the store has no intent of it. */
  'calls-without-record',
  /** The counts of a day contradict each other, or the provider's. */
  'usage-unreconciled',
  /** The egress counter could not be written; calls are refused. */
  'counter-failed',
  /** The ledger does not continue what it last published. */
  'ledger-inconsistent',
  'ledger-unwitnessed',
  'ledger-publish-failed',
  'archive-failed',
  /** Requests without a label that fits the caller's grants. */
  'label-refused',
  'record-altered',
  /** A contract or mechanism ends in 90, 30 or 7 days, or has ended; its endpoints go out by themselves. */
  'residency-expiry',
  /** What an endpoint, its vendor's log or the record says of a place contradicts what was declared. */
  'residency-mismatch',
  'endpoint-quarantined',
  /** A jurisdiction and decision type have no lawful endpoint that answers. */
  'cell-stranded',
  /** Detectors are set to stop nothing for a decision type; raised at every start for as long as that is so. */
  'detect-only',
  /** Somebody who probes a model came to a higher rung. */
  'probing',
  /** A review task was not answered in time, and was escalated. */
  'review-expired',
  /** A decision type was suspended, or its suspension was lifted. */
  'type-suspended',
] as const;
export type AlertKind = (typeof alertKinds)[number];

export type AlertDetail = Readonly<Record<string, string | number | readonly string[]>>;

export interface Alert {
  readonly kind: AlertKind;
  /** The cell it is about; null when it is about no one cell. */
  readonly cell: string | null;
  readonly detail: AlertDetail;
}

export interface Alerts {
  /** Logs at error level, counts, and keeps the alert where a store can be reached. Never throws. */
  raise(alert: Alert): void;
  /**
   * For what comes in bursts: the first of `per` is raised at once, those of the following minute together at
   * its end, with their number in `detail.count`.
   */
  raiseOften(alert: Alert, per: string): void;
  /** Raises what is still gathered, and resolves when everything raised so far is kept or given up. */
  settle(): Promise<void>;
}

export interface AlertOptions {
  readonly log: (
    level: 'warn' | 'error',
    message: string,
    fields: Readonly<Record<string, string | number>>,
  ) => void;
  readonly count: (kind: AlertKind, cell: string | null) => void;
  /** Makes it durable. A failure is logged and is not tried again: the log has the alert. */
  readonly keep: (alert: Alert) => Promise<void>;
  /** Length of the minute of `raiseOften`, ms; 60,000 unless told. */
  readonly gatherMs?: number;
}

interface Gathered {
  alert: Alert;
  count: number;
  readonly timer: NodeJS.Timeout;
}

export function createAlerts({ log, count, keep, gatherMs = 60_000 }: AlertOptions): Alerts {
  const keeping = new Set<Promise<void>>();
  const gathered = new Map<string, Gathered>();

  const raise = (alert: Alert) => {
    const { kind, cell } = alert;
    log('error', 'alert', { ...printable(alert.detail), kind, cell: cell ?? 'none' });
    count(kind, cell);
    const kept: Promise<void> = keep(alert)
      .catch((error: unknown) => {
        const fault = error instanceof Error ? error.name : 'unknown';
        log('warn', 'an alert could not be kept; it stands in the log only', { kind, fault });
      })
      .finally(() => keeping.delete(kept));
    keeping.add(kept);
  };

  const open = (key: string, alert: Alert) => {
    const timer = setTimeout(() => close(key), gatherMs).unref();
    gathered.set(key, { alert, count: 0, timer });
  };

  const close = (key: string) => {
    const ended = gathered.get(key);
    if (ended === undefined) return;
    clearTimeout(ended.timer);
    gathered.delete(key);
    if (ended.count === 0) return;
    raise({ ...ended.alert, detail: { ...ended.alert.detail, count: ended.count } });
    open(key, ended.alert);
  };

  return {
    raise,
    raiseOften(alert, per) {
      const key = JSON.stringify([alert.kind, alert.cell, per]);
      const earlier = gathered.get(key);
      if (earlier === undefined) {
        raise({ ...alert, detail: { ...alert.detail, count: 1 } });
        open(key, alert);
        return;
      }
      earlier.alert = alert;
      earlier.count += 1;
    },
    async settle() {
      for (const key of gathered.keys()) {
        close(key);
        clearTimeout(gathered.get(key)?.timer);
        gathered.delete(key);
      }
      await Promise.all(keeping);
    },
  };
}

function printable(detail: AlertDetail): Record<string, string | number> {
  return Object.fromEntries(
    Object.entries(detail).map(([name, value]) => [
      name,
      typeof value === 'object' ? value.join(' ') : value,
    ]),
  );
}
