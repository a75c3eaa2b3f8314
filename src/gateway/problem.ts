import type { CountersignError } from '../decision/errors.ts';

/** Media type of RFC 9457. */
export const problemMediaType = 'application/problem+json; charset=utf-8';

/** The error as a problem document (RFC 9457). Extra members hold codes, ids and places only. */
export function problemDocument(error: CountersignError): Record<string, unknown> {
  return {
    ...error.extra,
    type: `urn:countersign:error:${error.code}`,
    title: error.code,
    status: error.httpStatus,
    detail: error.message,
    code: error.code,
  };
}

/** The same in the envelope that OpenAI's clients read; ours stands beside `error`. */
export function openaiError(error: CountersignError): Record<string, unknown> {
  const type = error.httpStatus >= 500 ? 'server_error' : 'invalid_request_error';
  return { error: { message: error.message, type, param: null, code: error.code }, countersign: error.extra };
}
