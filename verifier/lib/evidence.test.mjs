import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { testBundle } from '../testing/bundle-writer.mjs';
import { flipBit } from '../testing/flip.mjs';
import { writeLedger } from '../testing/ledger-writer.mjs';
import { testLeaves } from '../testing/leaves.mjs';
import { naivePath } from '../testing/naive-tree.mjs';
import { formatProof } from '../testing/proof-writer.mjs';
import { sealForTest, testDecision, testId, testKeyId } from '../testing/record.mjs';
import { signCheckpoint, signText, testLogKey } from '../testing/test-log.mjs';
import { writeZip } from '../testing/zip-writer.mjs';
import { makePolicy } from './checkpoint.mjs';
import { checkEvidence } from './evidence.mjs';
import { canonicalJson, headerLeaf, parseHeader } from './header.mjs';
import { openPayload, parseOpening } from './payload.mjs';
import { checkReceipt, parseProof } from './proof.mjs';
import { openSource } from './source.mjs';

const signer = testLogKey();
const policy = makePolicy([signer.key]);
const check = (/** @type {[string, Buffer][]} */ files) => checkEvidence(writeZip(files), policy);

/**
 * @param {ReturnType<typeof testBundle>['files']} files
 * @param {string} path
 * @param {(bytes: Buffer) => Buffer} change
 */
function alter(files, path, change) {
  files.set(path, change(/** @type {Buffer} */ (files.get(path))));
}

