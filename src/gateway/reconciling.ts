import { setTimeout as sleep } from 'node:timers/promises';
import { type CallHeader, callHeaders } from '../audit/completeness/call-headers.ts';
import type { Day } from '../audit/completeness/day.ts';
import { egressFilePath, readEgressFile } from '../audit/completeness/egress-file.ts';
import { Column, IdTable } from '../audit/completeness/id-table.ts';
import { mintId } from '../audit/mint.ts';
import { findEntries } from '../audit/repository.ts';
import { recordSystemEntry } from '../audit/system-entry.ts';
import type { CompletionFacts, EntryHeader } from '../decision/entry.ts';
import { type DecisionId, parseDigest } from '../decision/ids.ts';
import { type CallIntent, Reconciliation } from '../residency/assurance/reconciliation.ts';
import {
  type ReconciliationKind,
  findReconciliation,
  reconciledUntil,
  reconciliationInsert,
} from '../residency/assurance/reconciliation-repository.ts';
import { loggedCalls } from '../residency/assurance/vendor-log-repository.ts';
import { type LawfulFilter, createLawfulFilter } from '../residency/lawful.ts';
import type { ResidencyPolicy } from '../residency/policy.ts';
import type { Query } from '../storage/connections.ts';
import { ConflictError } from '../storage/errors.ts';
import type { LeaderTerm } from '../storage/leadership.ts';
import type { StorageLog } from '../storage/log.ts';
import type { Store } from '../storage/store.ts';
import { type Completing, dueDays } from './completing.ts';
import { readPolicy } from './policy-change.ts';
import type { Rooms } from './rooms.ts';
import { callLifeMs } from './sweeping.ts';

const lookMs = 10 * 60 * 1000;

/** What a call went to, by the egress file. */
interface OutLines {
  readonly table: IdTable;
  readonly endpoints: readonly string[];
  readonly endpointOf: Column;
  readonly seen: Column;
  readonly damaged: number;
}

/** A policy of an earlier moment, ready to be asked. */
interface PastFilter {
  readonly policy: ResidencyPolicy;
  readonly filter: LawfulFilter;
}

/**
 * Holds every call of a day that left against the policy that its intent names: the endpoint that the egress file
 * names must have been lawful for the label, at the moment for which that was found out. The result is recorded,
 * whatever it is, and raises an alert when anything does not fit.
 * @throws ConflictError when another process recorded the daily reconciliation of that day meanwhile
 */
export async function reconcileDay(
  completing: Completing,
  day: Day,
  kind: ReconciliationKind,
  query: Query = completing.store.query,
): Promise<EntryHeader> {
  const { store, config, alerts, nowMs } = completing;
  const path = egressFilePath(config.resolvePath(config.gateway.egressCounter.folder), store.cell, day.name);
  const out = await readOutLines(path);
  const reconciliation = new Reconciliation();
  if (out.damaged > 0) reconciliation.problem('counter-file-damaged', null, out.damaged);
  const past = new Map<string, PastFilter | null>();
  for await (const page of callHeaders(query, day)) {
    const completions = page.filter(({ type }) => type === 'completion').map(({ callId }) => callId);
    const logged = await loggedCalls(query, store.cell, completions);
    for (const call of page) await takeCall({ store, out, reconciliation, past, logged }, call);
  }
  for (let row = 0; row < out.table.size; row++)
    if (out.seen.at(row) === 0) reconciliation.problem('out-without-intent', out.table.uuidAt(row));
  const { groups, problems } = reconciliation.result();
  const id = mintId<DecisionId>();
  await recordSystemEntry(store, {
    id,
    type: 'completeness',
    decisionType: null,
    release: null,
    facts: {
      action: 'residency-reconciliation',
      calls: out.table.size,
      day: day.name,
      groups,
      kind: 'completeness',
      partial: nowMs() < day.toMs + callLifeMs(config.gateway.limits),
      problems,
      reconciled: problems.length === 0,
    },
    companions: [reconciliationInsert({ reportId: id, cell: store.cell, day: day.name, kind })],
    nowMs,
  });
  if (problems.length > 0) {
    const detail = {
      day: day.name,
      problems: problems.map(({ problem, count }) => `${problem} ${count}`),
      calls: [...new Set(problems.flatMap(({ ids }) => ids))].slice(0, 100),
    };
    alerts.raise({ kind: 'residency-mismatch', cell: store.cell, detail });
  }
  return readEntry(store, id);
}

/** The newest reconciliation of a day as it stands in the record; null when there is none. */
export async function newestReconciliation(store: Store, day: Day): Promise<EntryHeader | null> {
  const id = await findReconciliation(store.query, store.cell, day.name);
  return id === null ? null : readEntry(store, id);
}

