import { type AccessReason, recordAccess } from '../../audit/access.ts';
import { tellStory } from '../../audit/story.ts';
import { CountersignError } from '../../decision/errors.ts';
import type { DecisionId } from '../../decision/ids.ts';
import type { Cell, Rooms } from '../rooms.ts';
import { type CalledAgain, callAgain } from './call-again.ts';
import type { ReplayResult } from './replay-result.ts';
import type { Replayer } from './replayer.ts';

export interface ReplayRequest {
  readonly decisionId: DecisionId;
  readonly tenant: string;
  /** Id of the reader's API key, or `cli/<uid>`. */
  readonly by: string;
  readonly reason: AccessReason;
  readonly caseReference: string | null;
  /** Shows content where the two differ. */
  readonly reveal: boolean;
}

/** What a replay came to, and what a model said when it was asked again; null when it was not to be. */
export type ReplayReport = ReplayResult & { readonly calledAgain: CalledAgain | null };

/**
 * Replays one decision for somebody. That it is read is durable before anything is.
 * @param rooms of today, to ask a model again; null when it is not to be asked
 * @throws CountersignError DECISION_UNKNOWN, VALIDATION_FAILED
 */
export async function replayDecision(
  replayer: Replayer,
  cell: Cell,
  request: ReplayRequest,
  rooms: Rooms | null,
): Promise<ReplayReport> {
  const { decisionId, tenant, by, reason, caseReference, reveal } = request;
  const access = { decisionId, tenant, by, action: 'replay', reason, caseReference } as const;
  await recordAccess(cell.store, access, Date.now);
  const story = await tellStory(cell.store, cell.keys, decisionId);
  if (!story) throw new CountersignError('DECISION_UNKNOWN');
  const { result, reenactment } = await replayer.replay(cell.store, story, { reveal });
  const calledAgain =
    rooms && reenactment ? await callAgain(rooms, cell, reenactment, { by, reason, caseReference }) : null;
  return { ...result, calledAgain };
}
