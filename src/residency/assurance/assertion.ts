import { isObject, readObject } from '../../decision/json.ts';
import type { EvidenceCheck } from '../../decision/entry.ts';
import type { Endpoint } from '../policy.ts';

export type Assertion = NonNullable<NonNullable<Endpoint['assurance']>['assertion']>;

/** What a vendor says of itself in an answer: a name, null for what is no name, undefined for nothing. */
export interface VendorWord {
  readonly found: string | null | undefined;
}

/** It is written into plain headers of the record (I8), so only what looks like a name is taken. */
const namePattern = /^[A-Za-z0-9][A-Za-z0-9._:/@ -]{0,99}$/;

/** Reads the vendor's word out of an answer. Never throws on what an endpoint sent. */
export function vendorWord(
  { kind }: Pick<Assertion, 'kind'>,
  answer: { readonly headers: Readonly<Record<string, string>>; readonly body: Buffer },
): VendorWord {
  if (kind === 'x-ms-region') return named(answer.headers['x-ms-region']);
  const body = readObject(answer.body);
  if (kind === 'model') return named(body?.['model']);
  const usage = body?.['usage'];
  return named(isObject(usage) ? usage['inference_geo'] : undefined);
}

/** Holds the word against what agrees with the declared places. Pure: a replay makes it again (I7). */
export function checkAssertion({ kind, values, required }: Assertion, { found }: VendorWord): EvidenceCheck {
  if (found === undefined) return { check: kind, found: null, result: required ? 'missing' : 'absent' };
  if (found === null) return { check: kind, found: null, result: 'unreadable' };
  // Vendors write one region in several ways: "Sweden Central", "swedencentral".
  const agrees = values.some((value) => folded(value) === folded(found));
  return { check: kind, found, result: agrees ? 'agrees' : 'differs' };
}

function folded(name: string): string {
  return name.toLowerCase().replaceAll(' ', '');
}

function named(value: unknown): VendorWord {
  if (value === undefined || value === null) return { found: undefined };
  return { found: typeof value === 'string' && namePattern.test(value) ? value : null };
}
