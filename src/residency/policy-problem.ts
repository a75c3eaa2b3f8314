import { dayMs } from './validity.ts';

/** One thing that the schema cannot see, with its place in the policy and the fix. */
export interface PolicyProblem {
  readonly path: (string | number)[];
  readonly message: string;
}

type Path = readonly (string | number)[];

/** Ids that name two things. */
export function addDuplicates(
  problems: PolicyProblem[],
  things: readonly { readonly id: string }[],
  list: Path,
): void {
  const seen = new Set<string>();
  things.forEach(({ id }, index) => {
    if (seen.has(id))
      problems.push({ path: [...list, index, 'id'], message: `"${id}" names two of these; rename one` });
    seen.add(id);
  });
}

/** Days that the calendar lacks, and spans that end before they begin. */
export function checkSpan(
  problems: PolicyProblem[],
  span: { readonly validFrom: string; readonly validUntil: string },
  path: Path,
): void {
  const unreadable = (['validFrom', 'validUntil'] as const).filter((key) => Number.isNaN(dayMs(span[key])));
  for (const key of unreadable) {
    problems.push({ path: [...path, key], message: 'is no day of the calendar; write YYYY-MM-DD' });
  }
  if (unreadable.length === 0 && dayMs(span.validUntil) <= dayMs(span.validFrom)) {
    problems.push({
      path: [...path, 'validUntil'],
      message: 'must be after validFrom; correct one of the two',
    });
  }
}
