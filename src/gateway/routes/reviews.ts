import type { FastifyInstance, FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import { recordAccess } from '../../audit/access.ts';
import {
  type FirstAnswer,
  FirstAnswerSchema,
  type ReviewAnswer,
  ReviewAnswerSchema,
} from '../../confidence/answer.ts';
import type { ReviewQueue } from '../../confidence/review.ts';
import { type TaskState, shownTask, taskStates } from '../../confidence/review-task.ts';
import { type AccessStatement, accessStatement } from '../access-statement.ts';
import { openReview, reviewQueueOf } from '../review-answer.ts';
import { type Bench, sitDown } from '../review-bench.ts';
import type { Rooms } from '../rooms.ts';
import { fromStore } from './reading.ts';

const closed = { additionalProperties: false } as const;
const cell = Type.Optional(
  Type.String({ description: 'cell; the first that the key reaches when left out' }),
);
const queue = Type.Optional(Type.String({ description: 'only tasks of this queue' }));
const TaskParams = Type.Object({ task: Type.String({ description: 'the task id' }) });
const ListQuery = Type.Object(
  {
    cell,
    queue,
    state: Type.Optional(Type.Enum(taskStates, { description: 'only tasks in this state' })),
    cursor: Type.Optional(Type.String({ description: 'nextCursor of the page before' })),
  },
  closed,
);
const ClaimQuery = Type.Object({ cell, queue }, closed);
const CellQuery = Type.Object({ cell }, closed);
const EscalationSchema = Type.Object(
  { note: Type.Optional(Type.String({ maxLength: 10_000, description: 'free text, kept encrypted' })) },
  closed,
);
const pageSize = 50;
const config = { kind: 'review', role: 'reviewer' } as const;

type Reach = Readonly<Record<string, string | undefined>>;
type SitDown = (request: FastifyRequest) => Bench;

/** Routes of the people who review. They reach no model. */
export function registerReviews(server: FastifyInstance, rooms: Rooms): void {
  const queues = new Map<string, ReviewQueue>(
    [...rooms.cells.values()].map((each) => [each.id, reviewQueueOf(rooms, each)]),
  );
  const benchOf: SitDown = (request) =>
    sitDown(rooms, queues, request.caller, (request.query as Reach)['cell']);
  registerQueue(server, benchOf);
  registerLease(server, benchOf);
  registerAnswers(server, benchOf);
  server.get<{ Params: { task: string } }>('/v1/reviews/:task', {
    config,
    schema: { summary: 'What a claimed task is about', params: TaskParams, querystring: CellQuery },
    handler: (request) => {
      const bench = benchOf(request);
      const stated = accessStatement(request, 'review');
      return fromStore(() => showTask(rooms, bench, request.params.task, stated));
    },
  });
}

function registerQueue(server: FastifyInstance, benchOf: SitDown): void {
  server.get<{ Querystring: { queue?: string; state?: TaskState; cursor?: string } }>('/v1/reviews', {
    config,
    schema: { summary: 'List review tasks, the most urgent first', querystring: ListQuery },
    handler: (request) => {
      const { queue: wanted = null, state = null, cursor = null } = request.query;
      const bench = benchOf(request);
      return fromStore(async () => {
        const page = { state, queue: wanted, limit: pageSize, cursor };
        const { tasks, nextCursor } = await bench.queue.list(bench.scope, page);
        return { tasks: tasks.map(shownTask), nextCursor };
      });
    },
  });
  server.post<{ Querystring: { queue?: string } }>('/v1/reviews/claim', {
    config,
    schema: { summary: 'Claim the most urgent free task', querystring: ClaimQuery },
    handler: (request) => {
      const bench = benchOf(request);
      return fromStore(async () => {
        const task = await bench.queue.claimNext(bench.scope, bench.reviewer, request.query.queue ?? null);
        return { task: task && shownTask(task) };
      });
    },
  });
}

function registerLease(server: FastifyInstance, benchOf: SitDown): void {
  const schema = (summary: string) => ({ summary, params: TaskParams, querystring: CellQuery });
  server.post<{ Params: { task: string } }>('/v1/reviews/:task/claim', {
    config,
    schema: schema('Claim one task'),
    handler: (request) => {
      const bench = benchOf(request);
      const { task } = request.params;
      return fromStore(async () => ({
        task: shownTask(await bench.queue.claim(bench.scope, bench.reviewer, task)),
      }));
    },
  });
  server.post<{ Params: { task: string } }>('/v1/reviews/:task/renew', {
    config,
    schema: schema('Let the lease of a claimed task begin anew'),
    handler: (request) => {
      const bench = benchOf(request);
      const { task } = request.params;
      return fromStore(async () => ({
        task: shownTask(await bench.queue.renew(bench.scope, bench.reviewer, task)),
      }));
    },
  });
  server.post<{ Params: { task: string } }>('/v1/reviews/:task/release', {
    config,
    schema: schema('Put a claimed task back'),
    handler: (request) => {
      const bench = benchOf(request);
      const { task } = request.params;
      return fromStore(async () => {
        await bench.queue.release(bench.scope, bench.reviewer, task);
        return { released: task };
      });
    },
  });
  server.post<{ Params: { task: string }; Body: { note?: string } }>('/v1/reviews/:task/escalate', {
    config,
    schema: { ...schema('Hand a claimed task on to whoever takes escalated ones'), body: EscalationSchema },
    handler: (request) => {
      const bench = benchOf(request);
      const { task } = request.params;
      return fromStore(async () => {
        await bench.queue.escalate(bench.scope, bench.reviewer, task, request.body.note ?? null);
        return { escalated: task };
      });
    },
  });
}

function registerAnswers(server: FastifyInstance, benchOf: SitDown): void {
  const common = { params: TaskParams, querystring: CellQuery };
  server.post<{ Params: { task: string }; Body: FirstAnswer }>('/v1/reviews/:task/first-answer', {
    config,
    schema: {
      summary: 'Say what you think of a blind task, before the model’s answer is shown',
      ...common,
      body: FirstAnswerSchema,
    },
    handler: (request) => {
      const bench = benchOf(request);
      const { task } = request.params;
      return fromStore(async () => {
        await bench.queue.first(bench.scope, bench.reviewer, task, request.body);
        return { answeredFirst: task };
      });
    },
  });
  server.post<{ Params: { task: string }; Body: ReviewAnswer }>('/v1/reviews/:task/answer', {
    config,
    schema: { summary: 'Answer a claimed task', ...common, body: ReviewAnswerSchema },
    handler: (request) => {
      const bench = benchOf(request);
      const { task } = request.params;
      return fromStore(async () => ({
        task: shownTask(await bench.queue.answer(bench.scope, bench.reviewer, task, request.body)),
      }));
    },
  });
}

async function showTask(
  rooms: Rooms,
  { cell: at, queue: tasks, scope, reviewer }: Bench,
  taskId: string,
  stated: AccessStatement,
) {
  const task = await tasks.hold(scope, reviewer, taskId);
  const { decisionId } = task;
  // Nothing is shown before it is durable that it was.
  const access = { decisionId, tenant: scope.tenant, by: reviewer, action: 'read', ...stated } as const;
  await recordAccess(at.store, access, rooms.nowMs);
  const { evidence, evidenceHash, first } = await openReview(rooms, at, task, reviewer);
  return { task: shownTask(task), evidence, evidenceHash, needsFirstAnswer: task.blind && first === null };
}
