export const libraryKinds = [
  'country-set',
  'adequacy',
  'dpf',
  'denied',
  'counter',
  'storage',
  'contract',
] as const;
/**
 * `country-set`: what a name stands for. `adequacy`, `dpf`: a decision that mechanisms may rest on. `denied`:
 * countries to deny. `counter`: law that counts persons. `storage`: what must stay. `contract`: what a contract
 * must hold.
 */
export type LibraryKind = (typeof libraryKinds)[number];

/** One fact of law as somebody found it on a day. None of it is applied by itself. */
export interface LibraryRow {
  readonly id: string;
  readonly kind: LibraryKind;
  /** Whose law it is, as a jurisdiction is usually named in a policy: EU, UK, CH, US, IN, CN, SG, HK. */
  readonly jurisdiction: string;
  readonly law: string;
  /** Countries it is about, ISO 3166-1 alpha-2. */
  readonly countries: readonly string[];
  /** Whom an adequacy decision covers where that is not everybody; null: every recipient. */
  readonly recipients: string | null;
  readonly ref: string;
  /** What it says, and what is doubtful about it. */
  readonly note: string;
  /** Where it was read. */
  readonly source: readonly string[];
  /** Day on which it was read, YYYY-MM-DD. */
  readonly asOf: string;
  /** First day for which the source shows it in force; the act itself may be older. */
  readonly validFrom: string;
  /** Day by which somebody must have looked at it again; a mechanism made from it ends then. */
  readonly review: string;
}

/** `DE FR` as a list of codes. */
export function codes(text: string): readonly string[] {
  return text.split(' ');
}
