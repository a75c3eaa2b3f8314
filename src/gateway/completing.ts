import { setTimeout as sleep } from 'node:timers/promises';
import { type Day, dayAt, dayMs, parseDay, timeOfId } from '../audit/completeness/day.ts';
import { type CompletenessReport, reportDay } from '../audit/completeness/report.ts';
import { type ReportKind, findOutdated, findProgress } from '../audit/completeness/report-repository.ts';
import type { LoadedConfig } from '../config/load.ts';
import type { Query } from '../storage/connections.ts';
import { ConflictError } from '../storage/errors.ts';
import type { LeaderTerm, Leadership } from '../storage/leadership.ts';
import type { StorageLog } from '../storage/log.ts';
import type { Store } from '../storage/store.ts';
import type { Alerts } from '../telemetry/alerts.ts';
import type { Rooms } from './rooms.ts';
import { callLifeMs } from './sweeping.ts';

/** What a report of one cell is made from. */
export interface Completing {
  readonly store: Store;
  readonly config: LoadedConfig;
  readonly alerts: Alerts;
  readonly nowMs: () => number;
}

/** After a longer absence, older days are asked for by hand. */
const daysBackMax = 40;
const lookMs = 10 * 60 * 1000;
const namedMax = 100;

/**
 * Counts a day of a cell, records the report, and raises the alerts that it calls for.
 * @throws ConflictError when another process recorded the daily report of that day meanwhile
 */
export async function completeDay(
  completing: Completing,
  day: Day,
  kind: ReportKind,
  query: Query = completing.store.query,
): Promise<CompletenessReport> {
  const { store, config, alerts, nowMs } = completing;
  const { egressCounter, endpoints, limits } = config.gateway;
  const report = await reportDay(store, {
    cell: store.cell,
    query,
    counterFolder: config.resolvePath(egressCounter.folder),
    endpoints: endpoints.filter((endpoint) => endpoint.dialect === 'openai'),
    day,
    callLifeMs: callLifeMs(limits),
    nowMs: nowMs(),
    kind,
    clockMs: nowMs,
  });
  alertOf(report, store.cell, alerts);
  return report;
}

function alertOf({ facts, headerDigest }: CompletenessReport, cell: string, alerts: Alerts): void {
  const { day, problems } = facts;
  if (facts.callsWithoutRecord > 0) {
    const detail = {
      day,
      count: facts.callsWithoutRecord,
      calls: facts.callsWithoutRecordIds,
      report: headerDigest,
    };
    alerts.raise({ kind: 'calls-without-record', cell, detail });
  }
  const others = problems.filter((problem) => problem !== 'calls-without-record');
  if (others.length === 0) return;
  const { open, uncounted, contradicted, countedTwice, requestIdsDiffer, unreadable, usage } = facts;
  const byProvider = usage === 'not imported' ? [] : usage;
  const lists = [open, uncounted, contradicted, countedTwice, requestIdsDiffer, unreadable];
  const calls = [...new Set(lists.flatMap((list) => list.ids))].slice(0, namedMax);
  const requests = byProvider.flatMap((at) => ('lines' in at ? (at.requestIds?.unknown.ids ?? []) : []));
  const endpoints = byProvider.flatMap((at) =>
    'lines' in at && at.problems.length > 0 ? [at.endpoint] : [],
  );
  const detail = { day, problems: others, calls, endpoints, requests, report: headerDigest };
  alerts.raise({ kind: 'usage-unreconciled', cell, detail });
}

/** The daily job: in each cell the leader reports every day that is over and settled, once. */
export function startCompleting(rooms: Rooms, log: StorageLog): { stop(): Promise<void> } {
  const { config, alerts, nowMs } = rooms;
  const parts: Leadership[] = [...rooms.cells.values()].map(({ store }) =>
    store.lead('auditor', (term) => serve({ store, config, alerts, nowMs }, term, log)),
  );
  return {
    async stop() {
      await Promise.all(parts.map((part) => part.stop()));
    },
  };
}

async function serve(completing: Completing, term: LeaderTerm, log: StorageLog): Promise<void> {
  // Calls that a crash left open are closed first: by the sweep at the start, or by the sweeper's first round.
  await pause(2 * completing.config.gateway.limits.sweeperPeriodMs, term.signal);
  while (!term.signal.aborted) {
    await reportDueDays(completing, term, log);
    await pause(lookMs, term.signal);
  }
}

/** Reports every day that is due, and again those whose usage was imported since; returns their names. */
export async function reportDueDays(
  completing: Completing,
  term: Pick<LeaderTerm, 'query' | 'signal'>,
  log: StorageLog,
): Promise<readonly string[]> {
  const { store, config, nowMs } = completing;
  const { limits } = config.gateway;
  const settledMs = nowMs() - callLifeMs(limits) - 2 * limits.sweeperPeriodMs;
  const progress = await findProgress(term.query, store.cell);
  const done: string[] = [];
  for (const { day, kind } of [
    ...dueDays(progress, settledMs).map((due) => ({ day: due, kind: 'daily' as const })),
    ...(await outdatedDays(term.query, store.cell, progress, settledMs)).map((old) => ({
      day: old,
      kind: 'asked' as const,
    })),
  ]) {
    if (term.signal.aborted) break;
    try {
      await completeDay(completing, day, kind, term.query);
      done.push(day.name);
      log('info', 'recorded the completeness of a day', { cell: store.cell, day: day.name });
    } catch (error) {
      if (!(error instanceof ConflictError)) throw error;
      log('info', 'another process recorded the completeness of a day', { cell: store.cell, day: day.name });
    }
  }
  return done;
}

/** Days after the last reported one, or from the store's first entry on, that were over at `settledMs`. */
export function dueDays(
  { lastDay, firstDecision }: { lastDay: string | null; firstDecision: string | null },
  settledMs: number,
): Day[] {
  const today = dayAt(settledMs);
  const last = lastDay === null ? null : parseDay(lastDay);
  const firstMs = last?.toMs ?? (firstDecision === null ? today.fromMs : timeOfId(firstDecision));
  const days: Day[] = [];
  for (
    let day = dayAt(Math.max(firstMs, today.fromMs - daysBackMax * dayMs));
    day.toMs <= today.fromMs;
    day = dayAt(day.toMs)
  ) {
    days.push(day);
  }
  return days;
}

async function outdatedDays(
  query: Query,
  cell: string,
  { lastDay, firstDecision }: { lastDay: string | null; firstDecision: string | null },
  settledMs: number,
): Promise<Day[]> {
  if (lastDay === null || firstDecision === null) return [];
  const firstMs = Math.max(timeOfId(firstDecision), settledMs - daysBackMax * dayMs);
  const names = await findOutdated(query, cell, { fromDay: dayAt(firstMs).name, toDay: lastDay });
  return names.flatMap((name) => parseDay(name) ?? []);
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal, ref: false }).catch((error: Error) => {
    if (error.name !== 'AbortError') throw error;
  });
}
