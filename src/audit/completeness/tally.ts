import { createHash } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import type { CompletionStatus } from '../../decision/entry.ts';
import type { RecordedCall } from './calls-of-day.ts';
import { type Day, timeOfId } from './day.ts';
import type { EgressLine } from './egress-file.ts';
import { type GroupCounts, addUsage, emptyCounts } from './group-counts.ts';
import { Column, IdTable } from './id-table.ts';

/** What is known of one call, as bits of one small number. */
const seen = {
  out: 1,
  twice: 2,
  in: 4,
  intent: 8,
  completion: 16,
  sent: 32,
  unsent: 64,
  requestId: 128,
} as const;

export interface NamedCalls {
  readonly count: number;
  /** The first of them. */
  readonly ids: readonly string[];
}

export interface TallyOptions {
  readonly day: Day;
  /** Longest time from minting a call's id to its completion, ms. */
  readonly callLifeMs: number;
  /** Epoch milliseconds. */
  readonly nowMs: number;
  /** Told of every provider request id in our records of the day. */
  readonly onRequestId: (found: FoundRequestId) => void;
}

/** A provider's request id in our records. */
export interface FoundRequestId {
  readonly endpoint: string;
  readonly requestId: string;
  /** Row of the call; -1 for one of the day before. */
  readonly row: number;
  /** The provider must have counted it, and to this day. */
  readonly isCertain: boolean;
}

const namedMax = 100;
const yieldRows = 20_000;
const groupsMax = 65_000;

/**
 * Holds the calls of one day against each other, from both sides: first the counter's lines, then what the
 * store has. A few bytes for each call, and no order is assumed.
 */
export class Tally {
  readonly #options: TallyOptions;
  readonly #table = new IdTable();
  readonly #seen = new Column('uint16');
  readonly #group = new Column('uint16');
  readonly #requestHash = new Column('uint32');
  readonly #groups: GroupCounts[] = [];
  readonly #groupNumbers = new Map<string, number>();
  readonly #modelNames = new Map<string, string>();
  readonly #unreadable: string[] = [];
  readonly #differing: string[] = [];
  #differingCount = 0;
  readonly completions: Record<CompletionStatus, number> = {
    ok: 0,
    error: 0,
    timeout: 0,
    unknown: 0,
    not_sent: 0,
  };
  outLines = 0;
  inLines = 0;
  intents = 0;

  constructor(options: TallyOptions) {
    this.#options = options;
  }

  /** A line of the counter, read before the store. */
  line(line: EgressLine): void {
    const row = this.#table.rowOfUuid(line.callId);
    if (line.event === 'out') {
      this.outLines += 1;
      this.#mark(row, this.#has(row, seen.out) ? seen.twice : seen.out);
      const number = this.#groupOf(line.endpoint, line.model);
      this.#group.set(row, number);
      this.#groupAt(number).calls += 1;
      return;
    }
    this.inLines += 1;
    this.#mark(row, seen.in);
    this.#hashRequestId(row, line.providerRequestId);
  }

