import { createHash } from 'node:crypto';
import { Webhook } from 'standardwebhooks';
import type { DecisionStatus } from '../decision/entry.ts';
import type { DecisionId } from '../decision/ids.ts';

/** What a notice tells: that a decision's status changed, and nothing about its subject (I8). */
export interface DecisionNotice {
  readonly decisionId: DecisionId;
  readonly decisionType: string;
  readonly status: DecisionStatus;
  /** When the status became what it is, epoch milliseconds. */
  readonly changedAtMs: number;
}

export interface SignedWebhook {
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
}

/**
 * A notice as Standard Webhooks wants it. Every secret signs, so that a receiver may still hold the old
 * one while secrets are changed.
 * @param secrets base64, with or without the prefix `whsec_`; the current one first
 * @throws Error when there is no secret or one is not base64
 */
export function signWebhook(
  notice: DecisionNotice,
  deliveryId: string,
  secrets: readonly string[],
  nowMs: number,
): SignedWebhook {
  if (secrets.length === 0) throw new Error('no secret to sign a webhook with');
  const { decisionId, decisionType, status, changedAtMs } = notice;
  const body = JSON.stringify({
    type: 'decision.updated',
    timestamp: new Date(changedAtMs).toISOString(),
    data: { decisionId, decisionType, status },
  });
  const sentAt = new Date(nowMs);
  const headers = {
    'content-type': 'application/json',
    'webhook-id': deliveryId,
    'webhook-timestamp': String(Math.floor(nowMs / 1000)),
    'webhook-signature': secrets
      .map((secret) => new Webhook(secret).sign(deliveryId, sentAt, body))
      .join(' '),
  };
  return { body, headers };
}

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;

/** The example schedule of the Standard Webhooks specification: ten attempts in three days. */
const delaysMs = [
  5000,
  5 * minuteMs,
  30 * minuteMs,
  2 * hourMs,
  5 * hourMs,
  10 * hourMs,
  14 * hourMs,
  20 * hourMs,
  24 * hourMs,
];

/**
 * Milliseconds to wait after the given number of failed attempts; null when it was the last. Up to a tenth
 * is added, drawn from the delivery's id: notices that failed together do not come back together.
 */
export function retryDelayMs(attempts: number, deliveryId: string): number | null {
  const delayMs = delaysMs[attempts - 1];
  if (delayMs === undefined) return null;
  const draw = createHash('sha256').update(`${deliveryId} ${attempts}`).digest().readUInt32BE(0) / 2 ** 32;
  return Math.round(delayMs * (1 + draw / 10));
}
