import type { DecisionId, Digest } from '../decision/ids.ts';
import type { Quorum } from './review-policy.ts';

export type TaskOrigin = 'middle' | 'low' | 'validation' | 'output' | 'no_band' | 'suspended' | 'audit';

/** A claimed task whose lease has ended is `open` or `escalated` again wherever a state is read or asked for. */
export const taskStates = ['open', 'claimed', 'escalated', 'answered'] as const;
export type TaskState = (typeof taskStates)[number];

/** What an answer does: it decides, it is held against a known one, or it audits what was decided already. */
export type TaskAim = 'decide' | 'seeded' | 'audit';

/** What a task asks of whoever answers it. */
export interface TaskDemands {
  readonly queue: string;
  readonly skills: readonly string[];
  /** Needed besides once the task was escalated; null: nothing is. */
  readonly escalationSkill: string | null;
  readonly quorum: Quorum;
  /** The reviewer answers before the model's answer is shown. */
  readonly blind: boolean;
  /** Drawn for a second answer, to measure agreement. */
  readonly overlap: boolean;
  readonly fourEyes: boolean;
  /** Who submitted the decision, as answers name persons; null where nobody knows any more. */
  readonly submittedBy: string | null;
  readonly aim: TaskAim;
  /** What reviewers see instead of the decision's id; null: they see that. */
  readonly shownId: string | null;
  /** The task whose draw planted this one. */
  readonly plantedFor: string | null;
  /** Drawn to have a case with a known answer planted for it. */
  readonly drawsSeed: boolean;
}

/** What a task asks whose type says nothing. */
export const plainDemands: TaskDemands = {
  queue: 'default',
  skills: [],
  escalationSkill: null,
  quorum: { agree: 1, answers: 1 },
  blind: false,
  overlap: false,
  fourEyes: false,
  submittedBy: null,
  aim: 'decide',
  shownId: null,
  plantedFor: null,
  drawsSeed: false,
};

export interface ReviewTask extends Omit<TaskDemands, 'plantedFor' | 'drawsSeed'> {
  readonly taskId: string;
  readonly decisionId: DecisionId;
  readonly tenant: string;
  readonly jurisdiction: string;
  readonly labels: readonly string[];
  readonly decisionType: string;
  readonly origin: TaskOrigin;
  readonly state: TaskState;
  readonly isEscalated: boolean;
  readonly evidenceDigest: Digest;
  readonly leaseHolder: string | null;
  readonly leaseUntilMs: number | null;
  /** When its holder took it; null where nobody holds it. */
  readonly claimedAtMs: number | null;
  readonly createdAtMs: number;
  readonly dueAtMs: number;
}

/** A task as reviewers see it: nothing tells planted and audited cases from others, or who was asked before. */
export function shownTask(task: ReviewTask) {
  const { taskId, jurisdiction, decisionType, queue, skills, state, blind } = task;
  const { leaseHolder, leaseUntilMs, createdAtMs, dueAtMs } = task;
  return {
    taskId,
    decisionId: task.shownId ?? task.decisionId,
    jurisdiction,
    decisionType,
    queue,
    skills,
    origin: task.origin === 'audit' ? 'middle' : task.origin,
    state,
    blind,
    leaseHolder,
    leaseUntilMs,
    createdAtMs,
    dueAtMs,
  };
}

/** What a reviewer may see: tasks outside it do not exist for them. */
export interface ReviewScope {
  readonly tenant: string;
  /** As `taskLabels` names them: every one of a task's must be among those that are lawful for the reviewer. */
  readonly labels: readonly string[];
  readonly decisionTypes: readonly string[];
  /** Tasks that ask for others do not exist; none when left out. */
  readonly skills?: readonly string[];
}

export type NewTask = Pick<
  ReviewTask,
  | 'taskId'
  | 'decisionId'
  | 'tenant'
  | 'jurisdiction'
  | 'labels'
  | 'decisionType'
  | 'origin'
  | 'evidenceDigest'
  | 'createdAtMs'
  | 'dueAtMs'
> &
  Partial<TaskDemands>;
