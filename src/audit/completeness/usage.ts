import type { Query } from '../../storage/connections.ts';
import type { JoinedRequests, RequestIds } from './request-ids.ts';
import type { GroupCounts } from './group-counts.ts';
import type { Tally } from './tally.ts';
import { type FoundImport, type UsageSum, sumUsage, usageRequestIds } from './usage-repository.ts';

/** An endpoint as configured, with every name its models have there. */
export interface KnownEndpoint {
  readonly id: string;
  readonly models: readonly { readonly id: string; readonly version: string }[];
}

interface Amount {
  readonly requests: number | null;
  readonly inputTokens: number;
  readonly outputTokens: number;
}

/** One model at one endpoint: what the provider counted, what we did, and the difference. */
export interface UsageLine {
  readonly difference: Amount;
  /** As configured; the provider's own name where we do not know it. Null: the export does not tell models apart. */
  readonly model: string | null;
  readonly ours: Amount;
  readonly problems: readonly UsageProblem[];
  readonly provider: Amount;
}

export interface EndpointUsage {
  readonly endpoint: string;
  readonly fileDigest: string;
  readonly lines: readonly UsageLine[];
  readonly problems: readonly UsageProblem[];
  readonly provider: string;
  readonly requestIds: JoinedRequests | null;
  /** Keys with usage that the gateway does not hold; null where nobody said which it holds. */
  readonly unknownKeys: readonly string[] | null;
}

export type UsageProblem =
  | 'usage-unknown-endpoint'
  | 'usage-unknown-model'
  | 'usage-unknown-key'
  | 'usage-unknown-requests'
  | 'usage-missing-requests'
  | 'usage-more-requests'
  | 'usage-fewer-requests'
  | 'usage-more-tokens'
  | 'usage-fewer-tokens';

export interface UsageContext {
  readonly query: Query;
  readonly day: string;
  readonly tally: Tally;
  readonly requestIds: RequestIds;
  readonly endpoints: readonly KnownEndpoint[];
  /** The day is not over: less at the provider, or here, means nothing yet. */
  readonly isPartial: boolean;
}

/** Holds what a provider says of one endpoint and day against our own counts. */
export async function compareUsage(context: UsageContext, found: FoundImport): Promise<EndpointUsage> {
  const { query, day, tally, requestIds, endpoints, isPartial } = context;
  const sums = await sumUsage(query, found.importId, day);
  const configured = endpoints.find((endpoint) => endpoint.id === found.endpoint);
  const groups = tally.groups().filter((group) => group.endpoint === found.endpoint);
  const nameOf = (model: string) =>
    configured?.models.find(({ id, version }) => model === id || model === version)?.id ??
    tally.modelOf(found.endpoint, model) ??
    model;
  const lines = linesOf(sums, groups, nameOf, {
    isPartial,
    isKnown: (model) =>
      configured?.models.some(({ id }) => id === model) === true ||
      groups.some((group) => group.model === model && group.calls > 0),
  });
  const joined = found.isByRequest
    ? await requestIds.join(found.endpoint, usageRequestIds(query, found.importId, day), (row) =>
        tally.callAt(row),
      )
    : null;
  const unknownKeys = unknownKeysOf(sums, found.knownKeys);
  const problems = new Set<UsageProblem>(lines.flatMap((line) => line.problems));
  if (configured === undefined && sums.some(isUsed)) problems.add('usage-unknown-endpoint');
  if (unknownKeys !== null && unknownKeys.length > 0) problems.add('usage-unknown-key');
  if (joined !== null && joined.unknown.count > 0) problems.add('usage-unknown-requests');
  if (joined !== null && joined.missing.count > 0 && !isPartial) problems.add('usage-missing-requests');
  return {
    endpoint: found.endpoint,
    fileDigest: found.fileDigest,
    lines,
    problems: [...problems].sort(),
    provider: found.provider,
    requestIds: joined,
    unknownKeys,
  };
}

function unknownKeysOf(sums: readonly UsageSum[], known: readonly string[] | null): string[] | null {
  if (known === null) return null;
  const used = sums.filter(isUsed).map((sum) => sum.apiKeyId ?? '(not named)');
  return [...new Set(used.filter((key) => !known.includes(key)))].sort();
}

