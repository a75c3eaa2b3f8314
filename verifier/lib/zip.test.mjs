import { describe, expect, it } from 'vitest';
import { writeZip } from '../testing/zip-writer.mjs';
import { Zip } from './zip.mjs';

const content = Buffer.from('the same line again and again\n'.repeat(50));
/** @type {[string, Buffer][]} */
const files = [
  ['manifest.json', Buffer.from('{}')],
  ['entries/1.txt', content],
  ['empty', Buffer.alloc(0)],
];

/**
 * @param {Buffer} zip
 * @param {number} at
 * @param {string} hex
 */
function patched(zip, at, hex) {
  const copy = Buffer.from(zip);
  copy.write(hex, at, 'hex');
  return copy;
}

describe('a zip', () => {
  it.each([true, false])('is read, deflated: %s', (deflate) => {
    const zip = new Zip(writeZip(files, { deflate }));
    expect(zip.names).toEqual(['manifest.json', 'entries/1.txt', 'empty']);
    for (const [name, bytes] of files) expect(zip.read(name).equals(bytes)).toBe(true);
    expect(() => zip.read('other')).toThrow(/missing/);
  });

  it.each(['../up', 'a/../../b', '/etc/passwd', 'C:/x', 'a\\b', 'a//b', './a', '', 'a\0b', 'folder/'])(
    'is refused with the name %j',
    (name) => {
      expect(() => new Zip(writeZip([[name, content]]))).toThrow(/leads outside|cut off/);
    },
  );

  it('is refused with one name twice', () => {
    expect(
      () =>
        new Zip(
          writeZip([
            ['a', content],
            ['a', Buffer.from('other')],
          ]),
        ),
    ).toThrow(/twice/);
  });

  it('is refused cut off anywhere', () => {
    const zip = writeZip(files);
    for (let end = 0; end < zip.length; end++) {
      expect(() => new Zip(zip.subarray(0, end)), `at ${end}`).toThrow(/zip/);
    }
  });

  it('is refused with a content that does not have its checksum', () => {
    const zip = writeZip([['a', content]], { deflate: false });
    const altered = patched(zip, zip.indexOf('the same'), '54');
    expect(() => new Zip(altered).read('a')).toThrow(/checksum/);
  });

  it('does not unpack to more than it says', () => {
    const bomb = writeZip([['a', Buffer.alloc(10_000_000)]]);
    const size = bomb.length - 22 - 46 - 1 + 24;
    expect(bomb.readUInt32LE(size)).toBe(10_000_000);
    expect(() => new Zip(patched(bomb, size, '64000000')).read('a')).toThrow(/does not decompress/);
    expect(() => new Zip(patched(bomb, size, 'ffffff7f'))).toThrow(/unpacks to too much/);
  });

  it('is refused when files overlap, are encrypted, or packed in another way', () => {
    const zip = writeZip(
      [
        ['a', content],
        ['b', content],
      ],
      { deflate: false },
    );
    const directory = zip.length - 22 - 2 * 47;
    expect(() => new Zip(patched(zip, directory + 47 + 42, '00000000'))).toThrow(/overlaps/);
    expect(() => new Zip(patched(zip, directory + 8, '0108'))).toThrow(/encrypted/);
    expect(() => new Zip(patched(zip, directory + 10, '0c00'))).toThrow(/method 12/);
    expect(() => new Zip(patched(zip, 30, '63')).read('a')).toThrow(/differs from the directory/);
    expect(() => new Zip(patched(zip, zip.length - 22 + 10, '0300'))).toThrow(/not of its form/);
  });
});
