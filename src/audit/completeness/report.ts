import type { EntryHeader } from '../../decision/entry.ts';
import type { DecisionId, Digest } from '../../decision/ids.ts';
import type { Query } from '../../storage/connections.ts';
import type { Store } from '../../storage/store.ts';
import { mintId } from '../mint.ts';
import { RecordAlteredError, findEntries } from '../repository.ts';
import { recordSystemEntry } from '../system-entry.ts';
import { recordedCalls } from './calls-of-day.ts';
import type { Day } from './day.ts';
import { egressFilePath, readEgressFile } from './egress-file.ts';
import type { CompletenessFacts, CompletenessProblem } from './facts.ts';
import { type ReportKind, findReport, reportInsert } from './report-repository.ts';
import { RequestIds } from './request-ids.ts';
import { type NamedCalls, Tally } from './tally.ts';
import { type EndpointUsage, type KnownEndpoint, compareUsage } from './usage.ts';
import { findUsageImports } from './usage-repository.ts';

export interface CompletenessRequest {
  readonly cell: string;
  readonly query: Query;
  /** Folder of the egress counter. */
  readonly counterFolder: string;
  readonly endpoints: readonly KnownEndpoint[];
  readonly day: Day;
  /** Longest time from minting a call's id to its completion, ms. */
  readonly callLifeMs: number;
  readonly nowMs: number;
}

/**
 * Counts one day of a cell from every side: the egress counter, intents and completions, providers' usage.
 * The counter is read before the store, so the intent of every call in it is committed by then, and its new
 * lines once more after the store, so that a day may still be going on.
 */
async function countDay(request: CompletenessRequest): Promise<Omit<CompletenessFacts, 'supersedes'>> {
  const { cell, query, day, nowMs, callLifeMs } = request;
  const imports = await findUsageImports(query, cell, day.name);
  const requestIds = new RequestIds(new Set(imports.filter((i) => i.isByRequest).map((i) => i.endpoint)));
  const tally = new Tally({ day, callLifeMs, nowMs, onRequestId: (found) => requestIds.found(found) });
  const path = egressFilePath(request.counterFolder, cell, day.name);
  const reading = await readEgressFile(path, 0, (line) => tally.line(line));
  for await (const call of recordedCalls(query, day, callLifeMs)) tally.recorded(call);
  const later = await readEgressFile(path, reading.bytes, (line) => tally.laterLine(line));
  const isPartial = nowMs < day.toMs + callLifeMs;
  const context = { query, day: day.name, tally, requestIds, endpoints: request.endpoints, isPartial };
  const usage: EndpointUsage[] = [];
  for (const found of imports) usage.push(await compareUsage(context, found));
  const damaged = reading.damagedLines + later.damagedLines + (later.isCut && !isPartial ? 1 : 0);
  return await assemble(request, { tally, usage, damaged, isPartial, digest: reading.digest });
}

async function assemble(
  { day }: CompletenessRequest,
  counted: {
    tally: Tally;
    usage: EndpointUsage[];
    damaged: number;
    isPartial: boolean;
    digest: Digest | null;
  },
): Promise<Omit<CompletenessFacts, 'supersedes'>> {
  const { tally, damaged } = counted;
  const found = await tally.findings();
  const groups = tally.groups().filter((group) => group.calls > 0);
  const problems = problemsOf(found, damaged, counted.usage);
  return {
    callsWithoutRecord: found.withoutRecord.count,
    callsWithoutRecordIds: found.withoutRecord.ids,
    completions: tally.completions,
    contradicted: named(found.contradicted),
    countedTwice: named(found.countedTwice),
    day: day.name,
    egressFileDigest: counted.digest,
    egressLines: { damaged, in: tally.inLines, out: tally.outLines },
    endpoints: groups.map(({ calls, endpoint, inputTokens, model, ok, outputTokens, withoutUsage }) => ({
      calls,
      endpoint,
      inputTokens,
      model,
      ok,
      outputTokens,
      withoutUsage,
    })),
    inFlight: found.inFlight,
    intents: tally.intents,
    kind: 'completeness',
    open: named(found.open),
    partial: counted.isPartial,
    problems,
    reconciled: problems.length === 0,
    requestIdsDiffer: found.requestIdsDiffer,
    uncounted: named(found.uncounted),
    unreadable: found.unreadable,
    usage: usageFacts(
      counted.usage,
      groups.map((group) => group.endpoint),
    ),
  };
}

function problemsOf(
  found: Awaited<ReturnType<Tally['findings']>>,
  damaged: number,
  usage: readonly EndpointUsage[],
): CompletenessProblem[] {
  const ours: readonly (readonly [CompletenessProblem, number])[] = [
    ['calls-without-record', found.withoutRecord.count],
    ['calls-open', found.open.count],
    ['calls-uncounted', found.uncounted.count],
    ['calls-counted-twice', found.countedTwice.count],
    ['calls-contradicted', found.contradicted.count],
    ['request-ids-differ', found.requestIdsDiffer.count],
    ['records-unreadable', found.unreadable.count],
    ['counter-file-damaged', damaged],
  ];
  const theirs = new Set(usage.flatMap((endpoint) => endpoint.problems));
  return [...ours.filter(([, count]) => count > 0).map(([problem]) => problem), ...[...theirs].sort()];
}

function usageFacts(usage: readonly EndpointUsage[], called: readonly string[]): CompletenessFacts['usage'] {
  if (usage.length === 0) return 'not imported';
  const silent = [...new Set(called)].filter((id) => !usage.some(({ endpoint }) => endpoint === id));
  return [...usage, ...silent.map((endpoint) => ({ endpoint, usage: 'not imported' as const }))];
}

function named({ count, ids }: NamedCalls): NamedCalls {
  return { count, ids };
}

/** A report as it stands in the record. */
export interface CompletenessReport {
  readonly header: EntryHeader;
  readonly headerDigest: Digest;
  readonly facts: CompletenessFacts;
}

/**
 * Counts a day and records what was found, whatever it is, also for a day without traffic.
 * @throws ConflictError when the daily report of that day was recorded meanwhile
 */
export async function reportDay(
  store: Store,
  request: CompletenessRequest & { readonly kind: ReportKind; readonly clockMs: () => number },
): Promise<CompletenessReport> {
  const { cell, query, day, kind } = request;
  const counts = await countDay(request);
  const supersedes = (await newestReport(store, query, day))?.headerDigest ?? null;
  const id = mintId<DecisionId>();
  await recordSystemEntry(store, {
    id,
    type: 'completeness',
    decisionType: null,
    release: null,
    facts: { ...counts, supersedes },
    companions: [reportInsert({ reportId: id, cell, day: day.name, kind })],
    nowMs: request.clockMs,
  });
  return readReport(store, id);
}

/** The newest report of a day; null when there is none. */
export async function newestReport(store: Store, query: Query, day: Day): Promise<CompletenessReport | null> {
  const id = await findReport(query, store.cell, day.name);
  return id === null ? null : readReport(store, id);
}

async function readReport(store: Store, id: DecisionId): Promise<CompletenessReport> {
  const [entry] = await findEntries(store, id);
  const facts = entry?.header.facts;
  if (entry === undefined || facts?.kind !== 'completeness') {
    throw new RecordAlteredError(`the completeness report ${id} is not in the record`);
  }
  return {
    header: entry.header,
    headerDigest: `sha256:${entry.headerDigest.toString('hex')}` as Digest,
    facts: facts as unknown as CompletenessFacts,
  };
}
