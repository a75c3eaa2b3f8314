import { createHash } from 'node:crypto';
import { isIP, type Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { buildConnector, Pool } from 'undici';
import { digestOf } from '../decision/canonical.ts';
import { InvariantError } from '../decision/errors.ts';
import type { Label } from '../decision/label.ts';
import type { CommittedIntent, LawfulEndpoint } from '../decision/passage.ts';
import { addressCheck } from './assurance/address-range.ts';
import type { CountedCall, EgressCounter } from './egress-counter.ts';
import { type EgressResult, Exchange } from './exchange.ts';
import type { Endpoint } from './policy.ts';

export interface EgressOptions {
  readonly endpoints: readonly Endpoint[];
  /** Turns `env:NAME` or `file:PATH` into the secret; asked once per endpoint, when egress is made. */
  readonly resolveCredential: (reference: string) => string;
  /** The filter's word that an endpoint object is its own, and not a copy. */
  readonly isLawful: (candidate: unknown) => boolean;
  /** The audit room's word that an intent object is its own. */
  readonly isCommitted: (candidate: unknown) => boolean;
  /** Whether run-time evidence has taken an endpoint out since it was found lawful. */
  readonly isQuarantined?: (endpointId: string) => boolean;
  /** Certificates of `assurance.authorities`, as PEM; asked once per endpoint, when egress is made. */
  readonly readAuthorities?: (path: string) => string;
  /** Every call is written here before its first byte leaves; one that cannot be written is not sent (I6). */
  readonly counter: EgressCounter;
  /** Epoch milliseconds. */
  readonly nowMs: () => number;
  /** Longest answer accepted, bytes; 8 MiB unless told. */
  readonly responseBytesMax?: number;
}

interface Transmission {
  readonly endpoint: LawfulEndpoint;
  /** Not to be changed until the result is there. */
  readonly body: Buffer;
  readonly headers: Readonly<Record<string, string>>;
  /** Epoch milliseconds by the same clock as `nowMs`; the endpoint's `timeoutMs` may end the wait earlier. */
  readonly deadlineMs: number;
  readonly signal?: AbortSignal;
}

export interface SendRequest extends Transmission {
  readonly intent: CommittedIntent;
  /** Appended to the endpoint's URL: `/chat/completions`. */
  readonly path: string;
}

export interface Egress {
  /**
   * Sends one committed call, once: nothing is retried or redirected here.
   * @throws InvariantError when the endpoint or intent is not genuine, they do not belong together,
   * the body is not the one committed, or the intent has been used
   */
  send(request: SendRequest): Promise<EgressResult>;
  /**
   * Tells a webhook about a decision. There is no call to record, so it needs no intent.
   * @throws InvariantError when the endpoint is not genuine or not lawful as a webhook
   */
  notify(notice: Transmission): Promise<EgressResult>;
  /** Waits for what is in flight; later sends are faults. */
  close(): Promise<void>;
}

interface Exit {
  readonly pool: Pool;
  readonly basePath: string;
  readonly timeoutMs: number;
  readonly credential: Readonly<Record<string, string>>;
}

const connectTimeoutMs = 5_000;
const defaultResponseBytesMax = 8 * 1024 * 1024;
/** `host` would also choose the TLS name; the others are the client's or the credential's own. */
const reservedHeader =
  /^(host|authorization|x-api-key|api-key|connection|content-length|transfer-encoding|expect|te|trailer|upgrade|keep-alive|cookie|accept-encoding|proxy-.*)$/i;
const pathPattern = /^(\/[A-Za-z0-9._~:@!$&'()*+,;=-]+)+$/;

/** The only file that opens a socket to an endpoint (I3). */
export function createEgress(options: EgressOptions): Egress {
  const responseBytesMax = options.responseBytesMax ?? defaultResponseBytesMax;
  // A store is written by its own client.
  const spokenTo = options.endpoints.filter(({ dialect }) => dialect !== 'store');
  const exits = new Map(spokenTo.map((endpoint) => [endpoint.id, openExit(endpoint, options)]));
  const used = new WeakSet<CommittedIntent>();
  let closed = false;

  const transmit = (
    exit: Exit,
    path: string,
    request: Transmission,
    count: () => string | null,
  ): Promise<EgressResult> =>
    new Promise((resolve) => {
      const { endpoint, body, deadlineMs, signal } = request;
      const unlawful = () => noLongerLawful(endpoint, options);
      const lastWord = () => unlawful() ?? count();
      const exchange = new Exchange({ responseBytesMax, lastWord }, (result) => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', onAbort);
        resolve(result);
      });
      const onAbort = () => exchange.stop('ABORTED');
      const waitMs = Math.min(deadlineMs - options.nowMs(), exit.timeoutMs);
      const timer = setTimeout(() => exchange.stop('TIMEOUT'), waitMs);
      const refusal = closed
        ? 'CLOSED'
        : (unlawful() ?? (signal?.aborted ? 'ABORTED' : waitMs > 0 ? null : 'DEADLINE'));
      if (refusal !== null) return exchange.stop(refusal);
      signal?.addEventListener('abort', onAbort, { once: true });
      const headers = { ...request.headers, 'accept-encoding': 'identity', ...exit.credential };
      exit.pool.dispatch({ method: 'POST', path, headers, body }, exchange);
    });

  const exitOf = (endpoint: LawfulEndpoint, headers: Readonly<Record<string, string>>): Exit => {
    if (!options.isLawful(endpoint))
      throw new InvariantError('an endpoint that the lawful filter did not return');
    const exit = exits.get(endpoint.id);
    if (exit === undefined) throw new InvariantError('a lawful endpoint without an exit');
    if (Object.keys(headers).some((name) => reservedHeader.test(name))) {
      throw new InvariantError('a header that only egress may set');
    }
    return exit;
  };

  return {
    send: async (request) => {
      const { endpoint, intent, path } = request;
      const exit = exitOf(endpoint, request.headers);
      mustBelongTogether(request, options.isCommitted);
      if (used.has(intent)) throw new InvariantError('an intent that was used before');
      used.add(intent);
      return counted(options.counter, endpoint, intent, (count) =>
        transmit(exit, exit.basePath + path, request, count),
      );
    },
    notify: async (notice) => {
      const exit = exitOf(notice.endpoint, notice.headers);
      if (notice.endpoint.purpose !== 'webhook')
        throw new InvariantError('an endpoint that is not lawful as a webhook');
      return transmit(exit, exit.basePath === '' ? '/' : exit.basePath, notice, () => null);
    },
    close: async () => {
      closed = true;
      await Promise.all([...exits.values()].map(({ pool }) => pool.close()));
      options.counter.close();
    },
  };
}

/** Why an endpoint that was found lawful is so no more; null when it still is. */
function noLongerLawful(
  { id, validUntilMs }: LawfulEndpoint,
  { nowMs, isQuarantined }: EgressOptions,
): string | null {
  if (nowMs() >= validUntilMs) return 'EXPIRED';
  return isQuarantined?.(id) === true ? 'QUARANTINED' : null;
}

/**
 * Has the call counted at the last moment before its bytes leave, and what came of it afterwards. So what
 * is in the counter is what left, and what is recorded as not sent is not.
 */
async function counted(
  counter: EgressCounter,
  endpoint: LawfulEndpoint,
  { callId, cell }: CommittedIntent,
  transmit: (count: () => string | null) => Promise<EgressResult>,
): Promise<EgressResult> {
  const call: CountedCall = { callId, cell, endpoint: endpoint.id, model: endpoint.modelId };
  let isOut = false;
  const result = await transmit(() => {
    try {
      counter.out(call);
    } catch {
      // The counter has reported why; the fault goes into the record.
      return 'COUNTER_FAILED';
    }
    isOut = true;
    return null;
  });
  if (isOut) counter.back(call, result);
  return result;
}

/** @throws InvariantError when intent, endpoint, body and path are not those of one call */
function mustBelongTogether(
  { endpoint, intent, body, path }: SendRequest,
  isCommitted: (candidate: unknown) => boolean,
): void {
  if (!isCommitted(intent)) throw new InvariantError('an intent that the audit room did not commit');
  if (intent.endpointId !== endpoint.id) throw new InvariantError('an intent for another endpoint');
  if (!isSameLabel(endpoint.label, intent))
    throw new InvariantError('an endpoint that is lawful for other data');
  if (digestOf(body) !== intent.requestDigest)
    throw new InvariantError('a body other than the one committed');
  if (!pathPattern.test(path) || path.includes('/..'))
    throw new InvariantError('a path that leaves its endpoint');
}

/** An endpoint may be genuine and still be lawful for somebody else's data only. */
function isSameLabel(label: Label, intent: CommittedIntent): boolean {
  return (
    label.jurisdiction === intent.jurisdiction &&
    label.dataClass === intent.dataClass &&
    label.cell === intent.cell &&
    (label.others ?? []).join() === intent.others.join()
  );
}

function openExit(endpoint: Endpoint, options: EgressOptions): Exit {
  const url = new URL(endpoint.url);
  const pool = new Pool(url.origin, {
    connections: endpoint.connections,
    // One request at a time on a socket, and HTTP/1.1 only: a POST that may have been read is never
    // written again by the client (RFC 9110, section 9.2.2).
    pipelining: 1,
    allowH2: false,
    headersTimeout: endpoint.timeoutMs,
    bodyTimeout: endpoint.timeoutMs,
    connect: pinnedConnector(endpoint, url, options),
  });
  const basePath = url.pathname.replace(/\/+$/, '');
  return {
    pool,
    basePath,
    timeoutMs: endpoint.timeoutMs,
    credential: credentialHeader(endpoint, options.resolveCredential),
  };
}

/**
 * Opens sockets for one endpoint, and closes again those that do not lead to what was declared: after the
 * handshake, and before the client is given a socket to write on.
 */
function pinnedConnector(
  { assurance = {} }: Endpoint,
  url: URL,
  { readAuthorities }: EgressOptions,
): buildConnector.connector {
  const { spkiSha256, addressRanges, authorities } = assurance;
  if (authorities !== undefined && readAuthorities === undefined)
    throw new InvariantError('authorities that nobody can read');
  const connect = buildConnector({
    timeout: connectTimeoutMs,
    allowH2: false,
    // Said here, so that NODE_TLS_REJECT_UNAUTHORIZED=0 in the environment does not unsay it.
    rejectUnauthorized: true,
    ...(isIP(url.hostname) === 0 && !url.hostname.startsWith('[') ? { servername: url.hostname } : {}),
    ...(authorities === undefined ? {} : { ca: readAuthorities?.(authorities) }),
    // A resumed session shows no certificate of its own.
    ...(spkiSha256 === undefined ? {} : { maxCachedSessions: 0 }),
  });
  const isInside = addressRanges === undefined ? () => true : addressCheck(addressRanges);
  const faultOf = (socket: Socket | TLSSocket) => {
    if (!isInside(socket.remoteAddress)) return 'ADDRESS_OUTSIDE';
    return spkiSha256 === undefined || spkiSha256.includes(spkiOf(socket)) ? null : 'PIN_MISMATCH';
  };
  return (target, callback) => {
    connect(target, (...connected) => {
      const [error, socket] = connected;
      const fault = error === null ? faultOf(socket) : null;
      if (fault === null || socket === null) return callback(...connected);
      socket.destroy();
      callback(Object.assign(new Error(fault), { code: fault }), null);
    });
  };
}

/** Base64 of the SHA-256 of the public key that the other end proved to hold; empty without TLS. */
function spkiOf(socket: Socket | TLSSocket): string {
  const certificate = 'getPeerX509Certificate' in socket ? socket.getPeerX509Certificate() : undefined;
  const key = certificate?.publicKey.export({ type: 'spki', format: 'der' });
  return key === undefined ? '' : createHash('sha256').update(key).digest('base64');
}

function credentialHeader(
  endpoint: Endpoint,
  resolve: (reference: string) => string,
): Record<string, string> {
  return endpoint.credential === 'none' ? {} : { authorization: `Bearer ${resolve(endpoint.credential)}` };
}
