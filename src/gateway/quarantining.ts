import { mintId } from '../audit/mint.ts';
import { recordSystemEntry } from '../audit/system-entry.ts';
import type { CallEvidence } from '../decision/entry.ts';
import { InvariantError } from '../decision/errors.ts';
import type { DecisionId } from '../decision/ids.ts';
import type { CommittedIntent } from '../decision/passage.ts';
import { type StopVerdict, stop } from '../decision/verdict.ts';
import { mismatchesOf, weighCall } from '../residency/assurance/call-evidence.ts';
import {
  type Quarantine,
  type QuarantineReason,
  type ReleaseReason,
  quarantineInsert,
  releaseInsert,
  standingQuarantines,
} from '../residency/assurance/quarantine-repository.ts';
import type { EgressResult } from '../residency/exchange.ts';
import { ConflictError, StoreUnavailableError } from '../storage/errors.ts';
import type { StorageLog } from '../storage/log.ts';
import type { Store } from '../storage/store.ts';
import type { Alerts } from '../telemetry/alerts.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import type { Rooms } from './rooms.ts';

/** Why an endpoint is taken out: codes and ids only (I8). */
export interface QuarantineCause {
  readonly reason: QuarantineReason;
  readonly checks: readonly string[];
  /** The call that showed it; null where a vendor's file did. */
  readonly callId: string | null;
}

/** Endpoints that run-time evidence took out. They stay out until an operator lets them back in. */
export interface Quarantines {
  /** Ids of all of them; another set each time that it changes. */
  readonly endpoints: () => ReadonlySet<string>;
  /** Takes an endpoint out before it returns; the record of it follows, and is tried until it is durable. */
  begin(endpoint: string, cause: QuarantineCause): void;
  /** Reads what the cells have: quarantines of other processes begin and end here. */
  refresh(): Promise<void>;
  /** Resolves when what was begun is durable or the store does not answer. */
  stop(): Promise<void>;
}

export interface QuarantineOptions {
  readonly cells: ReadonlyMap<string, { readonly id: string; readonly store: Store }>;
  readonly alerts: Pick<Alerts, 'raise'>;
  readonly metrics: Pick<Metrics, 'assurance'>;
  readonly nowMs: () => number;
  readonly log: StorageLog;
  /** Time between readings of the cells, ms; 2,000 unless told. */
  readonly periodMs?: number;
}

interface Begun {
  readonly cause: QuarantineCause;
  readonly unwritten: Set<string>;
  /** The reading that was the last when everything had been written; null before. */
  writtenAt: number | null;
}

/** @throws StoreUnavailableError when the standing quarantines cannot be read: without them nothing may be sent */
export async function openQuarantines(options: QuarantineOptions): Promise<Quarantines> {
  const quarantines = new EndpointQuarantines(options);
  await quarantines.read();
  quarantines.watch();
  return quarantines;
}

class EndpointQuarantines implements Quarantines {
  readonly #options: QuarantineOptions;
  readonly #stored = new Map<string, readonly string[]>();
  /** Begun here, and not seen in the store yet. */
  readonly #begun = new Map<string, Begun>();
  #out: ReadonlySet<string> = new Set();
  #readings = 0;
  #work: Promise<void> = Promise.resolve();
  #timer: NodeJS.Timeout | null = null;

  constructor(options: QuarantineOptions) {
    this.#options = options;
  }

  readonly endpoints = () => this.#out;

  begin(endpoint: string, cause: QuarantineCause): void {
    if (this.#out.has(endpoint)) return;
    const cells = [...this.#options.cells.keys()];
    this.#begun.set(endpoint, { cause, unwritten: new Set(cells), writtenAt: null });
    this.#publish();
    const { reason, checks } = cause;
    this.#options.alerts.raise({
      kind: 'endpoint-quarantined',
      cell: null,
      detail: { endpoint, reason, checks },
    });
    void this.#after(() => this.#write());
  }

