import { type AccessReason, recordAccess } from '../audit/access.ts';
import { EvidenceTooLargeError, makeBundle } from '../audit/evidence/bundle.ts';
import { openCaseFile } from '../audit/evidence/case-file.ts';
import type { Variant } from '../audit/evidence/telling.ts';
import { CountersignError } from '../decision/errors.ts';
import type { DecisionId } from '../decision/ids.ts';
import { type ExportGates, evidencePorts } from './evidence-ports.ts';
import { proofsInTime } from './evidence-proofs.ts';
import type { Cell } from './rooms.ts';
import { gatewayVersion } from './version.ts';

export interface EvidenceRequest {
  readonly decisionId: DecisionId;
  readonly tenant: string;
  readonly variant: Variant;
  /** Id of the reader's API key, or `cli/<uid>`. */
  readonly by: string;
  readonly reason: AccessReason;
  readonly caseReference: string | null;
}

export interface Exporting {
  readonly gates: ExportGates;
  /** Verifier keys of the configured witnesses. */
  readonly witnessKeys: readonly string[];
  readonly nowMs: () => number;
}

/**
 * The evidence bundle of a decision. The reading is an entry of its own, committed first, and part of what
 * is exported.
 * @throws CountersignError RECEIPT_PENDING while an entry is under no checkpoint, EVIDENCE_TOO_LARGE
 */
export async function exportEvidence(
  cell: Cell,
  exporting: Exporting,
  request: EvidenceRequest,
): Promise<Buffer> {
  const { decisionId, tenant, variant, by, reason, caseReference } = request;
  const action = variant === 'full' ? 'export' : 'export-redacted';
  await recordAccess(cell.store, { decisionId, tenant, by, action, reason, caseReference }, exporting.nowMs);
  const file = await openCaseFile(cell.store, cell.keys, decisionId);
  if (file === null) throw new CountersignError('DECISION_UNKNOWN');
  const proofs = await proofsInTime(cell.ledger, file, exporting.witnessKeys);
  try {
    return await makeBundle(file, proofs, evidencePorts(cell.store, exporting.gates), {
      variant,
      exportedAt: new Date(exporting.nowMs()).toISOString(),
      exportedBy: gatewayVersion,
    });
  } catch (cause) {
    if (cause instanceof EvidenceTooLargeError) throw new CountersignError('EVIDENCE_TOO_LARGE', { cause });
    throw cause;
  }
}
