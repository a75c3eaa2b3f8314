import { setTimeout as delay } from 'node:timers/promises';
import { soundApplication } from '../../test/support/waiting.ts';
import type { ReceivedAnswer } from '../crash/load.ts';

/** What a client holds after one life of a decision, whatever was done to the gateway meanwhile. */
export interface Life {
  /** Every answer with a decision in it: 200 and 202. */
  readonly answers: readonly ReceivedAnswer[];
  /** Statuses and codes of the others. */
  readonly refusals: readonly string[];
  /** True when every step gave what it gives on a good day. */
  readonly whole: boolean;
}

const receiptTimeoutMs = 4_000;

const doubtful = {
  ...soundApplication,
  annualIncome: 25_000,
  monthlyDebtPayments: 700,
  utilisationPercent: 70,
  missedPayments24Months: 1,
};

/**
 * The whole life of a decision as clients see it: one is decided by the model, one by a person, both get a
 * receipt, the day's completeness is published and the evidence exported. Steps that fail do not end it.
 */
export async function liveOnce(url: string, key: string): Promise<Life> {
  const life = new LifeClient(url, key);
  const decided = await life.decide(soundApplication);
  const reviewed = await life.decide(doubtful);
  if (reviewed !== null) await life.review();
  for (const id of [decided, reviewed]) if (id !== null) await life.receipt(id);
  const day = new Date().toISOString().slice(0, 10);
  await life.step('POST', `/v1/completeness/eu/${day}`, {});
  if (decided !== null) await life.step('GET', `/v1/decisions/${decided}/evidence`);
  return life.told();
}

class LifeClient {
  readonly #url: string;
  readonly #key: string;
  readonly #answers: ReceivedAnswer[] = [];
  readonly #refusals: string[] = [];

  constructor(url: string, key: string) {
    this.#url = url;
    this.#key = key;
  }

  told(): Life {
    const whole = this.#refusals.length === 0;
    return { answers: this.#answers, refusals: this.#refusals, whole };
  }

  /** @returns the decision's id, or null when it was refused */
  async decide(input: object): Promise<string | null> {
    const reply = await this.step('POST', '/v1/decisions', { decisionType: 'credit-application', input });
    if (reply === null) return null;
    const { decisionId } = JSON.parse(reply.body) as { decisionId: string };
    const status = reply.status === 200 ? 200 : 202;
    this.#answers.push({ decisionId, status, body: reply.body, atMs: Date.now() });
    return decisionId;
  }

  async review(): Promise<void> {
    const claimed = await this.step('POST', '/v1/reviews/claim?cell=eu', {});
    const task = claimed && (JSON.parse(claimed.body) as { task?: { taskId: string } }).task?.taskId;
    if (!task) return;
    const shown = await this.step('GET', `/v1/reviews/${task}?cell=eu`);
    if (shown === null) return;
    const { evidenceHash } = JSON.parse(shown.body) as { evidenceHash?: string };
    const answer = { verdict: 'approve', reasonCodes: ['R01'], evidenceHash };
    await this.step('POST', `/v1/reviews/${task}/answer?cell=eu`, answer);
  }

  async receipt(decisionId: string): Promise<void> {
    const untilMs = Date.now() + receiptTimeoutMs;
    while (Date.now() < untilMs) {
      const reply = await this.step('GET', `/v1/decisions/${decisionId}/receipt`);
      if (reply === null || reply.status === 200) return;
      await delay(100);
    }
    this.#refusals.push('receipt: too late');
  }

  /** @returns null for whatever is no success: the connection broke, or an error came */
  async step(method: string, path: string, body?: unknown) {
    const headers = {
      authorization: `Bearer ${this.#key}`,
      'countersign-jurisdiction': 'EU',
      'countersign-reason': 'test',
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    };
    const init = { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) };
    try {
      const response = await fetch(this.#url + path, { ...init, signal: AbortSignal.timeout(15_000) });
      const text = await response.text();
      if (response.ok) return { status: response.status, body: text };
      this.#refusals.push(`${path.split('/').at(-1)}: ${response.status}`);
    } catch (error) {
      // What a client sees of a process that has died.
      if (!(error instanceof TypeError || (error as Error).name === 'TimeoutError')) throw error;
      this.#refusals.push(`${path.split('/').at(-1)}: broken`);
    }
    return null;
  }
}
