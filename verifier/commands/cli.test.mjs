import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { testBundle } from '../testing/bundle-writer.mjs';
import { flipBit, whileChanged } from '../testing/flip.mjs';
import { makeFolder } from '../testing/folder.mjs';
import { writeLedger } from '../testing/ledger-writer.mjs';
import { testLeaf, testLeaves } from '../testing/leaves.mjs';
import { runProgram } from '../testing/program.mjs';
import { testDecision } from '../testing/record.mjs';
import { writeSegment } from '../testing/segment-writer.mjs';
import { signText, testLogKey, testWitnessKey } from '../testing/test-log.mjs';
import { writeZip } from '../testing/zip-writer.mjs';
import { parseLeaf } from '../lib/leaf.mjs';
import { fingerprint, formatVerifierKey } from '../lib/vkey.mjs';

const log = testLogKey();
const witness = testWitnessKey();
const key = formatVerifierKey(log.key);
const work = makeFolder();
const keyFile = join(work, 'log.vkey');
writeFileSync(keyFile, `${key}\n`);
const ledger = writeLedger(testLeaves(600), log, { witnesses: [witness] });

const verify = (/** @type {string[]} */ ...args) => runProgram('countersign-verify', args);
/** @param {string[]} args */
async function json(...args) {
  const { code, stdout } = await verify(...args, '--json');
  return { code, result: JSON.parse(stdout) };
}
/**
 * @param {string} name
 * @param {string | Buffer} content
 */
function file(name, content) {
  writeFileSync(join(work, name), content);
  return join(work, name);
}

