import { isDrawn } from '../confidence/review-draw.ts';
import { type ReviewPolicy, quorumOf } from '../confidence/review-policy.ts';
import type { TaskDemands } from '../confidence/review-task.ts';
import type { Cell } from './rooms.ts';

/** What a new task of a decision type asks. Chance draws with the cell's key and the task's id: see `isDrawn`. */
export function demandsOf(
  { keyring }: Pick<Cell, 'keyring'>,
  review: ReviewPolicy,
  taskId: string,
  submittedBy: string | null,
): TaskDemands {
  const draw = (purpose: string, share: number | undefined) =>
    isDrawn(taskId, share ?? 0, (id) => keyring.mac(`review-${purpose}`, id));
  const overlap = draw('overlap', review.overlapShare);
  return {
    queue: review.queue ?? 'default',
    skills: review.skills ?? [],
    escalationSkill: review.escalationSkill ?? null,
    quorum: quorumOf(review, overlap),
    blind: draw('blind', review.blindShare),
    overlap,
    fourEyes: review.fourEyes ?? false,
    submittedBy,
    aim: 'decide',
    shownId: null,
    plantedFor: null,
    drawsSeed: draw('seeded', review.seededShare),
  };
}
