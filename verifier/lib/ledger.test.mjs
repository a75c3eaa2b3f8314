import { copyFileSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { flipBit, whileChanged } from '../testing/flip.mjs';
import { makeFolder } from '../testing/folder.mjs';
import { writeLedger } from '../testing/ledger-writer.mjs';
import { testLeaf, testLeaves } from '../testing/leaves.mjs';
import { signCheckpoint, testLogKey, testWitnessKey } from '../testing/test-log.mjs';
import { makePolicy } from './checkpoint.mjs';
import { checkConsistency } from './consistency.mjs';
import { findDecision } from './find.mjs';
import { parseLeaf } from './leaf.mjs';
import { checkLedger } from './ledger.mjs';
import { openSource } from './source.mjs';

const signer = testLogKey();
const witness = testWitnessKey();
const policy = makePolicy([signer.key], [witness.key]);
const size = 70_000;
const { folder } = writeLedger(testLeaves(size), signer, { witnesses: [witness] });
const check = (at = folder) => checkLedger(openSource(at), policy);
const at = (/** @type {string} */ path) => join(folder, path);

describe('a ledger that holds', () => {
  it('is reported with its size, root and cosignatures, and every leaf is seen in order', async () => {
    let next = 0;
    let shown = 0;
    const verdict = await checkLedger(openSource(folder), policy, {
      onLeaf: (leaf, index) => {
        expect(index).toBe(next++);
        if (index % 9999 === 0) expect(leaf.equals(testLeaf(index))).toBe(true);
      },
      onProgress: (done, of) => {
        expect(of).toBe(size);
        shown = done;
      },
    });
    expect(verdict).toMatchObject({
      holds: true,
      facts: { size, cosignatures: [{ name: witness.key.name }] },
    });
    expect([next, shown]).toEqual([size, size]);
  });

  it('may have deleted a partial tile that has become full', async () => {
    const grown = writeLedger(testLeaves(600), signer, { witnesses: [witness] });
    // The checkpoint of 300 entries with the tiles of 600.
    const { root } = writeLedger(testLeaves(300), signer);
    rmSync(join(grown.folder, 'tile/1/000.p/2'));
    mkdirSync(join(grown.folder, 'tile/1/000.p'), { recursive: true });
    const older = writeLedger(testLeaves(300), signer);
    copyFileSync(join(older.folder, 'tile/1/000.p/1'), join(grown.folder, 'tile/1/000.p/1'));
    writeFileSync(join(grown.folder, 'checkpoint'), signCheckpoint(signer, 300, root, [witness]));
    expect(await check(grown.folder)).toMatchObject({ holds: true });
  });
});

describe('a ledger with one thing changed', () => {
  it.each(['tile/entries/000', 'tile/entries/200', 'tile/entries/273.p/112'])(
    'names the leaf in %s',
    async (path) => {
      const n = Number(/** @type {RegExpExecArray} */ (/entries\/(\d+)/.exec(path))[1]);
      for (const position of [0, 111]) {
        for (const byte of [2, 65]) {
          const verdict = await whileChanged(
            at(path),
            (bytes) => flipBit(bytes, (position * 66 + byte) * 8 + 3),
            check,
          );
          expect(verdict.problem).toMatchObject({ code: 'leaf-hash', path, index: n * 256 + position });
          expect(verdict.problem?.message).toContain('so the entry was altered');
          // A flip in the digest leaves the ids readable.
          if (byte > 33) expect(verdict.problem).toMatchObject(idsOf(n * 256 + position));
        }
      }
    },
  );

  it.each([
    ['tile/0/000', 0],
    ['tile/0/272', 272 * 256],
    ['tile/0/273.p/112', 273 * 256],
  ])('names the position in %s', async (path, first) => {
    for (const position of [0, 111]) {
      const verdict = await whileChanged(at(path), (bytes) => flipBit(bytes, position * 256 + 9), check);
      const { decisionId, entryId } = idsOf(first + position);
      expect(verdict.problem).toMatchObject({
        code: 'leaf-hash',
        path,
        index: first + position,
        decisionId,
        entryId,
      });
      expect(verdict.problem?.message).toContain('so the tile was altered');
    }
  });

  it.each(['tile/1/000', 'tile/1/001.p/17', 'tile/2/000.p/1'])('names the interior tile %s', async (path) => {
    const hashes = statSync(at(path)).size / 32;
    for (const position of [0, hashes - 1]) {
      const verdict = await whileChanged(at(path), (bytes) => flipBit(bytes, position * 256 + 100), check);
      expect(verdict.problem).toMatchObject({ code: 'tile-hash', path });
      expect(verdict.problem?.message).toContain(`position ${position} of ${path}`);
    }
  });

  it('is refused when any file is missing, cut off or too long, and the file is named', async () => {
    const paths = [
      'checkpoint',
      'tile/entries/000',
      'tile/entries/273.p/112',
      'tile/0/100',
      'tile/1/000',
      'tile/1/001.p/17',
      'tile/2/000.p/1',
    ];
    for (const path of paths) {
      const bytes = readFileSync(at(path));
      for (const changed of [
        null,
        bytes.subarray(0, bytes.length - 1),
        Buffer.concat([bytes, bytes.subarray(0, 32)]),
      ]) {
        if (changed === null) rmSync(at(path));
        else writeFileSync(at(path), changed);
        const verdict = await check();
        writeFileSync(at(path), bytes);
        expect(verdict.problem, path).toMatchObject({ path });
      }
    }
  });

  it('is refused when two leaves are swapped', async () => {
    const swap = (/** @type {Buffer} */ bytes) =>
      Buffer.concat([bytes.subarray(66, 132), bytes.subarray(0, 66), bytes.subarray(132)]);
    const verdict = await whileChanged(at('tile/entries/005'), swap, check);
    expect(verdict.problem).toMatchObject({ code: 'leaf-hash', index: 1280, path: 'tile/entries/005' });
  });

  it('is refused when whole bundles and tiles are swapped', async () => {
    const other = readFileSync(at('tile/entries/008'));
    const verdict = await whileChanged(at('tile/entries/007'), () => other, check);
    expect(verdict.problem).toMatchObject({ code: 'leaf-hash', index: 7 * 256 });
    const tile = readFileSync(at('tile/0/008'));
    const both = await whileChanged(
      at('tile/entries/007'),
      () => other,
      () => whileChanged(at('tile/0/007'), () => tile, check),
    );
    expect(both.problem).toMatchObject({ code: 'tile-hash', path: 'tile/1/000', index: 7 * 256 });
  });

  it('is refused when it is another tree, whole in itself', async () => {
    const forged = writeLedger([...testLeaves(299), Buffer.alloc(64, 1)], signer);
    writeFileSync(
      join(forged.folder, 'checkpoint'),
      writeLedger(testLeaves(300), signer, { witnesses: [witness] }).checkpoint,
    );
    expect((await check(forged.folder)).problem).toMatchObject({ code: 'root', path: 'checkpoint' });
  });

  it('is refused when a leaf is not of 64 bytes', async () => {
    const odd = writeLedger([testLeaf(0), Buffer.alloc(63), testLeaf(2)], signer, { witnesses: [witness] });
    expect((await check(odd.folder)).problem).toMatchObject({
      code: 'leaf',
      index: 1,
      path: 'tile/entries/000.p/3',
    });
  });

  it('is refused when an older partial tile was of another tree', async () => {
    for (const path of ['tile/0/003.p/9', 'tile/entries/273.p/7', 'tile/1/001.p/3']) {
      mkdirSync(dirname(at(path)), { recursive: true });
      const full = readFileSync(
        at(
          path.startsWith('tile/0/003')
            ? 'tile/0/003'
            : path.replace(/\d+$/, path.includes('entries') ? '112' : '17'),
        ),
      );
      const beginning = full.subarray(0, path.includes('entries') ? 7 * 66 : 96);
      writeFileSync(at(path), beginning);
      expect(await check()).toMatchObject({ holds: true });
      writeFileSync(at(path), flipBit(beginning, 77));
      expect((await check()).problem).toMatchObject({ code: 'partial-tile', path });
      rmSync(at(path));
    }
  });
});

/** @param {number} index */
function idsOf(index) {
  const { decisionId, entryId } = parseLeaf(testLeaf(index));
  return { decisionId, entryId };
}

describe('over HTTP', () => {
  const server = createServer((request, response) => {
    try {
      response.end(readFileSync(join(folder, String(request.url).replace('/log/', ''))));
    } catch {
      response.writeHead(request.url?.endsWith('/tile/0/x999/999') ? 500 : 404).end();
    }
  });
  let prefix = '';
  beforeAll(async () => {
    await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(null)));
    const address = /** @type {import('node:net').AddressInfo} */ (server.address());
    prefix = `http://127.0.0.1:${address.port}/log`;
  });
  afterAll(() => new Promise((resolve) => server.close(resolve)));

  it('holds under a prefix, with and without its last slash', async () => {
    for (const location of [prefix, `${prefix}/`]) {
      expect(await check(location)).toMatchObject({ holds: true, facts: { size } });
    }
  });

  it('names what is missing, and does not judge what did not answer', async () => {
    const verdict = await check(`${prefix}/none`);
    expect(verdict.problem).toMatchObject({ code: 'missing', path: 'checkpoint' });
    const refused = openSource('http://127.0.0.1:1');
    await expect(checkLedger(refused, policy)).rejects.toThrow(/fetch failed/);
    await expect(openSource(prefix).read('tile/0/x999/999', 10)).rejects.toThrow(/status 500/);
  });

  it('stops reading what is larger than it can be', async () => {
    await expect(openSource(prefix).read('tile/0/000', 100)).rejects.toThrow(/more than 100 bytes/);
    await expect(openSource(folder).read('tile/0/000', 100)).rejects.toThrow(/more than 100 bytes/);
  });
});

