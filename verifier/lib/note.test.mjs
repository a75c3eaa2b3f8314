import { describe, expect, it } from 'vitest';
import { flipBit } from '../testing/flip.mjs';
import { signCheckpoint, signText, testLogKey, testWitnessKey } from '../testing/test-log.mjs';
import { makePolicy, openCheckpoint, parseCheckpoint } from './checkpoint.mjs';
import { emptyRoot } from './merkle.mjs';
import { parseNote, verifyNote } from './note.mjs';
import { fingerprint, formatVerifierKey, makeVerifierKey, parseVerifierKey } from './vkey.mjs';

// The example of Go's sumdb/note, whose format this is.
const peterKey = 'PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW';
const peterNote = `If you think cryptography is the answer to your problem,
then you don't know what your problem is.

— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=
`;

// The example of C2SP tlog-cosignature: a checkpoint with a log's signature and a witness's.
const sofa = `example.com/behind-the-sofa
20852163
CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=

— example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=
— witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==
`;

const log = testLogKey();
const witnesses = [testWitnessKey('witness.example/w1'), testWitnessKey('witness.example/w2')];
const root = Buffer.alloc(32, 7);
const checkpoint = signCheckpoint(log, 5, root, witnesses);
const policy = makePolicy(
  [log.key],
  witnesses.map(({ key }) => key),
);

/**
 * @param {() => unknown} run
 * @returns {string} the code of the problem
 */
function problemOf(run) {
  try {
    run();
  } catch (error) {
    return /** @type {{code: string}} */ (error).code;
  }
  return 'none';
}

describe('signed notes', () => {
  it('verify as those of sumdb/note', () => {
    const key = parseVerifierKey(peterKey);
    expect(formatVerifierKey(key)).toBe(peterKey);
    expect(verifyNote(parseNote(Buffer.from(peterNote)), [key])).toHaveLength(1);
    const changed = peterNote.replace('your problem,', 'my problem,');
    expect(problemOf(() => verifyNote(parseNote(Buffer.from(changed)), [key]))).toBe('signature');
  });

  it('reads the example of the specification', () => {
    const note = parseNote(Buffer.from(sofa));
    expect(note.signatures.map(({ name }) => name)).toEqual([
      'example.com/behind-the-sofa',
      'witness.example.com/w1',
    ]);
    expect(note.signatures[1]?.bytes.readBigUInt64BE(0)).toBe(1679315147n);
    expect(parseCheckpoint(note.text)).toMatchObject({
      origin: 'example.com/behind-the-sofa',
      size: 20852163,
    });
  });

  it.each([
    ['no signatures', 'text\n'],
    ['no final newline', peterNote.slice(0, -1)],
    ['a control character', peterNote.replace('you ', 'you\t')],
    ['a carriage return', peterNote.replaceAll('\n', '\r\n')],
    ['another dash', peterNote.replace('—', '-')],
    ['a plus in the name', peterNote.replace('— Peter', '— Peter+')],
    ['a signature that is not canonical base64', peterNote.replace('nAM=', 'nAN=')],
    ['a signature line with a fourth part', peterNote.replace('nAM=', 'nAM= x')],
  ])('refuses %s', (_, note) => {
    expect(problemOf(() => parseNote(Buffer.from(note)))).toBe('malformed');
  });

  it('refuses what is not UTF-8', () => {
    const bytes = Buffer.from(peterNote);
    bytes[3] = 0xff;
    expect(problemOf(() => parseNote(bytes))).toBe('malformed');
  });
});

describe('verifier keys', () => {
  it('are refused when any character is changed', () => {
    for (let i = 0; i < peterKey.length; i++) {
      const changed = peterKey.slice(0, i) + (peterKey[i] === 'A' ? 'B' : 'A') + peterKey.slice(i + 1);
      expect(problemOf(() => parseVerifierKey(changed))).toMatch(/key|malformed/);
    }
  });

  it('have another id under another name, and the same fingerprint', () => {
    const other = makeVerifierKey('ledger.example/eu/2027h1', 1, log.key.publicKey);
    expect(other.keyId.equals(log.key.keyId)).toBe(false);
    expect(fingerprint(other)).toBe(fingerprint(log.key));
  });
});

