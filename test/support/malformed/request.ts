import type { ErrorCode } from '../../../src/decision/errors.ts';
import { type RawPart, rawRequest } from '../raw-http.ts';

/** Planted wherever a request can hold text; found nowhere afterwards. */
export const canaries = ['Canary Mustermann', 'DE89370400440532013000', 'canary@example.com'];
export const personal = canaries.join(' / ');

/** Where a request goes, and whose it is. */
export interface Target {
  readonly url: string;
  readonly key: string;
}

export interface Malformed {
  readonly name: string;
  readonly parts: (to: Target) => Iterable<RawPart>;
  /** The caller breaks off after the last part. */
  readonly end?: boolean;
  /** Where only some refusals would be right; otherwise any 4xx of the table is. */
  readonly codes?: readonly ErrorCode[];
}

export type Headers = readonly (readonly [string, string])[];

export const decisions = '/v1/decisions';
export const chat = '/v1/chat/completions';
export const goodDecision = {
  input: { note: personal },
  context: [{ id: 'kb-1', version: '1', text: personal }],
  toolResults: [{ tool: 'lookup', text: personal }],
  documents: [{ mediaType: 'text/plain', base64: Buffer.from(personal).toString('base64') }],
};
export const goodChat = { messages: [{ role: 'user', content: personal }], temperature: 0 };
export const goodBody = JSON.stringify(goodDecision);
export const json = ['content-type', 'application/json'] as const;

/** The headers of a sound request to a route. */
export function labelled({ key }: Target, url: string): Headers {
  return [
    ['authorization', `Bearer ${key}`],
    ['countersign-jurisdiction', 'EU'],
    ['countersign-decision-type', url === chat ? 'chat-test' : 'claims-triage'],
  ];
}

export function post(url: string, body: string | Buffer, more: Headers = [json]): Malformed['parts'] {
  return (to) => rawRequest(to.url, `POST ${url}`, [...labelled(to, url), ...more], body);
}

export function postJson(url: string, value: unknown): Malformed['parts'] {
  return post(url, JSON.stringify(value));
}

export function request(line: string, more: Headers = [], body: string | Buffer = ''): Malformed['parts'] {
  return (to) => rawRequest(to.url, line, [...labelled(to, ''), ...more], body);
}