describe('an evidence bundle', () => {
  it('holds in full, its ledgers of two periods under the key of one', async () => {
    const bundle = testBundle(signer);
    for (const deflate of [true, false]) {
      const verdict = await checkEvidence(writeZip(bundle.seal(), { deflate }), policy);
      expect(verdict.problem).toBeNull();
      expect(verdict.facts).toMatchObject({
        decisionId: bundle.decision.decisionId,
        variant: 'full',
        unproven: [],
        ledgers: [{ origin: 'ledger.example/eu/2026h2' }, { origin: 'ledger.example/eu/2027h1' }],
      });
      expect(verdict.facts?.entries.map(({ index, type, relation }) => [index, type, relation])).toEqual([
        [4, 'intent', 'decision'],
        [5, 'completion', 'decision'],
        [6, 'outcome', 'decision'],
        [1, 'access', 'about'],
      ]);
    }
    const later = makePolicy([bundle.second.signer.key]);
    expect((await checkEvidence(writeZip(bundle.seal()), later)).holds).toBe(true);
  });

  it('holds redacted or with payloads of schema 1, and says what it cannot show', async () => {
    const redacted = await check(testBundle(signer, { variant: 'redacted' }).seal());
    expect(redacted.problem).toBeNull();
    expect(redacted.facts).toMatchObject({ noneLeftOut: false, omitted: ['readings of the record'] });
    expect(redacted.facts?.unproven).toHaveLength(3);
    const old = await check(testBundle(signer, { schema: 1 }).seal());
    expect(old.problem).toBeNull();
    expect(old.facts?.unproven).toHaveLength(2);
  });

  it('does not hold with a bit of any file flipped, and names the file', async () => {
    const sealed = testBundle(signer).seal();
    for (const [i, [name, bytes]] of sealed.entries()) {
      for (const bit of [0, bytes.length * 4 + 1, bytes.length * 8 - 2]) {
        const verdict = await check(sealed.with(i, [name, flipBit(bytes, bit)]));
        expect(verdict.holds, `${name} bit ${bit}`).toBe(false);
        if (!name.startsWith('manifest'))
          expect(verdict.problem).toMatchObject({ code: 'file-digest', path: name });
      }
    }
  });

  it('unpacks to the same or is refused, whichever bit of the zip is flipped', async () => {
    const zip = writeZip(testBundle(signer).seal());
    const before = await checkEvidence(zip, policy);
    let refused = 0;
    for (let bit = 0; bit < zip.length * 8; bit += 97) {
      const verdict = await checkEvidence(flipBit(zip, bit), policy);
      if (verdict.holds) expect(verdict).toEqual(before);
      else refused += 1;
    }
    expect(refused).toBeGreaterThan((zip.length * 8) / 97 / 2);
  });

  it.each([
    [
      '1-intent.header.json',
      (/** @type {Buffer} */ b) => Buffer.from(b.toString().replace('0.5', '0.6')),
      'header',
    ],
    [
      '1-intent.header.json',
      (/** @type {Buffer} */ b) => Buffer.from(b.toString().replace('{"', '{ "')),
      'header',
    ],
    ['1-intent.ciphertext', (/** @type {Buffer} */ b) => flipBit(b, 200), 'ciphertext'],
    [
      '1-intent.opening.json',
      (/** @type {Buffer} */ b) => Buffer.from(b.toString().replace(/[0-9]/, 'a')),
      'opening',
    ],
    ['3-outcome.payload.json', (/** @type {Buffer} */ b) => flipBit(b, 100), 'plaintext'],
    ['2-completion.tlog-proof', (/** @type {Buffer} */ b) => swapLines(b), 'inclusion'],
    [
      '2-completion.tlog-proof',
      (/** @type {Buffer} */ b) => Buffer.from(b.toString().replace('index 5', 'index 6')),
      'inclusion',
    ],
  ])('that the operator signed anew does not hold with %s changed', async (name, change, code) => {
    const bundle = testBundle(signer);
    alter(bundle.files, `entries/${name}`, change);
    const verdict = await check(bundle.seal());
    expect(verdict.problem?.code).toBe(code);
    expect(verdict.problem?.entryId).toBe(bundle.decision.entries[Number(name[0]) - 1]?.entryId);
  });

  it('does not hold signed by another key, or with the signature of another bundle', async () => {
    const bundle = testBundle(signer);
    expect((await check(bundle.seal({}, testLogKey()))).problem).toMatchObject({
      code: 'unsigned',
      path: 'manifest.sig',
    });
    const sealed = bundle.seal();
    const other = /** @type {[string, Buffer]} */ (bundle.seal({ exportedBy: '0.2.0' })[1]);
    expect((await check(sealed.with(1, other))).problem).toMatchObject({
      code: 'manifest',
      path: 'manifest.sig',
    });
    const promise = testLogKey('ledger.example/eu/promise', signer.privateKey);
    const asPromise = Buffer.from(signText(`${promise.key.name}\n`, promise));
    expect((await check(sealed.with(1, ['manifest.sig', asPromise]))).problem?.code).toBe('origin');
    expect((await check(sealed.toSpliced(1, 1))).problem).toMatchObject({
      code: 'missing',
      path: 'manifest.sig',
    });
  });

  it('does not hold with receipts swapped, or against another checkpoint', async () => {
    const bundle = testBundle(signer);
    const [first, second] = ['entries/1-intent.tlog-proof', 'entries/2-completion.tlog-proof'];
    const receipts = [bundle.files.get(first), bundle.files.get(second)];
    bundle.files.set(first, /** @type {Buffer} */ (receipts[1]));
    bundle.files.set(second, /** @type {Buffer} */ (receipts[0]));
    expect((await check(bundle.seal())).problem).toMatchObject({ code: 'header', path: first });

    const other = testBundle(signer);
    const grown = writeLedger([...other.leaves, Buffer.alloc(64, 9)], signer);
    other.files.set('checkpoints/2026h2', grown.checkpoint);
    expect((await check(other.seal())).problem).toMatchObject({ code: 'checkpoint', index: 4 });
    other.files.set('checkpoints/2026h2', signCheckpoint(testLogKey(), 9, grown.root));
    expect((await check(other.seal())).problem).toMatchObject({
      code: 'unsigned',
      path: 'checkpoints/2026h2',
    });
    other.files.set('checkpoints/2026h2', other.second.checkpoint);
    expect((await check(other.seal())).problem?.code).toBe('origin');
  });

  it('does not hold with an entry that has no place in it', async () => {
    const { manifest, seal } = testBundle(signer);
    const [intent, completion, outcome, reading] = manifest.entries;
    if (!intent || !completion || !outcome || !reading) throw new Error('four entries were written');
    const problemOf = async (/** @type {object[]} */ entries) => (await check(seal({ entries }))).problem;
    // A reading in the chain of the decision, an entry of the decision as one about it, a stranger.
    const asOwn = { ...reading, relation: 'decision' };
    expect(await problemOf([intent, completion, outcome, asOwn])).toMatchObject({
      code: 'header',
      entryId: reading.entryId,
    });
    const asAbout = { ...outcome, relation: 'about' };
    expect(await problemOf([intent, completion, asAbout])).toMatchObject({
      code: 'header',
      entryId: outcome.entryId,
    });
    expect(await problemOf([reading])).toMatchObject({ code: 'manifest' });
    expect(await problemOf([])).toMatchObject({ code: 'manifest' });
    expect(await problemOf([completion, intent, outcome])).toMatchObject({
      code: 'chain',
      entryId: completion.entryId,
    });
  });

  it('does not hold with an entry left out, in the middle, at the front or, by the ledger, at the end', async () => {
    const { manifest, seal, folder, leaves } = testBundle(signer);
    const without = async (/** @type {number} */ i, options = {}) =>
      checkEvidence(writeZip(seal({ entries: manifest.entries.toSpliced(i, 1) })), policy, options);
    expect((await without(0)).problem?.code).toBe('chain');
    expect((await without(1)).problem?.code).toBe('chain');
    const ledger = openSource(folder);
    expect((await without(2)).holds).toBe(true);
    const { entryId } = /** @type {{entryId: string}} */ (manifest.entries[2]);
    expect((await without(2, { ledger })).problem).toMatchObject({ code: 'left-out', index: 6, entryId });
    const whole = writeZip(seal());
    expect(await checkEvidence(whole, policy, { ledger })).toMatchObject({
      holds: true,
      facts: { noneLeftOut: true },
    });
    const short = openSource(writeLedger(leaves.slice(0, 5), signer).folder);
    expect((await checkEvidence(whole, policy, { ledger: short })).problem?.code).toBe('ledger-short');
    const other = openSource(writeLedger(testLeaves(9), signer).folder);
    expect((await checkEvidence(whole, policy, { ledger: other })).problem?.code).toBe('ledger-other');
  });

  it('does not hold with the release, a part, a file or a payload missing, or a stranger added', async () => {
    /** @typedef {ReturnType<typeof testBundle>} Bundle */
    const problemOf = async (/** @type {(bundle: Bundle) => Record<string, unknown> | void} */ change) => {
      const bundle = testBundle(signer);
      const manifest = change(bundle) ?? {};
      return (await check(bundle.seal(manifest))).problem?.code;
    };
    const partOf = (/** @type {Bundle} */ { manifest }) => String(manifest.releaseParts[1]?.file);
    expect(await problemOf((bundle) => void bundle.files.delete(partOf(bundle)))).toBe('manifest');
    expect(await problemOf((bundle) => alter(bundle.files, partOf(bundle), (b) => flipBit(b, 1)))).toBe(
      'release',
    );
    expect(await problemOf(({ manifest }) => ({ releaseParts: manifest.releaseParts.slice(0, 1) }))).toBe(
      'release',
    );
    expect(await problemOf(() => ({ release: null }))).toBe('release');
    expect(await problemOf((bundle) => void bundle.files.delete('entries/1-intent.ciphertext'))).toBe(
      'manifest',
    );
    const unopened = (/** @type {Bundle} */ { manifest }) => ({
      entries: manifest.entries.map((entry) => Object.assign({}, entry, { opening: null })),
    });
    expect(await problemOf(unopened)).toBe('payload');
    expect(await problemOf(() => ({ variant: 'redacted' }))).toBe('opening');
    expect(await problemOf(() => ({ decisionId: '0199ffff-0000-7000-8000-000000000000' }))).toBe('header');
    expect(await problemOf(() => ({ format: 'countersign-evidence@9' }))).toBe('manifest');
    const sealed = testBundle(signer).seal();
    expect((await check([...sealed, ['entries/9-extra.txt', Buffer.from('x')]])).problem?.code).toBe(
      'file-unknown',
    );
    const cut = sealed.filter(([name]) => name !== 'VERIFY.md');
    expect((await check(cut)).problem).toMatchObject({ code: 'missing', path: 'VERIFY.md' });
  });

  it('tells of a part that is not there', async () => {
    const bundle = testBundle(signer);
    const [manifest, part] = bundle.manifest.releaseParts;
    const releaseParts = [manifest, { ...part, file: null }];
    const verdict = await check(bundle.seal({ releaseParts }));
    expect(verdict.facts?.unproven).toEqual(['the part prompt of the release is not in the bundle']);
  });

  it('takes an erasure of one of its keys, and no entry about another decision or key', async () => {
    const erased = await check(testBundle(signer, { erasedKey: testKeyId }).seal());
    expect(erased).toMatchObject({ holds: true });
    expect(erased.facts?.entries.at(-1)).toMatchObject({ type: 'erasure', relation: 'about' });
    const other = testBundle(signer, { erasedKey: testId() });
    expect((await check(other.seal())).problem).toMatchObject({ code: 'header' });
    const bundle = testBundle(signer);
    const base = 'entries/4-access';
    alter(bundle.files, `${base}.header.json`, (header) =>
      Buffer.from(
        header.toString().replace(bundle.decision.decisionId, '0199ffff-0000-7000-8000-000000000000'),
      ),
    );
    expect((await check(bundle.seal())).problem).toMatchObject({
      code: 'header',
      path: `${base}.header.json`,
    });
  });
});

