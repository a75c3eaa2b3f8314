import { type Purpose, purposes } from '../../decision/label.ts';
import { createLawfulFilter } from '../lawful.ts';
import type { NearMiss } from '../near-miss.ts';
import type { ResidencyPolicy } from '../policy.ts';

/** Who may go where at one moment, and why; or what is in the way. */
export interface MatrixRow {
  readonly jurisdiction: string;
  readonly dataClass: string;
  readonly purpose: Purpose;
  /** In configured order; empty where nothing is lawful. */
  readonly endpoints: readonly MatrixEndpoint[];
  /** Only where nothing is lawful, and some endpoint offers the purpose at all. */
  readonly nearestMisses: readonly NearMiss[];
}

export interface MatrixEndpoint {
  readonly id: string;
  /** For each country the bytes touch, the mechanism that allows it. */
  readonly basis: readonly { readonly country: string; readonly mechanism: string }[];
  /** Rules that count each person; once one is full, this row is not lawful by it. */
  readonly counted: readonly string[];
  /** End of the earliest thing it rests on, RFC 3339. */
  readonly until: string;
}

/**
 * Every jurisdiction, class and purpose, answered by the filter that decides requests, for a person of that
 * jurisdiction alone for whom the counting rules have room.
 */
export function lawfulMatrix(policy: ResidencyPolicy, nowMs: number): readonly MatrixRow[] {
  const filter = createLawfulFilter(policy);
  const offered = purposes.filter((purpose) =>
    policy.endpoints.some((endpoint) => endpoint.purposes.includes(purpose)),
  );
  return policy.jurisdictions.flatMap(({ id: jurisdiction, countries }) =>
    policy.dataClasses.flatMap(({ id: dataClass }) =>
      offered.map((purpose): MatrixRow => {
        const label = {
          jurisdiction,
          countries,
          dataClass,
          cell: '',
          jurisdictionSource: 'grant',
          dataClassSource: 'decision-type',
        } as const;
        const verdict = filter.lawful({ label, purpose, nowMs, exhausted: [] });
        if (verdict.kind === 'refuse') {
          const nearestMisses = verdict.nearestMisses();
          return { jurisdiction, dataClass, purpose, endpoints: [], nearestMisses };
        }
        const endpoints = verdict.endpoints.map(({ id, basis, counted, validUntilMs }) => {
          return { id, basis, counted, until: new Date(validUntilMs).toISOString() };
        });
        return { jurisdiction, dataClass, purpose, endpoints, nearestMisses: [] };
      }),
    ),
  );
}
