import { hash } from 'node:crypto';

/** Bytes of a SHA-256. */
export const hashBytes = 32;

// The one-shot hash into a string costs half of one into a Buffer, and a ledger makes two for each entry.
const nodeMessage = Buffer.alloc(1 + 2 * hashBytes, 1);

/** Root of the tree without leaves (RFC 6962, section 2.1). */
export const emptyRoot = hash('sha256', Buffer.alloc(0), 'buffer');

/** SHA-256(0x00 ‖ leaf), RFC 6962, section 2.1. */
export function leafHash(leaf: Buffer): Buffer {
  return hash('sha256', Buffer.concat([Buffer.alloc(1), leaf]), 'buffer');
}

/** Leaf hashes of entries of one length, written one after the other; the answer likewise. */
export function leafHashes(leaves: Buffer, leafBytes: number): Buffer {
  const count = leaves.length / leafBytes;
  const hashes = Buffer.allocUnsafe(count * hashBytes);
  const message = Buffer.alloc(1 + leafBytes);
  for (let i = 0; i < count; i++) {
    leaves.copy(message, 1, i * leafBytes, (i + 1) * leafBytes);
    hashes.write(hash('sha256', message, 'binary'), i * hashBytes, 'latin1');
  }
  return hashes;
}

/** SHA-256(0x01 ‖ left ‖ right), RFC 6962, section 2.1. */
export function nodeHash(left: Buffer, right: Buffer): Buffer {
  left.copy(nodeMessage, 1);
  right.copy(nodeMessage, 1 + hashBytes);
  return hash('sha256', nodeMessage, 'buffer');
}

/**
 * Root over a row of hashes of complete subtrees of one height, and perhaps the root of a smaller rest
 * behind them: each level joins neighbours, and what has no neighbour goes up as it is. That is the split at
 * the largest power of two of RFC 6962, section 2.1.
 */
export function rootOfRow(row: Buffer, rest: Buffer | null): Buffer {
  let width = row.length / hashBytes + (rest === null ? 0 : 1);
  if (width === 0) return emptyRoot;
  const work = Buffer.allocUnsafe(width * hashBytes);
  row.copy(work);
  rest?.copy(work, row.length);
  for (; width > 1; width = Math.ceil(width / 2)) {
    const pairs = width >> 1;
    for (let i = 0; i < pairs; i++) {
      work.copy(nodeMessage, 1, 2 * i * hashBytes, (2 * i + 2) * hashBytes);
      work.write(hash('sha256', nodeMessage, 'binary'), i * hashBytes, 'latin1');
    }
    if (width % 2 === 1) work.copy(work, pairs * hashBytes, (width - 1) * hashBytes, width * hashBytes);
  }
  return Buffer.from(work.subarray(0, hashBytes));
}
