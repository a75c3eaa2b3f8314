/** What came of one send. A fault is a value: the caller records it and may try another lawful endpoint. */
export type EgressResult = EgressAnswer | EgressFault;

export interface EgressAnswer {
  readonly kind: 'answer';
  /** 200 to 299, or 400 to 599; a redirect is a fault. */
  readonly httpStatus: number;
  /** The bytes as they came. */
  readonly body: Buffer;
  /** A fixed few, by lower-case name. */
  readonly headers: Readonly<Record<string, string>>;
  readonly providerRequestId: string | null;
  /** Milliseconds from send to the last byte. */
  readonly upstreamMs: number;
}

export interface EgressFault {
  readonly kind: 'fault';
  /**
   * Ours: `EXPIRED` (no longer lawful at the moment of sending), `DEADLINE` (passed before the send),
   * `COUNTER_FAILED` (the egress counter could not be written, so nothing was sent),
   * `QUARANTINED` (taken out since it was found lawful), `PIN_MISMATCH` and `ADDRESS_OUTSIDE` (the socket leads to
   * another key or address than declared, so nothing was sent),
   * `CLOSED`, `TIMEOUT`, `ABORTED`, `REDIRECT`, `TOO_LARGE`, `CONTENT_ENCODED`, `RESEND`. Others come from the system,
   * TLS or the HTTP parser: `ECONNREFUSED`, `UND_ERR_SOCKET`, `NOT_HTTP`, … Never a message.
   */
  readonly fault: string;
  /** False when it is certain that no byte of the request left. */
  readonly sent: boolean;
  readonly upstreamMs: number;
}

export interface ExchangeOptions {
  readonly responseBytesMax: number;
  /** Asked when a socket is at hand and nothing is written yet; a fault code stops the request there. */
  readonly lastWord: () => string | null;
}

type HeaderValues = Readonly<Record<string, string | string[] | undefined>>;
interface Controller {
  abort(reason: Error): void;
}

const keptHeaders = ['content-type', 'retry-after', 'openai-processing-ms', 'x-ms-region'] as const;
const requestIdHeaders = ['x-request-id', 'request-id', 'apim-request-id', 'x-amzn-requestid'] as const;
/** It is written into plain headers of the record (I8), so only what looks like an id is taken. */
const requestIdPattern = /^[A-Za-z0-9._:/+=-]{1,128}$/;
const faultPattern = /^[A-Z][A-Z0-9_]{0,63}$/;

/**
 * The receiving side of one request: collects one bounded answer, and settles once. Its methods are
 * those that the HTTP client calls.
 */
export class Exchange {
  readonly #options: ExchangeOptions;
  readonly #onSettled: (result: EgressResult) => void;
  readonly #startedMs = performance.now();
  readonly #chunks: Buffer[] = [];
  #receivedBytes = 0;
  #controller: Controller | null = null;
  #sent = false;
  #settled = false;
  #httpStatus = 0;
  #headers: HeaderValues = {};

  /** @param onSettled called once, with the result */
  constructor(options: ExchangeOptions, onSettled: (result: EgressResult) => void) {
    this.#options = options;
    this.#onSettled = onSettled;
  }

  /** Ends the exchange with a fault; whatever comes later is dropped, and an unsent request is never sent. */
  stop(fault: string): void {
    this.#settle({ kind: 'fault', fault, sent: this.#sent, upstreamMs: this.#elapsedMs() });
    this.#controller?.abort(new Error(fault));
  }

  onRequestStart(controller: Controller): void {
    // A second start would be the client writing again what may have been read (RFC 9110, section 9.2.2).
    const fault = this.#settled || this.#sent ? 'RESEND' : this.#options.lastWord();
    this.#controller = controller;
    if (fault !== null) {
      this.stop(fault);
      return;
    }
    this.#sent = true;
  }

  onResponseStart(_controller: Controller, httpStatus: number, headers: HeaderValues): void {
    if (httpStatus < 200) return;
    this.#httpStatus = httpStatus;
    this.#headers = headers;
    const encoding = headers['content-encoding'];
    if (httpStatus >= 300 && httpStatus < 400) this.stop('REDIRECT');
    // Bytes that the output filter cannot read must not pass as an answer (I4).
    else if (encoding !== undefined && encoding !== 'identity') this.stop('CONTENT_ENCODED');
    else if (Number(headers['content-length']) > this.#options.responseBytesMax) this.stop('TOO_LARGE');
  }

  onResponseData(_controller: Controller, chunk: Buffer): void {
    if (this.#settled) return;
    this.#receivedBytes += chunk.length;
    if (this.#receivedBytes > this.#options.responseBytesMax) {
      this.#chunks.length = 0;
      this.stop('TOO_LARGE');
      return;
    }
    this.#chunks.push(chunk);
  }

  onResponseEnd(): void {
    const [only] = this.#chunks;
    this.#settle({
      kind: 'answer',
      httpStatus: this.#httpStatus,
      body: only !== undefined && this.#chunks.length === 1 ? only : Buffer.concat(this.#chunks),
      headers: pick(this.#headers, keptHeaders),
      providerRequestId: requestIdOf(this.#headers),
      upstreamMs: this.#elapsedMs(),
    });
  }

  onResponseError(_controller: Controller, error: Error): void {
    this.#settle({ kind: 'fault', fault: faultOf(error), sent: this.#sent, upstreamMs: this.#elapsedMs() });
  }

  #settle(result: EgressResult): void {
    if (this.#settled) return;
    this.#settled = true;
    this.#onSettled(result);
  }

  #elapsedMs(): number {
    return Math.round((performance.now() - this.#startedMs) * 1000) / 1000;
  }
}

function faultOf(error: Error): string {
  // undici 7 loses the parser's code.
  if (error.name === 'HTTPParserError') return 'NOT_HTTP';
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  return faultPattern.test(code) ? code : 'UNKNOWN';
}

function pick(headers: HeaderValues, names: readonly string[]): Readonly<Record<string, string>> {
  const kept: Record<string, string> = {};
  for (const name of names) {
    const value = headers[name];
    if (typeof value === 'string') kept[name] = value;
  }
  return kept;
}

function requestIdOf(headers: HeaderValues): string | null {
  for (const name of requestIdHeaders) {
    const value = headers[name];
    if (typeof value === 'string' && requestIdPattern.test(value)) return value;
  }
  return null;
}
