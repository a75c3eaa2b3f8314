import { initWitness } from '../lib/witness-state.mjs';
import { UsageError } from './usage.mjs';

/** @type {import('./command-line.mjs').Command} */
export const initCommand = {
  synopsis: 'init --name NAME --state DIR',
  about: 'Make the key and the empty state of a witness; prints its verifier key.',
  help: `Options
  --name NAME      a schema-less URL that names the witness, as witness.auditor.example/w1
  --state DIR      where the key and what was seen are kept; the key must never be copied to a second
                   running witness, and the state never restored from a backup

Examples
  countersign-witness init --name witness.auditor.example/w1 --state /var/lib/witness`,
  positionals: [0, 0],
  options: { name: { type: 'string' }, state: { type: 'string' } },
  async run({ values }) {
    const { name, state } = values;
    if (typeof name !== 'string' || typeof state !== 'string')
      throw new UsageError('--name and --state are needed');
    const vkey = initWitness(state, name);
    return { holds: true, result: { vkey }, lines: [vkey] };
  },
};
