import fc from 'fast-check';
import { v7 as uuidV7 } from 'uuid';
import { describe, expect, it } from 'vitest';
import type { EntryId } from '../decision/ids.ts';
import { openPayload, sealPayload } from './payload.ts';
import { makeSubjectKey } from './subject-key.ts';

const key = makeSubjectKey(uuidV7());
const entryId = uuidV7() as EntryId;

describe('a payload', () => {
  it('opens to the bytes that were sealed, whatever they are', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 5000 }), (bytes) => {
        const { seal, ciphertext } = sealPayload(Buffer.from(bytes), key, entryId);
        expect(openPayload(ciphertext, seal, key, { entryId, schema: 2 }).equals(Buffer.from(bytes))).toBe(
          true,
        );
      }),
    );
  });

  it('does not open when any one byte was changed', () => {
    const { seal, ciphertext } = sealPayload(Buffer.from('{"amount":100}'), key, entryId);
    for (let i = 0; i < ciphertext.length; i++) {
      const altered = Buffer.from(ciphertext);
      altered.writeUInt8(altered.readUInt8(i) ^ 1, i);
      expect(() => openPayload(altered, seal, key, { entryId, schema: 2 })).toThrow(
        'the ciphertext was altered',
      );
    }
  });

  it('does not open under another key, nor as the payload of another entry', () => {
    const { seal, ciphertext } = sealPayload(Buffer.from('secret'), key, entryId);
    expect(() => openPayload(ciphertext, seal, makeSubjectKey(key.keyId), { entryId, schema: 2 })).toThrow(
      'the key is not',
    );
    expect(() => openPayload(ciphertext, seal, key, { entryId: uuidV7() as EntryId, schema: 2 })).toThrow(
      'the key is not',
    );
  });

  it('gives equal plaintexts different commitments, so that erased ones cannot be compared', () => {
    const first = sealPayload(Buffer.from('same'), key, entryId).seal;
    const second = sealPayload(Buffer.from('same'), key, uuidV7() as EntryId).seal;
    expect(first.plaintextCommitment).not.toBe(second.plaintextCommitment);
  });

  it('notices a seal whose plaintext commitment was changed', () => {
    const { seal, ciphertext } = sealPayload(Buffer.from('secret'), key, entryId);
    const forged = { ...seal, plaintextCommitment: '0'.repeat(64) };
    expect(() => openPayload(ciphertext, forged, key, { entryId, schema: 2 })).toThrow(
      'not the one committed to',
    );
  });
});
