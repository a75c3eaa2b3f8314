import { existsSync, readFileSync } from 'node:fs';
import { checkPromise } from '../lib/promise.mjs';
import { openSource } from '../lib/source.mjs';
import { base64 } from '../lib/text.mjs';
import { outcomeOf, progress } from './report.mjs';
import { policyOf, trustHelp, trustOptions } from './trust.mjs';
import { UsageError } from './usage.mjs';

/** @type {import('./command-line.mjs').Command} */
export const promiseCommand = {
  synopsis: 'promise FILE|BASE64 --key VKEY --ledger DIR|URL [--witness VKEY …] [--quorum N]',
  about: 'Check that a promised leaf is in the ledger (response header countersign-promise).',
  help: `${trustHelp}
  --ledger DIR|URL the ledger of the period of the promise

A promise that was broken is evidence against the operator (code promise-broken). Without a
witness's time on the checkpoint it stays open (code promise-open): look again at a later one.

Examples
  countersign-verify promise bGVkZ2VyLmFjbWUuZXhhbXBsZS9ldS9wcm9taXNl… --key ./log.vkey \\
    --ledger ./export/eu/2026h2 --witness ./auditor.vkey`,
  positionals: [1, 1],
  options: { ...trustOptions, ledger: { type: 'string' } },
  async run(call) {
    const ledger = call.values['ledger'];
    if (typeof ledger !== 'string') throw new UsageError('--ledger is needed: the promise is about it');
    const policy = policyOf(call);
    const bytes = readPromise(/** @type {string} */ (call.positionals[0]));
    const verdict = await checkPromise(bytes, openSource(ledger), policy, { onProgress: progress() });
    return outcomeOf(verdict, (facts) => [
      `the promise of ${facts.time} was kept: entry ${facts.index} of ${facts.ledger}, of ${facts.size}`,
      `decision ${facts.decisionId}`,
      `entry    ${facts.entryId}`,
      `header   ${facts.headerDigest}`,
    ]);
  },
};

/**
 * A note, or its base64 as the response header has it, in a file or as it is.
 * @param {string} given
 */
function readPromise(given) {
  const content = existsSync(given) ? readFileSync(given) : Buffer.from(given);
  if (content.includes('\n\n')) return content;
  return base64(content.toString('utf8').trim(), 'the promise');
}
