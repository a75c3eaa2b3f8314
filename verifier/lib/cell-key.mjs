import { parseNote, verifyNote } from './note.mjs';
import { Problem } from './problem.mjs';
import { makeVerifierKey } from './vkey.mjs';

/**
 * The key of a cell under another name: one key pair serves the cell's ledgers of all periods, its
 * promises and its evidence bundles.
 * @param {import('./vkey.mjs').VerifierKey} key
 * @param {string} last part of the name
 */
function cellKey(key, last) {
  return makeVerifierKey(key.name.replace(/[^/]*$/, last), key.algorithm, key.publicKey);
}

/**
 * The same policy with the keys given under the names of their cell that these origins need.
 * @param {import('./checkpoint.mjs').Policy} policy
 * @param {readonly string[]} origins
 * @returns {import('./checkpoint.mjs').Policy}
 */
export function forOrigins(policy, origins) {
  const keys = origins.flatMap((origin) => {
    const own = policy.keys.filter((key) => key.name === origin);
    if (own.length > 0) return own;
    return policy.keys
      .map((key) => cellKey(key, origin.slice(origin.lastIndexOf('/') + 1)))
      .filter((key) => key.name === origin);
  });
  return keys.length > 0 ? { ...policy, keys } : policy;
}

/**
 * The lines of a note that a cell signed under a name of its own, as its promises are.
 * @param {Uint8Array} bytes
 * @param {readonly import('./vkey.mjs').VerifierKey[]} keys of any period of the cell
 * @param {string} last part of the name, which is the first line
 * @returns {string[]}
 * @throws {Problem} `malformed`, `origin`, `signature`, `unsigned`
 */
export function openCellNote(bytes, keys, last) {
  const note = parseNote(bytes);
  const lines = note.text.split('\n').slice(0, -1);
  const named = keys.map((key) => cellKey(key, last)).filter((key) => key.name === lines[0]);
  if (named.length === 0) {
    const given = keys.map((key) => key.name).join(', ');
    throw new Problem('origin', `the note is of ${lines[0]}, the key given of ${given}`);
  }
  if (verifyNote(note, named).length === 0)
    throw new Problem('unsigned', 'the note is not signed by the key given');
  return lines;
}
