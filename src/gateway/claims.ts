import { CountersignError } from '../decision/errors.ts';
import { type ReferenceReader, type SubjectReference, oneSubject } from '../residency/subject-reference.ts';
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
const referenceHeader = 'countersign-subject-reference';

type Headers = Readonly<Record<string, string | string[] | undefined>>;

/**
 * The headers that carry a label, a subject or an idempotency key. Sent twice they are refused: which
 * of two labels Node would keep is an accident, and an accident must not choose a country.
 * @throws CountersignError HEADER_DUPLICATE, HEADER_INVALID
 */
export function readClaims(headers: Headers, rawHeaders: readonly string[]): RequestClaims {
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
    references: [],
    idempotencyKey: read('idempotency-key'),
  };
}

/**
 * The same claims with what signed references say. Sent more than once, or with commas between, there are
 * several subjects, and the request is lawful where it is lawful for each of them.
 * @throws CountersignError REFERENCE_INVALID; LABEL_CONFLICT when countersign-subject names somebody else
 */
export async function withReferences(
  claims: RequestClaims,
  headers: Headers,
  reader: ReferenceReader,
  tenant: string,
): Promise<RequestClaims> {
  const value = headers[referenceHeader];
  if (value === undefined) return claims;
  // Node joins the lines of a header it does not know with commas.
  const read = await reader.read(typeof value === 'string' ? value : value.join(), tenant);
  if (read.kind === 'refuse')
    throw new CountersignError('REFERENCE_INVALID', { extra: { problem: read.problem } });
  return { ...claims, subject: subjectOf(claims, read.references), references: read.references };
}

function subjectOf({ subject }: RequestClaims, references: readonly SubjectReference[]): string | null {
  const only = oneSubject(references);
  if (subject === null || subject === only) return only;
  throw new CountersignError('LABEL_CONFLICT', {
    extra: { explanation: 'countersign-subject contradicts the subject references' },
  });
}
