import { headerLeaf, parseHeader } from './header.mjs';
import { checkCiphertext, openPayload, parseOpening } from './payload.mjs';
import { Problem, locate } from './problem.mjs';
import { openReceipt } from './proof.mjs';

/**
 * @typedef {import('./evidence-manifest.mjs').BundleManifest} BundleManifest
 * @typedef {import('./evidence-manifest.mjs').BundleEntry} BundleEntry
 * @typedef {import('./header.mjs').Header} Header
 * @typedef {import('./zip.mjs').Zip} Zip
 */

/**
 * Reads the header of an entry and checks that it is what the manifest says.
 * @param {Zip} zip
 * @param {BundleManifest} manifest
 * @param {BundleEntry} entry
 * @param {readonly Header[]} chain the decision's own headers before it
 * @returns {Header}
 */
export function readEntryHeader(zip, manifest, entry, chain) {
  const header = parseHeader(zip.read(entry.header));
  for (const name of /** @type {const} */ (['entryId', 'type'])) {
    if (header[name] !== entry[name]) throw new Problem('header', `the header is of another ${name}`);
  }
  if (header.cell !== manifest.cell) throw new Problem('header', 'the header is of another cell');
  if (entry.relation === 'decision') checkOwn(header, manifest, chain);
  else checkAbout(header, manifest, chain);
  return header;
}

/**
 * @param {Header} header
 * @param {BundleManifest} manifest
 * @param {readonly Header[]} chain
 */
function checkOwn(header, manifest, chain) {
  for (const name of /** @type {const} */ (['decisionId', 'tenant'])) {
    if (header[name] !== manifest[name]) throw new Problem('header', `the header is of another ${name}`);
  }
  if (header.release !== null && header.release !== manifest.release) {
    throw new Problem('release', 'the header names another release');
  }
  const before = chain.at(-1);
  if (header.previous !== (before?.digest ?? null)) {
    const message =
      before === undefined ? 'an entry before it is missing' : 'it does not follow the entry before it';
    throw new Problem('chain', message);
  }
}

/**
 * An entry with an id of its own that tells about the decision, or about a key of its payloads.
 * @param {Header} header
 * @param {BundleManifest} manifest
 * @param {readonly Header[]} chain
 */
function checkAbout(header, manifest, chain) {
  const isOfKey = chain.some(({ payload }) => payload !== null && payload.keyId === header.facts['keyId']);
  if (header.about !== manifest.decisionId && !isOfKey) {
    throw new Problem('header', 'the header is not about the decision');
  }
}

/**
 * @param {Buffer} receipt
 * @param {Header} header
 * @param {ReadonlyMap<string, {bytes: Buffer}>} logs by origin
 * @param {import('./checkpoint.mjs').Policy} policy
 * @returns {{origin: string, index: number}} where the entry is
 */
export function placeOf(receipt, header, logs, policy) {
  const { proof, checkpoint } = openReceipt(receipt, policy);
  if (!headerLeaf(header).equals(/** @type {Buffer} */ (proof.extra))) {
    throw new Problem('header', 'the leaf of the receipt does not commit to the header', {
      index: proof.index,
    });
  }
  if (!logs.get(checkpoint.origin)?.bytes.equals(proof.checkpoint)) {
    const message = "the receipt is not against the bundle's checkpoint of its ledger";
    throw new Problem('checkpoint', message, { index: proof.index });
  }
  return { origin: checkpoint.origin, index: proof.index };
}

/**
 * @param {Zip} zip
 * @param {BundleManifest} manifest
 * @param {BundleEntry} entry
 * @param {Header} header
 * @returns {string | null} what could not be checked, and why
 */
export function checkPayload(zip, manifest, entry, header) {
  const { ciphertext, opening, plaintext, withheld } = entry;
  if (header.payload === null) {
    const path = ciphertext ?? opening ?? plaintext;
    if (path !== null) throw new Problem('payload', 'the header knows of no payload', { path });
    return null;
  }
  if (ciphertext !== null) locate({ path: ciphertext }, () => checkCiphertext(header, zip.read(ciphertext)));
  if (manifest.variant === 'redacted' && opening !== null) {
    throw new Problem('opening', 'a redacted bundle discloses a key', { path: opening });
  }
  if (ciphertext === null || opening === null || plaintext === null) {
    if (withheld === null) throw new Problem('payload', 'the payload is neither disclosed nor withheld');
    return withheld;
  }
  const opened = locate({ path: ciphertext }, () =>
    openPayload(header, zip.read(ciphertext), parseOpening(zip.read(opening))),
  );
  if (!opened.equals(zip.read(plaintext))) {
    throw new Problem('plaintext', 'the file is not what the ciphertext holds', { path: plaintext });
  }
  return null;
}
