declare const brand: unique symbol;

/** A string that has been through the parser or the mint of its own kind. */
export type Branded<Name extends string> = string & { readonly [brand]: Name };

/** UUIDv7 minted by the gateway; names one business decision for ever (RFC 9562, section 5.7). */
export type DecisionId = Branded<'DecisionId'>;
/** UUIDv7 of one inference request inside a decision. */
export type CallId = Branded<'CallId'>;
/** UUIDv7 of one entry. */
export type EntryId = Branded<'EntryId'>;
/** `sha256:` and 64 lower-case hexadecimal digits. */
export type Digest = Branded<'Digest'>;

const uuidV7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const digest = /^sha256:[0-9a-f]{64}$/;

/** The id in its canonical lower-case form, or null when the text is not a UUIDv7. */
export function parseDecisionId(text: string): DecisionId | null {
  const lower = text.toLowerCase();
  return uuidV7.test(lower) ? (lower as DecisionId) : null;
}

export function parseDigest(text: string): Digest | null {
  return digest.test(text) ? (text as Digest) : null;
}
