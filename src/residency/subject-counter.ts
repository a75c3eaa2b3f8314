import { createHash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import type { Store } from '../storage/store.ts';
import type { ResidencyPolicy, TransferRule } from './policy.ts';
import { countedAs } from './policy-index.ts';
import { type CountedPlace, countPlaces } from './subject-counter-repository.ts';

/** Whose data one request carries, as far as anybody knows. */
export interface Persons {
  /** The named subjects, each with 32 bytes that stand for them. */
  readonly named: readonly { readonly jurisdiction: string; readonly mac: Buffer }[];
  /** Of the request: where it names nobody of a jurisdiction, it is about somebody new, the same in all attempts. */
  readonly decisionId: string;
}

/** Counts persons whose data leaves a jurisdiction, for rules with a maximum in a calendar year. */
export interface SubjectCounter {
  /**
   * Counts the request's persons under every one of the rules, or under none. Durable on return, and before
   * any intent: a call that is not made after all leaves a person too many counted, never one too few.
   * @returns the rules that are full and permit these persons nothing; empty once they are counted
   * @throws StoreUnavailableError when the store does not answer; nothing may leave then
   */
  count(persons: Persons, rules: readonly string[], nowMs: number): Promise<readonly string[]>;
}

const rememberedMax = 50_000;
const hourMs = 3_600_000;

/**
 * @param jurisdictions those of this cell. Persons of others are counted elsewhere, where this cell cannot look;
 * so their counting rules permit nothing here.
 */
export function createSubjectCounter(options: {
  readonly store: Store;
  readonly jurisdictions: readonly string[];
  readonly policy: Pick<ResidencyPolicy, 'transferRules'>;
}): SubjectCounter {
  const { store, jurisdictions } = options;
  const counting = new Map(
    options.policy.transferRules.flatMap((rule) => {
      const id = countedAs(rule);
      return id === undefined ? [] : [[id, rule] as const];
    }),
  );
  const remembered = new LRUCache<string, true>({ max: rememberedMax });
  return {
    async count(persons, rules, nowMs) {
      const ours = (id: string) => jurisdictions.includes(counting.get(id)?.subjectJurisdiction ?? '');
      const foreign = rules.filter((id) => !ours(id));
      if (foreign.length > 0) return foreign;
      const places = rules.flatMap((id) => placesOf(id, counting.get(id), persons, nowMs));
      const unknown = places.filter((place) => !remembered.has(nameOf(place)));
      if (unknown.length === 0) return [];
      const full = await countPlaces(store, places);
      if (full.length === 0) for (const place of unknown) remembered.set(nameOf(place), true);
      return full;
    },
  };
}

function placesOf(
  rule: string,
  configured: TransferRule | undefined,
  { named, decisionId }: Persons,
  nowMs: number,
): CountedPlace[] {
  // Zero for what cannot be: a rule that is not there has no room.
  const maximum = configured?.maxSubjectsPerYear ?? 0;
  const of = configured?.subjectJurisdiction ?? '';
  const macs = named.filter(({ jurisdiction }) => jurisdiction === of).map(({ mac }) => mac);
  if (macs.length === 0) macs.push(createHash('sha256').update(`unnamed ${decisionId} ${of}`).digest());
  return yearsAt(nowMs).flatMap((year) => macs.map((mac) => ({ rule, maximum, year, mac })));
}

/**
 * The calendar years that it is at this moment somewhere, from UTC−12 to UTC+14: one, or two around the turn.
 * The law's year is that of its own place; a person counted in both is never missed in either.
 */
export function yearsAt(nowMs: number): readonly number[] {
  const years = [nowMs - 12 * hourMs, nowMs + 14 * hourMs].map((ms) => new Date(ms).getUTCFullYear());
  return [...new Set(years)];
}

function nameOf({ rule, year, mac }: CountedPlace): string {
  return `${rule} ${year} ${mac.toString('base64')}`;
}
