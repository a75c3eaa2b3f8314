import { readFileSync, writeFileSync } from 'node:fs';

/**
 * @param {Buffer} bytes
 * @param {number} bit
 */
export function flipBit(bytes, bit) {
  const copy = Buffer.from(bytes);
  const at = Math.floor(bit / 8);
  copy[at] = /** @type {number} */ (copy[at]) ^ (1 << (bit % 8));
  return copy;
}

/**
 * Runs something while a file is changed.
 * @template T
 * @param {string} path
 * @param {(bytes: Buffer) => Buffer} change
 * @param {() => Promise<T>} run
 */
export async function whileChanged(path, change, run) {
  const before = readFileSync(path);
  writeFileSync(path, change(before));
  try {
    return await run();
  } finally {
    writeFileSync(path, before);
  }
}
