import { createHmac } from 'node:crypto';
import { InvariantError } from '../../decision/errors.ts';

export interface AuditDraw {
  readonly audited: boolean;
  /** The inclusion probability at the time of the decision. Estimates use this one, whatever applies later. */
  readonly pi: number;
}

const drawMax = 2 ** 64;

/**
 * Whether a decision that was made automatically is audited: u = HMAC-SHA256(secret, decisionId)/2⁶⁴ < π. Nobody
 * without the secret can tell which will be, and whoever has it can check that none was picked by hand. Each
 * decision is drawn on its own and there is no maximum: a cap would make the probability unknown.
 */
export function drawAudit(secret: Uint8Array, decisionId: string, pi: number): AuditDraw {
  if (!(pi >= 0 && pi <= 1)) throw new InvariantError('an inclusion probability lies between 0 and 1');
  if (secret.length < 32) throw new InvariantError('the audit secret has at least 32 bytes');
  const draw = createHmac('sha256', secret).update(decisionId).digest().readBigUInt64BE();
  // In whole numbers: as a double, the largest draws would round up to 1 and slip through π = 1.
  return { audited: draw < BigInt(Math.ceil(pi * drawMax)), pi };
}

/**
 * The inclusion probability for the next review period, so that about `auditsMin` audits land in it. For the
 * next one only: within a period it stays as it is.
 */
export function inclusionProbability(options: {
  readonly auditsMin: number;
  readonly configured: number;
  readonly decisionsExpected: number;
}): number {
  const { auditsMin, configured, decisionsExpected } = options;
  if (decisionsExpected <= auditsMin) return 1;
  return Math.max(configured, auditsMin / decisionsExpected);
}
