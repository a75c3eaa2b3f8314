import { cohenKappa } from './agreement/cohen.ts';
import type { Coefficient } from './agreement/coefficient.ts';
import { fleissKappa, gwetAc1 } from './agreement/many-reviewers.ts';
import { countsOfTable } from './agreement/rating.ts';
import type { AgreementCount } from './review-report.ts';

/** How far two persons agree who answered the same task independently. */
export interface AgreementLine {
  readonly queue: string;
  readonly decisionType: string;
  /** The raw counts, as they are kept. */
  readonly counts: readonly { readonly verdicts: readonly string[]; readonly tasks: number }[];
  /** Of the first two answers of each task: a third is only asked where they differ, and would count too often. */
  readonly cohen: Coefficient;
  readonly fleiss: Coefficient;
  readonly ac1: Coefficient;
}

export function agreementOf(counts: readonly AgreementCount[]): AgreementLine[] {
  const groups = new Map<string, AgreementCount[]>();
  for (const count of counts) {
    const key = `${count.queue} ${count.decisionType}`;
    groups.set(key, [...(groups.get(key) ?? []), count]);
  }
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    return first === undefined ? [] : [lineOf(first, group)];
  });
}

function lineOf({ queue, decisionType }: AgreementCount, group: readonly AgreementCount[]): AgreementLine {
  const pairs = group.map(({ verdicts: [first = '', second = ''], tasks }) => ({ first, second, tasks }));
  const named = [...new Set(pairs.flatMap(({ first, second }) => [first, second]))].sort();
  // Chance needs somewhere else to go, also where everybody has always said the same.
  const categories = named.length > 1 ? named : [...named, ''];
  const table = categories.map((row) =>
    categories.map((column) =>
      pairs
        .filter(({ first, second }) => first === row && second === column)
        .reduce((sum, { tasks }) => sum + tasks, 0),
    ),
  );
  const items = countsOfTable(table);
  return {
    queue,
    decisionType,
    counts: group.map(({ verdicts, tasks }) => ({ verdicts, tasks })),
    cohen: cohenKappa(table),
    fleiss: fleissKappa(items),
    ac1: gwetAc1(items),
  };
}
