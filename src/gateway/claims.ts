import { CountersignError } from '../decision/errors.ts';
import type { RequestClaims } from './submission.ts';

const single = new Set([
  'authorization',
  'idempotency-key',
  'countersign-jurisdiction',
  'countersign-data-class',
  'countersign-decision-type',
  'countersign-subject',
]);
const printable = /^[\x21-\x7e](?:[\x20-\x7e]{0,254}[\x21-\x7e])?$/;

/**
 * The headers that carry a label, a subject or an idempotency key. Sent twice they are refused: which
 * of two labels Node would keep is an accident, and an accident must not choose a country.
 * @throws CountersignError HEADER_DUPLICATE, HEADER_INVALID
 */
export function readClaims(
  headers: Readonly<Record<string, string | string[] | undefined>>,
  rawHeaders: readonly string[],
): RequestClaims {
  const seen = new Set<string>();
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i]?.toLowerCase() ?? '';
    if (!single.has(name)) continue;
    if (seen.has(name)) throw new CountersignError('HEADER_DUPLICATE', { extra: { header: name } });
    seen.add(name);
  }
  const read = (name: string): string | null => {
    const value = headers[name];
    if (value === undefined) return null;
    if (typeof value !== 'string' || !printable.test(value)) {
      throw new CountersignError('HEADER_INVALID', { extra: { header: name } });
    }
    return value;
  };
  return {
    jurisdiction: read('countersign-jurisdiction'),
    dataClass: read('countersign-data-class'),
    decisionType: read('countersign-decision-type'),
    subject: read('countersign-subject'),
    idempotencyKey: read('idempotency-key'),
  };
}
