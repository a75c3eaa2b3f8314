import { readFile } from 'node:fs/promises';
import { checkReceipt } from '../lib/proof.mjs';
import { describeCosignatures, outcomeOf } from './report.mjs';
import { policyOf, trustHelp, trustOptions } from './trust.mjs';

/** @type {import('./command-line.mjs').Command} */
export const inclusionCommand = {
  synopsis: 'inclusion RECEIPT --key VKEY [--header FILE] [--witness VKEY …] [--quorum N]',
  about: 'Check a receipt: its leaf is in the ledger that was signed.',
  help: `${trustHelp}
  --header FILE    the exact bytes of the entry's header, to be compared with the leaf

Examples
  countersign-verify inclusion decision.tlog-proof --key ./log.vkey --header 3-outcome.header.json`,
  positionals: [1, 1],
  options: { ...trustOptions, header: { type: 'string' } },
  async run(call) {
    const policy = policyOf(call);
    const header = call.values['header'];
    const verdict = checkReceipt(
      await readFile(/** @type {string} */ (call.positionals[0])),
      policy,
      typeof header === 'string' ? await readFile(header) : null,
    );
    return outcomeOf(await verdict, (facts) => [
      `entry ${facts.index} of ${facts.origin}, of ${facts.size}`,
      `decision ${facts.decisionId}`,
      `entry    ${facts.entryId}`,
      `header   ${facts.headerDigest}${facts.headerChecked ? ', the file given' : '; no file was given to compare'}`,
      ...describeCosignatures(facts.cosignatures),
    ]);
  },
};