function isUsed({ requests, inputTokens, outputTokens }: Amount): boolean {
  return (requests ?? 0) + inputTokens + outputTokens > 0;
}

interface Judging {
  readonly isPartial: boolean;
  readonly isKnown: (model: string) => boolean;
}

/** One line for each model that either side knows; one for all when the export does not tell them apart. */
function linesOf(
  sums: readonly UsageSum[],
  groups: readonly GroupCounts[],
  nameOf: (model: string) => string,
  judging: Judging,
): UsageLine[] {
  const isWhole = sums.every((sum) => sum.model === null);
  const nameOfSum = (sum: UsageSum) => (sum.model === null ? '' : nameOf(sum.model));
  const names = isWhole
    ? [null]
    : [...new Set([...sums.map(nameOfSum), ...groups.filter((g) => g.calls > 0).map((g) => g.model)])].sort();
  return names.map((model) => {
    const theirs = sums.filter((sum) => model === null || nameOfSum(sum) === model);
    const own = groups.filter((group) => model === null || group.model === model);
    // A failed call of the day before told us no model, so any may have been meant.
    const early = groups.filter(
      (group) => model === null || group.model === '' || nameOf(group.model) === model,
    );
    const provider = amountOf(theirs);
    const line = { ours: oursOf(own), provider, model };
    const isBypass = model !== null && !judging.isKnown(model) && isUsed(provider);
    const problems = isBypass
      ? ['usage-unknown-model' as const]
      : contradictions(provider, own, early, judging);
    return { difference: minus(provider, line.ours), model, ours: line.ours, problems, provider };
  });
}

/**
 * What cannot be explained. A call that failed may or may not have been counted, with tokens nobody told us;
 * one near midnight may have been counted to either day; whatever is beyond that is a problem.
 */
function contradictions(
  provider: Amount,
  own: readonly GroupCounts[],
  early: readonly GroupCounts[],
  { isPartial }: Judging,
): UsageProblem[] {
  const problems: UsageProblem[] = [];
  const total = (pick: (group: GroupCounts) => number, from = own) =>
    from.reduce((sum, group) => sum + pick(group), 0);
  if (provider.requests !== null) {
    const most = total((group) => group.calls) + total((group) => group.early.calls, early);
    const least = total((group) => group.ok - group.late.calls);
    if (provider.requests > most) problems.push('usage-more-requests');
    if (provider.requests < least && !isPartial) problems.push('usage-fewer-requests');
  }
  const isAllTold =
    total((group) => group.withoutUsage) + total((group) => group.early.withoutUsage, early) === 0;
  for (const kind of ['inputTokens', 'outputTokens'] as const) {
    const most = total((group) => group[kind]) + total((group) => group.early[kind], early);
    const least = total((group) => group[kind] - group.late[kind]);
    if (provider[kind] > most && isAllTold) problems.push('usage-more-tokens');
    if (provider[kind] < least && !isPartial) problems.push('usage-fewer-tokens');
  }
  return [...new Set(problems)];
}

function amountOf(sums: readonly UsageSum[]): Amount {
  const counted = sums.every((sum) => sum.requests !== null);
  return {
    inputTokens: sums.reduce((total, sum) => total + sum.inputTokens, 0),
    outputTokens: sums.reduce((total, sum) => total + sum.outputTokens, 0),
    requests: counted ? sums.reduce((total, sum) => total + (sum.requests ?? 0), 0) : null,
  };
}

function oursOf(groups: readonly GroupCounts[]): Amount {
  return {
    inputTokens: groups.reduce((total, group) => total + group.inputTokens, 0),
    outputTokens: groups.reduce((total, group) => total + group.outputTokens, 0),
    requests: groups.reduce((total, group) => total + group.calls, 0),
  };
}

function minus(a: Amount, b: Amount): Amount {
  return {
    inputTokens: a.inputTokens - b.inputTokens,
    outputTokens: a.outputTokens - b.outputTokens,
    requests: a.requests === null || b.requests === null ? null : a.requests - b.requests,
  };
}