/** @param {Buffer} proof */
function swapLines(proof) {
  const lines = proof.toString().split('\n');
  const [a, b] = [String(lines[3]), String(lines[4])];
  return Buffer.from(lines.with(3, b).with(4, a).join('\n'));
}

describe('a receipt', () => {
  const { decision, leaves, checkpoint } = testBundle(signer);
  const entry = /** @type {(typeof decision.entries)[0]} */ (decision.entries[0]);
  const receipt = formatProof({ extra: entry.leaf, index: 4, hashes: naivePath(4, leaves), checkpoint });

  it('holds, with its header and without', async () => {
    const expected = { index: 4, decisionId: decision.decisionId, entryId: entry.entryId };
    expect(await checkReceipt(receipt, policy)).toMatchObject({
      holds: true,
      facts: { ...expected, headerChecked: false },
    });
    const verdict = await checkReceipt(receipt, policy, entry.header);
    expect(verdict).toMatchObject({ holds: true, facts: { ...expected, headerChecked: true } });
    const other = await checkReceipt(receipt, policy, decision.entries[1]?.header);
    expect(other.problem).toMatchObject({ code: 'header', ...expected });
  });

  it('is written as it was read', () => {
    expect(formatProof(parseProof(receipt)).equals(receipt)).toBe(true);
    const bare = formatProof({ extra: null, index: 0, hashes: [], checkpoint });
    expect(bare.toString().startsWith(`c2sp.org/tlog-proof@v1\nindex 0\n\n${signer.key.name}\n`)).toBe(true);
    expect(parseProof(bare)).toMatchObject({ extra: null, index: 0, hashes: [] });
  });

  it('does not hold with any bit flipped, nor cut off anywhere', async () => {
    for (let bit = 0; bit < receipt.length * 8; bit++) {
      expect((await checkReceipt(flipBit(receipt, bit), policy)).holds, `bit ${bit}`).toBe(false);
    }
    for (let end = 0; end < receipt.length; end++) {
      expect((await checkReceipt(receipt.subarray(0, end), policy)).holds, `at ${end}`).toBe(false);
    }
  });
});

