import { addDuplicates, type PolicyProblem } from '../policy-problem.ts';
import type { ResidencyPolicy } from '../policy.ts';
import type { RouteAssertion } from './assertion.ts';
import { dayOf, utcMs } from './moment.ts';

/** An assertion about a name that nothing has, or about no time at all, would hold without saying anything. */
export function checkAssertions(
  policy: ResidencyPolicy,
  assertions: readonly RouteAssertion[],
): PolicyProblem[] {
  const problems: PolicyProblem[] = [];
  addDuplicates(problems, assertions, ['assertions']);
  const known = {
    jurisdictions: new Set(policy.jurisdictions.map(({ id }) => id)),
    dataClasses: new Set(policy.dataClasses.map(({ id }) => id)),
    endpoints: new Set(policy.endpoints.map(({ id }) => id)),
    operators: new Set(policy.endpoints.map(({ operator }) => operator.legalEntity)),
    models: new Set(policy.endpoints.flatMap(({ models }) => models.map(({ id }) => id))),
  };
  assertions.forEach((assertion, a) => {
    const [key, body] =
      'never' in assertion ? (['never', assertion.never] as const) : (['always', assertion.always] as const);
    const path = ['assertions', a, key];
    const named = 'never' in assertion ? { ...assertion.never, ...assertion.never.reach } : assertion.always;
    for (const [list, names] of Object.entries(known)) {
      const given: unknown = Object.entries(named).find(([name]) => name === list)?.[1];
      const inReach = list === 'endpoints' || list === 'operators';
      for (const name of Array.isArray(given) ? given : []) {
        if (names.has(String(name))) continue;
        const message = `"${name}" is none of the ${list} of this configuration; correct the name`;
        problems.push({ path: inReach ? [...path, 'reach', list] : [...path, list], message });
      }
    }
    checkDays(problems, body, path);
  });
  return problems;
}

function checkDays(
  problems: PolicyProblem[],
  { from, until }: { readonly from?: string; readonly until?: string },
  path: readonly (string | number)[],
): void {
  for (const [key, day] of Object.entries({ from, until })) {
    if (day === undefined || dayOf(utcMs(day)) === day) continue;
    problems.push({ path: [...path, key], message: 'is no day of the calendar; write YYYY-MM-DD' });
  }
  if (from !== undefined && until !== undefined && until <= from) {
    problems.push({ path: [...path, 'until'], message: 'must be after from; correct one of the two' });
  }
}
