/** Classes of personal data, by what they are; the mask is its name in brackets. */
export const personalClasses = [
  'iban',
  'card',
  'bank-account',
  'national-id',
  'passport',
  'driving-licence',
  'email',
  'phone',
  'ip-address',
  'crypto-address',
] as const;

export const secretClasses = ['secret', 'canary'] as const;

/** A class of what an answer should not carry. */
export type OutputClass = (typeof personalClasses)[number] | (typeof secretClasses)[number];

export const outputClasses: readonly OutputClass[] = [...personalClasses, ...secretClasses];

/** Something in a text that belongs to a class. */
export interface Candidate {
  readonly class: OutputClass;
  /** The class, or the class, a hyphen and what it is more precisely, for the finding. */
  readonly rule: string;
  readonly start: number;
  readonly end: number;
}

/** Suffix of the rule of a finding whose value stands in the decision's own inputs. */
export const OWN_SUFFIX = ':own';

/** The class that a finding's rule belongs to; null for a rule of another gate or of another day. */
export function classOfRule(rule: string): OutputClass | null {
  const found = outputClasses.find((name) => rule === name || rule.startsWith(`${name}-`));
  return found ?? null;
}
