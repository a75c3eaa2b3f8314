import { mintId } from '../audit/mint.ts';
import type { OutcomePayload, ReviewPayload } from '../audit/payload-content.ts';
import { type DecisionStory, tellStory } from '../audit/story.ts';
import { nextSeededCase, originOf, seedDraws } from '../confidence/planting.ts';
import { taskInsert } from '../confidence/repository.ts';
import { dueAfterMs } from '../confidence/review-policy.ts';
import { taskLabels } from '../confidence/task-label.ts';
import type { DecisionType } from '../config/decision-type.ts';
import { digestOf } from '../decision/canonical.ts';
import { CountersignError, InvariantError } from '../decision/errors.ts';
import type { DecisionId } from '../decision/ids.ts';
import { ConflictError } from '../storage/errors.ts';
import { recordBeside } from './review-answer.ts';
import { demandsOf } from './review-demands.ts';
import { evidenceOf } from './review-evidence.ts';
import type { Cell, Rooms } from './rooms.ts';

/** A case whose right answer is known, to be planted among the tasks of its type. */
export interface Seed {
  readonly decisionId: DecisionId;
  readonly verdict: string;
  /** Who says that it is right; they cannot answer it. */
  readonly by: string;
  /** The task whose draw it is planted for; null where an operator planted it. */
  readonly plantedFor: string | null;
}

/**
 * Opens a task about a decision that is made already. For reviewers it looks like any other; its answers are
 * recorded beside the decision, and reach neither its outcome nor a webhook.
 * @returns the id of the task
 * @throws CountersignError SEED_UNFIT, DECISION_UNKNOWN
 */
export async function plantSeed(
  types: Rooms['types'],
  cell: Cell,
  seed: Seed,
  nowMs: () => number,
): Promise<string> {
  const story = await tellStory(cell.store, cell.keys, seed.decisionId);
  if (!story) throw new CountersignError('DECISION_UNKNOWN');
  const type = fitType(types, story, seed.verdict);
  const first = story.entries[0]?.header;
  const { jurisdiction, dataClass, others = [] } = first ?? {};
  if (jurisdiction == null || dataClass == null) throw unfit('label');
  const taskId = mintId<DecisionId>();
  const { review } = type.config;
  const at = nowMs();
  const task = taskInsert(cell.id, {
    ...demandsOf(cell, review, taskId, seed.by),
    taskId,
    decisionId: seed.decisionId,
    tenant: story.tenant,
    jurisdiction,
    labels: taskLabels({ jurisdiction, dataClass, others }),
    decisionType: type.config.name,
    origin: await originOf(cell.store, seed.decisionId),
    evidenceDigest: digestOf(taskId),
    createdAtMs: at,
    dueAtMs: at + dueAfterMs(review),
    quorum: { agree: 1, answers: 1 },
    overlap: false,
    // Whoever knows the answer is no test of it.
    fourEyes: true,
    aim: 'seeded',
    // A decision's id tells its time; that of a planted one would stand out.
    shownId: mintId(),
    plantedFor: seed.plantedFor,
    drawsSeed: false,
  });
  const record = await recordBeside(cell, story, taskId, nowMs);
  const facts = {
    kind: 'review',
    openMs: 0,
    override: false,
    reasonCodes: [],
    reviewer: seed.by,
    step: 'seeded',
    task: taskId,
  } as const;
  await record.review([{ facts, payload: { schema: 2, verdict: seed.verdict, note: null } }], [task]);
  return taskId;
}

function fitType(types: Rooms['types'], story: DecisionStory, verdict: string): DecisionType {
  const type = types.get(story.entries[0]?.header.decisionType ?? '');
  const sealed = story.entries.find(({ header }) => header.type === 'outcome');
  if (!type) throw unfit('decision-type');
  if (sealed === undefined) throw unfit('open');
  const { evidence } = evidenceOf(story, type, { showsModel: false });
  if (evidence.gone !== null || (sealed.payload as OutcomePayload | null) === null) throw unfit('gone');
  if (evidence.request === null) throw unfit('no-request');
  const { favourable, unfavourable } = type.config.outcome;
  if (![...favourable, ...unfavourable].includes(verdict)) throw unfit('verdict');
  return type;
}

function unfit(problem: string): CountersignError {
  return new CountersignError('SEED_UNFIT', { extra: { problem } });
}

const drawsBackMs = 24 * 60 * 60 * 1000;
const drawsMax = 100;

/** Plants a known case for each task that drew one; returns how many. */
export async function plantDrawn(rooms: Rooms, cell: Cell): Promise<number> {
  let planted = 0;
  for (const draw of await seedDraws(cell.store, rooms.nowMs() - drawsBackMs, drawsMax)) {
    const known = await nextSeededCase(cell.store, draw);
    if (known === null) continue;
    const told = await tellStory(cell.store, cell.keys, known.taskId);
    const first = told?.entries[0];
    if (!first) throw new InvariantError('a planted case without a record');
    const payload = first.payload as ReviewPayload | null;
    // Erased since: the case is no more.
    if (payload === null) continue;
    const { decisionId, submittedBy: by } = known;
    const seed = { decisionId, verdict: payload.verdict, by, plantedFor: draw.taskId };
    try {
      await plantSeed(rooms.types, cell, seed, rooms.nowMs);
      planted += 1;
    } catch (error) {
      // Another process planted it, or the case does not fit any more.
      const isUnfit = error instanceof CountersignError && ['SEED_UNFIT', 'RECORD_GONE'].includes(error.code);
      if (!(error instanceof ConflictError) && !isUnfit) throw error;
    }
  }
  return planted;
}
