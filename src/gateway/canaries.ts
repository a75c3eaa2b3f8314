import { setTimeout as sleep } from 'node:timers/promises';
import { mintId } from '../audit/mint.ts';
import { DecisionRecord } from '../audit/record.ts';
import type { DecisionType } from '../config/decision-type.ts';
import { builtInType } from '../config/load.ts';
import type { OutcomeFacts } from '../decision/entry.ts';
import type { DecisionId } from '../decision/ids.ts';
import type { Label } from '../decision/label.ts';
import type { LawfulEndpoint } from '../decision/passage.ts';
import { type Verdict, pass } from '../decision/verdict.ts';
import { mismatchesOf } from '../residency/assurance/call-evidence.ts';
import type { Endpoint } from '../residency/policy.ts';
import type { LeaderTerm } from '../storage/leadership.ts';
import type { StorageLog } from '../storage/log.ts';
import { attemptCall } from './call-model.ts';
import { canaryText, canaryType } from './canary-type.ts';
import { evidenceMismatch } from './quarantining.ts';
import type { Cell, Rooms } from './rooms.ts';

/** How often it is looked which canaries are due, ms. */
const lookPeriodMs = 15_000;
const minuteMs = 60_000;

/** `no-answer` is for the endpoint's health; `unlawful`: the cell may send it nothing, so no canary either. */
export type CanaryResult = 'agrees' | 'mismatch' | 'no-answer' | 'unlawful';

/** In one process of each cell: sends every endpoint its canary when it is due. */
export function startCanaries(
  rooms: Rooms,
  log: StorageLog,
  lookMs = lookPeriodMs,
): { stop(): Promise<void> } {
  const watched = rooms.config.gateway.endpoints.filter(isWatched);
  if (watched.length === 0) return { stop: () => Promise.resolve() };
  const terms = [...rooms.cells.values()].map((cell) =>
    cell.store.lead('canary', (term) => serve({ rooms, cell, watched, log, lookMs }, term)),
  );
  return {
    async stop() {
      await Promise.all(terms.map((term) => term.stop()));
    },
  };
}

function isWatched({ assurance, dialect, purposes, models }: Endpoint): boolean {
  const canBeAsked = dialect === 'openai' && purposes.includes('inference') && models.length > 0;
  return assurance?.canary !== undefined && canBeAsked;
}

async function serve(
  at: { rooms: Rooms; cell: Cell; watched: readonly Endpoint[]; log: StorageLog; lookMs: number },
  { signal }: LeaderTerm,
): Promise<void> {
  const { rooms, cell, watched, log, lookMs } = at;
  const dueMs = new Map<string, number>();
  while (!signal.aborted) {
    for (const endpoint of watched) {
      if (signal.aborted || rooms.nowMs() < (dueMs.get(endpoint.id) ?? 0)) continue;
      const everyMinutes = endpoint.assurance?.canary?.everyMinutes ?? 1;
      dueMs.set(endpoint.id, rooms.nowMs() + everyMinutes * minuteMs);
      const result = await sendCanary(rooms, cell, endpoint);
      rooms.metrics.assurance.canary(endpoint.id, result);
      if (result !== 'agrees') log('warn', 'a canary', { cell: cell.id, endpoint: endpoint.id, result });
    }
    await sleep(lookMs, undefined, { signal, ref: false }).catch((error: Error) => {
      if (error.name !== 'AbortError') throw error;
    });
  }
}

/**
 * Sends one canary through everything that a request passes: validation, the lawful filter, an intent, egress, a
 * completion. Its record is sealed like that of any decision, and is about nobody.
 * @throws StoreUnavailableError before the call, CountersignError ANSWER_WITHHELD after it
 */
