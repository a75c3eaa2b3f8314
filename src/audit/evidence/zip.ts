import { type Zippable, zipSync } from 'fflate';

/** One file of a bundle. */
export interface BundleFile {
  readonly path: string;
  readonly bytes: Buffer;
}

/** Zips know no time zone: this local time gives the same bytes everywhere. */
const fixedTime = new Date(1980, 0, 1);

/** The same files in the same order give the same bytes. */
export function zipFiles(files: readonly BundleFile[]): Buffer {
  const zippable: Zippable = {};
  for (const { path, bytes } of files) {
    // What is encrypted does not get smaller.
    zippable[path] = [bytes, { level: path.endsWith('.ciphertext') ? 0 : 6, mtime: fixedTime }];
  }
  return Buffer.from(zipSync(zippable));
}
