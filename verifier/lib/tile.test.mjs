import { describe, expect, it } from 'vitest';
import { bundleEntries, bundleOf, tileHashes, tileOf } from './tile.mjs';

describe('paths of tlog-tiles', () => {
  it('are those of the specification', () => {
    // The specification's own example: 70,000 entries.
    expect(tileOf(0, 272, 70_000)).toMatchObject({ path: 'tile/0/272', width: 256 });
    expect(tileOf(0, 273, 70_000)).toMatchObject({ path: 'tile/0/273.p/112', fullPath: 'tile/0/273' });
    expect(tileOf(1, 1, 70_000).path).toBe('tile/1/001.p/17');
    expect(tileOf(2, 0, 70_000).path).toBe('tile/2/000.p/1');
    expect(tileOf(1, 0, 256).path).toBe('tile/1/000.p/1');
    expect(tileOf(0, 1_234_067, 2 ** 40).path).toBe('tile/0/x001/x234/067');
    expect(bundleOf(1_000, 300_000).path).toBe('tile/entries/x001/000');
    expect(bundleOf(0, 1).path).toBe('tile/entries/000.p/1');
  });

  it('has no tile outside of the tree', () => {
    expect(() => tileOf(0, 1, 256)).toThrow(/has no tile/);
    expect(() => tileOf(1, 0, 255)).toThrow(/has no tile/);
  });
});

describe('bundles', () => {
  const two = Buffer.from('0001aa0002bbcc', 'hex');

  it('are read into their entries', () => {
    const entries = bundleEntries(two, bundleOf(0, 2)).map((entry) => entry.toString('hex'));
    expect(entries).toEqual(['aa', 'bbcc']);
  });

  it('are refused when cut off, or of another width', () => {
    for (const length of [1, 2, 5, 6]) {
      expect(() => bundleEntries(two.subarray(0, length), bundleOf(0, 2))).toThrow(/ends within/);
    }
    expect(() => bundleEntries(two, bundleOf(0, 3))).toThrow(/2 entries in place of 3/);
    expect(() => bundleEntries(two.subarray(0, 3), bundleOf(0, 2))).toThrow(/1 entries in place of 2/);
  });

  it('take a full tile where the partial one was deleted, and nothing in between', () => {
    expect(tileHashes(Buffer.alloc(8192), tileOf(0, 0, 3))).toHaveLength(96);
    expect(() => tileHashes(Buffer.alloc(128), tileOf(0, 0, 3))).toThrow(/128 bytes in place of 96/);
  });
});
