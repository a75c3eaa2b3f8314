import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { flipBit, whileChanged } from '../testing/flip.mjs';
import { makeFolder } from '../testing/folder.mjs';
import { writeLedger } from '../testing/ledger-writer.mjs';
import { testDecision, testDigest } from '../testing/record.mjs';
import { writeSegment } from '../testing/segment-writer.mjs';
import { testLogKey } from '../testing/test-log.mjs';
import { makePolicy } from './checkpoint.mjs';
import { checkSegments } from './segment.mjs';

const signer = testLogKey();
const next = testLogKey('ledger.example/eu/2027h1', signer.privateKey);
// The key of one period serves those of the whole cell.
const policy = makePolicy([signer.key]);

const entries = Array.from({ length: 120 }, () => testDecision().entries).flat();
const leaves = entries.map(({ leaf }) => leaf);
const ledger = writeLedger(leaves, signer);
const checkpointOf = (/** @type {number} */ size, of = leaves, by = signer) =>
  writeLedger(of.slice(0, size), by).checkpoint;

/** Hours of one period, none, over the end of a tile, the rest; then the beginning of the next period. */
function writeArchive() {
  const archive = makeFolder();
  const ends = [250, 250, 300, leaves.length];
  /** @type {ReturnType<typeof writeSegment>[]} */
  const segments = [];
  const add = (
    /** @type {Omit<import('../testing/segment-writer.mjs').TestHour, 'number' | 'previous'>} */ hour,
  ) =>
    segments.push(
      writeSegment(archive, { number: segments.length, previous: segments.at(-1)?.digest ?? null, ...hour }),
    );
  for (const [i, end] of ends.entries()) {
    const firstIndex = ends[i - 1] ?? 0;
    add({
      hour: 8 + i,
      period: '2026h2',
      firstIndex,
      entries: entries.slice(firstIndex, end),
      leaves,
      checkpoint: checkpointOf(end),
      tiles: i === 2 ? [readFileSync(join(ledger.folder, 'tile/0/000'))] : [],
      entriesPerPart: i === 0 ? 100 : 1000,
    });
  }
  // The hour in which one period ended and the other began has a segment in each.
  const few = entries.slice(0, 3);
  const checkpoint = checkpointOf(3, leaves, next);
  add({ hour: 11, period: '2027h1', firstIndex: 0, entries: few, leaves, checkpoint });
  return { archive, segments };
}

const { archive, segments } = writeArchive();
const [first, empty, third] = /** @type {[typeof segments[0], typeof segments[0], typeof segments[0]]} */ (
  /** @type {unknown} */ (segments)
);
const check = (at = archive) => checkSegments(at, policy);

/** @param {{objects: Record<string, string>}} segment */
const pathOf = (segment, name = 'entries-0000') => String(segment.objects[name]);

/**
 * Changes an object, names it anew and makes the manifest fit, as a forger would.
 * @param {{folder: string, objects: Record<string, string>}} segment
 * @param {string} name
 * @param {(bytes: Buffer) => Buffer} change
 */
async function problemWith(segment, name, change) {
  const path = pathOf(segment, name);
  const changed = change(readFileSync(path));
  const sha256 = testDigest(changed).slice(7);
  const forged = join(dirname(path), basename(path).replace(/\.[0-9a-f]{16}\./, `.${sha256.slice(0, 16)}.`));
  renameSync(path, `${path}.away`);
  writeFileSync(forged, changed);
  const rewrite = (/** @type {Buffer} */ bytes) => {
    const manifest = JSON.parse(bytes.toString());
    delete manifest.objects[basename(path)];
    manifest.objects[basename(forged)] = { bytes: changed.length, sha256 };
    return Buffer.from(JSON.stringify(manifest));
  };
  const verdict = await whileChanged(join(segment.folder, 'manifest.json'), rewrite, () =>
    check(segment.folder),
  );
  rmSync(forged);
  renameSync(`${path}.away`, path);
  return verdict.problem;
}

