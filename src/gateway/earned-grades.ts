import { recentCompletions } from '../audit/completeness/call-headers.ts';
import { type CompletionFacts, type EvidenceGrade, evidenceGrades } from '../decision/entry.ts';
import { loggedCalls } from '../residency/assurance/vendor-log-repository.ts';
import type { Store } from '../storage/store.ts';

/** What the recent calls of one endpoint showed. */
export interface EarnedGrade {
  readonly endpoint: string;
  /** The least that every one of them earned. */
  readonly earned: EvidenceGrade;
  readonly calls: Readonly<Record<EvidenceGrade, number>>;
}

const recentMs = 24 * 60 * 60 * 1000;
const callsMax = 1_000;

/** Of the newest thousand calls of a day that left a cell, what each endpoint earned. */
export async function earnedGrades(store: Store, nowMs: number): Promise<readonly EarnedGrade[]> {
  const page = { sinceMs: nowMs - recentMs, limit: callsMax };
  const recent = await recentCompletions(store.query, page);
  const logged = await loggedCalls(
    store.query,
    store.cell,
    recent.map(({ callId }) => callId),
  );
  const counts = new Map<string, Record<EvidenceGrade, number>>();
  for (const { callId, header } of recent) {
    const facts = header?.facts as CompletionFacts | undefined;
    if (facts === undefined || facts.status === 'not_sent') continue;
    const grade = logged.get(callId) === true ? 'vendor-logged' : (facts.evidence?.grade ?? 'contract');
    const calls = counts.get(facts.endpoint) ?? {
      contract: 0,
      network: 0,
      'vendor-asserted': 0,
      'vendor-logged': 0,
    };
    calls[grade] += 1;
    counts.set(facts.endpoint, calls);
  }
  return [...counts].map(([endpoint, calls]) => ({
    endpoint,
    earned: evidenceGrades.find((grade) => calls[grade] > 0) ?? 'contract',
    calls,
  }));
}
