import { openCheckpoint } from './checkpoint.mjs';
import { headerLeaf, parseHeader } from './header.mjs';
import { parseLeaf } from './leaf.mjs';
import { leafHash, verifyInclusion } from './merkle.mjs';
import { noteBytesMax } from './note.mjs';
import { Problem, verdictOf } from './problem.mjs';
import { base64, base64Hash, utf8, wholeNumber } from './text.mjs';

const firstLine = 'c2sp.org/tlog-proof@v1';
/** A tree of 2^63 leaves has no longer path. */
export const proofHashesMax = 63;

/**
 * @typedef {object} TlogProof
 * @property {Buffer | null} extra
 * @property {number} index
 * @property {Buffer[]} hashes from the leaf's sibling upwards
 * @property {Buffer} checkpoint the signed note, verbatim
 */

/**
 * Reads a `c2sp.org/tlog-proof@v1`.
 * @param {Uint8Array} bytes
 * @returns {TlogProof}
 */
export function parseProof(bytes) {
  if (bytes.length > 2 * noteBytesMax) throw new Problem('malformed', 'a receipt is too large');
  const text = utf8(bytes, 'a receipt');
  const split = text.indexOf('\n\n');
  if (split < 0) throw new Problem('malformed', 'a receipt without a checkpoint');
  const lines = text.slice(0, split).split('\n');
  if (lines.shift() !== firstLine) throw new Problem('malformed', `a receipt begins with ${firstLine}`);
  const extra = lines[0]?.startsWith('extra ')
    ? base64(lines[0].slice(6), 'the extra line of a receipt')
    : null;
  if (extra !== null) lines.shift();
  const index = lines.shift();
  if (!index?.startsWith('index ')) throw new Problem('malformed', 'a receipt without an index line');
  if (lines.length > proofHashesMax) throw new Problem('malformed', 'a receipt with too many hashes');
  return {
    extra,
    index: wholeNumber(index.slice(6), "a receipt's index"),
    hashes: lines.map((line) => base64Hash(line, 'a hash of a receipt')),
    checkpoint: Buffer.from(text.slice(split + 2)),
  };
}

/**
 * Checks a receipt: its checkpoint's signatures, and that its leaf is in that checkpoint's tree.
 * @param {Uint8Array} bytes
 * @param {import('./checkpoint.mjs').Policy} policy
 * @throws {Problem}
 */
export function openReceipt(bytes, policy) {
  const proof = parseProof(bytes);
  if (proof.extra === null) throw new Problem('leaf', 'the receipt does not carry its leaf');
  const leaf = parseLeaf(proof.extra);
  const place = { index: proof.index, decisionId: leaf.decisionId, entryId: leaf.entryId };
  try {
    const checkpoint = openCheckpoint(proof.checkpoint, policy);
    verifyInclusion({
      index: proof.index,
      size: checkpoint.size,
      leaf: leafHash(proof.extra),
      proof: proof.hashes,
      root: checkpoint.root,
    });
    return { proof, leaf, checkpoint };
  } catch (error) {
    throw error instanceof Problem ? error.at(place) : error;
  }
}

/**
 * Checks a receipt and, where a header is given, that it is the one the leaf commits to.
 * @param {Uint8Array} bytes
 * @param {import('./checkpoint.mjs').Policy} policy
 * @param {Uint8Array | null} [header]
 */
export function checkReceipt(bytes, policy, header = null) {
  return verdictOf(async () => {
    const { proof, leaf, checkpoint } = openReceipt(bytes, policy);
    if (header !== null && !headerLeaf(parseHeader(header)).equals(/** @type {Buffer} */ (proof.extra))) {
      const place = { index: proof.index, decisionId: leaf.decisionId, entryId: leaf.entryId };
      throw new Problem('header', 'the header is not the one that the leaf commits to', place);
    }
    return {
      origin: checkpoint.origin,
      size: checkpoint.size,
      index: proof.index,
      ...leaf,
      headerChecked: header !== null,
      cosignatures: checkpoint.cosignatures,
    };
  });
}
