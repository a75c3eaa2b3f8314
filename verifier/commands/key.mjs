import { fingerprint, formatVerifierKey, makeVerifierKey } from '../lib/vkey.mjs';
import { keysOf } from './trust.mjs';

/** @type {import('./command-line.mjs').Command} */
export const keyCommand = {
  synopsis: 'key VKEY [--name NAME]',
  about: "Show a key's fingerprint, to compare over another channel; or the same key under another name.",
  help: `Options
  --name NAME      one key pair serves all periods of a cell: show its verifier key for this origin

Examples
  countersign-verify key ./log.vkey
  countersign-verify key ./log.vkey --name ledger.acme.example/eu/2027h1`,
  positionals: [1, 1],
  options: { name: { type: 'string' } },
  async run({ positionals, values }) {
    const name = values['name'];
    const keys = keysOf(positionals).map((key) =>
      typeof name === 'string' ? makeVerifierKey(name, key.algorithm, key.publicKey) : key,
    );
    const result = keys.map((key) => ({
      name: key.name,
      vkey: formatVerifierKey(key),
      fingerprint: fingerprint(key),
    }));
    return {
      holds: true,
      result,
      lines: result.flatMap(({ vkey, fingerprint: digest }) => [vkey, `  fingerprint ${digest}`]),
    };
  },
};
