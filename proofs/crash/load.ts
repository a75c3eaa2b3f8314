import { application } from '../credit-application.ts';
import { setTimeout as delay } from 'node:timers/promises';

/** An answer that a client has in hand: the gateway must be able to account for it for ever. */
export interface ReceivedAnswer {
  readonly decisionId: string;
  readonly status: 200 | 202;
  readonly body: string;
  readonly atMs: number;
}

export interface Refused {
  readonly status: number;
  readonly code: string;
  readonly atMs: number;
}

/** Clients that ask one thing after another, until told to pause. */
export class Load {
  readonly answers: ReceivedAnswer[] = [];
  readonly refusals: Refused[] = [];
  /** Requests whose connection broke. */
  broken = 0;
  readonly #url: string;
  readonly #key: string;
  readonly #clients: number;
  readonly #random: () => number;
  #running = false;
  #work: Promise<unknown> = Promise.resolve();

  constructor(options: { url: string; key: string; clients: number; random: () => number }) {
    this.#url = options.url;
    this.#key = options.key;
    this.#clients = options.clients;
    this.#random = options.random;
  }

  resume(): void {
    this.#running = true;
    this.#work = Promise.all(Array.from({ length: this.#clients }, () => this.#client()));
  }

  /** No more requests; resolves when those under way have an answer or none to hope for. */
  async pause(): Promise<void> {
    this.#running = false;
    await this.#work;
  }

  async #client(): Promise<void> {
    while (this.#running) {
      try {
        await this.#ask();
      } catch (error) {
        // The connection broke, or nobody listens: what a client sees of a crash.
        if (!(error instanceof TypeError)) throw error;
        this.broken += 1;
        await delay(50);
      }
    }
  }

  async #ask(): Promise<void> {
    const response = await fetch(`${this.#url}/v1/decisions`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        authorization: `Bearer ${this.#key}`,
        'countersign-decision-type': 'credit-application',
        'countersign-jurisdiction': 'EU',
      },
      body: JSON.stringify({ input: application(this.#random) }),
    });
    const body = await response.text();
    const { status } = response;
    const atMs = Date.now();
    const { decisionId, code } = JSON.parse(body) as { decisionId?: string; code?: string };
    if ((status === 200 || status === 202) && decisionId !== undefined) {
      this.answers.push({ decisionId, status, body, atMs });
    } else {
      this.refusals.push({ status, code: code ?? '', atMs });
      // A client that is told to come again later does.
      await delay(50);
    }
  }
}
