import { hashBytes } from './merkle.ts';

/** Hashes in a full tile, and entries in a full bundle (C2SP tlog-tiles). */
export const tileWidth = 256;
/** How `ledger_tiles` numbers the bundles of entries. */
export const bundleLevel = -1;
const levelMax = 63;

/** One tile, or (level -1) one bundle of entries; partial when `width` is below 256. */
export interface TileName {
  readonly level: number;
  readonly index: number;
  readonly width: number;
}

/** Path under the ledger's prefix: `tile/<L>/<N>[.p/<W>]`, with N in groups of three digits. */
export function tilePath({ level, index, width }: TileName): string {
  const groups: string[] = [];
  let rest = index;
  do {
    groups.unshift(String(rest % 1000).padStart(3, '0'));
    rest = Math.floor(rest / 1000);
  } while (rest > 0);
  const number = groups.map((group, i) => (i < groups.length - 1 ? `x${group}` : group)).join('/');
  const place = level === bundleLevel ? 'entries' : String(level);
  return `tile/${place}/${number}${width < tileWidth ? `.p/${width}` : ''}`;
}

const pathPattern = /^(entries|0|[1-9]\d?)\/((?:x\d{3}\/){0,4}\d{3})(?:\.p\/([1-9]\d{0,2}))?$/;

/** Reads what follows `tile/`; null when it is not the one way to write that tile. */
export function parseTilePath(path: string): TileName | null {
  const match = pathPattern.exec(path);
  if (!match?.[1] || !match[2]) return null;
  const level = match[1] === 'entries' ? bundleLevel : Number(match[1]);
  const index = Number(match[2].replaceAll(/[x/]/g, ''));
  const width = match[3] === undefined ? tileWidth : Number(match[3]);
  const name = { level, index, width };
  const isCanonical = tilePath(name) === `tile/${path}`;
  return level <= levelMax && isCanonical ? name : null;
}

/** Hashes that a level has of a tree of this size. */
export function widthOfLevel(size: number, level: number): number {
  return Math.floor(size / tileWidth ** level);
}

/** What a tree of `size` has of tile `index` of a level: 0 to 256. */
export function widthOfTile(size: number, level: number, index: number): number {
  const all = widthOfLevel(size, Math.max(0, level));
  return Math.max(0, Math.min(tileWidth, all - index * tileWidth));
}

/** The tiles that are not full in a tree of this size, bundle included. */
export function partialTiles(size: number): TileName[] {
  const partials: TileName[] = [];
  for (let level = bundleLevel; widthOfLevel(size, Math.max(0, level)) > 0; level++) {
    const all = widthOfLevel(size, Math.max(0, level));
    const width = all % tileWidth;
    if (width > 0) partials.push({ level, index: Math.floor(all / tileWidth), width });
  }
  return partials;
}

/** First `width` hashes of a tile. */
export function prefixOf(tile: Buffer, width: number): Buffer {
  return tile.subarray(0, width * hashBytes);
}