describe('headers', () => {
  it('have one canonical form', () => {
    expect(canonicalJson({ b: [1, 'é', null, { d: true, c: 1e21 }], a: '\u20ac\n' })).toBe(
      '{"a":"€\\n","b":[1,"é",null,{"c":1e+21,"d":true}]}',
    );
    const { header, leaf } = /** @type {import('../testing/record.mjs').TestEntry} */ (
      testDecision().entries[0]
    );
    const text = header.toString();
    expect(headerLeaf(parseHeader(header)).equals(leaf)).toBe(true);
    for (const wrong of [
      text.replace('0.5', '0.50'),
      text.replace('"tenant":"acme"', '"tenant":"x","tenant":"acme"'),
      text.replace('"schema":2', '"schema":3'),
      `${text}\n`,
      text.replace('"previous":null', '"previous":"none"'),
      text.replace('A256GCM', 'A128GCM'),
    ]) {
      expect(() => parseHeader(Buffer.from(wrong)), wrong).toThrow(/header|schema/);
    }
  });
});

describe('payloads', () => {
  const openingOf = (/** @type {{opening: object | null}} */ { opening }) =>
    parseOpening(Buffer.from(JSON.stringify(opening)));

  it.each(/** @type {const} */ ([1, 2]))(
    'of schema %i open with their opening and with no other',
    (schema) => {
      const { entries } = testDecision({ schema, types: ['intent', 'outcome'] });
      const [entry, other] = entries;
      if (!entry?.ciphertext || !other) throw new Error('no entries');
      const { ciphertext } = entry;
      const header = parseHeader(entry.header);
      const opening = openingOf(entry);
      expect(openPayload(header, ciphertext, opening).equals(/** @type {Buffer} */ (entry.plaintext))).toBe(
        true,
      );
      // In schema 1 the opening is the whole subject's; in schema 2 it opens its own entry only.
      const openOther = () => openPayload(header, ciphertext, openingOf(other));
      if (schema === 2) expect(openOther).toThrow(/not the one committed to/);
      else expect(openOther).not.toThrow();
      expect(() => openPayload(header, flipBit(ciphertext, 300), opening)).toThrow(/ciphertext/);
      expect(() => openPayload(header, ciphertext, { ...opening, salt: randomBytes(32) })).toThrow(
        /plaintext/,
      );
      expect(() => openPayload(header, ciphertext, { ...opening, key: randomBytes(32) })).toThrow(/opening/);
    },
  );

  it('do not open as another entry, though every digest was made to fit', () => {
    const { secret, entries } = testDecision({ types: ['intent'] });
    const entry = /** @type {(typeof entries)[0]} */ (entries[0]);
    const sealed = sealForTest(Buffer.from('x'), secret, testId(), 2, 'identity');
    const header = parseHeader(entry.header);
    const moved = /** @type {import('./header.mjs').Header} */ ({ ...header, payload: sealed.seal });
    expect(() => openPayload(moved, sealed.ciphertext, openingOf(sealed))).toThrow(
      /does not open under its key/,
    );
  });
});
