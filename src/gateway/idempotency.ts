import { claimIdempotencyKey } from '../audit/repository.ts';
import { sha256 } from '../decision/canonical.ts';
import { CountersignError } from '../decision/errors.ts';
import type { DecisionId } from '../decision/ids.ts';
import type { Cell } from './rooms.ts';
import type { Submission } from './submission.ts';

/** A claim without an entry is handed on after this time: no request works so long before its intent. */
const staleMs = 60_000;

/**
 * The same key never makes a second call. A new key is claimed for the given decision; a key seen
 * before names the earlier decision instead.
 * @throws CountersignError IDEMPOTENCY_MISMATCH when the key was used for another request
 */
export async function claimKey(
  cell: Cell,
  submission: Submission,
  decisionId: DecisionId,
): Promise<{ decisionId: DecisionId; earlier: boolean }> {
  const key = submission.claims.idempotencyKey;
  if (key === null) return { decisionId, earlier: false };
  const { caller } = submission;
  const claim = await claimIdempotencyKey(cell.store, {
    tenant: caller.tenant,
    caller: caller.keyId,
    // Clients put names and case numbers into such keys: the store sees a MAC (I8).
    keyMac: cell.keyring.mac('idempotency', key),
    requestDigest: fingerprint(cell, submission),
    decisionId,
    staleMs,
  });
  if (!claim.requestDigest.equals(fingerprint(cell, submission)))
    throw new CountersignError('IDEMPOTENCY_MISMATCH');
  return { decisionId: claim.decisionId, earlier: !claim.mine };
}

function fingerprint(cell: Cell, submission: Submission): Buffer {
  const documents = submission.documents.map((document) => sha256(document.bytes).toString('hex')).join();
  const { jurisdiction, dataClass, decisionType, subject, references } = submission.claims;
  const claimed = [submission.route, jurisdiction, dataClass, decisionType, subject];
  // What a reference says, for a new signature on it is no new request.
  const claims = JSON.stringify(references.length === 0 ? claimed : [...claimed, references]);
  return cell.keyring.mac('request', `${claims}\n${documents}\n${submission.bodyText}`);
}
