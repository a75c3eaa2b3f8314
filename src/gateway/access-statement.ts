import type { FastifyRequest } from 'fastify';
import { type AccessReason, accessReasons, caseReference } from '../audit/access.ts';
import { CountersignError } from '../decision/errors.ts';

/** Why somebody reads a record, as they say themselves. */
export interface AccessStatement {
  readonly reason: AccessReason;
  readonly caseReference: string | null;
}

/**
 * What the headers `countersign-reason` and `countersign-case` say.
 *
 * @param unsaid the reason where none is given
 * @throws CountersignError HEADER_INVALID when either cannot be read
 */
export function accessStatement(request: FastifyRequest, unsaid: AccessReason = 'unstated'): AccessStatement {
  const reason = header(request, 'countersign-reason');
  const reference = header(request, 'countersign-case');
  const code = reason === null ? unsaid : accessReasons.find((known) => known === reason);
  if (code === undefined || (reference !== null && !caseReference.test(reference))) {
    throw new CountersignError('HEADER_INVALID', {
      detail: `countersign-reason is one of ${accessReasons.join(', ')}; countersign-case is a reference without spaces.`,
    });
  }
  return { reason: code, caseReference: reference };
}

function header(request: FastifyRequest, name: string): string | null {
  const value = request.headers[name];
  return value === undefined ? null : String(value);
}