describe('checkpoints', () => {
  it('hold under the keys of the log and of every witness', () => {
    const opened = openCheckpoint(checkpoint, policy);
    expect(opened).toMatchObject({ origin: log.key.name, size: 5 });
    expect(opened.cosignatures).toEqual([
      { name: 'witness.example/w1', time: 1_795_000_000 },
      { name: 'witness.example/w2', time: 1_795_000_000 },
    ]);
  });

  it('do not hold with any bit flipped', () => {
    for (let bit = 0; bit < checkpoint.length * 8; bit++) {
      expect(
        problemOf(() => openCheckpoint(flipBit(checkpoint, bit), policy)),
        `bit ${bit}`,
      ).not.toBe('none');
    }
  });

  it('do not hold cut off anywhere', () => {
    for (let end = 0; end < checkpoint.length; end++) {
      expect(
        problemOf(() => openCheckpoint(checkpoint.subarray(0, end), policy)),
        `at ${end}`,
      ).not.toBe('none');
    }
  });

  it('name what is wrong', () => {
    const stranger = testLogKey('other.example/eu/2026h2');
    const impostor = testLogKey();
    const open = (/** @type {Buffer} */ bytes, policy_ = policy) =>
      problemOf(() => openCheckpoint(bytes, policy_));
    expect(open(checkpoint, makePolicy([stranger.key]))).toBe('origin');
    expect(open(checkpoint, makePolicy([impostor.key]))).toBe('unsigned');
    expect(open(signCheckpoint(log, 5, root, witnesses.slice(1)))).toBe('quorum');
    expect(open(signCheckpoint(log, 0, root, witnesses))).toBe('root');
    expect(open(signCheckpoint(log, 0, emptyRoot, witnesses))).toBe('none');
    const extended = signText(`${log.key.name}\n5\n${root.toString('base64')}\nmore\n`, log);
    expect(open(Buffer.from(extended))).toBe('malformed');
    const padded = signText(`${log.key.name}\n05\n${root.toString('base64')}\n`, log);
    expect(open(Buffer.from(padded))).toBe('malformed');
  });

  it('count a witness once, however often it signed', () => {
    const text = checkpoint.toString('utf8');
    const line = /** @type {string} */ (text.split('\n').find((each) => each.includes('witness.example/w1')));
    const doubled = Buffer.from(`${signCheckpoint(log, 5, root).toString('utf8')}${line}\n${line}\n`);
    expect(problemOf(() => openCheckpoint(doubled, policy))).toBe('quorum');
    expect(openCheckpoint(doubled, { ...policy, quorum: 1 }).cosignatures).toHaveLength(1);
  });

  it("do not take a log's signature for a witness's", () => {
    const [witness] = witnesses;
    if (!witness) throw new Error('no witness');
    // The same key pair, signing the plain text as a log does, under the name of the witness.
    const asLog = { key: { ...witness.key, algorithm: 1 }, privateKey: witness.privateKey };
    const forged = signText(`${log.key.name}\n5\n${root.toString('base64')}\n`, asLog).split('\n\n')[1];
    const bytes = Buffer.from(`${signCheckpoint(log, 5, root).toString('utf8')}${forged}`);
    expect(problemOf(() => openCheckpoint(bytes, makePolicy([log.key], [witness.key])))).toBe('signature');
  });
});

describe('policies', () => {
  it('refuse what would count one holder twice, or could never be met', () => {
    const [one, two] = witnesses.map(({ key }) => key);
    if (!one || !two) throw new Error('no witnesses');
    const alias = makeVerifierKey('witness.example/alias', 4, one.publicKey);
    const self = makeVerifierKey('witness.example/self', 4, log.key.publicKey);
    for (const make of [
      () => makePolicy([]),
      () => makePolicy([one]),
      () => makePolicy([log.key], [log.key]),
      () => makePolicy([log.key], [one, alias]),
      () => makePolicy([log.key], [self]),
      () => makePolicy([log.key], [one, two], 3),
    ]) {
      expect(problemOf(make)).toBe('policy');
    }
  });
});
