import type { Store } from '../storage/store.ts';

/** One person to be counted under one rule in one year. */
export interface CountedPlace {
  readonly rule: string;
  /** Most persons of the year. */
  readonly maximum: number;
  readonly year: number;
  /** Stands for the person; 32 bytes. */
  readonly mac: Buffer;
}

/** Counts all, or none when a rule has no room; returns the rules without room. */
export async function countPlaces(store: Store, places: readonly CountedPlace[]): Promise<readonly string[]> {
  const rows = await store.query<{ full_rules: string[] }>({
    name: 'count_subjects',
    text: 'SELECT count_subjects($1, $2::text[], $3::int[], $4::int[], $5::bytea[]) AS full_rules',
    values: [
      store.cell,
      places.map(({ rule }) => rule),
      places.map(({ maximum }) => maximum),
      places.map(({ year }) => year),
      places.map(({ mac }) => mac),
    ],
  });
  // Rules are refused by name: around the turn of a year one may come twice.
  return [...new Set(rows[0]?.full_rules ?? places.map(({ rule }) => rule))];
}

/** How many persons each rule has counted in a year. */
export interface SubjectCount {
  readonly rule: string;
  readonly year: number;
  readonly persons: number;
}

export async function findCounts(store: Store, year: number): Promise<SubjectCount[]> {
  return store.query<SubjectCount & Record<string, unknown>>({
    text: 'SELECT rule, year, persons FROM residency_counts WHERE cell = $1 AND year = $2 ORDER BY rule',
    values: [store.cell, year],
  });
}

/** Forgets who was counted in years that are over everywhere; the numbers stay. */
export async function forgetCounted(store: Store): Promise<number> {
  const rows = await store.query<{ forgotten: string }>({
    text: 'SELECT forget_counted_subjects($1) AS forgotten',
    values: [store.cell],
  });
  return Number(rows[0]?.forgotten ?? 0);
}