  /** A line written while the store was being read: it may settle a call, and begins none. */
  laterLine(line: EgressLine): void {
    const row = this.#table.findUuid(line.callId);
    if (row < 0 || this.#has(row, line.event === 'out' ? seen.out : seen.in)) return;
    this.line(line);
  }

  recorded(call: RecordedCall): void {
    if (timeOfId(call.callId) < this.#options.day.fromMs) {
      if (call.kind === 'completion') this.#early(call);
      return;
    }
    const row = this.#table.rowOfUuid(call.callId);
    if (call.kind === 'intent') {
      this.intents += 1;
      this.#mark(row, seen.intent);
    } else if (call.kind === 'unreadable') {
      this.#mark(row, seen.completion);
      this.#unreadable.push(call.callId);
    } else this.#complete(row, call);
  }

  /** Counts by endpoint and model, in their order. */
  groups(): readonly GroupCounts[] {
    return this.#groups.toSorted((a, b) => compare(a.endpoint, b.endpoint) || compare(a.model, b.model));
  }

  /** The model as configured that an endpoint's answers call by this name today. */
  modelOf(endpoint: string, name: string): string | null {
    return this.#modelNames.get(pair(endpoint, name)) ?? null;
  }

  /** Id of the call in a row. */
  callAt(row: number): string {
    return this.#table.uuidAt(row);
  }

  /** Every call of which something is missing or contradictory. */
  async findings() {
    const all = {
      withoutRecord: new Names(),
      open: new Names(),
      uncounted: new Names(),
      countedTwice: new Names(),
      contradicted: new Names(),
    };
    let inFlight = 0;
    for (let row = 0; row < this.#table.size; row++) {
      // A long day must not keep the requests of today waiting.
      if (row % yieldRows === yieldRows - 1) await setImmediate();
      const name = () => this.#table.uuidAt(row);
      if (!this.#has(row, seen.intent)) all.withoutRecord.add(name);
      else if (!this.#has(row, seen.completion)) {
        const isOld = timeOfId(name()) < this.#options.nowMs - this.#options.callLifeMs;
        if (isOld) all.open.add(name);
        else inFlight += 1;
      }
      const isOut = this.#has(row, seen.out);
      if (this.#has(row, seen.sent) && !isOut) all.uncounted.add(name);
      if (this.#has(row, seen.unsent) && isOut) all.contradicted.add(name);
      if (this.#has(row, seen.twice)) all.countedTwice.add(name);
    }
    return {
      ...all,
      inFlight,
      requestIdsDiffer: { count: this.#differingCount, ids: this.#differing },
      unreadable: { count: this.#unreadable.length, ids: this.#unreadable.slice(0, namedMax) },
    };
  }

  #complete(row: number, call: RecordedCall & { kind: 'completion' }): void {
    this.completions[call.status] += 1;
    this.#mark(row, seen.completion);
    if (call.status === 'not_sent') this.#mark(row, seen.unsent);
    else if (call.status !== 'unknown') this.#mark(row, seen.sent);
    const { callId, endpoint, modelReturned, providerRequestId, usage } = call;
    if (this.#has(row, seen.in) && call.status !== 'unknown')
      this.#compareRequestId(row, callId, providerRequestId);
    if (!this.#has(row, seen.out)) return;
    const counts = this.#groupAt(this.#group.at(row));
    if (modelReturned !== null) this.#modelNames.set(pair(endpoint, modelReturned), counts.model);
    const isLate = timeOfId(callId) >= this.#options.day.toMs - this.#options.callLifeMs;
    const isOk = call.status === 'ok';
    if (isOk) counts.ok += 1;
    if (usage === null) counts.withoutUsage += 1;
    addUsage(counts, usage);
    if (isLate) {
      counts.late.calls += isOk ? 1 : 0;
      addUsage(counts.late, usage);
    }
    if (providerRequestId !== null) {
      this.#options.onRequestId({ endpoint, requestId: providerRequestId, row, isCertain: isOk && !isLate });
    }
  }

  #early(call: RecordedCall & { kind: 'completion' }): void {
    if (call.status === 'not_sent') return;
    const { endpoint, modelReturned, providerRequestId, usage } = call;
    const counts = this.#groupAt(this.#groupOf(endpoint, modelReturned ?? ''));
    counts.early.calls += 1;
    if (usage === null) counts.early.withoutUsage += 1;
    addUsage(counts.early, usage);
    if (providerRequestId !== null) {
      this.#options.onRequestId({ endpoint, requestId: providerRequestId, row: -1, isCertain: false });
    }
  }

  #hashRequestId(row: number, requestId: string | null): void {
    if (requestId === null) return;
    this.#mark(row, seen.requestId);
    this.#requestHash.set(row, hashOf(requestId));
  }

  #compareRequestId(row: number, callId: string, recorded: string | null): void {
    const counted = this.#has(row, seen.requestId) ? this.#requestHash.at(row) : null;
    if (counted === (recorded === null ? null : hashOf(recorded))) return;
    this.#differingCount += 1;
    if (this.#differing.length < namedMax) this.#differing.push(callId);
  }

  #groupOf(endpoint: string, model: string): number {
    const key = pair(endpoint, model);
    const known = this.#groupNumbers.get(key);
    if (known !== undefined) return known;
    const number = Math.min(this.#groups.length, groupsMax);
    this.#groupNumbers.set(key, number);
    this.#groups[number] ??= emptyCounts(endpoint, model);
    return number;
  }

  #groupAt(number: number): GroupCounts {
    return (this.#groups[number] ??= emptyCounts('', ''));
  }

  #mark(row: number, bit: number): void {
    this.#seen.set(row, this.#seen.at(row) | bit);
  }

  #has(row: number, bit: number): boolean {
    return (this.#seen.at(row) & bit) !== 0;
  }
}

class Names implements NamedCalls {
  count = 0;
  readonly ids: string[] = [];

  add(name: () => string): void {
    this.count += 1;
    if (this.ids.length < namedMax) this.ids.push(name());
  }
}

/** 32 bits are enough to notice that two ids of one call differ. */
function hashOf(requestId: string): number {
  return createHash('sha256').update(requestId).digest().readUInt32BE();
}

function pair(endpoint: string, name: string): string {
  return `${endpoint}\n${name}`;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
