import { describe, expect, it } from 'vitest';
import { createNoteSigner, isSignedBy, parseNote, parseVerifierKey, verifierKey } from './note.ts';

// The example of golang.org/x/mod/sumdb/note, which others verify, too.
const vkey = 'PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW';
const seed = Buffer.from('AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz', 'base64').subarray(1);
const text =
  'If you think cryptography is the answer to your problem,\nthen you don’t know what your problem is.\n'.replace(
    '’',
    "'",
  );
const note = `${text}\n— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n`;

describe('signed notes', () => {
  it('are those of other implementations', () => {
    const signer = createNoteSigner(seed);
    expect(verifierKey(signer.verifier('PeterNeumann'))).toBe(vkey);
    expect(signer.sign('PeterNeumann', text)).toBe(note);
    const parsed = parseNote(note);
    expect(parsed?.text).toBe(text);
    expect(isSignedBy(text, parsed!.signatures[0]!, parseVerifierKey(vkey)!)).toBe(true);
    expect(isSignedBy(`${text} `, parsed!.signatures[0]!, parseVerifierKey(vkey)!)).toBe(false);
    expect(isSignedBy(text, parsed!.signatures[0]!, signer.verifier('Somebody'))).toBe(false);
  });

  it.each([
    ['a key id of another key', vkey.replace('c74f20a3', 'c74f20a4')],
    ['an unknown algorithm', 'PeterNeumann+c74f20a3+AhpcwQcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW'],
    ['a short key', 'PeterNeumann+c74f20a3+ARpc'],
    ['no parts', 'PeterNeumann'],
  ])('have no verifier with %s', (_what, key) => {
    expect(parseVerifierKey(key)).toBeNull();
  });

  it.each([
    ['no empty line', note.replace('\n\n', '\n')],
    ['no end of line', note.slice(0, -1)],
    ['a hyphen for the dash', note.replace('—', '-')],
    ['something else among the signatures', `${note}hello\n`],
  ])('are not read with %s', (_what, broken) => {
    expect(parseNote(broken)).toBeNull();
  });
});
