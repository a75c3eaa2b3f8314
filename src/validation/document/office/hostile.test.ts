import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { testLimits } from '../markup/reading-fixture.ts';
import { readDocx } from './docx.ts';
import { cell, makeDocx, makeXlsx, paragraph, row, run, zipOf } from './office-fixture.ts';
import { readXlsx } from './xlsx.ts';

const docx = makeDocx({ body: paragraph(run('Statement of account')) });
const xlsx = makeXlsx({ sheets: [{ rows: row(1, cell('A1', 'Income')) }] });

/** Where the directory of an archive tells the size of an entry (APPNOTE 4.3.12). */
function withSize(archive: Uint8Array, name: string, size: number): Uint8Array {
  const changed = Buffer.from(archive);
  let at = changed.indexOf(Buffer.from('504b0102', 'hex'));
  while (at !== -1 && changed.toString('utf8', at + 46, at + 46 + name.length) !== name)
    at = changed.indexOf(Buffer.from('504b0102', 'hex'), at + 4);
  changed.writeUInt32LE(size, at + 24);
  return new Uint8Array(changed);
}

/** Uncompressed, so that it is not the compression that gives it away. */
const body = (content: string) => makeDocx({ body: content, level: 0 });

describe('Office files made to harm', () => {
  it.each([
    [
      'a part that expands a thousandfold',
      zipOf({ 'a.xml': new Uint8Array(20_000_000) }),
      'too-large',
      'compression-ratio',
    ],
    [
      'a part that expands beyond the limit',
      zipOf({ 'a.xml': new Uint8Array(70_000_000) }),
      'too-large',
      'expanded-bytes',
    ],
    ['a part that is larger than it says', withSize(docx, 'word/document.xml', 10), 'unreadable', 'zip-size'],
    [
      'a part that is smaller than it says',
      withSize(docx, 'word/document.xml', 100_000),
      'unreadable',
      'zip-size',
    ],
    ['two parts of one name', zipOf({ 'a.xml': '<a/>', 'A.xml': '<a/>' }), 'unreadable', 'duplicate-part'],
    ['a million nested elements', body('<w:p>'.repeat(1_000_000)), 'too-large', 'depth'],
    ['a million elements and more', body('<w:p/>'.repeat(1_000_001)), 'too-large', 'elements'],
    [
      'a flood of attributes',
      body(`<w:p ${Array.from({ length: 100_000 }, (_, i) => `a${i}="1"`).join(' ')}/>`),
      'too-large',
      'attributes',
    ],
    [
      'entities that expand',
      makeDocx({ body: '', parts: { 'word/document.xml': '<!DOCTYPE a [<!ENTITY b "bbbb">]><a>&b;</a>' } }),
      'unreadable',
      'xml-doctype',
    ],
    ['an unknown entity', body('<w:p>&b;</w:p>'), 'unreadable', 'xml'],
    ['no archive', new Uint8Array(1000), 'unreadable', 'not-a-zip'],
    ['nothing', new Uint8Array(), 'unreadable', 'not-a-zip'],
    ['an archive of something else', zipOf({ 'a.txt': 'a' }), 'unreadable', 'not-an-office-file'],
    ['a workbook', xlsx, 'unreadable', 'not-an-office-file'],
    [
      'more parts than are opened',
      zipOf(Object.fromEntries(Array.from({ length: 5001 }, (_, i) => [`${i}.xml`, '']))),
      'too-large',
      'parts',
    ],
  ] as const)('%s', async (_, bytes, kind, detail) => {
    expect(await readDocx(bytes, testLimits)).toEqual({ kind, detail });
  });

  it('entries that share their bytes', async () => {
    const shared = Buffer.from(zipOf({ 'a.xml': '<a></a>', 'b.xml': '<a></a>' }));
    const directory = shared.indexOf(Buffer.from('504b0102', 'hex'));
    const second = shared.indexOf(Buffer.from('504b0102', 'hex'), directory + 4);
    // The second entry points to the first, under the first one's name in another case.
    shared.writeUInt32LE(0, second + 42);
    expect((await readDocx(new Uint8Array(shared), testLimits)).kind).toBe('unreadable');
  });

  it('text beyond the limit', async () => {
    const extraction = await readDocx(body(paragraph(run('word '.repeat(1000)))), {
      ...testLimits,
      charactersMax: 1000,
    });
    expect(extraction).toEqual({ kind: 'too-large', detail: 'characters' });
  });

  it('merged cells without end', async () => {
    const merged = '<mergeCell ref="A1:A1048576"/>'.repeat(100);
    const bytes = makeXlsx({ sheets: [{ rows: '', after: `<mergeCells>${merged}</mergeCells>` }] });
    expect(await readXlsx(bytes, testLimits)).toEqual({ kind: 'too-large', detail: 'merged-cells' });
  });

  it.each([
    ['readDocx', readDocx, docx],
    ['readXlsx', readXlsx, xlsx],
  ] as const)('%s answers for whatever bytes', async (_, read, whole) => {
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(
          fc.uint8Array({ maxLength: 300 }),
          fc.nat(whole.length).map((length) => whole.subarray(0, length)),
          fc.tuple(fc.nat(whole.length - 1), fc.nat(255)).map(([at, value]) => {
            const changed = whole.slice();
            changed[at] = value;
            return changed;
          }),
        ),
        async (bytes) => {
          expect(['read', 'unreadable', 'too-large', 'unsupported']).toContain(
            (await read(bytes, testLimits)).kind,
          );
        },
      ),
      { numRuns: 300, seed: 5 },
    );
  });
});
