import type { DecisionId } from '../../decision/ids.ts';
import type { CommittedEntry } from '../record.ts';
import type { NoteSigner } from './note.ts';

/**
 * Our word, signed, that a committed entry will be in the ledger; base64, for a header. Without its leaf in a
 * checkpoint of the minute after, it is evidence against us.
 * @param name `<ledger.origin>/<cell>/promise`
 */
export function signPromise(
  signer: NoteSigner,
  name: string,
  entry: CommittedEntry & { decisionId: DecisionId; atMs: number },
): string {
  const { decisionId, entryId, headerDigest, atMs } = entry;
  const text = `${name}\n${decisionId} ${entryId}\n${headerDigest}\n${new Date(atMs).toISOString()}\n`;
  return Buffer.from(signer.sign(name, text)).toString('base64');
}
