import { type RecordedGrants, type RecordedInput, readBytes } from '../../audit/payload-content.ts';
import { InvariantError } from '../../decision/errors.ts';
import { parseJsonBody } from '../json-body.ts';
import { inferenceRoutes } from '../routes/inference-routes.ts';
import type { Submission } from '../submission.ts';

const filesPlace = '/files/';
const nothingGranted: RecordedGrants = { jurisdictions: [], dataClasses: [], decisionTypes: [] };

/**
 * The request through the same translation as on the day. In a multipart request the files are recorded
 * beside the body; other documents are read out of the body again.
 * @param caller id of the key that asked, as the intent names it
 */
export function resubmit(input: RecordedInput, caller: string, decisionType: string | null): Submission {
  const route = inferenceRoutes.find(({ url }) => url === input.route);
  if (!route) throw new InvariantError('a recorded request of a route that is no more');
  const { value } = parseJsonBody(Buffer.from(input.body));
  const claims = input.label?.claims ?? { jurisdiction: null, dataClass: null, decisionType, subject: null };
  const recorded = input.label?.grants ?? nothingGranted;
  const { jurisdictions, dataClasses, decisionTypes, source = 'grant' } = recorded;
  const grants = {
    jurisdictions: [...jurisdictions],
    dataClasses: [...dataClasses],
    decisionTypes: [...decisionTypes],
    roles: [],
  };
  return route.toSubmission({
    caller: { keyId: caller, name: '', tenant: '', grants, source },
    // The signatures were verified on the day; what they said is what is recorded.
    claims: { ...claims, references: claims.references ?? [], idempotencyKey: null },
    body: value,
    bodyText: input.body,
    files: input.documents
      .filter(({ origin }) => origin.startsWith(filesPlace))
      .map(({ origin, mediaType, bytes }) => ({ origin, mediaType, bytes: readBytes(bytes) })),
  });
}
