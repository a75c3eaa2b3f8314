import type { DecisionId, Digest, EntryId } from '../../decision/ids.ts';
import { InvariantError } from '../../decision/errors.ts';

/** `decisionId` (16) ‖ `entryId` (16) ‖ header digest (32); see docs/formats/audit.md. */
export const leafBytes = 64;
const entryIdAt = 16;
/** In a bundle every leaf has its length before it, two bytes (C2SP tlog-tiles). */
export const bundledBytes = 2 + leafBytes;

export function leafOf(entry: { decisionId: DecisionId; entryId: EntryId; headerDigest: Digest }): Buffer {
  const hex = `${entry.decisionId}${entry.entryId}`.replaceAll('-', '') + entry.headerDigest.slice(7);
  const leaf = Buffer.from(hex, 'hex');
  if (leaf.length !== leafBytes) throw new InvariantError('a leaf was made of something else than two ids');
  return leaf;
}

/** The bundle of leaves that are written one after the other. */
export function bundleOf(leaves: Buffer): Buffer {
  const count = leaves.length / leafBytes;
  const bundle = Buffer.allocUnsafe(count * bundledBytes);
  for (let i = 0; i < count; i++) {
    bundle.writeUInt16BE(leafBytes, i * bundledBytes);
    leaves.copy(bundle, i * bundledBytes + 2, i * leafBytes, (i + 1) * leafBytes);
  }
  return bundle;
}

/**
 * The leaves of a bundle, one after the other.
 * @returns null when it is no bundle of such leaves: somebody changed it
 */
export function leavesOf(bundle: Buffer): Buffer | null {
  const count = bundle.length / bundledBytes;
  if (!Number.isInteger(count)) return null;
  const leaves = Buffer.allocUnsafe(count * leafBytes);
  for (let i = 0; i < count; i++) {
    if (bundle.readUInt16BE(i * bundledBytes) !== leafBytes) return null;
    bundle.copy(leaves, i * leafBytes, i * bundledBytes + 2, (i + 1) * bundledBytes);
  }
  return leaves;
}

/** First `count` entries of a bundle. */
export function bundlePrefix(bundle: Buffer, count: number): Buffer {
  return bundle.subarray(0, count * bundledBytes);
}

/** Position of the leaf with this entry id among the leaves; -1 when there is none. */
export function findLeaf(leaves: Buffer, entryId: EntryId): number {
  const id = Buffer.from(entryId.replaceAll('-', ''), 'hex');
  for (let at = 0; at < leaves.length; at += leafBytes) {
    if (leaves.compare(id, 0, 16, at + entryIdAt, at + entryIdAt + 16) === 0) return at / leafBytes;
  }
  return -1;
}
