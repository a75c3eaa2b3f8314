import { adequacyRows } from './adequacy.ts';
import { countrySetRows } from './country-sets.ts';
import type { LibraryKind, LibraryRow } from './row.ts';
import { ruleRows } from './rules.ts';

/** What somebody read about the law, as of a day. The policy is the operator's; nothing here is applied by itself. */
export interface Library {
  /** Day of this edition. */
  readonly version: string;
  readonly notice: string;
  readonly rows: readonly LibraryRow[];
}

export const library: Library = {
  version: '2026-11-22',
  notice:
    'A starting point, not legal advice: every row was read on a day, from the source it names, and may be wrong or out of date. Counsel must check it before anything is put into a policy.',
  rows: [...countrySetRows, ...adequacyRows, ...ruleRows],
};

export interface LibraryQuery {
  readonly jurisdiction?: string;
  readonly kind?: LibraryKind;
}

/** The rows of a jurisdiction and kind; all where neither is asked for. */
export function libraryRows({ jurisdiction, kind }: LibraryQuery): readonly LibraryRow[] {
  return library.rows.filter(
    (row) =>
      (jurisdiction === undefined || row.jurisdiction === jurisdiction) &&
      (kind === undefined || row.kind === kind),
  );
}

/** Stands where only the operator knows; no check accepts it, and it names no recipient there is. */
const fillIn = 'FILL-IN';

/**
 * Parts of a policy made from rows, ready to be pasted and completed. A mechanism ends at its row's review, so
 * that one which nobody looks at again goes out by itself.
 */
export function policyParts(rows: readonly LibraryRow[]) {
  const jurisdictions = rows
    .filter(({ kind }) => kind === 'country-set')
    .map(({ jurisdiction, countries }) => ({ id: jurisdiction, countries }));
  const mechanisms = rows.flatMap((row) => {
    if (row.kind !== 'adequacy' && row.kind !== 'dpf') return [];
    return {
      id: row.id,
      law: row.law,
      kind: row.kind,
      from: row.jurisdiction,
      to: row.countries,
      recipient: row.recipients === null ? '*' : `${fillIn}: ${row.recipients}`,
      dataClasses: [fillIn],
      ref: row.ref,
      ...(row.kind === 'dpf' ? { dpfData: [fillIn] } : {}),
      validFrom: row.validFrom,
      validUntil: row.review,
    };
  });
  const denied = rows
    .filter(({ kind }) => kind === 'denied')
    .map(({ jurisdiction, countries }) => ({ subjectJurisdiction: jurisdiction, deny: countries }));
  return { jurisdictions, mechanisms, denied };
}