describe('countersign-verify', () => {
  it('ledger: holds, with the key as text or file, and with its witness', async () => {
    const cosigned = ['--witness', formatVerifierKey(witness.key), '--quorum', '1'];
    for (const given of [key, keyFile]) {
      const { code, stdout } = await verify('ledger', ledger.folder, '--key', given, ...cosigned);
      expect([code, stdout]).toEqual([
        0,
        expect.stringMatching(/^HOLDS {2}ledger\.example\/eu\/2026h2: 600 entries/),
      ]);
      expect(stdout).toContain('cosigned by witness.example/w1');
    }
    const { result } = await json('ledger', ledger.folder, '--key', key);
    expect(result).toMatchObject({
      holds: true,
      problem: null,
      size: 600,
      root: ledger.root.toString('base64'),
    });
  });

  it('ledger: names the first difference and exits 1', async () => {
    await whileChanged(
      join(ledger.folder, 'tile/entries/001'),
      (bytes) => flipBit(bytes, 66 * 8 * 9 + 8 * 60),
      async () => {
        const { decisionId, entryId } = parseLeaf(testLeaf(265));
        const { code, stdout } = await verify('ledger', ledger.folder, '--key', key);
        expect(code).toBe(1);
        expect(stdout).toMatch(
          /^DOES NOT HOLD {2}entry 265 \(tile\/entries\/001\) does not hash to position 9/,
        );
        for (const name of ['leaf-hash', 'tile/entries/001', '265', decisionId, entryId])
          expect(stdout).toContain(name);
        const { result } = await json('ledger', ledger.folder, '--key', key);
        expect(result).toMatchObject({
          holds: false,
          problem: { code: 'leaf-hash', index: 265, decisionId, entryId },
        });
      },
    );
  });

  it('inclusion, evidence and find', async () => {
    const bundle = testBundle(log);
    const entry = bundle.manifest.entries[0];
    if (!entry) throw new Error('no entry');
    const receipt = file('receipt', /** @type {Buffer} */ (bundle.files.get(entry.receipt)));
    const header = file('header', /** @type {Buffer} */ (bundle.files.get(entry.header)));
    expect(await json('inclusion', receipt, '--key', key, '--header', header)).toMatchObject({
      code: 0,
      result: { holds: true, index: 4, entryId: entry.entryId, headerChecked: true },
    });
    expect((await verify('inclusion', receipt, '--key', key, '--header', receipt)).code).toBe(1);
    const zip = file('bundle.zip', writeZip(bundle.seal()));
    const held = await verify('evidence', zip, '--key', key, '--ledger', bundle.folder);
    expect([held.code, held.stdout]).toEqual([0, expect.stringContaining('no entry was left out')]);
    const broken = file('broken.zip', flipBit(readFileSync(zip), 4000));
    expect((await verify('evidence', broken, '--key', key)).code).toBe(1);
    const found = await json('find', bundle.folder, bundle.decision.decisionId);
    expect(found.result.leaves.map((/** @type {{index: number}} */ { index }) => index)).toEqual([4, 5, 6]);
    expect((await verify('find', bundle.folder, '0199ffff-0000-7000-8000-000000000000')).code).toBe(1);
  });

  it('consistency, promise and segment', async () => {
    const older = file('older', writeLedger(testLeaves(300), log).checkpoint);
    const newer = join(ledger.folder, 'checkpoint');
    const grown = await json('consistency', older, newer, '--tiles', ledger.folder, '--key', key);
    expect(grown).toMatchObject({ code: 0, result: { oldSize: 300, newSize: 600 } });
    const shrunk = await json('consistency', newer, older, '--tiles', ledger.folder, '--key', key);
    expect(shrunk).toMatchObject({ code: 1, result: { problem: { code: 'order' } } });

    const cell = testLogKey('ledger.example/eu/promise', log.privateKey);
    const { decisionId, entryId, headerDigest } = parseLeaf(testLeaf(44));
    const text = `${cell.key.name}\n${decisionId} ${entryId}\n${headerDigest}\n2026-11-22T19:00:00.000Z\n`;
    const promise = Buffer.from(signText(text, cell));
    for (const given of [
      promise.toString('base64'),
      file('promise', promise),
      file('p64', promise.toString('base64')),
    ]) {
      const kept = await json('promise', given, '--key', key, '--ledger', ledger.folder);
      expect(kept).toMatchObject({ code: 0, result: { index: 44, entryId } });
    }
    expect((await verify('promise', 'no base64', '--key', key, '--ledger', ledger.folder)).code).toBe(2);

    const { entries } = testDecision();
    const leaves = entries.map(({ leaf }) => leaf);
    const archive = makeFolder();
    const { checkpoint } = writeLedger(leaves, log);
    const hour = { hour: 9, period: '2026h2', number: 0, firstIndex: 0, previous: null };
    writeSegment(archive, { ...hour, entries, leaves, checkpoint });
    expect(await json('segment', archive, '--key', key)).toMatchObject({ code: 0, result: { entries: 3 } });
    expect((await verify('segment', archive, '--key', formatVerifierKey(testLogKey().key))).code).toBe(1);
  });

  it('key: shows the fingerprint and the key under another name', async () => {
    const { result } = await json('key', keyFile, '--name', 'ledger.example/eu/2027h1');
    expect(result).toMatchObject([{ name: 'ledger.example/eu/2027h1', fingerprint: fingerprint(log.key) }]);
  });

  it('exits 2 when called wrongly or when it cannot check, and never says that it holds', async () => {
    const wrong = [
      [],
      ['unknown'],
      ['ledger'],
      ['ledger', ledger.folder],
      ['ledger', ledger.folder, '--key', 'nonsense'],
      ['ledger', ledger.folder, '--key', key, '--quorum', '1'],
      ['ledger', ledger.folder, '--key', key, '--quorum', 'many'],
      ['ledger', ledger.folder, ledger.folder, '--key', key],
      ['ledger', ledger.folder, '--key', key, '--unknown'],
      ['ledger', 'http://127.0.0.1:1', '--key', key],
      ['inclusion', join(work, 'none'), '--key', key],
      ['consistency', 'a', 'b', '--key', key],
      ['promise', 'a', '--key', key],
    ];
    for (const args of wrong) {
      const { code, stdout } = await verify(...args);
      expect([args, code]).toEqual([args, 2]);
      expect(stdout).not.toContain('HOLD');
    }
  });

  it('helps', async () => {
    const overview = await verify('--help');
    expect(overview).toMatchObject({ code: 0 });
    for (const name of [
      'ledger',
      'inclusion',
      'find',
      'consistency',
      'evidence',
      'segment',
      'promise',
      'key',
    ]) {
      expect(overview.stdout).toContain(`countersign-verify ${name} `);
      const { code, stdout } = await verify(name, '--help');
      expect([code, stdout]).toEqual([0, expect.stringContaining('Examples')]);
    }
  });
});

describe('the package', () => {
  const root = new URL('..', import.meta.url);
  const sources = ['lib', 'commands', 'bin'].flatMap((folder) =>
    readdirSync(new URL(folder, root))
      .filter((name) => name.endsWith('.mjs') && !name.endsWith('.test.mjs'))
      .map((name) => new URL(`${folder}/${name}`, root)),
  );

  it('imports nothing but Node and its own files, and depends on nothing', () => {
    expect(sources.length).toBeGreaterThan(35);
    for (const source of [...sources, new URL('index.mjs', root)]) {
      for (const [, from] of readFileSync(source, 'utf8').matchAll(/from '([^']+)'/g)) {
        const isOwn = from?.startsWith('.') && new URL(from, source).href.startsWith(root.href);
        const isShipped = isOwn && existsSync(new URL(String(from), source)) && !from?.includes('testing');
        expect(from?.startsWith('node:') || isShipped, `${source.pathname}: ${from}`).toBe(true);
      }
    }
    const manifest = JSON.parse(readFileSync(new URL('package.json', root), 'utf8'));
    expect(Object.keys(manifest).filter((name) => /dependencies|scripts/i.test(name))).toEqual([]);
  });
});
