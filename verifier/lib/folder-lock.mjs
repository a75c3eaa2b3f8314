import { statSync, unlinkSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';

/**
 * Keeps a second process out of a folder. The lock is a socket one listens on, so a killed process
 * leaves none behind whatever process ids are used again; only its file stays, and is replaced.
 * @param {string} folder
 * @returns {Promise<{isHeld: () => boolean, release: () => void}>}
 * @throws when another process holds it
 */
export async function lockFolder(folder) {
  const path = join(folder, 'lock');
  if (await answers(path)) throw new Error(`another witness runs on ${folder}`);
  try {
    unlinkSync(path);
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'ENOENT') throw error;
  }
  const server = createServer((socket) => socket.destroy());
  await new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, () => resolve(null));
  });
  server.unref();
  const { ino } = statSync(path);
  return {
    // Two that start at one moment may both find the lock free; the later one's file is what stays.
    isHeld: () => statSync(path, { throwIfNoEntry: false })?.ino === ino,
    release: () => server.close(),
  };
}

/**
 * @param {string} path
 * @returns {Promise<boolean>}
 */
function answers(path) {
  return new Promise((resolve, reject) => {
    const socket = connect(path);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', (/** @type {NodeJS.ErrnoException} */ error) => {
      if (error.code === 'ENOENT' || error.code === 'ECONNREFUSED') resolve(false);
      else reject(error);
    });
  });
}
