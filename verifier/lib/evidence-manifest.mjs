import { isDigest } from './header.mjs';
import { Problem, locate } from './problem.mjs';
import { json, jsonObject, utf8 } from './text.mjs';

const format = 'countersign-evidence@1';

/**
 * @typedef {object} BundleEntry
 * @property {string} entryId
 * @property {string} type
 * @property {'decision' | 'about'} relation of the decision's own chain, or telling about it
 * @property {string} header path
 * @property {string | null} ciphertext path
 * @property {string | null} opening path
 * @property {string | null} plaintext path
 * @property {string} receipt path
 * @property {string | null} withheld why something is not disclosed, and what cannot be checked for it
 *
 * @typedef {object} BundleManifest
 * @property {string} decisionId
 * @property {string} tenant
 * @property {string} cell
 * @property {'full' | 'redacted'} variant
 * @property {string} exportedAt
 * @property {BundleEntry[]} entries
 * @property {{origin: string, checkpoint: string}[]} logs
 * @property {string | null} release digest
 * @property {{name: string, digest: string, file: string | null}[]} releaseParts
 * @property {string[]} omitted
 * @property {Record<string, string>} files digest by path
 */

/**
 * @param {import('./zip.mjs').Zip} zip
 * @returns {BundleManifest}
 * @throws {Problem} `manifest`, `malformed`, `missing`
 */
export function readBundleManifest(zip) {
  return locate({ path: 'manifest.json' }, () => {
    const what = 'the manifest';
    const fields = jsonObject(json(utf8(zip.read('manifest.json'), what), what), what);
    if (fields['format'] !== format)
      throw new Problem('manifest', `the manifest is not of the format ${format}`);
    const { variant, release } = fields;
    if (variant !== 'full' && variant !== 'redacted') throw new Problem('manifest', 'the variant is unknown');
    if (release !== null && !isDigest(release)) throw new Problem('manifest', 'the release is not a digest');
    const files = jsonObject(fields['files'], 'the files of the manifest');
    if (!Object.values(files).every(isDigest)) throw new Problem('manifest', 'a file has no digest');
    return {
      decisionId: text(fields, 'decisionId'),
      tenant: text(fields, 'tenant'),
      cell: text(fields, 'cell'),
      variant,
      exportedAt: text(fields, 'exportedAt'),
      release: /** @type {string | null} */ (release),
      files: /** @type {Record<string, string>} */ (files),
      entries: list(fields, 'entries').map((entry) => readEntry(entry, files)),
      logs: list(fields, 'logs').map((log) => ({
        origin: text(log, 'origin'),
        checkpoint: path(log, 'checkpoint', files),
      })),
      releaseParts: list(fields, 'releaseParts').map((part) => ({
        name: text(part, 'name'),
        digest: text(part, 'digest'),
        file: optionalPath(part, 'file', files),
      })),
      omitted: sentences(fields['omitted']),
    };
  });
}

/**
 * @param {Record<string, unknown>} entry
 * @param {Record<string, unknown>} files
 * @returns {BundleEntry}
 */
function readEntry(entry, files) {
  const { relation, withheld } = entry;
  if (relation !== 'decision' && relation !== 'about') {
    throw new Problem('manifest', 'the relation of an entry is unknown');
  }
  return {
    entryId: text(entry, 'entryId'),
    type: text(entry, 'type'),
    relation,
    header: path(entry, 'header', files),
    receipt: path(entry, 'receipt', files),
    ciphertext: optionalPath(entry, 'ciphertext', files),
    opening: optionalPath(entry, 'opening', files),
    plaintext: optionalPath(entry, 'plaintext', files),
    withheld: (withheld ?? null) === null ? null : text(entry, 'withheld'),
  };
}

/**
 * @param {Record<string, unknown>} fields
 * @param {string} name
 */
function text(fields, name) {
  const value = fields[name];
  if (typeof value !== 'string' || value === '') throw new Problem('manifest', `the manifest has no ${name}`);
  return value;
}

/**
 * @param {Record<string, unknown>} fields
 * @param {string} name
 * @param {Record<string, unknown>} files
 */
function path(fields, name, files) {
  const value = text(fields, name);
  if (!Object.hasOwn(files, value)) throw new Problem('manifest', `${value} is not among the files`);
  return value;
}

/**
 * @param {Record<string, unknown>} fields
 * @param {string} name
 * @param {Record<string, unknown>} files
 */
function optionalPath(fields, name, files) {
  return (fields[name] ?? null) === null ? null : path(fields, name, files);
}

/**
 * @param {Record<string, unknown>} fields
 * @param {string} name
 */
function list(fields, name) {
  const value = fields[name];
  if (!Array.isArray(value)) throw new Problem('manifest', `the manifest has no list of ${name}`);
  return value.map((each) => jsonObject(each, `an element of ${name}`));
}

/** @param {unknown} value */
function sentences(value) {
  if (!Array.isArray(value)) throw new Problem('manifest', 'the manifest does not say what was omitted');
  return value.map(String);
}
