import { rules } from './rules.ts';
import { smugglingRules } from './rules/smuggling.ts';

/** What a finding that no rule of words made stands for. */
const others: Readonly<Record<string, string>> = {
  ...smugglingRules,
  'hidden-text': 'Text that a reader of the document does not see.',
  'operator-model': 'The operator’s own model takes this part of the text for an attack.',
  'instruction-to-the-model':
    'The classifier takes this passage for one that turns to whoever processes the text, where it should tell facts or ask for a service.',
};

/** Why a finding is suspicious, for a person. */
export function reasonFor(rule: string): string {
  return rules.find(({ id }) => id === rule)?.why ?? others[rule] ?? 'A rule of an earlier release.';
}
