import { type KeyObject, createPrivateKey, createPublicKey, hash, sign, verify } from 'node:crypto';

/** Algorithms of note signatures (C2SP signed-note): Ed25519 over the text, and cosignature/v1. */
export const noteAlgorithms = { ed25519: 0x01, cosignatureV1: 0x04 } as const;
type NoteAlgorithm = (typeof noteAlgorithms)[keyof typeof noteAlgorithms];

const publicKeyBytes = 32;
/** PKCS #8 and SubjectPublicKeyInfo of Ed25519 before the raw key (RFC 8410, section 7). */
const pkcs8Prefix = Buffer.from('302e020100300506032b657004220420', 'hex');
const spkiPrefix = Buffer.from('302a300506032b6570032100', 'hex');

/** A key under which a note's signature is checked. */
export interface NoteVerifier {
  readonly name: string;
  readonly algorithm: NoteAlgorithm;
  /** First 4 bytes of SHA-256(name ‖ 0x0A ‖ algorithm ‖ public key). */
  readonly keyId: Buffer;
  readonly publicKey: KeyObject;
  /** The raw 32 bytes. */
  readonly publicKeyRaw: Buffer;
}

/** One key pair that signs notes under any name: the key id differs with the name. */
export interface NoteSigner {
  verifier(name: string): NoteVerifier;
  /** The signed note: the text, an empty line, one signature line. `text` ends with a newline. */
  sign(name: string, text: string): string;
}

/** One signature line, split but not checked. */
export interface NoteSignature {
  readonly name: string;
  readonly keyId: Buffer;
  readonly signature: Buffer;
  /** The whole line, without its newline. */
  readonly line: string;
}

export interface ParsedNote {
  /** What is signed; ends with a newline. */
  readonly text: string;
  readonly signatures: readonly NoteSignature[];
}

/** @param seed The 32 bytes of RFC 8032's secret key. */
export function createNoteSigner(seed: Buffer): NoteSigner {
  const key = createPrivateKey({ key: Buffer.concat([pkcs8Prefix, seed]), format: 'der', type: 'pkcs8' });
  const spki = createPublicKey(key).export({ format: 'der', type: 'spki' });
  const raw = spki.subarray(-publicKeyBytes);
  const verifiers = new Map<string, NoteVerifier>();
  const verifier = (name: string): NoteVerifier => {
    const known = verifiers.get(name) ?? makeVerifier(name, noteAlgorithms.ed25519, raw);
    verifiers.set(name, known);
    return known;
  };
  return {
    verifier,
    sign(name, text) {
      const signature = Buffer.concat([verifier(name).keyId, sign(null, Buffer.from(text), key)]);
      return `${text}\n${signatureLine(name, signature)}\n`;
    },
  };
}

function signatureLine(name: string, keyIdAndSignature: Buffer): string {
  return `— ${name} ${keyIdAndSignature.toString('base64')}`;
}

function makeVerifier(name: string, algorithm: NoteAlgorithm, raw: Buffer): NoteVerifier {
  const message = Buffer.concat([Buffer.from(`${name}\n`), Buffer.of(algorithm), raw]);
  const publicKey = createPublicKey({
    key: Buffer.concat([spkiPrefix, raw]),
    format: 'der',
    type: 'spki',
  });
  const keyId = hash('sha256', message, 'buffer').subarray(0, 4);
  return { name, algorithm, keyId, publicKey, publicKeyRaw: raw };
}

/** `<name>+<key id in hexadecimal>+<base64 of algorithm ‖ public key>` (C2SP signed-note). */
export function verifierKey({ name, algorithm, keyId, publicKeyRaw }: NoteVerifier): string {
  const key = Buffer.concat([Buffer.of(algorithm), publicKeyRaw]);
  return `${name}+${keyId.toString('hex')}+${key.toString('base64')}`;
}

/** @returns null when the text is no verifier key of an algorithm known here, or its key id is not its own. */
export function parseVerifierKey(text: string): NoteVerifier | null {
  const match = /^([^\s+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/]+=*)$/.exec(text.trim());
  if (!match?.[1] || !match[3]) return null;
  const key = Buffer.from(match[3], 'base64');
  const algorithm = Object.values(noteAlgorithms).find((known) => known === key[0]);
  if (algorithm === undefined || key.length !== 1 + publicKeyBytes) return null;
  const verifier = makeVerifier(match[1], algorithm, key.subarray(1));
  return verifier.keyId.toString('hex') === match[2] ? verifier : null;
}

const signaturePattern = /^— ([^\s+]+) ([A-Za-z0-9+/]+=*)$/;

/** @returns null when the text is no signed note. */
export function parseNote(note: string): ParsedNote | null {
  const split = note.lastIndexOf('\n\n');
  if (split < 0 || !note.endsWith('\n')) return null;
  const signatures = note
    .slice(split + 2, -1)
    .split('\n')
    .map(parseSignatureLine);
  const known = signatures.filter((signature) => signature !== null);
  return known.length === signatures.length ? { text: note.slice(0, split + 1), signatures: known } : null;
}

/** @returns null when the line is no signature line. */
export function parseSignatureLine(line: string): NoteSignature | null {
  const match = signaturePattern.exec(line);
  const bytes = Buffer.from(match?.[2] ?? '', 'base64');
  if (!match?.[1] || bytes.length < 5) return null;
  return { name: match[1], keyId: bytes.subarray(0, 4), signature: bytes.subarray(4), line };
}

/** True when the signature line is of this key and holds for the text. */
export function isSignedBy(text: string, signature: NoteSignature, verifier: NoteVerifier): boolean {
  if (signature.name !== verifier.name || !signature.keyId.equals(verifier.keyId)) return false;
  if (verifier.algorithm === noteAlgorithms.ed25519) {
    return verify(null, Buffer.from(text), verifier.publicKey, signature.signature);
  }
  return isCosignature(text, signature.signature, verifier.publicKey);
}

/** cosignature/v1: eight bytes of POSIX seconds, then Ed25519 over the time and the text (C2SP tlog-cosignature). */
function isCosignature(text: string, timed: Buffer, publicKey: KeyObject): boolean {
  if (timed.length !== 8 + 64) return false;
  const message = `cosignature/v1\ntime ${timed.readBigUInt64BE(0)}\n${text}`;
  return verify(null, Buffer.from(message), publicKey, timed.subarray(8));
}
