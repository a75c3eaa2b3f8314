import { readFile, stat } from 'node:fs/promises';
import { checkEvidence } from '../lib/evidence.mjs';
import { openSource } from '../lib/source.mjs';
import { zipBytesMax } from '../lib/zip.mjs';
import { describeCosignatures, outcomeOf, progress } from './report.mjs';
import { policyOf, trustHelp, trustOptions } from './trust.mjs';

/** @type {import('./command-line.mjs').Command} */
export const evidenceCommand = {
  synopsis: 'evidence BUNDLE.zip --key VKEY [--ledger DIR|URL] [--witness VKEY …] [--quorum N]',
  about: 'Check an evidence bundle: headers, receipts, chain, ciphertexts, openings, release.',
  help: `${trustHelp}
  --ledger DIR|URL the ledger, to check as well that no entry of the decision in it was left out

The key of one period of the cell serves the checkpoints of all and the bundle's own signature.

Examples
  countersign-verify evidence 0199f6d2-6f1e-7c3a-9a55-0b7d3a2f4c11.zip --key ./log.vkey \\
    --ledger ./export/eu/2026h2`,
  positionals: [1, 1],
  options: { ...trustOptions, ledger: { type: 'string' } },
  async run(call) {
    const policy = policyOf(call);
    const path = /** @type {string} */ (call.positionals[0]);
    if ((await stat(path)).size > zipBytesMax) throw new Error(`${path} is larger than ${zipBytesMax} bytes`);
    const ledger = call.values['ledger'];
    const options = typeof ledger === 'string' ? { ledger: openSource(ledger), onProgress: progress() } : {};
    const verdict = await checkEvidence(await readFile(path), policy, options);
    return outcomeOf(verdict, (facts) => [
      `decision ${facts.decisionId}, ${facts.variant}, exported at ${facts.exportedAt}`,
      ...facts.entries.map(
        ({ origin, index, type, entryId }) => `${index} of ${origin}  ${entryId}  ${type}`,
      ),
      ...facts.ledgers.flatMap(({ origin, size, cosignatures }) => [
        `${origin} at ${size} entries`,
        ...describeCosignatures(cosignatures),
      ]),
      facts.release === null ? 'no release' : `release ${facts.release}`,
      ...facts.omitted.map((line) => `omitted: ${line}`),
      ...facts.unproven.map((line) => `not checked: ${line}`),
      'not checked: what report.html says; the operator signed it',
      facts.noneLeftOut
        ? 'no entry was left out'
        : 'not checked: whether the end was left out (give --ledger)',
    ]);
  },
};
