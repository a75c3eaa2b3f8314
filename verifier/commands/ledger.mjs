import { checkLedger } from '../lib/ledger.mjs';
import { openSource } from '../lib/source.mjs';
import { describeCosignatures, outcomeOf, progress } from './report.mjs';
import { policyOf, trustHelp, trustOptions } from './trust.mjs';

/** @type {import('./command-line.mjs').Command} */
export const ledgerCommand = {
  synopsis: 'ledger DIR|URL --key VKEY [--witness VKEY …] [--quorum N]',
  about: 'Check a whole ledger: signatures, every leaf, every tile, the root.',
  help: `${trustHelp}

Examples
  countersign-verify ledger ./export/eu/2026h2 --key ./log.vkey
  countersign-verify ledger https://ledger.acme.example/ledger/eu/2026h2 \\
    --key 'ledger.acme.example/eu/2026h2+1a2b3c4d+AW…' --witness ./auditor.vkey`,
  positionals: [1, 1],
  options: trustOptions,
  async run(call) {
    const source = openSource(/** @type {string} */ (call.positionals[0]));
    const verdict = await checkLedger(source, policyOf(call), { onProgress: progress() });
    return outcomeOf(verdict, ({ origin, size, root, cosignatures }) => [
      `${origin}: ${size} entries, every leaf and tile`,
      `root ${root}`,
      ...describeCosignatures(cosignatures),
    ]);
  },
};
