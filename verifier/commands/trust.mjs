import { existsSync, readFileSync } from 'node:fs';
import { makePolicy } from '../lib/checkpoint.mjs';
import { parseVerifierKey } from '../lib/vkey.mjs';
import { UsageError } from './usage.mjs';

/** Options of every command that believes somebody. */
export const trustOptions = /** @type {const} */ ({
  key: { type: 'string', multiple: true },
  witness: { type: 'string', multiple: true },
  quorum: { type: 'string' },
});

export const trustHelp = `Options
  --key VKEY       the verifier key of the ledger, or a file that holds it (log.vkey). Get it, or its
                   fingerprint, by a way the operator of the ledger does not control. Repeatable.
  --witness VKEY   the verifier key of a witness, or a file that holds it. Repeatable.
  --quorum N       how many of the witnesses must have cosigned; all when left out
  --json           the verdict as one JSON object on stdout`;

/**
 * @param {import('./command-line.mjs').Call} call
 * @returns {import('../lib/checkpoint.mjs').Policy}
 */
export function policyOf({ values }) {
  const quorum = values['quorum'];
  if (quorum !== undefined && !/^\d{1,3}$/.test(String(quorum)))
    throw new UsageError('--quorum takes a number');
  const keys = keysOf(values['key']);
  if (keys.length === 0) throw new UsageError('--key is needed: without it nothing can be believed');
  return makePolicy(keys, keysOf(values['witness']), quorum === undefined ? undefined : Number(quorum));
}

/**
 * @param {string | boolean | string[] | undefined} given
 */
export function keysOf(given) {
  return (Array.isArray(given) ? given : []).flatMap((text) => readKeys(text));
}

/**
 * A verifier key, or a file with one a line; lines that begin with # say something to people.
 * @param {string} text
 */
function readKeys(text) {
  if (!existsSync(text)) return [parseVerifierKey(text)];
  return parseKeyFile(readFileSync(text, 'utf8'));
}

/** @param {string} content */
export function parseKeyFile(content) {
  return content
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map(parseVerifierKey);
}
