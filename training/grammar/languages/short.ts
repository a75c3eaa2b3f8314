import type { Families, Language } from '../row.ts';
import { createLanguage } from './create.ts';

/** A language with few phrases: one list each of what is said to the reader, and what is honest. */
export interface ShortParts {
  readonly code: string;
  /** File, letter, passage, invoice. */
  readonly titles: readonly [string, string, string, string];
  /** Of name, amount, date, reference, account, city: in this order. */
  readonly labels: readonly [string, string, string, string, string, string];
  readonly facts: readonly string[];
  readonly rules: readonly string[];
  readonly notes: readonly string[];
  readonly remarks: readonly string[];
  readonly columns: readonly [string, string, string];
  readonly purposes: string;
  readonly openings: readonly string[];
  readonly closings: readonly string[];
  readonly payloads: Families;
  readonly honest: Families;
  readonly chatAttacks: Families;
  readonly chatHonest: Families;
  /** What the payloads want, as an order. */
  readonly outcomes: readonly string[];
  readonly secrets: readonly string[];
  readonly greetings: readonly string[];
  readonly thanks: readonly string[];
}

export function createShortLanguage(parts: ShortParts): Language {
  const [file, letter, passage, invoice] = parts.titles;
  const [name, amount, date, reference, account, city] = parts.labels;
  return createLanguage({
    ...parts,
    weight: 1.5,
    titles: { file: [file], letter: [letter], passage: [passage], invoice: [invoice] },
    fields: [
      [name, '{name}'],
      [amount, '{amount}'],
      [date, '{date}'],
      [reference, '{ref}'],
      [account, '{iban}'],
      [city, '{city}'],
    ],
    lists: {
      outcome: parts.outcomes,
      secret: parts.secrets,
      greeting: parts.greetings,
      thanks: parts.thanks,
      caseline: [`${reference}: {ref}`, `${date}: {date}, {amount}`],
      fn: ['transfer_funds', 'send_email', 'update_limit', 'set_status'],
    },
  });
}
