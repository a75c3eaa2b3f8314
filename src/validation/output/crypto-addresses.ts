import { createHash } from 'node:crypto';
import type { Candidate } from './candidate.ts';

const base58 = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz';
const bech32 = 'qpzry9x8gf2tvdw0s3jn54khce6mua7l';
const legacy = /(?<![A-Za-z0-9])[13][1-9A-HJ-NP-Za-km-z]{25,34}(?![A-Za-z0-9])/g;
const segwit = /(?<![A-Za-z0-9])(?:bc1[02-9ac-hj-np-z]{11,71}|BC1[02-9AC-HJ-NP-Z]{11,71})(?![A-Za-z0-9])/g;
/** Its check is in the case of its letters and needs a hash that Node does not have; the form is rare enough. */
const ethereum = /(?<![A-Za-z0-9])0x[0-9a-fA-F]{40}(?![A-Za-z0-9])/g;

export function findCryptoAddresses(text: string): Candidate[] {
  return [
    ...at(text, 'bitcoin', legacy, passesBase58),
    ...at(text, 'bitcoin', segwit, passesBech32),
    ...at(text, 'ethereum', ethereum, () => true),
  ];
}

function at(text: string, id: string, form: RegExp, isValid: (value: string) => boolean): Candidate[] {
  return [...text.matchAll(form)]
    .filter(({ 0: match }) => isValid(match))
    .map(({ 0: match, index: start }) => ({
      class: 'crypto-address' as const,
      rule: `crypto-address-${id}`,
      start,
      end: start + match.length,
    }));
}

/** Four bytes of a double SHA-256 over the rest (Bitcoin, Base58Check). */
function passesBase58(value: string): boolean {
  let number = 0n;
  for (const character of value) number = number * 58n + BigInt(base58.indexOf(character));
  const hex = number.toString(16).padStart(50, '0');
  if (hex.length !== 50) return false;
  const bytes = Buffer.from(hex, 'hex');
  const once = createHash('sha256').update(bytes.subarray(0, 21)).digest();
  return createHash('sha256').update(once).digest().subarray(0, 4).equals(bytes.subarray(21));
}

const generators = [0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3] as const;
/** BIP 173 and, from witness version 1 on, BIP 350. */
const residues: ReadonlySet<number> = new Set([1, 0x2bc830a3]);

function passesBech32(value: string): boolean {
  const lower = value.toLowerCase();
  // The prefix "bc", expanded.
  const symbols = [3, 3, 0, 2, 3, ...Array.from(lower.slice(3), (character) => bech32.indexOf(character))];
  let check = 1;
  for (const symbol of symbols) {
    const top = check >>> 25;
    check = ((check & 0x1ffffff) << 5) ^ symbol;
    generators.forEach((generator, i) => {
      if ((top >>> i) & 1) check ^= generator;
    });
  }
  return residues.has(check);
}
