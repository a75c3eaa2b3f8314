import { describe, expect, it } from 'vitest';
import type { CaseFile } from '../audit/evidence/case-file.ts';
import { createNoteSigner } from '../audit/ledger/note.ts';
import type { EntryId } from '../decision/ids.ts';
import { proofsInTime } from './evidence-proofs.ts';

const signer = createNoteSigner(Buffer.alloc(32, 7));
const origin = (period: string) => `log.example/eu/${period}`;
const entryIds = ['a', 'b', 'c'] as EntryId[];
const file = { entries: entryIds.map((entryId) => ({ header: { entryId } })) } as unknown as CaseFile;

/** A ledger of two periods that grows, and gets a cosignature, while it is asked. */
function growingLedger() {
  let size = 10;
  let asked = 0;
  const places: Record<string, [period: string, index: number]> = {
    a: ['2026h2', 3],
    b: ['2027h1', 1],
    c: ['2027h1', 4],
  };
  return {
    signEvidence: (text: string) => text,
    verifier: (period: string) => signer.verifier(origin(period)),
    verifierOf: () => signer.verifier('log.example/eu/evidence'),
    receiptOf({ entryId }: { entryId: EntryId }, against?: { period: string; size: number }) {
      const [period, index] = places[entryId] ?? ['', 0];
      asked += 1;
      const fits = against?.period === period;
      const used = fits ? against.size : (size += 1);
      const checkpoint = `${origin(period)}\n${used}\nroot\n\n— log\n${asked > 4 ? '— witness\n' : ''}`;
      return Promise.resolve({
        kind: 'receipt' as const,
        text: `proof of ${entryId} at ${used}\n\n${checkpoint}`,
        index,
        period,
        checkpoint,
        size: used,
      });
    },
  };
}

describe('the proofs of a case', () => {
  it('are against one checkpoint in each log, byte for byte, however the ledger grows meanwhile', async () => {
    const proofs = await proofsInTime(growingLedger(), file, []);
    const { entries, logs } = proofs;
    expect(logs.map((log) => log.period)).toEqual(['2026h2', '2027h1']);
    for (const { receipt, origin: of } of entries.values()) {
      const log = logs.find((one) => one.origin === of);
      expect(receipt.endsWith(`\n\n${log?.checkpoint}`)).toBe(true);
      const [, size] = (log?.checkpoint ?? '').split('\n');
      expect(receipt).toMatch(new RegExp(`^proof of . at ${size}\n`));
    }
    expect([...entries.values()].map(({ index }) => index).toSorted((a, b) => a - b)).toEqual([1, 3, 4]);
    expect(logs[1]?.checkpoint).toContain('— witness');
    expect(proofs.sign(['x'])).toBe('log.example/eu/evidence\nx\n');
  });
});
