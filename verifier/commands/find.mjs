import { findDecision } from '../lib/find.mjs';
import { openSource } from '../lib/source.mjs';
import { outcomeOf, progress } from './report.mjs';

/** @type {import('./command-line.mjs').Command} */
export const findCommand = {
  synopsis: 'find DIR|URL DECISION_ID',
  about: 'List the leaves of a decision. Proves nothing; check the ledger as well.',
  help: `Examples
  countersign-verify find ./export/eu/2026h2 0199f6d2-6f1e-7c3a-9a55-0b7d3a2f4c11`,
  positionals: [2, 2],
  options: {},
  async run({ positionals }) {
    const [location, decisionId] = /** @type {[string, string]} */ (/** @type {unknown} */ (positionals));
    const verdict = await findDecision(openSource(location), decisionId.toLowerCase(), progress());
    return outcomeOf(verdict, ({ origin, size, leaves }) => [
      `${leaves.length} leaves in ${origin}, of ${size}`,
      ...leaves.map(({ index, entryId, headerDigest }) => `${index}  ${entryId}  ${headerDigest}`),
    ]);
  },
};
