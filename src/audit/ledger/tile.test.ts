import { describe, expect, it } from 'vitest';
import { parseTilePath, partialTiles, tilePath, widthOfTile } from './tile.ts';

describe('paths of tiles (C2SP tlog-tiles)', () => {
  it.each([
    [{ level: 0, index: 0, width: 256 }, 'tile/0/000'],
    [{ level: 0, index: 1_234_067, width: 256 }, 'tile/0/x001/x234/067'],
    [{ level: 3, index: 999, width: 1 }, 'tile/3/999.p/1'],
    [{ level: -1, index: 1_000, width: 255 }, 'tile/entries/x001/000.p/255'],
  ])('of %j is %s, and back', (name, path) => {
    expect(tilePath(name)).toBe(path);
    expect(parseTilePath(path.slice('tile/'.length))).toEqual(name);
  });

  it.each([
    '0/0',
    '0/x000/001',
    '00/000',
    '0/000.p/256',
    '0/000.p/0',
    '0/000.p/01',
    '-1/000',
    '64/000',
    'entries',
    '',
  ])('are not written as %s', (path) => {
    expect(parseTilePath(path)).toBeNull();
  });
});

it('names the tiles of a tree that are not full', () => {
  expect(partialTiles(256)).toEqual([{ level: 1, index: 0, width: 1 }]);
  expect(partialTiles(70_000)).toEqual([
    { level: -1, index: 273, width: 112 },
    { level: 0, index: 273, width: 112 },
    { level: 1, index: 1, width: 17 },
    { level: 2, index: 0, width: 1 },
  ]);
  expect(partialTiles(0)).toEqual([]);
  expect([widthOfTile(70_000, 0, 272), widthOfTile(70_000, 0, 273), widthOfTile(70_000, 0, 274)]).toEqual([
    256, 112, 0,
  ]);
});
