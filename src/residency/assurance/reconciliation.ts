import type { CompletionFacts, EntryHeader, EvidenceGrade, IntentFacts } from '../../decision/entry.ts';
import { mismatchesOf } from './call-evidence.ts';

export type ReconciliationProblem =
  /** The egress file has a call of which the record has no intent. */
  | 'out-without-intent'
  /** It went to another endpoint than its intent says. */
  | 'other-endpoint'
  /** By the policy of that moment, its endpoint was not lawful for its label. */
  | 'not-lawful'
  /** The policy that its intent names is not in the store, or is another than recorded. */
  | 'policy-unknown'
  /** What the endpoint said of its place contradicts what was declared. */
  | 'evidence-differs'
  /** What the vendor's own log says of it contradicts what was declared. */
  | 'vendor-log-differs'
  | 'record-unreadable'
  /** Lines of the egress file that are none. */
  | 'counter-file-damaged';

/** Calls that left, about data of one jurisdiction, to one endpoint, by what stands behind its place. */
export interface ReconciledGroup {
  readonly calls: number;
  readonly endpoint: string;
  readonly grade: EvidenceGrade;
  readonly jurisdiction: string;
}

export interface ReconciliationFacts {
  readonly groups: readonly ReconciledGroup[];
  readonly problems: readonly {
    readonly count: number;
    /** Calls; the first hundred. */
    readonly ids: readonly string[];
    readonly problem: ReconciliationProblem;
  }[];
}

export type CallIntent = Omit<EntryHeader, 'facts'> & { readonly facts: IntentFacts };

const namedMax = 100;

/** Holds what left against the labels it was lawful for. */
export class Reconciliation {
  readonly #groups = new Map<string, { -readonly [Key in keyof ReconciledGroup]: ReconciledGroup[Key] }>();
  readonly #problems = new Map<ReconciliationProblem, { count: number; ids: string[] }>();
  /** Calls that left and whose completion was not seen yet. */
  readonly #open = new Map<string, { endpoint: string; jurisdiction: string }>();

  /**
   * @param wentTo endpoint of the egress file's line
   * @param lawful by the policy of that moment; null where that policy is unknown
   */
  intent(callId: string, { jurisdiction, facts }: CallIntent, wentTo: string, lawful: boolean | null): void {
    if (wentTo !== facts.endpoint.id) this.problem('other-endpoint', callId);
    if (lawful === null) this.problem('policy-unknown', callId);
    else if (!lawful) this.problem('not-lawful', callId);
    this.#open.set(callId, { endpoint: wentTo, jurisdiction: jurisdiction ?? 'none' });
  }

  /** @param logged whether the vendor's own log agrees; undefined where it does not have the call */
  completion(callId: string, { evidence }: CompletionFacts, logged: boolean | undefined): void {
    const call = this.#open.get(callId);
    if (call === undefined) return;
    this.#open.delete(callId);
    if (evidence && mismatchesOf(evidence).length > 0) this.problem('evidence-differs', callId);
    if (logged === false) this.problem('vendor-log-differs', callId);
    this.#count(call, logged === true ? 'vendor-logged' : (evidence?.grade ?? 'contract'));
  }

  problem(problem: ReconciliationProblem, callId: string | null, count = 1): void {
    const known = this.#problems.get(problem) ?? { count: 0, ids: [] };
    known.count += count;
    if (callId !== null && known.ids.length < namedMax) known.ids.push(callId);
    this.#problems.set(problem, known);
  }

  result(): ReconciliationFacts {
    for (const call of this.#open.values()) this.#count(call, 'contract');
    this.#open.clear();
    const keyOf = ({ jurisdiction, endpoint, grade }: ReconciledGroup) =>
      `${jurisdiction} ${endpoint} ${grade}`;
    const groups = [...this.#groups.values()].sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
    const problems = [...this.#problems].map(([problem, { count, ids }]) => ({ count, ids, problem }));
    return { groups, problems: problems.sort((a, b) => (a.problem < b.problem ? -1 : 1)) };
  }

  #count({ endpoint, jurisdiction }: { endpoint: string; jurisdiction: string }, grade: EvidenceGrade): void {
    const key = JSON.stringify([jurisdiction, endpoint, grade]);
    const group = this.#groups.get(key) ?? { calls: 0, endpoint, grade, jurisdiction };
    group.calls += 1;
    this.#groups.set(key, group);
  }
}
