import { checkSegments } from '../lib/segment.mjs';
import { outcomeOf, progress } from './report.mjs';
import { policyOf, trustHelp, trustOptions } from './trust.mjs';

/** @type {import('./command-line.mjs').Command} */
export const segmentCommand = {
  synopsis: 'segment DIR --key VKEY [--witness VKEY …] [--quorum N]',
  about: 'Check archive segments: objects, entries, index, leaves in the signed tree, the chain of hours.',
  help: `${trustHelp}

DIR is one segment, or a folder above many of one cell; then the chain from hour to hour is checked
as well. The key of one period of the cell serves the checkpoints of all.

Examples
  countersign-verify segment ./archive/eu --key ./log.vkey
  countersign-verify segment ./archive/eu/2026h2/2026/11/22/09 --key ./log.vkey`,
  positionals: [1, 1],
  options: trustOptions,
  async run(call) {
    const verdict = await checkSegments(/** @type {string} */ (call.positionals[0]), policyOf(call), {
      onProgress: progress(),
    });
    return outcomeOf(verdict, (facts) => [
      `${facts.cell}: ${facts.segments} segments from ${facts.from} to ${facts.to}, ${facts.entries} entries`,
      `${facts.expired} payloads are gone, as those of expired records may be`,
      facts.before === null
        ? 'the first is the first of the cell'
        : `not checked: what comes before number ${facts.firstNumber}, ${facts.before}`,
      `last manifest ${facts.last}`,
    ]);
  },
};
