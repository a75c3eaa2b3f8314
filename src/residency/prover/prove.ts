import { createLawfulFilter } from '../lawful.ts';
import type { ResidencyPolicy } from '../policy.ts';
import { checkDeterminism } from './determinism.ts';
import { enumerate, type Stranding } from './enumerate.ts';
import { checkMonotone } from './monotone.ts';
import { type Plan, planOf, type ProofOptions } from './plan.ts';
import { type Stranded, strandedOf } from './stranded.ts';
import { type Violation, Violations } from './violation.ts';

/** What the prover found out about a configuration. */
export interface Proof {
  /** States for which the real router was run. */
  readonly states: number;
  /** Shortest first; empty when everything holds. */
  readonly violations: readonly Violation[];
  /** For each demand that the policy means to serve, the smallest outages that leave it without a route. */
  readonly stranded: readonly Stranded[];
  readonly elapsedMs: number;
  readonly policyDigest: string;
  /** What was not walked through, in words; empty when everything was. */
  readonly limits: readonly string[];
}

/** One share of the work, as it comes back from a thread. */
export interface ProofShare {
  readonly states: number;
  readonly violations: readonly Violation[];
  readonly strandings: readonly Stranding[];
  readonly edged: number;
  readonly stride: number;
}

export interface Share {
  readonly index: number;
  readonly count: number;
}

/**
 * Runs the real router through every state of a policy and holds it against the oracle and the assertions.
 * @param policy one that `checkPolicy` found nothing wrong with
 */
export function prove(policy: ResidencyPolicy, options: ProofOptions): Proof {
  const startedMs = performance.now();
  return proofOf(policy, options, startedMs, [proveShare(policy, options, { index: 0, count: 1 })]);
}

export function proveShare(policy: ResidencyPolicy, options: ProofOptions, share: Share): ProofShare {
  const plan = planOf(policy, options);
  const { assertions, attempts } = options;
  const { states, violations, strandings, edged } = enumerate(policy, {
    ...plan,
    assertions,
    attempts,
    share,
  });
  const opening = plan.moments.filter(({ kind }) => kind === 'opens');
  const mine = plan.demands.filter((_, d) => d % share.count === share.index);
  const places = mine.flatMap((demand) => opening.map((moment) => ({ demand, moment })));
  checkDeterminism(policy, attempts, places, violations);
  const questionsMax = plan.questionsMax / share.count;
  const stride = checkMonotone(
    policy,
    { demands: plan.demands, moments: opening, questionsMax, share },
    violations,
  );
  return { states, violations: violations.list(), strandings, edged, stride };
}

/** Puts the shares together. */
export function proofOf(
  policy: ResidencyPolicy,
  options: ProofOptions,
  startedMs: number,
  shares: readonly ProofShare[],
): Proof {
  const plan = planOf(policy, options);
  const violations = new Violations();
  for (const found of shares.flatMap((share) => share.violations)) violations.add(found);
  const { policyDigest } = createLawfulFilter(policy);
  return {
    states: shares.reduce((sum, { states }) => sum + states, 0),
    violations: violations.list(),
    stranded: strandedOf(
      policy,
      plan.moments,
      shares.flatMap(({ strandings }) => strandings),
      options.nowMs,
    ),
    elapsedMs: Math.round(performance.now() - startedMs),
    policyDigest,
    limits: [...plan.limits, ...limitsOf(plan, shares)],
  };
}

function limitsOf({ subsetsMax }: Plan, shares: readonly ProofShare[]): string[] {
  const edged = shares.reduce((sum, share) => sum + share.edged, 0);
  const stride = Math.max(...shares.map((share) => share.stride));
  return [
    ...(edged === 0
      ? []
      : [`only the smallest and largest outages where there are more than ${subsetsMax} (${edged} times)`]),
    ...(stride === 1 ? [] : [`monotonicity at one in ${stride} demands and moments`]),
  ];
}
