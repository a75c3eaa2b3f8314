import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import { recordAccess } from '../../audit/access.ts';
import { tellStory } from '../../audit/story.ts';
import { type ReviewAnswer, ReviewAnswerSchema } from '../../confidence/answer.ts';
import { type ReviewScope, type TaskState, taskStates } from '../../confidence/repository.ts';
import type { ReviewQueue } from '../../confidence/review.ts';
import { taskLabels } from '../../confidence/task-label.ts';
import { CountersignError } from '../../decision/errors.ts';
import { type AccessStatement, accessStatement } from '../access-statement.ts';
import type { Caller } from '../caller.ts';
import { reviewQueueOf } from '../review-answer.ts';
import type { Cell, Rooms } from '../rooms.ts';
import { fromStore } from './reading.ts';

const closed = { additionalProperties: false } as const;
const TaskParams = Type.Object({ task: Type.String({ description: 'the task id' }) });
const ListQuery = Type.Object(
  {
    cell: Type.Optional(Type.String({ description: 'cell; the first that the key reaches when left out' })),
    state: Type.Optional(Type.Enum(taskStates, { description: 'only tasks in this state' })),
    cursor: Type.Optional(Type.String({ description: 'nextCursor of the page before' })),
  },
  closed,
);
const CellQuery = Type.Object(
  { cell: Type.Optional(Type.String({ description: 'cell; the first that the key reaches when left out' })) },
  closed,
);
const pageSize = 50;

interface Bench {
  readonly cell: Cell;
  readonly queue: ReviewQueue;
  readonly scope: ReviewScope;
  readonly reviewer: string;
}

/** Routes of the people who review. They reach no model. */
export function registerReviews(server: FastifyInstance, rooms: Rooms): void {
  const queues = new Map([...rooms.cells.values()].map((cell) => [cell.id, reviewQueueOf(rooms, cell)]));
  const config = { kind: 'review', role: 'reviewer' } as const;
  const benchOf = (caller: Caller | null, wanted: string | undefined) =>
    sitDown(rooms, queues, caller, wanted);

  server.get<{ Querystring: { cell?: string; state?: TaskState; cursor?: string } }>('/v1/reviews', {
    config,
    schema: { summary: 'List review tasks, the most urgent first', querystring: ListQuery },
    handler: (request) => {
      const { cell, state, cursor } = request.query;
      const { queue, scope } = benchOf(request.caller, cell);
      return fromStore(() =>
        queue.list(scope, { state: state ?? null, limit: pageSize, cursor: cursor ?? null }),
      );
    },
  });
  server.post<{ Querystring: { cell?: string } }>('/v1/reviews/claim', {
    config,
    schema: { summary: 'Claim the most urgent free task', querystring: CellQuery },
    handler: (request) => {
      const { queue, scope, reviewer } = benchOf(request.caller, request.query.cell);
      return fromStore(async () => ({ task: await queue.claimNext(scope, reviewer) }));
    },
  });
  server.get<{ Params: { task: string }; Querystring: { cell?: string } }>('/v1/reviews/:task', {
    config,
    schema: { summary: 'What a claimed task is about', params: TaskParams, querystring: CellQuery },
    handler: (request) => {
      const bench = benchOf(request.caller, request.query.cell);
      const stated = accessStatement(request, 'review');
      return fromStore(() => showTask(bench, request.params.task, stated, rooms.nowMs));
    },
  });
  server.post<{ Params: { task: string }; Querystring: { cell?: string } }>('/v1/reviews/:task/claim', {
    config,
    schema: { summary: 'Claim one task', params: TaskParams, querystring: CellQuery },
    handler: (request) => {
      const { queue, scope, reviewer } = benchOf(request.caller, request.query.cell);
      return fromStore(async () => ({ task: await queue.claim(scope, reviewer, request.params.task) }));
    },
  });
  server.post<{ Params: { task: string }; Querystring: { cell?: string } }>('/v1/reviews/:task/release', {
    config,
    schema: { summary: 'Put a claimed task back', params: TaskParams, querystring: CellQuery },
    handler: (request) => {
      const { queue, scope, reviewer } = benchOf(request.caller, request.query.cell);
      return fromStore(async () => {
        await queue.release(scope, reviewer, request.params.task);
        return { released: request.params.task };
      });
    },
  });
  server.post<{ Params: { task: string }; Querystring: { cell?: string }; Body: ReviewAnswer }>(
    '/v1/reviews/:task/answer',
    {
      config,
      schema: {
        summary: 'Answer a claimed task',
        params: TaskParams,
        querystring: CellQuery,
        body: ReviewAnswerSchema,
      },
      handler: (request) => {
        const { queue, scope, reviewer } = benchOf(request.caller, request.query.cell);
        return fromStore(async () => ({
          task: await queue.answer(scope, reviewer, request.params.task, request.body),
        }));
      },
    },
  );
}

async function showTask(
  { cell, queue, scope, reviewer }: Bench,
  taskId: string,
  stated: AccessStatement,
  nowMs: () => number,
) {
  const task = await queue.holdForAnswer(scope, reviewer, taskId);
  const { decisionId } = task;
  // Nothing is shown before it is durable that it was.
  const access = { decisionId, tenant: scope.tenant, by: reviewer, action: 'read', ...stated } as const;
  await recordAccess(cell.store, access, nowMs);
  const story = await tellStory(cell.store, cell.keys, decisionId);
  return { task, evidence: story?.entries ?? [] };
}

/** What this reviewer may see and do in one cell. */
function sitDown(
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
  return {
    cell,
    queue,
    scope: { tenant: caller.tenant, labels: lawfulLabels(rooms, caller), decisionTypes },
    reviewer: caller.keyId,
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
