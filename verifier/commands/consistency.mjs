import { readFile } from 'node:fs/promises';
import { checkConsistency } from '../lib/consistency.mjs';
import { openSource } from '../lib/source.mjs';
import { outcomeOf } from './report.mjs';
import { policyOf, trustHelp, trustOptions } from './trust.mjs';
import { UsageError } from './usage.mjs';

/** @type {import('./command-line.mjs').Command} */
export const consistencyCommand = {
  synopsis: 'consistency OLD_CHECKPOINT NEW_CHECKPOINT --tiles DIR|URL --key VKEY',
  about: 'Check that a ledger only grew from one checkpoint to another.',
  help: `${trustHelp}
  --tiles DIR|URL  the ledger, at least as large as the newer checkpoint; it need not be trusted

Examples
  countersign-verify consistency kept-in-june kept-in-july --tiles ./export/eu/2026h2 --key ./log.vkey`,
  positionals: [2, 2],
  options: { ...trustOptions, tiles: { type: 'string' } },
  async run(call) {
    const [older, newer] = /** @type {[string, string]} */ (/** @type {unknown} */ (call.positionals));
    const tiles = call.values['tiles'];
    if (typeof tiles !== 'string') throw new UsageError('--tiles is needed: the proof is made from them');
    const policy = policyOf(call);
    const verdict = await checkConsistency(
      await readFile(older),
      await readFile(newer),
      openSource(tiles),
      policy,
    );
    return outcomeOf(verdict, ({ origin, oldSize, newSize }) => [
      `${origin}: the first ${oldSize} of ${newSize} entries are those of the older checkpoint`,
    ]);
  },
};