  refresh(): Promise<void> {
    return this.#after(async () => {
      await this.#write();
      await this.read();
    });
  }

  async stop(): Promise<void> {
    if (this.#timer !== null) clearTimeout(this.#timer);
    await this.#work;
  }

  watch(): void {
    const { periodMs = 2_000 } = this.#options;
    this.#timer = setTimeout(() => {
      void this.refresh().then(() => this.watch());
    }, periodMs).unref();
  }

  async read(): Promise<void> {
    const reading = ++this.#readings;
    for (const { id, store } of this.#options.cells.values()) {
      const standing = await standingQuarantines(store.query, id);
      this.#stored.set(
        id,
        standing.map(({ endpoint }) => endpoint),
      );
    }
    for (const [endpoint, { writtenAt }] of this.#begun) {
      if (writtenAt !== null && writtenAt < reading) this.#begun.delete(endpoint);
    }
    this.#publish();
  }

  /** One thing at a time: a reading that began before a quarantine was written must not end after one that saw it. */
  #after(work: () => Promise<void>): Promise<void> {
    this.#work = this.#work.then(work).catch((error: unknown) => {
      const fault = error instanceof Error ? error.name : 'unknown';
      const level = error instanceof StoreUnavailableError ? 'warn' : 'error';
      this.#options.log(level, 'quarantines could not be written or read; trying again', { fault });
    });
    return this.#work;
  }

  async #write(): Promise<void> {
    for (const [endpoint, begun] of this.#begun) {
      for (const id of begun.unwritten) {
        await this.#writeTo(id, endpoint, begun.cause);
        begun.unwritten.delete(id);
      }
      begun.writtenAt ??= this.#readings;
    }
  }

  async #writeTo(id: string, endpoint: string, { reason, checks, callId }: QuarantineCause): Promise<void> {
    const store = this.#options.cells.get(id)?.store;
    if (store === undefined) throw new InvariantError('a quarantine in a cell that is not open');
    const quarantineId = mintId<DecisionId>();
    await recordSystemEntry(store, {
      id: quarantineId,
      type: 'configuration',
      decisionType: null,
      release: null,
      facts: { action: 'endpoint-quarantined', callId, checks, endpoint, kind: 'configuration', reason },
      companions: [quarantineInsert(id, { quarantineId, endpoint, reason, checks })],
      nowMs: this.#options.nowMs,
    });
  }

  #publish(): void {
    const now = new Set([...this.#begun.keys(), ...[...this.#stored.values()].flat()]);
    const isSame = now.size === this.#out.size && [...now].every((endpoint) => this.#out.has(endpoint));
    if (isSame) return;
    this.#out = now;
    this.#options.metrics.assurance.quarantined(now);
  }
}

/**
 * Lets an endpoint back in, in one cell: only operators do, and it stands in the record who and why.
 * @returns the quarantines that ended; empty when none stood
 */
export async function releaseQuarantine(
  store: Store,
  release: {
    readonly endpoint: string;
    readonly by: string;
    readonly reason: ReleaseReason;
    readonly caseReference: string;
  },
  nowMs: () => number,
): Promise<readonly Quarantine[]> {
  const { endpoint, by, reason, caseReference } = release;
  const standing = (await standingQuarantines(store.query, store.cell)).filter(
    (q) => q.endpoint === endpoint,
  );
  if (standing.length === 0) return [];
  const quarantines = standing.map(({ quarantineId }) => quarantineId);
  try {
    await recordSystemEntry(store, {
      id: mintId<DecisionId>(),
      type: 'configuration',
      decisionType: null,
      release: null,
      facts: {
        action: 'quarantine-released',
        by,
        caseReference,
        endpoint,
        kind: 'configuration',
        quarantines,
        reason,
      },
      companions: standing.map((quarantine) =>
        releaseInsert(store.cell, { eventId: mintId(), quarantine, reason }),
      ),
      nowMs,
    });
  } catch (error) {
    // Somebody else released one of them in between.
    if (error instanceof ConflictError) return [];
    throw error;
  }
  return standing;
}

/**
 * Weighs one call. On a mismatch its endpoint is out before this returns, so that no other call goes there while
 * this one is being recorded.
 */
export function takeEvidence(rooms: Rooms, intent: CommittedIntent, result: EgressResult): CallEvidence {
  const { endpointId, callId, cell } = intent;
  const endpoint = rooms.config.gateway.endpoints.find(({ id }) => id === endpointId);
  if (endpoint === undefined) throw new InvariantError('a call to an endpoint that is not configured');
  const evidence = weighCall(endpoint, result);
  const checks = mismatchesOf(evidence);
  if (checks.length === 0) return evidence;
  const names = checks.map(({ check }) => check);
  rooms.quarantines.begin(endpointId, { reason: 'call-evidence', checks: names, callId });
  for (const name of names) rooms.metrics.assurance.mismatch(endpointId, name);
  const detail = { endpoint: endpointId, call: callId, checks: checks.map(described) };
  rooms.alerts.raiseOften({ kind: 'residency-mismatch', cell, detail }, endpointId);
  return evidence;
}

/** The verdict on an answer that came from a place which is not what was declared. */
export function evidenceMismatch(endpoint: string, evidence: CallEvidence): StopVerdict {
  const what = mismatchesOf(evidence).map(({ check, result }) => `${check} ${result}`);
  const detail = `${endpoint}: ${what.join(', ')}`;
  return stop('refuse', 'residency', 'RESIDENCY_EVIDENCE_MISMATCH', { detail });
}

function described({ check, found, result }: CallEvidence['checks'][number]): string {
  return `${check} ${result}${typeof found === 'string' ? ` (${found})` : ''}`;
}
