import { open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Problem } from './problem.mjs';

/**
 * @typedef {object} Source A ledger's files, in a folder or under an http(s) prefix.
 * @property {string} location
 * @property {(path: string, bytesMax: number) => Promise<Buffer | null>} read null where there is none
 * @property {(path: string) => Promise<string[]>} list names in a folder; none where it cannot be listed
 */

const requestTimeoutMs = 30_000;

/**
 * @param {string} location a folder, or a prefix that starts with http:// or https://
 * @returns {Source}
 */
export function openSource(location) {
  return /^https?:\/\//.test(location) ? webSource(location) : folderSource(location);
}

/**
 * @param {string} path
 * @param {number} bytesMax
 */
function tooLarge(path, bytesMax) {
  return new Problem('too-large', `the file has more than ${bytesMax} bytes`, { path });
}

/** @param {unknown} error */
function isAbsent(error) {
  return error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR');
}

/**
 * @param {string} folder
 * @returns {Source}
 */
function folderSource(folder) {
  return {
    location: folder,
    async read(path, bytesMax) {
      let file;
      try {
        file = await open(join(folder, path));
      } catch (error) {
        if (isAbsent(error)) return null;
        throw error;
      }
      try {
        const { size } = await file.stat();
        if (size > bytesMax) throw tooLarge(path, bytesMax);
        return await file.readFile();
      } finally {
        await file.close();
      }
    },
    async list(path) {
      try {
        return await readdir(join(folder, path));
      } catch (error) {
        if (isAbsent(error)) return [];
        throw error;
      }
    },
  };
}

/**
 * @param {string} prefix
 * @returns {Source}
 */
function webSource(prefix) {
  const base = prefix.endsWith('/') ? prefix : `${prefix}/`;
  return {
    location: prefix,
    async read(path, bytesMax) {
      const response = await fetch(base + path, { signal: AbortSignal.timeout(requestTimeoutMs) });
      if (response.status === 404 || response.status === 410) {
        await response.body?.cancel();
        return null;
      }
      if (!response.ok) throw new Error(`${base}${path} answered with status ${response.status}`);
      const chunks = [];
      let bytes = 0;
      for await (const chunk of response.body ?? []) {
        bytes += chunk.length;
        if (bytes > bytesMax) throw tooLarge(path, bytesMax);
        chunks.push(chunk);
      }
      return Buffer.concat(chunks);
    },
    // A static prefix has no listing; what it would add is found in folders only.
    list: async () => [],
  };
}

/**
 * @param {Source} source
 * @param {string} path
 * @param {number} bytesMax
 * @throws {Problem} `missing`
 */
export async function readRequired(source, path, bytesMax) {
  const bytes = await source.read(path, bytesMax);
  if (bytes === null) throw new Problem('missing', 'a file of the ledger is missing', { path });
  return bytes;
}

/**
 * A tile or bundle; a partial one may have been deleted once it was full (C2SP tlog-tiles).
 * @param {Source} source
 * @param {import('./tile.mjs').Resource} resource
 * @param {number} bytesMax
 */
export async function readResource(source, resource, bytesMax) {
  return (
    (await source.read(resource.path, bytesMax)) ??
    (await readRequired(source, resource.fullPath, bytesMax).catch((error) => {
      // What the tree's size asks for is the partial one, so that is the one to name.
      if (error instanceof Problem) error.place = { path: resource.path };
      throw error;
    }))
  );
}
