import type { DecisionId } from '../decision/ids.ts';
import type { Store } from '../storage/store.ts';
import { type DecisionNotice, type SignedWebhook, retryDelayMs, signWebhook } from './webhook.ts';
import { type Delivery, recordDelivered, recordFault, takeDueDeliveries } from './webhook-repository.ts';

/** Longer than any attempt takes: the time after which another worker may send the same notice. */
const leaseMs = 120_000;
const batchMax = 20;
const periodMs = 1000;

export interface WebhookPorts {
  readonly store: Store;
  /** The status of a decision as its record has it now; null when there is no such decision. */
  readonly noticeOf: (decisionId: DecisionId) => Promise<DecisionNotice | null>;
  /** The secrets of an endpoint for a decision type, the current one first. */
  readonly secretsOf: (endpoint: string, decisionType: string) => readonly string[];
  /**
   * Posts to an endpoint of the configuration, if it is lawful for the decision; `fault` is a code, never a
   * message. Redirects are faults.
   */
  readonly send: (
    notice: SignedWebhook & Pick<Delivery, 'endpoint' | 'decisionId'>,
  ) => Promise<{ ok: boolean; fault: string | null }>;
  readonly nowMs: () => number;
  /** Told of faults outside a single delivery (the store is away); the worker goes on. */
  readonly onFault: (fault: unknown) => void;
}

export interface WebhookWorker {
  /** Sends every notice that is due; the number of notices tried. */
  drainOnce(): Promise<number>;
  start(): void;
  /** Resolves when no notice is being sent any more. */
  stop(): Promise<void>;
}

/**
 * Delivers notices at least once. A notice tells the status at the time it is sent, so one that comes late
 * is not wrong, and a receiver that sees an id twice has missed nothing.
 */
export function createWebhookWorker(ports: WebhookPorts): WebhookWorker {
  const { store, nowMs } = ports;
  let timer: NodeJS.Timeout | null = null;
  let running: Promise<void> = Promise.resolve();
  let stopped = true;

  async function drainOnce(): Promise<number> {
    let tried = 0;
    for (;;) {
      const due = await takeDueDeliveries(store, { nowMs: nowMs(), leaseMs, limit: batchMax });
      await Promise.all(due.map(deliver));
      tried += due.length;
      if (due.length < batchMax) return tried;
    }
  }

  /** Never rejects: what could not be noted down is sent again after its lease. */
  async function deliver(delivery: Delivery): Promise<void> {
    const fault = await attempt(delivery);
    try {
      await note(delivery, fault);
    } catch (error) {
      ports.onFault(error);
    }
  }

  function note({ deliveryId, attempts }: Delivery, fault: string | null): Promise<void> {
    if (fault === null) return recordDelivered(store, deliveryId, nowMs());
    const delayMs = retryDelayMs(attempts, deliveryId);
    const nextAttemptMs = delayMs === null ? null : nowMs() + delayMs;
    return recordFault(store, deliveryId, { fault, nextAttemptMs });
  }

  /** The code of what went wrong, or null. One bad endpoint must not keep the others' notices back. */
  async function attempt(delivery: Delivery): Promise<string | null> {
    try {
      const notice = await ports.noticeOf(delivery.decisionId);
      if (notice === null) return 'DECISION_UNKNOWN';
      const secrets = ports.secretsOf(delivery.endpoint, notice.decisionType);
      const { body, headers } = signWebhook(notice, delivery.deliveryId, secrets, nowMs());
      const { endpoint, decisionId } = delivery;
      const { ok, fault } = await ports.send({ endpoint, decisionId, body, headers });
      return ok ? null : (fault ?? 'SEND_FAILED');
    } catch (error) {
      ports.onFault(error);
      return error instanceof Error ? error.name : 'SEND_FAILED';
    }
  }

  async function turn(): Promise<void> {
    try {
      await drainOnce();
    } catch (error) {
      ports.onFault(error);
    }
    schedule();
  }

  function schedule(): void {
    if (stopped) return;
    timer = setTimeout(() => {
      running = turn();
    }, periodMs);
    timer.unref();
  }

  return {
    drainOnce,
    start() {
      if (!stopped) return;
      stopped = false;
      schedule();
    },
    async stop() {
      stopped = true;
      if (timer !== null) clearTimeout(timer);
      await running;
    },
  };
}
