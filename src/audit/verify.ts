import { canonicalJson, sha256 } from '../decision/canonical.ts';
import type { EntryHeader } from '../decision/entry.ts';
import type { Store } from '../storage/store.ts';
import type { KeyStore } from './key-store.ts';
import { PayloadError, openPayload } from './payload.ts';
import { type RawEntry, scanEntries } from './repository.ts';

export interface VerifyProblem {
  readonly decisionId: string;
  readonly entryId: string;
  readonly problem: string;
}

export interface VerifyResult {
  readonly entries: number;
  /** The first of them, in order of decision and entry; the rest are counted by `entries` only. */
  readonly problems: readonly VerifyProblem[];
}

const problemsMax = 100;

/**
 * Recomputes every entry of a store: digest, canonical form, columns against the header, payload
 * against its commitments, and each decision's chain. What a whole decision's removal leaves behind
 * is for the ledger to show, not for this.
 */
export async function verifyStore(
  store: Store,
  keys: KeyStore,
  onProgress: (entries: number) => void,
): Promise<VerifyResult> {
  const problems: VerifyProblem[] = [];
  let entries = 0;
  let decision: RawEntry[] = [];
  const finish = () => {
    for (const problem of chainProblems(decision)) if (problems.length < problemsMax) problems.push(problem);
    decision = [];
  };
  for await (const entry of scanEntries(store)) {
    if (decision[0] && decision[0].decisionId !== entry.decisionId) finish();
    const problem = await entryProblem(entry, keys);
    if (problem !== null && problems.length < problemsMax) problems.push(named(entry, problem));
    decision.push(entry);
    if (++entries % 1000 === 0) onProgress(entries);
  }
  finish();
  onProgress(entries);
  return { entries, problems };
}

function named(entry: RawEntry, problem: string): VerifyProblem {
  return { decisionId: entry.decisionId, entryId: entry.entryId, problem };
}

async function entryProblem(entry: RawEntry, keys: KeyStore): Promise<string | null> {
  if (!sha256(entry.headerBytes).equals(entry.headerDigest)) return 'the header does not match its digest';
  const header = JSON.parse(entry.headerBytes.toString('utf8')) as EntryHeader;
  if (canonicalJson(header) !== entry.headerBytes.toString('utf8')) return 'the header is not canonical';
  return columnProblem(entry, header) ?? (await payloadProblem(entry, header, keys));
}

function columnProblem(entry: RawEntry, header: EntryHeader): string | null {
  const previous = entry.previous === null ? null : `sha256:${entry.previous.toString('hex')}`;
  const pairs: readonly (readonly [string, unknown, unknown])[] = [
    ['entry_id', entry.entryId, header.entryId],
    ['decision_id', entry.decisionId, header.decisionId],
    ['call_id', entry.callId, header.callId],
    ['type', entry.type, header.type],
    ['tenant', entry.tenant, header.tenant],
    ['cell', entry.cell, header.cell],
    ['decision_type', entry.decisionType, header.decisionType],
    ['key_id', entry.keyId, header.payload?.keyId ?? null],
    ['previous', previous, header.previous],
  ];
  const wrong = pairs.find(([, column, field]) => column !== field);
  return wrong ? `the column ${wrong[0]} does not match the header` : null;
}

async function payloadProblem(entry: RawEntry, header: EntryHeader, keys: KeyStore): Promise<string | null> {
  if (header.payload === null)
    return entry.payload === null ? null : 'there is a payload that the header does not know';
  if (entry.payload === null) return 'the payload is missing';
  try {
    const key = await keys.keyOf(header.tenant, header.payload.keyId);
    if (key === null) return 'the key is missing';
    openPayload(entry.payload, header.payload, key, header.entryId);
    return null;
  } catch (error) {
    if (error instanceof PayloadError) return error.message;
    throw error;
  }
}

/** One chain without gap or fork, from an entry without predecessor to the last. */
function chainProblems(decision: readonly RawEntry[]): VerifyProblem[] {
  const digests = new Set(decision.map((entry) => entry.headerDigest.toString('hex')));
  const orphans = decision.filter(
    (entry) => entry.previous !== null && !digests.has(entry.previous.toString('hex')),
  );
  const problems = orphans.map((entry) => named(entry, 'the entry before it is missing or altered'));
  const first = decision[0];
  if (first && decision.every((entry) => entry.previous !== null) && orphans.length === 0) {
    problems.push(named(first, 'the decision has no first entry'));
  }
  return problems;
}