describe('archive segments', () => {
  it('hold as a chain', async () => {
    expect(await check()).toMatchObject({
      holds: true,
      facts: { cell: 'eu', segments: 5, entries: 363, expired: 0, before: null, firstNumber: 0 },
    });
  });

  it('hold one by one', async () => {
    for (const { folder } of segments) expect((await check(folder)).problem).toBeNull();
    expect((await check(third.folder)).facts).toMatchObject({
      firstNumber: 2,
      before: empty.digest,
      entries: 50,
    });
  });

  it('leave objects aside that the manifest does not count', async () => {
    const stranger = join(first.folder, 'entries-0000.0123456789abcdef.ndjson');
    writeFileSync(stranger, 'of a sealing that was cut off');
    expect((await check()).holds).toBe(true);
    rmSync(stranger);
    expect((await check(makeFolder())).problem).toMatchObject({ code: 'missing' });
  });

  it('do not hold with a bit of any object flipped, one missing or cut off, and name it', async () => {
    for (const { objects } of segments) {
      for (const path of Object.values(objects)) {
        for (const change of [
          (/** @type {Buffer} */ bytes) => flipBit(bytes, bytes.length * 3),
          (/** @type {Buffer} */ bytes) => bytes.subarray(1),
        ]) {
          const verdict = await whileChanged(path, change, () => check());
          expect(verdict.problem).toMatchObject({ code: 'object-digest', path });
        }
        renameSync(path, `${path}.away`);
        expect((await check()).problem).toMatchObject({ code: 'missing', path });
        renameSync(`${path}.away`, path);
      }
    }
  });

  it('may miss the payload of an expired record, and count it', async () => {
    const lines = readFileSync(pathOf(third), 'utf8');
    expect(lines).toContain('"payload":"');
    const changed = await problemWith(third, 'entries-0000', (bytes) =>
      Buffer.from(bytes.toString().replace(/"payload":"[^"]*"/, '"payload":null')),
    );
    // The index knows where each line is, so a line does not get shorter unseen.
    expect(changed).toMatchObject({ code: 'index' });
    const expired = makeFolder();
    const kept = entries.slice(0, 3).map((entry) => Object.assign({}, entry, { ciphertext: null }));
    const hour = { hour: 3, period: '2026h2', number: 0, firstIndex: 0, previous: null };
    writeSegment(expired, { ...hour, entries: kept, leaves, checkpoint: checkpointOf(3) });
    expect(await check(expired)).toMatchObject({ holds: true, facts: { expired: 2 } });
  });
});

describe('archive segments that were forged with fitting digests', () => {
  const lines = readFileSync(pathOf(first), 'utf8').split('\n');
  const place = { index: 5, entryId: entries[5]?.entryId };
  const rewrite = (/** @type {(entry: {header: string}) => object} */ change) => () =>
    Buffer.from(lines.with(5, JSON.stringify(change(JSON.parse(String(lines[5]))))).join('\n'));

  it('name the entry whose header, payload or index does not fit', async () => {
    for (const [change, expected] of /** @type {const} */ ([
      [rewrite((e) => ({ ...e, payload: 'AAAA' })), { code: 'ciphertext', ...place }],
      [rewrite((e) => ({ ...e, header: e.header.replace('acme', 'acne') })), { code: 'header', ...place }],
      [rewrite((e) => ({ ...e, index: 6 })), { code: 'entries', index: 5 }],
      [() => Buffer.from(lines.slice(1).join('\n')), { code: 'entries', index: 0 }],
      [() => Buffer.from(`${lines.slice(0, -2).join('\n')}\n`), { code: 'leaf', index: 99 }],
      [(/** @type {Buffer} */ bytes) => bytes.subarray(0, -1), { code: 'entries', index: 99 }],
    ])) {
      expect(await problemWith(first, 'entries-0000', change)).toMatchObject(expected);
    }
  });

  it('name the leaf, the index, the tile and the checkpoint', async () => {
    const flipped = await problemWith(first, 'leaves-0000', (bytes) => flipBit(bytes, 64 * 8 * 3 + 1));
    expect(flipped).toMatchObject({ code: 'header', index: 3, entryId: entries[3]?.entryId });
    const shifted = await problemWith(first, 'index-0000', (b) =>
      Buffer.from(b.toString().replace('[[0,', '[[1,')),
    );
    expect(shifted).toMatchObject({ code: 'index' });
    const seen = await problemWith(third, 'tiles-0-0000', (bytes) => flipBit(bytes, 255 * 256));
    expect(seen).toMatchObject({ code: 'tile-hash', index: 255 });
    // A hash of entries before the segment: it is known by the root it makes with the others.
    const unseen = await problemWith(third, 'tiles-0-0000', (bytes) => flipBit(bytes, 256));
    expect(unseen).toMatchObject({ code: 'tile-hash', index: 0 });
    expect(await problemWith(third, 'tiles-0-0000', (bytes) => bytes.subarray(32))).toMatchObject({
      code: 'tiles',
    });
    for (const [bytes, code] of /** @type {const} */ ([
      [checkpointOf(251), 'checkpoint'],
      [checkpointOf(250, leaves.with(7, Buffer.alloc(64))), 'root'],
      [checkpointOf(250, leaves, testLogKey()), 'unsigned'],
      [checkpointOf(250, leaves, next), 'origin'],
    ])) {
      expect((await problemWith(first, 'checkpoint-0000', () => bytes))?.code).toBe(code);
    }
  });

  it('name the manifest that was changed, moved, or does not follow', async () => {
    const edit = (/** @type {string} */ field, /** @type {unknown} */ value, at = archive) =>
      whileChanged(
        join(third.folder, 'manifest.json'),
        (bytes) => Buffer.from(JSON.stringify({ ...JSON.parse(bytes.toString()), [field]: value })),
        async () => (await check(at)).problem,
      );
    const { before } = JSON.parse(readFileSync(join(third.folder, 'manifest.json'), 'utf8'));
    /** @type {[string, unknown, string][]} */
    const edits = [
      ['previous', testDigest('other'), 'chain'],
      ['previous', null, 'chain'],
      ['number', 7, 'chain'],
      ['firstIndex', 251, 'chain'],
      ['cell', 'us', 'chain'],
      ['hour', '2026-11-22T11:00:00Z', 'chain'],
      ['hour', '2026-11-22T11:30:00Z', 'manifest'],
      ['before', before.toReversed(), 'chain'],
      ['format', 'countersign-segment@2', 'manifest'],
      ['objects', { '../up': { bytes: 1, sha256: '0'.repeat(64) } }, 'manifest'],
    ];
    for (const [field, value, code] of edits) expect((await edit(field, value))?.code, field).toBe(code);
    /** @type {[string, unknown, string][]} */
    const alone = [
      ['before', before.slice(1), 'manifest'],
      ['before', before.toReversed(), 'root'],
      ['root', '0'.repeat(64), 'root'],
      ['size', 301, 'entries'],
      ['period', '2026h1', 'origin'],
    ];
    for (const [field, value, code] of alone)
      expect((await edit(field, value, third.folder))?.code, field).toBe(code);
    const away = join(makeFolder(), 'hour');
    renameSync(empty.folder, away);
    expect((await check()).problem).toMatchObject({
      code: 'chain',
      path: join(third.folder, 'manifest.json'),
    });
    renameSync(away, empty.folder);
  });

  it('show two histories, though each was signed', async () => {
    const forked = makeFolder();
    const hour = { hour: 8, period: '2026h2', number: 0, firstIndex: 0, previous: null };
    const one = writeSegment(forked, {
      ...hour,
      entries: entries.slice(0, 9),
      leaves,
      checkpoint: checkpointOf(9),
    });
    const others = leaves.with(2, Buffer.alloc(64));
    const two = writeSegment(forked, {
      ...hour,
      hour: 9,
      number: 1,
      firstIndex: 9,
      previous: one.digest,
      entries: entries.slice(9, 12),
      leaves: others,
      checkpoint: checkpointOf(12, others),
    });
    expect((await check(two.folder)).holds).toBe(true);
    expect((await check(forked)).problem).toMatchObject({
      code: 'chain',
      path: join(two.folder, 'manifest.json'),
    });
  });
});
