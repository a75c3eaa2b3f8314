import { forOrigins, openCellNote } from './cell-key.mjs';
import { openCheckpoint } from './checkpoint.mjs';
import { checkPayload, placeOf, readEntryHeader } from './evidence-entry.mjs';
import { readBundleManifest } from './evidence-manifest.mjs';
import { digestOf } from './header.mjs';
import { refuseLeftOut } from './left-out.mjs';
import { Problem, locate, verdictOf } from './problem.mjs';
import { json, jsonObject, utf8 } from './text.mjs';
import { Zip } from './zip.mjs';

/**
 * @typedef {import('./evidence-manifest.mjs').BundleManifest} BundleManifest
 * @typedef {import('./checkpoint.mjs').SignedCheckpoint & {bytes: Buffer}} BundleLog
 * @typedef {object} ProvenEntry
 * @property {string} origin of the ledger it is in
 * @property {number} index
 * @property {string} type
 * @property {'decision' | 'about'} relation
 * @property {string} decisionId of its leaf
 * @property {string} entryId
 * @property {string} headerDigest
 */

const unlisted = new Set(['manifest.json', 'manifest.sig']);

/**
 * Checks an evidence bundle: its signature, files, headers, receipts, the chain of the decision,
 * ciphertexts, openings and plaintexts, and the release. What it could not check is listed in the facts.
 * @param {Buffer} bytes of the zip
 * @param {import('./checkpoint.mjs').Policy} policy with a key of any period of the cell
 * @param {{ledger?: import('./source.mjs').Source, onProgress?: import('./ledger.mjs').OnProgress}} [options]
 *   with a ledger, it is also checked that no entry of the decision in it was left out
 */
export function checkEvidence(bytes, policy, { ledger, onProgress } = {}) {
  return verdictOf(async () => {
    const zip = new Zip(bytes);
    const manifest = readBundleManifest(zip);
    checkFiles(zip, manifest);
    locate({ path: 'manifest.sig' }, () => checkSignature(zip, manifest, policy));
    const origins = manifest.logs.map(({ origin }) => origin);
    const named = forOrigins(policy, origins);
    const logs = openLogs(zip, manifest, named);
    const { entries, unproven } = checkEntries(zip, manifest, logs, named);
    const missingParts = checkRelease(zip, manifest);
    if (ledger) await refuseLeftOut(ledger, named, { ...manifest, logs, entries }, onProgress);
    return {
      decisionId: manifest.decisionId,
      variant: manifest.variant,
      exportedAt: manifest.exportedAt,
      ledgers: [...logs.values()].map(({ origin, size, cosignatures }) => ({ origin, size, cosignatures })),
      entries,
      release: manifest.release,
      files: Object.keys(manifest.files).length,
      noneLeftOut: ledger !== undefined,
      unproven: [...unproven, ...missingParts],
      omitted: manifest.omitted,
    };
  });
}

/**
 * Every file has its digest, and there is no file that the manifest does not name.
 * @param {Zip} zip
 * @param {BundleManifest} manifest
 */
function checkFiles(zip, { files }) {
  for (const [path, digest] of Object.entries(files)) {
    if (digestOf(zip.read(path)) !== digest) {
      throw new Problem('file-digest', 'the file is not the one that the manifest names', { path });
    }
  }
  const stranger = zip.names.find((name) => !unlisted.has(name) && !Object.hasOwn(files, name));
  if (stranger !== undefined) {
    throw new Problem('file-unknown', 'the manifest does not name the file', { path: stranger });
  }
}

/**
 * The operator's signature over the manifest: nothing in the ledger commits to the report and to
 * redacted payloads.
 * @param {Zip} zip
 * @param {BundleManifest} manifest
 * @param {import('./checkpoint.mjs').Policy} policy
 */
function checkSignature(zip, { decisionId, variant, exportedAt }, policy) {
  const [, ...lines] = openCellNote(zip.read('manifest.sig'), policy.keys, 'evidence');
  const expected = [`${decisionId} ${variant}`, digestOf(zip.read('manifest.json')), exportedAt];
  if (lines.join('\n') !== expected.join('\n')) {
    throw new Problem('manifest', 'the signature is not over this manifest');
  }
}

/**
 * @param {Zip} zip
 * @param {BundleManifest} manifest
 * @param {import('./checkpoint.mjs').Policy} policy
 * @returns {Map<string, BundleLog>} by origin
 */
function openLogs(zip, manifest, policy) {
  const logs = new Map();
  for (const { origin, checkpoint: path } of manifest.logs) {
    const bytes = zip.read(path);
    const checkpoint = locate({ path }, () => openCheckpoint(bytes, policy));
    if (checkpoint.origin !== origin) {
      throw new Problem('origin', `the checkpoint is of ${checkpoint.origin}, the manifest says ${origin}`, {
        path,
      });
    }
    logs.set(origin, { ...checkpoint, bytes });
  }
  return logs;
}

/**
 * @param {Zip} zip
 * @param {BundleManifest} manifest
 * @param {ReadonlyMap<string, BundleLog>} logs
 * @param {import('./checkpoint.mjs').Policy} policy
 */
function checkEntries(zip, manifest, logs, policy) {
  /** @type {import('./header.mjs').Header[]} */
  const chain = [];
  /** @type {ProvenEntry[]} */
  const entries = [];
  /** @type {string[]} */
  const unproven = [];
  for (const entry of manifest.entries) {
    const { relation } = entry;
    const header = locate({ path: entry.header, entryId: entry.entryId }, () =>
      readEntryHeader(zip, manifest, entry, chain),
    );
    const place = { decisionId: header.decisionId, entryId: header.entryId };
    const found = locate({ path: entry.receipt, ...place }, () =>
      placeOf(zip.read(entry.receipt), header, logs, policy),
    );
    const gap = locate(place, () => checkPayload(zip, manifest, entry, header));
    if (gap !== null) unproven.push(`${entry.type} ${entry.entryId}: ${gap}`);
    if (relation === 'decision') chain.push(header);
    entries.push({ ...found, type: header.type, relation, ...place, headerDigest: header.digest });
  }
  if (chain.length === 0) throw new Problem('manifest', 'the bundle has no entry of its decision');
  return { entries, unproven };
}

/**
 * The release's manifest and the parts that it names, by digest.
 * @param {Zip} zip
 * @param {BundleManifest} manifest
 * @returns {string[]} the parts that are not in the bundle
 */
function checkRelease(zip, { release, releaseParts, variant, files }) {
  for (const [path, digest] of Object.entries(files)) {
    if (path.startsWith('release/') && path !== `release/${digest.slice('sha256:'.length)}`) {
      throw new Problem('release', 'the file is not what its name says', { path });
    }
  }
  const swapped = releaseParts.find(({ digest, file }) => file !== null && files[file] !== digest);
  if (swapped) throw new Problem('release', 'the part is not of its digest', { path: String(swapped.file) });
  if (release === null) return [];
  const path = releaseParts.find(({ name, digest }) => name === 'manifest' && digest === release)?.file;
  if (!path) return [`the release ${release}: its manifest is not in the bundle`];
  const fields = jsonObject(json(utf8(zip.read(path), 'the release'), 'the release'), 'the release');
  const unproven = [];
  for (const [name, digest] of Object.entries(jsonObject(fields['parts'], 'the parts of the release'))) {
    const part = releaseParts.find((each) => each.name === name && each.digest === digest);
    if (part === undefined)
      throw new Problem('release', `the manifest does not name the part ${name}`, { path });
    if (part.file === null && variant === 'full')
      unproven.push(`the part ${name} of the release is not in the bundle`);
  }
  return unproven;
}