export async function sendCanary(rooms: Rooms, cell: Cell, endpoint: Endpoint): Promise<CanaryResult> {
  const [model] = endpoint.models;
  const way = model && findWay(rooms, cell, endpoint.id, model.id);
  if (!way) return 'unlawful';
  const { label, lawful, lawfulAt } = way;
  const type = canaryType(lawful.modelId, label.dataClass);
  const record = await openRecord(rooms, cell, label);
  const texts = [{ surface: 'chat', origin: '/canary', text: canaryText }] as const;
  const { inspected, verdict } = await rooms.validation.inspect({ texts, documents: [] });
  if (inspected === null) {
    await seal(record, [pass('label'), verdict]);
    return 'no-answer';
  }
  const verdicts = [pass('label'), verdict];
  const call = await attemptCall(rooms, record, question(rooms, type, label, { inspected, verdicts }), {
    endpoint: lawful,
    lawfulAt,
    attempt: 1,
    firstIntent: null,
    exhausted: [],
  });
  const contradicts = mismatchesOf(call.evidence).length > 0;
  const route = contradicts ? evidenceMismatch(endpoint.id, call.evidence) : pass('residency');
  await seal(record, [...verdicts, route]);
  if (contradicts) return 'mismatch';
  return call.answer === null ? 'no-answer' : 'agrees';
}

/** A label of the cell's own for which the endpoint is lawful now; data about nobody has the lowest class. */
function findWay(
  rooms: Rooms,
  cell: Cell,
  endpoint: string,
  modelId: string,
): { label: Label; lawful: LawfulEndpoint; lawfulAt: string } | null {
  const { cells, jurisdictions, dataClasses } = rooms.config.gateway;
  const dataClass = dataClasses.find(({ parents }) => parents.length === 0)?.id;
  const own = cells.find(({ id }) => id === cell.id)?.jurisdictions ?? [];
  for (const { id, countries } of jurisdictions) {
    if (dataClass === undefined || !own.includes(id)) continue;
    const label: Label = {
      jurisdiction: id,
      countries,
      dataClass,
      cell: cell.id,
      jurisdictionSource: 'decision-type',
      dataClassSource: 'decision-type',
    };
    const nowMs = rooms.nowMs();
    const found = rooms.lawfulFilter.lawful({ label, purpose: 'inference', modelId, nowMs });
    const lawful = found.kind === 'pass' ? found.endpoints.find((one) => one.id === endpoint) : undefined;
    if (lawful) return { label, lawful, lawfulAt: new Date(nowMs).toISOString() };
  }
  return null;
}

async function openRecord(rooms: Rooms, cell: Cell, label: Label): Promise<DecisionRecord> {
  const { store, keys } = cell;
  const subject = {
    decisionId: mintId<DecisionId>(),
    about: null,
    // It belongs to no tenant, as everything about the gateway itself.
    tenant: '',
    jurisdiction: label.jurisdiction,
    dataClass: label.dataClass,
    decisionType: builtInType,
    release: null,
    retention: [{ class: 'canary', clockStart: 'decision', months: 1 }] as const,
  };
  const key = await keys.keyFor('', null);
  return new DecisionRecord({ store, subject, key, previous: null, nowMs: rooms.nowMs });
}

function question(
  rooms: Rooms,
  type: DecisionType,
  label: Label,
  seen: Pick<Parameters<typeof attemptCall>[2], 'inspected' | 'verdicts'>,
): Parameters<typeof attemptCall>[2] {
  const messages = [{ role: 'user', content: canaryText }];
  return {
    ...seen,
    type,
    label,
    caller: builtInType,
    messages,
    rest: {},
    input: {
      route: builtInType,
      body: JSON.stringify({ messages }),
      documents: [],
      context: [],
      promptText: null,
      marker: null,
    },
    subjects: [],
    deadlineMs: rooms.nowMs() + rooms.config.gateway.limits.requestTimeoutMs,
  };
}

async function seal(record: DecisionRecord, verdicts: readonly Verdict[]): Promise<void> {
  const facts: OutcomeFacts = {
    band: null,
    bandSet: null,
    decidedBy: 'gate',
    kind: 'outcome',
    releasedDigest: null,
    reviewTask: null,
    score: null,
    status: verdicts.every(({ kind }) => kind === 'pass') ? 'decided' : 'refused',
    verdicts,
  };
  await record.seal(facts, null);
}
