import { createHash } from 'node:crypto';
import { closeSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';

/** One request that reached the simulated endpoint. Holds no content, save marks that were asked for. */
export interface ReceivedRequest {
  /** RFC 3339, UTC: when the last byte arrived. */
  readonly time: string;
  readonly region: string;
  /** `POST /v1/chat/completions`. */
  readonly route: string;
  /** The id given to the request, also in the answer's `x-request-id`. */
  readonly requestId: string;
  /** Value of the `countersign-decision-id` header. */
  readonly decisionId: string | null;
  /** Value of the `countersign-call-id` header. */
  readonly callId: string | null;
  readonly bytes: number;
  readonly sha256: string;
  /** Every part of the body that the mark fits, each once; absent without a mark. */
  readonly marks?: readonly string[];
  /** Whether the whole body came; false when the caller broke off. */
  readonly complete: boolean;
}

/**
 * The endpoint's own account of who reached it, kept apart from the gateway's so that the two can
 * be compared. A line is in the file before the request is answered.
 */
export class RequestLog {
  readonly #received: ReceivedRequest[] = [];
  readonly #mark: RegExp | null;
  #file: number | null = null;

  /**
   * @param path JSON lines are appended here; null keeps them in memory only
   * @param mark what of a body is noted; null notes nothing
   */
  constructor(path: string | null, mark: RegExp | null = null) {
    this.#mark = mark && new RegExp(mark.source, 'g');
    if (path === null) return;
    mkdirSync(dirname(path), { recursive: true });
    this.#file = openSync(path, 'a');
  }

  append(request: Omit<ReceivedRequest, 'bytes' | 'marks' | 'sha256'>, body: Buffer): void {
    const sha256 = createHash('sha256').update(body).digest('hex');
    const found = this.#mark && body.toString('utf8').match(this.#mark);
    const marks = this.#mark ? { marks: [...new Set(found ?? [])] } : {};
    const received = { ...request, ...marks, bytes: body.byteLength, sha256 };
    if (this.#file !== null) writeSync(this.#file, `${JSON.stringify(received)}\n`);
    this.#received.push(received);
  }

  all(): readonly ReceivedRequest[] {
    return [...this.#received];
  }

  close(): void {
    if (this.#file !== null) closeSync(this.#file);
    this.#file = null;
  }
}