async function readEntry(store: Store, id: DecisionId): Promise<EntryHeader> {
  const [entry] = await findEntries(store, id);
  if (entry === undefined) throw new Error(`the reconciliation ${id} is not in the record`);
  return entry.header;
}

async function readOutLines(path: string): Promise<OutLines> {
  const table = new IdTable();
  const [endpointOf, seen] = [new Column('uint16'), new Column('uint16')];
  const endpoints: string[] = [];
  const reading = await readEgressFile(path, 0, (line) => {
    if (line.event !== 'out') return;
    const known = endpoints.indexOf(line.endpoint);
    const number = known === -1 ? endpoints.push(line.endpoint) - 1 : known;
    endpointOf.set(table.rowOfUuid(line.callId), number);
  });
  return { table, endpoints, endpointOf, seen, damaged: reading.damagedLines };
}

async function takeCall(
  at: {
    store: Store;
    out: OutLines;
    reconciliation: Reconciliation;
    past: Map<string, PastFilter | null>;
    logged: ReadonlyMap<string, boolean>;
  },
  { callId, type, header }: CallHeader,
): Promise<void> {
  const { out, reconciliation } = at;
  const row = out.table.findUuid(callId);
  // What never left crossed no border.
  if (row < 0) return;
  if (type === 'intent') out.seen.set(row, 1);
  if (header === null) return reconciliation.problem('record-unreadable', callId);
  if (type === 'completion')
    return reconciliation.completion(callId, header.facts as CompletionFacts, at.logged.get(callId));
  const intent = header as CallIntent;
  const wentTo = out.endpoints[out.endpointOf.at(row)] ?? '';
  reconciliation.intent(callId, intent, wentTo, await wasLawful(at, intent, wentTo));
}

/** Asks the policy of that day again; null when it cannot be had. */
async function wasLawful(
  { store, past }: { store: Store; past: Map<string, PastFilter | null> },
  { jurisdiction, dataClass, cell, others, time, facts }: CallIntent,
  wentTo: string,
): Promise<boolean | null> {
  const { endpoint, purpose, model, label } = facts;
  if (!past.has(endpoint.policy)) past.set(endpoint.policy, await pastFilter(store, endpoint.policy));
  const found = past.get(endpoint.policy);
  if (!found || jurisdiction === null || dataClass === null) return null;
  const countries = found.policy.jurisdictions.find(({ id }) => id === jurisdiction)?.countries ?? [];
  const lawful = found.filter.lawful({
    label: {
      jurisdiction,
      countries,
      dataClass,
      cell,
      ...(others && { others }),
      jurisdictionSource: label.jurisdiction,
      dataClassSource: label.dataClass,
    },
    purpose,
    modelId: model.id,
    nowMs: Date.parse(endpoint.lawfulAt ?? time),
    exhausted: endpoint.exhausted ?? [],
  });
  return lawful.kind === 'pass' && lawful.endpoints.some(({ id }) => id === wentTo);
}

async function pastFilter(store: Store, digest: string): Promise<PastFilter | null> {
  const parsed = parseDigest(digest);
  const policy = parsed && (await readPolicy(store, parsed));
  return policy && { policy, filter: createLawfulFilter(policy) };
}

/** The daily job: in each cell the leader reconciles every day that is over and settled, once. */
export function startReconciling(rooms: Rooms, log: StorageLog): { stop(): Promise<void> } {
  const { config, alerts, nowMs } = rooms;
  const parts = [...rooms.cells.values()].map(({ store }) =>
    store.lead('reconciler', (term) => serve({ store, config, alerts, nowMs }, term, log)),
  );
  return {
    async stop() {
      await Promise.all(parts.map((part) => part.stop()));
    },
  };
}

async function serve(completing: Completing, term: LeaderTerm, log: StorageLog): Promise<void> {
  const { store, config, nowMs } = completing;
  const { limits } = config.gateway;
  const { signal } = term;
  const pause = (ms: number) =>
    sleep(ms, undefined, { signal, ref: false }).catch((error: Error) => {
      if (error.name !== 'AbortError') throw error;
    });
  await pause(2 * limits.sweeperPeriodMs);
  while (!signal.aborted) {
    const settledMs = nowMs() - callLifeMs(limits) - 2 * limits.sweeperPeriodMs;
    for (const day of dueDays(await reconciledUntil(term.query, store.cell), settledMs)) {
      if (signal.aborted) break;
      try {
        await reconcileDay(completing, day, 'daily', term.query);
      } catch (error) {
        if (!(error instanceof ConflictError)) throw error;
        log('info', 'another process reconciled a day', { cell: store.cell, day: day.name });
      }
    }
    await pause(lookMs);
  }
}
