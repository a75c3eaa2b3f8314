/** A class of what an answer should not carry; the mask is its name in brackets. */
export type OutputClass = 'iban' | 'card' | 'email' | 'national-id' | 'secret' | 'canary';

/** Something in a text that belongs to a class. */
export interface Candidate {
  readonly class: OutputClass;
  /** The class, or a more precise name of what it is, for the finding. */
  readonly rule: string;
  readonly start: number;
  readonly end: number;
}
