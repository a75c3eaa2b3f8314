import { setTimeout as sleep } from 'node:timers/promises';
import type { CaseFile } from '../audit/evidence/case-file.ts';
import type { EntryProof, LogProof, Proofs } from '../audit/evidence/ports.ts';
import type { Ledger } from '../audit/ledger/ledger.ts';
import { verifierKey } from '../audit/ledger/note.ts';
import { CountersignError } from '../decision/errors.ts';
import type { DecisionId, EntryId } from '../decision/ids.ts';

type Prover = Pick<Ledger, 'receiptOf' | 'verifier' | 'verifierOf' | 'signEvidence'>;

/** A checkpoint comes every second; who waits longer is told to come again. */
const receiptsWithinMs = 5_000;
const receiptsPollMs = 100;

/**
 * Receipts of all entries of a case, those of one log against one checkpoint.
 * @throws CountersignError RECEIPT_PENDING when one is not under a checkpoint within five seconds
 */
export async function proofsInTime(
  ledger: Prover,
  file: CaseFile,
  witnessKeys: readonly string[],
): Promise<Proofs> {
  const untilMs = performance.now() + receiptsWithinMs;
  for (;;) {
    const proofs = await proveAll(ledger, file, witnessKeys);
    if (proofs !== null) return proofs;
    if (performance.now() >= untilMs) {
      throw new CountersignError('RECEIPT_PENDING', { extra: { decisionId: file.decisionId } });
    }
    await sleep(receiptsPollMs);
  }
}

interface Receipt {
  readonly entryId: EntryId;
  readonly text: string;
  readonly index: number;
  readonly period: string;
  readonly checkpoint: string;
  readonly size: number;
}

/** Receipts of all entries, those of one log against one checkpoint; null while one is only promised. */
async function proveAll(
  ledger: Prover,
  file: CaseFile,
  witnessKeys: readonly string[],
): Promise<Proofs | null> {
  const against = new Map<string, number>();
  for (;;) {
    const receipts = await receiptsOf(ledger, file, against);
    if (receipts === null) return null;
    const sizes = receipts.map(({ period, size }) => [period, size] as const);
    if (sizes.every(([period, size]) => size === against.get(period))) {
      return proofsOf(ledger, receipts, witnessKeys);
    }
    for (const [period, size] of sizes) against.set(period, Math.max(size, against.get(period) ?? 0));
  }
}

async function receiptsOf(
  ledger: Prover,
  file: CaseFile,
  against: ReadonlyMap<string, number>,
): Promise<Receipt[] | null> {
  const receipts: Receipt[] = [];
  // The newest first: the checkpoint that covers it covers most of the others.
  for (const { header } of file.entries.toReversed()) {
    const found = await receiptAgainst(ledger, header, [...against]);
    if (found?.kind !== 'receipt') return null;
    const { text, index, period, checkpoint, size } = found;
    receipts.push({ entryId: header.entryId, text, index, period, checkpoint, size });
  }
  return receipts;
}

/** The receipt, against the chosen checkpoint of whichever log the entry stands in. */
async function receiptAgainst(
  ledger: Prover,
  entry: { readonly decisionId: DecisionId; readonly entryId: EntryId },
  chosen: readonly (readonly [period: string, size: number])[],
) {
  let found = null;
  for (const [period, size] of chosen) {
    found = await ledger.receiptOf(entry, { period, size });
    if (found?.kind === 'receipt' && found.period === period) return found;
  }
  return found ?? ledger.receiptOf(entry);
}

/** Cosignatures may have come between two receipts: all of a log get the checkpoint that has most of them. */
function proofsOf(ledger: Prover, receipts: readonly Receipt[], witnessKeys: readonly string[]): Proofs {
  const logs = new Map<string, LogProof>();
  for (const { period, checkpoint } of receipts) {
    const key = ledger.verifier(period);
    const known = logs.get(period);
    if (known !== undefined && known.checkpoint.length >= checkpoint.length) continue;
    logs.set(period, { checkpoint, origin: key.name, period, vkey: verifierKey(key) });
  }
  const entries = new Map<EntryId, EntryProof>();
  for (const { entryId, text, index, period, checkpoint } of receipts) {
    const log = logs.get(period);
    if (!log) continue;
    const receipt = text.slice(0, text.length - checkpoint.length) + log.checkpoint;
    entries.set(entryId, { index, origin: log.origin, receipt });
  }
  return {
    entries,
    logs: [...logs.values()].toSorted((one, other) => (one.period < other.period ? -1 : 1)),
    sign: (lines) => ledger.signEvidence(`${[ledger.verifierOf('evidence').name, ...lines].join('\n')}\n`),
    witnessKeys,
  };
}
