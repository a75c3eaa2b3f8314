import type { ReviewQueue } from '../confidence/review.ts';
import type { ReviewScope } from '../confidence/review-task.ts';
import { taskLabels } from '../confidence/task-label.ts';
import { CountersignError } from '../decision/errors.ts';
import { type Caller, personOf } from './caller.ts';
import type { Cell, Rooms } from './rooms.ts';

/** Where one reviewer works: a cell, its queue, and what they may see there. */
export interface Bench {
  readonly cell: Cell;
  readonly queue: ReviewQueue;
  readonly scope: ReviewScope;
  readonly reviewer: string;
}

/** What this reviewer may see and do in one cell. @throws CountersignError LABEL_UNGRANTED */
export function sitDown(
  rooms: Rooms,
  queues: ReadonlyMap<string, ReviewQueue>,
  caller: Caller | null,
  wanted: string | undefined,
): Bench {
  if (caller === null) throw new CountersignError('KEY_MISSING');
  const { jurisdictions } = caller.grants;
  const reachable = rooms.config.gateway.cells.filter(
    (cell) => rooms.cells.has(cell.id) && cell.jurisdictions.some((id) => jurisdictions.includes(id)),
  );
  const chosen = wanted === undefined ? reachable[0] : reachable.find((cell) => cell.id === wanted);
  const cell = chosen && rooms.cells.get(chosen.id);
  const queue = chosen && queues.get(chosen.id);
  if (!cell || !queue) throw new CountersignError('LABEL_UNGRANTED');
  const decisionTypes = caller.grants.decisionTypes.filter((name) => rooms.types.has(name));
  const { skills = [] } = caller.grants;
  return {
    cell,
    queue,
    scope: { tenant: caller.tenant, labels: lawfulLabels(rooms, caller), decisionTypes, skills },
    reviewer: personOf(caller),
  };
}

/** Labels whose tasks are lawful, now, in the country that the reviewer sits in, and granted. */
function lawfulLabels({ config, labeller, lawfulForPerson, nowMs }: Rooms, { grants }: Caller): string[] {
  const person = { country: grants.country ?? null };
  const classes = config.gateway.dataClasses.filter(({ id }) => labeller.isGranted(id, grants.dataClasses));
  const labels = grants.jurisdictions.flatMap((jurisdiction) =>
    classes.map(({ id }) => ({ jurisdiction, dataClass: id })),
  );
  return labels.filter((label) => lawfulForPerson(label, person, nowMs())).flatMap(taskLabels);
}
