import { digestOf } from '../../decision/canonical.ts';
import type { Digest } from '../../decision/ids.ts';
import type { Store } from '../../storage/store.ts';
import { policyJson } from '../policy-json.ts';
import type { ResidencyPolicy } from '../policy.ts';
import { findCounts } from '../subject-counter-repository.ts';
import { yearsAt } from '../subject-counter.ts';
import { type DoraRow, doraColumns, doraRows } from './dora.ts';
import { type Expiry, expiriesOf } from './expiries.ts';
import { type MatrixRow, lawfulMatrix } from './matrix.ts';
import { type Share, type SharePeriod, sharesOf } from './shares.ts';

/** What can be said of residency from the policy alone. */
export interface PolicyReport {
  readonly policy: Digest;
  /** The moment it is about, RFC 3339, UTC. */
  readonly at: string;
  readonly matrix: readonly MatrixRow[];
  readonly expiries: readonly Expiry[];
  readonly dora: { readonly columns: readonly string[]; readonly rows: readonly DoraRow[] };
  readonly notice: string;
}

/** What one cell's store adds. */
export interface CellReport {
  readonly cell: string;
  readonly period: { readonly from: string; readonly to: string };
  readonly shares: readonly Share[];
  readonly counts: readonly RuleCount[];
}

export interface RuleCount {
  readonly rule: string;
  readonly year: number;
  readonly persons: number;
  /** Null where the policy of today has no such rule. */
  readonly maximum: number | null;
}

const reportNotice =
  'This shows what the configured policy permits and what was recorded. Whether the policy is the law is for counsel to say.';

export function policyReport(policy: ResidencyPolicy, nowMs: number): PolicyReport {
  return {
    policy: digestOf(policyJson(policy)),
    at: new Date(nowMs).toISOString(),
    matrix: lawfulMatrix(policy, nowMs),
    expiries: expiriesOf(policy, nowMs),
    dora: { columns: doraColumns, rows: doraRows(policy) },
    notice: reportNotice,
  };
}

/** @throws StoreUnavailableError when the store does not answer */
export async function cellReport(
  store: Store,
  policy: Pick<ResidencyPolicy, 'transferRules'>,
  period: SharePeriod,
  nowMs: number,
): Promise<CellReport> {
  const maxima = new Map(policy.transferRules.map((rule) => [rule.id, rule.maxSubjectsPerYear ?? null]));
  const counts = (await Promise.all(yearsAt(nowMs).map((year) => findCounts(store, year)))).flat();
  return {
    cell: store.cell,
    period: { from: new Date(period.fromMs).toISOString(), to: new Date(period.toMs).toISOString() },
    shares: await sharesOf(store.query, period),
    counts: counts.map(({ rule, year, persons }) => {
      return { rule, year, persons, maximum: maxima.get(rule) ?? null };
    }),
  };
}