describe('find', () => {
  it('gives every leaf of a decision', async () => {
    const decision = testLeaf(3).subarray(0, 16);
    const again = Buffer.concat([decision, testLeaf(999).subarray(16)]);
    const leaves = testLeaves(600).with(511, again);
    const ledger = writeLedger(leaves, signer);
    const verdict = await findDecision(openSource(ledger.folder), parseLeaf(testLeaf(3)).decisionId);
    expect(verdict.facts?.leaves).toEqual([
      { index: 3, ...parseLeaf(testLeaf(3)) },
      { index: 511, ...parseLeaf(again) },
    ]);
    const none = await findDecision(openSource(ledger.folder), '00000000-0000-7000-8000-000000000000');
    expect(none.problem).toMatchObject({ code: 'not-found' });
  });
});

describe('consistency', () => {
  const leaves = testLeaves(1000);
  const newer = writeLedger(leaves, signer, { witnesses: [witness] });
  const tiles = openSource(newer.folder);

  it('holds from every older checkpoint', async () => {
    for (const oldSize of [0, 1, 2, 255, 256, 257, 700, 999, 1000]) {
      const older = writeLedger(leaves.slice(0, oldSize), signer);
      const verdict = await checkConsistency(older.checkpoint, newer.checkpoint, tiles, policy);
      expect(verdict).toMatchObject({ holds: true, facts: { oldSize, newSize: 1000 } });
    }
  });

  it('names a fork, a rollback, altered tiles and another ledger', async () => {
    const forked = writeLedger(leaves.slice(0, 700).with(5, Buffer.alloc(64)), signer);
    const problemOf = async (/** @type {Buffer} */ older, later = newer.checkpoint) =>
      (await checkConsistency(older, later, tiles, policy)).problem?.code;
    expect(await problemOf(forked.checkpoint)).toBe('fork');
    const later = writeLedger(testLeaves(1001), signer);
    expect(await problemOf(later.checkpoint)).toBe('order');
    const root = flipBit(newer.root, 1);
    expect(await problemOf(forked.checkpoint, signCheckpoint(signer, 1000, root, [witness]))).toBe('tiles');
    const other = testLogKey('ledger.example/us/2026h2');
    const foreign = signCheckpoint(other, 5, root);
    const both = makePolicy([signer.key, other.key], [witness.key]);
    const verdict = await checkConsistency(foreign, newer.checkpoint, tiles, both);
    expect(verdict.problem?.code).toBe('origin');
    expect(readdirSync(makeFolder())).toEqual([]);
  });
});
