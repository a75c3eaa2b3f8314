import { headerLeaf, parseHeader } from './header.mjs';
import { leafBytes } from './leaf.mjs';
import { checkCiphertext } from './payload.mjs';
import { Problem } from './problem.mjs';
import { base64, json, jsonObject, utf8 } from './text.mjs';

const newline = 0x0a;

/**
 * @typedef {object} PartFacts
 * @property {number} count entries of the part
 * @property {number} expired entries whose payload is gone because their time was over
 *
 * @typedef {(decisionId: string, offset: number, length: number) => void} OnLine
 */

/**
 * Checks every line of a part of the entries against its leaf and ciphertext.
 * @param {object} part
 * @param {Buffer} part.entries
 * @param {Buffer} part.leaves
 * @param {string} part.path of the entries
 * @param {number} part.first index of its first entry
 * @param {string} part.cell
 * @param {OnLine} onLine
 * @returns {PartFacts}
 */
export function checkPart({ entries, leaves, path, first, cell }, onLine) {
  let [count, expired, offset] = [0, 0, 0];
  while (offset < entries.length) {
    const index = first + count;
    try {
      const end = entries.indexOf(newline, offset);
      if (end < 0) throw new Problem('entries', 'the last entry was cut off');
      const leaf = leaves.subarray(count * leafBytes, (count + 1) * leafBytes);
      if (leaf.length !== leafBytes) throw new Problem('leaf', 'there is an entry without a leaf');
      const line = checkLine(entries.subarray(offset, end), index, leaf, cell);
      onLine(line.decisionId, offset, end - offset);
      if (line.isExpired) expired += 1;
      offset = end + 1;
    } catch (error) {
      throw error instanceof Problem ? error.at({ path, index }) : error;
    }
    count += 1;
  }
  if (leaves.length !== count * leafBytes) {
    throw new Problem('leaf', 'there is a leaf without an entry', { path, index: first + count });
  }
  return { count, expired };
}

/**
 * @param {Buffer} line
 * @param {number} index
 * @param {Buffer} leaf
 * @param {string} cell
 */
function checkLine(line, index, leaf, cell) {
  const entry = jsonObject(json(utf8(line, 'an entry'), 'an entry'), 'an entry');
  if (entry['index'] !== index)
    throw new Problem('entries', `the entry says it is ${String(entry['index'])}`);
  const header = parseHeader(Buffer.from(String(entry['header'])));
  const { decisionId, entryId } = header;
  const payload = entry['payload'] ?? null;
  try {
    if (!headerLeaf(header).equals(leaf)) {
      throw new Problem('header', 'the header is not the one that the leaf commits to');
    }
    if (header.cell !== cell) throw new Problem('header', 'the header is of another cell');
    if (payload !== null && typeof payload !== 'string')
      throw new Problem('malformed', 'a payload is not base64');
    if (payload !== null) checkCiphertext(header, base64(payload, 'a payload'));
  } catch (error) {
    throw error instanceof Problem ? error.at({ decisionId, entryId }) : error;
  }
  return { decisionId, isExpired: payload === null && header.payload !== null };
}
