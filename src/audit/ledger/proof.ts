import { hashBytes, nodeHash, rootOfRow } from './merkle.ts';
import { tileWidth, widthOfTile } from './tile.ts';

/** Where the hashes of a tree come from. */
export interface TileReader {
  /** The first `width` hashes of a tile; it has at least as many. */
  tile(level: number, index: number, width: number): Promise<Buffer>;
}

/** Height of a tile in levels of the binary tree. */
const tileHeight = 8;

/** Root of the tree of this size. */
export function rootAt(tiles: TileReader, size: number): Promise<Buffer> {
  return rangeHash(tiles, size, 0, size);
}

/** Hash of the leaves `from` to `to` - 1, a range that RFC 6962's splits lead to, in a tree of `size`. */
async function rangeHash(tiles: TileReader, size: number, from: number, to: number): Promise<Buffer> {
  const count = to - from;
  if (count === 0) return rootOfRow(Buffer.alloc(0), null);
  const height = Math.floor(Math.log2(count));
  if (2 ** height === count) return completeHash(tiles, size, height, from / count);
  const middle = from + 2 ** height;
  return nodeHash(await rangeHash(tiles, size, from, middle), await rangeHash(tiles, size, middle, to));
}

/** Hash of the complete subtree number `index` of a height. */
async function completeHash(tiles: TileReader, size: number, height: number, index: number): Promise<Buffer> {
  const level = Math.floor(height / tileHeight);
  const width = 2 ** (height % tileHeight);
  const first = index * width;
  const tile = Math.floor(first / tileWidth);
  const hashes = await tiles.tile(level, tile, widthOfTile(size, level, tile));
  const at = (first % tileWidth) * hashBytes;
  return rootOfRow(hashes.subarray(at, at + width * hashBytes), null);
}

/** PATH(index, D[size]) of RFC 6962, section 2.1.1: from the leaf's neighbour upwards. */
export async function inclusionProof(tiles: TileReader, size: number, index: number): Promise<Buffer[]> {
  const path: Buffer[] = [];
  let from = 0;
  let to = size;
  while (to - from > 1) {
    const middle = from + largestPowerBelow(to - from);
    if (index < middle) {
      path.unshift(await rangeHash(tiles, size, middle, to));
      to = middle;
    } else {
      path.unshift(await rangeHash(tiles, size, from, middle));
      from = middle;
    }
  }
  return path;
}

/** PROOF(oldSize, D[size]) of RFC 6962, section 2.1.2; empty when there is nothing to prove. */
export async function consistencyProof(tiles: TileReader, oldSize: number, size: number): Promise<Buffer[]> {
  const path: Buffer[] = [];
  if (oldSize === 0 || oldSize === size) return path;
  let from = 0;
  let to = size;
  while (to !== oldSize) {
    const middle = from + largestPowerBelow(to - from);
    if (oldSize <= middle) {
      path.unshift(await rangeHash(tiles, size, middle, to));
      to = middle;
    } else {
      path.unshift(await rangeHash(tiles, size, from, middle));
      from = middle;
    }
  }
  // A subtree that begins at 0 is the old tree itself: who checks the proof has its root already.
  if (from > 0) path.unshift(await rangeHash(tiles, size, from, to));
  return path;
}

/** The root that an inclusion proof leads to; null when it has too many or too few hashes (RFC 9162, 2.1.3.2). */
export function rootFromInclusion(claim: {
  index: number;
  size: number;
  leaf: Buffer;
  proof: readonly Buffer[];
}): Buffer | null {
  let node = claim.index;
  let last = claim.size - 1;
  let root = claim.leaf;
  for (const sibling of claim.proof) {
    if (last === 0) return null;
    if (node % 2 === 1 || node === last) {
      root = nodeHash(sibling, root);
      while (node % 2 === 0 && node > 0) {
        node = Math.floor(node / 2);
        last = Math.floor(last / 2);
      }
    } else {
      root = nodeHash(root, sibling);
    }
    node = Math.floor(node / 2);
    last = Math.floor(last / 2);
  }
  return last === 0 ? root : null;
}

function largestPowerBelow(count: number): number {
  return 2 ** Math.floor(Math.log2(count - 1));
}
