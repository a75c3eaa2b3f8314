import type { ResidencyPolicy } from '../policy.ts';
import { type Validity, validityOf } from '../validity.ts';

/** Something that ends, and takes endpoints out when it does. */
export interface Expiry {
  /** `contract:eu-1`, `mechanism:eu-us-scc`. */
  readonly object: string;
  /** First day no longer in force, YYYY-MM-DD, 00:00 UTC. */
  readonly validUntil: string;
  /** Whole days left; 0 on the last one, negative once it is over. */
  readonly daysLeft: number;
  /** The narrowest warning it has come to; null while none. 0: it is over. */
  readonly warning: Warning | null;
  /** Mechanism that takes over; null where there is none, or it is no mechanism. */
  readonly fallback: string | null;
}

/** Days before the end at which somebody is told, and the end itself. */
export const warningDays = [0, 7, 30, 90] as const;
export type Warning = (typeof warningDays)[number];

const dayMs = 86_400_000;

/** Every contract and mechanism with its end, the nearest first. */
export function expiriesOf(policy: ResidencyPolicy, nowMs: number): readonly Expiry[] {
  const contracts = policy.endpoints.map(({ id, contract }) => ({
    object: `contract:${id}`,
    validUntil: contract.validUntil,
    validity: validityOf(contract),
    fallback: null,
  }));
  const mechanisms = policy.mechanisms.map((mechanism) => ({
    object: `mechanism:${mechanism.id}`,
    validUntil: mechanism.validUntil,
    validity: validityOf(mechanism),
    fallback: mechanism.fallback ?? null,
  }));
  return [...contracts, ...mechanisms]
    .map(({ object, validUntil, validity, fallback }) => {
      const { daysLeft, warning } = timeLeft(validity, nowMs);
      return { object, validUntil, daysLeft, warning, fallback };
    })
    .sort((a, b) => a.daysLeft - b.daysLeft || (a.object < b.object ? -1 : 1));
}

function timeLeft({ untilMs }: Validity, nowMs: number): Pick<Expiry, 'daysLeft' | 'warning'> {
  const leftMs = untilMs - nowMs;
  const warning = leftMs <= 0 ? 0 : (warningDays.find((days) => days > 0 && leftMs <= days * dayMs) ?? null);
  return { daysLeft: Math.floor(leftMs / dayMs), warning };
}
